/** The oracle's own clock and calendar: local time by Intl, dates by Date; nothing of the engine's. */

/** A day's holidays, as `yyyy-MM-dd`. */
export interface OracleCalendar {
  readonly years: ReadonlySet<number>;
  readonly holidays: ReadonlySet<string>;
  readonly workdays: ReadonlySet<string>;
  /** `MM-dd` of holidays in years that are not known. */
  readonly everyYear: ReadonlySet<string>;
}

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

/** What kind of day a day is. */
export interface DayFacts {
  readonly kind: 'workday' | 'weekend' | 'holiday';
  /** Monday is 0. */
  readonly weekday: number;
  readonly date: number;
}

/** Tells days, by their number since 1970, apart. */
export function makeDays(calendar: OracleCalendar): (day: number) => DayFacts {
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
