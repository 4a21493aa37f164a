/** Turns what the schema finds wrong into sentences: what stands there, and what to write instead. */
import type { z } from 'zod';
import type { Sentence } from '../core/errors.ts';
import { fill, isSentence } from '../core/sentence.ts';
import { MISSING, NO_SETTING, nearest, type Path, type Problem, quoted, show, suggest } from './errors.ts';
import { alternatives, fitting, propertiesOf, type Shape, shapesAt, wantedOf } from './shape.ts';
import { type Source, valueAt } from './source.ts';

const SETTINGS_HERE: Sentence = { zh: '这里的配置项有', en: 'The settings here are' };
const BAD_NAME: Sentence = { zh: '{name} 不能作名称', en: '{name} is not allowed as a name' };
const NAME_FORM: Sentence = {
  zh: '请用字母、数字、"-"、"_" 和 "."，最多 64 个，例如 standard。',
  en: 'Use letters, digits, "-", "_" and ".", 64 at most, for example standard.',
};
const NO_SETTINGS: Sentence = { zh: '文件中没有配置', en: 'the file has no settings' };
const START: Sentence = { zh: '请从 docs/example.yaml 改起。', en: 'Start from docs/example.yaml.' };
const ADD: Sentence = { zh: '请加上 "{key}:"。{instead}', en: 'Add "{key}:". {instead}' };
const EMPTY: Sentence = { zh: '是空的', en: 'is empty' };
const OR_REMOVE: Sentence = { zh: '{instead}或删去此项。', en: '{instead} Or remove the key.' };
const NOT_ALLOWED: Sentence = { zh: '不允许这样写', en: 'is not allowed' };
const VALUE_NOT_ALLOWED: Sentence = { zh: '不能是 {value}', en: '{value} is not allowed' };
const QUOTE: Sentence = { zh: '请加引号："{text}"。', en: 'Write it in quotes: "{text}".' };
const IS_NUMBER: Sentence = { zh: '{value} 是数字，不是文本', en: '{value} is a number, not a text' };
const IS_BOOLEAN: Sentence = { zh: '{value} 是真假值，不是文本', en: '{value} is a boolean, not a text' };
const WRITE: Sentence = { zh: '请写：{wanted}。', en: 'Write {wanted}.' };
const ONE_OF: Sentence = { zh: '请写其中之一：{names}。', en: 'Write one of: {names}.' };
const WHOLE: Sentence = { zh: '请写整数{range}。', en: 'Write a whole number{range}.' };
const NUMBER: Sentence = { zh: '请写数字{range}。', en: 'Write a number{range}.' };
const TRUE_FALSE: Sentence = { zh: '请写 true 或 false。', en: 'Write true or false.' };
const TEXT: Sentence = { zh: '请写文本。', en: 'Write a text.' };
const FORM: Sentence = { zh: '请写符合 {form} 的文本。', en: 'Write a text of the form {form}.' };
const LIST_FORM: Sentence = {
  zh: '请写列表：[a, b]，或每项一行，以 "- " 开头。',
  en: 'Write a list: [a, b], or one line for each item that begins with "- ".',
};
const INDENTED: Sentence = {
  zh: '请在下面各行缩进写出其配置项：{which}。',
  en: 'Write its settings, indented, on the lines below it: {which}.',
};
const OWN_NAMES: Sentence = { zh: '名称自定', en: 'names of your own' };
const SEE: Sentence = { zh: '这里应写什么，见 docs/CONFIG.md。', en: 'See docs/CONFIG.md for what belongs here.' };

/**
 * The problems that the schema found.
 * @param base the path of what the schema was asked about; the issues' own paths begin there.
 */
export function schemaProblems(
  issues: readonly z.core.$ZodIssue[],
  shape: Shape,
  source: Source,
  base: Path,
): readonly Problem[] {
  const root = valueAt(source.value, base);
  return issues.flatMap((issue): readonly Problem[] => {
    const own = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    const path = [...base, ...own];
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => unknownKey([...path, key], key, shapesAt(shape, own, root), valueAt(root, own)));
      case 'invalid_key':
        return [badKey(path)];
      default:
        return [badValue(issue, path, shapesAt(shape, own, root), source, isRequired(shape, own, root))];
    }
  });
}

function isRequired(shape: Shape, own: Path, root: unknown): boolean {
  const name = String(own.at(-1));
  const parents = shapesAt(shape, own.slice(0, -1), root).flatMap(alternatives);
  return parents.some((parent) => parent.required?.includes(name) ?? false);
}

function unknownKey(path: Path, key: string, shapes: readonly Shape[], value: unknown): Problem {
  const known = fitting(shapes, value).flatMap((shape) => [...propertiesOf(shape).keys()]);
  return { path, at: 'key', message: NO_SETTING, fix: suggest(key, known, SETTINGS_HERE), value: show(key) };
}

function badKey(path: Path): Problem {
  const name = quoted(String(path.at(-1)));
  return { path, at: 'key', message: fill(BAD_NAME, { name }), fix: NAME_FORM, value: name };
}

function badValue(
  issue: z.core.$ZodIssue,
  path: Path,
  shapes: readonly Shape[],
  source: Source,
  required: boolean,
): Problem {
  if (path.length === 0) {
    return { path, at: 'value', message: NO_SETTINGS, fix: START };
  }
  const found = source.find(path);
  const instead = advice(shapes);
  if (found === undefined || found.value === undefined) {
    return { path, at: 'key', message: MISSING, fix: fill(ADD, { key: String(path.at(-1) ?? ''), instead }) };
  }
  if (found.value === null && issue.code !== 'custom') {
    return { path, at: 'value', message: EMPTY, fix: required ? instead : fill(OR_REMOVE, { instead }) };
  }
  if (shapes.some((shape) => shape['secret'] === true)) {
    const { message, fix } = custom(issue);
    return { path, at: 'value', message: message ?? NOT_ALLOWED, fix: fix ?? instead };
  }
  const value = show(found.value, found.text);
  if (wantsQuotes(shapes, found.value, found.text)) {
    const fix = fill(QUOTE, { text: found.text ?? '' });
    const message = fill(typeof found.value === 'number' ? IS_NUMBER : IS_BOOLEAN, { value });
    return { path, at: 'value', message, fix, value };
  }
  const { message, fix } = custom(issue);
  return { path, at: 'value', message: message ?? fill(VALUE_NOT_ALLOWED, { value }), fix: fix ?? instead, value };
}

/** The message and fix that a check of the schema's own has brought along, if it has. */
function custom(issue: z.core.$ZodIssue): { readonly message?: Sentence; readonly fix?: Sentence } {
  if (issue.code !== 'custom') return {};
  const { message, fix } = issue.params ?? {};
  return isSentence(message) && isSentence(fix) ? { message, fix } : {};
}

/** Whether a number or truth value stands where its very letters, as a text, would do. */
function wantsQuotes(shapes: readonly Shape[], value: unknown, text: string | undefined): boolean {
  if (text === undefined || !['number', 'boolean'].includes(typeof value)) return false;
  return shapes.some(
    (shape) =>
      shape.type === 'string' &&
      shape.enum === undefined &&
      (shape.pattern === undefined ? wantedOf(shape) === undefined : new RegExp(shape.pattern, 'u').test(text)),
  );
}

/** What to write where one of the shapes is wanted: one sentence. */
function advice(shapes: readonly Shape[]): Sentence {
  const wanted = shapes.map(wantedOf).find((found) => found !== undefined);
  if (wanted !== undefined) return fill(WRITE, { wanted });
  const fixed = shapes
    .flatMap(alternatives)
    .flatMap((shape) => shape.enum ?? (shape.const === undefined ? [] : [shape.const]));
  if (fixed.length > 0) return fill(ONE_OF, { names: [...new Set(fixed)].join(', ') });
  const shape = shapes[0];
  switch (shape?.type) {
    case 'integer':
      return fill(WHOLE, { range: range(shape) });
    case 'number':
      return fill(NUMBER, { range: range(shape) });
    case 'boolean':
      return TRUE_FALSE;
    case 'string':
      return shape.pattern === undefined ? TEXT : fill(FORM, { form: shape.pattern });
    case 'array':
      return LIST_FORM;
    case 'object': {
      const names = [...propertiesOf(shape).keys()];
      return fill(INDENTED, { which: names.length === 0 ? OWN_NAMES : names.join(', ') });
    }
    default:
      return SEE;
  }
}

/** The bounds in words. The largest safe integer is what an unbounded one has for a bound. */
function range({ minimum, maximum }: Shape): Sentence {
  const low = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const high = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (low !== undefined && high !== undefined) return { zh: `，${low} 到 ${high}`, en: ` from ${low} to ${high}` };
  if (low !== undefined) return { zh: `，不小于 ${low}`, en: ` of ${low} or more` };
  return high === undefined ? { zh: '', en: '' } : { zh: `，不大于 ${high}`, en: ` of ${high} or less` };
}

/**
 * One mistake, one error: a misspelt key is not also reported as missing under its right name, nor one thing said twice
 * about one place.
 */
export function withoutEchoes(problems: readonly Problem[]): readonly Problem[] {
  const misspelt = new Set<string>();
  for (const { path, message } of problems) {
    if (message !== NO_SETTING) continue;
    const siblings = problems.filter((other) => other.message === MISSING && isSibling(other.path, path));
    const meant = nearest(
      String(path.at(-1)),
      siblings.map((other) => String(other.path.at(-1))),
    );
    if (meant !== undefined) misspelt.add(JSON.stringify([...path.slice(0, -1), meant]));
  }
  const seen = new Set<string>();
  return problems.filter(({ path, message }) => {
    const sentence = JSON.stringify([path, message]);
    if (seen.has(sentence) || (message === MISSING && misspelt.has(JSON.stringify(path)))) return false;
    seen.add(sentence);
    return true;
  });
}

function isSibling(a: Path, b: Path): boolean {
  return JSON.stringify(a.slice(0, -1)) === JSON.stringify(b.slice(0, -1));
}
