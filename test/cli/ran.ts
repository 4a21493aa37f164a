/** Runs a command of the command line in this process. */
import { type Terminal, UsageError } from '../../src/cli/terminal.ts';
import type { Language } from '../../src/core/errors.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Of `out`, without empty ones. */
  readonly lines: readonly string[];
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
