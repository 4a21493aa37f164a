/** The store of one gateway: a folder with the journal, the snapshot, and what was set aside, held by one process. */
import { join } from 'node:path';
import { Low } from 'lowdb';
import { capture, restore, type Snapshot } from '../core/park/snapshot.ts';
import { emptyState, type State } from '../core/park/state.ts';
import type { Faults, Journal, Log } from '../gateway/ports.ts';
import { type ArchiveStore, openArchive } from './archive/archive.ts';
import { type Disk, realDisk } from './disk.ts';
import { errorText, StoreError } from './files.ts';
import { type JournalStats, SegmentJournal, type Tail } from './journal.ts';
import type { FolderLock } from './lock.ts';
import { type Fold, type Replay, replay } from './recovery.ts';
import { moveAside, openTail, type RepairParts, reportDamage } from './repair.ts';
import { nameSegment, prepareSegment, removeUnfinished, type Segment } from './segment.ts';
import { type BadSnapshot, PREVIOUS_FILE, SNAPSHOT_FILE, SnapshotAdapter } from './snapshot.ts';

/** The size of a segment in bytes: some ten thousand records, a day or two of a busy gate. */
export const SEGMENT_BYTES = 4 * 1024 * 1024;

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
   * @throws StoreError when one is being written already, when it holds records that are not on disk, and after `close`.
   */
  writeSnapshot(snapshot: Snapshot): Promise<void>;
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
    throw new StoreError(
      `the data folder ${dir} cannot be used: ${errorText(error)}; check the disk's room and the folder's owner`,
      { cause: error },
    );
  }
}

async function recover(options: StoreOptions, disk: Disk, lock: FolderLock): Promise<Store> {
  const { dir, fold, faults, log, segmentBytes = SEGMENT_BYTES } = options;
  const began = performance.now();
  const folder = join(dir, 'journal');
  const repair: RepairParts = { disk, aside: join(dir, 'aside'), log };

  // First all reading, then all writing: whatever is refused is left as it was.
  const badSnapshots: BadSnapshot[] = [];
  const adapter = new SnapshotAdapter(disk, dir, (bad) => {
    badSnapshots.push(bad);
    faults.raise('SNAPSHOT_BAD', bad.file, bad.reason);
  });
  const snapshots = new Low<Snapshot | null>(adapter, null);
  await snapshots.read();
  const working = snapshots.data ? restore(snapshots.data) : emptyState();
  const fromSnapshotSeq = working.seq;
  snapshots.data = null;
  const found = await replay(disk, folder, working, fold);
  const archive = await openArchive({ disk, folder: join(dir, 'archive'), faults, parks: working.parks.values() });

  for (const bad of badSnapshots) await moveAside(repair, dir, bad);
  await reportDamage(repair, found.damage, faults);
  await disk.makeFolder(folder);
  await removeUnfinished(disk, folder);
  const { segments, tail } = await openForWriting(repair, folder, found, working.seq, segmentBytes);
  const journal = new SegmentJournal({ disk, folder, segmentBytes, log, segments, tail, seq: working.seq });
  const writer = snapshotWriter(snapshots, journal, faults);

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
    stats: () => journal.stats(),
    async close() {
      await writer.close();
      await journal.close();
      await lock.release();
    },
  };
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
    return { segments: found.segments, tail: await openTail(repair, folder, found.last) };
  }
  const { disk } = repair;
  await prepareSegment(disk, folder, segmentBytes);
  const name = await nameSegment(disk, folder, seq + 1);
  const segment = { name, first: seq + 1, bytes: segmentBytes };
  const file = await disk.open(join(folder, name), 'durable');
  return { segments: [segment], tail: { file, segment, used: 0 } };
}

interface SnapshotWriter {
  write(snapshot: Snapshot): Promise<void>;
  /** Takes no more, and returns once none is under way. */
  close(): Promise<void>;
}

function snapshotWriter(snapshots: Low<Snapshot | null>, journal: SegmentJournal, faults: Faults): SnapshotWriter {
  let writing: Promise<void> | null = null;
  let closed = false;

  async function writeNow(snapshot: Snapshot): Promise<void> {
    snapshots.data = snapshot;
    try {
      await snapshots.write();
      faults.clear('SNAPSHOT_FAILED', SNAPSHOT_FILE);
      for (const file of [SNAPSHOT_FILE, PREVIOUS_FILE]) faults.clear('SNAPSHOT_BAD', file);
    } catch (error) {
      faults.raise('SNAPSHOT_FAILED', SNAPSHOT_FILE, errorText(error));
    } finally {
      snapshots.data = null;
      writing = null;
    }
  }

  return {
    async write(snapshot) {
      if (closed) throw new StoreError('no snapshot can be written: the store is closed');
      if (writing !== null) throw new StoreError('a snapshot is being written already');
      const { seq } = journal.stats();
      if (snapshot.seq > seq) {
        throw new StoreError(
          `a snapshot of record ${snapshot.seq} was asked for, and the journal ends at record ${seq}`,
        );
      }
      writing = writeNow(snapshot);
      await writing;
    },
    async close() {
      closed = true;
      await writing;
    },
  };
}
