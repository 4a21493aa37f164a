/** Holiday calendars that come to their end: a fault before an unknown year begins, not a New Year priced as a workday. */
import type { ParkId } from '../core/ids.ts';
import type { Park } from '../core/park/model.ts';
import { calendarHorizon, type HolidayCalendar } from '../core/tariff/calendar.ts';
import type { Tariff } from '../core/tariff/tariff.ts';
import { DAY } from '../core/time.ts';
import type { Clock, Faults } from '../gateway/ports.ts';

export interface CalendarWatch {
  readonly parks: () => Iterable<Park>;
  /** The calendar that each park's sheets were compiled with. */
  readonly calendars: () => ReadonlyMap<ParkId, { readonly calendar: HolidayCalendar }>;
  readonly clock: Clock;
  readonly faults: Faults;
}

/** Whether any class of vehicles is priced by the kind of day. */
export function asksForDays(tariff: Tariff): boolean {
  return tariff.usesCalendar || tariff.classes.some((name) => tariff.forClass(name).usesCalendar);
}

export interface CalendarWatcher {
  /** Looks now: prices or calendars have changed. */
  look(): void;
  stop(): void;
}

/** Looks at once and each day at every park whose sheet asks what kind of day it is. */
export function watchCalendars({ parks, calendars, clock, faults }: CalendarWatch): CalendarWatcher {
  function look(): void {
    for (const park of parks()) {
      const known = asksForDays(park.tariff) ? calendars().get(park.id) : undefined;
      const horizon = known && calendarHorizon(known.calendar, clock.now(), park.zone);
      if (!horizon?.due) {
        faults.clear('CALENDAR_ENDS', park.id);
        continue;
      }
      const { missing, daysLeft } = horizon;
      const when = daysLeft === 0 ? 'the present year' : `which begins in ${daysLeft} days`;
      faults.raise('CALENDAR_ENDS', park.id, `${missing}, ${when}, are not known`);
    }
  }
  look();
  const daily = setInterval(look, DAY);
  return { look, stop: () => clearInterval(daily) };
}
