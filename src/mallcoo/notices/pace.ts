/** When the next notice may be sent. Pure; every duration is of a clock that only goes forward, in ms. */
import type { Notice } from '../../core/park/notice.ts';
import { HOUR, type Instant, MINUTE, SECOND } from '../../core/time.ts';

/** The longest wait after the first failure; it doubles with each further one. */
export const FIRST_BACKOFF_MS = SECOND;
/** The longest wait: a line that is back is noticed within so long. */
export const MAX_BACKOFF_MS = 5 * MINUTE;
/** Notices that may go out at once: a car that comes alone, or two, are told without a wait. */
export const BURST = 3;
/** Nothing is given up before it has been tried for so long without a success: a clock that jumps throws nothing away. */
export const MIN_TRYING_MS = HOUR;

/**
 * The wait after so many failures in a row (1 or more): anything up to twice the last one's bound, so that the gates of
 * many car parks do not knock together when a receiver is back.
 * @param chance 0 to 1.
 */
export function backoffMs(failures: number, chance: number): number {
  return chance * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 30));
}

/**
 * The pace as one number: the moment at which a sender that never fell behind would be due. At most {@link BURST} notices
 * go out at once, and `perSecond` in the long run.
 */
export type Due = number;

/** How long the next notice has to wait for its turn, in whole ms. */
export function turnInMs(due: Due, perSecond: number, now: number): number {
  return Math.max(0, Math.ceil(due - ((BURST - 1) * SECOND) / perSecond - now));
}

/** The pace after a notice that is sent now. */
export function afterSending(due: Due, perSecond: number, now: number): Due {
  return Math.max(due, now) + SECOND / perSecond;
}

/** Whether a notice that has just failed is given up. @param tryingMs how long nothing has been taken, of any notice. */
export function givesUp({ queuedAt }: Notice, giveUpMs: number, now: Instant, tryingMs: number): boolean {
  return now - queuedAt >= giveUpMs && tryingMs >= MIN_TRYING_MS;
}
