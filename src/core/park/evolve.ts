/**
 * The fold: what each event changes. It is replayed at every start, so it must give for an old journal what it gave when
 * the journal was written; it knows no configuration and never fails. Deciding is done elsewhere.
 */
import { assertNever, type FlagCode } from '../errors.ts';
import type { LaneId, OrderNo, VisitId } from '../ids.ts';
import { ZERO } from '../money.ts';
import type { Instant } from '../time.ts';
import { credited } from './charge.ts';
import type { PaymentNotice } from './commands.ts';
import {
  type BarrierDone,
  type BarrierOrdered,
  barrierOrderId,
  type Corrected,
  type Entered,
  type Held,
  type JournalRecord,
  type Left,
  type LetThrough,
  type LineChanged,
  type ParkEvent,
  type PaymentBooked,
  type PaymentConflicted,
  type PaymentUnmatched,
  type Recalled,
  type Sealed,
  type Stayed,
  type Swept,
} from './events.ts';
import { amendNotice, foldNotice, forgetExit } from './evolve-notice.ts';
import { lineAfter } from './line.ts';
import { credentialKey, type Reading } from './model.ts';
import { lowerBound } from './queries.ts';
import {
  endedBefore,
  type LaneMemory,
  type LastPassage,
  MAX_SEEN,
  orderIsOld,
  type ParkState,
  parkOf,
  type State,
} from './state.ts';
import type { LedgerEntry, Receipt, Visit, VisitEnd } from './visit.ts';

/** Folds one record into the state, in place. Records must come in the order of their `seq`. */
export function evolve(state: State, record: JournalRecord): void {
  for (const [index, event] of record.events.entries()) apply(state, event, record, index);
  state.seq = record.seq;
  state.at = record.at;
}

function apply(state: State, event: ParkEvent, record: JournalRecord, index: number): void {
  if (event.type === 'swept') {
    sweep(state, event);
    return;
  }
  if (event.type === 'lineChanged') {
    state.line = lineAfter(state.line, event);
    return;
  }
  applyIn(parkOf(state, event.park), event, record, index);
}

type EventInPark = Exclude<ParkEvent, Swept | LineChanged>;

function applyIn(park: ParkState, event: EventInPark, record: JournalRecord, index: number): void {
  switch (event.type) {
    case 'entered':
      enter(park, event);
      break;
    case 'superseded':
      close(park, event.visit, { at: event.at, lane: null, how: 'superseded' });
      break;
    case 'left':
      leave(park, event);
      break;
    case 'held':
      hold(park, event);
      break;
    case 'letThrough':
      letThrough(park, event);
      break;
    case 'corrected':
      correct(park, event, record.at);
      amendNotice(park.outbox, event);
      break;
    case 'passageNoted':
      insert(park.passages[event.direction], event.at);
      see(park, event.lane, event.reading, event.at, null);
      break;
    case 'stayed':
      stay(park, event);
      forgetExit(park.outbox, event.visit);
      break;
    case 'barrierOrdered':
      order(park, event, record, index);
      break;
    case 'barrierDone':
      orderDone(park, event);
      break;
    case 'paymentBooked':
      book(park, event, record.at);
      break;
    case 'paymentUnmatched':
      keepUnmatched(park, event, record.at);
      break;
    case 'paymentConflicted':
      keepConflict(park, event);
      break;
    case 'sealed':
      seal(park, event);
      break;
    case 'archived':
      if (park.sealed?.batch === event.batch) park.sealed = null;
      park.archivedThrough = event.batch;
      break;
    case 'recalled':
      recall(park, event);
      break;
    case 'noticeQueued':
    case 'noticeDone':
    case 'noticeRetried':
      foldNotice(park.outbox, event, record, index);
      break;
    default:
      assertNever(event);
  }
}

function laneOf(park: ParkState, lane: LaneId): LaneMemory {
  let memory = park.lanes.get(lane);
  if (!memory) {
    memory = { last: null, seen: new Map() };
    park.lanes.set(lane, memory);
  }
  return memory;
}

/** Remembers a reading's identity, so that its other messages are known as the same happening. */
function see(park: ParkState, lane: LaneId, reading: Reading, at: Instant, visit: Visit['id'] | null): void {
  if (reading.identity === null) return;
  const { seen } = laneOf(park, lane);
  seen.delete(reading.identity);
  seen.set(reading.identity, { key: credentialKey(reading.credential), at, confidence: reading.confidence, visit });
  if (seen.size <= MAX_SEEN) return;
  const oldest = seen.keys().next();
  if (!oldest.done) seen.delete(oldest.value);
}

/** Keeps the list ascending: moments come nearly in order, so the place is near the end. */
function insert(list: Instant[], at: Instant): void {
  const last = list.at(-1);
  if (last === undefined || last <= at) list.push(at);
  else list.splice(lowerBound(list, (at + 1) as Instant), 0, at);
}

function enter(park: ParkState, event: Entered): void {
  const { reading } = event;
  const key = credentialKey(reading.credential);
  park.open.set(event.visit, {
    id: event.visit,
    credential: reading.credential,
    plateKind: event.plateKind,
    colour: reading.colour,
    confidence: reading.confidence,
    entryAt: event.at,
    entryLane: event.lane,
    device: reading.device,
    paid: ZERO,
    deducted: ZERO,
    settlement: null,
    chargeFrom: event.at,
    grossBefore: ZERO,
    end: null,
    ...(event.backlog ? { backlog: true } : {}),
    ...(event.earlier && event.earlier.length > 0 ? { earlier: event.earlier } : {}),
  });
  if (key !== null) park.byCredential.set(key, event.visit);
  insert(park.passages.in, event.at);
  see(park, event.lane, reading, event.at, event.visit);
  if (event.backlog) return;
  laneOf(park, event.lane).last = passage(key, event.at, 'entered', event.visit);
}

function passage(
  key: string | null,
  at: Instant,
  outcome: LastPassage['outcome'],
  visit: LastPassage['visit'],
  reason: LastPassage['reason'] = null,
): LastPassage {
  return { key, at, outcome, reason, visit, order: null, orderOutcome: null };
}

function close(park: ParkState, id: Visit['id'], end: VisitEnd): void {
  const visit = park.open.get(id);
  if (!visit) return;
  park.open.delete(id);
  park.closed.set(id, { ...visit, end });
  const key = credentialKey(visit.credential);
  if (key !== null && park.byCredential.get(key) === id) park.byCredential.delete(key);
}

function leave(park: ParkState, event: Left): void {
  const visit = park.open.get(event.visit);
  if (!visit) return;
  const how = event.backlog ? ({ how: 'left', backlog: true } as const) : ({ how: 'left' } as const);
  close(park, event.visit, { at: event.at, lane: event.lane, ...how, ...owedBy(event) });
  insert(park.passages.out, event.at);
  const { credential, colour, confidence, device } = visit;
  see(park, event.lane, { credential, colour, confidence, device, identity: event.identity }, event.at, event.visit);
  if (event.backlog) return;
  laneOf(park, event.lane).last = passage(credentialKey(visit.credential), event.at, 'left', event.visit);
}

/** What a vehicle that was let go still owes, and how it came to that. */
function owedBy({ uncollected, letOut, backlog, reason, by }: Left): Pick<VisitEnd, 'uncollected' | 'letOut'> {
  const why = letOut ?? (backlog && uncollected > 0 ? 'backlog' : null);
  if (why === null) return {};
  const told = { ...(reason === undefined ? {} : { reason }), ...(by === undefined ? {} : { by }) };
  return { uncollected, letOut: { why, due: uncollected, ...told } };
}

/** A passage of a vehicle that nobody knows: no visit begins or ends. */
function letThrough(park: ParkState, event: LetThrough): void {
  insert(park.passages.out, event.at);
  laneOf(park, event.lane).last = passage(credentialKey(event.credential), event.at, 'left', null);
}

function hold(park: ParkState, event: Held): void {
  const { reading, visit, reason } = event;
  see(park, event.lane, reading, event.at, null);
  laneOf(park, event.lane).last = passage(credentialKey(reading.credential), event.at, 'held', visit, reason);
}

function correct(park: ParkState, event: Corrected, at: Instant): void {
  const visit = park.open.get(event.visit);
  if (!visit) return;
  const before = credentialKey(visit.credential);
  const { reading, plateKind } = event;
  const after = credentialKey(reading.credential);
  if (before !== null && park.byCredential.get(before) === visit.id) park.byCredential.delete(before);
  if (after !== null) park.byCredential.set(after, visit.id);
  const { credential, colour, confidence } = reading;
  park.open.set(visit.id, { ...visit, credential, colour, confidence, plateKind, earlier: event.earlier ?? [] });
  see(park, event.lane, reading, at, visit.id);
  const memory = laneOf(park, event.lane);
  if (memory.last?.visit === visit.id) memory.last = { ...memory.last, key: after };
}

/** Takes back a departure, as {@link close} and {@link leave} made it. */
function stay(park: ParkState, event: Stayed): void {
  const visit = park.closed.get(event.visit);
  if (!visit?.end) return;
  park.closed.delete(visit.id);
  park.open.set(visit.id, { ...visit, end: null });
  const key = credentialKey(visit.credential);
  if (key !== null) park.byCredential.set(key, visit.id);
  const { out } = park.passages;
  const place = lowerBound(out, visit.end.at);
  if (out[place] === visit.end.at) out.splice(place, 1);
}

function order(park: ParkState, event: BarrierOrdered, { seq, at }: JournalRecord, index: number): void {
  const id = barrierOrderId(seq, index);
  park.orders.set(id, { id, lane: event.lane, visit: event.visit, deadline: event.deadline });
  const memory = laneOf(park, event.lane);
  const visit = event.visit === null ? undefined : park.open.get(event.visit);
  // A car that came in by a backlog record and is only now let in: no passage of this lane speaks of it yet.
  if (visit && memory.last?.visit !== visit.id) {
    memory.last = passage(credentialKey(visit.credential), at, 'entered', visit.id);
  }
  if (memory.last) memory.last = { ...memory.last, order: id, orderOutcome: 'pending' };
}

function orderDone(park: ParkState, event: BarrierDone): void {
  park.orders.delete(event.order);
  const memory = laneOf(park, event.lane);
  if (memory.last?.order === event.order) memory.last = { ...memory.last, orderOutcome: event.outcome };
}

function book(park: ParkState, event: PaymentBooked, at: Instant): void {
  const { notice, digest, settlement, visit: id, uncollected } = event;
  const { orderNo } = notice;
  const conflicts = park.ledger.get(orderNo)?.conflicts ?? [];
  park.ledger.set(orderNo, { orderNo, digest, visit: id, at, conflicts, receipt: receiptOf(notice, event.flags) });
  const map = park.open.has(id) ? park.open : park.closed;
  const visit = map.get(id);
  if (!visit) return;
  const paid = credited(visit, notice, settlement);
  map.set(id, visit.end && uncollected !== undefined ? { ...paid, end: { ...visit.end, uncollected } } : paid);
}

function keepUnmatched(park: ParkState, event: PaymentUnmatched, at: Instant): void {
  const { notice, digest } = event;
  const { orderNo } = notice;
  park.ledger.set(orderNo, { orderNo, digest, visit: null, at, conflicts: [], receipt: receiptOf(notice, []) });
}

function receiptOf(notice: PaymentNotice, flags: readonly FlagCode[]): Receipt {
  const { amount, deductionAmount, payTime, payChannel, payType, thirdTradeNo } = notice;
  return { amount, deducted: deductionAmount, payTime, payChannel, payType, thirdTradeNo, flags };
}

function keepConflict(park: ParkState, event: PaymentConflicted): void {
  const entry = park.ledger.get(event.notice.orderNo);
  if (entry) park.ledger.set(entry.orderNo, { ...entry, conflicts: [...entry.conflicts, event.digest] });
}

/** Moves what is old into the batch. An order stays while its visit does, so that a late retry gets its first answer. */
function seal(park: ParkState, event: Sealed): void {
  const { batch, closedBefore, passagesBefore } = event;
  const visits = new Map<VisitId, Visit>();
  for (const [id, visit] of park.closed) {
    if (!endedBefore(visit, closedBefore)) continue;
    visits.set(id, visit);
    park.closed.delete(id);
  }
  const ledger = new Map<OrderNo, LedgerEntry>();
  for (const [orderNo, entry] of park.ledger) {
    if (!orderIsOld(park, entry, closedBefore)) continue;
    ledger.set(orderNo, entry);
    park.ledger.delete(orderNo);
  }
  const before = (list: Instant[]): readonly Instant[] => list.splice(0, lowerBound(list, passagesBefore));
  const passages = { in: before(park.passages.in), out: before(park.passages.out) };
  park.sealed = { batch, closedBefore, visits, ledger, passages };
}

function recall(park: ParkState, { visit, order }: Recalled): void {
  if (visit) park.closed.set(visit.id, visit);
  if (order) park.ledger.set(order.orderNo, order);
}

function sweep(state: State, event: Swept): void {
  for (const park of state.parks.values()) {
    for (const [id, visit] of park.closed) {
      if (!endedBefore(visit, event.closedBefore)) continue;
      park.closed.delete(id);
    }
    for (const [orderNo, entry] of park.ledger) {
      if (orderIsOld(park, entry, event.closedBefore)) park.ledger.delete(orderNo);
    }
    for (const list of [park.passages.in, park.passages.out]) list.splice(0, lowerBound(list, event.passagesBefore));
  }
}
