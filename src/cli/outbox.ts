/** `gatepost outbox`: what waits for Mallcoo, and what a person does with notices that Mallcoo did not take. */
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { buildWorld } from '../config/world.ts';
import { ERRORS, type ErrorCode, explain, type Language, type Said, type Sentence } from '../core/errors.ts';
import type { ParkId } from '../core/ids.ts';
import { fill, saidBy } from '../core/sentence.ts';
import { formatLocal, type Zone } from '../core/time.ts';
import { printable } from '../ops/log.ts';
import type { OutboxView } from '../ops/outbox-view.ts';
import { StoreError } from '../store/files.ts';
import { askGate, type NamedGate, namedGate, startHint, type Told } from './gate.ts';
import { badSaid, isConfiguration, isFolder } from './journal-source.ts';
import { readCount, readLanguage, readZone } from './options.ts';
import { folderOutbox } from './outbox-folder.ts';
import { outboxLines } from './outbox-text.ts';
import { meaningless, readArgs, say, type Terminal, UsageError } from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost outbox [list] [WHERE] [选项]               等待通知猫酷的，和猫酷拒收的
      gatepost outbox retry ID…|--all [WHERE] [选项]      重发不再发送的通知，排在等待发送的之后
      gatepost outbox drop ID…|--all [WHERE] --reason 理由  放弃通知：不再告诉猫酷

WHERE 是配置文件（.yaml）或网关的本机地址；不写则为 http://127.0.0.1:8081。
网关没有运行时，"list" 读取数据文件夹（这时请写配置文件）；WHERE 也可以是数据文件夹。
"retry" 和 "drop" 需要网关在运行。--all 指所有不再发送的通知；等待发送的只能用 ID 逐条放弃。

  --park P        只看这个停车场
  --code C        与 --all 同用：只要猫酷以这个代码答复的，例如 1101
  --reason 理由   与 drop 同用：为什么放弃，记入日志账本
  --dead          与 list 同用：只看不再发送的
  --limit N       与 list 同用：每张表显示多少条（20）
  --json          与 list 同用：一个 JSON；时间为 UTC
  --zone ZONE     所显示时间的时区：默认为各停车场自己的
  --language L    en 或 zh；默认按系统
`,
  en: `usage: gatepost outbox [list] [WHERE] [options]             what waits for Mallcoo, and what it did not take
       gatepost outbox retry ID…|--all [WHERE] [options]     send dead letters again, behind those that wait
       gatepost outbox drop ID…|--all [WHERE] --reason TEXT  give notices up: Mallcoo is not told of them

WHERE is a configuration file (.yaml) or the address of the gate's local listener; http://127.0.0.1:8081 when left out.
"list" reads the data folder when the gate does not run (then name the file), and takes a data folder as WHERE, too.
"retry" and "drop" need the gate. --all is every dead letter; one that waits is dropped by its ID only.

  --park P        only of this park
  --code C        with --all: only those that Mallcoo answered with this code, for example 1101
  --reason TEXT   with drop: why, for the journal
  --dead          with list: only dead letters
  --limit N       with list: notices shown of each list (20)
  --json          with list: one JSON text; moments in UTC
  --zone ZONE     of the times shown: default each park's own
  --language L    en or zh; default that of the system
`,
};

const OPTIONS = {
  park: { type: 'string' },
  code: { type: 'string' },
  reason: { type: 'string' },
  all: { type: 'boolean', default: false },
  dead: { type: 'boolean', default: false },
  limit: { type: 'string', default: '20' },
  json: { type: 'boolean', default: false },
  zone: { type: 'string' },
  language: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<typeof readArgs<typeof OPTIONS>>['values'];

/** As the journal's places are written: `12.3`. */
const ID = /^\d+\.\d+$/;

/**
 * Runs `gatepost outbox …`.
 * @param args what follows `outbox`.
 * @returns 0 done, 1 it did not work or something was not there.
 * @throws UsageError when it was called wrongly.
 */
export async function outboxCommand(args: readonly string[], plain: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (values.help) {
    plain.out(say(plain, HELP));
    return 0;
  }
  const [word = 'list', ...rest] = positionals;
  const language = readLanguage(values.language ?? plain.language);
  const terminal = { ...plain, language };
  try {
    if (word === 'retry' || word === 'drop') return await order(word, rest, values, terminal);
    return await list(word === 'list' ? rest : positionals, values, terminal);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    tell(saidBy(error), terminal);
    return 1;
  }
}

const WAY_OUT: Sentence = {
  zh: '请写配置文件（.yaml）、数据文件夹或网关的地址',
  en: "name a configuration file (.yaml), a data folder, or the gate's address",
};
const IS_FILE: Sentence = { zh: '{where} 是一个文件；{wayOut}', en: '{where} is a file; {wayOut}' };
const FROM_FOLDER: Sentence = {
  zh: '{trouble}：以下是数据文件夹中的内容',
  en: '{trouble}: this is what the data folder holds',
};
const NO_LIST: Sentence = { zh: '{trouble}；{wayOut}', en: '{trouble}; {wayOut}' };
const NEEDS_GATE: Sentence = {
  zh: '{trouble}。"{word}" 需要网关在运行；{hint}',
  en: '{trouble}. "{word}" needs the running gate; {hint}',
};

function tell(said: Said, terminal: Terminal): void {
  terminal.err(`gatepost outbox: ${say(terminal, said)}\n`);
}

async function list(positionals: readonly string[], values: Values, terminal: Terminal): Promise<number> {
  const { language } = terminal;
  const [where, ...more] = positionals;
  if (more.length > 0) throw meaningless(more);
  if (values.all || values.reason !== undefined || values.code !== undefined)
    throw new UsageError({
      zh: '--all、--code 和 --reason 用于 retry 和 drop',
      en: '--all, --code and --reason are for retry and drop',
    });
  const zone = values.zone === undefined ? null : readZone(values.zone, null);
  const limit = readCount('--limit', values.limit);
  const asked: Listing = { values, language, zone, limit, where: where ?? null };
  if (where !== undefined && !isConfiguration(where) && !/^https?:/i.test(where)) {
    if (!(await isFolder(where, WAY_OUT))) throw new StoreError(fill(IS_FILE, { where, wayOut: WAY_OUT }));
    return fromFolder(where, null, { ...asked, where: null }, terminal);
  }
  const gate = await namedGate(where, terminal);
  if (!gate) return 1;
  const told = await askGate(gate.url, listPath(asked));
  if (told.type === 'answered' && told.status === 200 && 'parks' in told.fields) {
    show(told.fields as OutboxView, asked, terminal);
    return 0;
  }
  if (told.type === 'answered' && told.fields['error'] === 'PARK_UNKNOWN') return refused(told, terminal);
  if (gate.config) {
    tell(fill(FROM_FOLDER, { trouble: troubleOf(told) }), terminal);
    return fromFolder(gate.config.data, gate, asked, terminal);
  }
  tell(fill(NO_LIST, { trouble: troubleOf(told), wayOut: WAY_OUT }), terminal);
  return 1;
}

interface Listing {
  readonly values: Values;
  readonly language: Language;
  readonly zone: Zone | null;
  readonly limit: number;
  /** The configuration or address that the person named. */
  readonly where: string | null;
}

function listPath({ values, limit, language }: Listing): string {
  const query = new URLSearchParams({ limit: String(limit), lang: language });
  if (values.park !== undefined) query.set('park', values.park);
  if (values.dead) query.set('dead', '1');
  return `/outbox?${query}`;
}

async function fromFolder(data: string, gate: NamedGate | null, asked: Listing, terminal: Terminal): Promise<number> {
  const { values, limit } = asked;
  const world = gate?.config ? buildWorld(gate.config) : null;
  const park = (values.park ?? null) as ParkId | null;
  const question = { park, dead: values.dead, limit };
  const { view, seq, at, troubles } = await folderOutbox(data, world, question, systemClock.now());
  if (values.park !== undefined && !(values.park in view.parks))
    throw new StoreError({
      zh: `--park ${values.park}：${join(data, 'journal')} 中没有这个停车场`,
      en: `--park ${values.park}: nothing is known of it in ${join(data, 'journal')}`,
    });
  show(view, asked, terminal);
  const zone = asked.zone ?? readZone(undefined, world?.parks.values().next().value?.zone ?? null);
  const moment = formatLocal(at, zone);
  const source = {
    zh: `来自 ${data}，截至记录 ${seq}，${moment}`,
    en: `from ${data}, as of record ${seq}, ${moment}`,
  };
  terminal.err(`${say(terminal, source)}\n`);
  for (const trouble of troubles) terminal.err(`${say(terminal, badSaid(trouble))}\n`);
  return troubles.length === 0 ? 0 : 1;
}

function show(view: OutboxView, { values, language, zone, where }: Listing, terminal: Terminal): void {
  const options = { language, zone, where, standardZone: readZone(undefined, null) };
  terminal.out(`${values.json ? JSON.stringify(view) : outboxLines(view, options).join('\n')}\n`);
}

async function order(
  word: 'retry' | 'drop',
  positionals: readonly string[],
  values: Values,
  terminal: Terminal,
): Promise<number> {
  const { body, where } = readOrder(word, positionals, values);
  const gate = await namedGate(where, terminal);
  if (!gate) return 1;
  const told = await askGate(gate.url, `/outbox/${word}?lang=${terminal.language}`, body);
  if (told.type !== 'answered') {
    const file = where !== undefined && isConfiguration(where) ? where : null;
    tell(fill(NEEDS_GATE, { trouble: troubleOf(told), word, hint: startHint(file) }), terminal);
    return 1;
  }
  return orderResult(word, told, terminal);
}

/** @throws UsageError unless it is ids or --all, with what each of them takes. */
function readOrder(word: 'retry' | 'drop', positionals: readonly string[], values: Values) {
  const { all, park, code, reason } = values;
  const ids = positionals.filter((text) => ID.test(text));
  const [where, ...more] = positionals.filter((text) => !ID.test(text));
  if (more.length > 0)
    throw new UsageError({
      zh: `"${more.join(' ')}" 无法识别；ID 的样子是 12.3`,
      en: `"${more.join(' ')}" means nothing here; an ID looks like 12.3`,
    });
  if (values.json || values.dead)
    throw new UsageError({ zh: '--json 和 --dead 用于 list', en: '--json and --dead are for list' });
  if (all === ids.length > 0)
    throw new UsageError({
      zh: '请写通知的 ID，例如 12.3；或写 --all 指所有不再发送的通知',
      en: 'name the notices by their IDs, such as 12.3, or say --all for every dead letter',
    });
  if (!all && code !== undefined) throw new UsageError({ zh: '--code 与 --all 同用', en: '--code goes with --all' });
  if (word === 'retry' && reason !== undefined)
    throw new UsageError({ zh: '--reason 与 drop 同用', en: '--reason goes with drop' });
  if (word === 'drop' && (reason ?? '').trim() === '')
    throw new UsageError({
      zh: '请写理由，记入日志账本：--reason "商场已手工登记"',
      en: 'say why, for the journal: --reason "the mall has them by hand"',
    });
  const which = all ? { all: true, ...(code === undefined ? {} : { code }) } : { ids };
  const rest = { ...(park === undefined ? {} : { park }), ...(reason === undefined ? {} : { reason }) };
  return { body: { ...which, ...rest }, where };
}

function orderResult(word: 'retry' | 'drop', told: Told & { readonly type: 'answered' }, terminal: Terminal): number {
  const { language } = terminal;
  const { done, left } = told.fields;
  if (typeof done !== 'number') return refused(told, terminal);
  const zh = language === 'zh';
  if (word === 'retry') terminal.out(zh ? `${done} 条将重新发送\n` : `${done} will be sent again\n`);
  else terminal.out(zh ? `${done} 条已放弃\n` : `${done} given up\n`);
  const waiting = idsOf(told.fields['waiting']);
  if (waiting !== '') terminal.out(zh ? `本来就在等待发送：${waiting}\n` : `waiting to be sent anyway: ${waiting}\n`);
  const unknown = idsOf(told.fields['unknown']);
  if (unknown !== '') tell(explain('NOTICE_UNKNOWN', language, { value: unknown }), terminal);
  if (typeof left !== 'number') return unknown === '' ? 0 : 1;
  terminal.err(zh ? `还有 ${left} 条未处理：` : `${left} are left: `);
  return refused(told, terminal);
}

function idsOf(ids: unknown): string {
  return Array.isArray(ids) ? ids.map((id) => printable(String(id))).join(', ') : '';
}

/** The gate's own sentence; for its codes without a value in the person's language. */
function refused(told: Told & { readonly type: 'answered' }, terminal: Terminal): number {
  const { error, text } = told.fields;
  const code = typeof error === 'string' && error in ERRORS ? (error as ErrorCode) : null;
  const plain = code !== null && !ERRORS[code].en.includes('{');
  const sentence = plain ? ERRORS[code] : printable(typeof text === 'string' ? text : '');
  const { status } = told;
  tell(sentence === '' ? { zh: `网关回答了 ${status}`, en: `the gate answered ${status}` } : sentence, terminal);
  return 1;
}

function troubleOf(told: Told): Sentence {
  if (told.type === 'answered')
    return { zh: `那里的程序回答了 ${told.status}`, en: `what listens there answered ${told.status}` };
  const { reason } = told;
  return told.type === 'down'
    ? fill({ zh: '网关没有运行（{reason}）', en: 'the gate does not run ({reason})' }, { reason })
    : fill({ zh: '无法询问网关（{reason}）', en: 'the gate cannot be asked ({reason})' }, { reason });
}
