/** Holiday calendars: the years that Gatepost carries, and the operator's own file. */
import { type HolidayCalendar, mergeCalendars, NO_CALENDAR } from '../../core/tariff/calendar.ts';
import { civilDay, dayNumber } from '../../core/time.ts';
import { CHINA_FIXED, CHINA_YEARS } from './china.ts';
import { isRaw } from './fields.ts';
import type { Problem, Reporter } from './problems.ts';
import { readMonthDay } from './values.ts';
import { readYaml } from './yaml.ts';

function readDate(text: string): number | undefined {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  const number = dayNumber(year, month, day);
  const date = civilDay(number);
  return date.month === month && date.day === day ? number : undefined;
}

/** Day numbers of `2027-01-01` or `2027-01-01 to 2027-01-03`; undefined for anything else. */
export function readDates(text: string): readonly number[] | undefined {
  const [from, to, ...more] = text.split(/\s+to\s+/).map((part) => readDate(part.trim()));
  const last = to ?? from;
  if (from === undefined || last === undefined || more.length > 0 || last < from || last - from > 60) return undefined;
  if (text.includes(' to ') && to === undefined) return undefined;
  return Array.from({ length: last - from + 1 }, (_, index) => from + index);
}

/** The State Council's announcements that Gatepost carries. */
export function chinaCalendar(): HolidayCalendar {
  const dates = (texts: readonly string[]): number[] => texts.flatMap((text) => readDates(text) ?? []);
  const years = Object.entries(CHINA_YEARS);
  return {
    years: new Set(years.map(([year]) => Number(year))),
    holidays: new Set(years.flatMap(([, { holidays }]) => dates(holidays))),
    workdays: new Set(years.flatMap(([, { workdays }]) => dates(workdays))),
    everyYear: new Set(CHINA_FIXED.map((text) => readMonthDay(text) ?? 0)),
  };
}

/** What a holiday file holds; with problems it is not to be used. */
export interface LoadedCalendar {
  readonly calendar: HolidayCalendar;
  readonly problems: readonly Problem[];
}

const NO_YEARS = {
  message: { zh: '没有年份', en: 'holds no years' },
  fix: { zh: '请以 "2027:" 开头', en: 'begin with "2027:"' },
};
const NO_YEAR = {
  message: { zh: '不是年份', en: 'is no year' },
  fix: {
    zh: '请以年份作键，例如 "2027:"；或写 "replace: yes"',
    en: 'write years as keys, such as "2027:"; or "replace: yes"',
  },
};

interface YearDays {
  readonly holidays: number[];
  readonly workdays: number[];
}

function readYear(reporter: Reporter, year: number, value: unknown): YearDays {
  const days: YearDays = { holidays: [], workdays: [] };
  const key = String(year);
  if (!isRaw(value)) {
    reporter.report(
      'error',
      [key],
      { zh: '没有日期', en: 'has no days' },
      {
        zh: '请在下面写 "holidays: [2027-01-01 to 2027-01-03]" 和 "workdays: [2027-01-04]"',
        en: 'write "holidays: [2027-01-01 to 2027-01-03]" and "workdays: [2027-01-04]" under it',
      },
    );
    return days;
  }
  for (const name of Object.keys(value)) {
    if (name === 'source') continue;
    const list: unknown = value[name];
    if ((name !== 'holidays' && name !== 'workdays') || !Array.isArray(list)) {
      reporter.report(
        'error',
        [key, name],
        { zh: '不是这里可用的日期列表', en: 'is not a list of days that belongs here' },
        {
          zh: '请写 holidays: […]、workdays: […]、source: …',
          en: 'write holidays: […], workdays: […], source: …',
        },
      );
      continue;
    }
    for (const [index, entry] of list.entries()) {
      const dates = typeof entry === 'string' ? readDates(entry.trim()) : undefined;
      const inYear = dates?.every((number) => civilDay(number).year === year) ?? false;
      if (dates && inYear) days[name].push(...dates);
      else
        reporter.report(
          'error',
          [key, name, index],
          { zh: `不是 ${year} 年的日期`, en: `is no date of ${year}` },
          { zh: '请写 2027-01-01，或 2027-01-01 to 2027-01-03', en: 'write 2027-01-01, or 2027-01-01 to 2027-01-03' },
        );
    }
  }
  const both = days.workdays.find((number) => days.holidays.includes(number));
  if (both !== undefined) {
    const { month, day } = civilDay(both);
    const date = `${month}-${day}`;
    const message = { zh: `${date} 既是节假日又是工作日`, en: `has ${date} as holiday and as workday` };
    reporter.report('error', [key], message, { zh: '请只留一个', en: 'keep one' });
  }
  if (days.holidays.length === 0) {
    const fix = { zh: '请加上 "holidays: […]"', en: 'add "holidays: […]"' };
    reporter.report('error', [key], { zh: '没有写节假日', en: 'names no holidays' }, fix);
  }
  return days;
}

/**
 * Reads the operator's holiday file: years added to those that Gatepost carries, or, with `replace: yes`, alone.
 * A file that cannot be used leaves the calendar as it was.
 */
export function loadHolidays(file: string, text: string, base: HolidayCalendar = chinaCalendar()): LoadedCalendar {
  const read = readYaml(file, text);
  const part = read.parts[0];
  if (read.problems.length > 0 || !part) return { calendar: base, problems: read.problems };
  const { reporter, value: raw } = part;
  const years = new Set<number>();
  const holidays = new Set<number>();
  const workdays = new Set<number>();
  let replace = false;
  if (!isRaw(raw)) reporter.report('error', [], NO_YEARS.message, NO_YEARS.fix);
  for (const [key, value] of Object.entries(isRaw(raw) ? raw : {})) {
    if (key === 'replace' && value === 'yes') replace = true;
    else if (/^\d{4}$/.test(key)) {
      const days = readYear(reporter, Number(key), value);
      years.add(Number(key));
      for (const number of days.holidays) holidays.add(number);
      for (const number of days.workdays) workdays.add(number);
    } else reporter.report('error', [key], NO_YEAR.message, NO_YEAR.fix);
  }
  if (reporter.problems.length > 0) return { calendar: base, problems: reporter.problems };
  const added: HolidayCalendar = { years, holidays, workdays, everyYear: new Set() };
  return { calendar: mergeCalendars(replace ? NO_CALENDAR : base, added), problems: [] };
}
