/** The readings of the standard that concern a payment from the question to the exit, each through real HTTP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParkId } from '../../src/core/ids.ts';
import type { ParkEvent } from '../../src/core/park/events.ts';
import { after, MINUTE, SECOND, zoneOf } from '../../src/core/time.ts';
import { park } from '../core/park/scene.ts';
import { formOf, plate, type Reply, type Site, site, TEN, ticket } from './site.ts';

const CAR = '沪A68688';
const OK = { resCode: 0, resMsg: '' };
const DAY = { startTime: '2026-11-22 00:00:00', endTime: '2026-11-23 00:00:00' };

/** A payment of ¥5, which is what the first hour costs, at 11:00. */
const NOTICE = { orderNo: 'M1', plateNo: CAR, payTime: '2026-11-22 11:00:00', amount: 500, payType: 3, payChannel: 0 };

function events<T extends ParkEvent['type']>(s: Site, type: T): readonly Extract<ParkEvent, { type: T }>[] {
  const all = s.records.flatMap((record) => record.events);
  return all.filter((event): event is Extract<ParkEvent, { type: T }> => event.type === type);
}

const flags = (s: Site): unknown => events(s, 'paymentBooked').map((event) => event.flags.join(' '));
function at(s: Site, minutes: number): void {
  s.clock.at = after(TEN, minutes * MINUTE);
}
const ask = async (s: Site, fields: object = { plateNo: CAR }): Promise<Reply['json']> =>
  (await s.post('GetParkingPaymentInfo', fields)).json;
const pay = async (s: Site, fields: object = {}): Promise<Reply['json']> =>
  (await s.post('PayParkingFee', { ...NOTICE, ...fields })).json;

test('each call takes JSON and a form, and the two queries a query string', async (t) => {
  const s = await site(t);
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  await s.enter(plate(CAR));
  for (const [call, fields] of [['GetParkingPaymentInfo', { plateNo: CAR }] as const, ['GetTraffic', DAY] as const]) {
    const json = await s.post(call, fields);
    assert.equal(json.json['resCode'], 0);
    assert.deepEqual((await s.post(call, formOf(fields).toString(), type)).json, json.json, `${call} as a form`);
    assert.deepEqual((await s.fetch(`/mallcoo/${call}?${formOf(fields)}`)).json, json.json, `${call} as a query`);
  }
  assert.deepEqual((await s.post('PayParkingFee', formOf(NOTICE).toString(), type)).json, OK);
  assert.equal((await s.fetch(`/mallcoo/PayParkingFee?${formOf({ ...NOTICE, orderNo: 'M2' })}`)).status, 405);
  assert.equal(events(s, 'paymentBooked').length, 1);
});

test('what adapters really send: "feeId " with a blank, feeld, other cases, every number as text', async (t) => {
  const s = await site(t);
  const feeId = await s.enter(plate(CAR));
  at(s, 60);
  for (const [index, name] of ['feeId', 'feeId ', 'feeld', 'FEEID', 'FeeId'].entries()) {
    const fields = { plateNo: '', ORDERNO: `M${index}`, orderNo: null, Amount: '100.00', amount: '', [name]: feeId };
    assert.deepEqual(await pay(s, fields), OK, name);
  }
  assert.deepEqual(
    events(s, 'paymentBooked').map(({ visit, notice }) => [visit, notice.amount]),
    Array.from({ length: 5 }, () => [feeId, 100]),
  );
});

test('paidAmount is money and deductions of payments so far, so that neither is asked for again', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  at(s, 120);
  await pay(s, { payTime: '2026-11-22 12:00:00', amount: 600, deductionAmount: 400, payChannel: 0 });
  const { totalAmount, paidAmount, unPayAmount, deductionAmount } = await ask(s);
  assert.deepEqual([totalAmount, paidAmount, unPayAmount, deductionAmount], [1_000, 1_000, 0, 0]);
  await pay(s, { orderNo: 'M2', payTime: '2026-11-22 12:00:00', amount: 100, payChannel: 1 });
  assert.equal((await ask(s))['paidAmount'], 1_100, 'a payment at the booth counts as one online');
});

test('feeId and entryTime are the same for all of a visit, and a new visit has another feeId', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  const first = await ask(s);
  at(s, 60);
  await pay(s);
  const later = await ask(s, { plateNo: CAR, freeMinutes: 30 });
  assert.deepEqual([later['feeId'], later['entryTime']], [first['feeId'], first['entryTime']]);
  await s.leave(plate(CAR));
  at(s, 200);
  await s.enter(plate(CAR));
  assert.notEqual((await ask(s))['feeId'], first['feeId']);
});

test('times are the park’s local time, whatever zone it lies in', async (t) => {
  const s = await site(t, { parks: [park({ zone: zoneOf('America/New_York') })] });
  await s.enter(plate(CAR));
  assert.equal((await ask(s))['entryTime'], '2026-11-21 21:00:00');
  const count = await s.post('GetTraffic', { startTime: '2026-11-21 21:00:00', endTime: '2026-11-21 21:00:01' });
  assert.equal(count.json['inNum'], 1);
  at(s, 60);
  await pay(s, { payTime: '2026-11-21 22:00:00' });
  assert.deepEqual(flags(s), ['FEE_ID_FELL_BACK'], 'and payTime is read as such: it is not odd');
});

test('deductionAmount is free money plus what the free minutes are worth, and is capped only where that is configured', async (t) => {
  for (const [capDeduction, deduction] of [[false, 1_100] as const, [true, 1_000] as const]) {
    const s = await site(t, { parks: [park({ capDeduction })] });
    await s.enter(plate(CAR));
    at(s, 120);
    const plain = await ask(s);
    // 120 minutes cost 10.00, 60 minutes 5.00.
    const offered = await ask(s, { plateNo: CAR, freeMinutes: 60, freeAmount: 600 });
    assert.deepEqual(offered, { ...plain, deductionAmount: deduction });
  }
});

test('money is never refused because a figure differs: it is booked, credited and flagged', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  at(s, 60);
  assert.deepEqual(await pay(s, { unPayAmount: 123, amount: 200 }), OK);
  assert.deepEqual(flags(s), ['FEE_ID_FELL_BACK FIGURES_DIFFER UNDERPAID']);
  const { paidAmount, unPayAmount } = await ask(s);
  assert.deepEqual([paidAmount, unPayAmount], [200, 300], 'underpaid: the rest is still asked');
  assert.deepEqual(await pay(s, { orderNo: 'M2', amount: 9_000 }), OK);
  assert.deepEqual(flags(s), ['FEE_ID_FELL_BACK FIGURES_DIFFER UNDERPAID', 'FEE_ID_FELL_BACK OVERPAID']);
});

test('0 元: a payment by deductions alone, without amount and trade number, settles the visit, and the car leaves', async (t) => {
  const s = await site(t);
  const feeId = await s.enter(plate(CAR));
  at(s, 60);
  const { payTime, orderNo } = NOTICE;
  const zero = { feeId, orderNo, payTime, payType: 0, thirdTradeNo: '', deductionAmount: 500 };
  assert.deepEqual((await s.post('PayParkingFee', zero)).json, OK);
  assert.equal((await ask(s))['unPayAmount'], 0);
  await s.leave(plate(CAR));
  assert.equal(events(s, 'left').length, 1);
});

test('a price asked at 10:58 and paid at 11:02 is honoured', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  at(s, 58);
  const { feeId, unPayAmount } = await ask(s);
  assert.equal(unPayAmount, 500);
  at(s, 62);
  assert.equal((await ask(s))['unPayAmount'], 1_000, 'the next hour has begun');
  assert.deepEqual(await pay(s, { feeId, payTime: '2026-11-22 11:02:00', unPayAmount, amount: unPayAmount }), OK);
  assert.equal((await ask(s))['unPayAmount'], 0);
  assert.deepEqual(flags(s), ['']);
});

test('a settled car leaves free for the grace after payTime; a retry in it does not make it longer', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  at(s, 60);
  await pay(s);
  at(s, 74);
  assert.deepEqual(await pay(s), OK);
  at(s, 75);
  assert.equal((await ask(s))['unPayAmount'], 0);
  s.clock.at = after(TEN, 75 * MINUTE + SECOND);
  assert.equal((await ask(s))['unPayAmount'], 500, 'afterPayment: continue');
});

test('a payment for a car that has left, and one with the feeId of its earlier visit, are booked there and flagged', async (t) => {
  const s = await site(t);
  const feeId = await s.enter(plate(CAR));
  at(s, 10);
  await s.leave(plate(CAR));
  assert.deepEqual(await pay(s, { feeId, payTime: '2026-11-22 10:10:00' }), OK);
  at(s, 20);
  await s.enter(plate(CAR));
  assert.deepEqual(await pay(s, { feeId, orderNo: 'M2', payTime: '2026-11-22 10:20:00' }), OK);
  assert.deepEqual(flags(s), ['DEPARTED OVERPAID', 'STALE_FEE_ID OVERPAID']);
  assert.ok(events(s, 'paymentBooked').every(({ visit }) => visit === feeId));
  assert.equal((await ask(s))['paidAmount'], 0, 'the new visit owes what it owes');
});

test('an unknown feeId falls back to the plate or the ticket of a car that is there', async (t) => {
  const s = await site(t);
  const [one, two] = [await s.enter(plate(CAR)), await s.enter(ticket('T-1'))];
  at(s, 60);
  assert.deepEqual(await pay(s, { feeId: 'NOBODY' }), OK);
  assert.deepEqual(await pay(s, { feeId: 'NOBODY', orderNo: 'M2', plateNo: '', barcode: 'T-1' }), OK);
  assert.deepEqual(
    events(s, 'paymentBooked').map(({ visit }) => visit),
    [one, two],
  );
  assert.deepEqual(flags(s), ['FEE_ID_FELL_BACK', 'FEE_ID_FELL_BACK']);
});

test('a ticket is asked for, paid and let out like a plate', async (t) => {
  const s = await site(t);
  const feeId = await s.enter(ticket('T-1'));
  at(s, 60);
  const info = await ask(s, { barcode: 'T-1' });
  assert.deepEqual([info['feeId'], info['unPayAmount']], [feeId, 500]);
  assert.deepEqual(await pay(s, { feeId, plateNo: '', barcode: 'T-1' }), OK);
  assert.equal((await ask(s, { barcode: 'T-1' }))['unPayAmount'], 0);
  await s.leave(ticket('T-1'));
  assert.equal((await ask(s, { barcode: 'T-1' }))['resMsg'], 'no such vehicle in the park: T-1');
});

test('fifty callers at once with one orderNo: one booking, and all get its answer', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  at(s, 60);
  const replies = await Promise.all(Array.from({ length: 50 }, () => pay(s)));
  for (const reply of replies) assert.deepEqual(reply, OK);
  assert.equal(events(s, 'paymentBooked').length, 1);
  assert.equal((await ask(s))['paidAmount'], 500);
});

test('two orders with one thirdTradeNo are two payments; one orderNo in two parks is two orders', async (t) => {
  const two = 'P002' as ParkId;
  const s = await site(t, { parks: [park(), park({ id: two })] });
  await s.enter(plate(CAR));
  await s.enter(plate(CAR), two);
  at(s, 60);
  for (const [parkId, orderNo] of [['P001', 'M1'] as const, ['P001', 'M2'] as const, ['P002', 'M1'] as const]) {
    assert.deepEqual(await pay(s, { parkId, orderNo, thirdTradeNo: '4200', amount: 100 }), OK);
  }
  const paid = async (parkId: string): Promise<unknown> => (await ask(s, { parkId, plateNo: CAR }))['paidAmount'];
  assert.deepEqual([await paid('P001'), await paid('P002')], [200, 100]);
});

test('deduction details and the member are kept with the payment, the member’s points as a total', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  at(s, 60);
  await pay(s, {
    deductionAmount: 100,
    deductionDetails: [{ Type: 3, Identify: '500', Minutes: 0, Amount: 100 }],
    memberInfo: { Mobile: '13800138000', CardNo: 'K1', CardGrade: 'gold', Bonus: 1234.5 },
  });
  const [booked] = events(s, 'paymentBooked');
  assert.deepEqual(booked?.notice.deductionDetails, [{ type: 3, identify: '500', minutes: 0, amount: 100 }]);
  assert.deepEqual(booked?.notice.member, { mobile: '13800138000', cardNo: 'K1', cardGrade: 'gold', bonus: 1234.5 });
});

test('a car that waits at the exit has its arm opened by the payment itself', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  at(s, 60);
  await s.leave(plate(CAR));
  assert.equal(events(s, 'left').length, 0, 'it owes, and is held');
  await pay(s);
  const last = s.records.find((record) => record.events.some(({ type }) => type === 'paymentBooked'));
  assert.deepEqual(
    last?.events.map(({ type }) => type),
    ['paymentBooked', 'left', 'barrierOrdered'],
  );
});

test('GetTraffic counts passages, not cars, and each park its own', async (t) => {
  const two = 'P002' as ParkId;
  const s = await site(t, { parks: [park(), park({ id: two })] });
  for (const minutes of [0, 20]) {
    at(s, minutes);
    await s.enter(plate(CAR));
    at(s, minutes + 5);
    await s.leave(plate(CAR));
  }
  await s.enter(plate(CAR), two);
  const count = async (parkId: string): Promise<unknown> => (await s.post('GetTraffic', { ...DAY, parkId })).json;
  assert.deepEqual(await count('P001'), { ...OK, inNum: 2, outNum: 2 });
  assert.deepEqual(await count('P002'), { ...OK, inNum: 1, outNum: 0 });
});

test('a plate that was corrected after a misreading is one passage', async (t) => {
  const s = await site(t);
  await s.enter(plate('沪A6868B'), 'P001', { identity: 'id:1', confidence: 0.7 });
  await s.enter(plate(CAR), 'P001', { identity: 'id:1', confidence: 0.9 });
  const count = await s.post('GetTraffic', DAY);
  assert.deepEqual([count.json['inNum'], (await ask(s))['resCode']], [1, 0]);
  assert.equal((await ask(s, { plateNo: '沪A6868B' }))['resCode'], 1);
});
