/** Reads YAML, so that whatever is written, its mistakes come back with their places. */
import { type Document, LineCounter, parseAllDocuments } from 'yaml';
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

const FIX = 'correct the line; values with ": " or "#" need quotes';

/** The value of a document. Names that refer to nothing are found only here. */
function plainOf(document: Document): { readonly value: unknown } | { readonly failure: string } {
  try {
    const value: unknown = document.toJS();
    return { value };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** Reads the documents of a file. Never throws. In the failsafe schema every value is text: see `loadSheet`. */
export function readYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const options = { lineCounter: lines, schema: 'failsafe', prettyErrors: false, logLevel: 'error' } as const;
  const parsed = parseAllDocuments(text, options);
  const parts: YamlPart[] = [];
  const problems: Problem[] = [];
  const unreadable = (offset: number, reason: string): void => {
    const { line, col } = lines.linePos(offset);
    const message = `is not readable YAML: ${reason.split('\n')[0] ?? ''}`;
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
    for (const error of document.errors) unreadable(error.pos[0], error.message);
    if (document.errors.length > 0) continue;
    const result = plainOf(document);
    if ('failure' in result) unreadable(document.range[0], result.failure);
    else parts.push({ value: result.value, reporter: reporterOf(file, document, lines, result.value) });
  }
  return { parts, problems };
}
