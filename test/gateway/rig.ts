/** A gateway whose journal the test holds in its hand. */
import type { DeviceId, LaneId, VisitId } from '../../src/core/ids.ts';
import type { Command } from '../../src/core/park/commands.ts';
import type { Effect } from '../../src/core/park/effects.ts';
import type { JournalRecord } from '../../src/core/park/events.ts';
import { emptyState } from '../../src/core/park/state.ts';
import type { Instant } from '../../src/core/time.ts';
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts';
import type { Committed, Room } from '../../src/gateway/ports.ts';
import { P001, park, plate, TEN } from '../core/park/scene.ts';

export interface Rig {
  readonly gateway: RunningGateway;
  readonly written: JournalRecord[][];
  readonly committed: Committed[];
  readonly effects: Effect[];
  readonly faults: Set<string>;
  readonly fatal: Error[];
  now: Instant;
  /** What the journal says of its room. */
  room: () => Room;
  /** Ends the oldest write that waits: well, or with an error. */
  flush(error?: Error): Promise<void>;
}

/** A gateway over a journal whose flush the test holds in its hand: a real disk cannot be stopped half-way. */
export function rig(limits: { inbox?: number; batch?: number } = {}): Rig {
  const held: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const thePark = park();
  const parts = {
    written: [] as JournalRecord[][],
    committed: [] as Committed[],
    effects: [] as Effect[],
    faults: new Set<string>(),
    fatal: [] as Error[],
  };
  const self: Rig = {
    ...parts,
    now: TEN,
    room: () => 'free',
    gateway: startGateway({
      world: { parks: new Map([[thePark.id, thePark]]) },
      working: emptyState(),
      committed: emptyState(),
      journal: {
        append: (records) =>
          new Promise((resolve, reject) => {
            parts.written.push([...records]);
            held.push({ resolve, reject });
          }),
        room: () => self.room(),
      },
      clock: { now: () => self.now },
      faults: {
        raise: (code, subject) => void parts.faults.add(`${code} ${subject}`),
        clear: (code, subject) => void parts.faults.delete(`${code} ${subject}`),
      },
      inboxLimit: limits.inbox ?? 1_000,
      batchLimit: limits.batch ?? 512,
      onCommit: (committed) => void parts.committed.push(committed),
      onEffect: (effect) => void parts.effects.push(effect),
      onFatal: (error) => void parts.fatal.push(error),
    }),
    async flush(error) {
      while (held.length === 0) await turn();
      const first = held.shift();
      if (error) first?.reject(error);
      else first?.resolve();
      await turn();
    },
  };
  return self;
}

/** One turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function car(number: number, lane = 'in-1'): Command {
  return {
    type: 'reading',
    park: P001,
    lane: lane as LaneId,
    reading: {
      device: 'cam' as DeviceId,
      credential: plate(`粤A${String(number).padStart(5, '0')}`),
      colour: 'blue',
      confidence: null,
      identity: null,
    },
    history: null,
    freshVisit: `V${number}` as VisitId,
  };
}
