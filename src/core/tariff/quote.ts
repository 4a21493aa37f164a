/**
 * The whole account of one visit by its sheet: stays, payment, coupons, a lost ticket; with every line that leads to it.
 * What `gatepost fee` shows.
 */
import { above, add, type Fen, ZERO } from '../money.ts';
import { after, type Instant, SECOND } from '../time.ts';
import { type Coupon, deduct } from './coupons.ts';
import type { FeeItem, ParkTariff, SheetName, Stay } from './tariff.ts';

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

/** The earlier stays that the re-entry rule ties to this one: each left less than `within` before the next came. */
function tiedStays(tariff: ParkTariff, visit: Visit): readonly Stay[] {
  const rule = tariff.termsAt(visit.from).reentry;
  const earlier = visit.earlier ?? [];
  if (!rule) return [];
  let next = visit.from;
  let first = earlier.length;
  for (const stay of earlier.toReversed()) {
    if (next - stay.to > rule.within * SECOND || stay.to > next) break;
    first -= 1;
    next = stay.from;
  }
  return earlier.slice(first);
}

/**
 * The fee of a stay by the sheet's rule for re-entry: as if the car had never left, or with the caps counting on; less
 * what the earlier stays cost. Without earlier stays that the rule ties to it, it is `tariff.fee`.
 */
export function feeAfterReentry(tariff: ParkTariff, visit: Visit): Fen {
  const tied = tiedStays(tariff, visit);
  const [first] = tied;
  if (!first) return tariff.fee(visit.from, visit.to);
  const stays = [...tied, { from: visit.from, to: visit.to }];
  if (tariff.termsAt(visit.from).reentry?.keeps === 'entry') {
    return above(tariff.fee(first.from, visit.to), tariff.fee(first.from, tied.at(-1)?.to ?? first.to));
  }
  return above(tariff.feeTogether(stays), tariff.feeTogether(tied));
}

function item(kind: FeeItem['kind'], visit: Visit, amount: number, name?: string): FeeItem {
  const line = { kind, from: visit.from, to: visit.to, units: 1, unitPrice: amount as Fen, amount: amount as Fen };
  return name === undefined ? line : { ...line, name };
}

/** The gross fee with its lines: stay, re-entry, restart after a payment, lost ticket. */
function gross(
  tariff: ParkTariff,
  visit: Visit,
  restartAt: Instant | null,
): { readonly total: Fen; readonly items: FeeItem[] } {
  const terms = tariff.termsAt(visit.from);
  const lost = visit.lostTicket === true ? terms.lostTicket : null;
  if (lost && !lost.plusHours) return { total: lost.fee, items: [item('lostTicket', visit, lost.fee)] };
  let total: Fen;
  const items: FeeItem[] = [];
  if (restartAt !== null) {
    total = add(tariff.fee(visit.from, restartAt), tariff.fee(restartAt, visit.to));
    items.push(...tariff.explain(visit.from, restartAt), ...tariff.explain(restartAt, visit.to));
  } else {
    total = feeAfterReentry(tariff, visit);
    items.push(...tariff.explain(visit.from, visit.to));
    const alone = tariff.fee(visit.from, visit.to);
    if (total !== alone) items.push(item('reentry', visit, total - alone));
  }
  if (!lost) return { total, items };
  items.push(item('lostTicket', visit, lost.fee));
  return { total: add(total, lost.fee), items };
}

/** The account of a visit at `visit.to`. */
export function quote(tariff: ParkTariff, visit: Visit): Quote {
  const terms = tariff.termsAt(visit.from);
  const coupons = visit.coupons ?? [];
  const payment = visit.payment ?? null;
  const paidAmount = payment?.amount ?? ZERO;
  // Coupons that were used count at the payment too; so a payment suffices when it and they cover the fee of that moment.
  const atPayment = payment && deduct(tariff, { from: visit.from, to: payment.at }, coupons);
  const sufficed = payment !== null && atPayment !== null && payment.amount >= atPayment.payable;
  const inGrace = payment !== null && sufficed && visit.to <= after(payment.at, terms.grace * SECOND);
  const restarts = payment !== null && sufficed && !inGrace && terms.afterPayment === 'restart';
  const { total, items } = gross(tariff, visit, restarts ? payment.at : null);
  const until = restarts ? payment.at : visit.to;
  const { worths, deduction } = deduct(tariff, { from: visit.from, to: until }, coupons);
  for (const [index, worth] of worths.entries()) {
    const coupon = coupons[index];
    items.push(item('coupon', visit, -worth, coupon?.kind === 'minutes' ? `${coupon.minutes} min` : ''));
  }
  if (paidAmount > 0) items.push({ ...item('paid', visit, -paidAmount), from: payment?.at ?? visit.to });
  const owed = restarts && payment ? tariff.fee(payment.at, visit.to) : above(above(total, paidAmount), deduction);
  return {
    sheet: tariff.sheetAt(visit.from),
    totalAmount: total,
    deductionAmount: deduction,
    paidAmount,
    payableAmount: inGrace ? ZERO : owed,
    items,
  };
}
