/** What the checker has to say: mistakes of a person, each with its place, what was found, and the way out. */

/** The way to a setting: names of keys and indexes of list items. */
export type Path = readonly (string | number)[];

/** A mistake before it has a place in the text. */
export interface Problem {
  readonly path: Path;
  /** Whether the key or the value is marked. What is not in the file is marked at the nearest key above it. */
  readonly at: 'key' | 'value';
  /** Reads on from the path: `"inward" is not allowed`. No full stop. */
  readonly message: string;
  /** One or more sentences: what to write instead. */
  readonly fix: string;
  /** What was found, as a person reads it. Never a secret. */
  readonly value?: string;
}

export interface ConfigError {
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** `parks[0].lanes[1].direction`; empty when the text is not readable as YAML there. */
  readonly path: string;
  readonly message: string;
  readonly value?: string;
  readonly fix: string;
}

const LONGEST_SHOWN = 60;

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
export function show(value: unknown, text?: string): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a group of settings';
  if (typeof value !== 'string') return shorten(text ?? String(value));
  return shorten(JSON.stringify(value.replace(/:\/\/.*@/s, '://***@')));
}

function shorten(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}

/** The names that exist, and the one that was probably meant: `Did you mean "cam-in"? There are: cam-in, cam-out.` */
export function suggest(wrong: string, known: readonly string[], intro: string): string {
  if (known.length === 0) return `${intro}: none.`;
  const meant = nearest(wrong, known);
  const list = `${intro}: ${known.join(', ')}.`;
  return meant === undefined ? list : `Did you mean "${meant}"? ${list}`;
}

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

function lineOf({ file, line, column, path, message, fix }: ConfigError): string {
  const place = `${file}:${line}:${column}`;
  return `${path === '' ? place : `${place} ${path}`}: ${message}. ${fix}`;
}

/** The errors as a person reads them, one line each, and their number in the last line. */
export function formatErrors(errors: readonly ConfigError[]): string {
  const files = [...new Set(errors.map(({ file }) => file))].join(', ');
  const count = errors.length === 1 ? '1 error' : `${errors.length} errors`;
  return [...errors.map(lineOf), errors.length === 0 ? 'No errors.' : `${count} in ${files}.`].join('\n');
}

/** What can be used all the same, one line each. */
export function formatWarnings(warnings: readonly ConfigError[]): string {
  return warnings.map((warning) => `warning: ${lineOf(warning)}`).join('\n');
}
