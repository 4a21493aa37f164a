/** How a vehicle leaves: whether it may, the event by which its visit ends, the order for the arm, and who stands there. */
import type { LaneId, VisitId } from '../ids.ts';
import { after, type Instant } from '../time.ts';
import { chargedBy, creditOf, dueAt, grossAt } from './charge.ts';
import type { Left, ParkEvent } from './events.ts';
import { type LineState, paymentMayBeLost } from './line.ts';
import type { Lane, Park } from './model.ts';
import type { LastPassage, ParkState } from './state.ts';
import type { Visit } from './visit.ts';

/** What becomes of a known vehicle at an exit. `lineDown`: it owes something, and its payment may be on its way. */
type ExitVerdict =
  | { readonly type: 'leave'; readonly letOut: 'lineDown' | null }
  | { readonly type: 'hold'; readonly reason: 'unpaid' | 'lineDown' };

/** The one place where it is decided whether a vehicle that is known may leave by itself. */
export function judgeExit(park: Park, lane: Lane, line: LineState, visit: Visit, now: Instant): ExitVerdict {
  const due = dueAt(park, visit, now);
  if (due === 0) return { type: 'leave', letOut: null };
  const rule = lane.whenLineDown;
  if (rule.type === 'hold' || !paymentMayBeLost(park, line, visit, now)) return { type: 'hold', reason: 'unpaid' };
  if (rule.type === 'letOut' && due <= rule.upTo) return { type: 'leave', letOut: 'lineDown' };
  return { type: 'hold', reason: 'lineDown' };
}

interface Departure {
  readonly park: Park;
  readonly lane: LaneId;
  readonly visit: Visit;
  readonly at: Instant;
  readonly identity: string | null;
  readonly backlog: boolean;
  /** Why it goes though something may be due; null for a vehicle that owes nothing, and for a backlog. */
  readonly letOut: Pick<Left, 'letOut' | 'reason' | 'by'> | null;
}

/** The event by which a visit ends at an exit, with the figures it ended on. */
export function leaving({ park, lane, visit, at, identity, backlog, letOut }: Departure): Left {
  const uncollected = dueAt(park, visit, at);
  return {
    type: 'left',
    park: park.id,
    lane,
    visit: visit.id,
    identity,
    at,
    backlog,
    gross: grossAt(park, visit, at),
    paid: creditOf(visit),
    uncollected,
    tariff: chargedBy(park, visit, at),
    ...letOut,
    ...(uncollected > 0 || letOut ? { credential: visit.credential } : {}),
  };
}

/** An order for the lane's arm, if it has one. */
export function openArm(
  { park, now }: { readonly park: Park; readonly now: Instant },
  lane: Lane,
  visit: VisitId | null,
): ParkEvent[] {
  if (!lane.barrier) return [];
  return [{ type: 'barrierOrdered', park: park.id, lane: lane.id, visit, deadline: after(now, lane.orderDeadlineMs) }];
}

/** Whether the arm was ordered up for the lane's last vehicle and did not certainly rise. */
export function armFailed({ orderOutcome }: LastPassage): boolean {
  return orderOutcome === 'refused' || orderOutcome === 'uncertain' || orderOutcome === 'expired';
}

/** The vehicle that is held at a lane and has not been there for so long that it must have backed off. */
export function waitingAt(park: Park, state: ParkState, lane: LaneId, now: Instant): LastPassage | null {
  const last = state.lanes.get(lane)?.last;
  return last?.outcome === 'held' && now - last.at <= park.waitingMs ? last : null;
}

/** The exit at which the vehicle of a visit waits: the one at which it was seen last. */
export function exitOf(park: Park, state: ParkState, visit: VisitId, now: Instant): Lane | null {
  let found: { readonly lane: Lane; readonly at: Instant } | null = null;
  for (const lane of park.lanes.values()) {
    const last = lane.direction === 'out' ? waitingAt(park, state, lane.id, now) : null;
    if (last?.visit === visit && last.at >= (found?.at ?? last.at)) found = { lane, at: last.at };
  }
  return found?.lane ?? null;
}
