import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fen } from '../../../src/core/money.ts';
import type { BarrierOutcome } from '../../../src/core/park/commands.ts';
import { barrierOrderId } from '../../../src/core/park/events.ts';
import { type Instant, instant, MINUTE, SECOND } from '../../../src/core/time.ts';
import { minutes, P001, plate, type Scene, scene, TEN, ticket, types } from './scene.ts';

const CAR = plate('粤A12345');
const later = (seconds: number) => instant(TEN + seconds * SECOND);

test('a car that comes in gets a visit, and the arm is ordered up', () => {
  const s = scene();
  assert.deepEqual(types(s.read('in-1', CAR, TEN)), ['entered', 'barrierOrdered']);
  assert.equal(s.state.parks.get(P001)?.open.size, 1);
});

test('a lane without a barrier counts the car and orders nothing', () => {
  const s = scene();
  const lanes = new Map([...s.park.lanes].map(([id, lane]) => [id, { ...lane, barrier: false }]));
  assert.deepEqual(types(scene({ lanes }).read('in-1', CAR, TEN)), ['entered']);
});

test('a car within its free minutes leaves without paying', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  assert.deepEqual(types(s.read('out-1', CAR, minutes(15))), ['left', 'barrierOrdered']);
  assert.equal(s.state.parks.get(P001)?.open.size, 0);
});

test('a car that owes money is held, with what it owes', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  const { events } = s.read('out-1', CAR, minutes(150));
  assert.deepEqual(
    events.map((e) => (e.type === 'held' ? [e.reason, e.due] : e.type)),
    [['unpaid', 1500]],
  );
});

test('a car nobody has seen come in is held for a person to decide', () => {
  const { events } = scene().read('out-1', CAR, TEN);
  assert.deepEqual(
    events.map((e) => (e.type === 'held' ? e.reason : e.type)),
    ['unknownVehicle'],
  );
});

test('a vehicle without a plate is held, never let through unseen', () => {
  const s = scene();
  assert.deepEqual(types(s.read('in-1', plate('_无_'), TEN)), ['held']);
  assert.deepEqual(types(s.read('out-1', plate('_无_'), TEN)), ['held']);
});

test('a ticket is a credential like a plate', () => {
  const s = scene();
  s.read('in-1', ticket('0102'), TEN);
  assert.deepEqual(types(s.read('out-1', ticket('0102'), minutes(10))), ['left', 'barrierOrdered']);
});

test('a plate of no known form is flagged, not dropped', () => {
  const { events } = scene().read('in-1', plate('WX1234A'), TEN);
  assert.deepEqual(
    events.map((e) => (e.type === 'entered' ? e.plateKind : e.type)),
    ['unrecognised', 'barrierOrdered'],
  );
});

test('a QoS 1 duplicate is one passage, even minutes later', () => {
  const s = scene();
  s.read('in-1', CAR, TEN, { identity: 'plateid:7' });
  const again = s.read('in-1', CAR, minutes(5), { identity: 'plateid:7' });
  assert.deepEqual(again.events, []);
  assert.deepEqual(again.reply, { type: 'reading', outcome: 'duplicate', visit: 'V1' });
});

test('a camera that counts from 1 again after an hour does not lose cars', () => {
  const s = scene();
  s.read('in-1', CAR, TEN, { identity: 'id:1' });
  assert.deepEqual(types(s.read('in-1', plate('粤B99999'), minutes(61), { identity: 'id:1' })), [
    'entered',
    'barrierOrdered',
  ]);
});

test('quick_ivs_result and the ivs_result after it are one passage', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  assert.deepEqual(s.read('in-1', CAR, instant(TEN + 100), { identity: 'id:1' }).events, []);
});

test('the same plate within the dedupe window is one passage, after it a new arrival', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  assert.deepEqual(s.read('in-1', CAR, later(29)).events, []);
  assert.deepEqual(types(s.read('in-1', CAR, later(30))), ['superseded', 'entered', 'barrierOrdered']);
  assert.equal(s.state.parks.get(P001)?.open.size, 1);
});

test('a car that left and came back within the window has a new visit', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-1', CAR, later(10));
  assert.deepEqual(types(s.read('in-1', CAR, later(20))), ['entered', 'barrierOrdered']);
  assert.deepEqual(types(s.read('out-1', CAR, later(25))), ['left', 'barrierOrdered']);
});

test('the message of a car that has just left, seen again at the exit, opens nothing', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-1', CAR, later(10));
  assert.deepEqual(s.read('out-1', CAR, later(12)).events, []);
});

test('a held car that is seen again is told once', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-1', CAR, minutes(60));
  assert.deepEqual(s.read('out-1', CAR, instant(minutes(60) + 5 * SECOND)).events, []);
});

for (const [outcome, opens] of [
  ['uncertain', true],
  ['refused', true],
  ['expired', true],
  ['confirmed', false],
  ['sent', false],
] as const satisfies readonly (readonly [BarrierOutcome, boolean])[]) {
  test(`an order that was ${outcome} ${opens ? 'is given anew when the car is seen again' : 'is not repeated'}`, () => {
    const s = scene();
    s.read('in-1', CAR, TEN);
    s.send({ type: 'barrierDone', park: P001, order: barrierOrderId(1, 1), outcome }, later(2));
    assert.deepEqual(types(s.read('in-1', CAR, later(8))), opens ? ['barrierOrdered'] : []);
  });
}

test('while an order is under way the car seen again gives no second one', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  assert.deepEqual(s.read('in-1', CAR, later(1)).events, []);
});

test('after a restart an order of the last run expires, before its deadline too, and is never sent', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  const { events } = s.send({ type: 'recover' }, later(1));
  assert.deepEqual(events, [{ type: 'barrierDone', park: P001, order: '1.1', lane: 'in-1', outcome: 'expired' }]);
  assert.deepEqual(s.send({ type: 'recover' }, later(2)).events, []);
});

test('a better reading of the same happening corrects the plate; a worse one does not', () => {
  const s = scene();
  s.read('in-1', plate('粤A1234'), TEN, { identity: 'id:1', confidence: 0.7 });
  const better = s.read('in-1', CAR, later(1), { identity: 'id:1', confidence: 0.9 });
  assert.deepEqual(types(better), ['corrected']);
  assert.deepEqual(s.read('in-1', plate('粤A99999'), later(2), { identity: 'id:1', confidence: 0.8 }).events, []);
  assert.equal(s.info(CAR, minutes(1)).visit.id, 'V1');
});

test('a better reading of a car held at the exit lets it out', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-1', plate('粤A1Z345'), minutes(10), { identity: 'id:5', confidence: 0.6 });
  assert.deepEqual(types(s.read('out-1', CAR, minutes(10), { identity: 'id:5', confidence: 0.9 })), [
    'left',
    'barrierOrdered',
  ]);
});

test('a backlog record enters history at its own time and opens nothing', () => {
  const s = scene();
  assert.deepEqual(types(s.read('in-1', CAR, TEN, { history: instant(TEN - 150 * MINUTE) })), ['entered']);
  assert.equal(s.info(CAR, TEN).totalAmount, 1500);
});

test('a backlog record that was delivered live before is the same happening', () => {
  const s = scene();
  s.read('in-1', CAR, TEN, { identity: 'id:1' });
  assert.deepEqual(s.read('in-1', CAR, minutes(90), { identity: 'id:1', history: TEN }).events, []);
});

test('a car that stood at an exit and was read again and again is no passage for each reading of the backlog', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-1', CAR, minutes(60), { identity: 'id:1' });
  const again = instant(minutes(60) + 6 * SECOND);
  assert.deepEqual(s.read('out-1', CAR, again, { identity: 'id:2' }).events, []);
  assert.deepEqual(s.read('out-1', CAR, minutes(90), { identity: 'id:2', history: again }).events, []);
  assert.equal(s.state.parks.get(P001)?.open.size, 1);
  const muchLater = instant(minutes(60) + 40 * SECOND);
  const { events } = s.read('out-1', CAR, minutes(91), { identity: 'id:3', history: muchLater });
  assert.deepEqual(
    events.map((event) => event.type),
    ['left'],
  );
});

test('a backlog exit ends the visit at its own time and says what was not collected', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  const { events } = s.read('out-1', CAR, minutes(600), { history: minutes(60) });
  assert.deepEqual(
    events.map((e) => (e.type === 'left' ? [e.at, e.uncollected] : e.type)),
    [[minutes(60), fen(500)]],
  );
});

test('a backlog record that fits no visit is counted as a passage and ends nothing', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  assert.deepEqual(types(s.read('out-1', CAR, minutes(5), { history: instant(TEN - MINUTE) })), ['passageNoted']);
  assert.deepEqual(types(s.read('in-1', CAR, minutes(6), { history: instant(TEN - MINUTE) })), ['passageNoted']);
  assert.equal(s.state.parks.get(P001)?.open.size, 1);
});

test('a backlog record from the future is history of now: no visit begins after the present', () => {
  const s = scene();
  s.read('in-1', CAR, TEN, { history: minutes(600) });
  assert.equal(s.info(CAR, TEN).visit.entryAt, TEN);
});

/** How a lane's last order ended: what a device says once it has been told. */
function armEnds(s: Scene, outcome: BarrierOutcome, now: Instant): void {
  const order = s.state.parks.get(P001)?.orders.keys().next().value;
  assert.ok(order, 'an order is open');
  s.send({ type: 'barrierDone', park: P001, order, outcome }, now);
}

test('a car that owes nothing and that a backlog record had let go is let out when it is seen to stand there still', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-1', CAR, minutes(11), { history: minutes(10) });
  assert.deepEqual(s.state.parks.get(P001)?.passages.out, [minutes(10)]);
  assert.deepEqual(types(s.read('out-1', CAR, minutes(11))), ['stayed', 'left', 'barrierOrdered']);
  assert.deepEqual(s.state.parks.get(P001)?.passages.out, [minutes(11)], 'one car, one passage');
});

test('one that owes is held, and its payment raises the arm', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-1', CAR, minutes(61), { history: minutes(60) });
  assert.deepEqual(types(s.read('out-1', CAR, minutes(61))), ['stayed', 'held']);
  assert.equal(s.info(CAR, minutes(62)).unPayAmount, 1000);
  assert.deepEqual(types(s.pay('A', minutes(62), { amount: fen(1000) })), ['paymentBooked', 'left', 'barrierOrdered']);
});

test('a car that has gone and comes to the exit again much later is unknown', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-1', CAR, minutes(11), { history: minutes(10) });
  assert.deepEqual(types(s.read('out-1', CAR, minutes(21))), ['held']);
  assert.deepEqual(types(s.read('out-2', CAR, minutes(11))), ['held'], 'nor at another exit');
});

test('a car at an arm that does not rise is one visit, however often it is read', () => {
  const s = scene();
  const first = s.read('in-1', CAR, TEN);
  for (let seconds = 40; seconds < 300; seconds += 40) {
    armEnds(s, 'refused', instant(TEN + (seconds - 1) * SECOND));
    const again = s.read('in-1', CAR, instant(TEN + seconds * SECOND));
    assert.deepEqual(types(again), ['barrierOrdered']);
    assert.deepEqual(again.reply, { ...first.reply, outcome: 'reopened' });
  }
  assert.equal(s.state.parks.get(P001)?.passages.in.length, 1);
});

test('what a backlog brings of a car that stands at the exit by now is no departure', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  assert.deepEqual(types(s.read('out-1', CAR, minutes(61), { history: minutes(59) })), ['left']);
  assert.deepEqual(types(s.read('out-1', CAR, minutes(61))), ['stayed', 'held']);
  assert.deepEqual(s.read('out-1', CAR, minutes(61), { history: minutes(60) }).events, []);
  // The camera was alone again, and this time the car did go.
  assert.deepEqual(types(s.read('out-1', CAR, minutes(66), { history: minutes(65) })), ['left']);
});

test('who paid while a backlog had let the car go, and stands at the exit, goes free', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-1', CAR, minutes(61), { history: minutes(59) });
  s.pay('M1', minutes(61), { payTime: minutes(58), amount: fen(500) });
  assert.deepEqual(types(s.read('out-1', CAR, minutes(62))), ['stayed', 'left', 'barrierOrdered']);
});

test('a car that came by a backlog record and still stands at the entrance is let in, once, as the same visit', () => {
  const s = scene();
  s.read('in-1', plate('粤B99999'), TEN);
  s.read('in-1', CAR, minutes(2), { history: minutes(1) });
  assert.deepEqual(types(s.read('in-1', CAR, minutes(2))), ['barrierOrdered']);
  armEnds(s, 'confirmed', minutes(2));
  assert.deepEqual(types(s.read('in-1', CAR, instant(minutes(2) + 5 * SECOND))), []);
  assert.equal(s.info(CAR, minutes(3)).visit.entryAt, minutes(1));
  assert.equal(s.state.parks.get(P001)?.passages.in.length, 2);
});

test('a car that stood at the entrance through an outage is one visit, from when it came, however often it was recorded', () => {
  const s = scene();
  for (let seconds = 0; seconds < 480; seconds += 10) {
    s.read('in-1', CAR, minutes(10), { history: later(seconds), identity: `id:${seconds}` });
  }
  assert.deepEqual(s.state.parks.get(P001)?.passages.in, [TEN]);
  assert.deepEqual(types(s.read('in-1', CAR, later(485))), ['barrierOrdered']);
  assert.equal(s.info(CAR, minutes(10)).visit.entryAt, TEN);
});
