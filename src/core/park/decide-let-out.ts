/** The operator lets the vehicle go that is held at an exit. The arm never rises for nobody. */
import { ZERO } from '../money.ts';
import type { Instant } from '../time.ts';
import type { LetOutCommand, Reply } from './commands.ts';
import { type Decision, NOTHING } from './decision.ts';
import { armFailed, exitOf, leaving, openArm, waitingAt } from './exit.ts';
import { credentialOfKey, type Lane, type Park, type World } from './model.ts';
import type { LastPassage, ParkState, State } from './state.ts';

/**
 * Lets go whoever waits at the lane. A known vehicle's visit ends, with what it owes as uncollected; of one that nobody
 * knows it is noted that it passed. Where the last vehicle may go already and its arm did not rise, the arm is ordered again.
 */
export function decideLetOut(world: World, state: State, command: LetOutCommand, now: Instant): Decision {
  const park = world.parks.get(command.park);
  if (!park) return refuse('PARK_UNKNOWN', command.park);
  const lane = park.lanes.get(command.lane);
  if (lane?.direction !== 'out') return refuse('LANE_UNKNOWN', command.lane);
  const parkState = state.parks.get(park.id);
  const last = parkState?.lanes.get(lane.id)?.last;
  if (!parkState || !last) return refuse('NOBODY_WAITS', lane.id);
  if (waitingAt(park, parkState, lane.id, now)) return letGo({ park, lane, state: parkState, last, command, now });
  const again = last.outcome === 'left' && armFailed(last) && now - last.at <= park.waitingMs;
  if (!again || !lane.barrier) return refuse('NOBODY_WAITS', lane.id);
  const reply = {
    type: 'letOut',
    visit: last.visit,
    vehicle: credentialOfKey(last.key),
    due: ZERO,
    arm: true,
  } as const;
  return { events: openArm({ park, now }, lane, last.visit), reply };
}

interface Scene {
  readonly park: Park;
  readonly lane: Lane;
  readonly state: ParkState;
  readonly last: LastPassage;
  readonly command: LetOutCommand;
  readonly now: Instant;
}

function letGo({ park, lane, state, last, command, now }: Scene): Decision {
  const { reason, by } = command;
  // Its entry may have become known by a backlog since it was held.
  const id = last.visit ?? (last.key === null ? undefined : state.byCredential.get(last.key));
  const visit = id === undefined ? undefined : state.open.get(id);
  const arm = lane.barrier;
  if (visit) {
    // Held here, and since then at another exit: it is not here.
    const elsewhere = last.visit !== null && exitOf(park, state, visit.id, now)?.id !== lane.id;
    if (elsewhere) return refuse('NOBODY_WAITS', lane.id);
    const letOut = { letOut: 'operator', reason, by } as const;
    const left = leaving({ park, lane: lane.id, visit, at: now, identity: null, backlog: false, letOut });
    const reply = { type: 'letOut', visit: visit.id, vehicle: visit.credential, due: left.uncollected, arm } as const;
    return { events: [left, ...openArm({ park, now }, lane, visit.id)], reply };
  }
  // It has left by another exit, or entered anew.
  if (last.visit !== null) return refuse('NOBODY_WAITS', lane.id);
  const credential = credentialOfKey(last.key);
  const through = { type: 'letThrough', park: park.id, lane: lane.id, credential, reason, by, at: now } as const;
  const reply = { type: 'letOut', visit: null, vehicle: credential, due: ZERO, arm } as const;
  return { events: [through, ...openArm({ park, now }, lane, null)], reply };
}

function refuse(code: Extract<Reply, { type: 'refused' }>['code'], value: string): Decision {
  return { ...NOTHING, reply: { type: 'refused', code, value } };
}
