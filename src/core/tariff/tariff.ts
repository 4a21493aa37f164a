import type { Fen } from '../money.ts';
import type { Instant } from '../time.ts';
import type { Terms } from './sheet.ts';

/**
 * What a line of an explanation is about. `sheet`: the version that prices what follows; `calendar`: a year without
 * holiday data; `free`: the free period; `step`: charged time; `once`: a price for once; `arrival`: the price of an
 * arrival; `…Cap`: what a cap took away; `class`: the share of a vehicle class; `rounding`: of the sum; `lostTicket`;
 * `reentry`: what earlier stays make it less or more; `settled`: what a payment had settled before a new charge began;
 * `monthlyPass`, `freePass`: time that a pass covered, with its last day as name; `passCap`: what the parts beside it cost more
 * than the whole stay would; `coupon`: what a coupon was worth; `paid`: what had been paid.
 */
export type FeeItemKind =
  | 'sheet'
  | 'calendar'
  | 'free'
  | 'step'
  | 'once'
  | 'arrival'
  | 'bandCap'
  | 'arrivalCap'
  | 'dayCap'
  | 'rollingCap'
  | 'visitCap'
  | 'class'
  | 'rounding'
  | 'lostTicket'
  | 'reentry'
  | 'settled'
  | 'monthlyPass'
  | 'freePass'
  | 'passCap'
  | 'coupon'
  | 'paid';

/** One line of a fee's explanation. Amounts in 分; a deduction or a cap's cut is negative. */
export interface FeeItem {
  readonly kind: FeeItemKind;
  readonly from: Instant;
  readonly to: Instant;
  readonly units: number;
  readonly unitPrice: Fen;
  readonly amount: Fen;
  /** The band, cap, class, version or year that the line speaks of. */
  readonly name?: string;
  /** Seconds that a unit is long, for `step`; that a cap's period is, for a `rollingCap`. */
  readonly seconds?: number;
  /** On lines of a summary: how many lines it stands for. */
  readonly lines?: number;
}

/** A stay from entry to exit, the exit not included. */
export interface Stay {
  readonly from: Instant;
  readonly to: Instant;
}

/** The version of a sheet that a stay is priced by. */
export interface SheetName {
  readonly name: string;
  readonly version: string;
  readonly currency: string;
}

/** What priced a charge, and how it came about: kept with it, so that it can be explained when sheets have changed. */
export interface ChargedBy extends SheetName {
  /** The vehicle class; null for ordinary cars. */
  readonly class: string | null;
  /**
   * The lines that add up to the gross fee, put together where they differ only in when. A `sheet` line is among them only
   * where several versions priced the stay.
   */
  readonly items: readonly FeeItem[];
}

/**
 * A park's compiled price sheets, all versions and classes: what the rest of the program knows of them. Pure, and the same
 * for the query, the payment and the exit, so the price shown is the price charged.
 */
export interface Tariff {
  /** The gross fee of the stay `[from, to)` in 分: 0 when `to <= from`, and never less for a longer stay. */
  fee(from: Instant, to: Instant): Fen;
  /** The lines that add up to {@link Tariff.fee} of the same stay. */
  explain(from: Instant, to: Instant): readonly FeeItem[];
  /** The classes that the sheets name, in their order. */
  readonly classes: readonly string[];
  /** Whether any version asks what kind of day it is: its park needs a holiday calendar. */
  readonly usesCalendar: boolean;
  /** The tariff of a class; an unknown class, or null, pays as ordinary cars do. */
  forClass(name: string | null): Tariff;
  /** The sheet in force at a moment, by which a stay that begins then is priced. */
  sheetAt(at: Instant): SheetName;
  /** What that sheet says about payments, coupons, lost tickets and re-entry. */
  termsAt(at: Instant): Terms;
  /** The fee without the caps of day, window, visit and arrival. */
  uncapped(from: Instant, to: Instant): Fen;
  /** The fee of several stays whose caps count together (re-entry); all by the version in force at the first entry. */
  feeTogether(stays: readonly Stay[]): Fen;
}
