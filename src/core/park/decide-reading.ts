/** What a reading at a lane leads to. */
import type { VisitId } from '../ids.ts';
import { ZERO } from '../money.ts';
import { plateKind } from '../plate.ts';
import { tiedStays } from '../tariff/reentry.ts';
import type { Stay } from '../tariff/tariff.ts';
import { HOUR, type Instant } from '../time.ts';
import { dueAt } from './charge.ts';
import type { ReadingCommand, ReadingOutcome } from './commands.ts';
import type { Decision } from './decision.ts';
import type { Entered, Held, HoldReason, ParkEvent } from './events.ts';
import { armFailed, judgeExit, leaving, openArm } from './exit.ts';
import type { LineState } from './line.ts';
import { credentialKey, credentialPlate, type Lane, type Park, type Reading, type World } from './model.ts';
import { passNote } from './pass.ts';
import {
  type LastPassage,
  lastDeparture,
  type ParkState,
  parkOf,
  type SeenReading,
  type State,
  type Visit,
} from './state.ts';

/** Cameras count their records from 1 after a restart, so an identity names one happening only for so long. */
const IDENTITY_HOLDS = HOUR;

interface Scene {
  readonly park: Park;
  readonly lane: Lane;
  readonly state: ParkState;
  readonly line: LineState;
  readonly command: ReadingCommand;
  readonly reading: Reading;
  readonly key: string | null;
  readonly now: Instant;
}

/** Decides a reading: entry, exit, hold, or one more message of a passage that is already known. */
export function decideReading(world: World, state: State, command: ReadingCommand, now: Instant): Decision {
  const park = world.parks.get(command.park);
  const lane = park?.lanes.get(command.lane);
  if (!park || !lane) return decision('noted', null, []);
  const { reading } = command;
  const key = credentialKey(reading.credential);
  const { line } = state;
  const scene: Scene = { park, lane, state: parkOf(state, park.id), line, command, reading, key, now };

  const at = command.history ?? now;
  const memory = scene.state.lanes.get(lane.id);
  const seen = reading.identity === null ? undefined : memory?.seen.get(reading.identity);
  if (seen && Math.abs(at - seen.at) < IDENTITY_HOLDS) return decideSeen(scene, seen, memory?.last ?? null);
  if (command.history !== null) return decideHistory(scene, Math.min(command.history, now) as Instant);
  const last = memory?.last;
  if (last && key !== null && last.key === key && now - last.at < lane.dedupeMs) return decideAgain(scene, last);
  return decideFresh(scene);
}

function decision(outcome: ReadingOutcome, visit: VisitId | null, events: readonly ParkEvent[]): Decision {
  return { events, reply: { type: 'reading', outcome, visit } };
}

const duplicate = (visit: VisitId | null): Decision => decision('duplicate', visit, []);

/** The device has named this happening before: a repeat, or a better reading of the same vehicle. */
function decideSeen(scene: Scene, seen: SeenReading, last: LastPassage | null): Decision {
  const { reading, key, lane, command } = scene;
  const better = key !== null && key !== seen.key && (reading.confidence ?? 0) > (seen.confidence ?? 0);
  if (!better || command.history !== null) return duplicate(seen.visit);
  // Still held at the lane under the worse reading: judge the better one as if it had come first.
  if (seen.visit === null)
    return last?.outcome === 'held' && last.key === seen.key ? decideFresh(scene) : duplicate(null);
  const visit = scene.state.open.get(seen.visit);
  if (!visit || lane.direction === 'out' || reading.credential.kind !== 'plate') return duplicate(seen.visit);
  const { plate } = reading.credential;
  return decision('corrected', visit.id, [
    ...supersede(scene, visit.id, scene.now),
    {
      type: 'corrected',
      park: scene.park.id,
      lane: lane.id,
      visit: visit.id,
      plate,
      plateKind: plateKind(plate),
      reading,
      ...earlierStays(scene, visit.entryAt),
      ...passNote(scene.park.passes, plate, scene.now),
    },
  ]);
}

/** The same vehicle at the same lane within the dedupe window: one passage, unless something has changed since. */
function decideAgain(scene: Scene, last: LastPassage): Decision {
  const open = openVisitOf(scene);
  switch (last.outcome) {
    case 'held': {
      const fresh = decideFresh(scene);
      const held = fresh.events.find((event) => event.type === 'held');
      // Held for another reason than before: somebody may have to do something else about it.
      return held && held.reason === last.reason ? duplicate(last.visit) : fresh;
    }
    case 'entered':
      // Left in between: this is a new arrival.
      return open?.id === last.visit ? reopen(scene, last) : decideFresh(scene);
    case 'left':
      // Entered again in between: this is a new departure.
      return open ? decideFresh(scene) : reopen(scene, last);
  }
}

/** The arm was ordered up for this car but did not certainly rise, and the car is seen again: a new order, once. */
function reopen(scene: Scene, last: LastPassage): Decision {
  return armFailed(last)
    ? decision('reopened', last.visit, openArm(scene, scene.lane, last.visit))
    : duplicate(last.visit);
}

function decideFresh(scene: Scene): Decision {
  if (scene.key === null) return hold(scene, 'unplated', null);
  return scene.lane.direction === 'in' ? decideEntry(scene) : decideExit(scene);
}

function decideEntry(scene: Scene): Decision {
  const { command, lane, now } = scene;
  const waiting = waitingAtEntry(scene);
  if (waiting) return waiting;
  const entered = enteredEvent(scene, now, false);
  return decision('entered', command.freshVisit, [
    ...supersede(scene, command.freshVisit, now),
    entered,
    ...openArm(scene, lane, command.freshVisit),
  ]);
}

function decideExit(scene: Scene): Decision {
  const { park } = scene;
  const stayed = openVisitOf(scene) ? null : stayedAtExit(scene);
  if (stayed) {
    const { events, reply } = decideDeparture(scene, stayed);
    return { events: [{ type: 'stayed', park: park.id, visit: stayed.id }, ...events], reply };
  }
  const visit = openVisitOf(scene);
  return visit ? decideDeparture(scene, visit) : hold(scene, 'unknownVehicle', null);
}

function decideDeparture(scene: Scene, visit: Visit): Decision {
  const { park, lane, line, now, reading } = scene;
  const verdict = judgeExit(park, lane, line, visit, now);
  if (verdict.type === 'hold') return hold(scene, verdict.reason, visit);
  const letOut = verdict.letOut === null ? null : { letOut: verdict.letOut };
  const left = leaving({ park, lane: lane.id, visit, at: now, identity: reading.identity, backlog: false, letOut });
  return decision('left', visit.id, [left, ...openArm(scene, lane, visit.id)]);
}

/**
 * The vehicle that a lane is still busy with: it came in by a backlog record here, or its arm did not rise, and it stands
 * there. A visit of its own was begun for it; a second one would move its entry and count it twice.
 */
function waitingAtEntry(scene: Scene): Decision | null {
  const { park, lane, state, now } = scene;
  const open = openVisitOf(scene);
  if (!open || open.entryLane !== lane.id || now - open.entryAt > park.waitingMs) return null;
  const last = state.lanes.get(lane.id)?.last;
  if (last?.visit === open.id) return last.outcome === 'entered' && armFailed(last) ? reopen(scene, last) : null;
  return open.backlog === true ? decision('reopened', open.id, openArm(scene, lane, open.id)) : null;
}

/** The visit of a vehicle that a camera's backlog let go from this exit a moment ago: it is seen here, so it stands here. */
function stayedAtExit({ park, lane, state, key, now }: Scene): Visit | null {
  const visit = key === null ? undefined : lastDeparture(state, key);
  const end = visit?.end;
  if (!visit || !end?.backlog || end.lane !== lane.id || now - end.at > park.waitingMs) return null;
  return { ...visit, end: null };
}

function hold(scene: Scene, reason: HoldReason, visit: Visit | null): Decision {
  const { park, lane, reading, now } = scene;
  const due = visit ? dueAt(park, visit, now) : ZERO;
  const held: Held = {
    type: 'held',
    park: park.id,
    lane: lane.id,
    reading,
    reason,
    visit: visit?.id ?? null,
    due,
    at: now,
  };
  return decision('held', held.visit, [held]);
}

/**
 * A backlog record enters history at its own time and opens nothing. It begins or ends a visit only where that fits
 * what is known; otherwise it is a passage and no more, for a guess here would cost somebody money.
 */
function decideHistory(scene: Scene, at: Instant): Decision {
  const { park, lane, reading, command, key } = scene;
  const open = openVisitOf(scene);
  const noted = (): Decision =>
    decision('noted', null, [
      { type: 'passageNoted', park: park.id, lane: lane.id, direction: lane.direction, reading, at },
    ]);
  if (key === null) return noted();
  const same = rememberedNear(scene, at);
  if (same) return duplicate(same.visit);
  if (lane.direction === 'in') {
    if (open && Math.abs(at - open.entryAt) < lane.dedupeMs) return duplicate(open.id);
    // It stood there all the time that the camera was alone: one visit, from when it came.
    const stood = open?.backlog === true && open.entryLane === lane.id && at - open.entryAt <= park.waitingMs;
    if (open && at >= open.entryAt && stood) return duplicate(open.id);
    if (open && open.entryAt > at) return noted();
    const visit = command.freshVisit;
    return decision('entered', visit, [...supersede(scene, visit, at), enteredEvent(scene, at, true)]);
  }
  if (!open || open.entryAt > at) return noted();
  if (standsThere(scene, open, at)) return duplicate(open.id);
  const { identity } = reading;
  const left = leaving({ park, lane: lane.id, visit: open, at, identity, backlog: true, letOut: null });
  return decision('left', open.id, [left]);
}

/** Whether the vehicle is held at this exit since a moment after `at`: it stood there already, and did not go. */
function standsThere({ park, lane, state }: Scene, visit: Visit, at: Instant): boolean {
  const last = state.lanes.get(lane.id)?.last;
  return last?.outcome === 'held' && last.visit === visit.id && at <= last.at && last.at - at <= park.waitingMs;
}

/**
 * What the lane remembers of the same vehicle within the dedupe window. A camera records a standing car again and again;
 * only the first of those readings was a happening, and the others are known by it alone when the backlog brings them.
 */
function rememberedNear({ lane, state, key }: Scene, at: Instant): SeenReading | undefined {
  const seen = state.lanes.get(lane.id)?.seen.values();
  return seen?.find((one) => one.key === key && Math.abs(at - one.at) < lane.dedupeMs);
}

function openVisitOf(scene: Scene): Visit | undefined {
  const id = scene.key === null ? undefined : scene.state.byCredential.get(scene.key);
  return id === undefined ? undefined : scene.state.open.get(id);
}

function enteredEvent(scene: Scene, at: Instant, backlog: boolean): Entered {
  const { park, lane, reading, command } = scene;
  const kind = reading.credential.kind === 'plate' ? plateKind(reading.credential.plate) : null;
  return {
    type: 'entered',
    park: park.id,
    lane: lane.id,
    visit: command.freshVisit,
    reading,
    at,
    plateKind: kind,
    backlog,
    ...earlierStays(scene, at),
    ...passNote(park.passes, credentialPlate(reading.credential), at),
  };
}

/** The stays that the sheet's rule for re-entry ties to one that begins at `at`: noted at the entry, while they are known. */
function earlierStays({ park, state, key }: Scene, at: Instant): { readonly earlier?: readonly Stay[] } {
  if (key === null || park.tariff.termsAt(at).reentry === null) return {};
  const before = lastDeparture(state, key);
  if (!before?.end) return {};
  const stays = [...(before.earlier ?? []), { from: before.entryAt, to: before.end.at }];
  const earlier = tiedStays(park.tariff, at, stays);
  return earlier.length > 0 ? { earlier } : {};
}

/** One visit per vehicle: an open visit of the same credential ends when another takes its place. */
function supersede(scene: Scene, by: VisitId, at: Instant): ParkEvent[] {
  const open = openVisitOf(scene);
  if (!open || open.id === by) return [];
  return [{ type: 'superseded', park: scene.park.id, visit: open.id, by, at: Math.max(at, open.entryAt) as Instant }];
}
