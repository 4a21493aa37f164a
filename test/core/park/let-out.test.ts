/** The operator lets a held car go: known, unknown, without a plate; and never an arm for nobody. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LaneId, VisitId } from '../../../src/core/ids.ts';
import { fen } from '../../../src/core/money.ts';
import { barrierOrderId } from '../../../src/core/park/events.ts';
import { type Instant, instant } from '../../../src/core/time.ts';
import { fate, gate, HOLD, letOut } from './exits.ts';
import { lane, minutes, P001, plate, type Scene, scene, TEN, ticket } from './scene.ts';

const CAR = plate('粤A12345');

describe('the operator lets out', () => {
  test('a car that has not paid: its visit ends with what it owes, who let it go, and why', () => {
    const s = gate(HOLD);
    s.read('in-1', CAR, TEN);
    s.read('out-1', CAR, minutes(50));
    const out = letOut(s, minutes(52));
    assert.equal(fate(out), 'left operator 500, arm');
    assert.deepEqual(out.reply, { type: 'letOut', visit: 'V1', vehicle: CAR, due: 500, arm: true });
    const [left] = out.events;
    assert.ok(left?.type === 'left');
    assert.deepEqual([left.reason, left.by, left.credential], ['showed the receipt', 'Li', CAR]);
    const end = s.state.parks.get(P001)?.closed.get('V1' as VisitId)?.end;
    assert.deepEqual(end?.letOut, { why: 'operator', due: 500, reason: 'showed the receipt', by: 'Li' });
  });

  test('a car that nobody knows, and one without a plate: they pass, and only that is noted', () => {
    for (const [credential, text] of [
      [CAR, CAR],
      [plate('_无_'), { kind: 'unplated' }],
      [ticket('0102'), ticket('0102')],
    ] as const) {
      const s = gate(HOLD);
      s.read('out-1', credential, TEN);
      const out = letOut(s, minutes(1));
      assert.equal(fate(out), 'letThrough, arm');
      assert.deepEqual(out.reply, { type: 'letOut', visit: null, vehicle: text, due: 0, arm: true });
      assert.deepEqual(s.state.parks.get(P001)?.passages.out, [minutes(1)]);
      assert.equal(letOut(s, minutes(1)).events.length, 0);
    }
  });

  test('a car whose entry became known while it stood there: its visit ends', () => {
    const s = gate(HOLD);
    s.read('out-1', CAR, minutes(50));
    s.read('in-1', CAR, minutes(51), { history: TEN });
    assert.equal(fate(letOut(s, minutes(52))), 'left operator 500, arm');
  });

  test('never an arm for nobody: an empty lane, a car that has gone, one that left by another exit, an entry', () => {
    const nobody = (s: Scene, now: Instant, laneId = 'out-1'): unknown => {
      const { events, reply } = letOut(s, now, laneId);
      assert.deepEqual(events, []);
      return reply.type === 'refused' ? reply.code : reply.type;
    };
    assert.equal(nobody(gate(HOLD), TEN), 'NOBODY_WAITS');
    assert.equal(nobody(gate(HOLD), TEN, 'in-1'), 'LANE_UNKNOWN');
    assert.equal(nobody(gate(HOLD), TEN, 'out-9'), 'LANE_UNKNOWN');
    const s = gate(HOLD);
    s.read('in-1', CAR, TEN);
    s.read('out-1', CAR, minutes(50));
    assert.equal(nobody(s, instant(minutes(60) + 1)), 'NOBODY_WAITS');
    s.read('out-1', CAR, minutes(70));
    s.read('out-2', CAR, minutes(71));
    assert.equal(nobody(s, minutes(72)), 'NOBODY_WAITS');
    s.pay('A', minutes(72), { amount: fen(1_000) });
    assert.equal(nobody(s, minutes(73)), 'NOBODY_WAITS');
    assert.equal(nobody(s, minutes(73), 'out-2'), 'NOBODY_WAITS');
    assert.equal(
      s.send({ type: 'letOut', park: 'P9' as typeof P001, lane: 'out-1' as LaneId, reason: 'x', by: null }, TEN).reply
        .type,
      'refused',
    );
  });

  test('a car whose arm did not rise: the arm is ordered again, and not while an order is open', () => {
    const s = gate(HOLD);
    s.read('in-1', CAR, TEN);
    s.read('out-1', CAR, minutes(50));
    letOut(s, minutes(51));
    assert.deepEqual(letOut(s, minutes(51)).events, []);
    s.send(
      { type: 'barrierDone', park: P001, order: barrierOrderId(s.state.seq, 1), outcome: 'uncertain' },
      minutes(52),
    );
    const again = letOut(s, minutes(53));
    assert.equal(fate(again), 'arm');
    assert.equal(again.reply.type, 'letOut');
  });

  test('at a lane without an arm the books are kept all the same', () => {
    const bare = lane('out-1', 'out', { barrier: false });
    const s = scene({ lanes: new Map([lane('in-1', 'in'), bare].map((entry) => [entry.id, entry])) });
    s.read('in-1', CAR, TEN);
    s.read('out-1', CAR, minutes(50));
    const out = letOut(s, minutes(51));
    assert.equal(fate(out), 'left operator 500');
    assert.ok(out.reply.type === 'letOut' && !out.reply.arm);
  });
});
