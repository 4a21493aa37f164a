/**
 * The log: one line per happening, made to be tailed by a person at a gate, or the same as JSON for machines. Lines go
 * to one writer; nothing else in the program writes to the terminal while the daemon runs.
 */
import { ERRORS, type ErrorCode, type Language, type Said, type Sentence } from '../core/errors.ts';
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

export interface LogOptions {
  readonly format: 'text' | 'json';
  readonly language: Language;
  readonly zone: Zone;
  readonly clock: Clock;
  readonly write: (text: string) => void;
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

const LEVELS = { info: ' ', warn: '!', error: '✗' } as const;

function textLine(at: Instant, line: Line, { zone, language }: LogOptions): string {
  const { lane, vehicle, ms, ...rest } = fieldsIn(line.fields ?? {}, language);
  const time = `${formatLocal(at, zone)}.${String(((at % 1000) + 1000) % 1000).padStart(3, '0')}`;
  const parts = [time, LEVELS[line.level], printable(String(lane ?? '-')).padEnd(6)];
  if (vehicle !== undefined && vehicle !== null) parts.push(printable(String(vehicle)).padEnd(8));
  parts.push(printable(line.message[language]));
  for (const [name, value] of Object.entries(rest))
    if (value !== null) parts.push(`${name}=${printable(String(value))}`);
  if (line.code) parts.push(`[${line.code}]`);
  if (typeof ms === 'number') parts.push(`${ms.toFixed(1)} ms`);
  return `${parts.join(' ')}\n`;
}

function jsonLine(at: Instant, line: Line, { zone, language }: LogOptions): string {
  const fields = Object.entries(fieldsIn(line.fields ?? {}, language)).map(([name, value]) => [
    name,
    typeof value === 'string' ? maskPhones(value) : value,
  ]);
  const { level, code } = line;
  const message = line.message[language];
  const head = { at: formatLocal(at, zone), ms: at, level, ...(code ? { code } : {}), message: maskPhones(message) };
  return `${JSON.stringify({ ...head, fields: Object.fromEntries(fields) })}\n`;
}

function saidOf(value: LogFields[string] | undefined): Said {
  return isSentence(value) ? value : String(value ?? '');
}

export function createLog(options: LogOptions): Logger {
  const { format, clock, write } = options;
  const render = format === 'json' ? jsonLine : textLine;
  const line = (entry: Line): void => write(render(clock.now(), entry, options));
  return {
    line,
    info: (message, fields) => line({ level: 'info', message, ...(fields ? { fields } : {}) }),
    notice(code, fields) {
      const { value, ...rest } = fields;
      line({ level: 'warn', code, message: fill(ERRORS[code], { value: saidOf(value) }), fields: rest });
    },
  };
}
