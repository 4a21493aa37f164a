/**
 * A price sheet as data: what the parser makes of a file, and what `compileTariff` takes. The words and the exact meaning
 * are those of docs/tariffs.md. All lengths of time are whole seconds, all amounts 分.
 */
import type { Fen } from '../money.ts';
import type { Instant } from '../time.ts';

/**
 * When a unit is charged, by how much of it has passed. `up`: any of it; `down`: all of it; `nearest`: half of it;
 * `tolerance`: more than so many seconds.
 */
export type UnitRounding =
  | { readonly kind: 'up' | 'down' | 'nearest' }
  | { readonly kind: 'tolerance'; readonly seconds: number };

/** What a step costs: once; per unit (`amount` for `per` seconds, counted in `unit`s); or what is missing to a total. */
export type StepPrice =
  | { readonly kind: 'once'; readonly amount: Fen }
  | { readonly kind: 'per'; readonly amount: Fen; readonly per: number; readonly unit: number }
  | { readonly kind: 'total'; readonly amount: Fen };

/** One step of a price: from the end of the step before to `to` seconds; `null` for the last one, which has no end. */
export interface Step {
  readonly to: number | null;
  readonly price: StepPrice;
}

/** Days: a day belongs when any of the marks fits. `weekdays` counts from Monday. */
export interface DaySet {
  readonly workday: boolean;
  readonly weekend: boolean;
  readonly holiday: boolean;
  readonly weekdays: readonly boolean[];
}

/** A part of the year, both dates included, as `month * 100 + day`; it wraps over New Year when `to < from`. */
export interface Season {
  readonly from: number;
  readonly to: number;
}

/** A time of some days: seconds of the day, `from` 0 to 86,399, `to` 1 to 86,400. It runs past midnight when `to <= from`. */
export interface Hours {
  readonly days: DaySet;
  readonly season: Season | null;
  readonly from: number;
  readonly to: number;
}

export interface Band {
  readonly name: string;
  /** `null`: all time that no other band covers. */
  readonly hours: Hours | null;
  /** The last step has no end. */
  readonly steps: readonly Step[];
  readonly units: UnitRounding;
  readonly restart: 'band' | 'day' | 'visit';
  readonly cap: Fen | null;
}

/** A price for those who came in certain hours. */
export interface Arrival {
  readonly name: string;
  readonly hours: Hours;
  readonly charge: { readonly kind: 'price' | 'cap'; readonly amount: Fen };
  /** Seconds from the entry, or until the clock next shows a second of the day. */
  readonly covers: { readonly kind: 'length' | 'until'; readonly seconds: number };
}

export interface DayCap {
  readonly days: DaySet;
  readonly amount: Fen;
}

export interface MoneyRounding {
  readonly mode: 'up' | 'down' | 'half';
  /** Amounts are multiples of this many 分. */
  readonly to: Fen;
}

/** One version of a sheet for one class of vehicle, complete. */
export interface Sheet {
  readonly name: string;
  readonly version: string;
  readonly currency: string;
  readonly free: { readonly seconds: number; readonly inclusive: boolean; readonly deducted: boolean };
  readonly bands: readonly Band[];
  readonly runOn: boolean;
  readonly arrivals: readonly Arrival[];
  readonly dayCaps: readonly DayCap[];
  readonly rollingCap: { readonly seconds: number; readonly amount: Fen } | null;
  readonly visitCap: Fen | null;
  /** The share that this class pays, in thousandths: 500 is half. */
  readonly pays: number;
  readonly round: MoneyRounding;
}

/** How coupons count. */
export interface CouponTerms {
  readonly cut: 'start' | 'end';
  readonly minutes: 'before cap' | 'after cap';
  readonly amount: 'before cap' | 'after cap';
}

/** What a sheet says beside the price of a stay. Lengths in seconds. */
export interface Terms {
  readonly afterPayment: 'continue' | 'restart';
  readonly grace: number;
  readonly reentry: { readonly within: number; readonly keeps: 'entry' | 'cap' } | null;
  readonly lostTicket: { readonly fee: Fen; readonly plusHours: boolean } | null;
  readonly coupons: CouponTerms;
}

/** One version: the sheet of ordinary cars and of every other class. */
export interface SheetVersion {
  readonly sheet: Sheet;
  readonly classes: ReadonlyMap<string, Sheet>;
  readonly terms: Terms;
  /** When it begins; `null` for one that always held. */
  readonly starts: Instant | null;
  readonly change: 'entry' | 'split';
}

/** Whether a sheet asks what kind of day it is, so that it needs a holiday calendar. */
export function usesCalendar(sheet: Sheet): boolean {
  const asks = (days: DaySet): boolean => days.workday || days.weekend || days.holiday;
  return (
    sheet.bands.some((band) => band.hours !== null && asks(band.hours.days)) ||
    sheet.arrivals.some((arrival) => asks(arrival.hours.days)) ||
    sheet.dayCaps.some((cap) => asks(cap.days))
  );
}
