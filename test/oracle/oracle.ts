/**
 * A second engine, written from docs/tariffs.md alone ("What exactly is charged"), slow and plain: it walks the stay in
 * small grains, keeps the stopwatches, and passes every charge through the caps as it comes. It shares no code with the
 * engine, the clock included; only the types of a sheet are the same.
 *
 * A grain of 1 is the definition itself. Larger grains give the same, as long as entry, exit and every length and time of
 * the sheet are multiples of the grain: then nothing changes within one.
 */
import type { Arrival, Band, DaySet, Hours, Sheet, SheetVersion, Step } from '../../src/core/tariff/sheet.ts';

/** A day's holidays, as `yyyy-MM-dd`. */
export interface OracleCalendar {
  readonly years: ReadonlySet<number>;
  readonly holidays: ReadonlySet<string>;
  readonly workdays: ReadonlySet<string>;
  /** `MM-dd` of holidays in years that are not known. */
  readonly everyYear: ReadonlySet<string>;
}

/** Money is counted in 3,600ths of a 分, so that every unit price is whole. */
const PARTS = 3600;
const SLICE = 900;

/** The park's clock: seconds of local time that never run backwards. */
export function makeClock(zone: string): (second: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const offsets = new Map<number, number>();
  const highest = new Map<number, number>();
  const measured = (slice: number): number => {
    const known = offsets.get(slice);
    if (known !== undefined) return known;
    const text = format.formatToParts(new Date(slice * SLICE * 1000)).find((part) => part.type === 'timeZoneName');
    const match = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(text?.value ?? '');
    if (!match) throw new Error(`unexpected offset ${text?.value}`);
    const minutes = Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
    const offset = (match[1] === '-' ? -60 : 60) * minutes;
    offsets.set(slice, offset);
    return offset;
  };
  /** No zone changes its offset and back within six hours, so where both ends agree, so does all between. */
  const offsetOf = (slice: number): number => {
    const block = Math.floor(slice / 24) * 24;
    const start = measured(block);
    return measured(block + 24) === start ? start : measured(slice);
  };
  /** The latest time shown before a slice begins: clocks are set back by three hours at most. */
  const shownBefore = (slice: number): number => {
    const known = highest.get(slice);
    if (known !== undefined) return known;
    let best = Number.NEGATIVE_INFINITY;
    for (let past = slice - 1; past >= slice - 12; past -= 1) {
      best = Math.max(best, (past + 1) * SLICE - 1 + offsetOf(past));
    }
    highest.set(slice, best);
    return best;
  };
  return (second) => {
    const slice = Math.floor(second / SLICE);
    return Math.max(second + offsetOf(slice), shownBefore(slice));
  };
}

interface DayFacts {
  readonly kind: 'workday' | 'weekend' | 'holiday';
  /** Monday is 0. */
  readonly weekday: number;
  readonly date: number;
}

function makeDays(calendar: OracleCalendar): (day: number) => DayFacts {
  const known = new Map<number, DayFacts>();
  return (day) => {
    const found = known.get(day);
    if (found) return found;
    const date = new Date(day * 86_400_000);
    const iso = date.toISOString().slice(0, 10);
    const weekday = (date.getUTCDay() + 6) % 7;
    let kind: DayFacts['kind'] = weekday > 4 ? 'weekend' : 'workday';
    if (calendar.workdays.has(iso)) kind = 'workday';
    if (calendar.holidays.has(iso)) kind = 'holiday';
    if (!calendar.years.has(date.getUTCFullYear()) && calendar.everyYear.has(iso.slice(5))) kind = 'holiday';
    const facts = { kind, weekday, date: (date.getUTCMonth() + 1) * 100 + date.getUTCDate() };
    known.set(day, facts);
    return facts;
  };
}

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

export interface Oracle {
  /** The fee of a stay in 分, by the versions given. */
  fee(versions: readonly SheetVersion[], stay: OracleStay, grain: number): number;
  /** The fee of several stays whose caps count together. */
  together(sheet: Sheet, stays: readonly OracleStay[], grain: number): number;
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

export function makeOracle(zone: string, calendar: OracleCalendar): Oracle {
  const clock = makeClock(zone);
  const facts = makeDays(calendar);

  function holds(hours: Hours, shown: number): boolean {
    const day = Math.floor(shown / 86_400);
    const time = shown - day * 86_400;
    if (hours.from < hours.to) return hours.from <= time && time < hours.to && beginsOn(hours, facts(day));
    if (time >= hours.from) return beginsOn(hours, facts(day));
    return time < hours.to && beginsOn(hours, facts(day - 1));
  }

  /** The first second that an arrival's price does not cover. */
  function coverEnd(arrival: Arrival, entry: number): number {
    if (arrival.covers.kind === 'length') return entry + arrival.covers.seconds;
    const time = arrival.covers.seconds % 86_400;
    const shown = clock(entry);
    const day = Math.floor(shown / 86_400);
    // Looks for the first second after the entry at which the clock reaches that time of this day or the next.
    const target = [day, day + 1].map((each) => each * 86_400 + time);
    for (const aim of target) {
      let from = entry;
      if (clock(entry) >= aim && !firstShown(aim, entry)) continue;
      while (clock(from + 1) < aim) from += clock(from + 900) < aim ? 900 : 1;
      return from + 1;
    }
    throw new Error('no such time');
  }

  /** Whether the clock reaches a time only after the entry. */
  function firstShown(aim: number, entry: number): boolean {
    return clock(entry) < aim;
  }

  function walk(sheet: Sheet, from: number, to: number, entry: number | null, periods: Periods, grain: number): number {
    const watches = sheet.bands.map((band) => new Stopwatch(band));
    const arrival = entry === null ? undefined : sheet.arrivals.find((each) => holds(each.hours, clock(entry)));
    const covered = arrival && entry !== null ? coverEnd(arrival, entry) : from;
    periods.firstCharge ??= from;
    let total = 0;
    let arrivalPaid = 0;
    let active: Stopwatch | null = null;
    let resetDate = Number.NaN;
    for (let at = from; at < to; at += grain) {
      const shown = clock(at);
      const date = Math.floor(shown / 86_400);
      let charge = 0;
      if (arrival && arrival.charge.kind === 'price' && at < covered) {
        if (at === from) charge = arrival.charge.amount * PARTS;
      } else {
        const index = sheet.bands.findIndex((band) => band.hours !== null && holds(band.hours, shown));
        const wanted = watches[index === -1 ? sheet.bands.findIndex((band) => band.hours === null) : index] ?? null;
        const held: boolean = sheet.runOn && (active?.midUnit() ?? false);
        if (!held) {
          const takesOver: boolean = wanted !== active;
          active = wanted;
          const anew = takesOver || (active?.band.restart === 'day' && date !== resetDate);
          if (anew && active?.band.restart !== 'visit') active?.reset();
          if (anew) resetDate = date;
        }
        charge = active?.run(grain) ?? 0;
      }
      if (arrival?.charge.kind === 'cap' && at < covered) {
        charge = Math.min(charge, arrival.charge.amount * PARTS - arrivalPaid);
        arrivalPaid += charge;
      }
      for (const cap of sheet.dayCaps) {
        if (inDaySet(cap.days, facts(date)))
          charge = Math.min(charge, cap.amount * PARTS - (periods.byDay.get(date) ?? 0));
      }
      periods.byDay.set(date, (periods.byDay.get(date) ?? 0) + charge);
      if (sheet.rollingCap) {
        const window = Math.floor((at - periods.firstCharge) / sheet.rollingCap.seconds);
        const paid = periods.byWindow.get(window) ?? 0;
        charge = Math.min(charge, sheet.rollingCap.amount * PARTS - paid);
        periods.byWindow.set(window, paid + charge);
      }
      if (sheet.visitCap !== null) charge = Math.min(charge, sheet.visitCap * PARTS - periods.visit);
      periods.visit += charge;
      total += charge;
    }
    return total;
  }

  const newPeriods = (): Periods => ({ byDay: new Map(), byWindow: new Map(), visit: 0, firstCharge: null });

  return {
    fee(versions, stay, grain) {
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
          sum += money(current.sheet, walk(current.sheet, from, moment, entry, newPeriods(), grain));
          from = moment;
        }
        current = next;
        entry = null;
      }
      return sum + money(current.sheet, walk(current.sheet, from, stay.exit, entry, newPeriods(), grain));
    },
    together(sheet, stays, grain) {
      const periods = newPeriods();
      let parts = 0;
      for (const stay of stays) {
        const from = chargeStart(sheet, stay);
        if (from !== null && from < stay.exit) parts += walk(sheet, from, stay.exit, stay.entry, periods, grain);
      }
      return money(sheet, parts);
    },
  };
}
