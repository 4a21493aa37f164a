/** An exit while payments cannot reach the gate: what the lane's rule does, and what becomes of a car that stands there. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fen } from '../../../src/core/money.ts';
import type { LineRule } from '../../../src/core/park/model.ts';
import { capture, restore } from '../../../src/core/park/snapshot.ts';
import { instant, SECOND } from '../../../src/core/time.ts';
import { fate, flags, gate, HOLD, letOut, line, OPERATOR, openOf, UP_TO_10 } from './exits.ts';
import { minutes, plate, type Scene, TEN, types } from './scene.ts';

const CAR = plate('粤A12345');

describe('what an exit does with a car that owes ¥5, ¥10 or ¥15, by the line and the lane’s rule', () => {
  /** The changes of the line before the car is read, in minutes; it enters at 0. */
  const LINES: Readonly<Record<string, (s: Scene, exit: number) => void>> = {
    'was never down': () => undefined,
    'is down': (s, exit) => line(s, false, minutes(exit - 1)),
    'came back half an hour ago': (s, exit) => {
      line(s, false, minutes(exit - 35));
      line(s, true, minutes(exit - 30));
    },
    'came back longer ago': (s, exit) => {
      line(s, false, minutes(exit - 35));
      line(s, true, instant(minutes(exit - 30) - 1));
    },
    'came back before the car came in': (s) => {
      line(s, false, instant(TEN - 120 * SECOND));
      line(s, true, instant(TEN - 60 * SECOND));
    },
  };
  const AS_EVER = ['held unpaid 500', 'held unpaid 1000', 'held unpaid 1500'];
  const DOUBT: Readonly<Record<LineRule['type'], readonly string[]>> = {
    hold: AS_EVER,
    operator: ['held lineDown 500', 'held lineDown 1000', 'held lineDown 1500'],
    letOut: ['left lineDown 500, arm', 'left lineDown 1000, arm', 'held lineDown 1500'],
  };
  const IN_DOUBT = ['is down', 'came back half an hour ago'];
  for (const [name, change] of Object.entries(LINES)) {
    for (const rule of [HOLD, OPERATOR, UP_TO_10]) {
      // The car that came in a minute after the line was back is read within the half hour.
      const exits = name === 'came back before the car came in' ? [20] : [50, 110, 170];
      const expected = (IN_DOUBT.includes(name) ? DOUBT[rule.type] : AS_EVER).slice(0, exits.length);
      test(`${rule.type}, the line ${name}: ${expected.join('; ')}`, () => {
        const fates = exits.map((exit) => {
          const s = gate(rule);
          if (name.includes('before')) change(s, exit);
          s.read('in-1', CAR, TEN);
          if (!name.includes('before')) change(s, exit);
          return fate(s.read('out-1', CAR, minutes(exit)));
        });
        assert.deepEqual(fates, expected);
      });
    }
  }
});

test('who owes nothing leaves as ever, whatever the line and the rule', () => {
  for (const rule of [HOLD, OPERATOR, UP_TO_10]) {
    const s = gate(rule);
    s.read('in-1', CAR, TEN);
    line(s, false, minutes(5));
    const left = s.read('out-1', CAR, minutes(10));
    assert.equal(fate(left), 'left  0, arm');
    assert.equal(openOf(s), undefined);
  }
});

test('a change of the line is written once, and a start does not forget it', () => {
  const s = gate(HOLD);
  assert.deepEqual(line(s, true, TEN).events, []);
  assert.deepEqual(types(line(s, false, TEN)), ['lineChanged']);
  assert.deepEqual(line(s, false, minutes(1)).events, []);
  assert.deepEqual(s.state.line, { downSince: TEN, upSince: null });
  assert.deepEqual(restore(JSON.parse(JSON.stringify(capture(s.state)))).line, s.state.line);
  assert.deepEqual(types(line(s, true, minutes(2))), ['lineChanged']);
  assert.deepEqual(s.state.line, { downSince: null, upSince: minutes(2) });
});

test('a snapshot from before there was a line has one that is up', () => {
  const { line: _, ...old } = capture(gate(HOLD).state);
  assert.deepEqual(restore(old).line, { downSince: null, upSince: null });
});

describe('a car that stands at the exit while things change', () => {
  test('held as unpaid, then the line is known to be down: it is let out at once, without another reading', () => {
    const s = gate(UP_TO_10);
    s.read('in-1', CAR, TEN);
    s.read('out-2', CAR, minutes(50));
    const down = line(s, false, minutes(51));
    assert.equal(fate(down), 'lineChanged, left lineDown 500, arm');
    assert.equal(down.events.find((e) => e.type === 'barrierOrdered')?.lane, 'out-2');
  });

  test('held as unpaid, then the line is known to be down: the operator is told once, also if it is read again', () => {
    const s = gate(OPERATOR);
    s.read('in-1', CAR, TEN);
    s.read('out-1', CAR, minutes(50));
    assert.equal(fate(line(s, false, instant(minutes(50) + SECOND))), 'lineChanged, held lineDown 500');
    assert.deepEqual(s.read('out-1', CAR, instant(minutes(50) + 2 * SECOND)).events, []);
  });

  test('read again within the window after the line went: judged anew', () => {
    const s = gate(HOLD);
    s.read('in-1', CAR, TEN);
    s.read('out-1', CAR, minutes(50));
    assert.equal(fate(line(s, false, instant(minutes(50) + SECOND))), 'lineChanged');
    assert.deepEqual(s.read('out-1', CAR, instant(minutes(50) + 2 * SECOND)).events, []);
  });

  test('a car that backed off long ago is let out by no news of the line, and its waiting is not prolonged', () => {
    const s = gate(UP_TO_10);
    s.read('in-1', CAR, TEN);
    s.read('out-1', CAR, minutes(40));
    assert.equal(fate(line(s, false, instant(minutes(50) + 1))), 'lineChanged');
    const t = gate(OPERATOR);
    t.read('in-1', CAR, TEN);
    t.read('out-1', CAR, minutes(40));
    assert.equal(fate(line(t, false, minutes(50))), 'lineChanged, held lineDown 500');
    assert.deepEqual(letOut(t, instant(minutes(50) + 1)).reply, {
      type: 'refused',
      code: 'NOBODY_WAITS',
      value: 'out-1',
    });
  });

  test('held because of the line, read again when the retries have ended: held as unpaid', () => {
    const s = gate(OPERATOR);
    s.read('in-1', CAR, TEN);
    line(s, false, minutes(15));
    line(s, true, minutes(20));
    const late = minutes(50);
    assert.equal(fate(s.read('out-1', CAR, late)), 'held lineDown 500');
    assert.deepEqual(s.read('out-1', CAR, late).events, []);
    assert.equal(fate(s.read('out-1', CAR, instant(late + 1))), 'held unpaid 500');
  });

  test('held because of the line: its payment opens the arm', () => {
    const s = gate(OPERATOR);
    s.read('in-1', CAR, TEN);
    line(s, false, minutes(45));
    s.read('out-1', CAR, minutes(50));
    line(s, true, minutes(52));
    const paid = s.pay('A', minutes(53), { amount: fen(500), payTime: minutes(46) });
    assert.equal(fate(paid), 'paymentBooked, left  0, arm');
    assert.deepEqual(flags(paid), []);
  });

  test('held because it owes too much: a part that comes brings it under the amount, and it goes', () => {
    const s = gate(UP_TO_10);
    s.read('in-1', CAR, TEN);
    line(s, false, minutes(100));
    assert.equal(fate(s.read('out-1', CAR, minutes(170))), 'held lineDown 1500');
    line(s, true, minutes(171));
    assert.equal(fate(s.pay('A', minutes(172), { amount: fen(800) })), 'paymentBooked, left lineDown 700, arm');
  });

  test('seen at one exit and then at another: it is the other arm that rises', () => {
    const s = gate(OPERATOR);
    s.read('in-1', CAR, TEN);
    s.read('out-2', CAR, minutes(50));
    s.read('out-1', CAR, minutes(51));
    const paid = s.pay('A', minutes(52), { amount: fen(500) });
    assert.equal(paid.events.find((e) => e.type === 'barrierOrdered')?.lane, 'out-1');
  });
});
