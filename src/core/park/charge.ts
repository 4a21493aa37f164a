/** What a visit costs at a moment: the one place where tariff, payments and grace meet. Amounts in 分. */
import { above, add, type Fen, ZERO } from '../money.ts';
import { isLargeGreen } from '../plate.ts';
import { type Coupon, deduct } from '../tariff/coupons.ts';
import { summarise } from '../tariff/describe.ts';
import { chargeable, type PassPeriod, withPass } from '../tariff/pass.ts';
import { afterStays } from '../tariff/reentry.ts';
import type { ChargedBy, FeeItem, Tariff } from '../tariff/tariff.ts';
import { after, type Instant, SECOND } from '../time.ts';
import type { PaymentNotice } from './commands.ts';
import type { Settlement } from './events.ts';
import { credentialPlate, type Park, type PlateColour } from './model.ts';
import type { Visit } from './state.ts';

/** The moment up to which the charge runs: within the grace after a settlement it stands still. */
export function chargeEnd(visit: Visit, at: Instant): Instant {
  const settled = visit.settlement;
  return settled && at <= settled.freeUntil && at > settled.quotedAt ? settled.quotedAt : at;
}

/**
 * The park with the prices that it had at a moment: what a driver was shown then, and what a payment settled then, does not
 * change when sheets or passes are reloaded.
 */
function pricedAt(park: Park, at: Instant): Park {
  // The last one that ended after that moment is the first that was in force.
  const then = park.replaced?.findLast(({ until }) => at < until);
  return then ? { ...park, tariff: then.tariff, classes: then.classes, passes: then.passes } : park;
}

/** The class whose prices a vehicle pays, by its plate's colour; null for ordinary cars. */
export function classOf(park: Park, visit: Pick<Visit, 'colour' | 'plateKind' | 'credential'>): string | null {
  return park.classes.get(colourOf(visit)) ?? null;
}

/** The plate's colour as the camera saw it; where it does not say, the form of a green plate gives it away. */
function colourOf({ colour, plateKind, credential }: Pick<Visit, 'colour' | 'plateKind' | 'credential'>): PlateColour {
  if (colour !== 'unknown' || plateKind !== 'green' || credential.kind !== 'plate') return colour;
  return isLargeGreen(credential.plate) ? 'yellowGreen' : 'green';
}

/** The passes of a vehicle, past and to come; undefined for one that never had any. Tickets have none. */
function passesOf(park: Park, { credential }: Visit): readonly PassPeriod[] | undefined {
  const plate = credentialPlate(credential);
  return plate === null ? undefined : park.passes.get(plate);
}

/**
 * What prices the running charge of a visit: its class, its passes, and the stays before it that the sheet counts together
 * with it.
 * @param park with the prices of the charge's end, {@link pricedAt}.
 */
function tariffOf(park: Park, visit: Visit): Tariff {
  const sheet = park.classes.size === 0 ? park.tariff : park.tariff.forClass(classOf(park, visit));
  const { earlier, chargeFrom, entryAt } = visit;
  const tied = earlier && earlier.length > 0 && chargeFrom === entryAt;
  const together = (tariff: Tariff): Tariff => (tied ? afterStays(tariff, entryAt, earlier) : tariff);
  const passes = passesOf(park, visit);
  return passes ? withPass(sheet, passes, together) : together(sheet);
}

/** The gross fee of the visit from its entry until `at`. */
export function grossAt(park: Park, visit: Visit, at: Instant): Fen {
  const end = chargeEnd(visit, at);
  return add(visit.grossBefore, tariffOf(pricedAt(park, end), visit).fee(visit.chargeFrom, end));
}

/** The gross fee at `at` with what priced it: the lines of {@link grossAt}, put together, and the sheet's version. */
export function chargedBy(now: Park, visit: Visit, at: Instant): ChargedBy {
  const end = chargeEnd(visit, at);
  const park = pricedAt(now, end);
  const tariff = tariffOf(park, visit);
  const { entryAt: from, chargeFrom: to, grossBefore: amount } = visit;
  const before: FeeItem[] = amount === 0 ? [] : [{ kind: 'settled', from, to, units: 1, unitPrice: amount, amount }];
  const items = summarise([...before, ...tariff.explain(to, end)]);
  // The one sheet is named beside them; only where another took over do the lines say which priced what.
  const several = items.filter(({ kind }) => kind === 'sheet').length > 1;
  const lines = several ? items : items.filter(({ kind }) => kind !== 'sheet');
  // A part of the stay is priced as a stay that began with it.
  const charged = chargeable(passesOf(park, visit) ?? [], to, end)[0]?.from ?? to;
  return { ...tariff.sheetAt(charged), class: classOf(park, visit), items: lines };
}

/** Everything credited to the visit so far: money, and the deductions of payments. */
export function creditOf(visit: Visit): Fen {
  return add(visit.paid, visit.deducted);
}

/** What is still to be paid at a moment; 0 while the grace runs. */
export function dueAt(park: Park, visit: Visit, at: Instant): Fen {
  return above(grossAt(park, visit, at), creditOf(visit));
}

/** What the running charge is worth less by coupons, as the sheet counts them (1.1); may be more than is due. */
export function couponWorth(park: Park, visit: Visit, coupons: readonly Coupon[], at: Instant): Fen {
  if (coupons.length === 0) return ZERO;
  const end = chargeEnd(visit, at);
  return deduct(tariffOf(pricedAt(park, end), visit), { from: visit.chargeFrom, to: end }, coupons).deduction;
}

/** What a payment meets: the dues between which a quote is honoured, and what it settles. */
export interface Assessment {
  /** Due at the moment of payment. */
  readonly due: Fen;
  /** Due at the earliest moment whose quote is still honoured. */
  readonly dueQuoted: Fen;
  readonly settlement: Settlement | null;
  /** The moment whose price the payment was held against. */
  readonly pricedAt: Instant;
}

/**
 * Holds a payment against what was due at any moment from `payMoment` back to the quote's validity (1.2). Fees do not
 * fall as a stay grows, so the two ends of that span decide. Nothing due, nothing settled: a payment within the grace
 * does not prolong it.
 */
export function assess(park: Park, visit: Visit, credit: Fen, payMoment: Instant): Assessment {
  const earliest = Math.max(visit.entryAt, payMoment - park.quoteValidityMs) as Instant;
  const due = dueAt(park, visit, payMoment);
  const dueQuoted = dueAt(park, visit, earliest);
  if (due === 0 || credit < Math.min(due, dueQuoted)) {
    return { due, dueQuoted, settlement: null, pricedAt: payMoment };
  }
  const quotedAt = credit >= due ? payMoment : earliest;
  const { afterPayment, grace } = pricedAt(park, quotedAt).tariff.termsAt(visit.chargeFrom);
  const restartGross = afterPayment === 'restart' ? grossAt(park, visit, quotedAt) : null;
  const freeUntil = after(payMoment, grace * SECOND);
  return {
    due,
    dueQuoted,
    settlement: { through: payMoment, quotedAt, freeUntil, restartGross },
    pricedAt: quotedAt,
  };
}

/** The visit with a payment credited to it; the same step for `decide`, which looks ahead, and `evolve`. */
export function credited(visit: Visit, notice: PaymentNotice, settlement: Settlement | null): Visit {
  const paid = { paid: add(visit.paid, notice.amount), deducted: add(visit.deducted, notice.deductionAmount) };
  if (settlement === null) return { ...visit, ...paid };
  if (settlement.restartGross === null) return { ...visit, ...paid, settlement };
  const { through, restartGross } = settlement;
  return { ...visit, ...paid, settlement, chargeFrom: through, grossBefore: restartGross };
}
