/** Data folders to start from: days of traffic as the gate decides it, and a park full of cars. */
import type { LaneId, OrderNo, VisitId } from '../../src/core/ids.ts';
import { fen } from '../../src/core/money.ts';
import type { Command } from '../../src/core/park/commands.ts';
import { decide } from '../../src/core/park/decide.ts';
import type { JournalRecord } from '../../src/core/park/events.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import type { Snapshot } from '../../src/core/park/snapshot.ts';
import { emptyState, type State } from '../../src/core/park/state.ts';
import { after, HOUR, type Instant, SECOND } from '../../src/core/time.ts';
import { openStore } from '../../src/store/store.ts';
import { notice, P001, park } from '../core/park/scene.ts';
import { readingOf } from './support.ts';

/** A car comes every so many ms, and stays for so many others. */
const BETWEEN_MS = 10 * SECOND;
const CARS_INSIDE = 360;
/** Events of one car: it enters, pays, leaves, and the arm rises twice and says so. */
const EVENTS_PER_CAR = 7;
/** Records of one flush while a folder is filled. */
const BATCH = 2_000;

export const QUIET = { raise: () => undefined, clear: () => undefined, notice: () => undefined, info: () => undefined };

/** Decides commands one after another, as the loop does. */
export interface Town {
  readonly state: State;
  send(command: Command, now: Instant): JournalRecord;
}

export function town(): Town {
  const world = { parks: new Map([[P001, park()]]) };
  const state = emptyState();
  return {
    state,
    send(command, now) {
      const { events, reply } = decide(world, state, command, now);
      if (events.length === 0) throw new Error(`nothing came of ${command.type}: ${JSON.stringify(reply)}`);
      const record = { seq: state.seq + 1, at: now, events };
      evolve(state, record);
      return record;
    },
  };
}

const visitOf = (car: number): VisitId => `V${String(car).padStart(15, '0')}` as VisitId;

function pass(to: Town, lane: 'in-1' | 'out-1', car: number, now: Instant): JournalRecord {
  const reading = readingOf(car);
  const freshVisit = visitOf(car);
  return to.send({ type: 'reading', park: P001, lane: lane as LaneId, reading, history: null, freshVisit }, now);
}

function pay(to: Town, car: number, now: Instant): JournalRecord {
  const feeId = visitOf(car);
  const orderNo = `M2026112210${feeId}` as OrderNo;
  const digest = orderNo.padEnd(64, '0');
  return to.send(
    { type: 'pay', park: P001, notice: notice({ orderNo, feeId, payTime: now, amount: fen(500) }), digest },
    now,
  );
}

function raised(to: Town, now: Instant): JournalRecord {
  const order = to.state.parks.get(P001)?.orders.keys().next();
  if (!order || order.done) throw new Error('no order is pending');
  return to.send({ type: 'barrierDone', park: P001, order: order.value, outcome: 'confirmed' }, now);
}

/** Records of so many events (at least), the last of them shortly before `end`. */
export function* traffic(to: Town, events: number, end: Instant): Generator<JournalRecord, void, undefined> {
  const cars = Math.ceil(events / EVENTS_PER_CAR) + CARS_INSIDE;
  for (let car = 0; car < cars; car += 1) {
    const now = after(end, (car - cars) * BETWEEN_MS);
    yield pass(to, 'in-1', car, now);
    yield raised(to, now);
    if (car < CARS_INSIDE) continue;
    yield pay(to, car - CARS_INSIDE, now);
    yield pass(to, 'out-1', car - CARS_INSIDE, now);
    yield raised(to, now);
  }
}

/** So many cars come in, within two hours before `end`, and stay. */
export function* arrivals(to: Town, cars: number, end: Instant): Generator<JournalRecord, void, undefined> {
  for (let car = 0; car < cars; car += 1) {
    const now = after(end, Math.floor(-2 * HOUR * (1 - car / cars)));
    yield pass(to, 'in-1', car, now);
    yield raised(to, now);
  }
}

export interface Filled {
  readonly records: number;
  readonly events: number;
}

/** Writes records into a new data folder, and then the snapshot, if there is to be one. */
export async function fill(
  dir: string,
  records: Iterable<JournalRecord>,
  snapshot: (() => Snapshot) | null = null,
): Promise<Filled> {
  const store = await openStore({ dir, fold: evolve, faults: QUIET, log: QUIET });
  let count = 0;
  let events = 0;
  let batch: JournalRecord[] = [];
  for (const record of records) {
    batch.push(record);
    count += 1;
    events += record.events.length;
    if (batch.length < BATCH) continue;
    await store.journal.append(batch);
    batch = [];
  }
  await store.journal.append(batch);
  if (snapshot) await store.writeSnapshot(snapshot());
  await store.close();
  return { records: count, events };
}
