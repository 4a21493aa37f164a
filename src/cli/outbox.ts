/** `gatepost outbox`: what waits for Mallcoo, and what a person does with notices that Mallcoo did not take. */
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { buildWorld } from '../config/world.ts';
import { ERRORS, type ErrorCode, explain, type Language } from '../core/errors.ts';
import type { ParkId } from '../core/ids.ts';
import { formatLocal, type Zone } from '../core/time.ts';
import { printable } from '../ops/log.ts';
import type { OutboxView } from '../ops/outbox-view.ts';
import { StoreError } from '../store/files.ts';
import { askGate, type NamedGate, namedGate, startHint, type Told } from './gate.ts';
import { isConfiguration, isFolder } from './journal-source.ts';
import { readCount, readLanguage, readZone } from './options.ts';
import { folderOutbox } from './outbox-folder.ts';
import { outboxLines } from './outbox-text.ts';
import { readArgs, type Terminal, UsageError } from './terminal.ts';

const HELP = `usage: gatepost outbox [list] [WHERE] [options]             what waits for Mallcoo, and what it did not take
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
`;

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
export async function outboxCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (values.help) {
    terminal.out(HELP);
    return 0;
  }
  const [word = 'list', ...rest] = positionals;
  try {
    if (word === 'retry' || word === 'drop') return await order(word, rest, values, terminal);
    return await list(word === 'list' ? rest : positionals, values, terminal);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    terminal.err(`gatepost outbox: ${error.message}\n`);
    return 1;
  }
}

const WAY_OUT = "name a configuration file (.yaml), a data folder, or the gate's address";

async function list(positionals: readonly string[], values: Values, terminal: Terminal): Promise<number> {
  const language = readLanguage(values.language ?? terminal.language);
  const [where, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`"${more.join(' ')}" means nothing here`);
  if (values.all || values.reason !== undefined || values.code !== undefined)
    throw new UsageError('--all, --code and --reason are for retry and drop');
  const zone = values.zone === undefined ? null : readZone(values.zone, null);
  const limit = readCount('--limit', values.limit);
  const asked: Listing = { values, language, zone, limit, where: where ?? null };
  if (where !== undefined && !isConfiguration(where) && !/^https?:/i.test(where)) {
    if (!(await isFolder(where, WAY_OUT))) throw new StoreError(`${where} is a file; ${WAY_OUT}`);
    return fromFolder(where, null, { ...asked, where: null }, terminal);
  }
  const gate = await namedGate(where, terminal);
  if (!gate) return 1;
  const told = await askGate(gate.url, listPath(asked));
  if (told.type === 'answered' && told.status === 200 && 'parks' in told.fields) {
    show(told.fields as OutboxView, asked, terminal);
    return 0;
  }
  if (told.type === 'answered' && told.fields['error'] === 'PARK_UNKNOWN') return refused(told, language, terminal);
  if (gate.config) {
    terminal.err(`gatepost outbox: ${troubleText(told)}: this is what the data folder holds\n`);
    return fromFolder(gate.config.data, gate, asked, terminal);
  }
  terminal.err(`gatepost outbox: ${troubleText(told)}; ${WAY_OUT}\n`);
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

function listPath({ values, limit }: Listing): string {
  const query = new URLSearchParams({ limit: String(limit) });
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
    throw new StoreError(`--park ${values.park}: nothing is known of it in ${join(data, 'journal')}`);
  show(view, asked, terminal);
  const zone = asked.zone ?? readZone(undefined, world?.parks.values().next().value?.zone ?? null);
  terminal.err(`from ${data}, as of record ${seq}, ${formatLocal(at, zone)}\n`);
  for (const trouble of troubles) terminal.err(`BAD: ${trouble}\n`);
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
  const language = readLanguage(values.language ?? terminal.language);
  const { body, where } = readOrder(word, positionals, values);
  const gate = await namedGate(where, terminal);
  if (!gate) return 1;
  const told = await askGate(gate.url, `/outbox/${word}`, body);
  if (told.type !== 'answered') {
    const file = where !== undefined && isConfiguration(where) ? where : null;
    terminal.err(`gatepost outbox: ${troubleText(told)}. "${word}" needs the running gate; ${startHint(file)}\n`);
    return 1;
  }
  return orderResult(word, told, language, terminal);
}

/** @throws UsageError unless it is ids or --all, with what each of them takes. */
function readOrder(word: 'retry' | 'drop', positionals: readonly string[], values: Values) {
  const { all, park, code, reason } = values;
  const ids = positionals.filter((text) => ID.test(text));
  const [where, ...more] = positionals.filter((text) => !ID.test(text));
  if (more.length > 0) throw new UsageError(`"${more.join(' ')}" means nothing here; an ID looks like 12.3`);
  if (values.json || values.dead) throw new UsageError('--json and --dead are for list');
  if (all === ids.length > 0)
    throw new UsageError('name the notices by their IDs, such as 12.3, or say --all for every dead letter');
  if (!all && code !== undefined) throw new UsageError('--code goes with --all');
  if (word === 'retry' && reason !== undefined) throw new UsageError('--reason goes with drop');
  if (word === 'drop' && (reason ?? '').trim() === '')
    throw new UsageError('say why, for the journal: --reason "the mall has them by hand"');
  const which = all ? { all: true, ...(code === undefined ? {} : { code }) } : { ids };
  const rest = { ...(park === undefined ? {} : { park }), ...(reason === undefined ? {} : { reason }) };
  return { body: { ...which, ...rest }, where };
}

function orderResult(
  word: 'retry' | 'drop',
  told: Told & { readonly type: 'answered' },
  language: Language,
  terminal: Terminal,
): number {
  const { done, left } = told.fields;
  if (typeof done !== 'number') return refused(told, language, terminal);
  const zh = language === 'zh';
  if (word === 'retry') terminal.out(zh ? `${done} 条将重新发送\n` : `${done} will be sent again\n`);
  else terminal.out(zh ? `${done} 条已放弃\n` : `${done} given up\n`);
  const waiting = idsOf(told.fields['waiting']);
  if (waiting !== '') terminal.out(zh ? `本来就在等待发送：${waiting}\n` : `waiting to be sent anyway: ${waiting}\n`);
  const unknown = idsOf(told.fields['unknown']);
  if (unknown !== '') terminal.err(`gatepost outbox: ${explain('NOTICE_UNKNOWN', language, { value: unknown })}\n`);
  if (typeof left !== 'number') return unknown === '' ? 0 : 1;
  terminal.err(zh ? `还有 ${left} 条未处理：` : `${left} are left: `);
  return refused(told, language, terminal);
}

function idsOf(ids: unknown): string {
  return Array.isArray(ids) ? ids.map((id) => printable(String(id))).join(', ') : '';
}

/** The gate's own sentence; for its codes without a value also in Chinese. */
function refused(told: Told & { readonly type: 'answered' }, language: Language, terminal: Terminal): number {
  const { error, text } = told.fields;
  const code = typeof error === 'string' && error in ERRORS ? (error as ErrorCode) : null;
  const plain = code !== null && !ERRORS[code].en.includes('{');
  const sentence = plain ? explain(code, language) : printable(typeof text === 'string' ? text : '');
  terminal.err(`gatepost outbox: ${sentence === '' ? `the gate answered ${told.status}` : sentence}\n`);
  return 1;
}

function troubleText(told: Told): string {
  if (told.type === 'answered') return `what listens there answered ${told.status}`;
  return told.type === 'down' ? `the gate does not run (${told.reason})` : `the gate cannot be asked (${told.reason})`;
}
