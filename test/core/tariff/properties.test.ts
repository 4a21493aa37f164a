/** What holds for every sheet and every stay. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Fen } from '../../../src/core/money.ts';
import { deduct } from '../../../src/core/tariff/coupons.ts';
import { summarise } from '../../../src/core/tariff/describe.ts';
import { quote } from '../../../src/core/tariff/quote.ts';
import type { CouponTerms, Sheet } from '../../../src/core/tariff/sheet.ts';
import type { FeeItem } from '../../../src/core/tariff/tariff.ts';
import { after, MINUTE } from '../../../src/core/time.ts';
import { GRAINS, sheets, stays, ZONES } from '../../oracle/arbitraries.ts';
import { at, tariffOf, twins } from '../../oracle/glue.ts';

const RUNS = { numRuns: 1_500 };
const all = twins();

/** A sheet with a stay and further moments, any of them in milliseconds. */
const drawn = fc.constantFrom(...GRAINS).chain((grain) =>
  fc.record({
    zone: fc.constantFrom(...ZONES),
    sheet: sheets(grain),
    stay: stays(grain),
    parts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 6 }),
  }),
);

function setup(zone: string, sheet: Sheet) {
  const twin = all.get(zone);
  assert.ok(twin);
  return tariffOf(sheet, twin);
}

const sum = (items: readonly FeeItem[]): number => items.reduce((total, item) => total + item.amount, 0);

test('the fee never falls as the stay grows', () => {
  fc.assert(
    fc.property(drawn, ({ zone, sheet, stay, parts }) => {
      const tariff = setup(zone, sheet);
      const ms = (stay.exit - stay.entry) * 1000;
      const moments = parts.map((part) => after(at(stay.entry), Math.floor(part * ms))).sort((a, b) => a - b);
      const fees = moments.map((moment) => tariff.fee(at(stay.entry), moment));
      for (const [index, fee] of fees.entries()) assert.ok(fee >= (fees[index - 1] ?? 0));
    }),
    RUNS,
  );
});

test('no cap is ever passed', () => {
  fc.assert(
    fc.property(drawn, ({ zone, sheet, stay }) => {
      const exact: Sheet = { ...sheet, pays: 1000, round: { mode: 'down', to: 1 as Fen } };
      const fee = setup(zone, exact).fee(at(stay.entry), at(stay.exit));
      const seconds = Math.max(0, stay.exit - stay.entry);
      if (sheet.visitCap !== null) assert.ok(fee <= sheet.visitCap);
      if (sheet.rollingCap) assert.ok(fee <= sheet.rollingCap.amount * Math.ceil(seconds / sheet.rollingCap.seconds));
      const everyDay = sheet.dayCaps.find((cap) => cap.days.weekdays.every((day) => day));
      // A stay touches at most so many dates: each full day, and a begun one at both ends; one more for a short day.
      if (everyDay) assert.ok(fee <= everyDay.amount * (Math.ceil(seconds / 82_800) + 1));
    }),
    RUNS,
  );
});

test('the lines of an explanation add up to the fee, in full and in short', () => {
  fc.assert(
    fc.property(drawn, ({ zone, sheet, stay }) => {
      const tariff = setup(zone, sheet);
      const items = tariff.explain(at(stay.entry), at(stay.exit));
      const fee = tariff.fee(at(stay.entry), at(stay.exit));
      assert.equal(sum(items), fee);
      assert.equal(sum(summarise(items)), fee);
      for (const item of items) assert.ok(item.from <= item.to);
      if (stay.exit > stay.entry) assert.ok(items.some((item) => item.kind === 'sheet'));
    }),
    RUNS,
  );
});

test('what is quoted is what is charged, and a stay that is looked at in between costs the same', () => {
  fc.assert(
    fc.property(drawn, ({ zone, sheet, stay, parts }) => {
      fc.pre(stay.exit > stay.entry);
      const tariff = setup(zone, sheet);
      const [from, to] = [at(stay.entry), at(stay.exit)];
      const fee = tariff.fee(from, to);
      assert.equal(quote(tariff, { from, to }).payableAmount, fee);
      const middle = at(stay.entry + Math.floor((stay.exit - stay.entry) * (parts[0] ?? 0)));
      const paid = tariff.fee(from, middle);
      assert.equal(paid + (fee - paid), tariff.fee(from, to));
      const later = quote(tariff, { from, to, payment: { at: middle, amount: paid } });
      const inGrace = to <= middle + 900_000;
      assert.equal(later.payableAmount, inGrace ? 0 : fee - paid);
      assert.equal(later.totalAmount, fee);
    }),
    RUNS,
  );
});

const couponLists = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 600 }).map((minutes) => ({ kind: 'minutes' as const, minutes })),
    fc.integer({ min: 0, max: 5_000 }).map((amount) => ({ kind: 'amount' as const, amount: amount as Fen })),
  ),
  { maxLength: 4 },
);
const caps = fc.constantFrom<'before cap' | 'after cap'>('before cap', 'after cap');
const terms: fc.Arbitrary<CouponTerms> = fc.record({
  cut: fc.constantFrom<'start' | 'end'>('start', 'end'),
  minutes: caps,
  amount: caps,
});

test('coupons never make a fee negative, and never make it dearer', () => {
  fc.assert(
    fc.property(drawn, couponLists, terms, ({ zone, sheet, stay }, coupons, rule) => {
      const tariff = setup(zone, sheet);
      const result = deduct(tariff, { from: at(stay.entry), to: at(stay.exit) }, coupons, rule);
      assert.ok(result.payable >= 0);
      assert.ok(result.payable <= result.total);
      assert.ok(result.worths.every((worth) => worth >= 0));
      assert.equal(
        result.deduction,
        result.worths.reduce((total, worth) => total + worth, 0),
      );
    }),
    RUNS,
  );
});

test('with the usual terms the deduction is the free amount and the fee of the free minutes', () => {
  const rule: CouponTerms = { cut: 'end', minutes: 'before cap', amount: 'after cap' };
  fc.assert(
    fc.property(
      drawn,
      fc.integer({ min: 0, max: 600 }),
      fc.integer({ min: 0, max: 5_000 }),
      ({ zone, sheet, stay }, minutes, amount) => {
        const tariff = setup(zone, sheet);
        const [from, to] = [at(stay.entry), at(stay.exit)];
        const coupons = [
          { kind: 'minutes' as const, minutes },
          { kind: 'amount' as const, amount: amount as Fen },
        ];
        const short = tariff.fee(from, after(to, -minutes * MINUTE));
        assert.equal(deduct(tariff, { from, to }, coupons, rule).deduction, amount + tariff.fee(from, to) - short);
      },
    ),
    RUNS,
  );
});
