/** Builds the engine's tariff and the oracle from the same sheets and holidays. */
import { CHINA_FIXED, CHINA_YEARS } from '../../src/config/tariff/china.ts';
import { chinaCalendar } from '../../src/config/tariff/holidays.ts';
import type { HolidayCalendar } from '../../src/core/tariff/calendar.ts';
import { compileTariff } from '../../src/core/tariff/compile.ts';
import type { Sheet, SheetVersion } from '../../src/core/tariff/sheet.ts';
import type { Tariff } from '../../src/core/tariff/tariff.ts';
import { type Instant, type Zone, zoneOf } from '../../src/core/time.ts';
import { TERMS, ZONES } from './arbitraries.ts';
import type { OracleCalendar } from './clock.ts';
import { Oracle } from './oracle.ts';

/** The dates of `2026-01-01` or `2026-01-01 to 2026-01-03`. */
function dates(text: string): string[] {
  const [from = '', to = from] = text.split(' to ');
  const list: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += 86_400_000)
    list.push(new Date(at).toISOString().slice(0, 10));
  return list;
}

const years = Object.values(CHINA_YEARS);
export const ORACLE_CALENDAR: OracleCalendar = {
  years: new Set(Object.keys(CHINA_YEARS).map(Number)),
  holidays: new Set(years.flatMap((year) => year.holidays.flatMap(dates))),
  workdays: new Set(years.flatMap((year) => year.workdays.flatMap(dates))),
  everyYear: new Set(CHINA_FIXED),
};

export interface Twin {
  readonly zone: Zone;
  readonly calendar: HolidayCalendar;
  readonly oracle: Oracle;
}

/** One engine zone and one oracle per zone name, so that what they know of the clock is found once. */
export function twins(): ReadonlyMap<string, Twin> {
  return new Map(
    ZONES.map((name) => [
      name,
      { zone: zoneOf(name), calendar: chinaCalendar(), oracle: new Oracle(name, ORACLE_CALENDAR) },
    ]),
  );
}

export function versionOf(
  sheet: Sheet,
  starts: Instant | null = null,
  change: SheetVersion['change'] = 'entry',
): SheetVersion {
  return { sheet, classes: new Map(), terms: TERMS, starts, change };
}

export function tariffOf(sheet: Sheet, twin: Twin): Tariff {
  return compileTariff([versionOf(sheet)], twin.calendar, twin.zone);
}

export const at = (second: number): Instant => (second * 1000) as Instant;
