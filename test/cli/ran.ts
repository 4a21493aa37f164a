/** Runs a command of the command line in this process. */
import assert from 'node:assert/strict';
import { type Terminal, UsageError } from '../../src/cli/terminal.ts';
import type { Language } from '../../src/core/errors.ts';
import { assertNoEnglish } from '../chinese.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Of `out`, without empty ones. */
  readonly lines: readonly string[];
}

/** Formats for machines: their keys and the codes in them are one for all. */
const MACHINES = /^--(json|csv|language)/;

/**
 * Runs a command that only reads in Chinese, too, and fails where that is half English.
 * @returns what it said in English.
 */
export async function ranInBoth(
  command: (args: readonly string[], terminal: Terminal) => Promise<number>,
  args: readonly string[],
): Promise<Ran> {
  const english = await ran(command, args);
  if (args.some((arg) => MACHINES.test(arg))) return english;
  const chinese = await ran(command, args, 'zh');
  assert.equal(chinese.code, english.code);
  for (const line of `${chinese.out}\n${chinese.err}`.split('\n')) assertNoEnglish(line);
  return english;
}

/** A usage error is told as the command line tells it. */
export async function ran(
  command: (args: readonly string[], terminal: Terminal) => Promise<number>,
  args: readonly string[],
  language: Language = 'en',
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  let code: number;
  try {
    code = await command(args, { language, out: (text) => out.push(text), err: (text) => err.push(text) });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    code = 2;
    err.push(error.sentence[language]);
  }
  const shown = out.join('');
  return { code, out: shown, err: err.join(''), lines: shown.split('\n').filter((line) => line !== '') };
}
