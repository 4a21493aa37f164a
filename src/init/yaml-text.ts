/** Pieces of YAML, written by hand for the sake of their comments. */
import { stringify } from 'yaml';
import type { Language, Sentence } from '../core/errors.ts';

/** A value on one line, quoted where it must be: for the place after `key: `. */
export function inline(value: unknown): string {
  // Inside of a list's brackets more must be quoted than outside: what holds there holds everywhere.
  const text = stringify([value], { collectionStyle: 'flow', lineWidth: 0 });
  return text.trimEnd().slice(2, -2);
}

/** Lines, indented by so many levels. */
export function indent(levels: number, lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === '' ? line : `${'  '.repeat(levels)}${line}`));
}

/** Comment lines in the person's language. */
export function remark(language: Language, sentence: Sentence): readonly string[] {
  return sentence[language].split('\n').map((line) => `# ${line}`);
}

/** `text # remark`, in the person's language. */
export function aside(text: string, language: Language, sentence: Sentence): string {
  return `${text} # ${sentence[language]}`;
}
