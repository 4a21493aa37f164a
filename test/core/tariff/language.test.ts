/** What each key of a sheet does, in figures that a person can check by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zoneOf } from '../../../src/core/time.ts';
import { at, feeOf, tariffOf } from './sheets.ts';

/** A sheet, what is tried on it, and fees of stays: `MM-DD HH:mm` of 2026, twice, and 分. */
interface Case {
  readonly name: string;
  readonly sheet: string;
  readonly fees: readonly (readonly [from: string, to: string, fee: number])[];
}

const CASES: readonly Case[] = [
  {
    name: 'a deducted free period is never charged',
    sheet: 'free: { for: 30 min, then: rest }\nprice: 5 per hour',
    fees: [
      ['11-20 10:00', '11-20 10:30', 0],
      ['11-20 10:00', '11-20 11:30', 500],
      ['11-20 10:00', '11-20 11:31', 1000],
    ],
  },
  {
    name: 'a unit is forgiven up to the tolerance, to the second',
    sheet: 'price: 5 per hour\nunits: up after 5 min',
    fees: [
      ['11-20 10:00', '11-20 11:05', 500],
      ['11-20 10:00', '11-20 11:05:01', 1000],
      ['11-20 10:00', '11-20 10:03', 0],
    ],
  },
  {
    name: 'the nearest unit is charged from its half on',
    sheet: 'price: 5 per hour\nunits: nearest',
    fees: [
      ['11-20 10:00', '11-20 11:29:59', 500],
      ['11-20 10:00', '11-20 11:30', 1000],
    ],
  },
  {
    name: 'flat tiers stand as totals',
    sheet: 'price: [{ to: 1 h, total: 5 }, { to: 2 h, total: 8 }, { to: 4 h, total: 12 }, { price: 2 per hour }]',
    fees: [
      ['11-20 10:00', '11-20 11:00', 500],
      ['11-20 10:00', '11-20 11:01', 800],
      ['11-20 10:00', '11-20 14:00', 1200],
      ['11-20 10:00', '11-20 14:01', 1400],
    ],
  },
  {
    name: 'bands are rounded each by itself, unless units run on',
    sheet:
      'bands: [{ name: day, from: 07:00, to: 19:00, price: 6 per hour }, { name: night, from: 19:00, to: 07:00, price: 2 per hour }]',
    fees: [['11-20 18:30', '11-20 19:20', 800]],
  },
  {
    name: 'a unit that runs on is finished at the price that it began at',
    sheet:
      'acrossBands: run on\nbands: [{ name: day, from: 07:00, to: 19:00, price: 6 per hour }, { name: night, from: 19:00, to: 07:00, price: 2 per hour }]',
    fees: [
      ['11-20 18:30', '11-20 19:20', 600],
      ['11-20 18:30', '11-20 19:31', 800],
    ],
  },
  {
    name: 'a night that begins on Friday is the night of a workday until Saturday morning',
    sheet: 'bands: [{ name: night, days: workdays, from: 20:00, to: 08:00, price: 10 once }]\nprice: free',
    fees: [
      ['11-20 19:00', '11-21 12:00', 1000],
      ['11-21 07:00', '11-21 12:00', 1000],
      ['11-21 19:00', '11-22 12:00', 0],
    ],
  },
  {
    name: 'a price for once is for each time the band comes, or once in the visit',
    sheet: 'bands: [{ name: night, from: 20:00, to: 08:00, price: 10 once, restart: visit }]\nprice: free',
    fees: [['11-20 19:00', '11-23 12:00', 1000]],
  },
  {
    name: 'a stopwatch that starts anew each day charges the first hour again',
    sheet: 'restart: day\nprice: [{ to: 1 h, price: 10 }, { price: 1 per hour }]',
    fees: [['11-20 23:00', '11-21 02:00', 2100]],
  },
  {
    name: 'a season holds on both of its dates, and over New Year',
    sheet: 'bands: [{ name: winter, season: 12-01 to 02-28, price: 2 per hour }]\nprice: 5 per hour',
    fees: [
      ['02-28 10:00', '02-28 11:00', 200],
      ['03-01 10:00', '03-01 11:00', 500],
      ['12-01 10:00', '12-01 11:00', 200],
    ],
  },
  {
    name: 'holidays, swapped workdays and weekends are told apart',
    sheet:
      'bands: [{ name: w, days: workdays, price: 1 per hour }, { name: e, days: weekends, price: 2 per hour }, { name: h, days: holidays, price: 4 per hour }]',
    fees: [
      ['02-13 10:00', '02-13 11:00', 100],
      ['02-14 10:00', '02-14 11:00', 100],
      ['02-17 10:00', '02-17 11:00', 400],
      ['02-28 10:00', '02-28 11:00', 100],
      ['03-01 10:00', '03-01 11:00', 200],
    ],
  },
  {
    name: 'several caps hold together',
    sheet: 'price: 10 per hour\ncap: [30 per day, 40 per 24 h, 100 per visit]',
    fees: [
      ['11-20 20:00', '11-20 23:30', 3000],
      ['11-20 20:00', '11-21 20:00', 4000],
      ['11-20 20:00', '11-22 20:00', 7000],
      ['11-20 20:00', '11-29 20:00', 10_000],
    ],
  },
  {
    name: 'a cap may be of some days',
    sheet: 'price: 10 per hour\ncap: [30 per workday, 50 per day off]',
    fees: [
      ['11-20 08:00', '11-20 20:00', 3000],
      ['11-21 08:00', '11-21 20:00', 5000],
    ],
  },
  {
    name: 'a cap of the band starts anew with the band',
    sheet: 'bands: [{ name: day, from: 08:00, to: 20:00, price: 5 per hour, cap: 20 }]\nprice: free',
    fees: [['11-20 08:00', '11-21 20:00', 4000]],
  },
  {
    name: 'who comes in the evening pays a flat for the night, and the bands after it',
    sheet: 'price: 5 per hour\narrivals: [{ name: night, from: 18:00, to: 24:00, price: 10, covers: until 08:00 }]',
    fees: [
      ['11-20 17:59', '11-20 20:00', 1500],
      ['11-20 18:00', '11-20 20:00', 1000],
      ['11-20 18:00', '11-21 08:00', 1000],
      ['11-20 18:00', '11-21 09:30', 2000],
    ],
  },
  {
    name: 'who comes early pays the bands, but so much at most',
    sheet: 'price: 5 per hour\narrivals: [{ name: early, from: 05:00, to: 09:00, cap: 20, covers: 12 h }]',
    fees: [
      ['11-20 08:00', '11-20 10:00', 1000],
      ['11-20 08:00', '11-20 20:00', 2000],
      ['11-20 08:00', '11-20 21:00', 2500],
    ],
  },
  {
    name: 'money is rounded once, at the end',
    sheet: 'price: 0.35 per 15 min\nround: up to 1',
    fees: [
      ['11-20 10:00', '11-20 11:00', 200],
      ['11-20 10:00', '11-20 10:15', 100],
    ],
  },
];

for (const { name, sheet, fees } of CASES) {
  test(name, () => {
    const tariff = tariffOf(sheet);
    for (const [from, to, fee] of fees)
      assert.equal(feeOf(tariff, `2026-${from}`, `2026-${to}`), fee, `${from} to ${to}`);
  });
}

test('a class pays by its own price, by a share of the result, or by a share of another class', () => {
  const tariff = tariffOf(`price: 5 per hour
cap: 20 per day
classes:
  large: { price: 8 per hour, cap: 40 per day }
  new energy: { pays: 50%, round: down to 1 }
  new energy large: { like: large, pays: 50% }
  motorcycle: { pays: 0% }`);
  const fees = [null, 'large', 'new energy', 'new energy large', 'motorcycle', 'unheard of'].map((name) => [
    feeOf(tariff.forClass(name), '2026-11-20 10:00', '2026-11-20 13:00'),
    feeOf(tariff.forClass(name), '2026-11-20 10:00', '2026-11-20 20:00'),
  ]);
  assert.deepEqual(fees, [
    [1500, 2000],
    [2400, 4000],
    [700, 1000],
    [1200, 2000],
    [0, 0],
    [1500, 2000],
  ]);
});

test('a night in which the clock is set forward has an hour less, and one in which it is set back an hour more', () => {
  const berlin = zoneOf('Europe/Berlin');
  const tariff = tariffOf('bands: [{ name: night, from: 00:00, to: 06:00, price: 1 per hour }]\nprice: free', berlin);
  assert.equal(feeOf(tariff, '2026-03-28 23:00', '2026-03-29 08:00', berlin), 500);
  assert.equal(feeOf(tariff, '2026-10-24 23:00', '2026-10-25 08:00', berlin), 700);
  assert.equal(feeOf(tariff, '2026-11-24 23:00', '2026-11-25 08:00', berlin), 600);
});

test('a band does not come twice in the hour that the clock shows twice', () => {
  const berlin = zoneOf('Europe/Berlin');
  const tariff = tariffOf('bands: [{ name: gate, from: 02:30, to: 04:00, price: 7 once }]\nprice: free', berlin);
  assert.equal(feeOf(tariff, '2026-10-25 00:00', '2026-10-25 08:00', berlin), 700);
});

test('a new version prices stays that begin under it, or takes them over, as it says', () => {
  const text = (change: string): string =>
    `price: 5 per hour\n---\nname: test\nversion: 2\nstarts: 2026-11-20 12:00\nchange: ${change}\nprice: 10 per hour`;
  const stay = ['2026-11-20 10:00', '2026-11-20 14:00'] as const;
  assert.equal(feeOf(tariffOf(text('entry')), ...stay), 2000);
  assert.equal(feeOf(tariffOf(text('split')), ...stay), 3000);
  assert.equal(feeOf(tariffOf(text('entry')), '2026-11-20 12:00', '2026-11-20 14:00'), 2000);
  const split = tariffOf(text('split')).explain(at(stay[0]), at(stay[1]));
  assert.deepEqual(
    split.filter((item) => item.kind === 'sheet').map((item) => item.name),
    ['test 1', 'test 2'],
  );
});
