/** A machine's time: it follows the clock, never goes back, and wakes the machine when it asked to be woken. */
import type { Instant } from '../core/time.ts';
import type { Clock } from '../gateway/ports.ts';

export interface Ticker {
  /** The clock's time, or the latest that the machine has been told. */
  now(): Instant;
  /** Asks for a tick at that moment, instead of what was asked before; null for none. */
  wake(at: Instant | null): void;
  /** Whether a tick has been asked for and has not come. */
  waiting(): boolean;
}

/** No protocol needs a tick sooner, in ms; a machine that keeps asking for the past must not spin. */
const SHORTEST_WAIT = 5;
/** `setTimeout` cannot wait longer, in ms. An early tick does no harm: the machine asks again. */
const LONGEST_WAIT = 2 ** 31 - 1;

/**
 * Waiting is on steady time, so that a clock set back by an hour does not leave a relay on for an hour: when the timer
 * fires the moment has come, whatever the clock says.
 */
export function ticker(clock: Clock, onTick: () => void): Ticker {
  let time = clock.now();
  let timer: NodeJS.Timeout | undefined;

  function now(): Instant {
    time = Math.max(time, clock.now()) as Instant;
    return time;
  }

  return {
    now,
    wake(at) {
      clearTimeout(timer);
      timer = undefined;
      if (at === null) return;
      const wait = Math.max(at - now(), SHORTEST_WAIT);
      timer = setTimeout(
        () => {
          timer = undefined;
          if (wait <= LONGEST_WAIT) time = Math.max(time, at) as Instant;
          onTick();
        },
        Math.min(wait, LONGEST_WAIT),
      );
    },
    waiting: () => timer !== undefined,
  };
}
