/** The parks as configured: compiled once, read by `decide` and the queries, never changed. */
import type { DeviceId, LaneId, ParkId } from '../ids.ts';
import type { Fen } from '../money.ts';
import type { Plate } from '../plate.ts';
import type { Tariff } from '../tariff/tariff.ts';
import type { Instant, Zone } from '../time.ts';
import type { Passes } from './pass.ts';

export type Direction = 'in' | 'out';

/** What an exit does with a vehicle that owes something while its payment may be unable to reach the gate. */
export type LineRule =
  | { readonly type: 'hold' }
  | { readonly type: 'operator' }
  /** It goes if it owes no more than this; otherwise as `operator`. */
  | { readonly type: 'letOut'; readonly upTo: Fen };

export interface Lane {
  readonly id: LaneId;
  readonly direction: Direction;
  /** Whether the lane has a barrier that orders can be sent to. */
  readonly barrier: boolean;
  /** Readings of one vehicle within this many ms are one passage. */
  readonly dedupeMs: number;
  /** An open order that has not been sent after this many ms is dropped: the car may have gone. */
  readonly orderDeadlineMs: number;
  /** Of no use on an entry lane. */
  readonly whenLineDown: LineRule;
}

export interface Park {
  readonly id: ParkId;
  readonly name: string;
  readonly zone: Zone;
  readonly tariff: Tariff;
  /** The vehicle class of the tariff that a plate's colour means; colours that are not named pay as ordinary cars do. */
  readonly classes: ReadonlyMap<PlateColour, string>;
  /** Vehicles that have paid for a time, or never pay. */
  readonly passes: Passes;
  /**
   * Prices that a reload has replaced, newest first: what was quoted or settled before that moment was by them. Left out
   * where there was none.
   */
  readonly replaced?: readonly ReplacedPrices[];
  /** How long a quoted price is honoured, in ms before `payTime`. */
  readonly quoteValidityMs: number;
  /** Whether `deductionAmount` is held down to `unPayAmount` in answers. The standard's example does not. */
  readonly capDeduction: boolean;
  /** A vehicle held at an exit longer than this is taken to have backed off, in ms. */
  readonly waitingMs: number;
  /** What Mallcoo is told of (1.4). */
  readonly notices: { readonly entry: boolean; readonly exit: boolean };
  /** How long after the line came back notices of payments may still be on their way, in ms: the caller's retries. */
  readonly lateNoticeMs: number;
  readonly lanes: ReadonlyMap<LaneId, Lane>;
}

/** Prices that were in force at this gate up to a moment. */
export interface ReplacedPrices extends Pick<Park, 'tariff' | 'classes' | 'passes'> {
  readonly until: Instant;
}

export interface World {
  readonly parks: ReadonlyMap<ParkId, Park>;
}

export type PlateColour = 'unknown' | 'blue' | 'yellow' | 'white' | 'black' | 'green' | 'yellowGreen';

/** What names a vehicle: its plate, or the barcode of its ticket. `unplated`: a vehicle was seen, but no plate. */
export type Credential =
  | { readonly kind: 'plate'; readonly plate: Plate }
  | { readonly kind: 'ticket'; readonly barcode: string }
  | { readonly kind: 'unplated' };

/** What a device saw, free of its protocol. */
export interface Reading {
  readonly device: DeviceId;
  readonly credential: Credential;
  readonly colour: PlateColour;
  /** 0 to 1; null when the device does not say. */
  readonly confidence: number | null;
  /** The device's own name for this happening: messages that share it are one. Null when it gives none. */
  readonly identity: string | null;
}

/** A ticket as {@link credentialKey} writes it. Plates have no small letters, so the two never meet. */
export function ticketKey(barcode: string): string {
  return `${TICKET}${barcode}`;
}

const TICKET = 'ticket:';

/** The credential of a key that {@link credentialKey} wrote. */
export function credentialOfKey(key: string | null): Credential {
  if (key === null) return { kind: 'unplated' };
  if (key.startsWith(TICKET)) return { kind: 'ticket', barcode: key.slice(TICKET.length) };
  return { kind: 'plate', plate: key as Plate };
}

/**
 * The text by which two credentials are compared: of a plate the plate itself, which costs a query nothing; null for a
 * vehicle that has none.
 */
export function credentialKey(credential: Credential): string | null {
  switch (credential.kind) {
    case 'plate':
      return credential.plate;
    case 'ticket':
      return ticketKey(credential.barcode);
    case 'unplated':
      return null;
  }
}

/** The plate, if that is what names the vehicle. */
export function credentialPlate(credential: Credential): Plate | null {
  return credential.kind === 'plate' ? credential.plate : null;
}

/** A credential as a person reads it. */
export function credentialText(credential: Credential): string {
  switch (credential.kind) {
    case 'plate':
      return credential.plate;
    case 'ticket':
      return credential.barcode;
    case 'unplated':
      return '无牌车';
  }
}
