/** Money that comes after a vehicle was let go uncollected: which departure it is for, and what it settles of it. */

import { above, type Fen, ZERO } from '../money.ts';
import { DAY, type Instant, MINUTE } from '../time.ts';
import { type Assessment, assess } from './charge.ts';
import type { PaymentNotice } from './commands.ts';
import { credentialKey, type Park, ticketKey } from './model.ts';
import type { ParkState } from './state.ts';
import type { Visit, VisitEnd } from './visit.ts';

/** How far the caller's clock and the gate's may lie apart before `payTime` is disbelieved; it has whole seconds only. */
export const CLOCK_SKEW = 2 * MINUTE;

/** A visit that ended at an exit which let its vehicle go with something due; it may be settled by now. */
export interface LetGo extends Visit {
  readonly end: VisitEnd & { readonly uncollected: Fen };
}

export function wasLetGo(visit: Visit): visit is LetGo {
  return visit.end?.uncollected !== undefined;
}

/** How long a departure is found by its plate or ticket, in ms: that long the state has it, whatever else is archived. */
const FOUND_BY_PLATE = DAY;

/**
 * The departure that a notice without a known `feeId` pays for: the last one of its plate or ticket in the last day that
 * has something open, and that began before the moment of payment. They are looked through one by one.
 */
export function owingDeparture(state: ParkState, notice: PaymentNotice, now: Instant): LetGo | undefined {
  const { plate, barcode, payTime } = notice;
  const keys = [plate, barcode === null ? null : ticketKey(barcode)].filter((key) => key !== null);
  if (keys.length === 0) return undefined;
  let found: LetGo | undefined;
  for (const visit of state.closed.values()) {
    if (!wasLetGo(visit) || visit.end.uncollected === 0 || now - visit.end.at > FOUND_BY_PLATE) continue;
    const begun = payTime === null || visit.entryAt <= payTime + CLOCK_SKEW;
    if (!begun || visit.end.at < (found?.end.at ?? visit.end.at)) continue;
    const key = credentialKey(visit.credential);
    if (key !== null && keys.includes(key)) found = visit;
  }
  return found;
}

/** What late money meets. */
export interface LateSettlement {
  /** As it would have been judged if the notice had come when the driver paid: what he was shown. */
  readonly shown: Assessment;
  /** What it is held against: that, where its grace reached the departure; else what was fixed when the vehicle left. */
  readonly owed: Assessment;
  /** What is open of the departure after it. */
  readonly uncollected: Fen;
}

/**
 * Settles a departure by money that comes late. Had the notice come in time, a price honoured at `paidAt` would have let
 * the vehicle leave free for the grace: then nothing is open any more, though the fee went on growing until it left.
 */
export function settleLate(park: Park, visit: LetGo, credit: Fen, paidAt: Instant): LateSettlement {
  const { at, uncollected } = visit.end;
  const shown = assess(park, visit, credit, Math.min(paidAt, at) as Instant);
  const free = shown.settlement !== null && at <= shown.settlement.freeUntil;
  if (free && uncollected > 0) return { shown, owed: shown, uncollected: ZERO };
  const owed = { due: uncollected, dueQuoted: uncollected, settlement: null, pricedAt: at };
  return { shown, owed, uncollected: above(uncollected, credit) };
}
