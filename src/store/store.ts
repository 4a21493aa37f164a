/** The store of one gateway: a folder with the journal, the snapshot, and what was set aside, held by one process. */
import { join } from 'node:path';
import type { Sentence } from '../core/errors.ts';
import { capture, restore, type Snapshot } from '../core/park/snapshot.ts';
import type { State } from '../core/park/state.ts';
import { fill } from '../core/sentence.ts';
import type { Instant } from '../core/time.ts';
import type { Faults, Journal, Log } from '../gateway/ports.ts';
import type { ArchiveStore } from './archive/archive.ts';
import { type Disk, realDisk } from './disk.ts';
import { diskTrouble, errorSaid, StoreError } from './files.ts';
import { type JournalStats, type OnFlush, SegmentJournal, type Tail } from './journal.ts';
import type { FolderLock } from './lock.ts';
import { type Marker, writeMarker } from './marker.ts';
import { nextSegment } from './next-segment.ts';
import { readFolder } from './read.ts';
import type { Fold, Replay } from './recovery.ts';
import { moveAside, openTail, type RepairParts, reportDamage } from './repair.ts';
import { dropSegments } from './retention.ts';
import { nameSegment, prepareSegment, removeUnfinished, type Segment } from './segment.ts';
import { snapshotWriter } from './snapshots.ts';

/** The size of a segment in bytes: some ten thousand records, a day or two of a busy gate. */
export const SEGMENT_BYTES = 4 * 1024 * 1024;

const UNUSABLE: Sentence = {
  zh: '数据文件夹 {dir} 无法使用：{reason}',
  en: 'the data folder {dir} cannot be used: {reason}',
};
const NOT_REMOVED: Sentence = {
  zh: '{folder} 中旧的分段未能删除：{reason}',
  en: 'old segments of {folder} could not be removed: {reason}',
};
const NOT_NOTED: Sentence = { zh: '未能记下最后一个分段', en: 'the last segment could not be noted' };

export interface StoreOptions {
  /** The data folder; made if it is missing. */
  readonly dir: string;
  /** The step that folds a record into the state: `evolve`. */
  readonly fold: Fold;
  readonly faults: Faults;
  readonly log: Log;
  /** Size of new segments in bytes, at least 1; {@link SEGMENT_BYTES} if left out. */
  readonly segmentBytes?: number;
  /** The real disk if left out. */
  readonly disk?: Disk;
  readonly onFlush?: OnFlush;
}

/** What the start found. */
export interface Recovered {
  /** Records replayed from the journal. */
  readonly records: number;
  /** The last record in the snapshot that was used; 0 without one. */
  readonly fromSnapshotSeq: number;
  /** How long it took, in ms. */
  readonly ms: number;
  /** Bytes of the half-written tail that was cut. */
  readonly tornBytes: number;
  /** Records that are missing from what was read. */
  readonly badRecords: number;
}

export interface Store {
  readonly journal: Journal;
  readonly archive: ArchiveStore;
  /** Two equal states that share no maps, for the gateway to fold on. */
  readonly working: State;
  readonly committed: State;
  readonly recovered: Recovered;
  /**
   * Writes a snapshot of committed records. Never rejects for the disk's sake: a failure raises SNAPSHOT_FAILED (the next
   * success clears it), and costs only a longer start.
   * @returns whether it is on the disk.
   * @throws StoreError when one is being written already, when it holds records that are not on disk, and after `close`.
   */
  writeSnapshot(snapshot: Snapshot): Promise<boolean>;
  /**
   * Tries again to make room for the journal if the disk was full; to be called about each second. It does nothing while
   * the disk is not full, and never rejects.
   */
  lookForRoom(): Promise<void>;
  /**
   * Removes the journal's oldest segments whose every record is older than `before` and lies in both generations of the
   * snapshot, so that either of them and the journal after it give the state.
   * @returns how many were removed.
   * @throws StoreError when the disk does not let one be removed.
   */
  dropSegmentsBefore(before: Instant): Promise<number>;
  stats(): JournalStats;
  /** Finishes what is under way and lets go of the folder. */
  close(): Promise<void>;
}

/**
 * Takes the folder's lock, and recovers the state from the newest good snapshot and the journal after it.
 * @throws StoreError when another process holds the folder, when it was written by a newer version (nothing is changed
 * then), or when the disk does not let it be read or written.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { dir, disk = realDisk } = options;
  let lock: FolderLock | null = null;
  try {
    await disk.makeFolder(dir);
    lock = await disk.lock(dir);
    return await recover(options, disk, lock);
  } catch (error) {
    await lock?.release();
    if (error instanceof StoreError) throw error;
    throw new StoreError(fill(UNUSABLE, { dir, reason: diskTrouble(error) }), { cause: error });
  }
}

async function recover(options: StoreOptions, disk: Disk, lock: FolderLock): Promise<Store> {
  const { dir, fold, faults, log, segmentBytes = SEGMENT_BYTES, onFlush } = options;
  const began = performance.now();
  const folder = join(dir, 'journal');
  const repair: RepairParts = { disk, aside: join(dir, 'aside'), log };

  // First all reading, then all writing: whatever is refused is left as it was.
  const read = await readFolder({ disk, dir, fold, faults });
  const { state: working, snapshots, badSnapshots, fromSnapshotSeq, found, archive, marker } = read;

  for (const bad of badSnapshots) await moveAside(repair, dir, bad);
  await reportDamage(repair, found.damage, faults);
  await disk.makeFolder(folder);
  await removeUnfinished(disk, folder);
  const { segments, tail } = await openForWriting(repair, folder, found, working.seq, segmentBytes);
  const mark = (last: Segment): Promise<void> =>
    writeMarker(disk, dir, last).catch((error: unknown) =>
      log.info(NOT_NOTED, { segment: last.name, reason: errorSaid(error) }),
    );
  const short = shortOf(found, marker, fromSnapshotSeq);
  // Until another segment follows, each start tells of it.
  if (short !== null) faults.raise('JOURNAL_SHORT', 'journal', short);
  else if (marker?.first !== tail.segment.first) await mark(tail.segment);
  const next = nextSegment({ disk, folder, segmentBytes, faults, log });
  const parts = { disk, folder, next, segments, tail, seq: working.seq, onLast: mark };
  const journal = new SegmentJournal(onFlush ? { ...parts, onFlush } : parts);
  const writer = snapshotWriter({ snapshots, startedFrom: fromSnapshotSeq, seq: () => journal.stats().seq, faults });

  return {
    journal,
    archive,
    working,
    committed: restore(capture(working)),
    recovered: {
      records: found.records,
      fromSnapshotSeq,
      ms: Math.round(performance.now() - began),
      tornBytes: found.last?.torn?.bytes.length ?? 0,
      badRecords: found.damage.reduce((sum, { records }) => sum + records, 0),
    },
    writeSnapshot: (snapshot) => writer.write(snapshot),
    lookForRoom: () => journal.lookForRoom(),
    dropSegmentsBefore: (before) => drop(disk, folder, journal, { before, through: writer.reachesBackTo() }),
    stats: () => journal.stats(),
    async close() {
      await writer.close();
      await journal.close();
      await lock.release();
    },
  };
}

/** How the journal ends: its last segment, and the last record that was given. */
interface Ending {
  readonly last: { readonly segment: Segment } | null;
  readonly end: number;
}

/** Why the journal must once have been longer than it is; null if nothing says so. */
export function shortOf({ last, end }: Ending, marker: Marker | null, snapshotSeq: number): Sentence | null {
  if (marker && marker.first > (last?.segment.first ?? 0)) {
    const from = `${marker.first}`;
    return { zh: `从记录 ${from} 开始的分段不见了`, en: `the segment from record ${from} on is gone` };
  }
  if (marker?.first === last?.segment.first && marker && last && last.segment.bytes < marker.bytes) {
    const { name, bytes } = last.segment;
    return {
      zh: `${name} 应有 ${marker.bytes} 字节，现有 ${bytes} 字节`,
      en: `${name} has ${bytes} of its ${marker.bytes} bytes`,
    };
  }
  if (end >= snapshotSeq) return null;
  return {
    zh: `账本到记录 ${end} 为止，快照到记录 ${snapshotSeq}`,
    en: `it ends at record ${end}, and the snapshot at ${snapshotSeq}`,
  };
}

async function drop(
  disk: Disk,
  folder: string,
  journal: SegmentJournal,
  limits: { readonly before: Instant; readonly through: number },
): Promise<number> {
  try {
    const dropped = await dropSegments(disk, folder, journal.segments(), limits);
    journal.forget(dropped);
    return dropped.size;
  } catch (error) {
    throw new StoreError(fill(NOT_REMOVED, { folder, reason: diskTrouble(error) }), { cause: error });
  }
}

/** The tail to write on: the last segment's, or a first segment's. */
async function openForWriting(
  repair: RepairParts,
  folder: string,
  found: Replay,
  seq: number,
  segmentBytes: number,
): Promise<{ readonly segments: readonly Segment[]; readonly tail: Tail }> {
  if (found.last) {
    // A process that was killed in a rotation may have given the name, and left it unsynced: the power could still take it.
    await repair.disk.syncFolder(folder);
    return { segments: found.segments, tail: await openTail(repair, folder, found.last) };
  }
  const { disk } = repair;
  await prepareSegment(disk, folder, segmentBytes);
  const name = await nameSegment(disk, folder, seq + 1);
  const segment = { name, first: seq + 1, bytes: segmentBytes };
  const file = await disk.open(join(folder, name), 'durable');
  return { segments: [segment], tail: { file, segment, used: 0 } };
}
