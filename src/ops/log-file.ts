/**
 * Log files of a bounded size: `gatepost.log`, and the older ones beside it as `gatepost.log.1` (the youngest) to
 * `.keep`. Whatever the process dies of, at any point, what was written stays readable and the next start goes on from it.
 */
import type { Stats } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LogPlace } from './log-sink.ts';

export interface LogFileOptions {
  /** A full path. Its folder is made when only that is missing. */
  readonly path: string;
  /** No file grows beyond this. Larger than any chunk that is appended. */
  readonly maxBytes: number;
  /** Older files that are kept, 1 or more: all files together take `(keep + 1) · maxBytes` at most. */
  readonly keep: number;
}

/** The group may read: technicians who are in it. */
const FILE_MODE = 0o640;
const FOLDER_MODE = 0o750;
const NEWLINE = 0x0a;

/** An older file; 1 is the youngest. */
export interface OlderFile {
  readonly path: string;
  readonly number: number;
}

/** The older files beside a log file, youngest first; none when there is no such folder. @throws what reading it throws. */
export async function olderFiles(path: string): Promise<readonly OlderFile[]> {
  const start = `${basename(path)}.`;
  const names = await readdir(dirname(path)).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return names
    .filter((name) => name.startsWith(start) && /^[1-9]\d{0,5}$/.test(name.slice(start.length)))
    .map((name) => ({ path: join(dirname(path), name), number: Number(name.slice(start.length)) }))
    .sort((a, b) => a.number - b.number);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Opens nothing yet: the first lines do. */
export function logFile({ path, maxBytes, keep }: LogFileOptions): LogPlace {
  let handle: FileHandle | null = null;

  async function letGo(): Promise<void> {
    const old = handle;
    handle = null;
    await old?.close();
  }

  /** The file that has the name now: somebody may have removed it, or put another in its place. */
  async function current(): Promise<{ readonly file: FileHandle; readonly found: Stats }> {
    if (handle !== null) {
      const [own, named] = await Promise.all([handle.stat(), stat(path).catch(() => null)]);
      if (named !== null && own.ino === named.ino && own.dev === named.dev) return { file: handle, found: own };
      await letGo();
    }
    // Most often it is there; where it cannot be made, opening the file says why.
    await mkdir(dirname(path), { mode: FOLDER_MODE }).catch(() => undefined);
    handle = await open(path, 'a+', FILE_MODE);
    await prune();
    return { file: handle, found: await mended(handle) };
  }

  /** A process that was killed while it wrote leaves half a line: what follows begins a new one. */
  async function mended(file: FileHandle): Promise<Stats> {
    const found = await file.stat();
    if (found.size === 0) return found;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, found.size - 1);
    if (buffer[0] === NEWLINE) return found;
    await file.appendFile('\n');
    return file.stat();
  }

  /** What is over the bound goes, oldest first: files of a run that was allowed more or larger ones. */
  async function prune(): Promise<void> {
    let room = keep * maxBytes;
    for (const older of await olderFiles(path)) {
      room -= (await stat(older.path)).size;
      if (older.number > keep || room < 0) await unlink(older.path);
    }
  }

  /**
   * Puts the file aside. From the oldest on, each takes the next free name, so that none is ever overwritten: a process that
   * is killed here leaves a name that nobody has, and the next rotation fills it.
   */
  async function rotate(): Promise<void> {
    await letGo();
    const taken = new Set((await olderFiles(path)).map(({ number }) => number));
    let free = 1;
    while (free <= keep && taken.has(free)) free += 1;
    if (free > keep) {
      free = keep;
      await unlink(`${path}.${keep}`);
    }
    for (let to = free; to > 1; to -= 1) await rename(`${path}.${to - 1}`, `${path}.${to}`);
    await rename(path, `${path}.1`);
    await prune();
  }

  async function append(lines: Buffer): Promise<void> {
    let { file, found } = await current();
    if (found.size > 0 && found.size + lines.length > maxBytes) {
      await rotate();
      ({ file, found } = await current());
    }
    try {
      await file.appendFile(lines);
    } catch (error) {
      // Half of them may be there; they come again as a whole. Cutting needs no room.
      await file.truncate(found.size).catch(() => letGo());
      throw error;
    }
  }

  return { name: path, append, close: letGo };
}
