/** The journal's writing end: one write and one flush per append, into segments made beforehand. */
import { join } from 'node:path';
import type { Sentence } from '../core/errors.ts';
import type { JournalRecord } from '../core/park/events.ts';
import { fill } from '../core/sentence.ts';
import { type Journal, JournalFull, type Room } from '../gateway/ports.ts';
import { RecordEncoder } from './codec.ts';
import type { Disk, DiskFile } from './disk.ts';
import { diskTrouble, StoreError } from './files.ts';
import type { NextSegment } from './next-segment.ts';
import { nameSegment, type Segment } from './segment.ts';

const CLOSED: Sentence = { zh: '已关闭', en: 'it is closed' };
const ENDED: Sentence = { zh: '日志账本不再接受记录：{reason}', en: 'the journal takes no more records: {reason}' };
const NOT_WRITTEN: Sentence = {
  zh: '记录未能写入 {folder}：{reason}',
  en: 'records could not be written to {folder}: {reason}',
};

export interface Tail {
  /** Open in mode `durable`. */
  readonly file: DiskFile;
  readonly segment: Segment;
  /** Where the next record goes, in bytes from the segment's start. */
  readonly used: number;
}

export interface JournalStats {
  /** The last record on disk; 0 before the first. */
  readonly seq: number;
  readonly segments: number;
  /** The segments' size on disk, in bytes, filler included. */
  readonly bytes: number;
}

/** Told of each append that is on the disk: how long its write and flush took, in ms. Must not throw. */
export type OnFlush = (ms: number, records: number, bytes: number) => void;

export interface JournalParts {
  readonly disk: Disk;
  readonly folder: string;
  readonly next: NextSegment;
  readonly segments: readonly Segment[];
  readonly tail: Tail;
  /** The last record accepted; the next one must be the one after it. */
  readonly seq: number;
  /** Called when a segment has become the last one, before anything is written to it. */
  readonly onLast: (segment: Segment) => Promise<void>;
  readonly onFlush?: OnFlush;
}

/**
 * Bytes left free between two appends: a blank line. By it a hole that a power cut left in the last append is told from
 * damage to records before it, which were accepted.
 */
export const GAP = 1;

export class SegmentJournal implements Journal {
  readonly #parts: JournalParts;
  readonly #encoder = new RecordEncoder();
  /** A second one: an append may be under way in the first one's buffer. */
  readonly #measure = new RecordEncoder();
  /** In order. */
  #segments: readonly Segment[];
  #file: DiskFile;
  #size: number;
  #used: number;
  #seq: number;
  #writing: Promise<void> | null = null;
  #ended: Sentence | null = null;

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#segments = parts.segments;
    this.#file = parts.tail.file;
    this.#size = parts.tail.segment.bytes;
    this.#used = parts.tail.used;
    this.#seq = parts.seq;
    this.#beginNext();
  }

  /**
   * Writes the records at the tail and returns once they are on the disk. All records of one call lie in one segment.
   * @throws JournalFull when there is no room for them: nothing was written, and the journal goes on.
   * @throws StoreError after a failed write or flush (also of an earlier call: the journal is then finished), while
   * another append is under way, after `close`, and for records that are not the next ones in order.
   */
  async append(records: readonly JournalRecord[]): Promise<void> {
    if (this.#ended !== null) throw new StoreError(fill(ENDED, { reason: this.#ended }));
    if (this.#writing !== null) throw new StoreError('the journal is being written: one append at a time');
    for (const [index, { seq }] of records.entries()) {
      const next = this.#seq + 1 + index;
      if (seq !== next) throw new StoreError(`record ${seq} is out of order: the journal's next record is ${next}`);
    }
    if (records.length === 0) return;
    this.#writing = this.#write(records);
    try {
      await this.#writing;
    } catch (error) {
      if (error instanceof JournalFull) throw error;
      this.#ended = diskTrouble(error);
      throw new StoreError(fill(NOT_WRITTEN, { folder: this.#parts.folder, reason: this.#ended }), { cause: error });
    } finally {
      this.#writing = null;
    }
  }

  room(records: readonly JournalRecord[]): Room {
    if (!this.#parts.next.full()) return 'free';
    return this.#measure.encode(records).length <= this.#size - this.#used ? 'reserve' : 'none';
  }

  /** Tries again if there was no room for the next segment. */
  async lookForRoom(): Promise<void> {
    if (this.#ended === null) await this.#parts.next.retry();
  }

  /** The journal's segments, the last one being that which is written on. */
  segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Segments that have been removed are no longer counted. */
  forget(names: ReadonlySet<string>): void {
    this.#segments = this.#segments.filter(({ name }) => !names.has(name));
  }

  stats(): JournalStats {
    const bytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    return { seq: this.#seq, segments: this.#segments.length, bytes };
  }

  /** Takes no more records, and returns once nothing is under way. */
  async close(): Promise<void> {
    this.#ended ??= CLOSED;
    await this.#writing?.catch(() => undefined);
    await this.#parts.next.settled();
    await this.#file.close();
  }

  async #write(records: readonly JournalRecord[]): Promise<void> {
    const bytes = this.#encoder.encode(records);
    if (bytes.length > this.#size - this.#used) await this.#rotate(this.#seq + 1, bytes.length);
    const began = performance.now();
    await this.#file.write(bytes, this.#used);
    this.#parts.onFlush?.(performance.now() - began, records.length, bytes.length);
    this.#used += bytes.length + GAP;
    this.#seq += records.length;
    this.#beginNext();
  }

  /** Half a segment is left when the next one is begun: so much is set aside for a disk that is found to be full. */
  #beginNext(): void {
    if (this.#used > this.#size / 2) this.#parts.next.begin();
  }

  /** Goes over to the next segment. */
  async #rotate(first: number, needed: number): Promise<void> {
    const { disk, folder, next, onLast } = this.#parts;
    const size = await next.make(needed);
    const name = await nameSegment(disk, folder, first);
    const file = await disk.open(join(folder, name), 'durable');
    await this.#file.close();
    this.#file = file;
    this.#size = size;
    this.#used = 0;
    next.taken();
    const segment = { name, first, bytes: size };
    this.#segments = [...this.#segments, segment];
    await onLast(segment);
  }
}
