/** What a device has sent and what came to nothing: counted always, told once a minute. */
import type { Discard } from '../../drivers/contract.ts';
import type { Said, Sentence } from '../core/errors.ts';
import type { DeviceId } from '../core/ids.ts';
import { fill } from '../core/sentence.ts';
import type { Instant } from '../core/time.ts';
import type { Clock, Log } from '../gateway/ports.ts';
import { onceAMinute } from './limit.ts';

/**
 * Why something came to nothing: the machine's own reasons, and ours. `notTaken`: the gateway was busy or stopping
 * (each attempt counts). `noLane`: no lane has the device as its camera or scanner. `crash`: the machine threw.
 */
export type DiscardReason = Discard['reason'] | 'notTaken' | 'noLane' | 'crash';

/** Since the start. Plain data, as the health page shows it. */
export type DeviceStats = {
  readonly messages: number;
  readonly bytes: number;
  readonly readings: number;
  readonly orders: number;
  /** By {@link DiscardReason}; what never happened is left out. */
  readonly discards: Readonly<Record<string, number>>;
};

export interface DeviceCounts {
  add(what: 'messages' | 'bytes' | 'readings' | 'orders', by: number): void;
  /** When the last message or bytes came; null before the first. */
  heard(): Instant | null;
  /** @param bytes how many bytes of the wire it was; 0 when they are not known. */
  discard(reason: DiscardReason, detail: Said, bytes: number): void;
  stats(): DeviceStats;
}

const DISCARDED: Sentence = { zh: '{reason}：{detail}', en: '{reason}: {detail}' };

export function deviceCounts(device: DeviceId, clock: Clock, log: Log): DeviceCounts {
  const counts = { messages: 0, bytes: 0, readings: 0, orders: 0 };
  const discards = new Map<DiscardReason, number>();
  const line = onceAMinute();
  let heard: Instant | null = null;
  return {
    add(what, by) {
      counts[what] += by;
      if (what === 'messages' || what === 'bytes') heard = clock.now();
    },
    heard: () => heard,
    discard(reason, detail, bytes) {
      discards.set(reason, (discards.get(reason) ?? 0) + 1);
      const count = line(clock.now());
      if (count === null) return;
      log.notice('READING_DISCARDED', { device, value: fill(DISCARDED, { reason, detail }), bytes, count });
    },
    stats: () => ({ ...counts, discards: Object.fromEntries(discards) }),
  };
}
