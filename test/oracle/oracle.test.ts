/**
 * The engine against the oracle, on random sheets and stays. `FEE_CASES=1000000` sets the number of stays (default 12,000),
 * `FEE_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileTariff } from '../../src/core/tariff/compile.ts';
import { GRAINS, longStays, sheets, stays, steadySheets, ZONES } from './arbitraries.ts';
import { at, tariffOf, twins, versionOf } from './glue.ts';

const { FEE_CASES, FEE_SEED } = process.env;
const CASES = Number(FEE_CASES ?? 12_000);
const SEED = FEE_SEED === undefined ? {} : { seed: Number(FEE_SEED) };
const STAYS = 8;

const grains = fc.constantFrom(...GRAINS);
const zones = fc.constantFrom(...ZONES);

test('the fee of any stay on any sheet is the one that the document says', () => {
  const all = twins();
  const drawn = grains.chain((grain) =>
    fc.record({
      grain: fc.constant(grain),
      zone: zones,
      sheet: sheets(grain),
      list: fc.array(stays(grain), { minLength: STAYS, maxLength: STAYS }),
    }),
  );
  let compared = 0;
  fc.assert(
    fc.property(drawn, ({ grain, zone, sheet, list }) => {
      const twin = all.get(zone);
      assert.ok(twin);
      const tariff = tariffOf(sheet, twin);
      for (const stay of list) {
        compared += 1;
        const expected = twin.oracle.fee([versionOf(sheet)], stay, grain);
        assert.equal(tariff.fee(at(stay.entry), at(stay.exit)), expected, `${zone} ${stay.entry} to ${stay.exit}`);
      }
    }),
    { numRuns: Math.ceil(CASES / STAYS), ...SEED },
  );
  assert.ok(compared >= CASES);
});

test('a stay of weeks and months costs what the document says, whatever repeats in it', () => {
  const all = twins();
  const drawn = fc.record({
    zone: zones,
    sheet: steadySheets(),
    list: fc.array(longStays, { minLength: 4, maxLength: 4 }),
  });
  fc.assert(
    fc.property(drawn, ({ zone, sheet, list }) => {
      const twin = all.get(zone);
      assert.ok(twin);
      const tariff = tariffOf(sheet, twin);
      for (const stay of list) {
        const expected = twin.oracle.fee([versionOf(sheet)], stay, 900);
        assert.equal(tariff.fee(at(stay.entry), at(stay.exit)), expected, `${zone} ${stay.entry} to ${stay.exit}`);
      }
    }),
    { numRuns: Math.ceil(CASES / 48), ...SEED },
  );
});

test('a stay over several versions is divided as the document says', () => {
  const all = twins();
  const grain = 900;
  const starts = fc.array(fc.tuple(stays(grain), fc.constantFrom<'entry' | 'split'>('entry', 'split')), {
    minLength: 1,
    maxLength: 2,
  });
  const drawn = fc.record({
    zone: zones,
    list: fc.array(sheets(grain), { minLength: 3, maxLength: 3 }),
    starts,
    stay: stays(grain),
    into: fc.double({ min: -0.2, max: 1.2, noNaN: true }),
  });
  fc.assert(
    fc.property(drawn, ({ zone, list, starts: later, stay, into }) => {
      const twin = all.get(zone);
      assert.ok(twin);
      const inside = stay.entry + Math.round(((stay.exit - stay.entry) * into) / grain) * grain;
      const moments = [null, inside, ...later.map(([other]) => other.entry)];
      const versions = list.map((sheet, index) => {
        const moment = moments[index] ?? null;
        return versionOf(sheet, moment === null ? null : at(moment), later[index - 1]?.[1] ?? 'split');
      });
      fc.pre(new Set(versions.map((version) => version.starts)).size === versions.length);
      const tariff = compileTariff(versions, twin.calendar, twin.zone);
      assert.equal(tariff.fee(at(stay.entry), at(stay.exit)), twin.oracle.fee(versions, stay, grain));
    }),
    { numRuns: Math.ceil(CASES / 40), ...SEED },
  );
});

test('stays whose caps count together cost what the document says', () => {
  const all = twins();
  const grain = 900;
  const gaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 200 })), {
    minLength: 1,
    maxLength: 4,
  });
  const drawn = fc.record({ zone: zones, sheet: sheets(grain), first: stays(grain), gaps });
  fc.assert(
    fc.property(drawn, ({ zone, sheet, first, gaps: later }) => {
      const twin = all.get(zone);
      assert.ok(twin);
      const list = [first];
      for (const [away, length] of later) {
        const entry = (list.at(-1)?.exit ?? 0) + away * grain;
        list.push({ entry, exit: entry + length * grain });
      }
      const expected = twin.oracle.together(sheet, list, grain);
      const engine = list.map(({ entry, exit }) => ({ from: at(entry), to: at(exit) }));
      assert.equal(tariffOf(sheet, twin).feeTogether(engine), expected);
    }),
    { numRuns: Math.ceil(CASES / 40), ...SEED },
  );
});
