/** A payment notice as the books have it: one line for each that came and was journalled. Amounts in 分. */
import { assertNever, type FlagCode } from '../core/errors.ts';
import type { OrderNo, ParkId, VisitId } from '../core/ids.ts';
import { add, type Fen, ZERO } from '../core/money.ts';
import type { PaymentBooked, PaymentConflicted, PaymentUnmatched } from '../core/park/events.ts';
import { type Instant, MINUTE } from '../core/time.ts';

export type PaymentEvent = PaymentBooked | PaymentUnmatched | PaymentConflicted;

/** `unmatched`: for a visit nobody knows, kept. `conflicting`: its order came before with other content. */
export type PaymentStatus = 'booked' | 'unmatched' | 'conflicting';

/** What reconciliation looks for: the flags of a booking, and the two alarms. */
export type LineFlag = FlagCode | 'PAYMENT_UNMATCHED' | 'PAYMENT_CONFLICT';

export interface PaymentLine {
  readonly park: ParkId;
  /** When the notice arrived: the journal's time. */
  readonly at: Instant;
  readonly payTime: Instant | null;
  readonly orderNo: OrderNo;
  readonly thirdTradeNo: string | null;
  /** Plate or barcode: of the visit, or what the notice says where that is not known. */
  readonly vehicle: string | null;
  /** What the notice says, whatever became of it. */
  readonly amount: Fen;
  readonly deduction: Fen;
  readonly payChannel: number | null;
  readonly payType: number | null;
  readonly status: PaymentStatus;
  readonly flags: readonly LineFlag[];
  /** What was open after it of a visit that had been let go uncollected; not known of what comes from the archive. */
  readonly stillOpen?: Fen;
  /** The visit's id, and Mallcoo's `feeId`; what the notice called it where no visit is known. */
  readonly visit: string | null;
  readonly mobile: string | null;
  /** Where it stands: `000000000001.jsonl:5` is record 5 of that file of the journal. */
  readonly place: string;
}

/** The line of an event of the journal. */
export function lineOfEvent(
  event: PaymentEvent,
  where: { readonly at: Instant; readonly place: string; readonly vehicle: string | null },
): PaymentLine {
  const { notice, park } = event;
  const { orderNo, thirdTradeNo, payTime, amount, deductionAmount: deduction, payChannel, payType } = notice;
  const visit: VisitId | string | null = event.type === 'paymentBooked' ? event.visit : notice.feeId;
  const mobile = notice.member?.mobile ?? null;
  const line = { park, ...where, payTime, orderNo, thirdTradeNo, amount, deduction, payChannel, payType };
  return { ...line, ...judged(event), visit, mobile };
}

function judged(event: PaymentEvent): Pick<PaymentLine, 'status' | 'flags' | 'stillOpen'> {
  const rounded: readonly LineFlag[] = event.notice.rounded ? ['AMOUNT_ROUNDED'] : [];
  switch (event.type) {
    case 'paymentBooked': {
      const { flags, uncollected } = event;
      return { status: 'booked', flags, ...(uncollected === undefined ? {} : { stillOpen: uncollected }) };
    }
    case 'paymentUnmatched':
      return { status: 'unmatched', flags: ['PAYMENT_UNMATCHED', ...rounded] };
    case 'paymentConflicted':
      return { status: 'conflicting', flags: ['PAYMENT_CONFLICT', ...rounded] };
    default:
      return assertNever(event);
  }
}

/** What a line credited to its visit, money and deductions together. */
export function creditOf(line: PaymentLine): Fen {
  return line.status === 'booked' ? add(line.amount, line.deduction) : ZERO;
}

/** The clocks of the two ends may differ by this much, in ms; as when the payment is decided. */
const CLOCK_SKEW = 2 * MINUTE;

/** By which moment a notice belongs to a day. */
export type DayBy = 'arrival' | 'pay-time';

/** The moment that decides to which day a line belongs: a `payTime` that was not believed counts as the arrival. */
export function momentOf({ at, payTime, flags }: PaymentLine, by: DayBy): Instant {
  const believed = payTime !== null && payTime <= at + CLOCK_SKEW && !flags.includes('PAY_TIME_ODD');
  return by === 'pay-time' && believed ? payTime : at;
}
