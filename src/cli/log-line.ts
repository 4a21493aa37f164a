/** Lines of the log as a person chooses and sees them: read back from files of either format, and from systemd's journal. */
import { normalisePlate } from '../core/plate.ts';
import { instant, type Zone } from '../core/time.ts';
import { LEVEL_MARKS, type Level, logTime, printable, textOf } from '../ops/log.ts';

/** A line taken apart. What is in no line of ours (a stack trace) has a text alone. */
export interface LogLine {
  /** As it is shown. */
  readonly text: string;
  readonly parts: Parts | null;
}

interface Parts {
  /** Local time with its ms. Two of them compare as texts. */
  readonly time: string;
  readonly level: Level;
  readonly lane: string;
  /** With the blanks after it. */
  readonly pad: string;
  /** Everything behind the lane. */
  readonly rest: string;
  readonly code: string | null;
}

/** What is null is not asked. */
export interface LogFilter {
  readonly lane: string | null;
  /** A plate or ticket, or a part of one, as {@link foldPlate} writes it. */
  readonly plate: string | null;
  /** This level and worse ones. */
  readonly level: Level;
  readonly code: string | null;
  /** Local times: from this one on, and before that one. */
  readonly since: string | null;
  readonly until: string | null;
}

const SHAPE = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) ([ !✗]) (\S+)( *)(.*)$/u;
const CODE = /\[([A-Z][A-Z_]+)\](?: \d+\.\d ms)?$/;
export const LEVELS: readonly Level[] = ['info', 'warn', 'error'];

/** One spelling for a plate, or for a part of one: as the core has it, and O and I as the digits wherever they stand. */
export function foldPlate(text: string): string {
  return (normalisePlate(text) ?? text.trim()).replaceAll('O', '0').replaceAll('I', '1');
}

/** Reads a line of a file, of either format. */
export function readLine(text: string, zone: Zone): LogLine {
  const shown = text.startsWith('{') ? (fromJson(text, zone) ?? printable(text)) : printable(text);
  const [, time, mark, lane, pad, rest] = SHAPE.exec(shown) ?? [];
  if (time === undefined || lane === undefined || rest === undefined) return { text: shown, parts: null };
  const level = LEVELS.find((one) => LEVEL_MARKS[one] === mark) ?? 'info';
  return { text: shown, parts: { time, level, lane, pad: pad ?? '', rest, code: CODE.exec(rest)?.[1] ?? null } };
}

/** A line of `format: json` as one of `format: text`; undefined when it is none. */
function fromJson(text: string, zone: Zone): string | undefined {
  const line = objectOf(text);
  const level = LEVELS.find((one) => one === line?.['level']);
  const { ms, message, code, fields } = line ?? {};
  if (!level || typeof ms !== 'number' || !Number.isSafeInteger(ms) || typeof message !== 'string') return undefined;
  const known = typeof fields === 'object' && fields !== null ? { fields: { ...fields } } : {};
  // The code is only shown: a newer release may have written one that this one does not know.
  const tail = typeof code === 'string' ? ` [${code}]` : '';
  // Written in the language of the log, whatever that was.
  const said = { zh: message, en: message };
  return `${logTime(instant(ms), zone)} ${textOf({ level, message: said, ...known }, 'en')}${tail}`;
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

export interface JournalEntry {
  readonly line: LogLine;
  /** Where the journal goes on. */
  readonly cursor: string | null;
}

/** Reads a record of `journalctl -o json`: the journal has the time, what the program wrote has the rest. */
export function readJournalEntry(text: string, zone: Zone): JournalEntry | null {
  const record = objectOf(text);
  if (record === null) return null;
  const { MESSAGE: message, __REALTIME_TIMESTAMP: micros, __CURSOR: cursor } = record;
  // What is no UTF-8 comes as a list of bytes.
  const said = Array.isArray(message) ? Buffer.from(message).toString() : String(message ?? '');
  const time = logTime(instant(Math.floor(Number(micros ?? 0) / 1_000)), zone);
  const whole = said.startsWith('{') ? readLine(said, zone) : readLine(`${time} ${said}`, zone);
  const line = whole.parts ? whole : readLine(`${time} ${LEVEL_MARKS.info} -      ${said}`, zone);
  return { line, cursor: typeof cursor === 'string' ? cursor : null };
}

/** Whether a line is asked for. What is no line of its own goes with the one before it. */
export function chooser(filter: LogFilter): (line: LogLine) => boolean {
  let last = false;
  const least = LEVELS.indexOf(filter.level);
  return ({ parts }) => {
    if (parts === null) return last;
    const { time, level, lane, code } = parts;
    last =
      LEVELS.indexOf(level) >= least &&
      (filter.lane === null || lane === filter.lane) &&
      (filter.code === null || code === filter.code) &&
      (filter.since === null || time >= filter.since) &&
      (filter.until === null || time < filter.until) &&
      (filter.plate === null || foldPlate(vehicleOf(parts) ?? '').includes(filter.plate));
    return last;
  };
}

/** The vehicle stands behind the lane. A first word without a digit is the sentence's, but for a vehicle without a plate. */
function vehicleOf({ rest }: Parts): string | null {
  const word = rest.split(' ', 1)[0] ?? '';
  return /\d/.test(word) || word === '无牌车' ? word : null;
}

const STYLES = { dim: '2', bold: '1', lane: '36', info: '', warn: '33', error: '31' } as const;

function styled(style: keyof typeof STYLES, text: string): string {
  const code = STYLES[style];
  return code === '' || text === '' ? text : `\x1b[${code}m${text}\x1b[0m`;
}

/** The line for a terminal. */
export function coloured({ text, parts }: LogLine): string {
  if (parts === null) return text;
  const { time, level, lane, pad, rest } = parts;
  const vehicle = vehicleOf(parts) ?? '';
  const mark = styled(level, LEVEL_MARKS[level]);
  const told = `${styled('bold', vehicle)}${styled(level, rest.slice(vehicle.length))}`;
  return `${styled('dim', time)} ${mark} ${styled('lane', lane)}${pad}${told}`;
}
