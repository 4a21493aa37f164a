/** What the archive answered, as lines for a person. Nothing in them draws on the terminal, and phone numbers are masked. */

import type { Language } from '../core/errors.ts';
import { yuan, ZERO } from '../core/money.ts';
import { credentialText } from '../core/park/model.ts';
import type { LedgerEntry, Visit, VisitEnd } from '../core/park/state.ts';
import type { LetOut, Receipt } from '../core/park/visit.ts';
import { fill, inWords } from '../core/sentence.ts';
import { lengthText } from '../core/tariff/describe.ts';
import { formatLocal, type Instant, SECOND, type Zone } from '../core/time.ts';
import { printable } from '../ops/log.ts';
import { pad } from '../text-width.ts';
import type { Answer, Found, ParkStats, Question, Survey, Trouble } from './archive-read.ts';
import { badSaid } from './journal-source.ts';

export interface TextOptions {
  /** What the person named: a data folder or a configuration. */
  readonly where: string;
  readonly language: Language;
  readonly zone: Zone;
}

type Phrase = Readonly<Record<Language, string>>;

const WORDS = {
  visit: { en: 'visit', zh: '停车' },
  park: { en: 'park', zh: '停车场' },
  in: { en: 'in', zh: '进场' },
  out: { en: 'out', zh: '离场' },
  stay: { en: 'stay', zh: '时长' },
  paid: { en: 'paid', zh: '已付' },
  deducted: { en: 'deducted', zh: '优惠' },
  order: { en: 'order', zh: '订单' },
  booked: { en: 'booked', zh: '入账' },
  backlog: { en: 'from a backlog', zh: '补传' },
  uncollected: { en: 'left owing', zh: '离场未收' },
  open: { en: 'still open', zh: '仍未收' },
  superseded: { en: 'not seen to leave: it entered again', zh: '未见离场又进场' },
  earlier: { en: 'charged together with stays before it:', zh: '与此前停车合并计费，次数：' },
  noReceipt: { en: 'its amounts were not kept', zh: '金额未留存' },
  unmatched: { en: 'for a visit nobody knew: kept, not booked', zh: '无对应车辆，已留存未入账' },
  notHere: { en: 'is not in the archive, or cannot be read', zh: '不在归档中，或无法读取' },
  conflicts: { en: 'notices with other content, not booked:', zh: '内容冲突未入账的通知数：' },
} as const satisfies Readonly<Record<string, Phrase>>;

const LET_OUTS: Readonly<Record<LetOut['why'], Phrase>> = {
  lineDown: { en: 'the line was down', zh: '线路中断' },
  operator: { en: 'let out by the operator', zh: '人工放行' },
  backlog: { en: 'told by a backlog', zh: '离场补录' },
};

/** The standard's `payChannel` and `payType`; others are told by their number. */
const CHANNELS: readonly Phrase[] = [
  { en: 'online', zh: '线上' },
  { en: 'offline', zh: '线下' },
];
const TYPES: readonly Phrase[] = [
  { en: 'nothing to pay', zh: '0 元支付' },
  { en: 'Alipay', zh: '支付宝' },
  { en: 'UnionPay', zh: '银联' },
  { en: 'WeChat', zh: '微信' },
];

const AT_BYTE = { zh: 'archive/{file}，第 {byte} 字节：{text}', en: 'archive/{file}, byte {byte}: {text}' };

/** The visits and orders that were found, a block each, and where to look for later ones. */
export function answerLines(answer: Answer, question: Question, options: TextOptions): readonly string[] {
  const blocks = answer.found.flatMap((found) => [...foundLines(found, options), '']);
  return [...blocks, hint(answer, question, options)];
}

function foundLines({ park, visit, orders }: Found, options: TextOptions): readonly string[] {
  const word = (name: keyof typeof WORDS): string => WORDS[name][options.language];
  const where = `${word('park')} ${printable(park)}`;
  if (visit === null) {
    const id = orders[0]?.visit;
    const head = id == null ? word('unmatched') : `${word('visit')} ${printable(id)} ${word('notHere')}`;
    return [`${head}, ${where}`, ...orders.flatMap((order) => orderLines(order, options))];
  }
  const head = `${word('visit')} ${printable(visit.id)}  ${printable(credentialText(visit.credential))}  ${where}`;
  return [head, ...visitLines(visit, options), ...orders.flatMap((order) => orderLines(order, options))];
}

function visitLines(visit: Visit, { language, zone }: TextOptions): readonly string[] {
  const word = (name: keyof typeof WORDS): string => WORDS[name][language];
  const { entryAt, entryLane, backlog, end, paid, deducted, earlier = [] } = visit;
  const late = (is: true | undefined): string => (is ? `  (${word('backlog')})` : '');
  return [
    row(word('in'), `${formatLocal(entryAt, zone)}  ${printable(entryLane)}${late(backlog)}`),
    ...(end === null
      ? []
      : [row(word('out'), `${formatLocal(end.at, zone)}  ${leftBy(end, language)}${late(end.backlog)}`)]),
    ...(end === null ? [] : [row(word('stay'), lengthText(seconds(entryAt, end.at), language))]),
    row(word('paid'), `${yuan(paid)}  ${word('deducted')} ${yuan(deducted)}`),
    ...(end?.letOut === undefined ? [] : [row('', owedText(end, end.letOut, language))]),
    ...(earlier.length === 0 ? [] : [row('', `${word('earlier')} ${earlier.length}`)]),
  ];
}

function leftBy({ how, lane }: VisitEnd, language: Language): string {
  return how === 'superseded' ? WORDS.superseded[language] : printable(lane ?? '-');
}

/** What it left owing, why, and what is open of that. */
function owedText({ uncollected = ZERO }: VisitEnd, { why, due, reason }: LetOut, language: Language): string {
  const told = reason === undefined ? '' : ` "${printable(reason)}"`;
  const open = `${WORDS.open[language]} ${yuan(uncollected)}`;
  return `${WORDS.uncollected[language]} ${yuan(due)}  (${LET_OUTS[why][language]}${told})  ${open}`;
}

function seconds(from: Instant, to: Instant): number {
  return Math.max(0, Math.floor((to - from) / SECOND));
}

function orderLines(order: LedgerEntry, options: TextOptions): readonly string[] {
  const { language } = options;
  const { orderNo, at, receipt, conflicts } = order;
  const word = (name: keyof typeof WORDS): string => WORDS[name][language];
  const money = receipt === null ? word('noReceipt') : receiptText(receipt, options);
  const booked = `${word('booked')} ${formatLocal(at, options.zone)}`;
  return [
    row(word('order'), `${printable(orderNo)}  ${booked}  ${money}`),
    ...(conflicts.length === 0 ? [] : [row('', `${word('conflicts')} ${conflicts.length}`)]),
  ];
}

function receiptText(receipt: Receipt, { language, zone }: TextOptions): string {
  const { amount, deducted, payTime, payChannel, payType, thirdTradeNo, flags } = receipt;
  const named = (phrases: readonly Phrase[], name: string, code: number | null): readonly string[] =>
    code === null ? [] : [phrases[code]?.[language] ?? `${name} ${code}`];
  return [
    yuan(amount),
    `${WORDS.deducted[language]} ${yuan(deducted)}`,
    ...(payTime === null ? [] : [`${WORDS.paid[language]} ${formatLocal(payTime, zone)}`]),
    ...named(CHANNELS, 'payChannel', payChannel),
    ...named(TYPES, 'payType', payType),
    ...(thirdTradeNo === null ? [] : [printable(thirdTradeNo)]),
    ...(flags.length === 0 ? [] : [`[${flags.join(' ')}]`]),
  ].join('  ');
}

function row(name: string, text: string): string {
  return `  ${pad(name, 6)} ${text}`;
}

/** What was searched, how much was found, and where else to look: the last days are not in the archive yet. */
export function hint({ found, parks }: Answer, question: Question, options: TextOptions): string {
  const { language, zone } = options;
  const newest = Math.max(...parks.map((park) => park.newest ?? 0)) as Instant;
  const journal = journalCommand(question, options.where);
  const name = printable(nameOf(question));
  if (language === 'zh') {
    const reach = newest > 0 ? `归档截至 ${formatLocal(newest, zone)}` : '归档为空';
    return `归档中有关 ${name} 的记录：${found.length} 条；${reach}，之后的请查：${journal}`;
  }
  const reach = newest > 0 ? `which ends at ${formatLocal(newest, zone)}` : 'which is empty';
  return `${name}: ${found.length === 0 ? 'nothing' : found.length} in the archive, ${reach}; what is newer: ${journal}`;
}

function nameOf(question: Question): string {
  if (question.kind === 'vehicle') return question.name;
  return question.kind === 'visit' ? question.visit : question.orderNo;
}

function journalCommand(question: Question, where: string): string {
  const name = quoted(nameOf(question));
  const journal = `gatepost journal ${quoted(where)}`;
  if (question.kind === 'order') return `${journal} --json | grep ${name}`;
  return `${journal} --${question.kind === 'visit' ? 'visit' : 'plate'} ${name}`;
}

/** As a shell takes it. */
export function quoted(text: string): string {
  return /^[\p{L}\p{N}_./:@-]+$/u.test(text) ? text : printable(`'${text.replaceAll("'", "'\\''")}'`);
}

/** What the archive holds, what it takes of the disk, and what is wrong with it. */
export function surveyLines(
  { parks, disk, verified }: Survey,
  troubles: readonly Trouble[],
  options: TextOptions,
): readonly string[] {
  const zh = options.language === 'zh';
  const { journal, archive, snapshots, aside } = disk;
  const sizes = zh
    ? `日志账本 ${size(journal)}，归档 ${size(archive)}，快照 ${size(snapshots)}，留存 ${size(aside)}`
    : `journal ${size(journal)}, archive ${size(archive)}, snapshots ${size(snapshots)}, aside ${size(aside)}`;
  const sum = size(journal + archive + snapshots + aside);
  const problems = (verified?.problems ?? []).map(({ file, byte, text }) =>
    inWords(badSaid(fill(AT_BYTE, { file, byte: String(byte), text })), options.language),
  );
  const bad = [...problems, ...troubles.map((trouble) => troubleLine(trouble, options.language))];
  return [
    ...parks.map((park) => parkLine(park, options)),
    ...(parks.length === 0 ? [zh ? '归档为空' : 'the archive is empty'] : []),
    zh ? `磁盘占用：${sizes}，合计 ${sum}` : `on the disk: ${sizes}; together ${sum}`,
    ...bad,
    ...(verified && bad.length === 0 ? [clean(verified.files, verified.lines, zh)] : []),
    ...(bad.length > 0 ? [damaged(bad.length, zh)] : []),
  ];
}

function parkLine(park: ParkStats, { language, zone }: TextOptions): string {
  const { files, bytes, visits, orders, passages, oldest, newest } = park;
  const name = printable(park.park);
  const span = [oldest, newest].map((at) => (at === null ? '-' : formatLocal(at, zone)));
  if (language === 'zh') {
    const counts = `停车 ${visits}，订单 ${orders}，过车 ${passages}；文件 ${files} 个，${size(bytes)}`;
    return `停车场 ${name}：${counts}；${span.join(' 至 ')}`;
  }
  const counts = `${visits} visits, ${orders} orders, ${passages} passages in ${files} files, ${size(bytes)}`;
  return `park ${name}: ${counts}; from ${span.join(' to ')}`;
}

function clean(files: number, lines: number, zh: boolean): string {
  return zh
    ? `完好：${files} 个文件，${lines} 行，校验全部正确`
    : `clean: ${files} files, ${lines} lines, every checksum right`;
}

function damaged(count: number, zh: boolean): string {
  return zh
    ? `损坏：${count} 处。请停止网关后从备份恢复这些文件，并检查磁盘`
    : `DAMAGED: ${count} problem(s). Bring these files back from a backup, with the gate stopped; check the disk`;
}

function troubleLine({ subject, text }: Trouble, language: Language): string {
  const said = fill({ zh: '{subject}：{text}', en: '{subject}: {text}' }, { subject, text });
  return printable(inWords(badSaid(said), language));
}

/** What could not be read while something was looked for. */
export function troubleLines(troubles: readonly Trouble[], { where, language }: TextOptions): readonly string[] {
  if (troubles.length === 0) return [];
  const verify = `gatepost archive ${quoted(where)} --verify`;
  const rest =
    language === 'zh' ? `以上结果可能不全；详情：${verify}` : `the answer may lack something; more: ${verify}`;
  return [...troubles.map((trouble) => troubleLine(trouble, language)), rest];
}

/** Bytes as a person reads them; of ten powers, as disks are sold. */
function size(bytes: number): string {
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
