/**
 * The one module that knows about zones. Instants are whole milliseconds since 1970 UTC; local time exists only as text
 * at the edges. Calendar arithmetic is done on day numbers, so nothing here (or anywhere) needs `Date`.
 */

/** A moment: whole milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly __brand: 'Instant' };

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Zones change their offset on quarter hours of UTC, so one offset holds for each such slice. */
const SLICE = 15 * MINUTE;
/** Slices remembered per zone: 4,096 quarter hours are six weeks, the span that open visits fall into. */
const MAX_SLICES = 4_096;

/** A civil date and time without a zone. `month` and `day` count from 1. */
export interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** An IANA zone, ready to convert. */
export interface Zone {
  readonly name: string;
  /** Local time minus UTC at that moment, in ms. */
  offsetAt(at: Instant): number;
}

/** Brands a number of milliseconds since 1970 UTC. @throws RangeError when it is not a safe integer. */
export function instant(ms: number): Instant {
  if (!Number.isSafeInteger(ms)) throw new RangeError(`not an instant: ${ms}`);
  return ms as Instant;
}

/** The moment `ms` milliseconds after `at` (before it, when negative). */
export function after(at: Instant, ms: number): Instant {
  return (at + ms) as Instant;
}

/** Days from 1970-01-01 to a civil date of the proleptic Gregorian calendar. */
export function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

/** The civil date of a day number: the inverse of {@link dayNumber}. */
export function civilDay(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/**
 * Makes a zone from its IANA name (`Asia/Shanghai`).
 * @throws RangeError when the name is unknown.
 */
export function zoneOf(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const slices = new Map<number, number>();
  function measure(slice: number): number {
    const field = new Map(format.formatToParts(slice * SLICE).map((part) => [part.type, part.value]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => Number(field.get(type) ?? 0);
    const year = field.get('era') === 'BC' ? 1 - part('year') : part('year');
    const local = dayNumber(year, part('month'), part('day')) * DAY;
    return local + part('hour') * HOUR + part('minute') * MINUTE + part('second') * SECOND - slice * SLICE;
  }
  return {
    name,
    offsetAt(at) {
      const slice = Math.floor(at / SLICE);
      const known = slices.get(slice);
      if (known !== undefined) return known;
      if (slices.size >= MAX_SLICES) slices.clear();
      const offset = measure(slice);
      slices.set(slice, offset);
      return offset;
    },
  };
}

/** The local civil time of a moment, truncated to the second. */
export function toCivil(at: Instant, zone: Zone): Civil {
  const local = at + zone.offsetAt(at);
  const days = Math.floor(local / DAY);
  const rest = Math.floor((local - days * DAY) / SECOND);
  const date = civilDay(days);
  return { ...date, hour: Math.floor(rest / 3600), minute: Math.floor(rest / 60) % 60, second: rest % 60 };
}

/**
 * The moment of a local civil time. A time that happens twice (clocks set back) is the first of the two; one that never
 * happens (clocks set forward) is as far after the gap as it would have been into it.
 */
export function fromCivil(civil: Civil, zone: Zone): Instant {
  const local =
    dayNumber(civil.year, civil.month, civil.day) * DAY +
    civil.hour * HOUR +
    civil.minute * MINUTE +
    civil.second * SECOND;
  // The two offsets that can matter are those in force a day to either side: no zone changes twice within that.
  const before = zone.offsetAt((local - DAY) as Instant);
  const later = zone.offsetAt((local + DAY) as Instant);
  const early = (local - before) as Instant;
  if (zone.offsetAt(early) === before) return early;
  const late = (local - later) as Instant;
  return zone.offsetAt(late) === later ? late : early;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** A moment as the standard writes it, in local time: `yyyy-MM-dd HH:mm:ss`. */
export function formatLocal(at: Instant, zone: Zone): string {
  const c = toCivil(at, zone);
  const year = String(c.year).padStart(4, '0');
  return `${year}-${two(c.month)}-${two(c.day)} ${two(c.hour)}:${two(c.minute)}:${two(c.second)}`;
}

const LOCAL = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$/;

/**
 * Reads a local time `yyyy-MM-dd HH:mm:ss` (also with `/`, `T`, or without seconds) as a moment of the zone.
 * @returns undefined when it is not such a text, or names a date or time that no calendar has (30 February, 25:00).
 */
export function parseLocal(text: string, zone: Zone): Instant | undefined {
  const match = LOCAL.exec(text.trim());
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59 || month < 1 || month > 12 || day < 1) return undefined;
  const date = civilDay(dayNumber(year, month, day));
  if (date.day !== day || date.month !== month) return undefined;
  return fromCivil({ year, month, day, hour, minute, second }, zone);
}

/** Whole minutes from one moment to a later one, rounded down, never below zero. */
export function wholeMinutes(from: Instant, to: Instant): number {
  return Math.max(0, Math.floor((to - from) / MINUTE));
}

/**
 * The first moment at which the zone's clock shows a local time or a later one: of a time that happens twice the first,
 * of one that is skipped the moment of the jump. So the moments of rising local times never fall.
 * @param local local time in ms, as if it were UTC: `dayNumber(…) * DAY + …`.
 */
export function firstAt(local: number, zone: Zone): Instant {
  const before = zone.offsetAt((local - DAY) as Instant);
  const later = zone.offsetAt((local + DAY) as Instant);
  if (before === later) return (local - before) as Instant;
  // The change of offset lies in these two days, on a slice: no zone changes twice within them.
  let low = Math.floor((local - DAY) / SLICE);
  let high = Math.floor((local + DAY) / SLICE);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offsetAt((middle * SLICE) as Instant) === before) low = middle;
    else high = middle;
  }
  const change = high * SLICE;
  return (local - before < change ? local - before : Math.max(change, local - later)) as Instant;
}
