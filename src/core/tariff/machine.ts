/** A compiled sheet, and the state of a walk over a stay. Times in whole seconds, money in parts of a 分. */
import type { DayTable, Profile } from './days.ts';
import type { Ladder } from './ladder.ts';
import type { Band } from './sheet.ts';

export const NEVER = Number.POSITIVE_INFINITY;

/** A compiled sheet. */
export interface Machine {
  readonly ladders: readonly Ladder[];
  readonly restarts: readonly Band['restart'][];
  /** `null` when one band holds always and no day matters. */
  readonly days: DayTable | null;
  readonly runOn: boolean;
  /** Parts of a 分. */
  readonly scale: number;
  /** Length of the rolling cap's windows, and the caps; Infinity for none. */
  readonly windowLength: number;
  readonly windowCap: number;
  readonly visitCap: number;
}

/** An arrival's price for this stay; `end` is the first second that it does not cover. */
export interface Cover {
  readonly kind: 'price' | 'cap';
  readonly name: string;
  readonly amount: number;
  readonly end: number;
}

/** A stretch of a walk, for the explanation. The cuts are what each cap took away. */
export interface Stretch {
  /** Index of the band; -1 for an arrival's price. */
  readonly band: number;
  readonly from: number;
  readonly to: number;
  /** The band's stopwatch before and after. */
  readonly before: number;
  readonly after: number;
  /** Whether the stopwatch was set to 0 here. */
  readonly fresh: boolean;
  /** The charge before any cap. */
  readonly gross: number;
  readonly bandCut: number;
  readonly arrivalCut: number;
  readonly dayCut: number;
  readonly windowCut: number;
  readonly visitCut: number;
  readonly day: number;
  readonly dayCap: number;
  readonly windowEnd: number;
}

/** The state at a midnight, by which weeks that repeat are found. */
export interface Snapshot {
  day: number;
  active: number;
  total: number;
  windowRest: number;
  windowPaid: number;
  readonly phase: Float64Array;
}

/** A walk under way. One is kept per sheet and used again for every call, so that a fee allocates next to nothing. */
export interface Walk {
  /** What was charged, and what of it counts in each cap's present period. */
  total: number;
  visitPaid: number;
  paidDay: number;
  dayPaid: number;
  windowEnd: number;
  windowPaid: number;

  at: number;
  to: number;
  /** The band whose stopwatch runs; -1 before the first. */
  active: number;
  /** The day on which that stopwatch was last set to 0. */
  resetDay: number;
  readonly position: Float64Array;
  readonly cost: Float64Array;

  day: number;
  dayStart: number;
  dayEnd: number;
  dayCap: number;
  profile: Profile | null;
  slot: number;
  slotEnd: number;

  coverCap: number;
  coverPaid: number;
  coverEnd: number;

  readonly snapshot: Snapshot;
  log: Stretch[] | null;
}

export function makeWalk(machine: Machine): Walk {
  const bands = machine.ladders.length;
  return {
    total: 0,
    visitPaid: 0,
    paidDay: NEVER,
    dayPaid: 0,
    windowEnd: NEVER,
    windowPaid: 0,
    at: NEVER,
    to: NEVER,
    active: -1,
    resetDay: NEVER,
    position: new Float64Array(bands),
    cost: new Float64Array(bands),
    day: 0,
    dayStart: NEVER,
    dayEnd: NEVER,
    dayCap: NEVER,
    profile: null,
    slot: 0,
    slotEnd: NEVER,
    coverCap: NEVER,
    coverPaid: 0,
    coverEnd: NEVER,
    snapshot: { day: NEVER, active: 0, total: 0, windowRest: 0, windowPaid: 0, phase: new Float64Array(bands) },
    log: null,
  };
}

/** Sets a walk to the beginning of a visit whose charge starts at second `start`. */
export function beginVisit(machine: Machine, walk: Walk, start: number, log: Stretch[] | null): void {
  walk.total = 0;
  walk.visitPaid = 0;
  walk.paidDay = NEVER;
  walk.dayPaid = 0;
  walk.windowEnd = start + machine.windowLength;
  walk.windowPaid = 0;
  walk.log = log;
}
