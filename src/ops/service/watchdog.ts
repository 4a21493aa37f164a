/**
 * Feeds the service manager's watchdog by turns through the gateway's own loop: whatever keeps a car from being decided and
 * written (an event loop that does not turn, a flush that never returns, a loop that hangs) keeps the feed from going out.
 */

/** How time passes; tests bring their own. */
export interface Timers {
  /** Ms since some moment; never goes back. */
  now(): number;
  /** Calls once after so many ms, unless it is taken back. */
  after(ms: number, call: () => void): () => void;
}

export interface WatchdogParts {
  /** Without a feed for so many ms the process is ended: `WatchdogSec`. */
  readonly limitMs: number;
  /** One turn through the loop; never rejects. */
  readonly pulse: () => Promise<void>;
  readonly feed: () => void;
  /** A turn has not come round in time. Called once for each such turn, while it is still awaited. */
  readonly onLate: (ms: number) => void;
  readonly timers: Timers;
}

/** A turn may take this share of the limit, from the moment it was due: with more nobody's arm goes up in time. */
const LATE = 1 / 4;
/** From one feed to the next turn: two feeds are never further apart than three quarters of the limit. */
const PERIOD = 1 / 2;

/**
 * Feeds from now on: each turn that comes round in time is a feed. One that is late is none, and the next is begun at once: a
 * disk that was slow for a moment is forgiven, a loop that is late each time is not.
 * @returns what ends it.
 */
export function startWatchdog({ limitMs, pulse, feed, onLate, timers }: WatchdogParts): () => void {
  let cancel = (): void => undefined;
  let ended = false;

  function turn(due: number): void {
    const lateAt = due + limitMs * LATE;
    cancel = timers.after(Math.max(lateAt - timers.now(), 0), () => onLate(timers.now() - due));
    void pulse().then(() => {
      cancel();
      if (ended) return;
      const now = timers.now();
      if (now > lateAt) return turn(now);
      feed();
      const next = now + limitMs * PERIOD;
      cancel = timers.after(limitMs * PERIOD, () => turn(next));
    });
  }

  turn(timers.now());
  return () => {
    ended = true;
    cancel();
  };
}
