/** The price of a band as a function of its stopwatch, compiled to a few numbers per step. Seconds and scaled money. */
import type { Fen } from '../money.ts';
import type { Step, UnitRounding } from './sheet.ts';

/** A unit that never ends: the last step of one price. About 35,000 years, so sums with it stay exact. */
export const ENDLESS = 2 ** 40;

/** One step: from second `start`, `unit`s of `price`, each charged once `need` seconds of it have passed. */
export interface Rung {
  readonly start: number;
  /** What all steps before cost, when they are complete. */
  readonly base: number;
  readonly unit: number;
  readonly need: number;
  readonly price: number;
}

export interface Ladder {
  readonly rungs: readonly Rung[];
  /** The most that the ladder can cost; Infinity without a cap. */
  readonly cap: number;
}

/** Seconds of a unit that must have passed for it to be charged. */
export function needOf(rounding: UnitRounding, unit: number): number {
  switch (rounding.kind) {
    case 'up':
      return 1;
    case 'tolerance':
      return rounding.seconds + 1;
    case 'down':
      return unit >= ENDLESS ? 1 : unit;
    case 'nearest':
      return unit >= ENDLESS ? 1 : Math.ceil(unit / 2);
  }
}

/**
 * Compiles steps.
 * @param scale how many parts a 分 is divided into, so that every unit costs a whole number of parts.
 */
export function compileLadder(steps: readonly Step[], rounding: UnitRounding, cap: Fen | null, scale: number): Ladder {
  const rungs: Rung[] = [];
  let start = 0;
  let base = 0;
  for (const { to, price } of steps) {
    const length = to === null ? ENDLESS : to - start;
    const unit = price.kind === 'per' ? price.unit : length;
    const cost = stepCost(price, base, scale);
    rungs.push({ start, base, unit, need: needOf(rounding, unit), price: cost });
    base += price.kind === 'per' && to !== null ? (length / unit) * cost : cost;
    start += length;
  }
  return { rungs, cap: cap === null ? Number.POSITIVE_INFINITY : cap * scale };
}

function stepCost(price: Step['price'], base: number, scale: number): number {
  switch (price.kind) {
    case 'once':
      return price.amount * scale;
    case 'total':
      return price.amount * scale - base;
    case 'per':
      return (price.amount * scale * price.unit) / price.per;
  }
}

/** The rung that the second after `p` belongs to: the last one that starts at or before `p`. */
export function rungAt(ladder: Ladder, p: number): number {
  let index = ladder.rungs.length - 1;
  while (index > 0 && (ladder.rungs[index]?.start ?? 0) > p) index -= 1;
  return index;
}

/** Units of a rung that are charged at stopwatch `p`. */
export function unitsAt(rung: Rung, p: number): number {
  return p <= rung.start ? 0 : Math.floor((p - rung.start + rung.unit - rung.need) / rung.unit);
}

/** What the steps cost at stopwatch `p` without the band's cap. */
export function grossAt(ladder: Ladder, p: number): number {
  if (p <= 0) return 0;
  // A unit's last second belongs to it: at the very start of a rung the one before is complete, and costs its base.
  const rung = ladder.rungs[rungAt(ladder, p)];
  return rung ? rung.base + unitsAt(rung, p) * rung.price : 0;
}

/** What the band costs at stopwatch `p`. */
export function costAt(ladder: Ladder, p: number): number {
  const gross = grossAt(ladder, p);
  return Math.min(gross, ladder.cap);
}

/** Seconds until the present unit is full; 0 between units and in the endless last step. */
export function restOfUnit(ladder: Ladder, p: number): number {
  const rung = ladder.rungs[rungAt(ladder, p)];
  if (!rung || rung.unit >= ENDLESS) return 0;
  const passed = (p - rung.start) % rung.unit;
  return passed === 0 ? 0 : rung.unit - passed;
}

/**
 * A number that is the same for two positions of a stopwatch whose future is the same: later charges differ only by the
 * moment. So two weeks that begin with equal phases cost the same.
 */
export function phaseOf(ladder: Ladder, p: number): number {
  const last = ladder.rungs.at(-1);
  if (!last || p <= last.start) return p;
  const endless = last.unit >= ENDLESS;
  const inUnit = endless ? Math.min(p - last.start, last.need) : (p - last.start) % last.unit || last.unit;
  if (ladder.cap === Number.POSITIVE_INFINITY) return last.start + inUnit;
  // Past the cap only the place in the unit still matters (a unit is finished before another band takes over).
  return grossAt(ladder, p) >= ladder.cap ? -inUnit : p;
}
