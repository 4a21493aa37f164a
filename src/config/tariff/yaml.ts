/** Reads YAML, so that whatever is written, its mistakes come back with their places. */
import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import type { Sentence } from '../../core/errors.ts';
import { fill } from '../../core/sentence.ts';
import { yamlSentence } from '../yaml-words.ts';
import { type Problem, type Reporter, reporterOf } from './problems.ts';

/** One document of a file. */
export interface YamlPart {
  readonly value: unknown;
  readonly reporter: Reporter;
}

export interface YamlFile {
  /** The documents that could be read. */
  readonly parts: readonly YamlPart[];
  /** What is wrong with the others. */
  readonly problems: readonly Problem[];
}

const FIX: Sentence = {
  zh: '请改正这一行；含 ": " 或 "#" 的值要加引号',
  en: 'correct the line; values with ": " or "#" need quotes',
};
const UNREADABLE: Sentence = { zh: '不是可读的 YAML：{reason}', en: 'is not readable YAML: {reason}' };

/** The value of a document. Names that refer to nothing are found only here. */
function plainOf(document: Document): { readonly value: unknown } | { readonly failure: string } {
  try {
    const value: unknown = document.toJS();
    return { value };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

/** Reads the documents of a file. Never throws. In the failsafe schema every value is text: see `loadSheet`. */
export function readYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const options = { lineCounter: lines, schema: 'failsafe', prettyErrors: false, logLevel: 'error' } as const;
  const parsed = parseAllDocuments(text, options);
  const parts: YamlPart[] = [];
  const problems: Problem[] = [];
  const unreadable = (offset: number, reason: Sentence): void => {
    const { line, col } = lines.linePos(offset);
    const message = fill(UNREADABLE, { reason });
    problems.push({
      severity: 'error',
      file,
      line: Math.max(1, line),
      column: col,
      key: '',
      value: '',
      message,
      fix: FIX,
    });
  };
  for (const document of Array.isArray(parsed) ? parsed : []) {
    for (const { code, message, pos } of document.errors) unreadable(pos[0], yamlSentence(code, firstLine(message)));
    if (document.errors.length > 0) continue;
    const result = plainOf(document);
    if ('failure' in result) unreadable(document.range[0], yamlSentence('BAD_ALIAS', firstLine(result.failure)));
    else parts.push({ value: result.value, reporter: reporterOf(file, document, lines, result.value) });
  }
  return { parts, problems };
}
