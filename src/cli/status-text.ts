/** The gate's health in a terminal: the same as on the status page. Nothing in it draws on the terminal. */
import type { FaultCode, Language } from '../core/errors.ts';
import { REMEDIES } from '../core/remedies.ts';
import { formatLocal, type Instant, type Zone } from '../core/time.ts';
import { printable } from '../ops/log.ts';
import { fromUtc } from '../ops/moment.ts';
import { wordsOf } from '../ops/page/words.ts';
import { pad } from '../text-width.ts';
import { waitText } from './outbox-text.ts';

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (value === null || value === undefined ? '-' : printable(String(value)));

interface Telling {
  readonly language: Language;
  readonly zone: Zone;
  readonly now: Instant;
}

const say = ({ language }: Telling, en: string, zh: string): string => (language === 'zh' ? zh : en);

/** The lines of an answer of `/healthz`. A part that an older or newer gate does not tell is left out. */
export function statusLines(health: Fields, language: Language, zone: Zone): readonly string[] {
  const telling = { language, zone, now: fromUtc(health['now']) ?? (0 as Instant) };
  return [
    headLine(health, telling),
    ...failureLines(health, telling),
    ...faultLines(health, telling),
    ...parkLines(health, telling),
    ...outboxLines(health, telling),
    ...noticeLines(health, telling),
    ...reachLines(health, telling),
    ...deviceLines(health, telling),
    archiveLine(health, telling),
  ];
}

/** What the status page says by that name, with what is in braces filled in; the name itself when it says nothing. */
function phrase(name: unknown, { language }: Telling, values: Readonly<Record<string, string>> = {}): string {
  const words: Readonly<Record<string, string>> = wordsOf(language);
  const key = text(name);
  if (!Object.hasOwn(words, key)) return key;
  return (words[key] ?? '').replaceAll(/\{([a-z]+)\}/g, (_, field: string) => values[field] ?? '');
}

function moment(value: unknown, { zone }: Telling): string {
  const at = fromUtc(value);
  return at === undefined ? '-' : formatLocal(at, zone);
}

function lasted(value: unknown, { now, language }: Telling): string {
  return waitText(typeof value === 'string' ? value : null, now, language);
}

function headLine(health: Fields, telling: Telling): string {
  const count = list(health['faults']).length;
  const state =
    health['status'] === 'ok' ? say(telling, 'ok', '一切正常') : say(telling, `${count} fault(s)`, `${count} 个故障`);
  const up = `${moment(health['since'], telling)} (${lasted(health['since'], telling)})`;
  const since = say(telling, `up since ${up}`, `自 ${up} 运行`);
  const at = say(telling, `record ${text(health['seq'])}`, `记录 ${text(health['seq'])}`);
  return `gatepost ${text(health['version'])}: ${state}, ${since}, ${at}`;
}

function failureLines(health: Fields, telling: Telling): readonly string[] {
  const failure = health['lastFailure'];
  if (failure === null || failure === undefined) return [];
  return [`! ${say(telling, 'the run before this one ended badly', '上次运行异常结束')}: ${text(failure)}`];
}

function faultLines(health: Fields, telling: Telling): readonly string[] {
  return list(health['faults'])
    .map(fields)
    .flatMap((fault) => {
      const since = `${moment(fault['since'], telling)} (${lasted(fault['since'], telling)})`;
      const head = `✗ ${text(fault['code'])} ${text(fault['subject'])}`;
      const told = [`${head}  ${say(telling, 'since', '自')} ${since}`, `    ${text(fault['text'])}`];
      const code = text(fault['code']);
      // A newer gate may know codes that this program does not.
      return Object.hasOwn(REMEDIES, code) ? [...told, `    → ${REMEDIES[code as FaultCode][telling.language]}`] : told;
    });
}

function parkLines(health: Fields, telling: Telling): readonly string[] {
  const open = fields(health['openVisits']);
  return Object.entries(fields(health['parks'])).flatMap(([id, value]) => {
    const park = fields(value);
    const inside = say(telling, `${text(open[id])} in the park`, `在场 ${text(open[id])} 辆`);
    const lanes = Object.entries(fields(park['lanes']));
    const head = `${say(telling, 'park', '停车场')} ${printable(id)}  ${text(park['name'])}: ${inside}`;
    return [head, ...lanes.map(([lane, told]) => laneLine(lane, fields(told), telling))];
  });
}

function laneLine(id: string, lane: Fields, telling: Telling): string {
  const word = (value: unknown): string => phrase(value, telling);
  const head = `  ${pad(printable(id), 10)} ${pad(word(lane['direction']), 4)}`;
  if (!lane['last']) return `${head}  -`;
  const { at, outcome, reason, arm } = fields(lane['last']);
  const why = reason ? `: ${word(reason)}` : '';
  const order = arm ? `, ${say(telling, 'arm', '道闸')} ${word(arm)}` : '';
  return `${head}  ${moment(at, telling)} ${word(outcome)}${why}${order}`;
}

function outboxLines(health: Fields, telling: Telling): readonly string[] {
  return Object.entries(fields(health['outbox'])).map(([id, value]) => {
    const { waiting, oldest, dead } = fields(value);
    const age = oldest ? lasted(oldest, telling) : null;
    const oldestText = age === null ? '' : say(telling, `, the oldest for ${age}`, `，最早已等待 ${age}`);
    const counts = say(
      telling,
      `${text(waiting)} wait${oldestText}; ${text(dead)} dead`,
      `${text(waiting)} 条待发送${oldestText}；${text(dead)} 条不再发送`,
    );
    const hint = typeof dead === 'number' && dead > 0 ? '  → gatepost outbox' : '';
    return `${say(telling, 'for Mallcoo', '待通知猫酷')} ${printable(id)}: ${counts}${hint}`;
  });
}

function deviceLines(health: Fields, telling: Telling): readonly string[] {
  const faulty = new Set(list(health['faults']).map((fault) => fields(fault)['subject']));
  return Object.entries(fields(fields(health['devices'])['devices'])).map(([id, value]) => {
    const { readings, orders, discards } = fields(value);
    const lost = Object.values(fields(discards)).reduce<number>((sum, count) => sum + Number(count), 0);
    const mark = faulty.has(id) ? '✗' : ' ';
    const counts = say(
      telling,
      `${text(readings)} readings, ${text(orders)} orders, ${lost} discarded`,
      `识别 ${text(readings)}，指令 ${text(orders)}，丢弃 ${lost}`,
    );
    return `${mark} ${say(telling, 'device', '设备')} ${pad(printable(id), 12)} ${counts}`;
  });
}

function noticeLines(health: Fields, telling: Telling): readonly string[] {
  return Object.entries(fields(health['notices'])).map(([id, value]) => {
    const { told, lastAnswer } = fields(value);
    const count = phrase('told', telling, { park: printable(id), n: text(told) });
    return `${say(telling, 'sending', '通知发送')} ${count}${lastAnswer ? answerText(fields(lastAnswer), telling) : ''}`;
  });
}

function answerText({ at, verdict, why }: Fields, telling: Telling): string {
  const name = text(verdict);
  return phrase(`answer${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, telling, {
    ago: lasted(at, telling),
    why: text(why),
  });
}

function reachLines(health: Fields, telling: Telling): readonly string[] {
  if (health['reach'] === undefined) return [];
  const { publicUrl, line, internet, lastProbe } = fields(health['reach']);
  const { at, ok, ms, why } = fields(lastProbe);
  const name = publicUrl === null ? 'probeOff' : !lastProbe ? 'probeNone' : ok === true ? 'probeOk' : 'probeFailed';
  const way = phrase(name, telling, {
    is: phrase(line, telling),
    url: text(publicUrl),
    ago: lasted(at, telling),
    ms: text(ms),
    why: text(why),
  });
  return [way, phrase('internet', telling, { is: phrase(internet, telling) })];
}

function archiveLine(health: Fields, telling: Telling): string {
  const { visits, orders, passages, bytes, from, to } = fields(health['archive']);
  const size = `${(Number(bytes) / 1e6).toFixed(1)} MB`;
  const span = from ? `, ${moment(from, telling)} – ${moment(to, telling)}` : '';
  return say(
    telling,
    `archive: ${text(visits)} visits, ${text(orders)} orders, ${text(passages)} passages, ${size}${span}`,
    `归档：停车 ${text(visits)}，订单 ${text(orders)}，过车 ${text(passages)}，${size}${span}`,
  );
}
