/** When a snapshot is written: after so many records, and at the end. */
import { capture, type Snapshot } from '../core/park/snapshot.ts';
import type { State } from '../core/park/state.ts';
import { MINUTE } from '../core/time.ts';
import type { Clock } from './ports.ts';

export interface SnapshotterParts {
  /** Writes one, and tells whether it is on the disk. Never rejects for the disk's sake. */
  readonly write: (snapshot: Snapshot) => Promise<boolean>;
  /** Records between two snapshots. */
  readonly every: number;
  /** Records that lie in no snapshot yet. */
  readonly since: number;
  readonly clock: Clock;
  readonly state: () => State;
}

export interface Snapshotter {
  /** Counts a record, and begins a snapshot when enough have gathered. */
  count(): void;
  /** Waits for the one under way and writes a last one, so that the next start replays nothing. */
  last(): Promise<void>;
}

/** One that failed is tried again after so long: it may have failed for want of room, and then every try is heavy. */
const RETRY_AFTER = MINUTE;

export function snapshotter({ write, every, clock, state, ...parts }: SnapshotterParts): Snapshotter {
  let { since } = parts;
  let underWay: Promise<void> | null = null;
  let retryAt: number | null = null;

  async function writeNow(): Promise<void> {
    since = 0;
    const written = await write(capture(state()));
    retryAt = written ? null : clock.now() + RETRY_AFTER;
    underWay = null;
  }

  return {
    count() {
      since += 1;
      if (underWay !== null) return;
      if (since >= every || (retryAt !== null && clock.now() >= retryAt)) underWay = writeNow();
    },
    async last() {
      await underWay;
      if (since > 0 || retryAt !== null) await writeNow();
    },
  };
}
