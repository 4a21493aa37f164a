/** A park whose exits have a rule for when the line is down. For tests of the pure core. */
import type { LaneId, VisitId } from '../../../src/core/ids.ts';
import { fen } from '../../../src/core/money.ts';
import type { Decision } from '../../../src/core/park/decision.ts';
import type { ParkEvent } from '../../../src/core/park/events.ts';
import type { LineRule } from '../../../src/core/park/model.ts';
import type { Instant } from '../../../src/core/time.ts';
import { lane, P001, type Scene, scene } from './scene.ts';

export const UP_TO_10: LineRule = { type: 'letOut', upTo: fen(1_000) };
export const OPERATOR: LineRule = { type: 'operator' };
export const HOLD: LineRule = { type: 'hold' };

/** A park whose exits have that rule. */
export function gate(whenLineDown: LineRule): Scene {
  const lanes = [lane('in-1', 'in'), lane('out-1', 'out', { whenLineDown }), lane('out-2', 'out', { whenLineDown })];
  return scene({ lanes: new Map(lanes.map((entry) => [entry.id, entry])) });
}

export const line = (s: Scene, up: boolean, now: Instant): Decision => s.send({ type: 'line', up }, now);

export const letOut = (s: Scene, now: Instant, laneId = 'out-1'): Decision =>
  s.send({ type: 'letOut', park: P001, lane: laneId as LaneId, reason: 'showed the receipt', by: 'Li' }, now);

export function flags(decision: Decision): readonly string[] {
  return decision.events.flatMap((event) => (event.type === 'paymentBooked' ? event.flags : []));
}

/** What a decision comes to, in a few words. */
export function fate({ events }: Decision): string {
  const told = events.map((event: ParkEvent) => {
    if (event.type === 'held') return `held ${event.reason} ${event.due}`;
    if (event.type === 'left') return `left ${event.letOut ?? ''} ${event.uncollected}`;
    return event.type === 'barrierOrdered' ? 'arm' : event.type;
  });
  return told.join(', ');
}

/** What is open of the first visit's departure, in 分; undefined if it left owing nothing. */
export function openOf(s: Scene): number | undefined {
  return s.state.parks.get(P001)?.closed.get('V1' as VisitId)?.end?.uncollected;
}
