/** The line goes down or comes back: what that means for the vehicles that stand at the exits. */
import type { VisitId } from '../ids.ts';
import { dueAt } from './charge.ts';
import type { LineCommand } from './commands.ts';
import { type Decision, NOTHING } from './decision.ts';
import type { LineChanged, ParkEvent } from './events.ts';
import { exitOf, judgeExit, leaving, openArm, waitingAt } from './exit.ts';
import { type LineState, lineAfter } from './line.ts';
import type { Lane, Park, World } from './model.ts';
import type { ParkState, State } from './state.ts';
import type { Visit } from './visit.ts';

/**
 * Notes that the line has changed; nothing is written when it has not. That it is down is known only a while after it
 * went: vehicles that were held as unpaid meanwhile are judged anew, for a camera may not read a standing one again.
 */
export function decideLine(world: World, state: State, { up }: LineCommand, now: LineChanged['at']): Decision {
  if (up === (state.line.downSince === null)) return NOTHING;
  const changed: LineChanged = { type: 'lineChanged', up, at: now };
  const line = lineAfter(state.line, changed);
  const waiting = up ? [] : [...world.parks.values()].flatMap((park) => judgeWaiting(park, state, line, now));
  return { ...NOTHING, events: [changed, ...waiting] };
}

function judgeWaiting(park: Park, state: State, line: LineState, now: LineChanged['at']): ParkEvent[] {
  const parkState = state.parks.get(park.id);
  if (!parkState) return [];
  return [...park.lanes.values()].flatMap((lane) => {
    const visit = unpaidAt(park, parkState, lane, now);
    return visit ? judgeAnew({ park, state: parkState, lane, line, now }, visit) : [];
  });
}

/** The vehicle that waits at this lane, and at none later, because it has not paid. */
function unpaidAt(park: Park, state: ParkState, lane: Lane, now: LineChanged['at']): Visit | null {
  if (lane.direction !== 'out') return null;
  const last = waitingAt(park, state, lane.id, now);
  if (last?.reason !== 'unpaid' || last.visit === null) return null;
  return exitOf(park, state, last.visit, now)?.id === lane.id ? openVisitOf(state, last.visit) : null;
}

function openVisitOf(state: ParkState, id: VisitId): Visit | null {
  return state.open.get(id) ?? null;
}

interface Place {
  readonly park: Park;
  readonly state: ParkState;
  readonly lane: Lane;
  readonly line: LineState;
  readonly now: LineChanged['at'];
}

function judgeAnew({ park, state, lane, line, now }: Place, visit: Visit): ParkEvent[] {
  const verdict = judgeExit(park, lane, line, visit, now);
  if (verdict.type === 'leave') {
    const { letOut } = verdict;
    const departure = { park, lane: lane.id, visit, at: now, identity: null, backlog: false };
    return [
      leaving({ ...departure, letOut: letOut === null ? null : { letOut } }),
      ...openArm({ park, now }, lane, visit.id),
    ];
  }
  if (verdict.reason === 'unpaid') return [];
  const { credential, colour, confidence, device } = visit;
  return [
    {
      type: 'held',
      park: park.id,
      lane: lane.id,
      reading: { device, credential, colour, confidence, identity: null },
      reason: verdict.reason,
      visit: visit.id,
      due: dueAt(park, visit, now),
      // It was seen then, and has not been seen since.
      at: state.lanes.get(lane.id)?.last?.at ?? now,
    },
  ];
}
