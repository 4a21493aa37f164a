/** What a run of the gate said last, kept where the record of why it ended finds it: the journal is not for its user to read. */
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Terminal } from './terminal.ts';

const FILE = 'last-words';
/** In characters; the beginning says what is wrong. */
const LONGEST = 8_000;

/** The unit's folders come as lists, parted by colons; ours has one. */
export function serviceFolder(value: string | undefined): string | undefined {
  return value?.split(':')[0] || undefined;
}

/**
 * Keeps whatever goes to the terminal as an error from now on, and what an uncaught exception says, in the folder as well.
 * Without a folder the terminal is as before. What cannot be kept is lost in silence: it stands in the journal all the same.
 */
export function keepLastWords(terminal: Terminal, folder: string | undefined): Terminal {
  if (folder === undefined) return terminal;
  const file = join(folder, FILE);
  const keep = (text: string): void => {
    try {
      appendFileSync(file, text.slice(0, LONGEST));
    } catch {
      return;
    }
  };
  takeLastWords(folder);
  process.on('uncaughtExceptionMonitor', (error) => keep(`${error.stack ?? error.message}\n`));
  return {
    ...terminal,
    err(text) {
      terminal.err(text);
      keep(text);
    },
  };
}

/** Reads them and removes them, so that they are not taken for another run's; empty when there are none. */
export function takeLastWords(folder: string | undefined): string {
  if (folder === undefined) return '';
  const file = join(folder, FILE);
  try {
    const text = readFileSync(file, 'utf8').slice(0, LONGEST).trim();
    rmSync(file);
    return text;
  } catch {
    return '';
  }
}
