/** What a visit costs at a moment: the one place where tariff, payments and grace meet. Amounts in 分. */
import { above, add, type Fen, fen } from '../money.ts';
import { after, type Instant } from '../time.ts';
import type { PaymentNotice } from './commands.ts';
import type { Settlement } from './events.ts';
import type { Park } from './model.ts';
import type { Visit } from './state.ts';

/** The moment up to which the charge runs: within the grace after a settlement it stands still. */
export function chargeEnd(visit: Visit, at: Instant): Instant {
  const settled = visit.settlement;
  return settled && at <= settled.freeUntil && at > settled.quotedAt ? settled.quotedAt : at;
}

/** The gross fee of the visit from its entry until `at`. */
export function grossAt(park: Park, visit: Visit, at: Instant): Fen {
  return add(visit.grossBefore, park.tariff.fee(visit.chargeFrom, chargeEnd(visit, at)));
}

/** Everything credited to the visit so far: money, and the deductions of payments. */
export function creditOf(visit: Visit): Fen {
  return add(visit.paid, visit.deducted);
}

/** What is still to be paid at a moment; 0 while the grace runs. */
export function dueAt(park: Park, visit: Visit, at: Instant): Fen {
  return above(grossAt(park, visit, at), creditOf(visit));
}

/**
 * What `freeMs` of free time are worth at `at`: the fee of the stay less the fee of the stay cut short (1.1). The cut is
 * taken from the end of the charged stay, or from its start, as the park is configured.
 */
export function freeTimeWorth(park: Park, visit: Visit, freeMs: number, at: Instant): Fen {
  const from = visit.chargeFrom;
  const to = chargeEnd(visit, at);
  if (freeMs <= 0 || to <= from) return fen(0);
  const shortened =
    park.cutFreeMinutesFrom === 'end'
      ? park.tariff.fee(from, Math.max(from, to - freeMs) as Instant)
      : park.tariff.fee(Math.min(to, from + freeMs) as Instant, to);
  return above(park.tariff.fee(from, to), shortened);
}

/** What a payment meets: the dues between which a quote is honoured, and what it settles. */
export interface Assessment {
  /** Due at the moment of payment. */
  readonly due: Fen;
  /** Due at the earliest moment whose quote is still honoured. */
  readonly dueQuoted: Fen;
  readonly settlement: Settlement | null;
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
  if (due === 0 || credit < Math.min(due, dueQuoted)) return { due, dueQuoted, settlement: null };
  const quotedAt = credit >= due ? payMoment : earliest;
  const restartGross = park.afterPayment === 'restart' ? grossAt(park, visit, quotedAt) : null;
  const freeUntil = after(payMoment, park.graceMs);
  return { due, dueQuoted, settlement: { through: payMoment, quotedAt, freeUntil, restartGross } };
}

/** The visit with a payment credited to it; the same step for `decide`, which looks ahead, and `evolve`. */
export function credited(visit: Visit, notice: PaymentNotice, settlement: Settlement | null): Visit {
  const paid = { paid: add(visit.paid, notice.amount), deducted: add(visit.deducted, notice.deductionAmount) };
  if (settlement === null) return { ...visit, ...paid };
  if (settlement.restartGross === null) return { ...visit, ...paid, settlement };
  const { through, restartGross } = settlement;
  return { ...visit, ...paid, settlement, chargeFrom: through, grossBefore: restartGross };
}
