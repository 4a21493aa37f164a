import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fen } from '../../src/core/money.ts';
import { type SteppedSheet, steppedTariff } from '../../src/core/tariff/stepped.ts';
import { DAY, HOUR, instant, MINUTE } from '../../src/core/time.ts';

const demo: SteppedSheet = {
  name: 'demo',
  version: '1',
  freeMs: 15 * MINUTE,
  free: 'cliff',
  first: null,
  step: { ms: HOUR, price: fen(500) },
  cap24h: fen(5000),
};
const from = instant(Date.parse('2026-11-22T02:00:00Z'));
const fee = (sheet: SteppedSheet, ms: number): number => steppedTariff(sheet).fee(from, instant(from + ms));

const DEMO: readonly (readonly [string, number, number])[] = [
  ['no time', 0, 0],
  ['15 minutes', 15 * MINUTE, 0],
  ['15 minutes and a moment', 15 * MINUTE + 1, 500],
  ['an hour', HOUR, 500],
  ['an hour and a moment', HOUR + 1, 1000],
  ['10 hours', 10 * HOUR, 5000],
  ['24 hours', DAY, 5000],
  ['24 hours and a moment', DAY + 1, 5500],
  ['3 days', 3 * DAY, 15_000],
];
for (const [name, ms, amount] of DEMO)
  test(`¥5 an hour, 15 minutes free, ¥50 a day: ${name} → ${amount} 分`, () => assert.equal(fee(demo, ms), amount));

test('free minutes that are deducted are never charged', () => {
  assert.equal(fee({ ...demo, free: 'deducted' }, 75 * MINUTE), 500);
  assert.equal(fee({ ...demo, free: 'deducted' }, 75 * MINUTE + 1), 1000);
});

test('a first period is charged once: first hour ¥15, then ¥10 per 30 minutes (Shanghai, inner ring)', () => {
  const sheet: SteppedSheet = {
    ...demo,
    freeMs: 0,
    first: { ms: HOUR, price: fen(1500) },
    step: { ms: 30 * MINUTE, price: fen(1000) },
    cap24h: null,
  };
  assert.deepEqual(
    [40, 61, 150].map((minutes) => fee(sheet, minutes * MINUTE)),
    [1500, 2500, 4500],
  );
});

const sheets: fc.Arbitrary<SteppedSheet> = fc.record({
  name: fc.constant('any'),
  version: fc.constant('1'),
  freeMs: fc.integer({ min: 0, max: 3 * HOUR }),
  free: fc.constantFrom('cliff', 'deducted'),
  first: fc.option(
    fc.record({ ms: fc.integer({ min: MINUTE, max: 5 * HOUR }), price: fc.integer({ min: 0, max: 5000 }).map(fen) }),
  ),
  step: fc.record({
    ms: fc.integer({ min: MINUTE, max: 5 * HOUR }),
    price: fc.integer({ min: 0, max: 5000 }).map(fen),
  }),
  cap24h: fc.option(fc.integer({ min: 0, max: 20_000 }).map(fen)),
});

test('the fee never falls as the stay grows, never passes its caps, and its lines add up to it', () => {
  fc.assert(
    fc.property(sheets, fc.array(fc.integer({ min: 0, max: 5 * DAY }), { maxLength: 20 }), (sheet, stays) => {
      const tariff = steppedTariff(sheet);
      let before = 0;
      for (const stay of stays.sort((a, b) => a - b)) {
        const to = instant(from + stay);
        const now = tariff.fee(from, to);
        assert.ok(now >= before);
        if (sheet.cap24h !== null) assert.ok(now <= sheet.cap24h * Math.ceil(stay / DAY));
        assert.equal(
          tariff.explain(from, to).reduce((sum, item) => sum + item.amount, 0),
          now,
        );
        before = now;
      }
    }),
    { numRuns: 500 },
  );
});
