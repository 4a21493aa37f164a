/** Makes a failing plan small: leaves out whatever the failure does not need. */
import type { Happening, Plan } from './plan.ts';
import { type RunOptions, runPlan, type Violation } from './world.ts';

export interface Shrunk {
  readonly plan: Plan;
  readonly violation: Violation;
  readonly runs: number;
}

/** Runs at most; what is left then is small enough to be read. */
const MAX_RUNS = 600;

/** The smallest plan found that breaks the same rule. */
export async function shrink(plan: Plan, violation: Violation, options: RunOptions = {}): Promise<Shrunk> {
  let best = { plan, violation };
  let runs = 0;

  async function attempt(smaller: Plan): Promise<boolean> {
    if (runs >= MAX_RUNS) return false;
    runs += 1;
    const outcome = await runPlan(smaller, options);
    if (outcome.violation?.rule !== violation.rule) return false;
    best = { plan: smaller, violation: outcome.violation };
    return true;
  }

  const upTo = plan.happenings.filter(({ at }) => at <= violation.at);
  await attempt({ ...plan, happenings: upTo });
  await leaveOut(() => best.plan, attempt);
  for (let index = 0; index < best.plan.happenings.length; index += 1) await simplify(() => best.plan, index, attempt);
  return { ...best, runs };
}

/** Leaves out halves, quarters, … and at last single happenings (delta debugging). */
async function leaveOut(plan: () => Plan, attempt: (smaller: Plan) => Promise<boolean>): Promise<void> {
  for (let size = Math.ceil(plan().happenings.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < plan().happenings.length; ) {
      const { happenings } = plan();
      const smaller = [...happenings.slice(0, from), ...happenings.slice(from + size)];
      if (!(await attempt({ ...plan(), happenings: smaller }))) from += size;
    }
  }
}

async function simplify(plan: () => Plan, index: number, attempt: (smaller: Plan) => Promise<boolean>): Promise<void> {
  for (const simpler of simplerOf) {
    const { happenings } = plan();
    const one = happenings[index];
    const changed = one && simpler(one);
    if (!changed || JSON.stringify(changed) === JSON.stringify(one)) continue;
    await attempt({ ...plan(), happenings: happenings.with(index, changed) });
  }
}

const PLAIN = { misread: null, corrected: false, delay: 0, copies: [], lost: false };

const simplerOf: readonly ((happening: Happening) => Happening | null)[] = [
  (one) => (one.kind === 'trip' ? { ...one, arrival: PLAIN } : null),
  (one) => (one.kind === 'trip' ? { ...one, departure: PLAIN } : null),
  (one) => (one.kind === 'trip' ? { ...one, ahead: null } : null),
  (one) => (one.kind === 'trip' ? { ...one, operator: false } : null),
  (one) => (one.kind === 'trip' ? { ...one, atExit: { ...one.atExit, line: [], conflict: null } } : null),
  (one) => (one.kind === 'trip' && one.ahead ? { ...one, ahead: { ...one.ahead, line: [], conflict: null } } : null),
  (one) => (one.kind === 'trip' ? { ...one, atExit: { ...one.atExit, style: 'exact', schedule: 'three' } } : null),
  (one) =>
    one.kind === 'trip' && one.ahead ? { ...one, ahead: { ...one.ahead, style: 'exact', schedule: 'three' } } : null,
];
