/**
 * Books of what cars owe as they leave, kept from committed records alone: what an exit does while the line is down is what
 * its rule says, and every 分 that was due is collected, open, or settled late.
 */
import type { LaneId, VisitId } from '../../src/core/ids.ts';
import type { Held, JournalRecord, Left, ParkEvent, PaymentBooked } from '../../src/core/park/events.ts';
import type { LineRule } from '../../src/core/park/model.ts';
import type { State } from '../../src/core/park/state.ts';
import { type Instant, MINUTE } from '../../src/core/time.ts';
import type { Fail } from './auditor.ts';

/** A car that has gone. Amounts in 分. */
export interface Departure {
  readonly at: Instant;
  /** What was due as it left, and what of it is open. */
  readonly due: number;
  open: number;
  readonly letOut: Left['letOut'] | 'backlog' | null;
}

export interface MoneyBooks {
  record(record: JournalRecord): void;
  /** Nothing is under way. */
  idle(state: State): void;
  departure(visit: VisitId): Departure | undefined;
  totals(): { readonly letOut: number; readonly settled: number };
}

export interface MoneyWorld {
  readonly fail: Fail;
  readonly rules: Readonly<Record<string, LineRule>>;
  readonly lateNoticeMs: number;
  /** In ms. */
  readonly grace: number;
}

/** Clocks of payers and of the gate may lie apart by so much. */
const SLACK = 3 * MINUTE;

export function createMoneyBooks({ fail, rules, lateNoticeMs, grace }: MoneyWorld): MoneyBooks {
  const entries = new Map<VisitId, Instant>();
  const credits = new Map<VisitId, number>();
  const departures = new Map<VisitId, Departure>();
  const line: { downSince: Instant | null; upSince: Instant | null } = { downSince: null, upSince: null };
  const sums = { due: 0, settled: 0, letOut: 0 };

  function apply(event: ParkEvent, now: Instant): void {
    switch (event.type) {
      case 'lineChanged':
        if (event.up === (line.downSince === null))
          fail('no invented event', `the line was ${event.up ? 'up' : 'down'}`);
        line.downSince = event.up ? null : event.at;
        if (event.up) line.upSince = event.at;
        break;
      case 'entered':
        entries.set(event.visit, event.at);
        break;
      case 'held':
        hold(event, now);
        break;
      case 'left':
        leave(event, now);
        break;
      case 'stayed':
        comeBack(event.visit);
        break;
      case 'paymentBooked':
        book(event);
        break;
      default:
        break;
    }
  }

  /** The departure was none, and neither was what was settled of it. */
  function comeBack(visit: VisitId): void {
    const { due, open } = departures.get(visit) ?? { due: 0, open: 0 };
    sums.due -= due;
    sums.settled -= due - open;
    departures.delete(visit);
  }

  /** What the lane's rule says to a car that owes something. */
  function ruling(lane: LaneId, visit: VisitId, due: number, now: Instant): 'unpaid' | 'lineDown' | 'letOut' {
    const rule = rules[lane] ?? { type: 'hold' };
    const { downSince, upSince } = line;
    const back = upSince !== null && now - upSince <= lateNoticeMs && (entries.get(visit) ?? now) < upSince;
    if (rule.type === 'hold' || (downSince === null && !back)) return 'unpaid';
    return rule.type === 'letOut' && due <= rule.upTo ? 'letOut' : 'lineDown';
  }

  function hold({ visit, lane, due, reason }: Held, now: Instant): void {
    if (visit === null) return;
    if (due <= 0) fail('who owes nothing is not held', `${visit} is held at ${lane} as ${reason}`);
    const right = ruling(lane, visit, due, now);
    if (reason !== right)
      fail('the exit does as its rule says', `${visit} owes ${due} at ${lane}: ${reason}, not ${right}`);
  }

  function leave({ visit, lane, at, gross, paid, uncollected, letOut, backlog }: Left, now: Instant): void {
    const credit = credits.get(visit) ?? 0;
    if (paid !== credit || uncollected !== Math.max(0, gross - credit))
      fail('due = collected + uncollected', `${visit}: ${gross} 分, ${credit} credited, ${paid} + ${uncollected} told`);
    if (letOut === 'lineDown') {
      const right = ruling(lane, visit, uncollected, now);
      if (right !== 'letOut' || uncollected === 0)
        fail('the exit does as its rule says', `${visit} owes ${uncollected} at ${lane} and is let out: ${right}`);
      sums.letOut += 1;
    }
    const why = letOut ?? (backlog && uncollected > 0 ? 'backlog' : null);
    if (why === null) return;
    sums.due += uncollected;
    departures.set(visit, { at, due: uncollected, open: uncollected, letOut: why });
  }

  function book({ visit, notice, uncollected }: PaymentBooked): void {
    const { amount, deductionAmount, payTime, orderNo } = notice;
    const credit = amount + deductionAmount;
    credits.set(visit, (credits.get(visit) ?? 0) + credit);
    const departure = departures.get(visit);
    if (!departure) return;
    const { open, at } = departure;
    const rest = Math.max(0, open - credit);
    // A price that was honoured as it was paid lets go of what the fee grew by until the car left.
    const inGrace = payTime !== null && at <= payTime + grace + SLACK;
    if (uncollected !== rest && !(uncollected === 0 && inGrace))
      fail('late money settles', `${orderNo} of ${credit} 分 leaves ${uncollected} of ${open} 分 of ${visit}`);
    departure.open = uncollected ?? open;
    sums.settled += open - departure.open;
  }

  return {
    record(record) {
      for (const event of record.events) apply(event, record.at);
    },
    idle(state) {
      let open = 0;
      for (const one of departures.values()) open += one.open;
      if (sums.due !== open + sums.settled)
        fail(
          'due = collected + uncollected',
          `${sums.due} 分 were due, ${open} are open, ${sums.settled} settled late`,
        );
      for (const park of state.parks.values()) {
        for (const { id, end } of park.closed.values()) {
          const mine = departures.get(id)?.open;
          if (end?.uncollected !== mine)
            fail('due = collected + uncollected', `${id} has ${end?.uncollected} 分 open, by the books ${mine}`);
        }
      }
      const { downSince } = state.line;
      if (downSince !== line.downSince)
        fail('one state', `the line is down since ${downSince}, by the books ${line.downSince}`);
    },
    departure: (visit) => departures.get(visit),
    totals: () => ({ letOut: sums.letOut, settled: sums.settled }),
  };
}
