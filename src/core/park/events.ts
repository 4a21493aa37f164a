/**
 * What happened. A record is all events of one command, so a crash keeps all of them or none. The state is a fold of
 * records; nothing else may change it.
 */
import type { FlagCode } from '../errors.ts';
import type { BarrierOrderId, LaneId, NoticeId, ParkId, VisitId } from '../ids.ts';
import type { Fen } from '../money.ts';
import type { Plate, PlateKind } from '../plate.ts';
import type { ChargedBy, Stay } from '../tariff/tariff.ts';
import type { Instant } from '../time.ts';
import type { BarrierOutcome, PaymentNotice } from './commands.ts';
import type { Credential, Direction, Reading } from './model.ts';
import type { NoticeKind, NoticeOutcome } from './notice.ts';
import type { PassNote } from './pass.ts';
import type { LedgerEntry, Settlement, Visit } from './visit.ts';

export type { Settlement } from './visit.ts';

interface InPark {
  readonly park: ParkId;
}

interface InLane extends InPark {
  readonly lane: LaneId;
}

/** A vehicle came in: a visit begins. `at` lies before the record's own time for a backlog record. */
export interface Entered extends InLane {
  readonly type: 'entered';
  readonly visit: VisitId;
  readonly reading: Reading;
  readonly at: Instant;
  readonly plateKind: PlateKind | null;
  readonly backlog: boolean;
  /** Stays just before this one that the tariff counts together with it (re-entry). */
  readonly earlier?: readonly Stay[];
  /** The pass that it had at that moment, for people; what it costs is asked anew whenever it is asked. */
  readonly pass?: PassNote;
}

/** The vehicle entered again without having been seen to leave; its earlier visit ends here, as no passage. */
export interface Superseded extends InPark {
  readonly type: 'superseded';
  readonly visit: VisitId;
  readonly by: VisitId;
  readonly at: Instant;
}

/** A vehicle went out: its visit ends. */
export interface Left extends InLane {
  readonly type: 'left';
  readonly visit: VisitId;
  readonly identity: string | null;
  readonly at: Instant;
  readonly backlog: boolean;
  /** The gross fee of the visit, what had been paid or deducted, and what was let go uncollected. */
  readonly gross: Fen;
  readonly paid: Fen;
  readonly uncollected: Fen;
  /** What priced it; in journals of version 1 no more than the sheet's name and version. */
  readonly tariff: ChargedBy | Pick<ChargedBy, 'name' | 'version'>;
  /** Why it went though something was due, or may have been; left out where nothing was, and for a backlog. */
  readonly letOut?: 'lineDown' | 'operator';
  /** Of the operator: why, and who. */
  readonly reason?: string;
  readonly by?: string | null;
  /** Of a vehicle that was let go: who owes it, for reports that do not look for its entry. */
  readonly credential?: Credential;
}

/** The operator let a vehicle through an exit of which no visit is known. */
export interface LetThrough extends InLane {
  readonly type: 'letThrough';
  readonly credential: Credential;
  readonly reason: string;
  readonly by: string | null;
  readonly at: Instant;
}

/** `lineDown`: it owes something, and a payment may not have been able to reach the gate. */
export type HoldReason = 'unpaid' | 'lineDown' | 'unknownVehicle' | 'unplated';

/** A vehicle stands in a lane and the arm stays down. */
export interface Held extends InLane {
  readonly type: 'held';
  readonly reading: Reading;
  readonly reason: HoldReason;
  readonly visit: VisitId | null;
  readonly due: Fen;
  readonly at: Instant;
}

/** The same happening was read better: the visit's plate changes, the visit does not. */
export interface Corrected extends InLane {
  readonly type: 'corrected';
  readonly visit: VisitId;
  readonly plate: Plate;
  readonly plateKind: PlateKind;
  readonly reading: Reading;
  /** As of {@link Entered}, for the plate that it turned out to be. */
  readonly earlier?: readonly Stay[];
  readonly pass?: PassNote;
}

/** A backlog record that begins and ends no visit: counted as traffic, nothing more. */
export interface PassageNoted extends InLane {
  readonly type: 'passageNoted';
  readonly direction: Direction;
  readonly reading: Reading;
  readonly at: Instant;
}

/** The arm is to rise, before `deadline` or never. The order's id is this event's place in the journal. */
export interface BarrierOrdered extends InLane {
  readonly type: 'barrierOrdered';
  readonly visit: VisitId | null;
  readonly deadline: Instant;
}

export interface BarrierDone extends InPark {
  readonly type: 'barrierDone';
  readonly order: BarrierOrderId;
  readonly lane: LaneId;
  readonly outcome: BarrierOutcome;
}

export interface PaymentBooked extends InPark {
  readonly type: 'paymentBooked';
  readonly visit: VisitId;
  readonly notice: PaymentNotice;
  readonly digest: string;
  readonly settlement: Settlement | null;
  readonly flags: readonly FlagCode[];
  /** The gross fee at the moment whose price was honoured, and what priced it. */
  readonly gross?: Fen;
  readonly tariff?: ChargedBy;
  /** For a vehicle that was let go uncollected: what is still open after this payment. */
  readonly uncollected?: Fen;
}

/** Money for a visit that nobody knows: kept whole, for reconciliation. */
export interface PaymentUnmatched extends InPark {
  readonly type: 'paymentUnmatched';
  readonly notice: PaymentNotice;
  readonly digest: string;
}

/** A known order came again with other content: kept whole, nothing booked. */
export interface PaymentConflicted extends InPark {
  readonly type: 'paymentConflicted';
  readonly notice: PaymentNotice;
  readonly digest: string;
}

/**
 * What is old leaves the working state as one batch and waits for the archive: closed visits that ended before
 * `closedBefore`, the orders of that time whose visit is not kept, and passages before `passagesBefore`.
 */
export interface Sealed extends InPark {
  readonly type: 'sealed';
  /** Counts from 1 in each park, without gaps. */
  readonly batch: number;
  readonly closedBefore: Instant;
  readonly passagesBefore: Instant;
}

/** The batch is in the archive, on the disk: the state lets go of it. */
export interface Archived extends InPark {
  readonly type: 'archived';
  readonly batch: number;
}

/** Something that was sealed is to change: it is among the closed again as it was, and goes with a later batch. */
export interface Recalled extends InPark {
  readonly type: 'recalled';
  readonly visit: Visit | null;
  readonly order: LedgerEntry | null;
}

/** The vehicle still stands at the exit from which a backlog record had let it go: its visit goes on, the passage was none. */
export interface Stayed extends InPark {
  readonly type: 'stayed';
  readonly visit: VisitId;
}

/** Mallcoo is to be told of a vehicle. The notice's id is this event's place in the journal. */
export interface NoticeQueued extends InPark {
  readonly type: 'noticeQueued';
  readonly kind: NoticeKind;
  readonly visit: VisitId;
  readonly plate: Plate | null;
  readonly at: Instant;
}

/** The notice waits no longer. */
export type NoticeDone = InPark & NoticeOutcome & { readonly type: 'noticeDone'; readonly noticeId: NoticeId };

/** A dead letter is to be sent again. */
export interface NoticeRetried extends InPark {
  readonly type: 'noticeRetried';
  readonly noticeId: NoticeId;
}

/** Found in journals from before there was an archive: what was old was let go of. */
export interface Swept {
  readonly type: 'swept';
  readonly closedBefore: Instant;
  readonly passagesBefore: Instant;
}

/** Payments can reach the gate again, or no longer. */
export interface LineChanged {
  readonly type: 'lineChanged';
  readonly up: boolean;
  readonly at: Instant;
}

export type ParkEvent =
  | Entered
  | Superseded
  | Left
  | Held
  | Corrected
  | PassageNoted
  | Stayed
  | BarrierOrdered
  | BarrierDone
  | PaymentBooked
  | PaymentUnmatched
  | PaymentConflicted
  | Sealed
  | Archived
  | Recalled
  | LetThrough
  | LineChanged
  | NoticeQueued
  | NoticeDone
  | NoticeRetried
  | Swept;

/** One command's events at their place in the journal. `seq` counts from 1 without gaps; `at` never goes back. */
export interface JournalRecord {
  readonly seq: number;
  readonly at: Instant;
  readonly events: readonly ParkEvent[];
}

/** The place in the journal of event `index` of record `seq`: the id of what it begins, a barrier order or a notice. */
export function placeOf(seq: number, index: number): string {
  return `${seq}.${index}`;
}

/** The id of the barrier order that is event `index` of record `seq`. */
export function barrierOrderId(seq: number, index: number): BarrierOrderId {
  return placeOf(seq, index) as BarrierOrderId;
}
