/** Public holidays and swapped workdays: what kind of day a day is, and up to when that is known. */
import { after, civilDay, dayNumber, type Instant, toCivil, type Zone } from '../time.ts';
import type { DaySet, Hours } from './sheet.ts';

export type DayKind = 'workday' | 'weekend' | 'holiday';

/** Day numbers as of {@link dayNumber}. A year is known when it is in `years`. */
export interface HolidayCalendar {
  readonly years: ReadonlySet<number>;
  readonly holidays: ReadonlySet<number>;
  /** Saturdays and Sundays that are worked. */
  readonly workdays: ReadonlySet<number>;
  /** Holidays of a year that is not known: `month * 100 + day`. */
  readonly everyYear: ReadonlySet<number>;
}

/** A calendar that knows nothing: every year is unknown, and weekdays decide. */
export const NO_CALENDAR: HolidayCalendar = {
  years: new Set(),
  holidays: new Set(),
  workdays: new Set(),
  everyYear: new Set(),
};

/** A day with everything a sheet may ask of it. */
export interface Day {
  readonly number: number;
  readonly year: number;
  /** `month * 100 + day`. */
  readonly date: number;
  /** 0 is Monday. */
  readonly weekday: number;
  readonly kind: DayKind;
}

/** Describes a day by its number. In a year without data the weekday decides, and the law's fixed dates. */
export function dayOf(number: number, calendar: HolidayCalendar): Day {
  const { year, month, day } = civilDay(number);
  // 1 January 1970 was a Thursday.
  const weekday = (((number + 3) % 7) + 7) % 7;
  const date = month * 100 + day;
  const plain: DayKind = weekday >= 5 ? 'weekend' : 'workday';
  const fixed = !calendar.years.has(year) && calendar.everyYear.has(date);
  const holiday = fixed || calendar.holidays.has(number);
  const kind = holiday ? 'holiday' : calendar.workdays.has(number) ? 'workday' : plain;
  return { number, year, date, weekday, kind };
}

export function daySetHas(days: DaySet, day: Day): boolean {
  return days[day.kind] || days.weekdays[day.weekday] === true;
}

/** Whether hours begin on that day: its kind and the season fit. */
export function hoursBeginOn(hours: Hours, day: Day): boolean {
  const { season } = hours;
  if (season) {
    const begun = day.date >= season.from;
    const open = day.date <= season.to;
    if (season.from <= season.to ? !(begun && open) : !(begun || open)) return false;
  }
  return daySetHas(hours.days, day);
}

/** Up to when a calendar is known, seen from a moment. */
export interface CalendarHorizon {
  /** The last year without a gap after the present one; `null` when the present year itself is unknown. */
  readonly knownThrough: number | null;
  /** The year whose announcement is missing. */
  readonly missing: number;
  /** Whole days from today until that year begins; 0 when it has begun. */
  readonly daysLeft: number;
  /** Whether it is time to raise the fault: fewer days are left than `warnDays`. */
  readonly due: boolean;
}

/** The days before the known years end at which a fault is raised: the announcement comes in November. */
export const CALENDAR_WARN_DAYS = 45;

/**
 * How far the calendar reaches, for the fault that a park with a calendar sheet raises *before* an unknown year begins.
 * @param warnDays days before the end of the known years at which `due` becomes true.
 */
export function calendarHorizon(
  calendar: HolidayCalendar,
  now: Instant,
  zone: Zone,
  warnDays: number = CALENDAR_WARN_DAYS,
): CalendarHorizon {
  const today = toCivil(now, zone);
  let missing = today.year;
  while (calendar.years.has(missing)) missing += 1;
  const daysLeft = Math.max(0, dayNumber(missing, 1, 1) - dayNumber(today.year, today.month, today.day));
  return { knownThrough: missing === today.year ? null : missing - 1, missing, daysLeft, due: daysLeft < warnDays };
}

/** Adds the years of `more` to a calendar; a year that both know is taken from `more`. */
export function mergeCalendars(base: HolidayCalendar, more: HolidayCalendar): HolidayCalendar {
  const keep = (number: number): boolean => !more.years.has(civilDay(number).year);
  return {
    years: new Set([...base.years, ...more.years]),
    holidays: new Set([...[...base.holidays].filter(keep), ...more.holidays]),
    workdays: new Set([...[...base.workdays].filter(keep), ...more.workdays]),
    everyYear: new Set([...base.everyYear, ...more.everyYear]),
  };
}

/** The years that a stay `[from, to)` touches and the calendar does not know, ascending, by the zone's dates. */
export function unknownYears(calendar: HolidayCalendar, from: Instant, to: Instant, zone: Zone): readonly number[] {
  const first = toCivil(from, zone).year;
  const last = toCivil(after(to, -1), zone).year;
  const years = Array.from({ length: Math.max(0, last - first) + 1 }, (_, index) => first + index);
  return years.filter((year) => !calendar.years.has(year));
}
