/**
 * `npm run sim -- --seed N [--days D] [--cars C] [--trace]` runs one seed; `--seeds COUNT`, `--minutes M` and
 * `--until-failure` run the seeds from there on. A failure is printed with the command that runs it again, and shrunk.
 */
import { parseArgs } from 'node:util';
import { planOf, type Size } from './plan.ts';
import { PLANTS, type Plant } from './plant-names.ts';
import { shrink } from './shrink.ts';
import { addStats, emptyTotals, report, type Totals } from './totals.ts';
import { clockText, type Outcome, type RunOptions, runPlan } from './world.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    days: { type: 'string', default: '1' },
    cars: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '0' },
    'until-failure': { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    plant: { type: 'string' },
  },
});

function count(name: 'seed' | 'seeds' | 'days' | 'cars' | 'minutes', least: number): number {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value >= least && (name === 'minutes' || Number.isInteger(value))) return value;
  console.error(`--${name} ${values[name]}: a number of at least ${least} is needed`);
  process.exit(2);
}

function plantOf(name: string | undefined): Plant | undefined {
  if (name === undefined) return undefined;
  const found = Object.keys(PLANTS).find((plant): plant is Plant => plant === name);
  if (found) return found;
  console.error(`--plant ${name}: choose one of ${Object.keys(PLANTS).join(', ')}`);
  process.exit(2);
}

const size: Size = { days: count('days', 1), cars: count('cars', 1) };
const plant = plantOf(values.plant);
const base: RunOptions = plant ? { plant } : {};
const print = (at: number, line: string): void => console.log(`${clockText(at)}  ${line}`);

async function tell(seed: number, { violation }: Outcome): Promise<void> {
  if (!violation) return;
  console.log(`\nSEED ${seed} BREAKS A RULE at ${clockText(violation.at)}: ${violation.rule}\n  ${violation.text}`);
  const planted = plant ? ` --plant ${plant}` : '';
  console.log(`  again: npm run sim -- --seed ${seed} --days ${size.days} --cars ${size.cars}${planted} --trace`);
  const plan = planOf(seed, size);
  const small = await shrink(plan, violation, base);
  console.log(`\nshrunk in ${small.runs} runs from ${plan.happenings.length} happenings to:`);
  for (const happening of small.plan.happenings) console.log(`  ${JSON.stringify(happening)}`);
  console.log('\nits trace:');
  await runPlan(small.plan, { ...base, trace: print });
  console.log(`\nbroken: ${small.violation.rule}: ${small.violation.text}`);
}

const first = count('seed', 0);
const seeds = count('seeds', 1);
const until = performance.now() + count('minutes', 0) * 60_000;
const totals: Totals = emptyTotals();
for (let seed = first; ; seed += 1) {
  const outcome = await runPlan(planOf(seed, size), values.trace ? { ...base, trace: print } : base);
  addStats(totals, outcome, size.days);
  if (outcome.violation) {
    await tell(seed, outcome);
    process.exitCode = 1;
    break;
  }
  const more = values['until-failure'] || performance.now() < until || seed - first + 1 < seeds;
  if (!more) {
    if (seed === first) console.log(`seed ${seed}: hash ${outcome.hash}`);
    break;
  }
}
console.log(report(totals));
