/** How the gate is at this moment, as `/healthz` tells it: the status page and `gatepost status` show the same. */
import type { FaultCode } from '../core/errors.ts';
import type { ParkId } from '../core/ids.ts';
import type { Direction, Park, World } from '../core/park/model.ts';
import type { LaneMemory, State } from '../core/park/state.ts';
import { formatLocal, type Instant, type Zone } from '../core/time.ts';
import type { Json } from './answer.ts';
import { printable } from './log.ts';
import { utcText } from './moment.ts';
import { oldestOf } from './outbox-view.ts';

export interface HealthFault {
  readonly code: FaultCode;
  /** What is at fault: a device, a lane, a file. */
  readonly subject: string;
  readonly text: string;
  readonly since: Instant;
}

/** How the gateway is at this moment. */
export interface Health {
  /** `degraded` while any fault is raised. The gate may well work. */
  readonly status: 'ok' | 'degraded';
  readonly version: string;
  readonly startedAt: Instant;
  readonly now: Instant;
  /** The zone in which the gate's log tells the time. */
  readonly zone: Zone;
  /** The last record of the journal that is in the state. */
  readonly seq: number;
  /** The parks as configured. */
  readonly world: World;
  /** The committed state. */
  readonly state: State;
  /** What the archive holds, and what it takes of the disk. */
  readonly archive: {
    readonly files: number;
    readonly bytes: number;
    readonly visits: number;
    readonly orders: number;
    readonly passages: number;
    readonly oldest: Instant | null;
    readonly newest: Instant | null;
  };
  readonly faults: readonly HealthFault[];
  /** How the run before this one ended, if it ended badly. */
  readonly lastFailure: string | null;
  /** The devices' counters, as they report them. */
  readonly devices: Json;
  /** What is told to Mallcoo (1.4), by the parks that tell. */
  readonly notices: Readonly<Record<string, NoticeHealth>>;
  /** The way to Mallcoo. `line`: whether payments can reach the gate. */
  readonly reach: {
    readonly publicUrl: string | null;
    readonly line: 'up' | 'down' | 'unknown';
    readonly internet: 'up' | 'down' | 'unknown';
    readonly lastProbe: {
      readonly at: Instant;
      readonly ok: boolean;
      readonly ms: number;
      readonly why: string;
    } | null;
  };
}

export interface NoticeHealth {
  /** Confirmed since the start. */
  readonly told: number;
  /** The verdict on the last answer, and what was wrong with it. */
  readonly lastAnswer: { readonly at: Instant; readonly verdict: string; readonly why: string } | null;
}

/** The health as `GET /healthz` answers it. Every park that is configured or has a history is in it. */
export function healthJson(health: Health): Json {
  const { status, version, startedAt, now, zone, seq, world, state, archive, faults, devices } = health;
  const { oldest, newest, ...counts } = archive;
  return {
    status,
    version,
    since: utcText(startedAt),
    now: utcText(now),
    zone: zone.name,
    local: formatLocal(now, zone),
    seq,
    openVisits: perPark(health, (id) => state.parks.get(id)?.open.size ?? 0),
    parks: Object.fromEntries([...world.parks.values()].map((park) => [park.id, parkJson(park, state)])),
    outbox: perPark(health, (id) => outboxJson(state, id)),
    archive: { ...counts, from: oldest && utcText(oldest), to: newest && utcText(newest) },
    faults: faults.map(faultJson),
    lastFailure: health.lastFailure && printable(health.lastFailure),
    devices,
    notices: Object.fromEntries(Object.entries(health.notices).map(([park, notices]) => [park, noticesJson(notices)])),
    reach: reachJson(health.reach),
  };
}

function noticesJson({ told, lastAnswer: last }: NoticeHealth): Json {
  return { told, lastAnswer: last && { at: utcText(last.at), verdict: last.verdict, why: printable(last.why) } };
}

function reachJson({ lastProbe: last, ...reach }: Health['reach']): Json {
  return { ...reach, lastProbe: last && { ...last, at: utcText(last.at), why: printable(last.why) } };
}

/** The texts as the log prints them. */
function faultJson({ code, subject, text, since }: HealthFault): Json {
  return { code, subject: printable(subject), text: printable(text), since: utcText(since) };
}

function perPark({ world, state }: Health, tell: (id: ParkId) => Json): Json {
  const ids = new Set([...world.parks.keys(), ...state.parks.keys()]);
  return Object.fromEntries([...ids].map((id) => [id, tell(id)]));
}

function outboxJson(state: State, id: ParkId): Json {
  const outbox = state.parks.get(id)?.outbox;
  const oldest = outbox ? oldestOf(outbox.waiting.values()) : null;
  return { waiting: outbox?.waiting.size ?? 0, oldest: oldest && utcText(oldest), dead: outbox?.dead.size ?? 0 };
}

function parkJson({ id, name, lanes }: Pick<Park, 'id' | 'name' | 'lanes'>, state: State): Json {
  const memories = state.parks.get(id)?.lanes;
  const told = [...lanes.values()].map((lane) => [lane.id, laneJson(lane.direction, memories?.get(lane.id))] as const);
  return { name, lanes: Object.fromEntries(told) };
}

/** What a lane did last. No plates: whoever watches over the machine need not know who parks here. */
function laneJson(direction: Direction, memory: LaneMemory | undefined): Json {
  const last = memory?.last;
  if (!last) return { direction, last: null };
  const { at, outcome, reason, orderOutcome } = last;
  return { direction, last: { at: utcText(at), outcome, reason, arm: orderOutcome } };
}
