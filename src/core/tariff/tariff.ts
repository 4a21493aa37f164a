import type { Fen } from '../money.ts';
import type { Instant } from '../time.ts';

/** One line of a fee's explanation. Amounts in 分; a deduction or a cap's cut is negative. */
export interface FeeItem {
  readonly kind: 'free' | 'first' | 'step' | 'cap';
  readonly from: Instant;
  readonly to: Instant;
  readonly units: number;
  readonly unitPrice: Fen;
  readonly amount: Fen;
}

/**
 * A compiled price sheet: what the rest of the program knows of tariffs. Pure, and the same for the query, the payment
 * and the exit, so the price shown is the price charged.
 */
export interface Tariff {
  readonly name: string;
  readonly version: string;
  /** The gross fee of the stay `[from, to)` in 分: 0 when `to <= from`, and never less for a longer stay. */
  fee(from: Instant, to: Instant): Fen;
  /** The lines that add up to {@link Tariff.fee} of the same stay. */
  explain(from: Instant, to: Instant): readonly FeeItem[];
}
