/** The journal's writing end: one write and one flush per append, into segments made beforehand. */
import { join } from 'node:path';
import type { JournalRecord } from '../core/park/events.ts';
import type { Journal, Log } from '../gateway/ports.ts';
import { RecordEncoder } from './codec.ts';
import type { Disk, DiskFile } from './disk.ts';
import { errorText, StoreError } from './files.ts';
import { nameSegment, prepareSegment, type Segment } from './segment.ts';

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

export interface JournalParts {
  readonly disk: Disk;
  readonly folder: string;
  readonly segmentBytes: number;
  readonly log: Log;
  readonly segments: readonly Segment[];
  readonly tail: Tail;
  /** The last record accepted; the next one must be the one after it. */
  readonly seq: number;
}

export class SegmentJournal implements Journal {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #segmentBytes: number;
  readonly #log: Log;
  readonly #encoder = new RecordEncoder();
  /** Sizes in bytes, by name. */
  readonly #sizes: Map<string, number>;
  #file: DiskFile;
  #size: number;
  #used: number;
  #seq: number;
  /** The size of the next segment once it is prepared, or 0 if that failed; null while none is wanted. */
  #next: Promise<number> | null = null;
  #writing: Promise<void> | null = null;
  #ended: string | null = null;

  constructor(parts: JournalParts) {
    this.#disk = parts.disk;
    this.#folder = parts.folder;
    this.#segmentBytes = parts.segmentBytes;
    this.#log = parts.log;
    this.#sizes = new Map(parts.segments.map(({ name, bytes }) => [name, bytes]));
    this.#file = parts.tail.file;
    this.#size = parts.tail.segment.bytes;
    this.#used = parts.tail.used;
    this.#seq = parts.seq;
  }

  /**
   * Writes the records at the tail and returns once they are on the disk. All records of one call lie in one segment.
   * @throws StoreError after a failed write or flush (also of an earlier call: the journal is then finished), while
   * another append is under way, after `close`, and for records that are not the next ones in order.
   */
  async append(records: readonly JournalRecord[]): Promise<void> {
    if (this.#ended !== null) throw new StoreError(`the journal takes no more records: ${this.#ended}`);
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
      this.#ended = errorText(error);
      throw new StoreError(`records could not be written to ${this.#folder}: ${this.#ended}`, { cause: error });
    } finally {
      this.#writing = null;
    }
  }

  stats(): JournalStats {
    let bytes = 0;
    for (const size of this.#sizes.values()) bytes += size;
    return { seq: this.#seq, segments: this.#sizes.size, bytes };
  }

  /** Takes no more records, and returns once nothing is under way. */
  async close(): Promise<void> {
    this.#ended ??= 'it is closed';
    await this.#writing?.catch(() => undefined);
    await this.#next;
    await this.#file.close();
  }

  async #write(records: readonly JournalRecord[]): Promise<void> {
    const bytes = this.#encoder.encode(records);
    if (bytes.length > this.#size - this.#used) await this.#rotate(this.#seq + 1, bytes.length);
    await this.#file.write(bytes, this.#used);
    this.#used += bytes.length;
    this.#seq += records.length;
    if (this.#used > this.#size / 2) this.#next ??= this.#prepareAhead();
  }

  /** Goes over to the next segment. It was prepared ahead, but for a batch larger than a segment, or a disk that was full. */
  async #rotate(first: number, needed: number): Promise<void> {
    let size = (await this.#next) ?? 0;
    if (size < needed) {
      size = Math.max(this.#segmentBytes, needed);
      await prepareSegment(this.#disk, this.#folder, size);
    }
    const name = await nameSegment(this.#disk, this.#folder, first);
    const file = await this.#disk.open(join(this.#folder, name), 'durable');
    await this.#file.close();
    this.#file = file;
    this.#sizes.set(name, size);
    this.#size = size;
    this.#used = 0;
    this.#next = null;
  }

  /** Never rejects: what fits the current segment can still be written, and rotation tries again. */
  async #prepareAhead(): Promise<number> {
    try {
      await prepareSegment(this.#disk, this.#folder, this.#segmentBytes);
      return this.#segmentBytes;
    } catch (error) {
      this.#log.info('the next journal segment could not be prepared', { reason: errorText(error) });
      return 0;
    }
  }
}
