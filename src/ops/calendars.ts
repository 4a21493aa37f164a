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
      const when = daysLeft === 0 ? NOW : SOON;
      faults.raise('CALENDAR_ENDS', park.id, fill(when, { year: String(missing), n: String(daysLeft) }));
    }
  }
  look();
  const daily = setInterval(look, DAY);
  return { look, stop: () => clearInterval(daily) };
}
