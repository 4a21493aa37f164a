/** The readings of Mallcoo's standard that the core answers for; each ambiguity of the standard has a test that names it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fen } from '../../../src/core/money.ts';
import type { Decision } from '../../../src/core/park/decision.ts';
import { traffic } from '../../../src/core/park/queries.ts';
import { type Instant, instant, MINUTE } from '../../../src/core/time.ts';
import { tariffOf } from '../tariff/sheets.ts';
import { minutes, P001, plate, SHEET, scene, TEN, types } from './scene.ts';

const CAR = plate('粤A12345');

function flags(decision: Decision): readonly string[] {
  return decision.events.flatMap((event) => (event.type === 'paymentBooked' ? event.flags : []));
}

/** A tariff of one fen a second, so that every amount is a length of time. */
const perSecond = tariffOf('price: 36 per hour in steps of 1 s\ngrace: none');

test('the standard’s example: total 1300, paid 1100, so 200 to pay, with 500 of deduction asked', () => {
  const s = scene({ tariff: perSecond });
  s.read('in-1', CAR, TEN);
  s.pay('A', instant(TEN + 1_200_000), { amount: fen(1100) });
  const answer = s.info(CAR, instant(TEN + 1_300_000), 0, 500);
  assert.deepEqual(
    [answer.totalAmount, answer.paidAmount, answer.unPayAmount, answer.deductionAmount],
    [1300, 1100, 200, 500],
  );
});

test('asking with coupons changes nothing, however often', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  for (let i = 0; i < 3; i += 1) assert.equal(s.info(CAR, minutes(150), 60, 300).unPayAmount, 1500);
  assert.equal(s.state.seq, 1);
});

test('deductionAmount is the free amount plus what the free minutes are worth: the fee less the fee cut short', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  assert.equal(s.info(CAR, minutes(150), 60, 300).deductionAmount, 500 + 300);
  assert.equal(s.info(CAR, minutes(150), 10_000, 0).deductionAmount, 1500);
});

test('deductionAmount is not capped, unless the park is configured so', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  assert.equal(s.info(CAR, minutes(30), 0, 9_900).deductionAmount, 9_900);
  const capped = scene({ capDeduction: true });
  capped.read('in-1', CAR, TEN);
  assert.equal(capped.info(CAR, minutes(30), 0, 9_900).deductionAmount, 500);
});

test('parkingMinutes is whole, and entryTime never lies in the future', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  assert.equal(s.info(CAR, instant(TEN + 119_999)).parkingMinutes, 1);
  assert.equal(s.info(CAR, instant(TEN - 60_000)).parkingMinutes, 0);
});

test('a payment is booked once: a retry gets the first answer again', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  const first = s.pay('A', minutes(150), { feeId: 'V1', amount: fen(1500) });
  assert.deepEqual(first.reply, { type: 'booked', visit: 'V1', repeated: false, flags: [] });
  const retry = s.send(
    s.records[1]?.events[0]?.type === 'paymentBooked'
      ? { type: 'pay', park: P001, notice: s.records[1].events[0].notice, digest: s.records[1].events[0].digest }
      : { type: 'recover' },
    minutes(170),
  );
  assert.deepEqual(retry.events, []);
  assert.deepEqual(retry.reply, { type: 'booked', visit: 'V1', repeated: true, flags: [] });
  assert.equal(s.info(CAR, minutes(151)).paidAmount, 1500);
});

test('a retry does not extend the grace', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(150), { amount: fen(1500), payTime: minutes(150) });
  s.pay('A', minutes(164), { amount: fen(1500), payTime: minutes(150) });
  assert.deepEqual(types(s.read('out-1', CAR, minutes(180.1))), ['held']);
});

test('the same orderNo with other content is a conflict: nothing is booked, and it is kept once', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(150), { amount: fen(1500) });
  const other = s.pay('A', minutes(151), { amount: fen(1), payTime: minutes(150) });
  assert.deepEqual(types(other), ['paymentConflicted']);
  assert.deepEqual(other.reply, { type: 'refused', code: 'ORDER_CONFLICT', value: 'A' });
  assert.deepEqual(s.pay('A', minutes(152), { amount: fen(1), payTime: minutes(150) }).events, []);
  assert.equal(s.info(CAR, minutes(152)).paidAmount, 1500);
});

test('two orders with one thirdTradeNo are two payments', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(150), { amount: fen(500), thirdTradeNo: 'X' });
  s.pay('B', minutes(150), { amount: fen(1000), thirdTradeNo: 'X' });
  assert.equal(s.info(CAR, minutes(151)).paidAmount, 1500);
});

test('a price asked at 10:58 and paid at 11:02 is honoured, though the next hour had begun', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  const paid = s.pay('A', minutes(62), { amount: fen(500), unPayAmount: fen(500) });
  assert.deepEqual(flags(paid), []);
  assert.equal(s.info(CAR, minutes(63)).unPayAmount, 0);
  assert.deepEqual(types(s.read('out-1', CAR, minutes(77))), ['left', 'barrierOrdered']);
});

test('a price older than the quote’s validity is not: credited, the rest stays to be paid', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  assert.deepEqual(flags(s.pay('A', minutes(65.1), { amount: fen(500) })), ['UNDERPAID']);
  const { paidAmount, unPayAmount, totalAmount } = s.info(CAR, minutes(66));
  assert.deepEqual([totalAmount, paidAmount, unPayAmount], [1000, 500, 500]);
});

test('0 元: a payment by coupons alone settles the visit', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  const paid = s.pay('A', minutes(30), { amount: fen(0), deductionAmount: fen(500), payType: 0, thirdTradeNo: null });
  assert.deepEqual(flags(paid), []);
  assert.deepEqual(types(s.read('out-1', CAR, minutes(40))), ['left', 'barrierOrdered']);
});

test('deductions of settled payments count as paid, or the driver would be charged for them again', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(150), { amount: fen(1000), deductionAmount: fen(500) });
  const { paidAmount, unPayAmount } = s.info(CAR, minutes(170));
  assert.deepEqual([paidAmount, unPayAmount], [1500, 0]);
});

test('after the grace, continue: the fee from entry less what is paid', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(150), { amount: fen(1500) });
  assert.equal(s.info(CAR, minutes(165)).unPayAmount, 0);
  assert.equal(s.info(CAR, minutes(181)).unPayAmount, 500);
});

test('after the grace, restart: a new stay from payTime', () => {
  const s = scene({ tariff: tariffOf(`${SHEET}afterPayment: restart`) });
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(150), { amount: fen(1500) });
  assert.equal(s.info(CAR, minutes(165)).unPayAmount, 0);
  const { totalAmount, paidAmount, unPayAmount } = s.info(CAR, minutes(166));
  assert.deepEqual([totalAmount, paidAmount, unPayAmount], [2000, 1500, 500]);
});

test('unPayAmount is always what remains of totalAmount after paidAmount, in the grace too', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(62), { amount: fen(500) });
  for (let m = 62; m < 200; m += 1) {
    const { totalAmount, paidAmount, unPayAmount } = s.info(CAR, minutes(m));
    assert.equal(unPayAmount, Math.max(0, totalAmount - paidAmount));
  }
});

test('a settled car that already waits at an exit gets its arm at once', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-2', CAR, minutes(59));
  const paid = s.pay('A', minutes(60), { amount: fen(500) });
  assert.deepEqual(types(paid), ['paymentBooked', 'left', 'barrierOrdered']);
  assert.equal(paid.events.find((e) => e.type === 'barrierOrdered')?.lane, 'out-2');
});

test('a car that backed off from the exit long ago opens nothing when it is paid for', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-2', CAR, minutes(40));
  assert.deepEqual(types(s.pay('A', minutes(60), { amount: fen(500) })), ['paymentBooked']);
});

test('an underpaid car that waits stays where it is', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-1', CAR, minutes(119));
  assert.deepEqual(types(s.pay('A', minutes(119), { amount: fen(500) })), ['paymentBooked']);
});

const ODD: readonly (readonly [
  name: string,
  over: { amount: number; at: number; payTime?: Instant | null; unPay?: number },
  string[],
])[] = [
  ['too much money is booked and flagged', { amount: 900, at: 30 }, ['OVERPAID']],
  ['another figure than ours is booked and flagged', { amount: 500, at: 30, unPay: 700 }, ['FIGURES_DIFFER']],
  ['a missing payTime is the moment of arrival', { amount: 500, at: 30, payTime: null }, ['PAY_TIME_ODD']],
  [
    'a payTime before the entry is disbelieved',
    { amount: 500, at: 30, payTime: instant(TEN - 60 * MINUTE) },
    ['PAY_TIME_ODD'],
  ],
  ['a payTime in the future gives no free parking', { amount: 500, at: 30, payTime: minutes(900) }, ['PAY_TIME_ODD']],
  ['a payTime a minute ahead is a clock, not a lie', { amount: 500, at: 30, payTime: minutes(31) }, []],
];

for (const [name, { amount, at, payTime, unPay }, expected] of ODD) {
  test(`money is never refused for a figure: ${name}`, () => {
    const s = scene();
    s.read('in-1', CAR, TEN);
    const over = { amount: fen(amount), payTime: payTime === undefined ? minutes(at) : payTime };
    const paid = s.pay('A', minutes(at), unPay === undefined ? over : { ...over, unPayAmount: fen(unPay) });
    assert.deepEqual(flags(paid), expected);
    assert.equal(s.info(CAR, minutes(at)).paidAmount, amount);
    assert.deepEqual(types(s.read('out-1', CAR, minutes(at + 31))), ['held']);
  });
}

test('paid for a car that has left: booked on its visit, flagged', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-1', CAR, minutes(10));
  const late = s.pay('A', minutes(20), { feeId: 'V1', amount: fen(500), payTime: minutes(9) });
  assert.deepEqual(flags(late), ['DEPARTED', 'OVERPAID']);
});

test('a stale feeId: booked on the visit it names, flagged, and the new visit owes what it owes', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('out-1', CAR, minutes(10));
  s.read('in-1', CAR, minutes(11));
  assert.deepEqual(flags(s.pay('A', minutes(100), { feeId: 'V1', amount: fen(500) })).slice(0, 1), ['STALE_FEE_ID']);
  assert.equal(s.info(CAR, minutes(100)).paidAmount, 0);
});

test('an unknown feeId falls back to the plate, if the car is here', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  const paid = s.pay('A', minutes(30), {
    feeId: 'NOPE',
    plate: CAR.kind === 'plate' ? CAR.plate : null,
    amount: fen(500),
  });
  assert.deepEqual(flags(paid), ['FEE_ID_FELL_BACK']);
});

test('an unknown feeId without a car: refused, the whole notice kept once; and booked if the car turns up', () => {
  const s = scene();
  const thePlate = CAR.kind === 'plate' ? CAR.plate : null;
  const over = { feeId: 'NOPE', plate: thePlate, amount: fen(500), payTime: minutes(30) };
  const first = s.pay('A', minutes(30), over);
  assert.deepEqual(types(first), ['paymentUnmatched']);
  assert.deepEqual(first.reply, { type: 'refused', code: 'FEE_ID_UNKNOWN', value: 'NOPE' });
  assert.deepEqual(s.pay('A', minutes(31), over).events, []);
  s.read('in-1', CAR, minutes(32), { history: TEN });
  assert.equal(s.pay('A', minutes(33), over).reply.type, 'booked');
});

test('a payment in the free minutes settles nothing and gives no longer grace', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(14), { amount: fen(0), payType: 0 });
  assert.deepEqual(types(s.read('out-1', CAR, minutes(28))), ['held']);
});

test('traffic counts passages in a half-open span, to the second, and not phantoms of superseded visits', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  s.read('in-1', CAR, minutes(1));
  s.read('out-1', CAR, minutes(2));
  const count = (from: Instant, to: Instant) => traffic(s.state.parks.get(P001), from, to);
  assert.deepEqual(count(TEN, minutes(2)), { inNum: 2, outNum: 0 });
  assert.deepEqual(count(instant(TEN + 1), instant(minutes(2) + 1)), { inNum: 1, outNum: 1 });
  assert.deepEqual(count(minutes(2), TEN), { inNum: 0, outNum: 0 });
});
