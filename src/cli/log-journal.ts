/** The log in systemd's journal, for a gate that writes no files: read through `journalctl`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Zone } from '../core/time.ts';
import { type JournalEntry, readJournalEntry } from './log-line.ts';

const UNIT = 'gatepost';

export interface JournalQuestion {
  /** Only so many, the last; null: all. */
  readonly last: number | null;
  /** Only what comes after it. */
  readonly after: string | null;
  readonly follow: boolean;
}

/** Why there is nothing: the program is missing, or it said this. */
export type JournalFailure = 'missing' | { readonly reason: string };

/** Hands over the unit's records until there are no more, or `ended` is aborted. @returns null when all went well. */
export async function readJournal(
  { last, after, follow }: JournalQuestion,
  { zone, ended }: { readonly zone: Zone; readonly ended: AbortSignal },
  take: (entry: JournalEntry) => void,
): Promise<JournalFailure | null> {
  const args = ['--unit', UNIT, '--output', 'json', '--no-pager', '--quiet'];
  if (last !== null) args.push('--lines', String(last));
  else if (follow) args.push('--lines', 'all');
  if (after !== null) args.push('--after-cursor', after);
  if (follow) args.push('--follow');
  const child: ChildProcess = spawn('journalctl', args, { stdio: ['ignore', 'pipe', 'pipe'], signal: ended });
  const failed = once(child, 'close').then(
    () => null,
    (error: NodeJS.ErrnoException) => error,
  );
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-1_000);
  });
  if (child.stdout) {
    for await (const text of createInterface({ input: child.stdout })) {
      const entry = readJournalEntry(text, zone);
      if (entry) take(entry);
    }
  }
  const error = await failed;
  if (ended.aborted) return null;
  if (error?.code === 'ENOENT') return 'missing';
  if (error) return { reason: error.message };
  return child.exitCode === 0 || said === '' ? null : { reason: said.trim() };
}
