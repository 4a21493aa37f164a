/** Writing snapshots one at a time, and knowing how far back the generations on the disk reach. */
import type { Low } from 'lowdb';
import type { Snapshot } from '../core/park/snapshot.ts';
import type { Faults } from '../gateway/ports.ts';
import { errorSaid, StoreError } from './files.ts';
import { PREVIOUS_FILE, SNAPSHOT_FILE } from './snapshot.ts';

export interface SnapshotWriter {
  /** See `Store.writeSnapshot`. */
  write(snapshot: Snapshot): Promise<boolean>;
  /** The last record in the older of the two generations; 0 while that is not known for sure. */
  reachesBackTo(): number;
  /** Takes no more, and returns once none is under way. */
  close(): Promise<void>;
}

export interface SnapshotParts {
  readonly snapshots: Low<Snapshot | null>;
  /** The last record in the snapshot that the start used; 0 without one. */
  readonly startedFrom: number;
  /** The journal's last record. */
  readonly seq: () => number;
  readonly faults: Faults;
}

export function snapshotWriter({ snapshots, startedFrom, seq, faults }: SnapshotParts): SnapshotWriter {
  let writing: Promise<boolean> | null = null;
  let closed = false;
  let newest = startedFrom;
  // What else lay there at the start has not been read, and may be bad.
  let previous = 0;

  async function writeNow(snapshot: Snapshot): Promise<boolean> {
    snapshots.data = snapshot;
    try {
      await snapshots.write();
      previous = newest;
      newest = snapshot.seq;
      faults.clear('SNAPSHOT_FAILED', SNAPSHOT_FILE);
      for (const file of [SNAPSHOT_FILE, PREVIOUS_FILE]) faults.clear('SNAPSHOT_BAD', file);
      return true;
    } catch (error) {
      faults.raise('SNAPSHOT_FAILED', SNAPSHOT_FILE, errorSaid(error));
      return false;
    } finally {
      snapshots.data = null;
      writing = null;
    }
  }

  return {
    async write(snapshot) {
      if (closed) throw new StoreError('no snapshot can be written: the store is closed');
      if (writing !== null) throw new StoreError('a snapshot is being written already');
      const last = seq();
      if (snapshot.seq > last) {
        throw new StoreError(
          `a snapshot of record ${snapshot.seq} was asked for, and the journal ends at record ${last}`,
        );
      }
      writing = writeNow(snapshot);
      return await writing;
    },
    reachesBackTo: () => previous,
    async close() {
      closed = true;
      await writing;
    },
  };
}
