/** What can be asked of the parks, and what is answered. Time is `decide`'s argument; chance comes in the command. */
import type { FlagCode } from '../errors.ts';
import type { BarrierOrderId, LaneId, NoticeId, OrderNo, ParkId, VisitId } from '../ids.ts';
import type { Fen } from '../money.ts';
import type { Plate } from '../plate.ts';
import type { Instant } from '../time.ts';
import type { Credential, Reading } from './model.ts';
import type { NoticeOutcome } from './notice.ts';
import type { LedgerEntry, Visit } from './visit.ts';

export interface ReadingCommand {
  readonly type: 'reading';
  readonly park: ParkId;
  readonly lane: LaneId;
  readonly reading: Reading;
  /** When the device recorded it, if it is history (a backlog replayed after an outage): opens nothing. */
  readonly history: Instant | null;
  /** Fresh chance: the visit's id if this reading begins one. */
  readonly freshVisit: VisitId;
}

/** One line of Mallcoo's `deductionDetails` (1.2). */
export interface DeductionDetail {
  readonly type: number | null;
  readonly identify: string | null;
  readonly minutes: number | null;
  readonly amount: Fen | null;
}

/** Mallcoo's `memberInfo` (1.2). `bonus` is the member's total, not what was spent. */
export interface MemberInfo {
  readonly mobile: string | null;
  readonly cardNo: string | null;
  readonly cardGrade: string | null;
  readonly bonus: number | null;
}

/** A `PayParkingFee` notice (1.2), parsed. Amounts in 分. */
export interface PaymentNotice {
  readonly orderNo: OrderNo;
  readonly feeId: string | null;
  readonly plate: Plate | null;
  readonly barcode: string | null;
  readonly payTime: Instant | null;
  readonly unPayAmount: Fen | null;
  readonly amount: Fen;
  readonly deductionAmount: Fen;
  readonly payChannel: number | null;
  readonly payType: number | null;
  readonly thirdTradeNo: string | null;
  readonly deductionDetails: readonly DeductionDetail[];
  readonly member: MemberInfo | null;
  /** True when an amount came with a fraction of a 分. */
  readonly rounded: boolean;
}

export interface PayCommand {
  readonly type: 'pay';
  readonly park: ParkId;
  readonly notice: PaymentNotice;
  /** A digest of the notice's content: the same order with another digest is a conflict, not a retry. */
  readonly digest: string;
  /** What the archive knows of it; left out as long as it was not asked. */
  readonly archived?: ArchiveAnswer;
}

/** What the archive says to a payment. */
export interface ArchiveAnswer {
  /** The last batch of the park that was asked; later ones may know more. */
  readonly through: number;
  /** What it knows of the order number. */
  readonly order: LedgerEntry | null;
  /** The visit that the notice's `feeId` names. */
  readonly visit: Visit | null;
}

/** What became of an open order. `sent`: the device never answers; `uncertain`: it should have, and did not. */
export type BarrierOutcome = 'confirmed' | 'sent' | 'refused' | 'uncertain' | 'expired';

export interface BarrierDoneCommand {
  readonly type: 'barrierDone';
  readonly park: ParkId;
  readonly order: BarrierOrderId;
  readonly outcome: BarrierOutcome;
}

/** The first command after a start: orders that were open when the last run ended are never sent again. */
export interface RecoverCommand {
  readonly type: 'recover';
}

/** Seals closed visits and orders, and passages, from before these moments: the next batch for the archive. */
export interface SealCommand {
  readonly type: 'seal';
  readonly park: ParkId;
  readonly closedBefore: Instant;
  readonly passagesBefore: Instant;
}

/** A sealed batch is in the archive, on the disk. */
export interface ArchivedCommand {
  readonly type: 'archived';
  readonly park: ParkId;
  readonly batch: number;
}

/** Mallcoo has answered a notice for good. */
export interface NoticeDoneCommand {
  readonly type: 'noticeDone';
  readonly park: ParkId;
  readonly noticeId: NoticeId;
  /** The plate that was told: a notice that says another one by now is told again. */
  readonly sent: Plate | null;
  readonly outcome: Exclude<NoticeOutcome, { readonly outcome: 'dropped' }>;
}

/** A person has a dead letter sent again. */
export interface NoticeRetryCommand {
  readonly type: 'noticeRetry';
  readonly park: ParkId;
  readonly noticeId: NoticeId;
}

/** A person gives a notice up. */
export interface NoticeDropCommand {
  readonly type: 'noticeDrop';
  readonly park: ParkId;
  readonly noticeId: NoticeId;
  readonly reason: string;
}

/** Payments can reach the gate, or cannot. */
export interface LineCommand {
  readonly type: 'line';
  readonly up: boolean;
}

/** The operator lets the vehicle go that is held at an exit. */
export interface LetOutCommand {
  readonly type: 'letOut';
  readonly park: ParkId;
  readonly lane: LaneId;
  /** For the books: 1 to {@link MAX_REASON} characters. */
  readonly reason: string;
  /** Who; null when it was not told. */
  readonly by: string | null;
}

/** Characters of a reason that a person gives. */
export const MAX_REASON = 200;

export type Command =
  | ReadingCommand
  | PayCommand
  | BarrierDoneCommand
  | RecoverCommand
  | SealCommand
  | ArchivedCommand
  | NoticeDoneCommand
  | NoticeRetryCommand
  | NoticeDropCommand
  | LineCommand
  | LetOutCommand;

export type ReadingOutcome = 'entered' | 'left' | 'held' | 'duplicate' | 'corrected' | 'reopened' | 'noted';

export type Reply =
  | { readonly type: 'reading'; readonly outcome: ReadingOutcome; readonly visit: VisitId | null }
  | {
      readonly type: 'booked';
      readonly visit: VisitId;
      /** True when this order was booked before: nothing was written now. */
      readonly repeated: boolean;
      readonly flags: readonly FlagCode[];
    }
  | {
      readonly type: 'refused';
      readonly code:
        | 'ORDER_CONFLICT'
        | 'FEE_ID_UNKNOWN'
        | 'PARK_UNKNOWN'
        | 'NOTICE_UNKNOWN'
        | 'LANE_UNKNOWN'
        | 'NOBODY_WAITS';
      readonly value: string;
    }
  | {
      readonly type: 'letOut';
      /** Null for a vehicle of which no visit is known. */
      readonly visit: VisitId | null;
      readonly vehicle: Credential;
      /** What it left without paying. */
      readonly due: Fen;
      /** Whether an arm was ordered up: the lane may have none. */
      readonly arm: boolean;
    }
  /** The order may be in the archive: ask it, and send the command again with its answer. Nothing was written. */
  | { readonly type: 'askArchive' }
  | { readonly type: 'done' };
