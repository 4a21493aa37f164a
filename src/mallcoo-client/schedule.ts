/** When a notice that was not acknowledged is sent again. */
import type { Sentence } from '../core/errors.ts';
import { HOUR, MINUTE, SECOND } from '../core/time.ts';
import type { Outcome } from './wire.ts';

const LOST: Sentence = { zh: '回答被故意丢弃', en: 'the answer was lost on purpose' };

/** The waits before each retry, in ms: a notice is sent once more than there are waits. */
export type Schedule = readonly number[];

export const SCHEDULES = {
  /** The standard's own (1.2): "重试机制，默认为 3 次". */
  immediate: [0, 0, 0],
  /** Seen in the field: 12 notices within 30 minutes. */
  halfHour: Array.from({ length: 11 }, () => 2.5 * MINUTE),
  /** That of payment platforms: 15 retries over a day, further and further apart. */
  day: [
    15 * SECOND,
    15 * SECOND,
    30 * SECOND,
    3 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    30 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    3 * HOUR,
    3 * HOUR,
    6 * HOUR,
    6 * HOUR,
  ],
} as const satisfies Readonly<Record<string, Schedule>>;

export interface Delivery {
  /** Whether an answer with `resCode` 0 came back to the sender. */
  readonly acknowledged: boolean;
  /** What came of each sending, in the order in which they ended. */
  readonly outcomes: readonly Outcome[];
}

export interface DeliveryOptions {
  /** Sends the notice once. */
  readonly send: () => Promise<Outcome>;
  readonly schedule: Schedule;
  /** Senders with two workers send everything twice, at once. */
  readonly copies: 1 | 2;
  /** Waits; the sender's time is the caller's to make. */
  readonly wait: (ms: number) => Promise<void>;
}

/** Sends a notice until it is acknowledged, or the schedule ends. A refusal is tried again like a lost answer. */
export async function deliver({ send, schedule, copies, wait }: DeliveryOptions): Promise<Delivery> {
  const outcomes: Outcome[] = [];
  for (const pause of [null, ...schedule]) {
    if (pause !== null) await wait(pause);
    const round = await Promise.all(Array.from({ length: copies }, send));
    outcomes.push(...round);
    if (round.some(accepted)) return { acknowledged: true, outcomes };
  }
  return { acknowledged: false, outcomes };
}

/** Whether a call was answered with `resCode` 0. */
export function accepted(outcome: Outcome): boolean {
  return outcome.type === 'answered' && outcome.json?.['resCode'] === 0;
}

/** Calls arrive, and of the first `count` the answer gets lost on the way back. */
export function losingAnswers(send: () => Promise<Outcome>, count: number): () => Promise<Outcome> {
  let left = count;
  return async () => {
    const lose = left > 0;
    left -= 1;
    const outcome = await send();
    return lose ? { type: 'lost', reason: LOST, ms: outcome.ms } : outcome;
  };
}
