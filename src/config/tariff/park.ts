/** A park's tariff from the texts of its files: what the daemon and the command line build alike. */
import type { HolidayCalendar } from '../../core/tariff/calendar.ts';
import { compileTariff } from '../../core/tariff/compile.ts';
import type { SheetVersion } from '../../core/tariff/sheet.ts';
import type { Tariff } from '../../core/tariff/tariff.ts';
import type { Zone } from '../../core/time.ts';
import { chinaCalendar, loadHolidays } from './holidays.ts';
import { loadSheet } from './load.ts';
import type { Problem } from './problems.ts';

/** A file that has been read. */
export interface TextFile {
  readonly file: string;
  readonly text: string;
}

export interface LoadedTariff {
  /** `null` when a problem is an error: a sheet that is half understood prices nothing. */
  readonly tariff: Tariff | null;
  /** For `calendarHorizon`, where `tariff.usesCalendar`. */
  readonly calendar: HolidayCalendar;
  /** What the tariff was compiled from. */
  readonly versions: readonly SheetVersion[];
  readonly problems: readonly Problem[];
}

/**
 * Reads the versions of a park's sheet and compiles them.
 * @param sheets one file, or several that each hold versions.
 * @param holidays the operator's file of further years, if there is one.
 */
export function loadTariff(sheets: readonly TextFile[], holidays: TextFile | null, zone: Zone): LoadedTariff {
  const known = holidays ? loadHolidays(holidays.file, holidays.text) : { calendar: chinaCalendar(), problems: [] };
  const problems: Problem[] = [...known.problems];
  const versions: SheetVersion[] = [];
  for (const { file, text } of sheets) {
    const loaded = loadSheet(file, text, zone, versions);
    versions.push(...loaded.versions);
    problems.push(...loaded.problems);
  }
  const failed = versions.length === 0 || problems.some((problem) => problem.severity === 'error');
  const tariff = failed ? null : compileTariff(versions, known.calendar, zone);
  return { tariff, calendar: known.calendar, versions, problems };
}
