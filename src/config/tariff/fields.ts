/** Reads the fields of a mapping, and reports what is wrong with each. */
import type { Said, Sentence } from '../../core/errors.ts';
import { fill, joined } from '../../core/sentence.ts';
import type { Path, Reporter } from './problems.ts';

export const NOT_UNDERSTOOD: Sentence = { zh: '无法理解', en: 'cannot be understood' };
/** `form`: what to write, as an example or in words. */
export const WRITE: Sentence = { zh: '请写：{form}', en: 'write {form}' };
const UNKNOWN_KEY: Sentence = { zh: '这里没有这个键', en: 'is not a key that belongs here' };
const MEANT: Sentence = { zh: '是不是想写 "{near}"？', en: 'did you mean "{near}"?' };
const KNOWN: Sentence = { zh: '请删去；可用的键有 {known}', en: 'remove it; known keys are {known}' };
const MISSING: Sentence = { zh: '缺少此项', en: 'is missing' };
const ADD: Sentence = { zh: '请加上 "{key}: …"，{form}', en: 'add "{key}: …", {form}' };
const NEEDS_KEYS: Sentence = { zh: '下面要有自己的键', en: 'must have keys of its own' };

export type Raw = Readonly<Record<string, unknown>>;

/** A mapping to read from, which knows where each of its keys stands: a class takes most of its keys from the sheet. */
export interface View {
  readonly raw: Raw;
  pathOf(key: string): Path;
}

export function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands under a key, as it was written. */
export function rawAt(raw: Raw, key: string): unknown {
  return raw[key];
}

export function viewOf(raw: Raw, base: Path): View {
  return { raw, pathOf: (key) => [...base, key] };
}

/** Edits between two words, for "did you mean". */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Reports keys that nobody knows. */
export function checkKeys(reporter: Reporter, view: View, known: readonly string[]): void {
  for (const key of Object.keys(view.raw)) {
    if (known.includes(key)) continue;
    const near = known.toSorted((a, b) => distance(key, a) - distance(key, b))[0] ?? '';
    const fix = distance(key, near) <= 3 ? MEANT : KNOWN;
    reporter.report('error', view.pathOf(key), UNKNOWN_KEY, fill(fix, { near, known: known.join(', ') }));
  }
}

/** Reads a text with a reader; absent gives the default, wrong gives undefined and is reported. */
export function field<T>(
  reporter: Reporter,
  view: View,
  key: string,
  fallback: T,
  read: (text: string) => T | undefined,
  form: Said,
): T | undefined {
  const value = view.raw[key];
  if (value === undefined) return fallback;
  const result = typeof value === 'string' ? read(value.trim()) : undefined;
  if (result === undefined) reporter.report('error', view.pathOf(key), NOT_UNDERSTOOD, fill(WRITE, { form }));
  return result;
}

/** The same for a field that must be there. */
export function needed<T>(
  reporter: Reporter,
  view: View,
  key: string,
  read: (text: string) => T | undefined,
  form: Said,
): T | undefined {
  if (view.raw[key] === undefined) {
    const path = view.pathOf(key);
    reporter.report('error', path, MISSING, fill(ADD, { key, form }));
    return undefined;
  }
  return field<T | undefined>(reporter, view, key, undefined, read, form);
}

/** One of a few words. */
export function choice<T extends string>(
  reporter: Reporter,
  view: View,
  key: string,
  fallback: T,
  words: readonly T[],
): T | undefined {
  const form = joined(
    words.map((word) => `"${word}"`),
    { zh: ' 或 ', en: ' or ' },
  );
  return field<T>(reporter, view, key, fallback, (text) => words.find((word) => word === text), form);
}

/** A mapping under a key; undefined when it is absent or no mapping (which is reported). */
export function mapping(reporter: Reporter, view: View, key: string, form: Said): View | undefined {
  const value = view.raw[key];
  if (value === undefined) return undefined;
  const path = view.pathOf(key);
  if (isRaw(value)) return viewOf(value, path);
  reporter.report('error', path, NEEDS_KEYS, fill(WRITE, { form }));
  return undefined;
}

/** A list under a key, one entry allowed without the list; empty when absent. */
export function entries(view: View, key: string): readonly { readonly value: unknown; readonly path: Path }[] {
  const value = view.raw[key];
  if (value === undefined) return [];
  const path = view.pathOf(key);
  if (!Array.isArray(value)) return [{ value, path }];
  return value.map((entry: unknown, index) => ({ value: entry, path: [...path, index] }));
}
