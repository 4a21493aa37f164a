/** The open platform's signature. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../src/core/time.ts';
import { parseTimeStamp, signatureOf, timeStampOf } from '../../src/mallcoo/signature.ts';

const KEYS = { publicKey: 'PUB123', privateKey: '0123456789abcdef', timeStamp: '20240501120000' };
const ENTRY = '{"ParkCode":"1","PlateNo":"沪A68688","InTime":"2017-03-27 14:30:19"}';

test('golden vector: a body with a plate is signed B044968DB76D8166, as text and as bytes', () => {
  assert.equal(signatureOf({ ...KEYS, body: ENTRY }), 'B044968DB76D8166');
  assert.equal(signatureOf({ ...KEYS, body: Buffer.from(ENTRY) }), 'B044968DB76D8166');
});

test('golden vector: an empty body is signed B90863B3FA01EAD2', () => {
  assert.equal(signatureOf({ ...KEYS, body: '' }), 'B90863B3FA01EAD2');
  assert.equal(signatureOf({ ...KEYS, body: new Uint8Array() }), 'B90863B3FA01EAD2');
});

test('bytes are signed as they are: a plate in GBK has another signature than any text', () => {
  const gbk = Buffer.from([0xbb, 0xa6]);
  assert.notEqual(signatureOf({ ...KEYS, body: gbk }), signatureOf({ ...KEYS, body: gbk.toString() }));
});

test('every part counts: keys, time and each character of the body', () => {
  const other = { publicKey: 'PUB124', privateKey: '1123456789abcdef', timeStamp: '20240501120001', body: `${ENTRY} ` };
  for (const [part, value] of Object.entries(other)) {
    assert.notEqual(signatureOf({ ...KEYS, body: ENTRY, [part]: value }), 'B044968DB76D8166', part);
  }
});

test('a time stamp is UTC+8 to the second, and is read back', () => {
  const noon = instant(Date.parse('2024-05-01T12:00:00+08:00'));
  assert.equal(timeStampOf(noon), '20240501120000');
  assert.equal(timeStampOf(instant(noon + 999)), '20240501120000');
  assert.equal(parseTimeStamp('20240501120000'), noon);
  // Shanghai kept summer time in 1988; the platform does not.
  assert.equal(parseTimeStamp('19880701000000'), Date.parse('1988-07-01T00:00:00+08:00'));
});

test('what is no time stamp is none', () => {
  for (const text of ['', '2024-05-01 12:00:00', '2024050112000', '202405011200000', '20240230120000', '1714536000']) {
    assert.equal(parseTimeStamp(text), undefined, text);
  }
});
