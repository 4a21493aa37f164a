/**
 * The whole account of one visit by its sheet: stays, payment, coupons, a lost ticket; with every line that leads to it.
 * What `gatepost fee` shows.
 */
import { above, add, type Fen, ZERO } from '../money.ts';
import { after, type Instant, SECOND } from '../time.ts';
import { type Coupon, deduct } from './coupons.ts';
import { afterStays } from './reentry.ts';
import type { FeeItem, SheetName, Stay, Tariff } from './tariff.ts';

export interface Visit {
  readonly from: Instant;
  readonly to: Instant;
  /** Stays of the same car before this one, in order; used when the sheet has a rule for re-entry. */
  readonly earlier?: readonly Stay[];
  readonly coupons?: readonly Coupon[];
  readonly payment?: { readonly at: Instant; readonly amount: Fen } | null;
  readonly lostTicket?: boolean;
}

/** Amounts in 分. */
export interface Quote {
  readonly sheet: SheetName;
  /** The gross fee. */
  readonly totalAmount: Fen;
  /** What the coupons are worth; may be more than is due. */
  readonly deductionAmount: Fen;
  readonly paidAmount: Fen;
  /** `totalAmount − paidAmount − deductionAmount`, never below 0; 0 within the grace after a payment that sufficed. */
  readonly payableAmount: Fen;
  /** Lines up to `totalAmount`; those of coupons and payments follow it. */
  readonly items: readonly FeeItem[];
}

function item(kind: FeeItem['kind'], visit: Visit, amount: number, name?: string): FeeItem {
  const line = { kind, from: visit.from, to: visit.to, units: 1, unitPrice: amount as Fen, amount: amount as Fen };
  return name === undefined ? line : { ...line, name };
}

/** The gross fee with its lines: stay, re-entry, restart after a payment, lost ticket. */
function gross(
  tariff: Tariff,
  visit: Visit,
  restartAt: Instant | null,
): { readonly total: Fen; readonly items: FeeItem[] } {
  const terms = tariff.termsAt(visit.from);
  const lost = visit.lostTicket === true ? terms.lostTicket : null;
  if (lost && !lost.plusHours) return { total: lost.fee, items: [item('lostTicket', visit, lost.fee)] };
  const entered = afterStays(tariff, visit.from, visit.earlier ?? []);
  const until = restartAt ?? visit.to;
  let total = entered.fee(visit.from, until);
  const items: FeeItem[] = [...entered.explain(visit.from, until)];
  if (restartAt !== null) {
    total = add(total, tariff.fee(restartAt, visit.to));
    items.push(...tariff.explain(restartAt, visit.to));
  }
  if (!lost) return { total, items };
  items.push(item('lostTicket', visit, lost.fee));
  return { total: add(total, lost.fee), items };
}

/** The account of a visit at `visit.to`. */
export function quote(tariff: Tariff, visit: Visit): Quote {
  const entered = afterStays(tariff, visit.from, visit.earlier ?? []);
  const terms = tariff.termsAt(visit.from);
  const coupons = visit.coupons ?? [];
  const payment = visit.payment ?? null;
  const paidAmount = payment?.amount ?? ZERO;
  // Coupons that were used count at the payment too; so a payment suffices when it and they cover the fee of that moment.
  const atPayment = payment && deduct(entered, { from: visit.from, to: payment.at }, coupons);
  const sufficed = payment !== null && atPayment !== null && payment.amount >= atPayment.payable;
  const inGrace = payment !== null && sufficed && visit.to <= after(payment.at, terms.grace * SECOND);
  const restarts = payment !== null && sufficed && !inGrace && terms.afterPayment === 'restart';
  const { total, items } = gross(tariff, visit, restarts ? payment.at : null);
  const until = restarts ? payment.at : visit.to;
  const { worths, deduction } = deduct(entered, { from: visit.from, to: until }, coupons);
  for (const [index, worth] of worths.entries()) {
    const coupon = coupons[index];
    items.push(item('coupon', visit, -worth, coupon?.kind === 'minutes' ? `${coupon.minutes} min` : ''));
  }
  if (paidAmount > 0) items.push({ ...item('paid', visit, -paidAmount), from: payment?.at ?? visit.to });
  return {
    sheet: tariff.sheetAt(visit.from),
    totalAmount: total,
    deductionAmount: deduction,
    paidAmount,
    payableAmount: inGrace ? ZERO : above(above(total, paidAmount), deduction),
    items,
  };
}
