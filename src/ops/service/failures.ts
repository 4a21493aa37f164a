/**
 * The records of runs that ended badly: small files that a technician reads with `cat`, in YAML. Runs that ended in the same
 * way one after the other are one record with a count, so that a loop of failures does not push the others out.
 */
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Sentence } from '../../core/errors.ts';
import { type Ending, endingText } from './ending.ts';

/** So many records are kept. */
const KEEP = 20;
const NAME = /^\d{4}-\d\d-\d\dT\d{6}-[a-z-]+(_\d+)?\.yaml$/;

export interface Happening {
  readonly ending: Ending;
  /** Local time, `yyyy-MM-dd HH:mm:ss`. */
  readonly at: string;
  /** What the run said last, and what its log ends with; empty when there is nothing. */
  readonly lastWords: string;
  readonly log: string;
  /** systemd does not start it again. */
  readonly down: boolean;
}

/** A run that ended badly, as the next one tells of it. */
export interface Failure {
  readonly file: string;
  /** Local time of the last of them. */
  readonly at: string;
  readonly times: number;
  readonly text: Sentence;
}

interface FailureRecord extends Ending {
  readonly first: string;
  readonly last: string;
  readonly times: number;
  readonly down: boolean;
  /** The run after it has told of it. */
  readonly told: boolean;
  readonly lastWords: string;
  readonly log: string;
}

/**
 * Adds to the newest record if it is the same again, or writes one, and removes the oldest beyond twenty.
 * @returns the file.
 * @throws the system's error when the folder does not let it.
 */
export async function recordFailure(folder: string, happening: Happening): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const names = await namesIn(folder);
  const newest = names.at(-1);
  const before = newest === undefined ? null : await read(join(folder, newest));
  const known = before !== null && (isOne(before, happening) || isSame(before, happening)) ? before : null;
  const name = known && newest !== undefined ? newest : freeName(happening, names);
  await write(join(folder, name), known ? again(known, happening) : recordOf(happening));
  for (const old of [...new Set([...names, name])].slice(0, -KEEP)) await rm(join(folder, old), { force: true });
  return join(folder, name);
}

/** The newest record, if no run has told of it yet. Never rejects: what cannot be read is not told. */
export async function untoldFailure(folder: string): Promise<Failure | null> {
  const newest = await newestFailure(folder);
  return newest === null || newest.told ? null : newest;
}

/** The newest record, told or not; null without one that can be read. Never rejects. */
export async function newestFailure(folder: string): Promise<(Failure & { readonly told: boolean }) | null> {
  const newest = (await namesIn(folder).catch(() => [])).at(-1);
  const record = newest === undefined ? null : await read(join(folder, newest));
  if (newest === undefined || record === null) return null;
  const { last: at, times, told } = record;
  return { file: join(folder, newest), at, times, told, text: endingText(record) };
}

/** In one line: when, how often, why, and where more stands. */
export function failureText({ file, at, times, text }: Failure): Sentence {
  const often = times > 1;
  return {
    zh: `${at}${often ? `（共 ${times} 次）` : ''} ${text.zh}，详见 ${file}`,
    en: `${at}${often ? ` (${times} times)` : ''} ${text.en}; see ${file}`,
  };
}

/** Notes that a run has told of it. Never rejects: it would be told once more. */
export async function markTold({ file }: Failure): Promise<void> {
  const record = await read(file);
  if (record !== null) await write(file, { ...record, told: true }).catch(() => undefined);
}

/** Two of systemd's calls about one end. */
function isOne(record: FailureRecord, { ending }: Happening): boolean {
  return ending.invocation !== '' && record.invocation === ending.invocation;
}

function isSame(record: FailureRecord, { ending, lastWords }: Happening): boolean {
  return record.result === ending.result && record.exit === ending.exit && record.lastWords === lastWords;
}

function recordOf({ ending, at, lastWords, log, down }: Happening): FailureRecord {
  return { first: at, last: at, times: 1, ...ending, down, told: false, lastWords, log };
}

function again(record: FailureRecord, happening: Happening): FailureRecord {
  const down = record.down || happening.down;
  if (isOne(record, happening)) return { ...record, down };
  return { ...recordOf(happening), first: record.first, times: record.times + 1 };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => NAME.test(name)).sort();
}

/** Names in order of time: `_` comes after `.`. */
function freeName({ at, ending }: Happening, names: readonly string[]): string {
  const stem = `${at.replace(' ', 'T').replaceAll(':', '')}-${ending.result}`;
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? `${stem}.yaml` : `${stem}_${number}.yaml`;
    if (!names.includes(name)) return name;
  }
}

async function read(file: string): Promise<FailureRecord | null> {
  try {
    return recordFrom(parse(await readFile(file, 'utf8')));
  } catch {
    // Written by hand, cut short, gone: as if there were none.
    return null;
  }
}

function recordFrom(value: unknown): FailureRecord | null {
  if (typeof value !== 'object' || value === null) return null;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const text = (name: string): string => String(fields[name] ?? '');
  if (text('result') === '' || text('last') === '') return null;
  return {
    first: text('first'),
    last: text('last'),
    times: Number(fields['times']) || 1,
    result: text('result'),
    exit: text('exit'),
    invocation: text('invocation'),
    down: fields['down'] === true,
    told: fields['told'] === true,
    lastWords: text('lastWords'),
    log: text('log'),
  };
}

/** Whole or not at all. The group may read it, whatever the mask. */
async function write(file: string, record: FailureRecord): Promise<void> {
  const { zh, en } = endingText(record);
  const more = record.invocation === '' ? '' : `# journalctl -u gatepost _SYSTEMD_INVOCATION_ID=${record.invocation}\n`;
  const text = `# ${en}\n# ${zh}\n${more}${stringify(record, { lineWidth: 0, blockQuote: 'literal' })}`;
  await writeFile(`${file}.new`, text);
  await chmod(`${file}.new`, 0o640);
  await rename(`${file}.new`, file);
}
