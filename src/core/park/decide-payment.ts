/**
 * `PayParkingFee` (1.2). When it arrives the driver has already paid, so money is never refused because a figure
 * differs: it is booked, credited and flagged.
 */
import type { FlagCode } from '../errors.ts';
import { add, type Fen } from '../money.ts';
import type { Instant } from '../time.ts';
import { type Assessment, assess, chargedBy, credited, grossAt } from './charge.ts';
import type { PayCommand, PaymentNotice, Reply } from './commands.ts';
import { type Decision, NOTHING } from './decision.ts';
import type { ParkEvent, PaymentBooked } from './events.ts';
import { exitOf, judgeExit, leaving, openArm } from './exit.ts';
import { CLOCK_SKEW, type LateSettlement, owingDeparture, settleLate, wasLetGo } from './late.ts';
import type { LineState } from './line.ts';
import { credentialKey, type Park, type World } from './model.ts';
import { openVisit } from './queries.ts';
import { orderOf, type ParkState, parkOf, type State, visitOf } from './state.ts';
import type { LedgerEntry, Visit } from './visit.ts';

/** Conflicting notices journalled per order; a caller that goes on inventing content does not fill the disk. */
const MAX_CONFLICTS = 16;

/** Decides a payment notice: booked once per `orderNo`, whatever happens to the line. */
export function decidePayment(world: World, state: State, command: PayCommand, now: Instant): Decision {
  const park = world.parks.get(command.park);
  if (!park) return refuse('PARK_UNKNOWN', command.park);
  const parkState = parkOf(state, park.id);
  const { notice, digest } = command;
  const known = orderOf(parkState, notice.orderNo) ?? command.archived?.order;
  if (known?.visit != null) return decideKnownOrder(parkState, command, known, known.visit);
  // An order that the state does not know is new only if the archive, up to the last batch handed over, says so too.
  if ((command.archived?.through ?? 0) < parkState.archivedThrough)
    return { ...NOTHING, reply: { type: 'askArchive' } };
  const found = findVisit(parkState, command, now);
  if (!found) {
    const { reply } = refuse('FEE_ID_UNKNOWN', notice.feeId ?? notice.plate ?? notice.barcode ?? '');
    if (known?.digest === digest) return { events: [], reply };
    return { events: [{ type: 'paymentUnmatched', park: park.id, notice, digest }], reply };
  }
  const { visit } = found;
  const booking = bookOn(park, command, found, now);
  const here = parkState.open.has(visit.id) || parkState.closed.has(visit.id);
  const recalled: ParkEvent[] = here ? [] : [{ type: 'recalled', park: park.id, visit, order: null }];
  const events: ParkEvent[] = [
    ...recalled,
    booking,
    ...releaseWaiting({ park, state: parkState, line: state.line, now }, visit, booking),
  ];
  return { events, reply: { type: 'booked', visit: visit.id, repeated: false, flags: booking.flags } };
}

function refuse(code: Extract<Reply, { type: 'refused' }>['code'], value: string): Decision {
  return { ...NOTHING, reply: { type: 'refused', code, value } };
}

/** A retry gets the first answer again and books nothing; other content under the same number is an alarm. */
function decideKnownOrder(state: ParkState, command: PayCommand, known: LedgerEntry, visit: Visit['id']): Decision {
  const { park, notice, digest } = command;
  if (known.digest === digest) return { events: [], reply: { type: 'booked', visit, repeated: true, flags: [] } };
  const { reply } = refuse('ORDER_CONFLICT', notice.orderNo);
  const kept = known.conflicts.includes(digest) || known.conflicts.length >= MAX_CONFLICTS;
  if (kept) return { events: [], reply };
  const here = state.ledger.has(notice.orderNo);
  const recalled: ParkEvent[] = here ? [] : [{ type: 'recalled', park, visit: null, order: known }];
  return { events: [...recalled, { type: 'paymentConflicted', park, notice, digest }], reply };
}

interface Found {
  readonly visit: Visit;
  readonly flags: readonly FlagCode[];
}

/**
 * The visit that a notice pays for: its `feeId` above all, which means one visit for ever; else the open visit of its plate
 * or ticket, or a departure of the last day that still owes something. Money from before the open visit is for the departure before it.
 */
function findVisit(state: ParkState, { notice, archived }: PayCommand, now: Instant): Found | undefined {
  const feeId = notice.feeId as Visit['id'] | null;
  const named = feeId === null ? undefined : (visitOf(state, feeId) ?? archived?.visit);
  if (named) return { visit: named, flags: flagsOfNamed(state, notice, named) };
  const byPlate = notice.plate === null ? undefined : openVisit(state, 'plate', notice.plate);
  const byTicket = notice.barcode === null ? undefined : openVisit(state, 'ticket', notice.barcode);
  const open = byPlate ?? byTicket;
  const fits = open && (notice.payTime === null || notice.payTime >= open.entryAt - CLOCK_SKEW);
  const owing = fits ? undefined : owingDeparture(state, notice, now);
  if (owing) return { visit: owing, flags: ['FEE_ID_FELL_BACK', 'SETTLED_LATE'] };
  if (!open) return undefined;
  const differs = byPlate && byTicket && byPlate.id !== byTicket.id;
  return { visit: open, flags: differs ? ['FEE_ID_FELL_BACK', 'CREDENTIAL_DIFFERS'] : ['FEE_ID_FELL_BACK'] };
}

function flagsOfNamed(state: ParkState, notice: PaymentNotice, named: Visit): FlagCode[] {
  const flags: FlagCode[] = [];
  const { credential } = named;
  const otherPlate = credential.kind === 'plate' && notice.plate !== null && notice.plate !== credential.plate;
  const otherTicket = credential.kind === 'ticket' && notice.barcode !== null && notice.barcode !== credential.barcode;
  if (otherPlate || otherTicket) flags.push('CREDENTIAL_DIFFERS');
  if (wasLetGo(named) && named.end.uncollected > 0) flags.push('SETTLED_LATE');
  else if (named.end) {
    const key = credentialKey(credential);
    flags.push(key !== null && state.byCredential.has(key) ? 'STALE_FEE_ID' : 'DEPARTED');
  }
  return flags;
}

function bookOn(park: Park, command: PayCommand, found: Found, now: Instant): PaymentBooked {
  const { notice, digest } = command;
  const { visit } = found;
  const payTime = notice.payTime ?? Number.NaN;
  const odd = !(payTime >= visit.entryAt - CLOCK_SKEW && payTime <= now + CLOCK_SKEW);
  const paidAt = odd ? now : (Math.min(now, Math.max(visit.entryAt, payTime)) as Instant);
  const { shown, owed, uncollected } = judge(park, visit, notice, paidAt);
  const flags: FlagCode[] = [...found.flags, ...flagsOf(notice, shown, owed)];
  if (odd) flags.push('PAY_TIME_ODD');
  const settlement = gone(park, visit, paidAt) ? null : owed.settlement;
  const gross = grossAt(park, visit, owed.pricedAt);
  const tariff = chargedBy(park, visit, owed.pricedAt);
  const booked = { visit: visit.id, notice, digest, settlement, flags, gross, tariff };
  const open = uncollected === null ? {} : { uncollected };
  return { type: 'paymentBooked', park: park.id, ...booked, ...open };
}

/** Whether the vehicle has left. One that a backlog let go a moment ago may still stand at the exit. */
function gone(park: Park, { end }: Visit, at: Instant): boolean {
  return end !== null && !(end.backlog && at - end.at <= park.waitingMs);
}

type Judged = Omit<LateSettlement, 'uncollected'> & { readonly uncollected: Fen | null };

function judge(park: Park, visit: Visit, notice: PaymentNotice, paidAt: Instant): Judged {
  const credit = add(notice.amount, notice.deductionAmount);
  if (wasLetGo(visit)) return settleLate(park, visit, credit, paidAt);
  // What a departed vehicle owed was fixed when it left.
  const assessment = assess(park, visit, credit, visit.end && gone(park, visit, paidAt) ? visit.end.at : paidAt);
  return { shown: assessment, owed: assessment, uncollected: null };
}

/** @param shown what the caller was told when the driver paid. @param owed what the payment is held against. */
function flagsOf(notice: PaymentNotice, shown: Assessment, { due, dueQuoted }: Assessment): FlagCode[] {
  const flags: FlagCode[] = [];
  const { amount, deductionAmount, unPayAmount } = notice;
  // Callers disagree whether 本次应付 is before or after their own deductions: both are taken as right.
  const fits = (figure: number): boolean =>
    figure >= Math.min(shown.dueQuoted, shown.due) && figure <= Math.max(shown.dueQuoted, shown.due);
  if (unPayAmount !== null && !fits(unPayAmount) && !fits(unPayAmount + deductionAmount)) flags.push('FIGURES_DIFFER');
  if (amount + deductionAmount < Math.min(due, dueQuoted)) flags.push('UNDERPAID');
  // A coupon worth more than the fee is forfeited in part; only money beyond the due is too much.
  if (amount > 0 && amount + Math.min(deductionAmount, due) > due) flags.push('OVERPAID');
  if (notice.rounded) flags.push('AMOUNT_ROUNDED');
  return flags;
}

interface Gate {
  readonly park: Park;
  readonly state: ParkState;
  readonly line: LineState;
  readonly now: Instant;
}

/** The vehicle already waits at an exit and may leave now: its arm rises at once. */
function releaseWaiting({ park, state, line, now }: Gate, visit: Visit, booking: PaymentBooked): ParkEvent[] {
  const lane = visit.end ? null : exitOf(park, state, visit.id, now);
  if (!lane) return [];
  const paid = credited(visit, booking.notice, booking.settlement);
  const verdict = judgeExit(park, lane, line, paid, now);
  if (verdict.type === 'hold') return [];
  const letOut = verdict.letOut === null ? null : { letOut: verdict.letOut };
  const left = leaving({ park, lane: lane.id, visit: paid, at: now, identity: null, backlog: false, letOut });
  return [left, ...openArm({ park, now }, lane, visit.id)];
}
