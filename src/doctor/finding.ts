/** What a check comes to: a line for a person, and for what is not well what to do about it. */
import type { Sentence } from '../core/errors.ts';

/** `none`: it does not apply here, or cannot be seen. */
export type Mark = 'fine' | 'look' | 'wrong' | 'none';

export interface Finding {
  readonly mark: Mark;
  /** What was found, with figures. */
  readonly what: Sentence;
  /** What to do; of `look` and `wrong` always there. */
  readonly advice: Sentence | null;
}

export const fine = (what: Sentence): Finding => ({ mark: 'fine', what, advice: null });

export const none = (what: Sentence): Finding => ({ mark: 'none', what, advice: null });

export const look = (what: Sentence, advice: Sentence): Finding => ({ mark: 'look', what, advice });

export const wrong = (what: Sentence, advice: Sentence): Finding => ({ mark: 'wrong', what, advice });

/** A text that is the same in both languages: a command, an address, what another program said. */
export const same = (text: string): Sentence => ({ zh: text, en: text });

/** `1.4 GB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, bytes < 1_000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power] ?? ''}`;
}
