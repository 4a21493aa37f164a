/**
 * A second engine, written from docs/tariffs.md alone ("What exactly is charged"), slow and plain: it walks the stay in
 * small grains, keeps the stopwatches, and passes every charge through the caps as it comes. It shares no code with the
 * engine, the clock included; only the types of a sheet are the same.
 *
 * A grain of 1 is the definition itself. Larger grains give the same, as long as entry, exit and every length and time of
 * the sheet are multiples of the grain: then nothing changes within one.
 */

import type { Arrival, Band, DaySet, Hours, Sheet, SheetVersion, Step } from '../../src/core/tariff/sheet.ts';
import { type DayFacts, makeClock, makeDays, type OracleCalendar } from './clock.ts';

/** Money is counted in 3,600ths of a 分, so that every unit price is whole. */
const PARTS = 3600;
function inDaySet(set: DaySet, day: DayFacts): boolean {
  if (set.weekdays[day.weekday]) return true;
  return (
    (day.kind === 'workday' && set.workday) ||
    (day.kind === 'weekend' && set.weekend) ||
    (day.kind === 'holiday' && set.holiday)
  );
}

function beginsOn(hours: Hours, day: DayFacts): boolean {
  if (!inDaySet(hours.days, day)) return false;
  if (!hours.season) return true;
  const { from, to } = hours.season;
  if (from <= to) return day.date >= from && day.date <= to;
  return day.date >= from || day.date <= to;
}

/** What happens in a band: each charge, and the stopwatch at which it falls due. */
interface Due {
  readonly at: number;
  readonly parts: number;
}

function stepEnd(steps: readonly Step[], index: number): number {
  return steps[index]?.to ?? Number.POSITIVE_INFINITY;
}

/** The charges of a band one after another, without end. */
function* dues(band: Band): Generator<Due> {
  let start = 0;
  let sum = 0;
  for (const [index, step] of band.steps.entries()) {
    const end = stepEnd(band.steps, index);
    const unit = step.price.kind === 'per' ? step.price.unit : end - start;
    let parts: number;
    if (step.price.kind === 'per') parts = (step.price.amount * PARTS * step.price.unit) / step.price.per;
    else if (step.price.kind === 'once') parts = step.price.amount * PARTS;
    else parts = step.price.amount * PARTS - sum;
    if (!Number.isInteger(parts)) throw new Error('a price that 3,600ths of a 分 cannot say');
    let enough = 1;
    if (band.units.kind === 'tolerance') enough = band.units.seconds + 1;
    if (band.units.kind === 'down' && unit !== Number.POSITIVE_INFINITY) enough = unit;
    if (band.units.kind === 'nearest' && unit !== Number.POSITIVE_INFINITY) enough = Math.ceil(unit / 2);
    for (let at = start; at < end; at += unit) {
      sum += parts;
      yield { at: at + enough, parts };
    }
    start = end;
  }
}

/** A band's stopwatch, and what it has charged. */
class Stopwatch {
  readonly band: Band;
  position = 0;
  #paid = 0;
  #gross = 0;
  #dues: Generator<Due>;
  #next: Due | undefined;

  constructor(band: Band) {
    this.band = band;
    this.#dues = dues(band);
    this.#pull();
  }

  #pull(): void {
    const next = this.#dues.next();
    this.#next = next.done ? undefined : next.value;
  }

  reset(): void {
    this.position = 0;
    this.#paid = 0;
    this.#gross = 0;
    this.#dues = dues(this.band);
    this.#pull();
  }

  /** Runs on, and tells what became due. */
  run(seconds: number): number {
    this.position += seconds;
    while (this.#next && this.#next.at <= this.position) {
      this.#gross += this.#next.parts;
      this.#pull();
    }
    const cost = this.band.cap === null ? this.#gross : Math.min(this.#gross, this.band.cap * PARTS);
    const charge = cost - this.#paid;
    this.#paid = cost;
    return charge;
  }

  /** Whether some seconds of a unit have passed, and not all. */
  midUnit(): boolean {
    let start = 0;
    for (const [index, step] of this.band.steps.entries()) {
      const end = stepEnd(this.band.steps, index);
      if (this.position < end) {
        if (step.price.kind === 'per') return (this.position - start) % step.price.unit !== 0;
        return end !== Number.POSITIVE_INFINITY && this.position !== start;
      }
      start = end;
    }
    return false;
  }
}

/** Caps that count over the stays of one visit. */
interface Periods {
  readonly byDay: Map<number, number>;
  readonly byWindow: Map<number, number>;
  visit: number;
  firstCharge: number | null;
}

export interface OracleStay {
  /** Whole seconds since 1970. */
  readonly entry: number;
  readonly exit: number;
}

function chargeStart(sheet: Sheet, { entry, exit }: OracleStay): number | null {
  const length = exit - entry;
  if (length <= 0) return null;
  const { seconds, inclusive, deducted } = sheet.free;
  if (length < seconds || (inclusive && length === seconds)) return null;
  return deducted ? entry + seconds : entry;
}

function money(sheet: Sheet, parts: number): number {
  // In whole numbers of any size: share, then one rounding.
  const amount = BigInt(parts) * BigInt(sheet.pays);
  const unit = BigInt(PARTS) * 1000n * BigInt(sheet.round.to);
  let count = amount / unit;
  const rest = amount % unit;
  if (sheet.round.mode === 'up' && rest > 0n) count += 1n;
  if (sheet.round.mode === 'half' && rest * 2n >= unit) count += 1n;
  return Number(count) * sheet.round.to;
}

const newPeriods = (): Periods => ({ byDay: new Map(), byWindow: new Map(), visit: 0, firstCharge: null });

/** What the caps leave of a charge, in their order; and what counts in their periods from now on. */
function throughCaps(sheet: Sheet, periods: Periods, at: number, date: number, day: DayFacts, parts: number): number {
  let charge = parts;
  const paidToday = periods.byDay.get(date) ?? 0;
  for (const cap of sheet.dayCaps) {
    if (inDaySet(cap.days, day)) charge = Math.min(charge, cap.amount * PARTS - paidToday);
  }
  periods.byDay.set(date, paidToday + charge);
  if (sheet.rollingCap) {
    const window = Math.floor((at - (periods.firstCharge ?? at)) / sheet.rollingCap.seconds);
    const paid = periods.byWindow.get(window) ?? 0;
    charge = Math.min(charge, sheet.rollingCap.amount * PARTS - paid);
    periods.byWindow.set(window, paid + charge);
  }
  if (sheet.visitCap !== null) charge = Math.min(charge, sheet.visitCap * PARTS - periods.visit);
  periods.visit += charge;
  return charge;
}

/** Days of a pass, both included, counted from 1970-01-01; null for no limit. */
export interface OraclePass {
  readonly from: number | null;
  readonly until: number | null;
}

/** The slow engine, for one zone and one calendar. */
export class Oracle {
  readonly #clock: (second: number) => number;
  readonly #facts: (day: number) => DayFacts;

  constructor(zone: string, calendar: OracleCalendar) {
    this.#clock = makeClock(zone);
    this.#facts = makeDays(calendar);
  }

  #holds(hours: Hours, shown: number): boolean {
    const day = Math.floor(shown / 86_400);
    const time = shown - day * 86_400;
    if (hours.from < hours.to) return hours.from <= time && time < hours.to && beginsOn(hours, this.#facts(day));
    if (time >= hours.from) return beginsOn(hours, this.#facts(day));
    return time < hours.to && beginsOn(hours, this.#facts(day - 1));
  }

  /** The first second that an arrival's price does not cover. */
  #coverEnd(arrival: Arrival, entry: number): number {
    if (arrival.covers.kind === 'length') return entry + arrival.covers.seconds;
    const shown = this.#clock(entry);
    let aim = Math.floor(shown / 86_400) * 86_400 + (arrival.covers.seconds % 86_400);
    if (aim <= shown) aim += 86_400;
    // The first second after the entry at which the clock shows that time or a later one.
    let at = entry;
    while (this.#clock(at + 1) < aim) at += this.#clock(at + 900) < aim ? 900 : 1;
    return at + 1;
  }

  /** The band that the clock says; the rest where none does. */
  #bandAt(sheet: Sheet, watches: readonly Stopwatch[], shown: number): Stopwatch | null {
    const timed = watches.find(({ band }) => band.hours !== null && this.#holds(band.hours, shown));
    return timed ?? watches[sheet.bands.findIndex((band) => band.hours === null)] ?? null;
  }

  /** The charge of `[from, to)`; `entry` is null where arrival prices do not apply. */
  #walk(sheet: Sheet, from: number, to: number, entry: number | null, periods: Periods, grain: number): number {
    const watches = sheet.bands.map((band) => new Stopwatch(band));
    const arrival =
      entry === null ? undefined : sheet.arrivals.find((each) => this.#holds(each.hours, this.#clock(entry)));
    const covered = arrival && entry !== null ? this.#coverEnd(arrival, entry) : from;
    periods.firstCharge ??= from;
    let total = 0;
    let arrivalPaid = 0;
    let active: Stopwatch | null = null;
    let resetDate = Number.NaN;
    for (let at = from; at < to; at += grain) {
      const shown = this.#clock(at);
      const date = Math.floor(shown / 86_400);
      let charge = 0;
      if (arrival?.charge.kind === 'price' && at < covered) {
        if (at === from) charge = arrival.charge.amount * PARTS;
      } else {
        const wanted = this.#bandAt(sheet, watches, shown);
        const held: boolean = sheet.runOn && (active?.midUnit() ?? false);
        const anew: boolean = !held && (wanted !== active || (wanted?.band.restart === 'day' && date !== resetDate));
        if (anew) {
          active = wanted;
          resetDate = date;
          if (active?.band.restart !== 'visit') active?.reset();
        }
        charge = active?.run(grain) ?? 0;
      }
      if (arrival?.charge.kind === 'cap' && at < covered) {
        charge = Math.min(charge, arrival.charge.amount * PARTS - arrivalPaid);
        arrivalPaid += charge;
      }
      total += throughCaps(sheet, periods, at, date, this.#facts(date), charge);
    }
    return total;
  }

  /** The fee of a stay in 分, by the versions given. */
  fee(versions: readonly SheetVersion[], stay: OracleStay, grain: number): number {
    const ordered = [...versions].sort((a, b) => (a.starts ?? -Infinity) - (b.starts ?? -Infinity));
    const begun = ordered.filter((version) => (version.starts ?? -Infinity) <= stay.entry * 1000 + 999);
    let current = begun.at(-1) ?? ordered[0];
    if (!current) throw new Error('no version');
    let from = chargeStart(current.sheet, stay);
    if (from === null) return 0;
    let entry: number | null = stay.entry;
    let sum = 0;
    for (const next of ordered.slice(ordered.indexOf(current) + 1)) {
      const moment = (next.starts ?? 0) / 1000;
      if (next.change !== 'split' || moment >= stay.exit) continue;
      if (moment > from) {
        sum += money(current.sheet, this.#walk(current.sheet, from, moment, entry, newPeriods(), grain));
        from = moment;
      }
      current = next;
      entry = null;
    }
    return sum + money(current.sheet, this.#walk(current.sheet, from, stay.exit, entry, newPeriods(), grain));
  }

  /** What the passes leave of a stay, grain by grain: a grain is covered by the day that the clock shows as it begins. */
  uncovered(stay: OracleStay, passes: readonly OraclePass[], grain: number): readonly OracleStay[] {
    const parts: { entry: number; exit: number }[] = [];
    for (let at = stay.entry; at < stay.exit; at += grain) {
      const day = Math.floor(this.#clock(at) / 86_400);
      if (passes.some(({ from, until }) => (from ?? -Infinity) <= day && day <= (until ?? Infinity))) continue;
      const last = parts.at(-1);
      if (last?.exit === at) last.exit = at + grain;
      else parts.push({ entry: at, exit: at + grain });
    }
    return parts;
  }

  /** The fee of a stay of a vehicle with passes, by docs/passes.md: part for part, and no more than without them. */
  feeWithPasses(
    versions: readonly SheetVersion[],
    stay: OracleStay,
    passes: readonly OraclePass[],
    grain: number,
  ): number {
    const parts = this.uncovered(stay, passes, grain);
    const sum = parts.reduce((so, part) => so + this.fee(versions, part, grain), 0);
    return Math.min(sum, this.fee(versions, stay, grain));
  }

  /** The fee of several stays whose caps count together. */
  together(sheet: Sheet, stays: readonly OracleStay[], grain: number): number {
    const periods = newPeriods();
    let parts = 0;
    for (const stay of stays) {
      const from = chargeStart(sheet, stay);
      if (from !== null && from < stay.exit) parts += this.#walk(sheet, from, stay.exit, stay.entry, periods, grain);
    }
    return money(sheet, parts);
  }
}
