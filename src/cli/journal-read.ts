/**
 * Reading a journal for people, segment by segment. It only reads, takes no lock, and works while a daemon writes: what
 * stands at the end of the last segment and is no record may be one in the making, so it is told apart.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { assertNever, type Sentence } from '../core/errors.ts';
import type { JournalRecord } from '../core/park/events.ts';
import { fill } from '../core/sentence.ts';
import { LF, RECORD_VERSION, scan } from '../store/codec.ts';
import { realDisk } from '../store/disk.ts';
import { errorSaid, StoreError } from '../store/files.ts';
import { listSegments } from '../store/segment.ts';
import type { Source } from './journal-source.ts';

/** Something found in a journal, and where. */
export type Found = {
  readonly file: string;
  /** In bytes from the file's beginning. */
  readonly offset: number;
  /** The record's line without its newline, or the bytes that are no record. Good until the callback returns. */
  readonly bytes: Buffer;
} & ({ readonly kind: 'record'; readonly record: JournalRecord } | { readonly kind: 'bad' });

export type OnFound = (found: Found) => void;

/** How far a folder has been read. */
export interface Cursor {
  /** The first seq of the segment. */
  readonly first: number;
  /** Behind the last record that was read, in bytes from the segment's beginning. */
  readonly offset: number;
  /** Bytes at the journal's end that are no record, or not yet. */
  readonly tail: Found | null;
}

/** Bytes read at a time from a file or pipe. */
const CHUNK = 1024 * 1024;
/** A line that is longer is taken as it is, so that a file of anything at all is read within bounds. */
const LONGEST_LINE = 64 * CHUNK;
/** Bytes looked at to see whether anything follows: records follow one another without blank lines. */
const PEEK = 64 * 1024;

/** Reads all of a source, in order. @throws StoreError for records of a newer version, or when it cannot be read. */
export async function readAll(source: Source, found: OnFound): Promise<Cursor | null> {
  switch (source.kind) {
    case 'folder':
      return readOn(source.folder, null, found);
    case 'file':
      await readThrough(source.file, createReadStream(source.file, { highWaterMark: CHUNK }), found);
      return null;
    case 'pipe':
      await readThrough('-', process.stdin, found);
      return null;
    default:
      return assertNever(source);
  }
}

/**
 * Reads what follows `from` (null: the beginning) in a folder of segments.
 * @returns how far it came; null in a folder without segments.
 */
export async function readOn(folder: string, from: Cursor | null, found: OnFound): Promise<Cursor | null> {
  const segments = (await listSegments(realDisk, folder)).filter(({ first }) => from === null || first >= from.first);
  let cursor = from;
  for (const [index, segment] of segments.entries()) {
    const file = join(folder, segment.name);
    const start = cursor?.first === segment.first ? cursor.offset : 0;
    const last = index === segments.length - 1;
    if (last && start > 0 && !(await anythingAt(file, start))) break;
    const bytes = await readBytes(file, start, segment.bytes - start);
    const { end, tail } = scanThrough(bytes, file, start, found);
    if (tail && !last) found(tail);
    cursor = { first: segment.first, offset: end, tail: last ? tail : null };
  }
  return cursor;
}

async function anythingAt(file: string, offset: number): Promise<boolean> {
  const bytes = await readBytes(file, offset, PEEK);
  return bytes.some((byte) => byte !== LF);
}

async function readBytes(file: string, offset: number, length: number): Promise<Buffer> {
  try {
    const opened = await realDisk.open(file, 'read');
    try {
      return await opened.read(offset, length);
    } finally {
      await opened.close();
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

const UNREADABLE: Sentence = { zh: '{file} 无法读取：{why}', en: '{file} cannot be read: {why}' };

/** What a newer Gatepost wrote is not guessed at. */
function newer(file: string, offset: number, version: number): StoreError {
  return new StoreError({
    zh:
      `${file} 中有版本 ${version} 的记录（第 ${offset} 字节），而本程序只认识到版本 ${RECORD_VERSION}：` +
      '请用写它的那个版本，或更新的版本来读',
    en:
      `${file} holds records of version ${version} (at byte ${offset}), and this Gatepost knows ` +
      `versions up to ${RECORD_VERSION}: read it with the version that wrote it, or a newer one`,
  });
}

function unreadable(file: string, error: unknown): StoreError {
  return new StoreError(fill(UNREADABLE, { file, why: errorSaid(error) }), { cause: error });
}

/** Reads a stream of bytes, which need not be a whole segment or only one: `cat` makes such. */
async function readThrough(file: string, chunks: AsyncIterable<Buffer>, found: OnFound): Promise<void> {
  let held: Buffer = Buffer.alloc(0);
  let offset = 0;
  const take = (bytes: Buffer): void => {
    const { tail } = scanThrough(bytes, file, offset, found);
    if (tail) found(tail);
    offset += bytes.length;
  };
  for await (const chunk of wrapped(file, chunks)) {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const newline = bytes.lastIndexOf(LF) + 1;
    const whole = newline === 0 && bytes.length > LONGEST_LINE ? bytes.length : newline;
    take(bytes.subarray(0, whole));
    held = bytes.subarray(whole);
  }
  take(held);
}

/** The same chunks; an error of the system is told with the file's name. */
async function* wrapped(file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* chunks;
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Hands on what the bytes hold. `end` is behind the last record; the tail, not handed on, is what follows it. */
function scanThrough(
  bytes: Buffer,
  file: string,
  base: number,
  found: OnFound,
): { readonly end: number; readonly tail: Found | null } {
  let tail: Found | null = null;
  let end = base;
  for (const piece of scan(bytes)) {
    if (tail) found(tail);
    tail = null;
    const place = { file, offset: base + piece.start, bytes: bytes.subarray(piece.start, piece.end) };
    switch (piece.kind) {
      case 'newer':
        throw newer(file, place.offset, piece.version);
      case 'bad':
        tail = { ...place, kind: 'bad' };
        break;
      case 'record':
        found({ ...place, kind: 'record', record: piece.record });
        end = Math.min(base + piece.end + 1, base + bytes.length);
        break;
      default:
        assertNever(piece);
    }
  }
  return { end, tail };
}
