/** Who may call. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParkId } from '../../src/core/ids.ts';
import { type Auth, createGuard } from '../../src/mallcoo/auth.ts';
import { park } from '../core/park/scene.ts';
import { NONE, plate, type Reply, raw, site } from './site.ts';

const CAR = '沪A68688';
const [ONE, TWO] = ['P001', 'P002'].map((id) => id as ParkId) as [ParkId, ParkId];
const token = (text: string): Auth => ({ type: 'token', token: text });
const shown = (reply: Reply): unknown => [reply.status, reply.json['resCode'], reply.json['resMsg']];

test('the token is taken from X-Token, from the bearer header, or from the query', async (t) => {
  const s = await site(t, { auth: new Map([[ONE, token('s3cret')]]) });
  await s.enter(plate(CAR));
  const ask = (headers: Record<string, string>, query = ''): Promise<Reply> =>
    s.post(`GetParkingPaymentInfo${query}`, { plateNo: CAR }, headers);
  assert.equal((await ask({ 'X-Token': 's3cret' })).json['resCode'], 0);
  assert.equal((await ask({ authorization: 'Bearer s3cret' })).json['resCode'], 0);
  assert.equal((await ask({ authorization: 'bearer s3cret' })).json['resCode'], 0);
  assert.equal((await ask({}, '?token=s3cret')).json['resCode'], 0);
  assert.equal((await s.fetch(`/mallcoo/GetParkingPaymentInfo?plateNo=${CAR}&token=s3cret`)).json['resCode'], 0);
  for (const headers of [{}, { 'X-Token': 'S3cret' }, { 'X-Token': 's3cret2' }, { authorization: 'Basic s3cret' }]) {
    const reply = await ask(headers);
    assert.deepEqual(shown(reply), [401, 1, 'not authorised: the token or signature is missing or wrong']);
    assert.equal(reply.type, 'application/json; charset=utf-8');
  }
});

test('a caller whom no park admits is turned away before its body is read', async (t) => {
  const s = await site(t, { auth: new Map([[ONE, token('s3cret')]]) });
  const head = 'POST /mallcoo/PayParkingFee HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n';
  const { text } = await raw(s.port, [head], '}');
  assert.match(text, /^HTTP\/1\.1 401 /);
});

test('with several parks a token opens its own, and nobody learns from a 401 whether another exists', async (t) => {
  const parks = [park(), park({ id: TWO })];
  const s = await site(t, {
    parks,
    auth: new Map([
      [ONE, token('a')],
      [TWO, token('b')],
    ]),
  });
  await s.enter(plate(CAR));
  await s.enter(plate(CAR), TWO);
  const ask = (parkId: string | undefined, own: string): Promise<Reply> =>
    s.post('GetParkingPaymentInfo', { parkId, plateNo: CAR }, { 'X-Token': own });
  assert.equal((await ask('P001', 'a')).json['resCode'], 0);
  assert.equal((await ask('P002', 'b')).json['resCode'], 0);
  const stranger = shown(await ask('P001', 'c'));
  assert.deepEqual(shown(await ask('P002', 'a')), stranger);
  assert.deepEqual(shown(await ask('P999', 'a')), stranger);
  assert.deepEqual(shown(await ask('P999', 'c')), stranger);
  assert.deepEqual(shown(await ask(undefined, 'c')), stranger);
  assert.match(String((await ask(undefined, 'a')).json['resMsg']), /^parkId is required/);
});

test('one token for all parks: its bearer is told that a park does not exist', async (t) => {
  const parks = [park(), park({ id: TWO })];
  const s = await site(t, {
    parks,
    auth: new Map([
      [ONE, token('a')],
      [TWO, token('a')],
    ]),
  });
  const reply = await s.post('GetParkingPaymentInfo', { parkId: 'P999' }, { 'X-Token': 'a' });
  assert.deepEqual(shown(reply), [200, 1, 'no such park: P999']);
});

test('an open park beside a closed one stays open, and the closed one closed', async (t) => {
  const parks = [park(), park({ id: TWO })];
  const s = await site(t, {
    parks,
    auth: new Map([
      [ONE, NONE],
      [TWO, token('b')],
    ]),
  });
  await s.enter(plate(CAR));
  await s.enter(plate(CAR), TWO);
  assert.equal((await s.post('GetParkingPaymentInfo', { parkId: ONE, plateNo: CAR })).json['resCode'], 0);
  assert.equal((await s.post('GetParkingPaymentInfo', { parkId: TWO, plateNo: CAR })).status, 401);
  const wrong = { 'X-Token': 'wrong' };
  assert.equal((await s.post('GetParkingPaymentInfo', { parkId: ONE, plateNo: CAR }, wrong)).json['resCode'], 0);
});

test('a park without an entry, or with an empty token, does not start', () => {
  assert.throws(() => createGuard([ONE, TWO], new Map([[ONE, NONE]])), /park P002: no authorisation configured/);
  assert.throws(() => createGuard([ONE], new Map([[ONE, token('')]])), /park P001: the token is empty/);
});
