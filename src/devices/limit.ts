/** Keeps a line of the log from coming a thousand times. */
import { type Instant, MINUTE } from '../core/time.ts';

/** @returns how many happenings a line now stands for, this one included; null while no line is due. */
export type Limiter = (now: Instant) => number | null;

/** The first happening at once, then at most one line a minute, with the count of what was held back. */
export function onceAMinute(): Limiter {
  let last: Instant | null = null;
  let held = 0;
  return (now) => {
    held += 1;
    // A clock that was set back must not silence the line for as long.
    if (last !== null && now >= last && now - last < MINUTE) return null;
    const count = held;
    last = now;
    held = 0;
    return count;
  };
}
