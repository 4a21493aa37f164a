/** What is said to a person, in both languages. */

export type Language = 'zh' | 'en';

/** The same in Chinese and in English; `say` of the command line picks one. */
export interface Sentence {
  readonly zh: string;
  readonly en: string;
}

/** What fills a sentence: a name, a figure or a code, the same in every language, or words. */
export type Said = string | Sentence;

/** What is said, in one language. */
export function inWords(said: Said, language: Language): string {
  return typeof said === 'string' ? said : said[language];
}

/** The sentence with its `{placeholders}` filled in; one that has no value leaves nothing behind. */
export function fill({ zh, en }: Sentence, values: Readonly<Record<string, Said>>): Sentence {
  const filled = (template: string, language: Language): string =>
    template.replaceAll(/\{(\w+)\}/g, (_, name: string) => inWords(values[name] ?? '', language));
  return { zh: filled(zh, 'zh'), en: filled(en, 'en') };
}

/** One after the other, divided by `between`. */
export function joined(parts: readonly Said[], between: Said): Sentence {
  const list = (language: Language): string =>
    parts.map((part) => inWords(part, language)).join(inWords(between, language));
  return { zh: list('zh'), en: list('en') };
}

/** A plain value, as a log's line has it. */
export type Plain = string | number | boolean | null;

/** Fields in which words may stand in both languages, in one. */
export function fieldsIn(
  fields: Readonly<Record<string, Plain | Sentence>>,
  language: Language,
): Readonly<Record<string, Plain>> {
  const said = (value: Plain | Sentence): Plain => (isSentence(value) ? value[language] : value);
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, said(value)]));
}

/** An error for a person, in both languages; its `message` is the English one. */
export class SaidError extends Error {
  readonly said: Said;

  constructor(said: Said, options?: ErrorOptions) {
    super(inWords(said, 'en'), options);
    this.said = said;
  }
}

/** What an error says to a person. */
export function saidBy(error: unknown): Said {
  if (error instanceof SaidError) return error.said;
  return error instanceof Error ? error.message : String(error);
}

/** Whether something is a sentence in both languages. */
export function isSentence(found: unknown): found is Sentence {
  return typeof found === 'object' && found !== null && 'zh' in found && 'en' in found;
}
