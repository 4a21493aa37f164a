/** Sums over payment lines, one line at a time. Only what is booked is credited, so no money counts twice. */
import { assertNever } from '../core/errors.ts';
import { add, type Fen, ZERO } from '../core/money.ts';
import type { LineFlag, PaymentLine } from './payment-line.ts';

/** Amounts in 分. */
export interface Sum {
  readonly notices: number;
  /** Money. */
  readonly amount: Fen;
  readonly deduction: Fen;
}

export const NOTHING: Sum = { notices: 0, amount: ZERO, deduction: ZERO };

/** A way to pay, as the notices name it. */
export interface Method {
  readonly payChannel: number | null;
  readonly payType: number | null;
  /** Of what was credited. */
  readonly sum: Sum;
}

/** `noticed` is the sum of the four after it. */
export interface Totals {
  readonly noticed: Sum;
  readonly credited: Sum;
  /** For a visit that nobody knows, and still nobody's. */
  readonly unmatched: Sum;
  /** Was nobody's and came again: its money counts where it came last. */
  readonly cameAgain: Sum;
  readonly conflicting: Sum;
  readonly methods: readonly Method[];
  readonly flags: ReadonlyMap<LineFlag, Sum>;
  /** What was credited, by day (`yyyy-MM-dd`) and by park. */
  readonly days: ReadonlyMap<string, Sum>;
  readonly parks: ReadonlyMap<string, Sum>;
}

export interface Tally {
  /** Counts a line to its day. */
  add(line: PaymentLine, day: string): void;
  /**
   * Hears of every line after the first counted one, also of those that are not counted: an order that was nobody's may
   * come again on a later day.
   * @returns the place of the counted line that this one takes the place of; null if there is none.
   */
  follow(line: PaymentLine): string | null;
  totals(): Totals;
}

/** Counts. Memory is taken by days, ways to pay, and the orders that are nobody's. */
export function createTally(): Tally {
  const kinds = { booked: NOTHING, unmatched: NOTHING, conflicting: NOTHING };
  let noticed = NOTHING;
  let cameAgain = NOTHING;
  const nobodys = new Map<string, PaymentLine>();
  const methods = new Map<string, Method>();
  const flags = new Map<LineFlag, Sum>();
  const days = new Map<string, Sum>();
  const parks = new Map<string, Sum>();

  return {
    add(line, day) {
      noticed = plus(noticed, line);
      kinds[line.status] = plus(kinds[line.status], line);
      for (const flag of new Set(line.flags)) count(flags, flag, line);
      switch (line.status) {
        case 'booked': {
          count(days, day, line);
          count(parks, line.park, line);
          const { payChannel, payType } = line;
          const key = `${payChannel}/${payType}`;
          methods.set(key, { payChannel, payType, sum: plus(methods.get(key)?.sum ?? NOTHING, line) });
          break;
        }
        case 'unmatched':
          nobodys.set(keyOf(line), line);
          break;
        case 'conflicting':
          break;
        default:
          assertNever(line.status);
      }
    },
    follow(line) {
      const before = line.status === 'conflicting' ? undefined : nobodys.get(keyOf(line));
      if (!before) return null;
      nobodys.delete(keyOf(line));
      cameAgain = plus(cameAgain, before);
      kinds.unmatched = minus(kinds.unmatched, before);
      return before.place;
    },
    totals: () => ({
      noticed,
      credited: kinds.booked,
      unmatched: kinds.unmatched,
      cameAgain,
      conflicting: kinds.conflicting,
      methods: [...methods.values()].toSorted(byMethod),
      flags,
      days: new Map([...days].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      parks,
    }),
  };
}

/** An order number names a payment within its park. */
function keyOf({ park, orderNo }: PaymentLine): string {
  return `${park}\n${orderNo}`;
}

function plus(sum: Sum, { amount, deduction }: PaymentLine): Sum {
  return { notices: sum.notices + 1, amount: add(sum.amount, amount), deduction: add(sum.deduction, deduction) };
}

function minus(sum: Sum, { amount, deduction }: PaymentLine): Sum {
  return {
    notices: sum.notices - 1,
    amount: (sum.amount - amount) as Fen,
    deduction: (sum.deduction - deduction) as Fen,
  };
}

function count<K>(sums: Map<K, Sum>, key: K, line: PaymentLine): void {
  sums.set(key, plus(sums.get(key) ?? NOTHING, line));
}

/** Ways that are not named come last. */
function byMethod(a: Method, b: Method): number {
  const place = (value: number | null): number => value ?? Number.MAX_SAFE_INTEGER;
  return place(a.payChannel) - place(b.payChannel) || place(a.payType) - place(b.payType);
}
