/**
 * The log: one line per happening, made to be tailed by a person at a gate, or the same as JSON for machines. Lines go
 * to standard output and to files; nothing else in the program writes to the terminal while the daemon runs.
 */
import { ERRORS, type ErrorCode, type Language, type NoticeCode, type Said, type Sentence } from '../core/errors.ts';
import { fieldsIn, fill, isSentence } from '../core/sentence.ts';
import { formatLocal, type Instant, type Zone } from '../core/time.ts';
import type { Clock, Log, LogFields } from '../gateway/ports.ts';

export type Level = 'info' | 'warn' | 'error';

export interface Line {
  readonly level: Level;
  readonly message: Sentence;
  readonly code?: ErrorCode;
  /**
   * `lane`, `vehicle` and `ms` have places of their own in the text; the rest follows as `name=value`, the name in English
   * whatever the language of the log: a line is found by it.
   */
  readonly fields?: LogFields;
}

/** How lines are written. */
export interface LogForm {
  readonly format: 'text' | 'json';
  readonly language: Language;
  readonly zone: Zone;
  readonly clock: Clock;
}

/** Where lines go. */
export interface LogOut {
  /** It is systemd's journal, which has the time itself, and reads how bad a line is from its beginning. */
  readonly journal: boolean;
  readonly write: (text: string) => void;
}

export interface LogOptions extends LogForm {
  readonly outs: readonly LogOut[];
}

export interface Logger extends Log {
  line(line: Line): void;
}

/** Mainland mobile numbers keep three digits in front and four behind. */
const MOBILE = /(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)/g;

/** Hides the middle of every mobile number in a text. */
export function maskPhones(text: string): string {
  return text.replaceAll(MOBILE, '$1****$2');
}

/** What comes from a wire must not draw on the terminal, or begin a line of its own; phone numbers are masked. */
export function printable(text: string): string {
  return withoutControls(maskPhones(text));
}

/** As {@link printable}, and every digit stays: for order numbers, which may look like a phone number. */
export function withoutControls(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** The mark of a line that somebody should see. */
export const LEVEL_MARKS = { info: ' ', warn: '!', error: '✗' } as const;

/** Syslog's severities, by which `journalctl -p` chooses and colours. */
const PRIORITIES = { info: 6, warn: 4, error: 3 } as const;

/** A moment as the log writes it: local time with its ms. */
export function logTime(at: Instant, zone: Zone): string {
  return `${formatLocal(at, zone)}.${String(((at % 1000) + 1000) % 1000).padStart(3, '0')}`;
}

/** A line as people read it, without its time and its end. */
export function textOf(line: Line, language: Language): string {
  const { lane, vehicle, ms, ...rest } = fieldsIn(line.fields ?? {}, language);
  const parts = [LEVEL_MARKS[line.level], printable(String(lane ?? '-')).padEnd(6)];
  if (vehicle !== undefined && vehicle !== null) parts.push(printable(String(vehicle)).padEnd(8));
  parts.push(printable(line.message[language]));
  for (const [name, value] of Object.entries(rest))
    if (value !== null) parts.push(`${name}=${printable(String(value))}`);
  if (line.code) parts.push(`[${line.code}]`);
  if (typeof ms === 'number') parts.push(`${ms.toFixed(1)} ms`);
  return parts.join(' ');
}

function jsonOf(at: Instant, line: Line, { zone, language }: LogForm): string {
  const fields = Object.entries(fieldsIn(line.fields ?? {}, language)).map(([name, value]) => [
    name,
    typeof value === 'string' ? maskPhones(value) : value,
  ]);
  const { level, code } = line;
  const message = line.message[language];
  const head = { at: formatLocal(at, zone), ms: at, level, ...(code ? { code } : {}), message: maskPhones(message) };
  return JSON.stringify({ ...head, fields: Object.fromEntries(fields) });
}

/** One line as a place gets it, with its end. */
export function rendered(form: LogForm, { journal }: Pick<LogOut, 'journal'>, line: Line): string {
  const { format, zone, language, clock } = form;
  const at = clock.now();
  const text = format === 'json' ? jsonOf(at, line, form) : textOf(line, language);
  if (journal) return `<${PRIORITIES[line.level]}>${text}\n`;
  return format === 'json' ? `${text}\n` : `${logTime(at, zone)} ${text}\n`;
}

/** A notice as a line. */
export function noticeLine(code: NoticeCode, { value, ...fields }: LogFields): Line {
  return { level: 'warn', code, message: fill(ERRORS[code], { value: saidOf(value) }), fields };
}

function saidOf(value: LogFields[string] | undefined): Said {
  return isSentence(value) ? value : String(value ?? '');
}

export function createLog(options: LogOptions): Logger {
  const { outs } = options;
  const line = (entry: Line): void => {
    for (const out of outs) out.write(rendered(options, out, entry));
  };
  return {
    line,
    info: (message, fields) => line({ level: 'info', message, ...(fields ? { fields } : {}) }),
    notice: (code, fields) => line(noticeLine(code, fields)),
  };
}
