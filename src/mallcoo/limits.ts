/** What keeps one noisy caller from taking the machine: queries a second, and payments that wait for the disk. */
import { SECOND } from '../core/time.ts';

export interface Limits {
  /** Queries (1.1 and 1.3) a second that are answered, of all callers together; a burst may be as large. */
  readonly queriesPerSecond: number;
  /** Payments that may wait for the disk at a time. The inbox must have room for many more: readings share it. */
  readonly pendingPayments: number;
}

export interface Meter {
  /** Whether one more query is within the limit. */
  takeQuery(): boolean;
  /** Whether one more payment may wait; one that may has to be given back. */
  takePayment(): boolean;
  givePayment(): void;
}

/** @param now milliseconds of a clock that never goes back. */
export function createMeter({ queriesPerSecond, pendingPayments }: Limits, now: () => number): Meter {
  // A bucket of one second's tokens, filled as time goes by.
  let tokens = queriesPerSecond;
  let filled = now();
  let pending = 0;
  return {
    takeQuery() {
      const at = now();
      tokens = Math.min(queriesPerSecond, tokens + ((at - filled) * queriesPerSecond) / SECOND);
      filled = at;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    takePayment() {
      if (pending >= pendingPayments) return false;
      pending += 1;
      return true;
    },
    givePayment() {
      pending -= 1;
    },
  };
}
