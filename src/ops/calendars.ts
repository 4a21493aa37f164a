/** Holiday calendars that come to their end: a fault before an unknown year begins, not a New Year priced as a workday. */
import type { ParkId } from '../core/ids.ts';
import type { Park } from '../core/park/model.ts';
import { calendarHorizon, type HolidayCalendar } from '../core/tariff/calendar.ts';
import type { Tariff } from '../core/tariff/tariff.ts';
import { DAY } from '../core/time.ts';
import type { Clock, Faults } from '../gateway/ports.ts';

export interface CalendarWatch {
  readonly parks: Iterable<Park>;
  /** The calendar that each park's sheets were compiled with. */
  readonly calendars: ReadonlyMap<ParkId, { readonly calendar: HolidayCalendar }>;
  readonly clock: Clock;
  readonly faults: Faults;
}

/** Whether any class of vehicles is priced by the kind of day. */
function asksForDays(tariff: Tariff): boolean {
  return tariff.usesCalendar || tariff.classes.some((name) => tariff.forClass(name).usesCalendar);
}

/** Looks at once and each day at every park whose sheet asks what kind of day it is. @returns what ends it. */
export function watchCalendars({ parks, calendars, clock, faults }: CalendarWatch): () => void {
  const watched = [...parks].flatMap((park) => {
    const known = asksForDays(park.tariff) ? calendars.get(park.id) : undefined;
    return known ? [{ park, calendar: known.calendar }] : [];
  });
  function look(): void {
    for (const { park, calendar } of watched) {
      const { due, missing, daysLeft } = calendarHorizon(calendar, clock.now(), park.zone);
      const when = daysLeft === 0 ? 'the present year' : `which begins in ${daysLeft} days`;
      if (due) faults.raise('CALENDAR_ENDS', park.id, `${missing}, ${when}, are not known`);
      else faults.clear('CALENDAR_ENDS', park.id);
    }
  }
  look();
  const daily = setInterval(look, DAY);
  return () => clearInterval(daily);
}
