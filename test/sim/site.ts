/** What the parts of the world share: one run's time, books and record. */
import type { LaneId, ParkId } from '../../src/core/ids.ts';
import { type Instant, parseLocal } from '../../src/core/time.ts';
import type { Clock } from '../../src/gateway/ports.ts';
import { P001, ZONE } from '../core/park/scene.ts';
import type { Agenda } from './agenda.ts';
import type { Auditor, Fail } from './auditor.ts';
import type { Gate } from './gate-port.ts';
import type { MoneyBooks } from './money-books.ts';
import type { NoticeBooks } from './notice-books.ts';
import type { Plan } from './plan.ts';
import type { Way } from './way.ts';

export const PARK: ParkId = P001;

/** When every run begins: midnight of 22 November 2026, in Shanghai. */
export const START = startOf('2026-11-22 00:00:00');

function startOf(text: string): Instant {
  const at = parseLocal(text, ZONE);
  if (at === undefined) throw new RangeError(`not a local time: ${text}`);
  return at;
}

export interface Stats {
  commands: number;
  records: number;
  calls: number;
  /** Orders of Mallcoo that were booked. */
  payments: number;
  /** Notices beyond an order's first. */
  retries: number;
  passages: number;
  /** Ends of the process that it did not choose. */
  crashes: number;
  starts: number;
  /** Attempts at telling Mallcoo of a vehicle. */
  told: number;
  /** Cars that were let out while the line was down. */
  letOut: number;
}

/** Nothing has happened. */
export function nothingYet(): Stats {
  return {
    commands: 0,
    records: 0,
    calls: 0,
    payments: 0,
    retries: 0,
    passages: 0,
    crashes: 0,
    starts: 0,
    told: 0,
    letOut: 0,
  };
}

export interface Site {
  readonly plan: Plan;
  readonly agenda: Agenda;
  /** The gate PC's clock. */
  readonly clock: Clock;
  readonly auditor: Auditor;
  readonly notices: NoticeBooks;
  readonly money: MoneyBooks;
  readonly way: Way;
  readonly fail: Fail;
  readonly trace: (line: string) => void;
  /** Puts something that was seen from outside into the run's digest. */
  readonly witness: (line: string) => void;
  readonly stats: Stats;
  /** The process, if it is up. */
  readonly gate: () => Gate | null;
  /** For how long nothing has been wrong with the gate, its disk or its devices, in ms. */
  readonly healthyFor: () => number;
}

/** The true time as an instant. */
export function trueTime({ agenda }: Pick<Site, 'agenda'>): Instant {
  return (START + agenda.now()) as Instant;
}

/** The moment for which the gate decides and answers now: while its clock is behind its journal, that of the last record. */
export function gateTime({ clock }: Pick<Site, 'clock'>, gate: Gate): Instant {
  return Math.max(clock.now(), gate.gateway.state().at) as Instant;
}

export const laneOf = (id: string): LaneId => id as LaneId;
