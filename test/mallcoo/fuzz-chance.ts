/** Chance that can be had again: the same seed gives the same requests. */

export interface Chance {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** True once in `times`. */
  once(times: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Each entry with a chance of one half. */
  some<T>(list: readonly T[]): readonly T[];
}

/** @param seed any whole number. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  // mulberry32: 32 bits of state are plenty for requests.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    once: (times) => below(times) === 0,
    pick(list) {
      const [first, ...more] = list.slice(below(list.length));
      if (first === undefined && more.length === 0) throw new RangeError('nothing to pick from');
      return first as (typeof list)[number];
    },
    some: (list) => list.filter(() => below(2) === 0),
  };
}
