/** Writing a backup: tar in gzip, in one pass, with no more in memory than one file of it. */
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { realDisk } from '../disk.ts';
import type { BackupFile } from './books.ts';
import { SUMS_FILE, sumLine } from './manifest.ts';
import { BackupRefused } from './refused.ts';
import { TAR_END, tarHeader, tarPadding } from './tar.ts';

/** Where a backup's bytes go. */
export type Sink = (bytes: Buffer) => Promise<void>;

/** Records shrink to an eleventh at 3, and to a twelfth at 6, which takes the processor three times as long. */
const LEVEL = 3;
/** Bytes handed on at once. */
const SLICE = 256 * 1024;

export interface Written {
  readonly files: number;
  /** Bytes before and after packing. */
  readonly read: number;
  readonly written: number;
}

export interface WriteParts {
  readonly files: AsyncIterable<BackupFile>;
  readonly sink: Sink;
  /** In ms since 1970: the files' moment in the archive. */
  readonly at: number;
  /** Hears of progress: bytes read so far. */
  readonly onRead: (bytes: number) => void;
}

/** Packs the files, and `SHA256SUMS` behind them. @throws what the files or the sink throw. */
export async function writeBackup({ files, sink, at, onRead }: WriteParts): Promise<Written> {
  let count = 0;
  let read = 0;
  let written = 0;
  const sums: string[] = [];

  function* pack({ name, mode, content }: BackupFile): Generator<Buffer, void, undefined> {
    yield tarHeader({ name, bytes: content.length, mode, at });
    for (let from = 0; from < content.length; from += SLICE) yield content.subarray(from, from + SLICE);
    yield tarPadding(content.length);
  }
  async function* packed(): AsyncGenerator<Buffer, void, undefined> {
    for await (const file of files) {
      yield* pack(file);
      sums.push(sumLine(file.name, createHash('sha256').update(file.content).digest('hex')));
      count += 1;
      read += file.content.length;
      onRead(read);
    }
    yield* pack({ name: SUMS_FILE, mode: 0o644, content: Buffer.from(sums.join('')) });
    yield TAR_END;
  }
  await pipeline(packed, createGzip({ level: LEVEL, chunkSize: SLICE }), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      await sink(chunk);
      written += chunk.length;
    }
  });
  return { files: count, read, written };
}

/** The bytes of a packed file. */
export async function unpack<T>(path: string, read: (chunks: AsyncIterable<Buffer>) => Promise<T>): Promise<T> {
  let result: { readonly value: T } | null = null;
  await pipeline(createReadStream(path), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
    result = { value: await read(chunks) };
  });
  const done = result as { readonly value: T } | null;
  if (!done) throw new Error('nothing was read');
  return done.value;
}

/** A file that appears under its name once it is whole and on the disk. */
export interface FileSink {
  readonly sink: Sink;
  /** The file in the making. */
  readonly part: string;
  /** All of it is on the disk, still without its name. */
  flush(): Promise<void>;
  /** Gives it its name, replacing what had it. */
  finish(): Promise<void>;
  /** Removes what there is so far. */
  abandon(): Promise<void>;
}

export interface FileSinkParts {
  readonly path: string;
  readonly mode: number;
  /** The data folder, whose disk must not be filled. */
  readonly data: string;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** Bytes per flush: a commit's own flush never queues behind more. */
const FLUSH_BYTES = 1024 * 1024;
/** So much stays free on the disk of the books: a gate without room lets nobody in. In bytes. */
const RESERVE = 64 * 1024 * 1024;
/** After each flush it rests as long as that took, at most so many ms: half of the disk's time is the gate's. */
const LONGEST_REST_MS = 500;

/** @throws the disk's error when it cannot be made. */
export async function fileSink({ path, mode, data, sleep }: FileSinkParts): Promise<FileSink> {
  const part = `${path}.part`;
  // Whatever lies there, a link too, is not written through.
  await rm(part, { force: true });
  const file: FileHandle = await open(part, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
  const beside = (await stat(part)).dev === (await stat(data)).dev;
  let unflushed = 0;
  let closed = false;

  async function keepRoom(): Promise<void> {
    if (!beside) return;
    const { bavail, bsize } = await statfs(dirname(part));
    if (bavail * bsize >= RESERVE) return;
    const mib = RESERVE / 1024 / 1024;
    throw new BackupRefused({
      zh: `备份会占满道闸账本所在的磁盘（剩余不足 ${mib} MiB）；请备份到另一块磁盘，或先清理`,
      en: `the backup would fill the disk of the gate's own books (less than ${mib} MiB free): write it to another disk, or make room`,
    });
  }
  return {
    part,
    async sink(bytes) {
      if (unflushed === 0) await keepRoom();
      await file.writeFile(bytes);
      unflushed += bytes.length;
      if (unflushed < FLUSH_BYTES) return;
      unflushed = 0;
      const began = performance.now();
      await file.datasync();
      await sleep(Math.min(performance.now() - began, LONGEST_REST_MS));
    },
    async flush() {
      await file.sync();
      await file.close();
      closed = true;
    },
    async finish() {
      await rename(part, path);
      await realDisk.syncFolder(dirname(path));
    },
    async abandon() {
      if (!closed) await file.close();
      await rm(part, { force: true });
    },
  };
}
