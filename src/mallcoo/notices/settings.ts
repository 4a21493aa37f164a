/** What the sender knows of one park: its configuration, in the sender's words. */
import type { Language } from '../../core/errors.ts';
import type { ParkId } from '../../core/ids.ts';
import type { Zone } from '../../core/time.ts';

/** Where one kind of notice goes, and what its fields are called. */
export interface Target {
  readonly url: string;
  readonly fields: NoticeFields;
}

/** Names of the fields, in the order in which they are sent. */
export interface NoticeFields {
  readonly parkCode: string;
  readonly plateNo: string;
  /** The moment of the entry, or of the departure. */
  readonly time: string;
  readonly tradeId: string;
}

/** Those of the standard's entry notice (1.4). */
export const ENTRY_FIELDS: NoticeFields = {
  parkCode: 'ParkCode',
  plateNo: 'PlateNo',
  time: 'InTime',
  tradeId: 'TradeID',
};

export interface NoticeSettings {
  readonly park: ParkId;
  readonly zone: Zone;
  /** The park's code at Mallcoo. */
  readonly parkCode: string;
  readonly entry: Target;
  /** Null where departures are not told. */
  readonly exit: Target | null;
  readonly appId: string;
  readonly publicKey: string;
  readonly privateKey: string;
  readonly plateEncoding: 'raw' | 'url';
  /** Of what is kept with a dead letter: the journal holds it as text. */
  readonly language: Language;
  /** What is told of a car that is known by its ticket. */
  readonly unplated: string;
  /** How long an answer is waited for, in ms. */
  readonly timeoutMs: number;
  /** Notices sent in a second at most, 1 or more. */
  readonly perSecond: number;
  /** A notice that could not be told for so long after it was queued is given up, in ms. */
  readonly giveUpMs: number;
}
