/** How calls arrive: paths, bodies, methods. The standard is silent here; these are the readings that bind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnsweredCall } from '../../src/mallcoo/app.ts';
import { formOf, plate, site } from './site.ts';

const CAR = '沪A68688';
const JSON_TYPE = 'application/json; charset=utf-8';
const NAMES = ['GetParkingPaymentInfo', 'PayParkingFee', 'GetTraffic'];

test('paths match without regard to case, under any way of writing the base path', async (t) => {
  for (const basePath of ['/mallcoo', 'Mallcoo/', '/MALLCOO']) {
    const s = await site(t, { basePath });
    await s.enter(plate(CAR));
    for (const path of ['GetParkingPaymentInfo', 'getparkingpaymentinfo', 'GETPARKINGPAYMENTINFO']) {
      assert.equal((await s.post(path, { plateNo: CAR })).json['resCode'], 0, `${basePath} ${path}`);
    }
  }
  const bare = await site(t, { basePath: '' });
  assert.equal((await bare.fetch('/GetTraffic')).status, 200);
  const own = await site(t, { paths: { info: '/fee/Query' } });
  await own.enter(plate(CAR));
  assert.equal((await own.post('fee/query', { plateNo: CAR })).json['resCode'], 0);
  assert.equal((await own.post('GetParkingPaymentInfo', { plateNo: CAR })).status, 404);
});

test('the same fields come as JSON, as a form, and for a query in the query string', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  const fields = { parkId: 'P001', plateNo: CAR, freeMinutes: 30, freeAmount: 5 };
  const json = await s.post('GetParkingPaymentInfo', fields);
  assert.equal(json.json['deductionAmount'], 5);
  const form = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' };
  assert.deepEqual((await s.post('GetParkingPaymentInfo', formOf(fields).toString(), form)).json, json.json);
  assert.deepEqual((await s.fetch(`/mallcoo/GetParkingPaymentInfo?${formOf(fields)}`)).json, json.json);
});

test('what begins with { is JSON, whatever its content type says, and a byte order mark is overlooked', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  const body = JSON.stringify({ plateNo: CAR });
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream', '']) {
    for (const text of [body, `\ufeff${body}`, `\r\n ${body}`]) {
      const { json } = await s.post('GetParkingPaymentInfo', text, { 'content-type': type });
      assert.equal(json['resCode'], 0, `${type}: ${JSON.stringify(text)}`);
    }
  }
});

test('a body that is no object is a 400 with a reason, and never repeats what was in it', async (t) => {
  const s = await site(t);
  const wrong: readonly (readonly [string | Uint8Array, RegExp])[] = [
    ['', /: empty$/],
    ['  ', /: empty$/],
    ['[1]', /a JSON object is needed, not \[…\]$/],
    ['null', /a JSON object is needed, not null$/],
    ['"text"', /a JSON object is needed, not text$/],
    ['{"plateNo":"x",}', /not JSON: .+ at position \d+/],
    ['{"plateNo":', /not JSON: Unexpected end/],
    ['{"mobile":13800138000x}', /not JSON: /],
    ['plateNo=x', /not JSON: /],
    [Uint8Array.from([0x7b, 0x22, 0xbb, 0xa6, 0x22, 0x3a, 0x31, 0x7d]), /: not UTF-8$/],
  ];
  for (const [body, reason] of wrong) {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const { status, json, type } = await s.fetch('/mallcoo/PayParkingFee', init);
    assert.deepEqual([status, type, json['resCode']], [400, JSON_TYPE, 1], String(body));
    assert.match(String(json['resMsg']), reason);
    assert.ok(!String(json['resMsg']).includes('13800138000'));
  }
});

test('an unknown path is a 404 and a wrong method a 405: a payment is never made by opening a link', async (t) => {
  const s = await site(t);
  for (const path of ['/', '/mallcoo', '/mallcoo/', '/GetTraffic', '/mallcoo/Other', '/mallcoo/GetTraffic/x']) {
    const { status, json, type } = await s.fetch(path, { method: 'POST', body: '{}' });
    assert.deepEqual([status, type, Object.keys(json)], [404, JSON_TYPE, ['resCode', 'resMsg']], path);
  }
  const link = await s.fetch('/mallcoo/payparkingfee?orderNo=1&amount=1&plateNo=x');
  assert.deepEqual([link.status, link.json], [405, { resCode: 1, resMsg: 'this call does not take GET' }]);
  assert.equal(s.payments.length, 0);
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    for (const name of NAMES) assert.equal((await s.fetch(`/mallcoo/${name}`, { method })).status, 405, method);
  }
});

test('odd names in a body are only names', async (t) => {
  const s = await site(t);
  await s.enter(plate(CAR));
  const body = `{"__proto__":{"plateNo":"沪B00000"},"constructor":1,"":2,"plateNo":"${CAR}"}`;
  assert.equal((await s.post('GetParkingPaymentInfo', body)).json['resCode'], 0);
});

test('each answered call is told once, with its park, its plate, its code and how long it took', async (t) => {
  const calls: AnsweredCall[] = [];
  const s = await site(t, { onCall: (call) => calls.push(call) });
  await s.enter(plate(CAR));
  await s.post('getparkingPAYMENTinfo', { plateNo: '沪a-68688' });
  await s.post('PayParkingFee', { plateNo: CAR });
  await s.fetch('/mallcoo/PayParkingFee');
  await s.post('GetTraffic', 'x');
  await s.fetch('/elsewhere');
  const told = calls.map(({ path, park, plate: seen, code }) => [path, park, seen, code]);
  assert.deepEqual(told, [
    ['GetParkingPaymentInfo', 'P001', CAR, null],
    ['PayParkingFee', 'P001', null, 'FIELD_REQUIRED'],
    ['PayParkingFee', null, null, 'METHOD_UNKNOWN'],
    ['GetTraffic', null, null, 'BODY_UNREADABLE'],
    ['/elsewhere', null, null, 'PATH_UNKNOWN'],
  ]);
  for (const { ms } of calls) assert.ok(ms >= 0);
});
