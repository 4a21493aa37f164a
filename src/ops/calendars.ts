/** Holiday calendars that come to their end: a fault before an unknown year begins, not a New Year priced as a workday. */
import type { ParkId } from '../core/ids.ts';
import type { Park } from '../core/park/model.ts';
import { calendarHorizon, type HolidayCalendar } from '../core/tariff/calendar.ts';
import { DAY } from '../core/time.ts';
import type { Clock, Faults } from '../gateway/ports.ts';

export interface CalendarWatch {
  readonly parks: Iterable<Park>;
  /** The calendar that each park's sheets were compiled with. */
  readonly calendars: ReadonlyMap<ParkId, { readonly calendar: HolidayCalendar }>;
  readonly clock: Clock;
  readonly faults: Faults;
}

/** Looks at once and each day at every park whose sheet asks what kind of day it is. @returns what ends it. */
export function watchCalendars({ parks, calendars, clock, faults }: CalendarWatch): () => void {
  const watched = [...parks].flatMap((park) => {
    const known = park.tariff.usesCalendar ? calendars.get(park.id) : undefined;
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
