/** PayParkingFee (1.2): what is read, what is refused, what is kept, and that a retry is known as one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { PaymentNotice } from '../../src/core/park/commands.ts';
import { after, MINUTE } from '../../src/core/time.ts';
import { GatewayBusy, GatewayStopped } from '../../src/gateway/ports.ts';
import { collect } from '../../src/mallcoo/fields.ts';
import { digestOf, MAX_DETAILS, type PaymentReading, readPayment } from '../../src/mallcoo/payment.ts';
import { ZONE } from '../core/park/scene.ts';
import { formOf, plate, site, TEN } from './site.ts';

const CAR = '沪A68688';
const NOTICE = {
  parkId: 'P001',
  feeId: 'FEE1',
  orderNo: 'M20261122001',
  thirdTradeNo: '4200001234202611221234567890',
  plateNo: CAR,
  barcode: '',
  payTime: '2026-11-22 11:00:00',
  unPayAmount: 1000,
  amount: 700,
  deductionAmount: 300,
  deductionDetails: [
    { Type: 2, Identify: 'C-1', Minutes: 0, Amount: 200 },
    { Type: 3, Identify: '500', Minutes: 0, Amount: 100 },
  ],
  payChannel: 0,
  payType: 3,
  memberInfo: { Mobile: '13800138000', CardNo: 'K1', CardGrade: 'gold', Bonus: 1234.5 },
};

function read(fields: object): PaymentReading {
  return readPayment(collect(Object.entries(fields)), ZONE);
}

function notice(fields: object): PaymentNotice {
  const reading = read(fields);
  assert.equal(reading.type, 'read', JSON.stringify(reading));
  return reading.notice;
}

function dropped(fields: object): string {
  const reading = read(fields);
  assert.equal(reading.type, 'read', JSON.stringify(reading));
  return reading.dropped.map(({ field }) => field).join(' ');
}

test('a whole notice is read, deductions and member included', () => {
  assert.deepEqual(notice(NOTICE), {
    orderNo: 'M20261122001',
    feeId: 'FEE1',
    plate: CAR,
    barcode: null,
    payTime: after(TEN, 60 * MINUTE),
    unPayAmount: 1000,
    amount: 700,
    deductionAmount: 300,
    payChannel: 0,
    payType: 3,
    thirdTradeNo: '4200001234202611221234567890',
    deductionDetails: [
      { type: 2, identify: 'C-1', minutes: 0, amount: 200 },
      { type: 3, identify: '500', minutes: 0, amount: 100 },
    ],
    member: { mobile: '13800138000', cardNo: 'K1', cardGrade: 'gold', bonus: 1234.5 },
    rounded: false,
  });
});

test('feeId is understood as the examples of the standard misspell it: feeld', () => {
  assert.equal(notice({ orderNo: 'a', amount: 1, feeld: 'F7' }).feeId, 'F7');
  assert.equal(notice({ orderNo: 'a', amount: 1, feeld: 'F7', FEEID: 'F8' }).feeId, 'F8', 'the right name wins');
});

test('a 0 yuan payment has no trade number and may leave the amount out', () => {
  const zero = notice({ orderNo: 'a', payType: '0', deductionAmount: 500, thirdTradeNo: '' });
  assert.deepEqual([zero.amount, zero.thirdTradeNo, zero.payType, zero.deductionAmount], [0, null, 0, 500]);
  assert.deepEqual(read({ orderNo: 'a', payType: 1 }), { type: 'missing', field: 'amount' });
  assert.deepEqual(read({ orderNo: 'a' }), { type: 'missing', field: 'amount' });
});

test('unknown pay types and channels are kept as they are', () => {
  const odd = notice({ orderNo: 'a', amount: 1, payType: 99, payChannel: '7' });
  assert.deepEqual([odd.payType, odd.payChannel], [99, 7]);
});

test('without an order number, or with money that cannot be read, nothing can be booked', () => {
  assert.deepEqual(read({ amount: 1 }), { type: 'missing', field: 'orderNo' });
  const wrong: readonly (readonly [string, unknown])[] = [
    ['orderNo', 'x'.repeat(129)],
    ['orderNo', 2 ** 60],
    ['orderNo', {}],
    ['amount', -1],
    ['amount', 'abc'],
    ['amount', 1_000_000_001],
    ['amount', Number.POSITIVE_INFINITY],
    ['deductionAmount', '-5'],
    ['deductionAmount', [1]],
  ];
  for (const [field, value] of wrong) {
    const reading = read({ ...NOTICE, [field]: value });
    assert.equal(reading.type === 'invalid' && reading.problem.field, field, `${field} = ${value}`);
  }
  assert.equal(notice({ ...NOTICE, orderNo: 'x'.repeat(128) }).orderNo.length, 128);
});

test('the driver has paid: fields that only describe the payment are never a reason to refuse it', () => {
  const odd = {
    ...NOTICE,
    feeId: {},
    plateNo: '沪'.repeat(99),
    barcode: true,
    payTime: 'yesterday',
    unPayAmount: -1,
    payChannel: 'online',
    payType: 1.5,
    thirdTradeNo: [],
    deductionDetails: 'none',
    memberInfo: 'nobody',
  };
  const kept = notice(odd);
  assert.deepEqual([kept.orderNo, kept.amount, kept.deductionAmount], ['M20261122001', 700, 300]);
  const { feeId, barcode, payTime, unPayAmount, payChannel, payType, thirdTradeNo, member } = kept;
  for (const field of [feeId, kept.plate, barcode, payTime, unPayAmount, payChannel, payType, thirdTradeNo, member]) {
    assert.equal(field, null);
  }
  const all = 'payType unPayAmount deductionDetails feeId plateNo barcode payTime payChannel thirdTradeNo memberInfo';
  assert.equal(dropped(odd), all, 'and each of them is told');
});

test('fractions of a 分 are rounded half up and marked', () => {
  const half = notice({ orderNo: 'a', amount: 99.5, deductionAmount: '0.4' });
  assert.deepEqual([half.amount, half.deductionAmount, half.rounded], [100, 0, true]);
  assert.equal(notice({ orderNo: 'a', amount: '100.00' }).rounded, false);
  assert.equal(notice({ orderNo: 'a', amount: 1, deductionDetails: [{ Amount: 0.5 }] }).rounded, true);
  assert.ok(Object.is(notice({ orderNo: 'a', amount: '-0' }).amount, 0));
});

test('deduction details: names in any case, bounded in number, a bad line costs that line alone', () => {
  const lines = [{ TYPE: '1', identify: 77, MINUTES: '30', amount: '250' }, 'junk', { Type: 'x', Identify: 'C' }];
  const { deductionDetails } = notice({ orderNo: 'a', amount: 1, deductionDetails: lines });
  assert.deepEqual(deductionDetails, [
    { type: 1, identify: '77', minutes: 30, amount: 250 },
    { type: null, identify: 'C', minutes: null, amount: null },
  ]);
  assert.equal(
    dropped({ orderNo: 'a', amount: 1, deductionDetails: lines }),
    'deductionDetails[1] deductionDetails[2].Type',
  );
  const many = Array.from({ length: MAX_DETAILS + 5 }, (_, i) => ({ Type: i }));
  assert.equal(notice({ orderNo: 'a', amount: 1, deductionDetails: many }).deductionDetails.length, MAX_DETAILS);
  assert.equal(dropped({ orderNo: 'a', amount: 1, deductionDetails: many }), 'deductionDetails');
});

test('the same notice has the same digest as JSON, as text, as a form, in any order and spelling', () => {
  const digest = digestOf(notice(NOTICE));
  assert.match(digest, /^[0-9a-f]{32}$/);
  const form = formOf(NOTICE);
  assert.equal(digestOf(notice(Object.fromEntries(form))), digest);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(Object.entries(NOTICE), { minLength: Object.keys(NOTICE).length }),
      fc.boolean(),
      (entries, upper) => {
        const written = entries.map(([k, v]) => [upper ? k.toUpperCase() : k, typeof v === 'number' ? `${v}.0` : v]);
        assert.equal(digestOf(notice(Object.fromEntries(written))), digest);
      },
    ),
    { numRuns: 50 },
  );
});

test('other money, time, vehicle or details is another digest; the park, the order and the member are not in it', () => {
  const digest = digestOf(notice(NOTICE));
  const other = {
    feeId: 'FEE2',
    plateNo: '沪A68689',
    barcode: 'T1',
    payTime: '2026-11-22 11:00:01',
    unPayAmount: 1001,
    amount: 701,
    deductionAmount: 299,
    payChannel: 1,
    payType: 1,
    thirdTradeNo: '42',
    deductionDetails: [],
  };
  for (const [field, value] of Object.entries(other)) {
    assert.notEqual(digestOf(notice({ ...NOTICE, [field]: value })), digest, field);
  }
  assert.equal(digestOf(notice({ ...NOTICE, memberInfo: null, parkId: '' })), digest);
});

test('whatever is sent, reading a notice never throws, and what is read is whole money', () => {
  const value = fc.oneof(fc.anything(), fc.jsonValue(), fc.double(), fc.string());
  const names = fc.constantFrom(...Object.keys(NOTICE), 'feeld', '__proto__');
  fc.assert(
    fc.property(fc.array(fc.tuple(names, value), { maxLength: 14 }), (entries) => {
      const reading = readPayment(collect(entries), ZONE);
      if (reading.type !== 'read') return;
      const { amount, deductionAmount } = reading.notice;
      assert.ok(Number.isSafeInteger(amount) && amount >= 0);
      assert.ok(Number.isSafeInteger(deductionAmount) && deductionAmount >= 0);
      digestOf(reading.notice);
    }),
    { numRuns: 500 },
  );
});

test('a retry, four at once or as a form, gets the first answer again and books nothing more', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  s.clock.at = after(TEN, 61 * MINUTE);
  const all = await Promise.all([1, 2, 3, 4].map(() => s.post('PayParkingFee', NOTICE)));
  const form = formOf(NOTICE);
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  all.push(await s.post('PayParkingFee', form.toString(), type));
  for (const { status, json } of all) assert.deepEqual([status, json], [200, { resCode: 0, resMsg: '' }]);
  const booked = s.records.flatMap(({ events }) => events).filter(({ type: kind }) => kind === 'paymentBooked');
  assert.equal(booked.length, 1);
});

test('the same order with other content is refused and raises an alarm', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  await s.post('PayParkingFee', NOTICE);
  const { status, json } = await s.post('PayParkingFee', { ...NOTICE, amount: 701 });
  assert.equal(status, 200);
  assert.equal(json['resCode'], 1);
  assert.match(String(json['resMsg']), /M20261122001 was notified before with other content/);
  assert.deepEqual(s.faults, ['PAYMENT_CONFLICT P001 M20261122001']);
});

test('money for a vehicle that nobody knows is kept whole, answered with resCode 1, and raises an alarm', async (t) => {
  const s = await site(t);
  const { json } = await s.post('PayParkingFee', NOTICE);
  assert.equal(json['resCode'], 1);
  assert.match(String(json['resMsg']), /FEE1/);
  assert.equal(s.records[0]?.events[0]?.type, 'paymentUnmatched');
  assert.deepEqual(s.faults, ['PAYMENT_UNMATCHED P001 M20261122001']);
});

test('an unreadable payTime books the money, is flagged, and leaves a line in the log without the phone', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  const { json } = await s.post('PayParkingFee', { ...NOTICE, payTime: '22nd of November' });
  assert.equal(json['resCode'], 0);
  const event = s.records.flatMap(({ events }) => events).find(({ type }) => type === 'paymentBooked');
  assert.ok(event?.type === 'paymentBooked' && event.flags.includes('PAY_TIME_ODD'));
  assert.equal(s.lines.length, 1);
  assert.equal(s.lines[0]?.[1]['fields'], 'payTime');
  assert.ok(!JSON.stringify(s.lines).includes('13800138000'));
});

test('a full inbox and a stopping gateway are answered with 200 and resCode 1, so that Mallcoo sends it again', async (t) => {
  const busy = await site(t, { submit: () => Promise.reject(new GatewayBusy('full')) });
  const stopped = await site(t, { submit: () => Promise.reject(new GatewayStopped('stopping')) });
  const one = await busy.post('PayParkingFee', NOTICE);
  assert.deepEqual([one.status, one.json], [200, { resCode: 1, resMsg: 'busy: try again in a moment' }]);
  const two = await stopped.post('PayParkingFee', NOTICE);
  assert.deepEqual([two.status, two.json], [200, { resCode: 1, resMsg: 'stopping: try again in a moment' }]);
});

test('a defect of ours is a 500 with a line in the log, and the caller sees no stack', async (t) => {
  const s = await site(t, { submit: () => Promise.reject(new Error('secret detail')) });
  const { status, json, type } = await s.post('PayParkingFee', NOTICE);
  assert.deepEqual([status, json], [500, { resCode: 1, resMsg: 'internal error, recorded' }]);
  assert.equal(type, 'application/json; charset=utf-8');
  assert.match(String(s.lines[0]?.[1]['error']), /secret detail/);
});

test('the answer goes out only after the gateway has replied', async (t) => {
  let book: () => void = () => {};
  const s = await site(t, {
    submit: () =>
      new Promise((resolve) => {
        book = () => resolve({ type: 'booked', visit: 'FEE1' as never, repeated: false, flags: [] });
      }),
  });
  let answered = false;
  const call = s.post('PayParkingFee', NOTICE).then((reply) => {
    answered = true;
    return reply;
  });
  while (s.payments.length === 0) await setImmediate();
  // A query that comes later overtakes it: the payment alone waits.
  await s.post('GetTraffic', { startTime: '2026-11-22 00:00:00', endTime: '2026-11-23 00:00:00' });
  assert.equal(answered, false);
  book();
  assert.equal((await call).json['resCode'], 0);
});
