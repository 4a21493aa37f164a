/** One sheet, compiled: prices a stretch of charged time, in parts of a 分, and turns parts into money. */
import type { Fen } from '../money.ts';
import { MAX_FEN } from '../money.ts';
import type { Zone } from '../time.ts';
import type { HolidayCalendar } from './calendar.ts';
import { DAY_SECONDS, type DayTable, dayTable } from './days.ts';
import { compileLadder } from './ladder.ts';
import { beginVisit, type Cover, type Machine, makeWalk, NEVER, type Stretch } from './machine.ts';
import type { Sheet, Step } from './sheet.ts';
import { walkStay } from './walk.ts';

/** The finest division of a 分 that sums stay exact with. */
export const MAX_SCALE = 3_600;

export interface Pricer {
  readonly sheet: Sheet;
  readonly machine: Machine;
  /** Where the charge of a stay begins, in seconds; -1 when the stay is free. */
  chargeStart(entry: number, exit: number): number;
  /**
   * The charge of `[start, exit)` in parts of a 分.
   * @param entry the second of the entry, for arrival prices; -1 when they do not apply.
   */
  charge(start: number, exit: number, entry: number, log: Stretch[] | null): number;
  /** Several stays of one visit, whose caps count together. */
  chargeTogether(stays: readonly { readonly entry: number; readonly exit: number }[], log: Stretch[] | null): number;
  /** The class's share of so many parts, rounded to money. */
  money(parts: number): Fen;
  /** The arrival's price that an entry has. */
  coverOf(entry: number): Cover | null;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** How many parts a 分 must have for every unit of the steps to cost a whole number of them. */
export function scaleOf(steps: readonly Step[]): number {
  let scale = 1;
  for (const { price } of steps) {
    if (price.kind !== 'per') continue;
    const parts = price.per / gcd(price.amount * price.unit, price.per);
    scale *= parts / gcd(scale, parts);
  }
  return scale;
}

function machineOf(sheet: Sheet, days: DayTable): Machine {
  const scale = scaleOf(sheet.bands.flatMap((band) => band.steps));
  const simple = sheet.bands.length === 1 && sheet.bands[0]?.hours === null && sheet.bands[0].restart !== 'day';
  return {
    ladders: sheet.bands.map((band) => compileLadder(band.steps, band.units, band.cap, scale)),
    restarts: sheet.bands.map((band) => band.restart),
    days: simple && sheet.dayCaps.length === 0 ? null : days,
    runOn: sheet.runOn,
    scale,
    windowLength: sheet.rollingCap?.seconds ?? NEVER,
    windowCap: sheet.rollingCap ? sheet.rollingCap.amount * scale : NEVER,
    visitCap: sheet.visitCap === null ? NEVER : sheet.visitCap * scale,
  };
}

/** Which of a table's hours hold at a second; -1 for none. */
function hoursAt(days: DayTable, day: number, second: number): number {
  const profile = days.profileOf(day);
  let slot = profile.from.length - 1;
  while (slot > 0 && days.secondAt(day, profile.from[slot] ?? 0) > second) slot -= 1;
  return profile.bands[slot] ?? -1;
}

/** The first second after the entry at which the clock shows that second of a day, or a later one. */
function nextAt(days: DayTable, day: number, entry: number, ofDay: number): number {
  const today = days.secondAt(day, ofDay % DAY_SECONDS);
  return today > entry ? today : days.secondAt(day + 1, ofDay % DAY_SECONDS);
}

/** Compiles a sheet. The walk inside is reused by every call: nothing of it is seen outside. */
export function pricerOf(sheet: Sheet, calendar: HolidayCalendar, zone: Zone): Pricer {
  const days = dayTable({ hours: sheet.bands.map((band) => band.hours), caps: sheet.dayCaps }, calendar, zone);
  const arrivals = dayTable({ hours: sheet.arrivals.map((arrival) => arrival.hours), caps: [] }, calendar, zone);
  const machine = machineOf(sheet, days);
  const walk = makeWalk(machine);
  const { free, pays, round } = sheet;
  const divisor = 1000 * machine.scale * round.to;

  function coverOf(entry: number): Cover | null {
    if (sheet.arrivals.length === 0) return null;
    const day = arrivals.dayAt(entry);
    const arrival = sheet.arrivals[hoursAt(arrivals, day, entry)];
    if (!arrival) return null;
    const { kind, seconds } = arrival.covers;
    const end = kind === 'length' ? entry + seconds : nextAt(arrivals, day, entry, seconds);
    return { kind: arrival.charge.kind, name: arrival.name, amount: arrival.charge.amount * machine.scale, end };
  }

  function chargeStart(entry: number, exit: number): number {
    const stay = exit - entry;
    if (stay <= 0 || stay < free.seconds || (stay === free.seconds && free.inclusive)) return -1;
    return free.deducted ? entry + free.seconds : entry;
  }

  return {
    sheet,
    machine,
    coverOf,
    chargeStart,
    charge(start, exit, entry, log) {
      if (start >= exit) return 0;
      beginVisit(machine, walk, start, log);
      walkStay(machine, walk, start, exit, entry === -1 ? null : coverOf(entry));
      return walk.total;
    },
    chargeTogether(stays, log) {
      let begun = false;
      for (const { entry, exit } of stays) {
        const start = chargeStart(entry, exit);
        if (start === -1 || start >= exit) continue;
        if (!begun) beginVisit(machine, walk, start, log);
        begun = true;
        walkStay(machine, walk, start, exit, coverOf(entry));
      }
      return begun ? walk.total : 0;
    },
    money(parts) {
      const share = Math.min(parts, MAX_FEN * machine.scale) * pays;
      const whole = Math.floor(share / divisor);
      const rest = share - whole * divisor;
      const more = round.mode === 'up' ? rest > 0 : round.mode === 'half' && rest * 2 >= divisor;
      return ((whole + (more ? 1 : 0)) * round.to) as Fen;
    },
  };
}

/** The sheet without its caps of day, window, visit and arrival: what coupons that count before the cap are taken from. */
export function withoutCaps(sheet: Sheet): Sheet {
  const arrivals = sheet.arrivals.filter((arrival) => arrival.charge.kind === 'price');
  return { ...sheet, arrivals, dayCaps: [], rollingCap: null, visitCap: null };
}
