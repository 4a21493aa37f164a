/** Holiday calendars that come to their end: a fault before an unknown year begins, not a New Year priced as a workday. */
import type { Sentence } from '../core/errors.ts';
import type { ParkId } from '../core/ids.ts';
import type { Park } from '../core/park/model.ts';
import { fill } from '../core/sentence.ts';
import { calendarHorizon, type HolidayCalendar } from '../core/tariff/calendar.ts';
import type { Tariff } from '../core/tariff/tariff.ts';
import { DAY } from '../core/time.ts';
import type { Clock, Faults } from '../gateway/ports.ts';

const NOW: Sentence = { zh: '没有今年（{year} 年）的节假日', en: '{year}, the present year, are not known' };
const SOON: Sentence = {
  zh: '没有 {year} 年的节假日，该年还有 {n} 天开始',
  en: '{year}, which begins in {n} days, are not known',
};

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
      const when = daysLeft === 0 ? NOW : SOON;
      if (due) faults.raise('CALENDAR_ENDS', park.id, fill(when, { year: String(missing), n: String(daysLeft) }));
      else faults.clear('CALENDAR_ENDS', park.id);
    }
  }
  look();
  const daily = setInterval(look, DAY);
  return () => clearInterval(daily);
}
