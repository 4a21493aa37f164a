/** The hand-over to the archive, as a caller of the core sees it: nothing is forgotten, nothing is booked twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VisitId } from '../../../src/core/ids.ts';
import { fen } from '../../../src/core/money.ts';
import type { Decision } from '../../../src/core/park/decision.ts';
import { traffic } from '../../../src/core/park/queries.ts';
import { orderOf, type ParkState, type SealedBatch, visitOf } from '../../../src/core/park/state.ts';
import { DAY, type Instant, instant } from '../../../src/core/time.ts';
import { minutes, P001, plate, type Scene, scene, TEN, types } from './scene.ts';
import { shelf } from './shelf.ts';

const CAR = plate('粤A12345');
const LATER = instant(TEN + 5 * DAY);

function stateOf(s: Scene): ParkState {
  const state = s.state.parks.get(P001);
  assert.ok(state);
  return state;
}

function seal(s: Scene, now: Instant, before: Instant = now): Decision {
  return s.send({ type: 'seal', park: P001, closedBefore: before, passagesBefore: before }, now);
}

/** Seals, hands over to the shelf, and lets go. */
function archive(s: Scene, now: Instant, to = shelf()): SealedBatch {
  seal(s, now);
  const { sealed } = stateOf(s);
  assert.ok(sealed);
  to.put(sealed);
  s.send({ type: 'archived', park: P001, batch: sealed.batch }, now);
  return sealed;
}

/** One car came, paid ¥10 with order A, and left. */
function oneVisit(): Scene {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(100), { amount: fen(1000) });
  s.read('out-1', CAR, minutes(110));
  return s;
}

test('what is sealed is still answered for: the visit, the order, the traffic', () => {
  const s = oneVisit();
  assert.deepEqual(types(seal(s, LATER)), ['sealed']);
  const state = stateOf(s);
  assert.equal(state.closed.size + state.ledger.size + state.passages.in.length + state.passages.out.length, 0);
  assert.equal(visitOf(state, 'V1' as VisitId)?.paid, 1000);
  assert.deepEqual(traffic(state, TEN, LATER), { inNum: 1, outNum: 1 });
  const again = s.pay('A', LATER, { amount: fen(1000), payTime: minutes(100) });
  assert.deepEqual(again, { events: [], reply: { type: 'booked', visit: 'V1', repeated: true, flags: [] } });
});

test('an order that may be in the archive is not booked until the archive has been asked up to the last batch', () => {
  const s = oneVisit();
  const early = shelf();
  const full = shelf();
  archive(s, LATER, full);
  const ask = { events: [], reply: { type: 'askArchive' } };
  assert.deepEqual(s.pay('A', LATER, { amount: fen(1000) }), ask);
  assert.deepEqual(s.pay('A', LATER, { amount: fen(1000) }, early), ask);
  const answered = s.pay('A', LATER, { amount: fen(1000), payTime: minutes(100) }, full);
  assert.deepEqual(answered, { events: [], reply: { type: 'booked', visit: 'V1', repeated: true, flags: [] } });
});

test('an archived order with other content is a conflict, kept once, and is archived again with it', () => {
  const s = oneVisit();
  const all = shelf();
  archive(s, LATER, all);
  const other = s.pay('A', LATER, { amount: fen(2000), payTime: TEN }, all);
  assert.deepEqual(types(other), ['recalled', 'paymentConflicted']);
  assert.deepEqual(other.reply, { type: 'refused', code: 'ORDER_CONFLICT', value: 'A' });
  assert.deepEqual(s.pay('A', LATER, { amount: fen(2000), payTime: TEN }, all).events, []);
  archive(s, LATER, all);
  assert.deepEqual(s.pay('A', LATER, { amount: fen(2000), payTime: TEN }, all).events, []);
  assert.equal(stateOf(s).archivedThrough, 2);
});

test('money for an archived visit is booked on it: recalled, flagged DEPARTED, and archived again with the sum', () => {
  const s = oneVisit();
  const all = shelf();
  archive(s, LATER, all);
  const late = s.pay('B', LATER, { amount: fen(300) }, all);
  assert.deepEqual(types(late), ['recalled', 'paymentBooked']);
  assert.ok(late.reply.type === 'booked' && late.reply.visit === 'V1' && late.reply.flags.includes('DEPARTED'));
  const more = s.pay('C', LATER, { amount: fen(50) }, all);
  assert.deepEqual(types(more), ['paymentBooked']);
  archive(s, instant(LATER + DAY), all);
  assert.equal(all.visit('V1' as VisitId)?.paid, 1350);
  assert.deepEqual([...all.orders().keys()], ['A', 'B', 'C']);
});

test('money for a visit that waits for the archive does not change the batch that is being written', () => {
  const s = oneVisit();
  seal(s, LATER);
  const { sealed } = stateOf(s);
  const before = JSON.stringify([...(sealed?.visits.values() ?? [])]);
  assert.deepEqual(types(s.pay('B', LATER, { amount: fen(300) })), ['recalled', 'paymentBooked']);
  assert.equal(JSON.stringify([...(stateOf(s).sealed?.visits.values() ?? [])]), before);
  assert.equal(visitOf(stateOf(s), 'V1' as VisitId)?.paid, 1300);
});

test('archived money for nobody stays known: the same notice again writes nothing', () => {
  const s = scene();
  s.pay('X', TEN, { feeId: 'NOPE', amount: fen(100) });
  const all = shelf();
  archive(s, LATER, all);
  const again = s.pay('X', LATER, { feeId: 'NOPE', amount: fen(100), payTime: TEN }, all);
  assert.deepEqual(again, { events: [], reply: { type: 'refused', code: 'FEE_ID_UNKNOWN', value: 'NOPE' } });
});

test('one batch at a time, numbered without gaps, and nothing is written where nothing is old', () => {
  const s = oneVisit();
  assert.deepEqual(seal(s, LATER, TEN).events, []);
  assert.equal(seal(s, LATER).events.length, 1);
  s.read('in-1', plate('粤B00001'), LATER);
  s.read('out-1', plate('粤B00001'), LATER);
  const later = instant(LATER + DAY);
  assert.deepEqual(seal(s, later).events, []);
  assert.deepEqual(s.send({ type: 'archived', park: P001, batch: 2 }, later).events, []);
  assert.equal(s.send({ type: 'archived', park: P001, batch: 1 }, later).events.length, 1);
  assert.deepEqual(s.send({ type: 'archived', park: P001, batch: 1 }, later).events, []);
  assert.equal(archive(s, later).batch, 2);
});

test('an order stays as long as its visit does, however old it is', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(100), { amount: fen(1000) });
  archive(s, LATER);
  assert.ok(orderOf(stateOf(s), 'A' as never));
  assert.equal(stateOf(s).open.size, 1);
});

test('a passage that is told late is counted once, whichever batch it goes with', () => {
  const s = oneVisit();
  const first = archive(s, LATER);
  s.read('in-1', plate('粤B00009'), LATER, { history: minutes(5) });
  assert.deepEqual(traffic(stateOf(s), TEN, LATER), { inNum: 1, outNum: 0 });
  const second = archive(s, LATER);
  assert.deepEqual([first.passages.in, second.passages.in], [[TEN], [minutes(5)]]);
  assert.deepEqual(traffic(stateOf(s), TEN, LATER), { inNum: 0, outNum: 0 });
});

test('a receipt tells what a notice said of money, and nothing of the person', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  const member = { mobile: '13800000000', cardNo: 'C1', cardGrade: null, bonus: null };
  s.pay('A', minutes(100), { amount: fen(900), deductionAmount: fen(100), payChannel: 2, member });
  assert.deepEqual(orderOf(stateOf(s), 'A' as never)?.receipt, {
    amount: 900,
    deducted: 100,
    payTime: minutes(100),
    payChannel: 2,
    payType: 3,
    thirdTradeNo: 'T1',
    flags: [],
  });
});
