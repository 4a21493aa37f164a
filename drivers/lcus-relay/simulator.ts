/** The board's own side: commands in, coils out. */
import type { Instant } from '../../src/core/time.ts';

/** Commands that follow sooner than this, in ms, are lost on the board. */
const GAP_MS = 50;

export interface Board {
  /** Bytes from the line, with the moment at which they arrive. */
  receive(bytes: Uint8Array, now: Instant): void;
  /** The channels whose relay is on now. */
  on(): readonly number[];
  /** Commands that were lost because they came too soon after the one before. */
  lost(): number;
}

/** A board with relays 1 to `channels`. Its coils keep their state for as long as it has power. */
export function board(channels = 4): Board {
  const coils = new Set<number>();
  let held: readonly number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  let lost = 0;

  function obey(channel: number, operation: number, now: Instant): void {
    // The distance, not the difference: the daemon's clock may be set back, and the board knows nothing of it.
    if (Math.abs(now - last) < GAP_MS) {
      lost += 1;
      return;
    }
    last = now;
    if (operation === 1) coils.add(channel);
    else coils.delete(channel);
  }

  return {
    receive(bytes, now) {
      for (const byte of bytes) {
        held = [...held, byte].slice(-4);
        const [head, channel = 0, operation = 0, sum] = held;
        const valid = held.length === 4 && head === 0xa0 && sum === ((0xa0 + channel + operation) & 0xff);
        if (!valid || channel < 1 || channel > channels || operation > 1) continue;
        held = [];
        obey(channel, operation, now);
      }
    },
    on: () => [...coils].sort((a, b) => a - b),
    lost: () => lost,
  };
}
