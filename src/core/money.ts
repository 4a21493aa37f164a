/** Money in 分 (fen), the hundredth of a yuan: always a whole number, branded so that no bare number passes for it. */
export type Fen = number & { readonly __brand: 'Fen' };

export const ZERO = 0 as Fen;

/** The largest amount that is booked: ¥10,000,000. Larger figures are mistakes, and sums of them stay exact. */
export const MAX_FEN = 1_000_000_000;

/**
 * Brands a whole number of 分.
 * @throws RangeError when the number is not a safe integer.
 */
export function fen(amount: number): Fen {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`not a whole number of 分: ${amount}`);
  return amount as Fen;
}

/** Adds two amounts of 分. */
export function add(a: Fen, b: Fen): Fen {
  return (a + b) as Fen;
}

/** `a - b` in 分, never below zero. */
export function above(a: Fen, b: Fen): Fen {
  return (a > b ? a - b : 0) as Fen;
}

/** An amount of 分 as a person reads it: `¥12.50`. */
export function yuan(amount: Fen): string {
  const sign = amount < 0 ? '-' : '';
  const whole = Math.abs(amount);
  return `${sign}¥${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, '0')}`;
}
