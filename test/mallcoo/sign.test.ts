/** The open platform's signature as a caller's proof: what it covers, the clock, and repeats. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParkId } from '../../src/core/ids.ts';
import { after, HOUR, type Instant, SECOND } from '../../src/core/time.ts';
import { type Auth, createGuard, MAX_REMEMBERED, REPEAT_MS } from '../../src/mallcoo/auth.ts';
import { signatureOf, timeStampOf } from '../../src/mallcoo/signature.ts';
import { park } from '../core/park/scene.ts';
import { NONE, plate, type Reply, raw, type Site, site, TEN } from './site.ts';

const CAR = '沪A68688';
const [ONE, TWO] = ['P001', 'P002'].map((id) => id as ParkId) as [ParkId, ParkId];
const KEYS = { publicKey: 'PUB123', privateKey: '0123456789abcdef' };
const SIGN: Auth = { type: 'sign', ...KEYS, maxSkewSeconds: 300 };
const SIGNED = { auth: new Map([[ONE, SIGN]]) };
const NOTICE = { orderNo: 'M1', plateNo: CAR, payTime: '2026-11-22 10:00:00', amount: 500, payType: 3 };

/** The headers of a signed call. */
function headers(body: string | Uint8Array, at: Instant, over: Record<string, string> = {}): Record<string, string> {
  const timeStamp = timeStampOf(at);
  const Sign = signatureOf({ ...KEYS, timeStamp, body });
  return { AppID: 'APP1', PublicKey: KEYS.publicKey, TimeStamp: timeStamp, Sign, ...over };
}

function signed(s: Site, call: string, fields: object, at = s.clock.at): Promise<Reply> {
  const body = JSON.stringify(fields);
  return s.post(call, body, headers(body, at));
}

const shown = ({ status, json }: Reply): unknown => [status, json['resCode'], json['resMsg']];
const WRONG = [401, 1, 'not authorised: the token or signature is missing or wrong'];

test('a signed call is answered; any part of it changed is not authorised', async (t) => {
  const s = await site(t, SIGNED);
  await s.enter(plate(CAR));
  const body = JSON.stringify({ plateNo: CAR });
  const good = headers(body, s.clock.at);
  const ask = (over: Record<string, string>, sent = body): Promise<Reply> =>
    s.post('GetParkingPaymentInfo', sent, { ...good, ...over });
  assert.equal((await ask({})).json['resCode'], 0);
  assert.equal((await ask({ Sign: (good['Sign'] ?? '').toLowerCase() })).json['resCode'], 0, 'hex in either case');
  assert.deepEqual(shown(await ask({}, `${body} `)), WRONG);
  assert.deepEqual(shown(await ask({ TimeStamp: timeStampOf(after(TEN, SECOND)) })), WRONG);
  assert.deepEqual(shown(await ask({ PublicKey: 'PUB124' })), WRONG);
  assert.deepEqual(shown(await ask({ Sign: '0'.repeat(16) })), WRONG);
  assert.deepEqual(shown(await ask({ Sign: '' })), WRONG);
  assert.deepEqual(shown(await s.post('GetParkingPaymentInfo', body, { 'X-Token': KEYS.privateKey })), WRONG);
});

test('the body is signed as its bytes are, a form or text in another encoding as well', async (t) => {
  const s = await site(t, SIGNED);
  await s.enter(plate(CAR));
  const form = `plateNo=${encodeURIComponent(CAR)}`;
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  assert.equal(
    (await s.post('GetParkingPaymentInfo', form, { ...headers(form, s.clock.at), ...type })).json['resCode'],
    0,
  );
  // 沪 in GBK: the signature is right, the body is not UTF-8, and that is what the caller is told.
  const gbk = Buffer.concat([Buffer.from('{"plateNo":"'), Buffer.from([0xbb, 0xa6]), Buffer.from('A68688"}')]);
  const init = { method: 'POST', headers: headers(gbk, s.clock.at), body: gbk };
  const reply = await s.fetch('/mallcoo/GetParkingPaymentInfo', init);
  assert.deepEqual(shown(reply), [400, 1, 'the body cannot be read: not UTF-8']);
});

test('a signed GET signs its query string; under an empty one nothing else can be asked', async (t) => {
  const s = await site(t, SIGNED);
  await s.enter(plate(CAR));
  const query = `plateNo=${encodeURIComponent(CAR)}&freeMinutes=30`;
  const path = `/mallcoo/GetParkingPaymentInfo?${query}`;
  assert.equal((await s.fetch(path, { headers: headers(query, s.clock.at) })).json['resCode'], 0);
  assert.deepEqual(shown(await s.fetch(path, { headers: headers('', s.clock.at) })), WRONG);
  const none = await s.fetch('/mallcoo/GetTraffic', { headers: headers('', s.clock.at) });
  assert.equal(none.json['resMsg'], 'startTime is required');
});

test('fields in the query of a POST are not signed, and not read', async (t) => {
  const s = await site(t, SIGNED);
  await s.enter(plate(CAR));
  const reply = await s.post(
    `GetParkingPaymentInfo?plateNo=${encodeURIComponent(CAR)}`,
    '{}',
    headers('{}', s.clock.at),
  );
  assert.equal(reply.json['resMsg'], 'plateNo or barcode is required');
});

test('a clock that is off by more than the bound is told by how much, but only to who holds the key', async (t) => {
  const s = await site(t, SIGNED);
  await s.enter(plate(CAR));
  const ask = (seconds: number): Promise<Reply> =>
    signed(s, 'GetParkingPaymentInfo', { plateNo: CAR }, after(TEN, seconds * SECOND));
  assert.equal((await ask(-300)).json['resCode'], 0);
  assert.equal((await ask(300)).json['resCode'], 0);
  const far = (seconds: string): unknown => [
    401,
    1,
    `the signature is right, but TimeStamp is ${seconds} s from this clock: set the clocks`,
  ];
  assert.deepEqual(shown(await ask(-301)), far('-301'));
  assert.deepEqual(shown(await ask(8 * 3_600)), far('+28800'), 'a time stamp that is not UTC+8');
  const old = headers('{}', after(TEN, -HOUR), { Sign: '0'.repeat(16) });
  assert.deepEqual(shown(await s.post('GetParkingPaymentInfo', '{}', old)), WRONG);
  for (const TimeStamp of ['', 'now', '2026-11-22 10:00:00', '1763776800']) {
    const Sign = signatureOf({ ...KEYS, timeStamp: TimeStamp, body: '{}' });
    assert.deepEqual(
      shown(await s.post('GetTraffic', '{}', { ...headers('{}', TEN), TimeStamp, Sign })),
      WRONG,
      TimeStamp,
    );
  }
});

test('replay: a query’s signature may come again for two seconds, then it is spent, for as long as it is in the bound', async (t) => {
  const s = await site(t, SIGNED);
  await s.enter(plate(CAR));
  const body = JSON.stringify({ plateNo: CAR });
  const recorded = headers(body, TEN);
  const again = (): Promise<Reply> => s.post('GetParkingPaymentInfo', body, recorded);
  assert.equal((await again()).json['resCode'], 0);
  s.clock.at = after(TEN, REPEAT_MS);
  assert.equal((await again()).json['resCode'], 0, 'two askers of one second look alike');
  const replayed = [401, 1, 'the signature was used before (TimeStamp 20261122100000): sign anew'];
  for (const seconds of [2.001, 60, 300]) {
    s.clock.at = after(TEN, seconds * SECOND);
    assert.deepEqual(shown(await again()), replayed, `${seconds} s later`);
  }
  s.clock.at = after(TEN, 301 * SECOND);
  assert.match(String((await again()).json['resMsg']), /-301 s from this clock/);
  assert.equal((await signed(s, 'GetParkingPaymentInfo', { plateNo: CAR })).json['resCode'], 0, 'signed anew');
});

test('replay: a payment is never refused for it; sent again byte for byte it gets the first answer and books nothing', async (t) => {
  const s = await site(t, SIGNED);
  await s.enter(plate(CAR));
  s.clock.at = after(TEN, HOUR);
  const body = JSON.stringify(NOTICE);
  const recorded = headers(body, s.clock.at);
  const twins = await Promise.all([1, 2, 3].map(() => s.post('PayParkingFee', body, recorded)));
  s.clock.at = after(TEN, HOUR + 200 * SECOND);
  for (const reply of [...twins, await s.post('PayParkingFee', body, recorded)]) {
    assert.deepEqual(shown(reply), [200, 0, '']);
  }
  assert.deepEqual(shown(await signed(s, 'PayParkingFee', NOTICE)), [200, 0, ''], 'and signed anew, as Mallcoo does');
  const booked = s.records.flatMap(({ events }) => events).filter(({ type }) => type === 'paymentBooked');
  assert.equal(booked.length, 1);
});

test('the AppID counts where one is configured', async (t) => {
  const s = await site(t, { auth: new Map([[ONE, { ...SIGN, appId: 'APP1' }]]) });
  await s.enter(plate(CAR));
  const body = JSON.stringify({ plateNo: CAR });
  const ask = (AppID: string): Promise<Reply> => s.post('GetParkingPaymentInfo', body, headers(body, TEN, { AppID }));
  assert.equal((await ask('APP1')).json['resCode'], 0);
  assert.deepEqual(shown(await ask('APP2')), WRONG);
});

test('who names no known key is turned away before its body is read', async (t) => {
  const s = await site(t, SIGNED);
  const head = (key: string): string =>
    `POST /mallcoo/PayParkingFee HTTP/1.1\r\nHost: x\r\nPublicKey: ${key}\r\nTimeStamp: 20261122100000\r\nSign: x\r\n`;
  const { text } = await raw(s.port, [`${head('PUB999')}Content-Length: 1000\r\n\r\n`], '}');
  assert.match(text, /^HTTP\/1\.1 401 /);
});

test('parks with a token, with a signature and with neither, on one gateway: each opens for its own callers', async (t) => {
  const three = 'P003' as ParkId;
  const auth = new Map<ParkId, Auth>([
    [ONE, SIGN],
    [TWO, { type: 'token', token: 'b' }],
    [three, NONE],
  ]);
  const s = await site(t, { parks: [park(), park({ id: TWO }), park({ id: three })], auth });
  for (const id of [ONE, TWO, three]) await s.enter(plate(CAR), id);
  const outcome = async (parkId: ParkId, own: Record<string, string> | 'sign'): Promise<unknown> => {
    const body = JSON.stringify({ parkId, plateNo: CAR });
    const reply = await s.post('GetParkingPaymentInfo', body, own === 'sign' ? headers(body, TEN) : own);
    return reply.status === 200 ? reply.json['resCode'] : reply.status;
  };
  const token = { 'X-Token': 'b' };
  assert.deepEqual([await outcome(ONE, 'sign'), await outcome(TWO, 'sign'), await outcome(three, 'sign')], [0, 401, 0]);
  assert.deepEqual([await outcome(ONE, token), await outcome(TWO, token), await outcome(three, token)], [401, 0, 0]);
  assert.deepEqual([await outcome(ONE, {}), await outcome(TWO, {}), await outcome(three, {})], [401, 401, 0]);
});

test('however many signatures come, a bounded number is remembered, and no true caller is refused for it', () => {
  const guard = createGuard([ONE], SIGNED.auth);
  const claim = (body: string) => {
    const timeStamp = timeStampOf(TEN);
    return { appId: '', publicKey: 'PUB123', timeStamp, sign: signatureOf({ ...KEYS, timeStamp, body }) };
  };
  const ask = (body: string, at = TEN): boolean => guard.verify(claim(body), body, true, at).proved;
  const later = after(TEN, 10 * SECOND);
  for (let i = 0; i < MAX_REMEMBERED; i += 1) assert.ok(ask(`${i}`));
  assert.equal(ask('0', later), false, 'the first is still remembered');
  assert.equal(ask('one more'), true);
  assert.equal(ask(`${MAX_REMEMBERED - 1}`, later), false, 'the last is still remembered');
  assert.equal(ask('0', later), true, 'the first has made room');
});

test('a park with an empty key does not start', () => {
  const empty: Auth = { ...SIGN, privateKey: '' };
  assert.throws(() => createGuard([ONE], new Map([[ONE, empty]])), /park P001: a key is empty/);
});
