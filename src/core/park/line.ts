/** The way on which payments reach the gate, as far as the core has been told of it. */
import type { Instant } from '../time.ts';
import type { LineChanged } from './events.ts';
import type { Park } from './model.ts';
import type { Visit } from './visit.ts';

export interface LineState {
  /** Since when no payment can reach the gate; null while they can. */
  readonly downSince: Instant | null;
  /** When the line last came back; null if it was never down. */
  readonly upSince: Instant | null;
}

/** Before anything was told: the line is taken to be up. */
export const LINE_UP: LineState = { downSince: null, upSince: null };

/** The line after a change. */
export function lineAfter(line: LineState, { up, at }: LineChanged): LineState {
  return up ? { downSince: null, upSince: at } : { ...line, downSince: at };
}

/**
 * Whether a payment for the visit may be on its way and not here: the line is down, or came back so lately that the
 * caller's retries may not have ended. A vehicle that entered after it came back missed nothing.
 */
export function paymentMayBeLost(park: Park, { downSince, upSince }: LineState, visit: Visit, now: Instant): boolean {
  if (downSince !== null) return true;
  return upSince !== null && now - upSince <= park.lateNoticeMs && visit.entryAt < upSince;
}
