/** Mistakes in a sheet, with the place where they stand. Everything wrong is gathered, so that one look shows it all. */
import { type Document, isMap, isNode, isPair, isScalar, type LineCounter } from 'yaml';

import type { Language, Sentence } from '../../core/errors.ts';

/** Keys and indexes that lead to a value. */
export type Path = readonly (string | number)[];

/** `error`: the sheet cannot be used. `warning`: it can, but somebody should look. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The key, as a path; lists count from 0: `bands[1].price`. */
  readonly key: string;
  readonly value: string;
  readonly message: Sentence;
  /** What to do about it. */
  readonly fix: Sentence;
}

/** Takes problems of one YAML document. */
export interface Reporter {
  readonly problems: Problem[];
  report(severity: Problem['severity'], path: Path, message: Sentence, fix: Sentence): void;
}

export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** The offset of the deepest part of a path that is there: the key where the value is a mapping's, else the value. */
function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === part);
      if (!pair) break;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else {
      const item: unknown =
        isNode(node) && 'items' in node && Array.isArray(node.items) ? node.items[Number(part)] : undefined;
      if (!isNode(item)) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    }
  }
  return offset;
}

/** A single value as it was written; lists and mappings are told by their key and line. */
function valueText(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value.length > 60 ? `${value.slice(0, 57)}…` : value;
}

/**
 * Makes a reporter for a document. A mistake that two classes share is reported once.
 * @param plain the document's value.
 */
export function reporterOf(file: string, document: Document, lines: LineCounter, plain: unknown): Reporter {
  const problems: Problem[] = [];
  const valueAt = (path: Path): unknown =>
    path.reduce<unknown>((value, part) => {
      const entry: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined;
      return entry;
    }, plain);
  return {
    problems,
    report(severity, path, message, fix) {
      const { line, col } = lines.linePos(offsetOf(document, path));
      const key = pathText(path);
      const twin = problems.some(
        (other) => other.line === line && other.key === key && other.message.en === message.en,
      );
      if (twin) return;
      // An empty file has no first line of its own.
      problems.push({
        severity,
        file,
        line: Math.max(1, line),
        column: col,
        key,
        value: valueText(valueAt(path)),
        message,
        fix,
      });
    },
  };
}

const SEVERITIES = {
  error: { zh: '错误', en: 'error' },
  warning: { zh: '警告', en: 'warning' },
} as const satisfies Readonly<Record<Problem['severity'], Sentence>>;

/** A problem as one line for a terminal: `mall.yaml:4:1 error free: "soon" …. Fix: write …`. */
export function problemText(problem: Problem, language: Language): string {
  const { file, line, column, severity, key, value, message, fix } = problem;
  const shown = value === '' ? '' : ` "${value}"`;
  const where = key === '' ? '' : ` ${key}:`;
  const place = `${file}:${line}:${column} ${SEVERITIES[severity][language]}${where}${shown}`;
  const { zh, en } = { zh: `${message.zh}。改法：${fix.zh}`, en: `${message.en}. Fix: ${fix.en}` };
  return `${place} ${language === 'zh' ? zh : en}`;
}
