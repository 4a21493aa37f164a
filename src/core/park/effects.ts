import type { BarrierOrderId, LaneId, ParkId, VisitId } from '../ids.ts';
import type { Instant } from '../time.ts';
import { barrierOrderId, type JournalRecord } from './events.ts';

/** Raise the arm of a lane, before the deadline or never. */
export interface OpenBarrier {
  readonly type: 'openBarrier';
  readonly id: BarrierOrderId;
  readonly park: ParkId;
  readonly lane: LaneId;
  readonly visit: VisitId | null;
  readonly deadline: Instant;
}

/** What is to be done in the world. */
export type Effect = OpenBarrier;

/**
 * The effects of a committed record. They are read off its events, never decided beside them: what is not in the
 * journal cannot happen, and an effect's id is its place there.
 */
export function effectsOf(record: JournalRecord): readonly Effect[] {
  const effects: Effect[] = [];
  for (const [index, event] of record.events.entries()) {
    if (event.type !== 'barrierOrdered') continue;
    const { park, lane, visit, deadline } = event;
    effects.push({ type: 'openBarrier', id: barrierOrderId(record.seq, index), park, lane, visit, deadline });
  }
  return effects;
}
