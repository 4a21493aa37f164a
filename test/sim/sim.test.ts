/**
 * The seeded world: hundreds of days of a park, each drawn from its seed, in simulated time, with everything going wrong
 * that can. `SIM_SEEDS=5000` or `SIM_MINUTES=60` runs it for longer; `npm run sim` runs, replays and shrinks one seed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf } from './plan.ts';
import { PLANTS, type Plant } from './plant-names.ts';
import { shrink } from './shrink.ts';
import { addStats, emptyTotals, report } from './totals.ts';
import { type Outcome, runPlan, type Violation } from './world.ts';

const SIZE = { days: 1, cars: 20 };
/** Three nights between them, so that the archive has what is asked for. */
const LONG = { days: 4, cars: 10 };

const seeds = Number(process.env['SIM_SEEDS'] ?? 200);
const minutes = Number(process.env['SIM_MINUTES'] ?? 0);

function broken(seed: number, { days, cars }: typeof SIZE, { violation }: Outcome): string {
  return `${violation?.rule}: ${violation?.text}\nagain: npm run sim -- --seed ${seed} --days ${days} --cars ${cars}`;
}

test('whatever goes wrong in a park-day, no rule is broken', { timeout: minutes * 60_000 + 180_000 }, async (t) => {
  const totals = emptyTotals();
  const until = performance.now() + minutes * 60_000;
  for (let seed = 1; seed <= seeds || performance.now() < until; seed += 1) {
    const size = seed % 20 === 0 ? LONG : SIZE;
    const outcome = await runPlan(planOf(seed, size));
    assert.equal(outcome.violation, null, broken(seed, size, outcome));
    addStats(totals, outcome, size.days);
  }
  const { sums } = totals;
  assert.ok(sums.payments > seeds && sums.retries > seeds && sums.crashes > seeds / 4, 'the days are too quiet');
  assert.ok(sums.told > 20 * seeds && sums.letOut > seeds / 10, 'the way is too quiet');
  t.diagnostic(report(totals));
});

test('a seed replays to the same records, answers and orders', async () => {
  for (const seed of [3, 17, 20]) {
    const first = await runPlan(planOf(seed, SIZE));
    const second = await runPlan(planOf(seed, SIZE), { trace: () => undefined });
    assert.deepEqual(second, first);
    const other = await runPlan(planOf(seed + 1, SIZE));
    assert.notEqual(other.hash, first.hash);
  }
});

/** The first of some seeds that finds a planted defect. */
async function find(plant: Plant): Promise<{ readonly seed: number; readonly violation: Violation } | null> {
  for (let seed = 1; seed <= 60; seed += 1) {
    const { violation } = await runPlan(planOf(seed, SIZE), { plant });
    if (violation) return { seed, violation };
  }
  return null;
}

for (const [name, what] of Object.entries(PLANTS)) {
  test(`the world finds a planted defect: ${what}`, async (t) => {
    const plant = Object.keys(PLANTS).find((one): one is Plant => one === name);
    assert.ok(plant);
    const found = await find(plant);
    assert.ok(found, 'a world that cannot fail is a defect');
    t.diagnostic(`seed ${found.seed}: ${found.violation.rule}`);
  });
}

test('a failing seed shrinks to a few happenings that break the same rule', async () => {
  const found = await find('shortGrace');
  assert.ok(found);
  const plan = planOf(found.seed, SIZE);
  const small = await shrink(plan, found.violation, { plant: 'shortGrace' });
  assert.equal(small.violation.rule, found.violation.rule);
  assert.ok(small.plan.happenings.length <= 3, `${small.plan.happenings.length} of ${plan.happenings.length} are left`);
  const again = await runPlan(small.plan, { plant: 'shortGrace' });
  assert.deepEqual(again.violation, small.violation);
  assert.equal((await runPlan(small.plan)).violation, null);
});
