/** GetParkingPaymentInfo (1.1): one test per reading of the standard that binds this call's edge. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParkId } from '../../src/core/ids.ts';
import { after, HOUR, MINUTE } from '../../src/core/time.ts';
import { park } from '../core/park/scene.ts';
import { tariffOf } from '../core/tariff/sheets.ts';
import { plate, site, TEN, ticket } from './site.ts';

const CAR = '沪A68688';

test('the golden case: total 1300, paid 1100, so 200 is due, with 500 of deduction asked', async (t) => {
  // ¥11 for the first two hours, ¥2 for each half hour after them: 11.00 at 2 h, 13.00 at 2 h 30.
  const tariff = tariffOf('price: [{ to: 2 h, price: 11 }, { price: 2 per 30 min }]');
  const s = await site(t, { parks: [park({ tariff })] });
  const feeId = await s.enter(plate(CAR));
  s.clock.at = after(TEN, 2 * HOUR);
  const payTime = '2026-11-22 12:00:00';
  const paid = await s.post('PayParkingFee', {
    feeId,
    orderNo: 'M1',
    plateNo: CAR,
    payTime,
    amount: 1_100,
    payType: 3,
  });
  assert.deepEqual(paid.json, { resCode: 0, resMsg: '' });
  s.clock.at = after(TEN, 150 * MINUTE);
  const { json, status } = await s.post('GetParkingPaymentInfo', { plateNo: CAR, freeAmount: 500 });
  assert.equal(status, 200);
  assert.deepEqual(json, {
    resCode: 0,
    resMsg: '',
    feeId,
    entryTime: '2026-11-22 10:00:00',
    parkingMinutes: 150,
    totalAmount: 1300,
    unPayAmount: 200,
    deductionAmount: 500,
    paidAmount: 1100,
    offlineDeduction: '',
  });
  const order =
    'resCode resMsg feeId entryTime parkingMinutes totalAmount unPayAmount deductionAmount paidAmount offlineDeduction';
  assert.equal(Object.keys(json).join(' '), order);
});

test('asking changes nothing, whatever coupons are offered', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  s.clock.at = after(TEN, 90 * MINUTE);
  const before = s.records.length;
  const plain = await s.post('GetParkingPaymentInfo', { plateNo: CAR });
  const offered = await s.post('GetParkingPaymentInfo', { plateNo: CAR, freeMinutes: 60, freeAmount: 300 });
  assert.equal(offered.json['deductionAmount'], 800);
  assert.equal(offered.json['unPayAmount'], plain.json['unPayAmount']);
  assert.deepEqual((await s.post('GetParkingPaymentInfo', { plateNo: CAR })).json, plain.json);
  assert.equal(s.records.length, before);
});

test('a clock behind the journal stands still: the price never falls below that of the last record', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  s.clock.at = after(TEN, 3 * HOUR);
  await s.enter(plate('沪B00001'));
  s.clock.at = TEN;
  assert.equal((await s.post('GetParkingPaymentInfo', { plateNo: CAR })).json['parkingMinutes'], 180);
});

test('plates are the same however the user types them', async (t) => {
  const s = await site(t);
  await s.enter(plate('沪A10010'));
  for (const plateNo of ['沪A·10010', ' 沪a10010 ', '沪AIOOIO', '沪Ａ１００１０']) {
    assert.equal((await s.post('GetParkingPaymentInfo', { plateNo })).json['resCode'], 0, plateNo);
  }
});

test('field names match without regard to case, blanks around them are overlooked', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  for (const name of ['plateNo', 'PLATENO', 'plateno', 'PlateNo ']) {
    assert.equal((await s.post('GetParkingPaymentInfo', { [name]: CAR })).json['resCode'], 0, name);
  }
});

test('of names that differ only in case the first that is not absent counts', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  const ask = async (body: string): Promise<unknown> => (await s.post('GetParkingPaymentInfo', body)).json['resCode'];
  assert.equal(await ask(`{"plateNo":"${CAR}","PlateNo":"沪B00000"}`), 0);
  assert.equal(await ask(`{"plateNo":"沪B00000","PlateNo":"${CAR}"}`), 1);
  assert.equal(await ask(`{"plateNo":"","PLATENO":null,"PlateNo":"${CAR}"}`), 0);
});

test('numbers may come as text, and empty text and null are absent', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  s.clock.at = after(TEN, 2 * HOUR);
  const ask = async (fields: object): Promise<unknown> =>
    (await s.post('GetParkingPaymentInfo', { plateNo: CAR, ...fields })).json['deductionAmount'];
  assert.equal(await ask({ freeMinutes: '60.0', freeAmount: '100' }), 600);
  assert.equal(await ask({ freeMinutes: 60, freeAmount: 100 }), 600);
  assert.equal(await ask({ freeMinutes: '', freeAmount: null, barcode: '' }), 0);
  assert.equal(await ask({ freeAmount: 99.5 }), 100, 'half up');
  assert.equal(await ask({ freeAmount: '1e2' }), 100);
});

test('a wrong figure is named, with its value and what was expected', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  const wrong: readonly (readonly [string, unknown])[] = [
    ['freeMinutes', -1],
    ['freeMinutes', 1.5],
    ['freeMinutes', 'soon'],
    ['freeMinutes', 10_000_001],
    ['freeMinutes', '0x10'],
    ['freeMinutes', true],
    ['freeAmount', -0.4],
    ['freeAmount', 'NaN'],
    ['freeAmount', 1_000_000_001],
    ['freeAmount', [5]],
    ['plateNo', { a: 1 }],
    ['plateNo', '沪'.repeat(80)],
    ['barcode', 1e20],
    ['parkId', []],
  ];
  for (const [field, value] of wrong) {
    const { status, json } = await s.post('GetParkingPaymentInfo', { plateNo: CAR, [field]: value });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(json), ['resCode', 'resMsg']);
    assert.equal(json['resCode'], 1);
    assert.match(String(json['resMsg']), new RegExp(`^${field} is not valid: .+; expected `), `${field} ${value}`);
    assert.ok(String(json['resMsg']).length < 160);
  }
  const huge = await s.post('GetParkingPaymentInfo', `{"plateNo":"${CAR}","freeAmount":1e999}`);
  assert.match(String(huge.json['resMsg']), /^freeAmount is not valid: Infinity/);
});

test('no credential, an unknown car and a plate and ticket of two cars each get a message of their own', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  await s.enter(ticket('T-1'));
  const refusal = async (fields: object): Promise<unknown> => {
    const { json } = await s.post('GetParkingPaymentInfo', fields);
    assert.deepEqual(Object.keys(json), ['resCode', 'resMsg'], 'no invented fields');
    assert.equal(json['resCode'], 1);
    return json['resMsg'];
  };
  assert.equal(await refusal({}), 'plateNo or barcode is required');
  assert.equal(await refusal({ plateNo: '无牌' }), 'plateNo or barcode is required');
  assert.equal(await refusal({ plateNo: '沪B11111' }), 'no such vehicle in the park: 沪B11111');
  assert.match(String(await refusal({ plateNo: CAR, barcode: 'T-1' })), /different visits/);
  const long = String(await refusal({ barcode: 'x'.repeat(3_000) }));
  assert.ok(long.length < 120, 'the value is shortened');
  assert.equal((await s.post('GetParkingPaymentInfo', { plateNo: '无牌', barcode: 'T-1' })).json['resCode'], 0);
});

test('messages are Chinese unless English is configured', async (t) => {
  const s = await site(t, { language: 'zh' });
  const { json } = await s.post('GetParkingPaymentInfo', { plateNo: CAR, freeMinutes: 'x' });
  assert.equal(json['resMsg'], '参数 freeMinutes 无效：x，应为 0 到 10000000 的整数（分钟）');
});

test('parkId: may be left out with one park, is required with several, and an unknown one is told', async (t) => {
  const one = await site(t);
  await one.enter(plate(CAR));
  assert.equal((await one.post('GetParkingPaymentInfo', { plateNo: CAR })).json['resCode'], 0);
  assert.equal((await one.post('GetParkingPaymentInfo', { plateNo: CAR, parkId: 'P001' })).json['resCode'], 0);
  const wrong = await one.post('GetParkingPaymentInfo', { plateNo: CAR, parkId: 'P9' });
  assert.deepEqual([wrong.status, wrong.json], [200, { resCode: 1, resMsg: 'no such park: P9' }]);

  const several = await site(t, { parks: [park(), park({ id: '2' as ParkId })] });
  await several.enter(plate(CAR), '2');
  const none = await several.post('GetParkingPaymentInfo', { plateNo: CAR });
  assert.match(String(none.json['resMsg']), /^parkId is required/);
  assert.equal((await several.post('GetParkingPaymentInfo', { plateNo: CAR, parkId: '2' })).json['resCode'], 0);
  assert.equal(
    (await several.post('GetParkingPaymentInfo', { plateNo: CAR, parkId: 2 })).json['resCode'],
    0,
    'a number',
  );
  assert.equal((await several.post('GetParkingPaymentInfo', { plateNo: CAR, parkId: 'P001' })).json['resCode'], 1);
});
