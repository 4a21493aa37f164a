import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MINUTE, SECOND } from '../../../src/core/time.ts';
import {
  type ReachInput,
  type ReachSettings,
  type ReachState,
  startOfReach,
  stepReach,
} from '../../../src/mallcoo/reach/machine.ts';

const SETTINGS: ReachSettings = { probing: true, probeMs: 30 * SECOND, checking: true, restartMs: null };

const tick: ReachInput = { type: 'tick' };
const good: ReachInput = { type: 'probed', failure: null };
const bad: ReachInput = {
  type: 'probed',
  failure: { why: { zh: '连接被拒绝', en: 'connection refused' }, restartable: true, patient: false },
};
const wrong: ReachInput = {
  type: 'probed',
  failure: { why: { zh: 'HTTP 401', en: 'HTTP 401' }, restartable: false, patient: true },
};
const internet: ReachInput = { type: 'checked', reached: true };
const none: ReachInput = { type: 'checked', reached: false };
const delivered: ReachInput = { type: 'delivered' };
const unreachable: ReachInput = { type: 'failed', trouble: 'unreachable', why: 'no answer within 10 s' };
const refusing: ReachInput = { type: 'failed', trouble: 'refusing', why: 'Code 2' };

/** Second, input, what goes out, which faults are raised after it. */
type Row = readonly [at: number, input: ReachInput, out: string, raised: string];

interface Case {
  readonly name: string;
  readonly settings?: Partial<ReachSettings>;
  readonly rows: readonly Row[];
}

function raisedText({ raised }: ReachState): string {
  return Object.entries(raised)
    .filter(([, is]) => is)
    .map(([name]) => name)
    .join(' ');
}

const CASES: readonly Case[] = [
  {
    name: 'a good probe says that the line is up, once, and the next comes after the pause',
    rows: [
      [0, tick, 'probe', ''],
      [1, tick, '', ''],
      [1, good, 'line up', ''],
      [30, tick, '', ''],
      [31, tick, 'probe', ''],
      [32, good, '', ''],
    ],
  },
  {
    name: 'one lost probe is no dead tunnel; the next one comes soon',
    rows: [
      [0, tick, 'probe', ''],
      [1, bad, 'check', ''],
      [1, internet, '', ''],
      [5, tick, '', ''],
      [6, tick, 'probe', ''],
      [7, good, 'line up', ''],
    ],
  },
  {
    name: 'two lost probes with the internet there are a dead tunnel, and one good probe ends it',
    rows: [
      [0, tick, 'probe', ''],
      [1, good, 'line up', ''],
      [31, tick, 'probe', ''],
      [32, bad, 'check', ''],
      [32, internet, '', ''],
      [37, tick, 'probe', ''],
      [38, bad, 'check', ''],
      [39, internet, 'line down', 'tunnel'],
      [43, tick, 'probe', 'tunnel'],
      [44, bad, 'check', 'tunnel'],
      [44, internet, '', 'tunnel'],
      [49, tick, 'probe', 'tunnel'],
      [50, good, 'line up', ''],
      [79, tick, '', ''],
      [80, tick, 'probe', ''],
    ],
  },
  {
    name: 'a probe that was begun without the internet and fails after it is back says nothing of the tunnel',
    rows: [
      [0, tick, 'probe', ''],
      [1, good, 'line up', ''],
      [31, tick, 'probe', ''],
      [41, bad, 'check', ''],
      [44, none, 'line down', 'internet'],
      [46, tick, 'probe check', 'internet'],
      [50, internet, 'back', ''],
      [56, bad, 'probe', ''],
      [57, good, 'line up', ''],
    ],
  },
  {
    name: 'without the internet there is one fault, not three; what still fails after is raised then',
    rows: [
      [0, tick, 'probe', ''],
      [1, good, 'line up', ''],
      [5, unreachable, 'probe check', ''],
      [6, none, '', ''],
      [6, bad, 'line down', 'internet'],
      [10, tick, 'check', 'internet'],
      [11, tick, 'probe', 'internet'],
      [12, bad, '', 'internet'],
      [13, none, '', 'internet'],
      [15, tick, 'check', 'internet'],
      [16, unreachable, '', 'internet'],
      [18, none, 'probe', 'internet'],
      [20, bad, 'check', 'internet'],
      // It is back, and both have to fail once more.
      [22, internet, 'back probe', ''],
      [23, bad, '', 'tunnel'],
      [25, tick, 'check', 'tunnel'],
      [25, internet, '', 'tunnel'],
      [27, unreachable, '', 'tunnel unreachable'],
      [28, tick, 'probe', 'tunnel unreachable'],
      [29, delivered, '', 'tunnel'],
      [30, good, 'line up check', ''],
    ],
  },
  {
    name: 'a tunnel that was dead before the internet went is told as what it is, each time',
    rows: [
      [0, tick, 'probe', ''],
      [1, bad, 'check', ''],
      [1, internet, '', ''],
      [6, tick, 'probe', ''],
      [7, bad, 'check', ''],
      [7, internet, 'line down', 'tunnel'],
      [12, tick, 'probe', 'tunnel'],
      [13, bad, 'check', 'tunnel'],
      [16, none, '', 'internet'],
      [18, tick, 'probe check', 'internet'],
      [19, internet, 'back', ''],
      // It was begun before: the next one counts.
      [20, bad, 'probe', ''],
      [21, bad, '', 'tunnel'],
      [23, tick, 'check', 'tunnel'],
      [24, internet, '', 'tunnel'],
    ],
  },
  {
    name: 'a good probe through the public address is the internet, whatever a firewall does to the reference points',
    rows: [
      [0, tick, 'probe', ''],
      [1, good, 'line up', ''],
      [20, unreachable, 'probe check', ''],
      [21, good, '', ''],
      [23, none, '', 'unreachable'],
      [24, delivered, '', ''],
    ],
  },
  {
    name: 'Mallcoo that answers and refuses is another fault than one that does not answer, and needs no look',
    rows: [
      [0, tick, 'probe', ''],
      [1, good, 'line up', ''],
      [2, refusing, '', 'refusing'],
      [3, unreachable, 'check', ''],
      [4, internet, '', ''],
      [5, tick, 'probe', ''],
      [6, good, '', 'unreachable'],
      [7, unreachable, '', 'unreachable'],
      [9, refusing, 'check', 'refusing'],
      [10, delivered, '', ''],
    ],
  },
  {
    name: 'without reference points the absence of the internet is never claimed, and nothing waits for it',
    settings: { checking: false },
    rows: [
      [0, tick, 'probe', ''],
      [1, bad, '', ''],
      [6, tick, 'probe', ''],
      [7, bad, 'line down', 'tunnel'],
      [8, unreachable, '', 'tunnel unreachable'],
    ],
  },
  {
    name: 'without a public address nothing is probed, and the line is up until the sender finds no internet',
    settings: { probing: false },
    rows: [
      [0, tick, 'line up', ''],
      [60, tick, '', ''],
      [61, unreachable, 'check', ''],
      [64, none, 'line down', 'internet'],
      [69, tick, 'check', 'internet'],
      [70, internet, 'back line up', ''],
      [71, unreachable, '', 'unreachable'],
      [74, tick, 'check', 'unreachable'],
      [74, internet, '', 'unreachable'],
      [80, delivered, '', ''],
    ],
  },
  {
    name: 'a setting that is wrong is not asked about every few seconds',
    rows: [
      [0, tick, 'probe', ''],
      [1, wrong, 'check', ''],
      [1, internet, '', ''],
      [30, tick, '', ''],
      [31, tick, 'probe', ''],
      [32, wrong, 'check', ''],
      [32, internet, 'line down', 'tunnel'],
    ],
  },
  {
    name: 'a restart is asked for once the tunnel has been down for a while, then ever more seldom, and anew after a good probe',
    settings: { checking: false, restartMs: 2 * MINUTE, probeMs: 10 * MINUTE },
    rows: [
      [0, tick, 'probe', ''],
      [1, bad, '', ''],
      [6, tick, 'probe', ''],
      [7, bad, 'line down', 'tunnel'],
      [126, tick, 'probe', 'tunnel'],
      [127, tick, 'restart', 'tunnel'],
      [128, tick, '', 'tunnel'],
      [366, tick, '', 'tunnel'],
      [367, tick, 'restart', 'tunnel'],
      [846, tick, '', 'tunnel'],
      [847, tick, 'restart', 'tunnel'],
      [850, good, 'line up', ''],
      [1450, tick, 'probe', ''],
      [1451, bad, '', ''],
      [1456, tick, 'probe', ''],
      [1457, bad, 'line down', 'tunnel'],
      [1576, tick, 'probe', 'tunnel'],
      [1577, tick, 'restart', 'tunnel'],
    ],
  },
  {
    name: 'no restart is asked for where it cannot help',
    settings: { checking: false, restartMs: 2 * MINUTE },
    rows: [
      [0, tick, 'probe', ''],
      [1, wrong, '', ''],
      [31, tick, 'probe', ''],
      [32, wrong, 'line down', 'tunnel'],
      [999, tick, 'probe', 'tunnel'],
    ],
  },
];

describe('which part of the way is broken', () => {
  for (const { name, settings, rows } of CASES) {
    test(name, () => {
      const all = { ...SETTINGS, ...settings };
      let state = startOfReach(all, 0);
      for (const [index, [at, input, out, raised]] of rows.entries()) {
        const step = stepReach(all, state, input, at * SECOND);
        state = step.state;
        const said = step.out.map((one) => (one.type === 'line' ? `line ${one.up ? 'up' : 'down'}` : one.type));
        const row = `row ${index}, second ${at}, ${input.type}`;
        assert.deepEqual([row, said.join(' '), raisedText(state)], [row, out, raised]);
      }
    });
  }
});
