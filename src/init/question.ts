/** Questions as data, and an interview as a generator of them: it is given each reply as text, and ends with its result. */
import type { z } from 'zod';
import type { Sentence } from '../core/errors.ts';

export type Reading<T> = { readonly value: T } | { readonly problem: Sentence };

export interface Choice {
  readonly name: string;
  readonly label: Sentence;
}

export interface Question<T> {
  /** Its own within the interview; where the answer goes: `lanes[0].camera.sn`. */
  readonly key: string;
  /** The heading that it stands under. */
  readonly part: Sentence;
  readonly text: Sentence;
  /** What `?` shows. */
  readonly help: Sentence;
  /** What an empty reply means; without one an empty reply is read like any other. */
  readonly fallback?: string;
  /** The reply is not shown while it is typed, nor ever after. */
  readonly secret?: true;
  /** Shown as a numbered list; a reply is a number of it, or what `read` takes. */
  readonly choices?: readonly Choice[];
  /** Judges a reply. It gives the same each time, so that it can be asked again. */
  read(text: string): Reading<T>;
}

/** An interview, or a piece of one. It depends on nothing but the replies, so that it can be run again with some changed. */
export type Interview<T> = Generator<Question<unknown>, T, string>;

/** Asks one question. Whoever runs the interview hands in replies that the question's `read` takes. */
export function* ask<T>(question: Question<T>): Interview<T> {
  const reading = question.read(yield question);
  if ('problem' in reading) throw new Error(`a reply to ${question.key} was handed on that it does not take`);
  return reading.value;
}

/** Reads a text that a schema takes as it is. @param form what is wanted, as a whole sentence. */
export function fitting(schema: z.ZodType, form: Sentence): (text: string) => Reading<string> {
  return (text) => (schema.safeParse(text).success ? { value: text } : { problem: form });
}

/** Reads a whole number that a schema takes. */
export function number(schema: z.ZodType, form: Sentence): (text: string) => Reading<number> {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return schema.safeParse(value).success ? { value } : { problem: form };
  };
}

/** The same, but an empty reply, `-`, `no` or 无 says that there is none. */
export function optional<T>(read: (text: string) => Reading<T>): (text: string) => Reading<T | undefined> {
  return (text) => (isNone(text) ? { value: undefined } : read(text));
}

function isNone(text: string): boolean {
  return ['', '-', 'no', 'none', '无', '没有', '否'].includes(text);
}

/** Yes or no. */
export function truth(text: string): Reading<boolean> {
  if (['y', 'yes', '是', '好', '1'].includes(text.toLowerCase())) return { value: true };
  if (isNone(text) || ['n', '0', '不'].includes(text.toLowerCase())) return { value: false };
  return { problem: { zh: '请写 y（是）或 n（否）。', en: 'Write y or n.' } };
}

/** A choice of a list by its name. */
export function named<N extends string>(names: readonly N[]): (text: string) => Reading<N> {
  return (text) => {
    const found = names.find((name) => name === text);
    if (found !== undefined) return { value: found };
    return { problem: { zh: '请写列表中的一个编号。', en: 'Write one of the numbers in the list.' } };
  };
}

/** Refuses what was said before of something else: two lanes of one name. */
export function unlike<T>(
  taken: readonly T[],
  read: (text: string) => Reading<T>,
  form: Sentence,
): (text: string) => Reading<T> {
  return (text) => {
    const reading = read(text);
    return 'value' in reading && taken.includes(reading.value) ? { problem: form } : reading;
  };
}
