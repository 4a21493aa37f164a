/** The kinds of days, and the fault that comes before an unknown year. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chinaCalendar, loadHolidays } from '../../../src/config/tariff/holidays.ts';
import { calendarHorizon, type DayKind, dayOf } from '../../../src/core/tariff/calendar.ts';
import { dayNumber } from '../../../src/core/time.ts';
import { at, feeOf, SHANGHAI, tariffOf } from './sheets.ts';

const china = chinaCalendar();

/** Days off and days worked in each year, counted from the announcements by hand. */
const ANNOUNCED: readonly (readonly [year: number, holidays: number, swapped: number])[] = [
  // 1 + 8 + 3 + 5 + 1 + 3 + 7
  [2024, 28, 8],
  // 1 + 8 + 3 + 5 + 3 + 8
  [2025, 28, 5],
  // 3 + 9 + 3 + 5 + 3 + 3 + 7
  [2026, 33, 6],
];

for (const [year, holidays, swapped] of ANNOUNCED) {
  test(`${year} has the announced days off, and every swapped workday is a Saturday or Sunday`, () => {
    const days = Array.from({ length: 366 }, (_, index) => dayOf(dayNumber(year, 1, 1) + index, china)).filter(
      (day) => day.year === year,
    );
    assert.equal(days.filter((day) => day.kind === 'holiday').length, holidays);
    const worked = days.filter((day) => day.weekday >= 5 && day.kind === 'workday');
    assert.equal(worked.length, swapped);
  });
}

const DAYS: readonly (readonly [date: string, kind: DayKind])[] = [
  ['2024-02-09', 'workday'],
  ['2024-02-10', 'holiday'],
  ['2024-02-18', 'workday'],
  ['2024-06-08', 'weekend'],
  ['2025-01-27', 'workday'],
  ['2025-01-28', 'holiday'],
  ['2025-10-08', 'holiday'],
  ['2025-10-09', 'workday'],
  ['2025-09-28', 'workday'],
  ['2026-01-02', 'holiday'],
  ['2026-01-04', 'workday'],
  ['2026-02-23', 'holiday'],
  ['2026-02-24', 'workday'],
  ['2026-10-10', 'workday'],
  ['2026-11-22', 'weekend'],
  ['2027-01-01', 'holiday'],
  ['2027-05-02', 'holiday'],
  ['2027-03-01', 'workday'],
];

for (const [date, kind] of DAYS) {
  test(`${date} is a ${kind}`, () => {
    const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
    assert.equal(dayOf(dayNumber(year, month, day), china).kind, kind);
  });
}

test('the fault for the next year is due 45 days before it begins, and goes when the year is known', () => {
  assert.deepEqual(calendarHorizon(china, at('2026-11-16 12:00'), SHANGHAI), {
    knownThrough: 2026,
    missing: 2027,
    daysLeft: 46,
    due: false,
  });
  assert.equal(calendarHorizon(china, at('2026-11-17 23:59'), SHANGHAI).daysLeft, 45);
  assert.equal(calendarHorizon(china, at('2026-11-18 00:00'), SHANGHAI).due, true);
  assert.deepEqual(calendarHorizon(china, at('2027-03-01 00:00'), SHANGHAI), {
    knownThrough: null,
    missing: 2027,
    daysLeft: 0,
    due: true,
  });
  const file = '2027:\n  holidays: [2027-01-01 to 2027-01-03]\n  workdays: [2027-01-09]\n';
  const { calendar, problems } = loadHolidays('h.yaml', file);
  assert.deepEqual(problems, []);
  assert.equal(calendarHorizon(calendar, at('2026-12-31 00:00'), SHANGHAI).due, false);
  assert.equal(dayOf(dayNumber(2027, 1, 9), calendar).kind, 'workday');
  assert.equal(dayOf(dayNumber(2026, 10, 1), calendar).kind, 'holiday');
});

test('New Year is no workday even in a year without data, and the explanation says that there was none', () => {
  const tariff = tariffOf(
    'bands: [{ name: w, days: workdays, price: 1 per hour }, { name: o, days: days off, price: 4 per hour }]',
  );
  assert.equal(feeOf(tariff, '2027-01-01 10:00', '2027-01-01 11:00'), 400);
  const items = tariff.explain(at('2026-12-31 10:00'), at('2027-01-01 11:00'));
  assert.deepEqual(
    items.filter((item) => item.kind === 'calendar').map((item) => item.name),
    ['2027'],
  );
  assert.ok(tariff.explain(at('2026-12-30 10:00'), at('2026-12-31 11:00')).every((item) => item.kind !== 'calendar'));
});

test('a holiday file with mistakes is refused with their lines, and the calendar stays as it was', () => {
  const text = '2027:\n  holidays: [2027-01-01 to 2027-13-03, 2028-01-01]\n  workdays: [soon]\n  days: []\nnext: 1\n';
  const { calendar, problems } = loadHolidays('h.yaml', text);
  assert.deepEqual(
    problems.map(({ line, key }) => [line, key]).sort(),
    [
      [2, '2027.holidays[0]'],
      [2, '2027.holidays[1]'],
      [2, '2027'],
      [3, '2027.workdays[0]'],
      [4, '2027.days'],
      [5, 'next'],
    ]
      .map(([line, key]) => [key === '2027' ? 1 : line, key])
      .sort(),
  );
  assert.equal(calendar.years.has(2027), false);
});

test('a park elsewhere brings its own holidays, without the Chinese ones', () => {
  const { calendar, problems } = loadHolidays(
    'sg.yaml',
    'replace: yes\n2026:\n  holidays: [2026-08-09 to 2026-08-10]\n',
  );
  assert.deepEqual(problems, []);
  assert.deepEqual([...calendar.years], [2026]);
  assert.equal(dayOf(dayNumber(2026, 10, 1), calendar).kind, 'workday');
  assert.equal(dayOf(dayNumber(2026, 8, 10), calendar).kind, 'holiday');
});
