/** The gateway on a real store, and cars that go through it as fast as it takes them. */
import { systemClock } from '../../src/clock.ts';
import type { LaneId, ParkId, VisitId } from '../../src/core/ids.ts';
import type { Command } from '../../src/core/park/commands.ts';
import type { JournalRecord } from '../../src/core/park/events.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { park } from '../core/park/scene.ts';
import { QUIET } from './journals.ts';
import { readingOf } from './support.ts';

/** Cars that come and go are of another letter than those that stand in the park. */
const FIRST_CAR = 500_000;

export interface Loop {
  readonly store: Store;
  readonly gateway: RunningGateway;
  /** Records committed so far. */
  committed(): number;
  /** Runs so many writers, each of which waits for its reply before it goes on, for so many ms. */
  drive(writers: number, ms: number): Promise<void>;
  close(): Promise<void>;
}

/** @param onRecord sees each committed record. */
export async function openLoop(
  dir: string,
  segmentBytes: number,
  onRecord: (record: JournalRecord) => void = () => undefined,
): Promise<Loop> {
  const store = await openStore({ dir, fold: evolve, faults: QUIET, log: QUIET, segmentBytes });
  // No arms: an order's outcome would be a second record that no writer waits for.
  const lanes = new Map([...park().lanes].map(([id, lane]) => [id, { ...lane, barrier: false }]));
  const thePark = park({ lanes });
  let records = 0;
  const gateway = startGateway({
    world: () => ({ parks: new Map([[thePark.id, thePark]]) }),
    working: store.working,
    committed: store.committed,
    journal: store.journal,
    clock: systemClock,
    faults: QUIET,
    inboxLimit: 10_000,
    batchLimit: 512,
    onCommit({ record }) {
      records += 1;
      onRecord(record);
    },
    onEffect: () => undefined,
    onFatal: (error) => {
      throw error;
    },
  });
  let number = FIRST_CAR;
  return {
    store,
    gateway,
    committed: () => records,
    async drive(writers, ms) {
      const began = performance.now();
      // A car comes in and leaves again, so that the park does not fill with more cars than a park has.
      const writer = async (): Promise<void> => {
        while (performance.now() - began < ms) {
          number += 1;
          const car = number;
          await gateway.submit(reading(car, 'in-1'));
          await gateway.submit(reading(car, 'out-1'));
        }
      };
      await Promise.all(Array.from({ length: writers }, writer));
    },
    async close() {
      await gateway.stop();
      await store.close();
    },
  };
}

function reading(number: number, lane: 'in-1' | 'out-1'): Command {
  return {
    type: 'reading',
    park: 'P001' as ParkId,
    lane: lane as LaneId,
    reading: readingOf(number),
    history: null,
    freshVisit: `W${String(number).padStart(15, '0')}` as VisitId,
  };
}
