/** What the books hold: stays of vehicles, and orders that were paid. Entries are never changed, only replaced. */
import type { FlagCode } from '../errors.ts';
import type { DeviceId, LaneId, OrderNo, VisitId } from '../ids.ts';
import type { Fen } from '../money.ts';
import type { PlateKind } from '../plate.ts';
import type { Stay } from '../tariff/tariff.ts';
import type { Instant } from '../time.ts';
import type { Credential, PlateColour } from './model.ts';

/** What a payment settled: the vehicle leaves free until `freeUntil`. */
export interface Settlement {
  /** The moment of payment. */
  readonly through: Instant;
  /** The moment whose price was honoured: at `through`, or up to the quote's validity before it. */
  readonly quotedAt: Instant;
  readonly freeUntil: Instant;
  /** Under `restart`: the gross fee up to here, after which a new stay begins at `through`; null under `continue`. */
  readonly restartGross: Fen | null;
}

/** One stay of one vehicle; in the standard's words one 车场交易. */
export interface Visit {
  readonly id: VisitId;
  readonly credential: Credential;
  readonly plateKind: PlateKind | null;
  readonly colour: PlateColour;
  readonly confidence: number | null;
  readonly entryAt: Instant;
  readonly entryLane: LaneId;
  readonly device: DeviceId;
  /** Sum of the payments' `amount`. */
  readonly paid: Fen;
  /** Sum of the payments' `deductionAmount`. */
  readonly deducted: Fen;
  readonly settlement: Settlement | null;
  /** Where the running charge begins: entry, or under `restart` the last settled `payTime`; with the gross before it. */
  readonly chargeFrom: Instant;
  readonly grossBefore: Fen;
  readonly end: VisitEnd | null;
  /** Its entry is known from a camera's backlog alone: no arm was ordered for it. */
  readonly backlog?: true;
  /** Stays just before this one that are charged together with it; left out where there are none. */
  readonly earlier?: readonly Stay[];
}

export interface VisitEnd {
  readonly at: Instant;
  readonly lane: LaneId | null;
  readonly how: 'left' | 'superseded';
  /** It is known from a camera's backlog alone: no arm was ordered for it. */
  readonly backlog?: true;
  /** Of a vehicle that was let go: what is still open, lowered by payments that come later, to 0. */
  readonly uncollected?: Fen;
  /** How it came to that. */
  readonly letOut?: LetOut;
}

/** How a vehicle was let go that had not paid. */
export interface LetOut {
  readonly why: 'lineDown' | 'operator' | 'backlog';
  /** What was due when it left. */
  readonly due: Fen;
  /** Of the operator: why, and who. */
  readonly reason?: string;
  readonly by?: string | null;
}

/** What is known of an order number. */
export interface LedgerEntry {
  readonly orderNo: OrderNo;
  readonly digest: string;
  /** Null while the order is unmatched: it was kept, not booked. */
  readonly visit: VisitId | null;
  readonly at: Instant;
  /** Digests of the conflicting notices that were journalled, so that each is kept once. */
  readonly conflicts: readonly string[];
  /** Null for an order that was booked before receipts were kept. */
  readonly receipt: Receipt | null;
}

/** What a notice said about money, for reports and disputes. Nothing about the person is in it. Amounts in 分. */
export interface Receipt {
  readonly amount: Fen;
  readonly deducted: Fen;
  readonly payTime: Instant | null;
  readonly payChannel: number | null;
  readonly payType: number | null;
  readonly thirdTradeNo: string | null;
  readonly flags: readonly FlagCode[];
}
