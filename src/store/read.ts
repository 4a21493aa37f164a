/** What a data folder holds, read as a start reads it. Nothing is changed: a folder that is refused is left as it was. */
import { join } from 'node:path';
import { Low } from 'lowdb';
import { restore, type Snapshot } from '../core/park/snapshot.ts';
import { emptyState, type State } from '../core/park/state.ts';
import type { Faults } from '../gateway/ports.ts';
import { type ArchiveStore, openArchive } from './archive/archive.ts';
import type { Disk } from './disk.ts';
import { type Marker, readMarker } from './marker.ts';
import { type Fold, type Replay, replay } from './recovery.ts';
import { type BadSnapshot, SnapshotAdapter } from './snapshot.ts';

export interface ReadParts {
  readonly disk: Disk;
  /** The data folder. */
  readonly dir: string;
  readonly fold: Fold;
  /** Hears of snapshots and archive files that cannot be used; damage in the journal is in `found`. */
  readonly faults: Faults;
}

export interface ReadFolder {
  /** The state after the last record. */
  readonly state: State;
  /** Empty, for the next snapshot. */
  readonly snapshots: Low<Snapshot | null>;
  readonly badSnapshots: readonly BadSnapshot[];
  /** The last record in the snapshot that was used; 0 without one. */
  readonly fromSnapshotSeq: number;
  readonly found: Replay;
  readonly archive: ArchiveStore;
  readonly marker: Marker | null;
}

/**
 * Recovers the state from the newest good snapshot and the journal after it.
 * @throws StoreError when something was written by a newer version; the disk's error.
 */
export async function readFolder({ disk, dir, fold, faults }: ReadParts): Promise<ReadFolder> {
  const badSnapshots: BadSnapshot[] = [];
  const adapter = new SnapshotAdapter(disk, dir, (bad) => {
    badSnapshots.push(bad);
    faults.raise('SNAPSHOT_BAD', bad.file, bad.reason);
  });
  const snapshots = new Low<Snapshot | null>(adapter, null);
  await snapshots.read();
  const state = snapshots.data ? restore(snapshots.data) : emptyState();
  const fromSnapshotSeq = state.seq;
  snapshots.data = null;
  const found = await replay(disk, join(dir, 'journal'), state, fold);
  const archive = await openArchive({ disk, folder: join(dir, 'archive'), faults, parks: state.parks.values() });
  const marker = await readMarker(disk, dir);
  return { state, snapshots, badSnapshots, fromSnapshotSeq, found, archive, marker };
}
