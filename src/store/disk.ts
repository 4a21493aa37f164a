/** The disk as the store sees it: one port for all of its files, so that a test can cut the power at any step. */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { errorCode, StoreError } from './files.ts';
import { type FolderLock, lockFolder } from './lock.ts';

/** An open file. Positions and lengths in bytes. */
export interface DiskFile {
  /** Up to `length` bytes from `position`; fewer only at the file's end. */
  read(position: number, length: number): Promise<Buffer>;
  /** All of `bytes` at `position`. In mode `durable` they are on the disk when it resolves. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Data (and size) on the disk when it resolves. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** `create`: new and empty (truncates). `durable`: an existing file, writes are O_DSYNC. `read`: reading only. */
export type OpenMode = 'create' | 'durable' | 'read';

export interface FileEntry {
  readonly name: string;
  readonly bytes: number;
}

/** Every call rejects with the system's error, its code in `code`, unless it says otherwise. */
export interface Disk {
  /** Makes a folder and those above it, their names synced. */
  makeFolder(folder: string): Promise<void>;
  /** Plain files of a folder, by name, with sizes; none if there is no folder. */
  list(folder: string): Promise<readonly FileEntry[]>;
  /** The whole file; null if there is none. */
  readFile(path: string): Promise<Buffer | null>;
  open(path: string, mode: OpenMode): Promise<DiskFile>;
  /** Replaces `to` if there is one. */
  rename(from: string, to: string): Promise<void>;
  /** No error if there is none. */
  remove(path: string): Promise<void>;
  /** Makes names in the folder survive the power going: a synced file whose name is lost is lost. */
  syncFolder(folder: string): Promise<void>;
  /**
   * One process per folder.
   * @throws StoreError when another process (or this one) holds it.
   */
  lock(folder: string): Promise<FolderLock>;
}

/** Under O_DSYNC a write returns once its bytes are on the disk: write and flush in one trip to the thread pool. */
const FLAGS: Readonly<Record<OpenMode, number>> = {
  create: constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC,
  durable: constants.O_RDWR | constants.O_DSYNC,
  read: constants.O_RDONLY,
};

/** The real one. */
export const realDisk: Disk = {
  makeFolder,
  list,
  syncFolder,
  rename,
  async readFile(path) {
    try {
      return await readFile(path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    }
  },
  async open(path, mode) {
    return fileOf(await open(path, FLAGS[mode]));
  },
  remove: (path) => rm(path, { force: true }),
  lock: lockFolder,
};

function fileOf(handle: FileHandle): DiskFile {
  return {
    read: (position, length) => readFully(handle, position, length),
    write: (bytes, position) => writeFully(handle, bytes, position),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}

async function readFully(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

/** However many writes the system makes of it. What was written before an error stays written. */
async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw new StoreError(`the disk took ${done} of ${bytes.length} bytes, and then no more`);
    done += bytesWritten;
  }
}

async function list(folder: string): Promise<readonly FileEntry[]> {
  const files: FileEntry[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(noneIfMissing)) {
    if (!entry.isFile()) continue;
    const found = await stat(join(folder, entry.name)).catch(noneIfMissing);
    // It may go between the two looks, where another process holds the folder.
    if ('size' in found) files.push({ name: entry.name, bytes: found.size });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function noneIfMissing(error: unknown): [] {
  if (errorCode(error) === 'ENOENT') return [];
  throw error;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = resolve(folder); ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === resolve(first)) return;
  }
}
