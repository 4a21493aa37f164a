/**
 * Departures: what they cost, what was collected when the vehicles left, and who was let go uncollected, with what came
 * for that later. Amounts in 分.
 */
import type { LaneId, OrderNo, ParkId, VisitId } from '../core/ids.ts';
import { above, add, type Fen, ZERO } from '../core/money.ts';
import type { Left, LetThrough } from '../core/park/events.ts';
import { credentialText } from '../core/park/model.ts';
import type { LetOut, Visit } from '../core/park/visit.ts';
import type { Instant } from '../core/time.ts';
import type { PaymentLine } from './payment-line.ts';

/** A vehicle that was let go without having paid, or by the operator. */
export interface LetGoLine {
  readonly park: ParkId;
  readonly at: Instant;
  readonly lane: LaneId | null;
  readonly vehicle: string | null;
  /** Null for a vehicle of which no visit is known: nobody knows what it owed. */
  readonly visit: VisitId | null;
  readonly why: LetOut['why'];
  /** What the operator said, and who it was. */
  readonly reason: string | null;
  readonly by: string | null;
  readonly due: Fen;
  /** What is open of that now. */
  readonly open: Fen;
  /** The orders that paid for it since, in the order in which they came. */
  readonly settledBy: readonly Settling[];
  /** Where it stands: `000000000001.jsonl:5` is record 5 of that file of the journal. */
  readonly place: string;
}

interface Settling {
  readonly orderNo: OrderNo;
  readonly at: Instant;
  readonly amount: Fen;
  readonly deduction: Fen;
}

/** `fees` is the sum of the two after it. */
export interface DepartureSums {
  readonly cars: number;
  readonly fees: Fen;
  /** Paid when they left; what was too much is not in it. */
  readonly collected: Fen;
  readonly uncollected: Fen;
}

/** Which departures are asked for. */
export type Asked = (park: ParkId, at: Instant) => boolean;

export interface DepartureTally {
  /** A departure of the journal. */
  left(event: Left, vehicle: string | null, place: string): void;
  through(event: LetThrough, place: string): void;
  /** The vehicle had not left after all. */
  stayed(park: ParkId, visit: VisitId): void;
  /** A visit of the archive or the snapshot; where the journal has its departure too, that counts. */
  shelved(park: ParkId, visit: Visit, place: string): void;
  /** Hears of every payment; those that came late are for one of the departures, or for one that was not asked for. */
  paid(line: PaymentLine): void;
  lines(): readonly LetGoLine[];
  /** Of the journal's departures. */
  sums(): DepartureSums;
}

const NONE: DepartureSums = { cars: 0, fees: ZERO, collected: ZERO, uncollected: ZERO };

/** Counts. Memory is taken by vehicles that were let go, and by departures that a backlog told of. */
export function createDepartureTally(asked: Asked): DepartureTally {
  const letGo = new Map<string, LetGoLine>();
  const backlog = new Map<string, DepartureSums>();
  let sums = NONE;

  return {
    left(event, vehicle, place) {
      const { park, at, lane, visit, uncollected, letOut, reason = null, by = null } = event;
      if (!asked(park, at)) return;
      const own = sumsOf(event);
      sums = together(sums, own, 1);
      if (event.backlog) backlog.set(keyOf(park, visit), own);
      if (uncollected === 0 && letOut === undefined) return;
      const named = event.credential ? credentialText(event.credential) : vehicle;
      const amounts = { due: uncollected, open: uncollected, settledBy: [] };
      const why = letOut ?? 'backlog';
      letGo.set(keyOf(park, visit), { park, at, lane, vehicle: named, visit, why, reason, by, ...amounts, place });
    },
    through({ park, at, lane, credential, reason, by }, place) {
      if (!asked(park, at)) return;
      const amounts = { due: ZERO, open: ZERO, settledBy: [] };
      const vehicle = credentialText(credential);
      letGo.set(place, { park, at, lane, vehicle, visit: null, why: 'operator', reason, by, ...amounts, place });
    },
    stayed(park, visit) {
      const key = keyOf(park, visit);
      const own = backlog.get(key);
      if (!own) return;
      sums = together(sums, own, -1);
      backlog.delete(key);
      letGo.delete(key);
    },
    shelved(park, { id, end, credential }, place) {
      if (!end?.letOut || end.uncollected === undefined || !asked(park, end.at)) return;
      const { at, lane, uncollected: open, letOut } = end;
      const { why, due, reason = null, by = null } = letOut;
      const settledBy = letGo.get(keyOf(park, id))?.settledBy ?? [];
      const who = { vehicle: credentialText(credential), visit: id };
      letGo.set(keyOf(park, id), { park, at, lane, ...who, why, reason, by, due, open, settledBy, place });
    },
    paid({ park, visit, flags, orderNo, at, amount, deduction, stillOpen }) {
      if (visit === null || !flags.includes('SETTLED_LATE')) return;
      const key = `${park}\n${visit}`;
      const line = letGo.get(key);
      if (!line) return;
      const settledBy = [...line.settledBy, { orderNo, at, amount, deduction }];
      letGo.set(key, { ...line, settledBy, open: stillOpen ?? line.open });
    },
    lines: () => [...letGo.values()].toSorted((a, b) => a.at - b.at),
    sums: () => sums,
  };
}

function keyOf(park: ParkId, visit: VisitId): string {
  return `${park}\n${visit}`;
}

function sumsOf({ gross, uncollected }: Left): DepartureSums {
  return { cars: 1, fees: gross, collected: above(gross, uncollected), uncollected };
}

function together(a: DepartureSums, b: DepartureSums, sign: 1 | -1): DepartureSums {
  const sum = (x: Fen, y: Fen): Fen => add(x, (sign * y) as Fen);
  return {
    cars: a.cars + sign * b.cars,
    fees: sum(a.fees, b.fees),
    collected: sum(a.collected, b.collected),
    uncollected: sum(a.uncollected, b.uncollected),
  };
}
