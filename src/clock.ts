import type { Instant } from './core/time.ts';
import type { Clock } from './gateway/ports.ts';

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() as Instant };
