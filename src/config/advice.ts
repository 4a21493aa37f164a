/** Turns what the schema finds wrong into sentences: what stands there, and what to write instead. */
import type { z } from 'zod';
import { nearest, type Path, type Problem, show, suggest } from './errors.ts';
import { alternatives, fitting, note, propertiesOf, type Shape, shapesAt } from './shape.ts';
import { type Source, valueAt } from './source.ts';

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
  const intro = 'The settings here are';
  return { path, at: 'key', message: 'is not a setting', fix: suggest(key, known, intro), value: show(key) };
}

function badKey(path: Path): Problem {
  const name = show(path.at(-1));
  const fix = 'Use letters, digits, "-", "_" and ".", 64 at most, for example standard.';
  return { path, at: 'key', message: `${name} is not allowed as a name`, fix, value: name };
}

function badValue(
  issue: z.core.$ZodIssue,
  path: Path,
  shapes: readonly Shape[],
  source: Source,
  required: boolean,
): Problem {
  if (path.length === 0) {
    return { path, at: 'value', message: 'the file has no settings', fix: 'Start from docs/example.yaml.' };
  }
  const found = source.find(path);
  const instead = advice(shapes);
  if (found === undefined || found.value === undefined) {
    return { path, at: 'key', message: 'is missing', fix: `Add "${String(path.at(-1) ?? '')}:". ${instead}` };
  }
  if (found.value === null && issue.code !== 'custom') {
    return { path, at: 'value', message: 'is empty', fix: required ? instead : `${instead} Or remove the key.` };
  }
  if (shapes.some((shape) => shape['secret'] === true)) {
    const { message, fix } = custom(issue);
    return { path, at: 'value', message: message ?? 'is not allowed', fix: fix ?? instead };
  }
  const value = show(found.value, found.text);
  if (wantsQuotes(shapes, found.value, found.text)) {
    const fix = `Write it in quotes: "${found.text}".`;
    return { path, at: 'value', message: `${value} is a ${typeof found.value}, not a text`, fix, value };
  }
  const { message, fix } = custom(issue);
  return { path, at: 'value', message: message ?? `${value} is not allowed`, fix: fix ?? instead, value };
}

/** The message and fix that a check of the schema's own has brought along, if it has. */
function custom(issue: z.core.$ZodIssue): { readonly message?: string; readonly fix?: string } {
  if (issue.code !== 'custom' || typeof issue.params?.['fix'] !== 'string') return {};
  return { message: issue.message, fix: issue.params['fix'] };
}

/** Whether a number or truth value stands where its very letters, as a text, would do. */
function wantsQuotes(shapes: readonly Shape[], value: unknown, text: string | undefined): boolean {
  if (text === undefined || !['number', 'boolean'].includes(typeof value)) return false;
  return shapes.some(
    (shape) =>
      shape.type === 'string' &&
      shape.enum === undefined &&
      (shape.pattern === undefined ? note(shape, 'wanted') === undefined : new RegExp(shape.pattern, 'u').test(text)),
  );
}

/** What to write where one of the shapes is wanted: one sentence. */
function advice(shapes: readonly Shape[]): string {
  const wanted = shapes.map((shape) => note(shape, 'wanted')).find((text) => text !== undefined);
  if (wanted !== undefined) return `Write ${wanted}.`;
  const fixed = shapes
    .flatMap(alternatives)
    .flatMap((shape) => shape.enum ?? (shape.const === undefined ? [] : [shape.const]));
  if (fixed.length > 0) return `Write one of: ${[...new Set(fixed)].join(', ')}.`;
  const shape = shapes[0];
  switch (shape?.type) {
    case 'integer':
      return `Write a whole number${range(shape)}.`;
    case 'number':
      return `Write a number${range(shape)}.`;
    case 'boolean':
      return 'Write true or false.';
    case 'string':
      return shape.pattern === undefined ? 'Write a text.' : `Write a text of the form ${shape.pattern}.`;
    case 'array':
      return 'Write a list: [a, b], or one line for each item that begins with "- ".';
    case 'object': {
      const names = [...propertiesOf(shape).keys()];
      const which = names.length === 0 ? 'names of your own' : names.join(', ');
      return `Write its settings, indented, on the lines below it: ${which}.`;
    }
    default:
      return 'See docs/CONFIG.md for what belongs here.';
  }
}

/** The bounds in words. The largest safe integer is what an unbounded one has for a bound. */
function range({ minimum, maximum }: Shape): string {
  const low = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const high = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (low !== undefined && high !== undefined) return ` from ${low} to ${high}`;
  if (low !== undefined) return ` of ${low} or more`;
  return high === undefined ? '' : ` of ${high} or less`;
}

/**
 * One mistake, one error: a misspelt key is not also reported as missing under its right name, nor one thing said twice
 * about one place.
 */
export function withoutEchoes(problems: readonly Problem[]): readonly Problem[] {
  const misspelt = new Set<string>();
  for (const { path, message } of problems) {
    if (message !== 'is not a setting') continue;
    const siblings = problems.filter((other) => other.message === 'is missing' && isSibling(other.path, path));
    const meant = nearest(
      String(path.at(-1)),
      siblings.map((other) => String(other.path.at(-1))),
    );
    if (meant !== undefined) misspelt.add(JSON.stringify([...path.slice(0, -1), meant]));
  }
  const seen = new Set<string>();
  return problems.filter(({ path, message }) => {
    const sentence = JSON.stringify([path, message]);
    if (seen.has(sentence) || (message === 'is missing' && misspelt.has(JSON.stringify(path)))) return false;
    seen.add(sentence);
    return true;
  });
}

function isSibling(a: Path, b: Path): boolean {
  return JSON.stringify(a.slice(0, -1)) === JSON.stringify(b.slice(0, -1));
}
