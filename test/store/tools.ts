import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ParkId, VisitId } from '../../src/core/ids.ts';
import type { JournalRecord, ParkEvent } from '../../src/core/park/events.ts';
import { type Instant, instant } from '../../src/core/time.ts';
import type { Faults, Log, LogFields } from '../../src/gateway/ports.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { inEnglish } from '../chinese.ts';

export const FIRST_SEGMENT = '000000000001.jsonl';

/** A folder on the real disk, removed after the test. */
export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatepost-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function time(seq: number): Instant {
  return instant(1_700_000_000_000 + seq);
}

/** A record that holds one short text, for tests that do not look into it. */
export function record(seq: number, text = `text of ${seq}`): JournalRecord {
  const event: ParkEvent = {
    type: 'superseded',
    park: 'p1' as ParkId,
    visit: `V${seq}` as VisitId,
    by: text as VisitId,
    at: time(seq),
  };
  return { seq, at: time(seq), events: [event] };
}

export function records(first: number, last: number): JournalRecord[] {
  return Array.from({ length: last - first + 1 }, (_, index) => record(first + index));
}

/** What the store told the world. */
export interface Heard {
  readonly faults: Faults;
  readonly log: Log;
  /** Faults that are raised: `CODE subject`, and the value. */
  readonly raised: Map<string, string>;
  readonly notices: { readonly code: string; readonly fields: LogFields }[];
  readonly infos: string[];
}

export function listen(): Heard {
  const raised = new Map<string, string>();
  const notices: Heard['notices'] = [];
  const infos: string[] = [];
  return {
    raised,
    notices,
    infos,
    faults: {
      raise: (code, subject, value = '') => raised.set(`${code} ${subject}`, inEnglish(value)),
      clear: (code, subject) => raised.delete(`${code} ${subject}`),
    },
    log: {
      notice: (code, fields) => notices.push({ code, fields }),
      info: (message) => infos.push(inEnglish(message)),
    },
  };
}

export interface Opened extends Heard {
  readonly store: Store;
  /** The records that were replayed. */
  readonly folded: readonly JournalRecord[];
}

/** Opens a store whose fold only collects what it is given. */
export async function open(dir: string, segmentBytes = 4_096): Promise<Opened> {
  const folded: JournalRecord[] = [];
  const heard = listen();
  const store = await openStore({
    dir,
    faults: heard.faults,
    log: heard.log,
    segmentBytes,
    fold(state, replayed) {
      folded.push(replayed);
      state.seq = replayed.seq;
      state.at = replayed.at;
    },
  });
  return { ...heard, store, folded };
}

/** Opens, reads and closes: what a start would find. */
export async function reopen(dir: string, segmentBytes?: number): Promise<Opened> {
  const opened = await open(dir, segmentBytes);
  await opened.store.close();
  return opened;
}

/** A folder's journal with these records in it, closed. */
export async function fill(dir: string, content: readonly JournalRecord[], segmentBytes?: number): Promise<void> {
  const { store } = await open(dir, segmentBytes);
  for (const one of content) await store.journal.append([one]);
  await store.close();
}

export function readSegment(dir: string, name = FIRST_SEGMENT): Buffer {
  return readFileSync(join(dir, 'journal', name));
}

export function writeSegment(dir: string, bytes: Uint8Array, name = FIRST_SEGMENT): void {
  writeFileSync(join(dir, 'journal', name), bytes);
}

export function segmentsOf(dir: string): string[] {
  return readdirSync(join(dir, 'journal')).sort();
}

/** Everything kept aside, by name. */
export function asideOf(dir: string): Map<string, Buffer> {
  const folder = join(dir, 'aside');
  return new Map(
    readdirSync(folder, { withFileTypes: true }).map(({ name }) => [name, readFileSync(join(folder, name))]),
  );
}

/** Where each line that is not blank lies in a segment. */
export function linesOf(bytes: Buffer): { readonly start: number; readonly end: number }[] {
  const lines: { start: number; end: number }[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    if (end > start) lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}

/** The last line of a segment: where it lies. */
export function lastLine(bytes: Buffer): { readonly start: number; readonly end: number } {
  const line = linesOf(bytes).at(-1);
  if (!line) throw new Error('the segment is blank');
  return line;
}

export interface TinyDisk {
  readonly folder: string;
  /** Fails while a file is open for writing. */
  remount(mode: 'ro' | 'rw'): void;
}

/**
 * A file system of its own in memory, of so many KiB, gone after the test; null where only root could make one. Under
 * `CI=true` that is a failure: a skip would hide a hole.
 */
export function tinyDisk(t: TestContext, kib: number): TinyDisk | null {
  const folder = mkdtempSync(join(tmpdir(), 'gatepost-tiny-'));
  const mount = (args: readonly string[]): boolean => spawnSync('mount', args).status === 0;
  if (!mount(['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', folder])) {
    rmSync(folder, { recursive: true });
    if (process.env['CI'] === 'true') throw new Error('mount does not work here, and under CI nothing may be skipped');
    t.skip('SKIPPED: mounting a small disk needs root');
    return null;
  }
  t.after(() => {
    spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    remount(mode) {
      if (!mount(['-o', `remount,${mode}`, folder])) throw new Error(`${folder} cannot be made ${mode}`);
    },
  };
}
