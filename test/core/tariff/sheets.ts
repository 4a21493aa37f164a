/** Compiles sheets that tests write as text. */
import assert from 'node:assert/strict';
import { chinaCalendar } from '../../../src/config/tariff/holidays.ts';
import { loadSheet } from '../../../src/config/tariff/load.ts';
import type { HolidayCalendar } from '../../../src/core/tariff/calendar.ts';
import { compileTariff } from '../../../src/core/tariff/compile.ts';
import type { Tariff } from '../../../src/core/tariff/tariff.ts';
import { type Instant, parseLocal, type Zone, zoneOf } from '../../../src/core/time.ts';

export const SHANGHAI = zoneOf('Asia/Shanghai');

/** The tariff of a sheet's text; `name` and `version` are added. Fails on any problem. */
export function tariffOf(text: string, zone: Zone = SHANGHAI, calendar: HolidayCalendar = chinaCalendar()): Tariff {
  const loaded = loadSheet('test.yaml', `name: test\nversion: 1\n${text}`, zone);
  assert.deepEqual(loaded.problems, []);
  return compileTariff(loaded.versions, calendar, zone);
}

export function at(text: string, zone: Zone = SHANGHAI): Instant {
  const moment = parseLocal(text, zone);
  assert.ok(moment !== undefined, text);
  return moment;
}

/** The fee in 分 between two local times. */
export function feeOf(tariff: Tariff, from: string, to: string, zone: Zone = SHANGHAI): number {
  return tariff.fee(at(from, zone), at(to, zone));
}
