/** Pure questions to the state: nothing is written, nothing waits (rule: "只需计算即可"). */
import { above, type Fen } from '../money.ts';
import type { Plate } from '../plate.ts';
import type { Coupon } from '../tariff/coupons.ts';
import { type Instant, wholeMinutes } from '../time.ts';
import { couponWorth, creditOf, grossAt } from './charge.ts';
import { type Park, ticketKey } from './model.ts';
import type { ParkState, Visit } from './state.ts';

/** A `GetParkingPaymentInfo` request (1.1): minutes, and 分. */
export interface InfoRequest {
  readonly plate: Plate | null;
  readonly barcode: string | null;
  readonly freeMinutes: number;
  readonly freeAmount: Fen;
}

export type InfoAnswer =
  | {
      readonly type: 'found';
      readonly visit: Visit;
      readonly parkingMinutes: number;
      readonly totalAmount: Fen;
      readonly unPayAmount: Fen;
      readonly deductionAmount: Fen;
      readonly paidAmount: Fen;
    }
  | {
      readonly type: 'refused';
      readonly code: 'CREDENTIAL_REQUIRED' | 'CREDENTIAL_CONFLICT' | 'VISIT_UNKNOWN';
      readonly value: string;
    };

/** The open visit of a plate or a ticket, by exact comparison of normalised plates: never a likeness. */
export function openVisit(state: ParkState | undefined, kind: 'plate' | 'ticket', text: string): Visit | undefined {
  const id = state?.byCredential.get(kind === 'plate' ? text : ticketKey(text));
  return id === undefined ? undefined : state?.open.get(id);
}

/** What a visit costs now and what the offered coupons are worth (1.1). Has no side effects, whatever is asked. */
export function paymentInfo(park: Park, state: ParkState | undefined, request: InfoRequest, now: Instant): InfoAnswer {
  const { plate, barcode } = request;
  const byPlate = plate === null ? undefined : openVisit(state, 'plate', plate);
  const byTicket = barcode === null ? undefined : openVisit(state, 'ticket', barcode);
  if (plate === null && barcode === null) return { type: 'refused', code: 'CREDENTIAL_REQUIRED', value: '' };
  if (plate !== null && barcode !== null && byPlate?.id !== byTicket?.id) {
    return { type: 'refused', code: 'CREDENTIAL_CONFLICT', value: `${plate}, ${barcode}` };
  }
  const visit = byPlate ?? byTicket;
  if (!visit) return { type: 'refused', code: 'VISIT_UNKNOWN', value: plate ?? barcode ?? '' };

  // A clock that was set back must not make a stay negative: time before the entry is the entry.
  const at = Math.max(now, visit.entryAt) as Instant;
  const totalAmount = grossAt(park, visit, at);
  const paidAmount = creditOf(visit);
  const unPayAmount = above(totalAmount, paidAmount);
  const worth = couponWorth(park, visit, couponsOf(request), at);
  const deductionAmount = park.capDeduction && worth > unPayAmount ? unPayAmount : worth;
  const parkingMinutes = wholeMinutes(visit.entryAt, at);
  return { type: 'found', visit, parkingMinutes, totalAmount, unPayAmount, deductionAmount, paidAmount };
}

function couponsOf({ freeMinutes, freeAmount }: InfoRequest): readonly Coupon[] {
  const coupons: Coupon[] = [];
  if (freeMinutes > 0) coupons.push({ kind: 'minutes', minutes: freeMinutes });
  if (freeAmount > 0) coupons.push({ kind: 'amount', amount: freeAmount });
  return coupons;
}

/** Index of the first moment that is not before `at`, in an ascending list. */
export function lowerBound(list: readonly Instant[], at: Instant): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? Number.POSITIVE_INFINITY) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Passages, not vehicles. */
export interface Traffic {
  readonly inNum: number;
  readonly outNum: number;
}

/** Passages in and out during `[from, to)` (1.3), without those that are in the archive. */
export function traffic(state: ParkState | undefined, from: Instant, to: Instant): Traffic {
  const count = (list: readonly Instant[] = []): number => Math.max(0, lowerBound(list, to) - lowerBound(list, from));
  const { passages, sealed } = state ?? {};
  return {
    inNum: count(passages?.in) + count(sealed?.passages.in),
    outNum: count(passages?.out) + count(sealed?.passages.out),
  };
}
