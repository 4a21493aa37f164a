/**
 * The snapshot's file, as an adapter for lowdb: one JSON document of one entry per line, and a last line
 * `{"crc":"1a2b3c4d"}` with the CRC-32 of the bytes before it. Two generations are kept. It only shortens the start: the
 * journal alone gives the same state.
 */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Adapter } from 'lowdb';
import type { Said } from '../core/errors.ts';
import type { Snapshot } from '../core/park/snapshot.ts';
import { hex, LF } from './codec.ts';
import type { Disk, DiskFile } from './disk.ts';
import { BadFile, errorCode, errorSaid, newerError, StoreError } from './files.ts';

/** The version of the snapshots written here. Smaller ones are read (1: nothing of an archive), greater ones refused. */
export const SNAPSHOT_VERSION = 2;

export const SNAPSHOT_FILE = 'snapshot.json';
export const PREVIOUS_FILE = 'snapshot.prev.json';
const UNFINISHED_FILE = 'snapshot.tmp';

/**
 * Characters per write. Between two writes everybody else has a turn: 64 KiB are made in well under a ms, and 100,000
 * open visits are some 700 writes.
 */
const SLICE = 64 * 1024;
/** Bytes per flush: a commit's own flush never queues behind the whole snapshot. */
const FLUSH_BYTES = 1024 * 1024;

/** A snapshot that could not be used. */
export interface BadSnapshot {
  readonly file: string;
  readonly reason: Said;
  /** Null when it could not even be read. */
  readonly bytes: Buffer | null;
}

/** Reads and writes the snapshot of a folder. `onBad` hears of each file that could not be used. */
export class SnapshotAdapter implements Adapter<Snapshot | null> {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #onBad: (bad: BadSnapshot) => void;

  constructor(disk: Disk, folder: string, onBad: (bad: BadSnapshot) => void) {
    this.#disk = disk;
    this.#folder = folder;
    this.#onBad = onBad;
  }

  /**
   * The newest good snapshot, or null.
   * @throws StoreError when a snapshot is of a newer version.
   */
  async read(): Promise<Snapshot | null> {
    for (const file of [SNAPSHOT_FILE, PREVIOUS_FILE]) {
      const path = join(this.#folder, file);
      let bytes: Buffer | null = null;
      try {
        bytes = await this.#disk.readFile(path);
        if (bytes) return parseSnapshot(bytes, path);
      } catch (error) {
        if (error instanceof StoreError) throw error;
        this.#onBad({ file, reason: errorSaid(error), bytes });
      }
    }
    return null;
  }

  /** Returns once the snapshot and its name are on the disk. After an error the files are as they were. */
  async write(snapshot: Snapshot | null): Promise<void> {
    if (!snapshot) return;
    const unfinished = join(this.#folder, UNFINISHED_FILE);
    const current = join(this.#folder, SNAPSHOT_FILE);
    try {
      const to = await this.#disk.open(unfinished, 'create');
      try {
        await writeSnapshot(to, snapshot);
      } finally {
        await to.close();
      }
    } catch (error) {
      await this.#disk.remove(unfinished).catch(() => undefined);
      throw error;
    }
    await this.#disk.rename(current, join(this.#folder, PREVIOUS_FILE)).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
    await this.#disk.rename(unfinished, current);
    await this.#disk.syncFolder(this.#folder);
  }
}

async function writeSnapshot(to: DiskFile, snapshot: Snapshot): Promise<void> {
  let crc = 0;
  let written = 0;
  let flushed = 0;
  let slice = '';
  async function put(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    crc = crc32(bytes, crc);
    await to.write(bytes, written);
    written += bytes.length;
  }
  for (const piece of pieces(snapshot)) {
    slice += piece;
    if (slice.length < SLICE) continue;
    await put(slice);
    slice = '';
    if (written - flushed < FLUSH_BYTES) continue;
    await to.sync();
    flushed = written;
  }
  await put(slice);
  await put(`{"crc":"${hex(crc)}"}\n`);
  await to.sync();
}

/** The document in pieces of about one entry. It knows no more of a park than that its fields are values or lists. */
function* pieces(snapshot: Snapshot): Generator<string, void, undefined> {
  const { seq, at, line, parks } = snapshot;
  yield `${JSON.stringify({ v: SNAPSHOT_VERSION, seq, at, line }).slice(0, -1)},"parks":[`;
  for (const [index, park] of parks.entries()) {
    yield index === 0 ? '\n{' : ',\n{';
    let comma = '';
    for (const [key, value] of Object.entries(park)) {
      yield `${comma}\n${JSON.stringify(key)}:`;
      comma = ',';
      if (Array.isArray(value)) yield* list(value);
      else yield JSON.stringify(value);
    }
    yield '}';
  }
  yield ']}\n';
}

function* list(values: readonly unknown[]): Generator<string, void, undefined> {
  yield '[';
  for (const [index, value] of values.entries()) yield `${index === 0 ? '\n' : ',\n'}${JSON.stringify(value)}`;
  yield ']';
}

/**
 * @throws StoreError when its version is newer, Error with the reason when it cannot be used otherwise.
 */
export function parseSnapshot(bytes: Buffer, file: string): Snapshot {
  const footer = bytes.lastIndexOf(LF, -2) + 1;
  const content = bytes.subarray(0, footer);
  if (bytes.toString('latin1', footer) !== `{"crc":"${hex(crc32(content))}"}\n`)
    throw new BadFile({ zh: '校验和不符', en: 'its checksum is wrong' });
  const { v, seq, at, parks, line } = JSON.parse(content.toString()) as Snapshot & { readonly v: number };
  if (v > SNAPSHOT_VERSION) {
    throw newerError({ zh: `快照 ${file} `, en: `${file} is a snapshot` }, v, SNAPSHOT_VERSION);
  }
  return { seq, at, parks, ...(line ? { line } : {}) };
}
