/** Callers that fail to prove themselves: counted by address, slowed, and told as a fault. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import { MINUTE, SECOND } from '../core/time.ts';
import type { Faults } from '../gateway/ports.ts';

/** Failures of one address within {@link WINDOW_MS} that are answered at once: a person who tries a token. */
export const FREE_FAILURES = 10;
/** After so long without a failure an address begins anew. */
export const WINDOW_MS = MINUTE;
/** Addresses counted; beyond it the one that failed least lately is forgotten. */
export const MAX_ADDRESSES = 1_024;
/** Answers held back at a time; each keeps a connection. */
export const MAX_HELD = 64;
/** For how long an answer is held back, in ms. */
const HOLD_MS = SECOND;

const TOO_OFTEN: Sentence = { zh: '{address} 失败 {n} 次，{why}', en: '{n} from {address}, {why}' };

export interface Failures {
  /** Counts a failure. @param why the answer's code, for the fault. @returns whether the address has failed too often. */
  count(address: string, why: string): boolean;
  /** A caller has proved itself: clears the fault after a window without too many failures. */
  proved(): void;
  /** Waits before a failure is answered; true at once when too many wait already: the connection is to be closed. */
  hold(): Promise<boolean>;
}

interface Tally {
  failures: number;
  last: number;
}

/** @param now milliseconds of a clock that never goes back. */
export function createFailures(faults: Faults | undefined, now: () => number): Failures {
  const tallies = new Map<string, Tally>();
  let held = 0;
  let lastTooMany: number | null = null;

  function tallyOf(address: string, at: number): Tally {
    const known = tallies.get(address);
    // Taken out and put back, so that the map's order is that of the last failure.
    tallies.delete(address);
    const [oldest] = tallies.keys();
    if (tallies.size >= MAX_ADDRESSES && oldest !== undefined) tallies.delete(oldest);
    const tally = known && at - known.last <= WINDOW_MS ? known : { failures: 0, last: at };
    tallies.set(address, tally);
    return tally;
  }

  return {
    count(address, why) {
      const at = now();
      const tally = tallyOf(address, at);
      tally.failures += 1;
      tally.last = at;
      if (tally.failures <= FREE_FAILURES) return false;
      lastTooMany = at;
      const n = String(tally.failures);
      faults?.raise('AUTH_FAILING', 'mallcoo', fill(TOO_OFTEN, { n, address, why }));
      return true;
    },
    proved() {
      if (lastTooMany === null || now() - lastTooMany <= WINDOW_MS) return;
      lastTooMany = null;
      faults?.clear('AUTH_FAILING', 'mallcoo');
    },
    async hold() {
      if (held >= MAX_HELD) return true;
      held += 1;
      await sleep(HOLD_MS);
      held -= 1;
      return false;
    },
  };
}
