/** What the checker has to say: mistakes of a person, each with its place, what was found, and the way out. */

import type { Language, Said, Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';

/** The way to a setting: names of keys and indexes of list items. */
export type Path = readonly (string | number)[];

/** A mistake before it has a place in the text. */
export interface Problem {
  readonly path: Path;
  /** Whether the key or the value is marked. What is not in the file is marked at the nearest key above it. */
  readonly at: 'key' | 'value';
  /** Reads on from the path: `"inward" is not allowed`. No full stop. */
  readonly message: Sentence;
  /** One or more sentences: what to write instead. */
  readonly fix: Sentence;
  /** What was found, as a person reads it. Never a secret. */
  readonly value?: Said;
}

export interface ConfigError {
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** `parks[0].lanes[1].direction`; empty when the text is not readable as YAML there. */
  readonly path: string;
  readonly message: Sentence;
  readonly value?: Said;
  readonly fix: Sentence;
}

const LONGEST_SHOWN = 60;

/** What is said of many keys, and known again: one mistake is one error. */
export const MISSING: Sentence = { zh: '缺少此项', en: 'is missing' };
export const NO_SETTING: Sentence = { zh: '没有这个配置项', en: 'is not a setting' };

const LIST: Sentence = { zh: '列表', en: 'a list' };
const GROUP: Sentence = { zh: '一组配置', en: 'a group of settings' };

/** A path as the checker and the reference write it: `parks[0].lanes[1].direction`. */
export function pathText(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w-]+$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${shorten(JSON.stringify(part))}]`;
  }
  return text;
}

/**
 * A value in one short line: without line breaks, and without the login of a URL. Never hand it a secret.
 * @param text how the file writes it, when that says more: 007.
 */
export function show(value: unknown, text?: string): Said {
  if (Array.isArray(value)) return LIST;
  if (typeof value === 'object' && value !== null) return GROUP;
  return typeof value === 'string' ? quoted(value) : shorten(text ?? String(value));
}

/** A text in one short line, as {@link show} writes it. */
export function quoted(text: string): string {
  return shorten(JSON.stringify(text.replace(/:\/\/.*@/s, '://***@')));
}

function shorten(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}

/**
 * The names that exist, and the one that was probably meant: `Did you mean "cam-in"? The devices are: cam-in, cam-out.`
 * @param intro `The devices are`.
 */
export function suggest(wrong: string, known: readonly string[], intro: Sentence): Sentence {
  const meant = nearest(wrong, known);
  const names: Said = known.length === 0 ? { zh: '无', en: 'none' } : known.join(', ');
  return fill(meant === undefined ? KNOWN : MEANT, { intro, names, meant: meant ?? '' });
}

const KNOWN: Sentence = { zh: '{intro}：{names}。', en: '{intro}: {names}.' };
const MEANT: Sentence = {
  zh: '是不是想写 "{meant}"？{intro}：{names}。',
  en: 'Did you mean "{meant}"? {intro}: {names}.',
};

/** The known name that `wrong` is a slip of: a third of its letters at most differ. */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  if (wrong.length > LONGEST_SHOWN) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wrong.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** Letters to insert, delete, replace, or swap with the next one, to get from `a` to `b`. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        swap ? (before[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** `site.yaml:4:7 parks[0].zone: "Asia/Shangai" is not allowed. Write …`: the place is the same in both languages. */
export function lineOf({ file, line, column, path, message, fix }: ConfigError): Sentence {
  const place = `${file}:${line}:${column}`;
  const where = path === '' ? place : `${place} ${path}`;
  return { zh: `${where}: ${message.zh}。${fix.zh}`, en: `${where}: ${message.en}. ${fix.en}` };
}

const NONE: Sentence = { zh: '没有错误。', en: 'No errors.' };
const ONE: Sentence = { zh: '{files} 中有 1 处错误。', en: '1 error in {files}.' };
const SEVERAL: Sentence = { zh: '{files} 中有 {n} 处错误。', en: '{n} errors in {files}.' };
const WARNING: Sentence = { zh: '警告：{line}', en: 'warning: {line}' };

/** The errors as a person reads them, one line each, and their number in the last line. */
export function formatErrors(errors: readonly ConfigError[], language: Language): string {
  const files = [...new Set(errors.map(({ file }) => file))].join(', ');
  const count = errors.length === 0 ? NONE : errors.length === 1 ? ONE : SEVERAL;
  const last = fill(count, { files, n: String(errors.length) });
  return [...errors.map(lineOf), last].map((line) => line[language]).join('\n');
}

/** What can be used all the same, one line each. */
export function formatWarnings(warnings: readonly ConfigError[], language: Language): string {
  return warnings.map((warning) => fill(WARNING, { line: lineOf(warning) })[language]).join('\n');
}
