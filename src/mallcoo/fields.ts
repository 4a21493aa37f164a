/**
 * The fields of a call, read kindly: names without regard to case or outer blanks, numbers as numbers or as text, `""`
 * and null as absent. What cannot be read becomes null and leaves a problem behind; the call decides what that means.
 */
import type { Language } from '../core/errors.ts';
import { type Fen, MAX_FEN } from '../core/money.ts';
import { MAX_PLATE_LENGTH, normalisePlate, type Plate } from '../core/plate.ts';
import { type Instant, parseLocal, type Zone } from '../core/time.ts';

/** What a field should have held, as the message says it. */
export const EXPECTED = {
  text: { zh: '文本', en: 'text' },
  shortText: { zh: '不超过 128 个字符的文本', en: 'text of at most 128 characters' },
  plate: { zh: '车牌号', en: 'a number plate' },
  number: { zh: '数字', en: 'a number' },
  whole: { zh: '整数', en: 'a whole number' },
  minutes: { zh: '0 到 10000000 的整数（分钟）', en: 'a whole number of minutes from 0 to 10000000' },
  amount: { zh: '0 到 1000000000 的金额（分）', en: 'an amount in 分 from 0 to 1000000000' },
  time: { zh: 'yyyy-MM-dd HH:mm:ss 格式的时间', en: 'a time like yyyy-MM-dd HH:mm:ss' },
  object: { zh: '对象', en: 'an object' },
  list: { zh: '不超过 100 项的数组', en: 'a list of at most 100 entries' },
} as const satisfies Readonly<Record<string, Readonly<Record<Language, string>>>>;

export type Expected = keyof typeof EXPECTED;

/** A field that could not be read. */
export interface FieldProblem {
  readonly field: string;
  /** What it held, shortened. */
  readonly value: string;
  readonly expected: Expected;
}

export interface Fields {
  /** Present values by lower-case name. */
  readonly values: ReadonlyMap<string, unknown>;
  /** Put before a name in a problem: `deductionDetails[2].`. */
  readonly prefix: string;
  readonly problems: FieldProblem[];
}

/** Longest value repeated in a message; a caller's mistake must not become a long answer or log line. */
const MAX_SHOWN = 60;
/** Free minutes above this (19 years) are a mistake. */
export const MAX_MINUTES = 10_000_000;

/** The names that callers really send, so that the query, which is asked often, spells none of them anew. */
const SPELT = new Map(
  ['parkId', 'plateNo', 'barcode', 'freeMinutes', 'freeAmount'].flatMap((name) => [
    [name, name.toLowerCase()],
    [name.toLowerCase(), name.toLowerCase()],
  ]),
);

function keyOf(name: string): string {
  return SPELT.get(name) ?? name.trim().toLowerCase();
}

/**
 * Collects the fields of a call. Of names that differ only in case or blanks, the first that is not absent counts.
 */
export function collect(
  entries: Iterable<readonly [string, unknown]>,
  prefix = '',
  problems: FieldProblem[] = [],
): Fields {
  const values = new Map<string, unknown>();
  for (const [name, value] of entries) {
    if (value === null || value === undefined || (typeof value === 'string' && value.trim() === '')) continue;
    const key = keyOf(name);
    if (!values.has(key)) values.set(key, value);
  }
  return { values, prefix, problems };
}

/** A value as a message shows it: at most {@link MAX_SHOWN} characters; what is nested is not repeated. */
export function shorten(value: unknown): string {
  if (Array.isArray(value)) return '[…]';
  if (typeof value === 'object' && value !== null) return '{…}';
  const text = String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** Notes a problem with a field; the field then counts as absent. */
export function complain(fields: Fields, field: string, value: unknown, expected: Expected): null {
  fields.problems.push({ field: fields.prefix + field, value: shorten(value), expected });
  return null;
}

/** The raw value of a field; undefined when absent. */
export function raw(fields: Fields, field: string): unknown {
  return fields.values.get(keyOf(field));
}

/**
 * A text, without outer blanks. A number is taken as its digits, unless it is so large that JSON has already changed
 * them: an order number that lost its last digits names another order.
 */
export function readText(fields: Fields, field: string): string | null {
  const value = raw(fields, field);
  if (value === undefined) return null;
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
  return complain(fields, field, value, 'text');
}

const NUMERIC = /^[+-]?\d+(\.\d*)?(e[+-]?\d+)?$/i;

/** The number that a value is or spells; undefined for anything else, `NaN` and infinities included. */
function numeric(value: unknown): number | undefined {
  const number = typeof value === 'string' && NUMERIC.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Any finite number. */
export function readNumber(fields: Fields, field: string): number | null {
  const value = raw(fields, field);
  if (value === undefined) return null;
  return numeric(value) ?? complain(fields, field, value, 'number');
}

/** A whole number, of either sign; `30.0` and `"30"` are. */
export function readWhole(fields: Fields, field: string): number | null {
  const value = raw(fields, field);
  if (value === undefined) return null;
  const read = numeric(value);
  return Number.isSafeInteger(read) ? Number(read) + 0 : complain(fields, field, value, 'whole');
}

/** Whole minutes, 0 to {@link MAX_MINUTES}. */
export function readMinutes(fields: Fields, field: string): number | null {
  const value = raw(fields, field);
  if (value === undefined) return null;
  const read = numeric(value);
  if (read === undefined || !Number.isInteger(read) || read < 0 || read > MAX_MINUTES) {
    return complain(fields, field, value, 'minutes');
  }
  return read + 0;
}

/** An amount in 分, 0 to `MAX_FEN`. A fraction of a 分 is rounded half up, and `rounded` tells so. */
export function readAmount(fields: Fields, field: string): { readonly fen: Fen; readonly rounded: boolean } | null {
  const value = raw(fields, field);
  if (value === undefined) return null;
  const read = numeric(value);
  if (read === undefined || read < 0 || read > MAX_FEN) return complain(fields, field, value, 'amount');
  // `+ 0` turns the -0 that "-0" spells into 0.
  return { fen: (Math.round(read) + 0) as Fen, rounded: !Number.isInteger(read) };
}

/** A local time of the park. */
export function readTime(fields: Fields, field: string, zone: Zone): Instant | null {
  const value = raw(fields, field);
  if (value === undefined) return null;
  const read = typeof value === 'string' ? parseLocal(value, zone) : undefined;
  return read ?? complain(fields, field, value, 'time');
}

/** A plate in its one spelling. A text that says that there is none (`无牌`) counts as absent. */
export function readPlate(fields: Fields, field: string): Plate | null {
  const written = readText(fields, field);
  if (written === null) return null;
  const read = normalisePlate(written);
  if (read !== undefined) return read;
  return written.length > MAX_PLATE_LENGTH ? complain(fields, field, written, 'plate') : null;
}
