/** Whatever goes wrong, and however often the process dies: every entry is told, in order, and confirmed once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HOUR, SECOND } from '../../../src/core/time.ts';
import { plate } from '../../core/park/scene.ts';
import { code, confirmations, rig, type Treatment } from './rig.ts';

const treatment: fc.Arbitrary<Treatment> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Treatment>('ok') },
  fc.constantFrom<Treatment>('lost', 'down', code(0), code(5, '系统繁忙'), { status: 502 }, { status: 302 }),
  fc.constantFrom<Treatment>({ text: '<html>' }, { text: '' }, { status: 429, retryAfter: '7' }, { status: 400 }),
);

/** What happens next: a car comes, time passes, the process is killed and started. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ type: 'car' } as const) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 90 * SECOND }) }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'kill' } as const) },
);

test('whatever fails, and wherever the process is killed: all are told, in order, and each confirmed once', async () => {
  let runs = 0;
  let calls = 0;
  let kills = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 40 }),
      fc.array(treatment, { maxLength: 60 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }),
      fc.integer({ min: 0, max: 9 * SECOND }),
      async (steps, script, chances, latency) => {
        let draws = 0;
        const random = (): number => chances[draws++ % chances.length] ?? 0;
        const r = rig({ treat: () => script[r.calls.length - 1] ?? 'ok', random, latency: () => latency });
        await r.start();
        let cars = 0;
        for (const one of steps) {
          if (one.type === 'pass') await r.pass(one.ms);
          else if (one.type === 'car') await r.read('in-1', plate(`粤A${String(10_000 + cars++)}`));
          else {
            r.kill();
            await r.start();
            kills += 1;
          }
        }
        await r.until('nothing waits', () => r.waiting().length === 0, 6 * HOUR);
        const wanted = Array.from({ length: cars }, (_, index) => `V${index + 1}`);
        assert.deepEqual([...r.receiver.entries().keys()], wanted);
        assert.deepEqual([r.receiver.counts().outOfOrder, r.receiver.problems()], [0, []]);
        const confirmed = confirmations(r.records);
        assert.deepEqual([confirmed.size, Math.max(1, ...confirmed.values())], [cars, 1]);
        assert.deepEqual(r.dead(), []);
        // An entry never comes again once a later one has come: one at a time.
        const order = r.calls.map(({ fields }) => Number(fields['TradeID']?.slice(1)));
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
        runs += 1;
        calls += r.calls.length;
      },
    ),
    { numRuns: Number(process.env['RUNS'] ?? 150), endOnFailure: true },
  );
  assert.ok(runs > 0 && kills > 0, `${runs} runs, ${calls} calls, ${kills} kills`);
});
