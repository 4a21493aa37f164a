/** Chance that can be had again: the same seed gives the same run on every machine. */

export interface Random {
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** True with a probability of `share`, 0 to 1. */
  chance(share: number): boolean;
  pick<T>(choices: readonly [T, ...T[]]): T;
}

const TWO_TO_32 = 2 ** 32;

/** A generator of its own for each seed (mulberry32: 32 bits of state are plenty for one plan). */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / TWO_TO_32;
  }
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (share) => next() < share,
    pick: (choices) => choices[below(choices.length)] ?? choices[0],
  };
}

/** A chance of a moment, 0 to 1: whatever else happens before it does not change it. */
export function chanceAt(seed: number, now: number): number {
  return randomOf(seed ^ Math.imul(Math.floor(now) + 1, 0x9e3779b1)).below(1_000_000) / 1_000_000;
}
