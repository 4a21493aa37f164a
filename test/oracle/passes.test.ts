/** Passes against the oracle, which looks at every grain of a stay by itself, on random sheets, stays and passes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compilePasses } from '../../src/core/park/pass.ts';
import { normalisePlate, type Plate } from '../../src/core/plate.ts';
import { withPass } from '../../src/core/tariff/pass.ts';
import { GRAINS, sheets, stays, ZONES } from './arbitraries.ts';
import { at, type Twin, tariffOf, twins, versionOf } from './glue.ts';
import type { OraclePass, OracleStay } from './oracle.ts';

const { FEE_CASES, FEE_SEED } = process.env;
const RUNS = Math.ceil(Number(FEE_CASES ?? 12_000) / 20);
const SEED = FEE_SEED === undefined ? {} : { seed: Number(FEE_SEED) };
const PLATE: Plate = normalisePlate('粤B12345') ?? assert.fail();

/** Passes whose days lie about a stay; some without a beginning or an end. */
function passesNear({ entry, exit }: OracleStay): fc.Arbitrary<readonly OraclePass[]> {
  const first = Math.floor(entry / 86_400);
  const days = Math.ceil((exit - entry) / 86_400);
  const pass = fc
    .record({
      begins: fc.integer({ min: -2, max: days + 1 }),
      lasts: fc.integer({ min: 0, max: days + 2 }),
      open: fc.constantFrom('neither', 'neither', 'neither', 'from', 'until'),
    })
    .map(({ begins, lasts, open }) => ({
      from: open === 'from' ? null : first + begins,
      until: open === 'until' ? null : first + begins + lasts,
    }));
  return fc.array(pass, { maxLength: 4 });
}

const drawn = fc.constantFrom(...GRAINS).chain((grain) =>
  stays(grain).chain((stay) =>
    fc.record({
      grain: fc.constant(grain),
      zone: fc.constantFrom(...ZONES),
      sheet: sheets(grain),
      stay: fc.constant(stay),
      passes: passesNear(stay),
    }),
  ),
);

function periodsOf(passes: readonly OraclePass[], { zone }: Twin) {
  const rows = passes.map((pass) => ({ plate: PLATE, kind: 'monthly' as const, ...pass }));
  return compilePasses(rows, zone).passes.get(PLATE) ?? [];
}

test('a stay with passes costs what the document says, and its lines add up to it', () => {
  const all = twins();
  const met = { covered: 0, divided: 0, whole: 0 };
  fc.assert(
    fc.property(drawn, ({ grain, zone, sheet, stay, passes }) => {
      const twin = all.get(zone);
      assert.ok(twin);
      const tariff = tariffOf(sheet, twin);
      const priced = withPass(tariff, periodsOf(passes, twin));
      const [from, to] = [at(stay.entry), at(stay.exit)];
      const fee = priced.fee(from, to);
      assert.equal(fee, twin.oracle.feeWithPasses([versionOf(sheet)], stay, passes, grain));
      const lines = priced.explain(from, to);
      assert.equal(
        lines.reduce((sum, { amount }) => sum + amount, 0),
        fee,
      );

      const parts = twin.oracle.uncovered(stay, passes, grain);
      const without = tariff.fee(from, to);
      assert.ok(fee <= without, `${fee} 分 with a pass, ${without} 分 without`);
      if (parts.length === 0) assert.equal(fee, 0);
      const sum = parts.reduce((so, part) => so + tariff.fee(at(part.entry), at(part.exit)), 0);
      assert.equal(fee, Math.min(sum, without));
      const [only] = parts;
      if (parts.length === 0 && stay.exit > stay.entry) met.covered += 1;
      else if (only?.entry === stay.entry && only.exit === stay.exit) met.whole += 1;
      else met.divided += 1;

      const together = twin.oracle.together(sheet, parts, grain);
      assert.equal(priced.feeTogether([{ from, to }]), Math.min(together, twin.oracle.together(sheet, [stay], grain)));
    }),
    { numRuns: RUNS, ...SEED },
  );
  assert.ok(met.covered > RUNS / 50 && met.divided > RUNS / 50 && met.whole > RUNS / 50, JSON.stringify(met));
});

test('a longer stay never costs less, and a pass for all of it makes it free, whatever other passes there are', () => {
  const all = twins();
  const more = fc.tuple(drawn, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat());
  fc.assert(
    fc.property(more, ([{ grain, zone, sheet, stay, passes }, share, extra]) => {
      const twin = all.get(zone);
      assert.ok(twin);
      const priced = withPass(tariffOf(sheet, twin), periodsOf(passes, twin));
      const middle = stay.entry + Math.floor(((stay.exit - stay.entry) * share) / grain) * grain;
      assert.ok(priced.fee(at(stay.entry), at(middle)) <= priced.fee(at(stay.entry), at(stay.exit)));
      // A pass for the whole stay, whatever the others are.
      const day = Math.floor(stay.entry / 86_400);
      const whole = { from: day - 2 - (extra % 3), until: Math.floor(stay.exit / 86_400) + 2 };
      const covered = withPass(tariffOf(sheet, twin), periodsOf([...passes, whole], twin));
      assert.equal(covered.fee(at(stay.entry), at(stay.exit)), 0);
    }),
    { numRuns: RUNS, ...SEED },
  );
});
