/** Outages of any length, one by one and together: the machine in a small world of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SECOND } from '../../../src/core/time.ts';
import {
  type ReachInput,
  type ReachOut,
  type ReachSettings,
  startOfReach,
  stepReach,
} from '../../../src/mallcoo/reach/machine.ts';

/** What is there, for so many seconds. The tunnel and Mallcoo need the internet as well. */
interface Phase {
  readonly internet: boolean;
  readonly tunnel: boolean;
  readonly mallcoo: 'there' | 'gone' | 'refusing';
  readonly seconds: number;
}

const phase = (shortest: number): fc.Arbitrary<Phase> =>
  fc.record({
    internet: fc.boolean(),
    tunnel: fc.boolean(),
    mallcoo: fc.constantFrom('there', 'gone', 'refusing'),
    seconds: fc.integer({ min: shortest, max: 300 }),
  });

const SETTINGS: ReachSettings = { probing: true, probeMs: 30 * SECOND, checking: true, restartMs: null };
const FAILURE = { why: { zh: '连接被拒绝', en: 'connection refused' }, restartable: true, patient: false };

/** The machine among things that answer after a while, as they are at that moment, and a sender that tries now and then. */
function world(settings: ReachSettings, delays: () => number) {
  let state = startOfReach(settings, 0);
  let now = 0;
  let line: boolean | null = null;
  let answers: { readonly at: number; readonly to: ReachOut['type'] }[] = [];
  let notice = 0;

  function take(input: ReachInput): void {
    const step = stepReach(settings, state, input, now);
    state = step.state;
    const { internet, tunnel, unreachable, refusing } = state.raised;
    assert.ok(!(internet && (tunnel || unreachable)), 'no internet explains the others');
    assert.ok(!(unreachable && refusing), 'Mallcoo does not both refuse and not answer');
    for (const out of step.out) {
      if (out.type === 'line') {
        assert.notEqual(out.up, line, 'the line is told on a change');
        line = out.up;
        continue;
      }
      if (out.type === 'back') {
        notice = now;
        continue;
      }
      assert.ok(!answers.some(({ to }) => to === out.type), `one ${out.type} at a time`);
      answers.push({ at: now + delays(), to: out.type });
    }
    if (!settings.probing) assert.equal(line, !internet);
    if (internet || tunnel) assert.equal(line, false);
  }

  function attempt({ internet, mallcoo }: Phase): ReachInput {
    if (!internet || mallcoo === 'gone') return { type: 'failed', trouble: 'unreachable', why: 'no answer' };
    if (mallcoo === 'refusing') return { type: 'failed', trouble: 'refusing', why: 'Code 2' };
    return { type: 'delivered' };
  }

  return {
    raised: () => state.raised,
    line: () => line,
    live(phase: Phase): void {
      for (const end = now + phase.seconds * SECOND; now < end; now += SECOND) {
        take({ type: 'tick' });
        const due = answers.filter(({ at }) => at <= now);
        answers = answers.filter(({ at }) => at > now);
        for (const { to } of due) {
          if (to === 'check') take({ type: 'checked', reached: phase.internet });
          else take({ type: 'probed', failure: phase.internet && phase.tunnel ? null : FAILURE });
        }
        if (now < notice) continue;
        notice = now + 20 * SECOND;
        take(attempt(phase));
      }
    },
  };
}

test('whatever went before, after two minutes each outage is told as what it is, and nothing else is', () => {
  fc.assert(
    fc.property(
      fc.array(phase(1), { maxLength: 8 }),
      phase(120),
      fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 10 }),
      fc.boolean(),
      (before, last, delays, probing) => {
        let turn = 0;
        const play = world({ ...SETTINGS, probing }, () => delays[turn++ % delays.length] ?? 0);
        for (const phase of [...before, last]) play.live(phase);
        const { internet, tunnel, mallcoo } = last;
        assert.deepEqual(play.raised(), {
          internet: !internet,
          tunnel: probing && internet && !tunnel,
          unreachable: internet && mallcoo === 'gone',
          // What was refused last stays refused until something else is heard.
          refusing: internet ? mallcoo === 'refusing' : play.raised().refusing,
        });
        assert.equal(play.line(), internet && (tunnel || !probing));
      },
    ),
    { numRuns: 500 },
  );
});
