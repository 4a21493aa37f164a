/** What coupons are worth on a stay. The meaning is that of docs/tariffs.md, "Coupons". */
import { above, type Fen, ZERO } from '../money.ts';
import { after, MINUTE } from '../time.ts';
import type { CouponTerms } from './sheet.ts';
import type { Stay, Tariff } from './tariff.ts';

/** Free time, or free money. */
export type Coupon =
  | { readonly kind: 'minutes'; readonly minutes: number }
  | { readonly kind: 'amount'; readonly amount: Fen };

/** What coupons do to a fee. All amounts in 分, none below 0. */
export interface Deduction {
  /** The fee of the whole stay. */
  readonly total: Fen;
  /** What each coupon is worth, in the order given. Their sum may be more than the fee. */
  readonly worths: readonly Fen[];
  /** The sum of the worths: Mallcoo's `deductionAmount`. */
  readonly deduction: Fen;
  /** What is left of the fee. */
  readonly payable: Fen;
}

/** The stay without so many minutes at its start or end; empty when they are more than the stay. */
export function shortened(stay: Stay, minutes: number, cut: 'start' | 'end'): Stay {
  const ms = minutes * MINUTE;
  if (ms >= stay.to - stay.from) return { from: stay.from, to: stay.from };
  return cut === 'end' ? { from: stay.from, to: after(stay.to, -ms) } : { from: after(stay.from, ms), to: stay.to };
}

/**
 * Takes coupons off a fee, in their order. With the default terms the deduction is
 * `freeAmount + fee(stay) − fee(stay shortened by freeMinutes)`.
 * @param terms how the sheet counts coupons; those of the sheet in force at the entry, unless the park says otherwise.
 */
export function deduct(
  tariff: Tariff,
  stay: Stay,
  coupons: readonly Coupon[],
  terms: CouponTerms = tariff.termsAt(stay.from).coupons,
): Deduction {
  const total = tariff.fee(stay.from, stay.to);
  const worths: Fen[] = [];
  // The stay as the coupons have shortened it, and the money taken off before the cap.
  let short = stay;
  let bare = stay;
  let beforeCap = 0;
  /** What is left of the fee by the coupons that count before the cap. */
  const left = (): Fen => {
    const fee = tariff.fee(short.from, short.to);
    if (beforeCap === 0) return fee;
    return Math.min(fee, above(tariff.uncapped(short.from, short.to), beforeCap as Fen)) as Fen;
  };
  for (const coupon of coupons) {
    const leftBefore = left();
    if (coupon.kind === 'minutes' && terms.minutes === 'before cap') {
      short = shortened(short, coupon.minutes, terms.cut);
      worths.push(above(leftBefore, left()));
    } else if (coupon.kind === 'minutes') {
      const next = shortened(bare, coupon.minutes, terms.cut);
      worths.push(above(tariff.uncapped(bare.from, bare.to), tariff.uncapped(next.from, next.to)));
      bare = next;
    } else if (terms.amount === 'before cap') {
      beforeCap += coupon.amount;
      worths.push(above(leftBefore, left()));
    } else worths.push(coupon.amount);
  }
  const deduction = worths.reduce((sum, worth) => (sum + worth) as Fen, ZERO);
  return { total, worths, deduction, payable: above(total, deduction) };
}
