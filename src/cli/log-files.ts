/** Reads the log's files in the order in which they were written, and goes on as the gate writes and rotates them. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { olderFiles } from '../ops/log-file.ts';

type Take = (line: string) => void;

/** A file that is being read. It stays the same file when it gets another name. */
interface Opened {
  readonly handle: FileHandle;
  readonly id: string;
  /** Up to where it has been read. */
  offset: number;
  /** What has no end of line yet. */
  rest: Buffer;
}

const CHUNK = 256 * 1024;
const NEWLINE = 0x0a;

export interface LogFiles {
  /** All lines, oldest first. */
  all(take: Take): Promise<void>;
  /** The lines of each file by itself, the youngest file first, until `enough` says so. */
  backwards(file: (lines: readonly string[]) => void, enough: () => boolean): Promise<void>;
  /** What has been written since, over rotation too. */
  more(take: Take): Promise<void>;
  close(): Promise<void>;
}

/** @returns null when there is no such file, nor an older one. @throws what opening throws otherwise. */
export async function openLogFiles(path: string): Promise<LogFiles | null> {
  // Youngest first.
  let files = await openNewerThan(path, null);
  if (files.length === 0) return null;

  return {
    async all(take) {
      for (const file of files.toReversed()) await readOn(file, take);
    },
    async backwards(each, enough) {
      for (const [index, file] of files.entries()) {
        // Those that are not wanted are passed over, so that only what comes later is told.
        if (index > 0 && enough()) break;
        const lines: string[] = [];
        await readOn(file, (line) => void lines.push(line));
        each(lines);
      }
    },
    async more(take) {
      const [youngest] = files;
      if (youngest) await readOn(youngest, take);
      const newer = await openNewerThan(path, youngest?.id ?? null);
      if (newer.length === 0) return;
      // Between the last look and its being put aside something may have been written.
      if (youngest) await readOn(youngest, take);
      for (const file of newer.toReversed()) await readOn(file, take);
      for (const file of files) await file.handle.close();
      files = newer;
    },
    async close() {
      for (const { handle } of files) await handle.close();
    },
  };
}

/**
 * The files that are younger than a known one, youngest first; all when none is known. A file keeps its identity when it is
 * renamed, so that one which moves on meanwhile is seen twice rather than never.
 */
async function openNewerThan(path: string, known: string | null): Promise<Opened[]> {
  const found: Opened[] = [];
  if (known !== null && (await identity(path)) === known) return found;
  for (let numbers = -1; numbers !== found.length; ) {
    numbers = found.length;
    for (const name of [path, ...(await olderFiles(path)).map((older) => older.path)]) {
      const handle = await openIfThere(name);
      if (!handle) continue;
      const id = idOf(await handle.stat());
      if (id === known || found.some((one) => one.id === id)) {
        await handle.close();
        if (id === known) return found;
        continue;
      }
      found.push({ handle, id, offset: 0, rest: Buffer.alloc(0) });
    }
  }
  return found;
}

function idOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev}:${ino}`;
}

async function identity(path: string): Promise<string | null> {
  const found = await stat(path).catch(nullIfMissing);
  return found && idOf(found);
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  return await open(path, 'r').catch(nullIfMissing);
}

function nullIfMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}

/** Reads to the end of what is there. A file that has become shorter was emptied: it is read anew. */
async function readOn(file: Opened, take: Take): Promise<void> {
  if ((await file.handle.stat()).size < file.offset) [file.offset, file.rest] = [0, Buffer.alloc(0)];
  for (;;) {
    const { bytesRead, buffer } = await file.handle.read(Buffer.alloc(CHUNK), 0, CHUNK, file.offset);
    if (bytesRead === 0) return;
    file.offset += bytesRead;
    const bytes = Buffer.concat([file.rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      take(bytes.toString('utf8', start, end));
      start = end + 1;
    }
    file.rest = bytes.subarray(start);
  }
}
