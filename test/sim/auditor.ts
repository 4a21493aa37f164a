/**
 * Keeps books of its own beside the gate, from committed records alone, and holds the gate against them: at every record
 * what that record may do, at every recovery and each day's end the whole state.
 */
import { createHash } from 'node:crypto';
import { assertNever } from '../../src/core/errors.ts';
import type { BarrierOrderId, LaneId, OrderNo, VisitId } from '../../src/core/ids.ts';
import type { BarrierOutcome } from '../../src/core/park/commands.ts';
import {
  type BarrierOrdered,
  barrierOrderId,
  type Entered,
  type JournalRecord,
  type Left,
  type ParkEvent,
  type PassageNoted,
  type PaymentBooked,
} from '../../src/core/park/events.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import { credentialKey } from '../../src/core/park/model.ts';
import { capture } from '../../src/core/park/snapshot.ts';
import { emptyState, type State } from '../../src/core/park/state.ts';
import type { Instant } from '../../src/core/time.ts';
import { lane } from '../core/park/scene.ts';

/** Tells of a rule that was broken. The first one ends the run. */
export type Fail = (rule: string, text: string) => void;

export interface BookedOrder {
  readonly visit: VisitId;
  readonly amount: number;
  readonly deduction: number;
}

export interface AuditedVisit {
  readonly id: VisitId;
  key: string | null;
  credit: number;
  open: boolean;
}

interface AuditedOrder {
  readonly lane: LaneId;
  readonly visit: VisitId | null;
  outcome: BarrierOutcome | null;
  /** The true time, in ms; null for an order of which only the journal tells. */
  readonly decidedAt: number | null;
  /** Given to the device. */
  fired: boolean;
  /** Of a run that has ended: it must not be fired any more. */
  lapsed: boolean;
}

/** Books of another part, kept from the same records. */
export interface Books {
  record(record: JournalRecord): void;
  /** Nothing is under way. */
  idle(state: State): void;
}

export interface Auditor {
  /** A record was committed: from here on its effects may be seen. It was decided at that true time, in ms. */
  committed(record: JournalRecord, decidedAt: number): void;
  /** A start reads a record back. */
  replayed(record: JournalRecord): void;
  /** A start has ended with this state. */
  recovered(state: State): void;
  /** The process has ended, in whatever way. */
  processEnded(): void;
  /** An order reaches its device. */
  fired(order: BarrierOrderId, deadline: Instant, now: Instant): void;
  /** Nothing is under way: both folds and the books agree. */
  idle(working: State | null, committed: State): void;
  readonly visits: ReadonlyMap<VisitId, AuditedVisit>;
  readonly orders: ReadonlyMap<OrderNo, BookedOrder>;
  /** Passages during `[from, to)`. */
  passages(from: Instant, to: Instant): { readonly in: number; readonly out: number };
  lastRecord(): number;
  /** A digest of everything that was committed. */
  digest(): string;
}

const { dedupeMs: DEDUPE, orderDeadlineMs: DEADLINE } = lane('any', 'in');

/** @param trueNow the true time in ms; the gate's own clock is part of what is held against the rules. */
export function createAuditor(fail: Fail, trueNow: () => number, others: readonly Books[] = []): Auditor {
  const state = emptyState();
  const lines: string[] = [];
  const hash = createHash('sha256');
  const visits = new Map<VisitId, AuditedVisit>();
  const byKey = new Map<string, VisitId>();
  const bookings = new Map<OrderNo, BookedOrder>();
  const arms = new Map<BarrierOrderId, AuditedOrder>();
  /** The last order of each visit at each lane. */
  const lastArm = new Map<string, AuditedOrder>();
  const passages: { readonly way: 'in' | 'out'; readonly at: Instant }[] = [];
  const replays = new Map<string, readonly Instant[]>();
  /** When each visit left. */
  const ends = new Map<VisitId, Instant>();
  const counts = { entered: 0, left: 0, superseded: 0 };

  function take(record: JournalRecord, decidedAt: number | null): void {
    if (record.seq !== state.seq + 1) fail('journal order', `record ${record.seq} follows record ${state.seq}`);
    if (record.at < state.at)
      fail('time goes on', `record ${record.seq} is ${state.at - record.at} ms before its predecessor`);
    const line = JSON.stringify(record);
    lines.push(line);
    hash.update(line);
    evolve(state, record);
    for (const [index, event] of record.events.entries()) apply(event, record, index, decidedAt);
    for (const books of others) books.record(record);
  }

  function apply(event: ParkEvent, record: JournalRecord, index: number, decidedAt: number | null): void {
    switch (event.type) {
      case 'entered':
        enter(event);
        break;
      case 'superseded':
        counts.superseded += 1;
        close(event.visit);
        break;
      case 'left':
        leave(event);
        break;
      case 'letThrough':
        passages.push({ way: 'out', at: event.at });
        lastArm.delete(`${event.lane} null`);
        break;
      case 'stayed':
        stay(event.visit);
        break;
      case 'corrected':
        rename(event.visit, event.plate);
        break;
      case 'passageNoted':
        passages.push({ way: event.direction, at: event.at });
        replay(event, credentialKey(event.reading.credential));
        break;
      case 'barrierOrdered':
        order(event, barrierOrderId(record.seq, index), decidedAt);
        break;
      case 'barrierDone':
        done(event.order, event.outcome);
        break;
      case 'paymentBooked':
        book(event);
        break;
      case 'held':
      case 'paymentUnmatched':
      case 'paymentConflicted':
      case 'sealed':
      case 'archived':
      case 'recalled':
      case 'lineChanged':
      case 'swept':
      case 'noticeQueued':
      case 'noticeDone':
      case 'noticeRetried':
        break;
      default:
        assertNever(event);
    }
  }

  /** A backlog does not bring one vehicle through one lane twice within the window that makes its readings one. */
  function replay(event: Entered | Left | PassageNoted, key: string | null): void {
    if (key === null) return;
    const place = `${event.type} ${event.lane} ${key}`;
    const known = replays.get(place) ?? [];
    const near = known.find((at) => Math.abs(event.at - at) < DEDUPE);
    if (near !== undefined)
      fail('one passage', `${place} twice within ${Math.abs(event.at - near)} ms, by the backlog`);
    replays.set(place, [...known, event.at]);
  }

  function enter(event: Entered): void {
    const key = credentialKey(event.reading.credential);
    if (visits.has(event.visit)) fail('one id, one visit', `${event.visit} began twice`);
    visits.set(event.visit, { id: event.visit, key, credit: 0, open: true });
    counts.entered += 1;
    passages.push({ way: 'in', at: event.at });
    if (event.backlog) replay(event, key);
    claim(key, event.visit);
  }

  function leave(event: Left): void {
    const { visit, at, backlog, paid, uncollected, letOut } = event;
    const credit = visits.get(visit)?.credit;
    if (!backlog && letOut === undefined && uncollected > 0)
      fail('who has not paid stays in', `${visit} left, and ${uncollected} 分 are due`);
    if (paid !== credit) fail('money in is money booked', `${visit} left with ${paid} of ${credit} 分`);
    counts.left += 1;
    passages.push({ way: 'out', at });
    if (backlog) replay(event, visits.get(visit)?.key ?? null);
    close(visit);
    ends.set(visit, at);
  }

  function stay(id: VisitId): void {
    const visit = visits.get(id);
    const end = ends.get(id);
    if (!visit || visit.open || end === undefined) {
      fail('no invented event', `${id} stayed, and had not left`);
      return;
    }
    counts.left -= 1;
    passages.splice(
      passages.findIndex(({ way, at }) => way === 'out' && at === end),
      1,
    );
    visit.open = true;
    claim(visit.key, id);
  }

  function claim(key: string | null, visit: VisitId): void {
    if (key === null) return;
    const other = byKey.get(key);
    if (other !== undefined && other !== visit) fail('one visit per vehicle', `${key} has ${other} and ${visit} open`);
    byKey.set(key, visit);
  }

  function close(id: VisitId): void {
    const visit = visits.get(id);
    if (!visit?.open) fail('one end per visit', `${id} ended, and was not open`);
    if (!visit) return;
    visit.open = false;
    if (visit.key !== null && byKey.get(visit.key) === id) byKey.delete(visit.key);
  }

  function rename(id: VisitId, key: string): void {
    const visit = visits.get(id);
    if (!visit) {
      fail('no invented event', `${id} was corrected, and never began`);
      return;
    }
    if (visit.key !== null && byKey.get(visit.key) === id) byKey.delete(visit.key);
    visit.key = key;
    claim(key, id);
  }

  function order(event: BarrierOrdered, id: BarrierOrderId, decidedAt: number | null): void {
    const pair = `${event.lane} ${event.visit}`;
    const before = lastArm.get(pair);
    const went = before?.outcome === null || before?.outcome === 'confirmed' || before?.outcome === 'sent';
    if (before && went)
      fail('one arm per passage', `a second order for ${pair}; the first is ${before.outcome ?? 'open'}`);
    const made: AuditedOrder = {
      lane: event.lane,
      visit: event.visit,
      decidedAt,
      outcome: null,
      fired: false,
      lapsed: false,
    };
    arms.set(id, made);
    lastArm.set(pair, made);
  }

  function done(id: BarrierOrderId, outcome: BarrierOutcome): void {
    const arm = arms.get(id);
    if (!arm) {
      fail('no invented event', `order ${id} ended, and was never given`);
      return;
    }
    if (arm.outcome !== null) fail('one outcome per order', `order ${id} was ${arm.outcome} and is ${outcome} now`);
    if (outcome === 'confirmed' && !arm.fired) fail('no invented event', `order ${id} is confirmed and was never sent`);
    arm.outcome = outcome;
  }

  function book({ notice, visit: id }: PaymentBooked): void {
    const { orderNo, amount, deductionAmount } = notice;
    if (bookings.has(orderNo)) fail('booked once', `order ${orderNo} was booked again`);
    bookings.set(orderNo, { visit: id, amount, deduction: deductionAmount });
    const visit = visits.get(id);
    if (visit) visit.credit += amount + deductionAmount;
    else fail('no invented event', `order ${orderNo} was booked on ${id}, which never began`);
  }

  function compare(name: string, other: State): void {
    if (JSON.stringify(capture(other)) === JSON.stringify(capture(state))) return;
    fail('one state', `${name} is not the fold of the journal: ${difference(other, state)}`);
  }

  return {
    committed: take,
    replayed(record) {
      const known = lines[record.seq - 1];
      // Decided and written, but not acknowledged before the process ended: it counts from now on.
      if (known === undefined) take(record, null);
      else if (known !== JSON.stringify(record)) fail('the journal is kept', `record ${record.seq} reads differently`);
    },
    recovered(other) {
      if (other.seq < state.seq) fail('nothing acknowledged is lost', `recovered to ${other.seq} of ${state.seq}`);
      else compare('the recovered state', other);
      for (const arm of arms.values()) if (arm.outcome === null) arm.lapsed = true;
    },
    processEnded() {
      for (const arm of arms.values()) if (arm.outcome === null) arm.lapsed = true;
    },
    fired(id, deadline, now) {
      const arm = arms.get(id);
      if (!arm) {
        fail('nothing leaves before the disk', `order ${id} was sent and is not in the journal`);
        return;
      }
      if (arm.fired) fail('one arm per passage', `order ${id} was sent twice`);
      if (arm.lapsed) fail('no arm late', `order ${id} of an earlier run was sent`);
      if (now > deadline) fail('no arm late', `order ${id} was sent ${now - deadline} ms after its deadline`);
      const late = trueNow() - (arm.decidedAt ?? trueNow()) - DEADLINE;
      if (late > 0) fail('no arm late', `order ${id} was sent ${late} ms too late, whatever the clock says`);
      arm.fired = true;
    },
    idle(working, committed) {
      if (working) compare('the working state', working);
      compare('the committed state', committed);
      for (const books of others) books.idle(committed);
      const open = [...committed.parks.values()].reduce((sum, park) => sum + park.open.size, 0);
      const inside = counts.entered - counts.left - counts.superseded;
      if (open !== inside) fail('occupancy', `${open} visits are open, ${inside} came and did not go`);
      for (const park of committed.parks.values()) {
        for (const visit of [...park.open.values(), ...park.closed.values()]) {
          const credit = visits.get(visit.id)?.credit;
          if (credit !== visit.paid + visit.deducted)
            fail('money in is money booked', `${visit.id} has ${visit.paid + visit.deducted} of ${credit} 分`);
        }
      }
    },
    visits,
    orders: bookings,
    passages(from, to) {
      const during = passages.filter(({ at }) => at >= from && at < to);
      const out = during.filter(({ way }) => way === 'out').length;
      return { in: during.length - out, out };
    },
    lastRecord: () => state.seq,
    digest: () => hash.copy().digest('hex'),
  };
}

/** The first part of two states that differs, for a person. */
function difference(a: State, b: State): string {
  const [left, right] = [capture(a), capture(b)];
  if (left.seq !== right.seq) return `record ${left.seq} and record ${right.seq}`;
  for (const [index, park] of left.parks.entries()) {
    const other = right.parks[index];
    for (const [name, value] of Object.entries(park)) {
      const text = JSON.stringify(value);
      const otherText = JSON.stringify(other && Object.entries(other).find(([key]) => key === name)?.[1]);
      if (text !== otherText) return `${name}: ${text.slice(0, 200)} and ${(otherText ?? '').slice(0, 200)}`;
    }
  }
  return 'the parks themselves';
}
