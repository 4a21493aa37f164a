/** What a person reads in Chinese must not be half English. */
import assert from 'node:assert/strict';
import type { Said } from '../src/core/errors.ts';
import { inWords, isSentence } from '../src/core/sentence.ts';

/** What stands in quotes (cut ones too), brackets or braces is the file's or the device's own; so are addresses. */
const QUOTED = /"(?:[^"\\]|\\.)*(?:"|…)|`[^`]*`/g;
/** A command as it is typed, such as `gatepost journal repair DATA --yes`. */
const COMMAND = /gatepost(?: [a-z][a-z-]*){0,2}(?: (?:[A-Z…]+|-{1,2}[a-z][a-z-]*))*/g;
const OWN = /\{[^}]*\}|\[[^\]]*\]|\S*[/=:]\S*/g;

/** Fails for a text without Chinese, and for three English words in a row. */
export function assertChinese(text: string): void {
  assert.match(text, /\p{Script=Han}/u, `no Chinese: ${text}`);
  assertNoEnglish(text);
}

/** Fails for three English words in a row. */
export function assertNoEnglish(text: string): void {
  assert.doesNotMatch(
    text.replaceAll(QUOTED, '"').replaceAll(COMMAND, '"').replaceAll(OWN, '"'),
    /[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}/,
    `English left: ${text}`,
  );
}

/** What fills a fault or a line, in English; whatever a test has it say, it is said in Chinese as well. */
export function inEnglish(said: Said): string {
  if (isSentence(said)) assertNoEnglish(said.zh);
  return inWords(said, 'en');
}
