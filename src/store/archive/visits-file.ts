/**
 * The visits and orders of one batch: `….visits.jsonl`, its first line a header, then a line each; and `….visits.idx`
 * beside it, which can always be made again from the first.
 */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Sentence } from '../../core/errors.ts';
import type { ParkId } from '../../core/ids.ts';
import { credentialKey } from '../../core/park/model.ts';
import type { LedgerEntry, SealedBatch, Visit } from '../../core/park/state.ts';
import { fill } from '../../core/sentence.ts';
import type { Instant } from '../../core/time.ts';
import { hex, LF } from '../codec.ts';
import type { Disk } from '../disk.ts';
import { BadFile } from '../files.ts';
import { indexOf, type Keyed, type KeyHash, type KeyIndex, keyHash, type Place } from './key-index.ts';
import { EMPTY, LINES, lineOf, linesOf, readLine } from './line.ts';
import { dayOf, type FileName, nameOf } from './names.ts';
import { writeWhole } from './whole-file.ts';

const LINES_MISSING: Sentence = { zh: '末尾缺少 {n} 行', en: '{n} line(s) are missing at its end' };

/** What a file of visits holds, without its lines. */
export interface VisitsSummary {
  readonly visits: number;
  readonly orders: number;
  /** The earliest and the latest end of a visit, or moment of an order; null in an empty file. */
  readonly oldest: Instant | null;
  readonly newest: Instant | null;
}

export interface VisitsIndex extends KeyIndex {
  readonly summary: VisitsSummary;
  /** The index file's size in bytes; 0 when it was missing or of no use, and this one was made from the data. */
  readonly bytes: number;
}

/** A line: one of the two. */
export interface Entry {
  readonly visit?: Visit;
  readonly order?: LedgerEntry;
}

/** The first line of a file of visits. */
interface VisitsHeader {
  readonly park: ParkId;
  readonly batch: number;
  /** How many lines of each kind follow. */
  readonly visits: number;
  readonly orders: number;
}

/** A file of visits, open for questions. */
export interface VisitsFile {
  readonly name: FileName;
  /** The data file's size. */
  readonly bytes: number;
  readonly index: VisitsIndex;
}

/** Writes both files of a batch. Their names are safe once the folder is synced. */
export async function writeVisits(disk: Disk, folder: string, park: ParkId, batch: SealedBatch): Promise<VisitsFile> {
  const { visits, ledger, closedBefore } = batch;
  const name: FileName = { park, day: dayOf(closedBefore), batch: batch.batch, kind: 'visits.jsonl' };
  const collected = new Collector();
  function take(content: object, entry: Entry | null): string {
    const line = lineOf(content);
    collected.add(entry, Buffer.byteLength(line));
    return line;
  }
  function* lines(): Generator<string, void, undefined> {
    const header: VisitsHeader = { park, batch: batch.batch, visits: visits.size, orders: ledger.size };
    yield take(header, null);
    for (const visit of visits.values()) yield take({ visit }, { visit });
    for (const order of ledger.values()) yield take({ order }, { order });
  }
  const bytes = await writeWhole(disk, folder, nameOf(name), lines());
  return writeIndex(disk, folder, { name, bytes, index: { ...collected.finish(), bytes: 0 } });
}

/** Writes the index beside its data. */
export async function writeIndex(disk: Disk, folder: string, file: VisitsFile): Promise<VisitsFile> {
  const { filter, entries, summary } = file.index;
  const parts = [bytesOf(filter), bytesOf(entries)];
  const body = hex(parts.reduce((crc, part) => crc32(part, crc), 0));
  const head: IndexHeader = {
    keys: KEYS,
    data: file.bytes,
    filter: filter.length,
    entries: entries.length,
    body,
    ...summary,
  };
  const name = nameOf({ ...file.name, kind: 'visits.idx' });
  const bytes = await writeWhole(disk, folder, name, [lineOf(head), ...parts]);
  return { ...file, index: { ...file.index, bytes } };
}

/**
 * The index of a data file of `bytes` bytes: from its own file, or from the data where that is of no use. `onBad` hears
 * of lines of the data that could not be read then.
 * @throws Newer when a newer Gatepost wrote it, Error when it is gone; the disk's error.
 */
export async function loadIndex(
  disk: Disk,
  folder: string,
  { name, bytes }: Pick<VisitsFile, 'name' | 'bytes'>,
  onBad: (reason: Sentence) => void,
): Promise<VisitsIndex> {
  const file = await disk.readFile(join(folder, nameOf({ ...name, kind: 'visits.idx' })));
  const index = file === null ? null : parseIndex(file, bytes);
  if (index !== null) return index;
  const data = await disk.readFile(join(folder, nameOf(name)));
  if (data === null) throw new BadFile({ zh: '文件不见了', en: 'it is gone' });
  return { ...indexData(data, onBad), bytes: 0 };
}

/** The entry at a place, or null when it is not as it was written. @throws the disk's error. */
export async function readEntry(disk: Disk, folder: string, name: FileName, place: Place): Promise<Entry | null> {
  const file = await disk.open(join(folder, nameOf(name)), 'read');
  try {
    return readLine(await file.read(place.offset, place.length));
  } finally {
    await file.close();
  }
}

/** Raised with each new kind of key. An index of another Gatepost, which lacks some, is made again. */
const KEYS = 2;

interface IndexHeader extends VisitsSummary {
  readonly keys: number;
  /** The data file's size in bytes; then the lengths of what follows, in words, and its CRC-32. */
  readonly data: number;
  readonly filter: number;
  readonly entries: number;
  readonly body: string;
}

/**
 * An index file, if it is as it was written, and of a data file of that size.
 * @throws Newer when a newer Gatepost wrote it.
 */
export function parseIndex(file: Buffer, dataBytes: number): VisitsIndex | null {
  const end = file.indexOf(LF);
  const line = end === -1 ? null : readLine(file.subarray(0, end));
  if (line === null) return null;
  // The checksum says that `writeIndex` wrote this.
  const { keys, data, filter, entries, body, ...summary } = line as unknown as IndexHeader;
  const rest = file.subarray(end + 1);
  if (keys !== KEYS || data !== dataBytes) return null;
  if (rest.length !== 4 * (filter + entries) || hex(crc32(rest)) !== body) return null;
  const words = wordsOf(rest);
  return { filter: words.slice(0, filter), entries: words.subarray(filter), summary, bytes: file.length };
}

/** The index of these data. `onBad` hears of what cannot be read, or is missing. @throws as `parseIndex`. */
export function indexData(
  data: Buffer,
  onBad: (reason: Sentence) => void,
): KeyIndex & { readonly summary: VisitsSummary } {
  const collected = new Collector();
  let bad = 0;
  let promised = 0;
  for (const { line, length } of linesOf(data)) {
    if (line === null) bad += 1;
    // The checksum says that `writeVisits` wrote this.
    const { visits = 0, orders = 0 } = (line ?? {}) as Partial<VisitsHeader>;
    promised += visits + orders;
    collected.add(line, length);
  }
  const index = collected.finish();
  const missing = promised - index.summary.visits - index.summary.orders;
  if (data.length === 0) onBad(EMPTY);
  else if (bad > 0) onBad(fill(LINES, { n: String(bad) }));
  else if (missing > 0) onBad(fill(LINES_MISSING, { n: String(missing) }));
  return index;
}

/** Gathers keys and figures, line by line. */
class Collector {
  readonly #keyed: Keyed[] = [];
  #offset = 0;
  #visits = 0;
  #orders = 0;
  #oldest = Number.POSITIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;

  /** The next line, of `length` bytes with its newline; the header and what could not be read have no keys. */
  add(entry: Entry | null, length: number): void {
    const place = { offset: this.#offset, length: length - 1 };
    this.#offset += length;
    if (entry?.visit) {
      this.#visits += 1;
      this.#span(entry.visit.end?.at ?? entry.visit.entryAt);
    }
    if (entry?.order) {
      this.#orders += 1;
      this.#span(entry.order.at);
    }
    for (const key of entry ? keysOf(entry) : []) this.#keyed.push({ key, ...place });
  }

  finish(): KeyIndex & { readonly summary: VisitsSummary } {
    const empty = this.#visits + this.#orders === 0;
    const oldest = empty ? null : (this.#oldest as Instant);
    const newest = empty ? null : (this.#newest as Instant);
    return { ...indexOf(this.#keyed), summary: { visits: this.#visits, orders: this.#orders, oldest, newest } };
  }

  #span(at: Instant): void {
    this.#oldest = Math.min(this.#oldest, at);
    this.#newest = Math.max(this.#newest, at);
  }
}

function keysOf({ visit, order }: Entry): readonly KeyHash[] {
  if (order) {
    const key = keyHash('order', order.orderNo);
    return order.visit === null ? [key] : [key, keyHash('ordersOf', order.visit)];
  }
  if (!visit) return [];
  const key = credentialKey(visit.credential);
  const id = keyHash('visit', visit.id);
  return key === null ? [id] : [id, keyHash('credential', key)];
}

// The words are written as the machine has them; every machine that Gatepost runs on is little-endian.

function bytesOf(words: Uint32Array): Buffer {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength);
}

function wordsOf(bytes: Buffer): Uint32Array {
  // A copy: a buffer may begin between two words.
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}
