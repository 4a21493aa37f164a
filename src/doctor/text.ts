/** What was found as lines for a terminal, and as JSON for whoever helps from afar. */
import type { Language, Sentence } from '../core/errors.ts';
import { printable } from '../ops/log.ts';
import { pad } from '../text-width.ts';
import type { Examined } from './examine.ts';
import type { Finding, Mark } from './finding.ts';
import { CHECK_NAMES } from './site.ts';

const SIGNS: Readonly<Record<Mark, string>> = { fine: '✓', look: '!', wrong: '✗', none: '–' };
const COLOURS: Readonly<Record<Mark, string>> = { fine: '32', look: '33', wrong: '31', none: '2' };
const WIDTH = Math.max(...CHECK_NAMES.map(({ length }) => length));

export interface Manner {
  readonly language: Language;
  readonly colour: boolean;
}

/** A line for each finding, and an indented one for what is to be done. */
export function findingLines(examined: readonly Examined[], { language, colour }: Manner): readonly string[] {
  const paint = (mark: Mark, text: string): string => (colour ? `\x1b[${COLOURS[mark]}m${text}\x1b[0m` : text);
  return examined.flatMap(({ name, findings }) =>
    findings.flatMap(({ mark, what, advice }, index) => {
      const label = pad(index === 0 ? name : '', WIDTH);
      const line = `${paint(mark, SIGNS[mark])} ${label}  ${printable(what[language])}`;
      return advice === null ? [line] : [line, `${' '.repeat(WIDTH + 4)}→ ${printable(advice[language])}`];
    }),
  );
}

export type Counts = Readonly<Record<Mark, number>>;

export function countsOf(examined: readonly Examined[]): Counts {
  const all = examined.flatMap(({ findings }) => findings);
  const count = (mark: Mark): number => all.filter((one: Finding) => one.mark === mark).length;
  return { fine: count('fine'), look: count('look'), wrong: count('wrong'), none: count('none') };
}

export function sumText({ fine, look, wrong, none }: Counts): Sentence {
  return {
    zh: `${fine} 项正常，${look} 项需要留意，${wrong} 项有问题，${none} 项不适用`,
    en: `${fine} fine, ${look} to look at, ${wrong} wrong, ${none} not applicable`,
  };
}

/** Both languages: who helps may read another one than who asks. */
export function findingsJson(examined: readonly Examined[]): readonly unknown[] {
  return examined.map(({ name, findings, ms, hung }) => ({ name, ms, hung, findings }));
}
