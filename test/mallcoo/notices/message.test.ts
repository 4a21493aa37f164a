/** What goes over the wire, and what an answer means: tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NoticeId, VisitId } from '../../../src/core/ids.ts';
import type { Notice } from '../../../src/core/park/notice.ts';
import { normalisePlate } from '../../../src/core/plate.ts';
import { HOUR, instant, MINUTE, zoneOf } from '../../../src/core/time.ts';
import { noticeBody, noticeRequest, signedHeaders } from '../../../src/mallcoo/notices/message.ts';
import {
  afterSending,
  BURST,
  backoffMs,
  givesUp,
  MAX_BACKOFF_MS,
  MIN_TRYING_MS,
  turnInMs,
} from '../../../src/mallcoo/notices/pace.ts';
import { ENTRY_FIELDS } from '../../../src/mallcoo/notices/settings.ts';
import { MAX_LEAVE_ALONE_MS, verdictOf } from '../../../src/mallcoo/notices/verdict.ts';
import { inEnglish } from '../../chinese.ts';
import { KEYS, settings } from './rig.ts';

/** 2017-03-27 14:30:19 in Shanghai: the example of 1.4. */
const CAME = instant(Date.parse('2017-03-27T06:30:19Z'));
/** 2024-05-01 12:00:00 in UTC+8: the moment of the example signatures. */
const NOON = instant(Date.parse('2024-05-01T04:00:00Z'));
const NOTICE: Notice = {
  id: '7.2' as NoticeId,
  kind: 'entry',
  visit: '8K2M4N6P8R0T2V4W' as VisitId,
  plate: normalisePlate('沪A68688') ?? null,
  at: CAME,
  queuedAt: CAME,
};

const bodyOf = (over: Parameters<typeof settings>[0] = {}, notice: Notice = NOTICE): string => {
  const all = settings({ parkCode: '1', ...over });
  return noticeBody(notice, all.entry, all);
};

test('1.4: an entry is told with the standard’s fields in the standard’s order, the visit’s feeId as TradeID', () => {
  assert.equal(
    bodyOf(),
    '{"ParkCode":"1","PlateNo":"沪A68688","InTime":"2017-03-27 14:30:19","TradeID":"8K2M4N6P8R0T2V4W"}',
  );
});

test('1.4: the time is the park’s local time, wherever the park lies', () => {
  assert.match(bodyOf({ zone: zoneOf('Asia/Tokyo') }), /"InTime":"2017-03-27 15:30:19"/);
});

test('1.4: the plate is told as it is, or URL-encoded where that is configured; a car with a ticket by a word', () => {
  assert.match(bodyOf({ plateEncoding: 'url' }), /"PlateNo":"%E6%B2%AAA68688"/);
  const ticket = { ...NOTICE, plate: null };
  assert.match(bodyOf({}, ticket), /"PlateNo":"无牌车"/);
  assert.match(bodyOf({ unplated: '临时车' }, ticket), /"PlateNo":"临时车"/);
});

test('1.4: the exit notice takes the names that the site gives its fields, in the same order', () => {
  const all = settings({ parkCode: '1' });
  const fields = { parkCode: '2', plateNo: 'Car"No', time: 'LeaveTime', tradeId: '1' };
  const target = { url: 'https://mallcoo.example/out', fields };
  assert.equal(
    noticeBody({ ...NOTICE, kind: 'exit' }, target, all),
    '{"2":"1","Car\\"No":"沪A68688","LeaveTime":"2017-03-27 14:30:19","1":"8K2M4N6P8R0T2V4W"}',
  );
});

test('1.4: a notice carries AppID, PublicKey, TimeStamp and Sign over exactly what is sent', () => {
  const example = '{"ParkCode":"1","PlateNo":"沪A68688","InTime":"2017-03-27 14:30:19"}';
  const head = { 'Content-Type': 'application/json; charset=utf-8', AppID: 'APP1', PublicKey: 'PUB123' };
  const signed = { ...head, TimeStamp: '20240501120000' };
  assert.deepEqual(signedHeaders(example, KEYS, NOON), { ...signed, Sign: 'B044968DB76D8166' });
  assert.deepEqual(signedHeaders('', KEYS, NOON), { ...signed, Sign: 'B90863B3FA01EAD2' });
  const all = settings();
  const request = noticeRequest(NOTICE, all.entry, all, NOON);
  assert.equal(request.url, 'https://mallcoo.example/Parking/V1/EnterInfoNotify/');
  assert.deepEqual(request.headers, signedHeaders(request.body, KEYS, NOON));
  assert.deepEqual(Object.values(ENTRY_FIELDS), Object.keys(JSON.parse(request.body)));
});

const answered = (text: string | null, status = 200, more: { retryAfter?: string; date?: string } = {}) =>
  verdictOf({ type: 'answered', status, text, retryAfter: null, date: null, ...more });

const CONFIRMED = ['{"Code":1,"Message":"成功"}', '{"Code":"1"}', '{"code": 1.0}', ' {"CODE":" 1 ","Data":null}'];
const PERMANENT: readonly (readonly [string, string, string])[] = [
  ['{"Code":2,"Message":"参数错误"}', '2', '参数错误'],
  ['{"Code":"1101","message":" 车场不存在 "}', '1101', '车场不存在'],
  ['{"code":2}', '2', ''],
];
const REFUSING: readonly (readonly [text: string | null, status: number, why: RegExp])[] = [
  ['{"Code":0}', 200, /^Code 0$/],
  ['{"Code":500,"Message":"系统繁忙"}', 200, /^Code 500 \(系统繁忙\)$/],
  ['{"Code":true}', 200, /^HTTP 200 without a Code in it: \{"Code":true\}/],
  ['{"Code":"1x"}', 200, /without a Code/],
  ['{"Message":"成功"}', 200, /without a Code/],
  ['[{"Code":1}]', 200, /without a Code/],
  ['1', 200, /without a Code/],
  ['', 200, /without a Code in it: empty/],
  [null, 200, /without a Code in it: too long/],
  ['<!doctype html><title>Login</title>', 200, /without a Code in it: <!doctype html>/],
  ['{"Code":1}', 302, /redirect, which is not followed/],
  ['{"Code":1}', 400, /^HTTP 400, Code 1$/],
  ['{"Code":2,"Message":"bad"}', 403, /^HTTP 403, Code 2 \(bad\)$/],
  ['', 404, /^HTTP 404$/],
];

test('1.4: Code 1 is done, as a number or as text, the names in any case', () => {
  for (const text of CONFIRMED) assert.deepEqual(answered(text), { type: 'confirmed' }, text);
});

test('1.4: Code 2 and 1101 are for good, with what was said', () => {
  for (const [text, code, message] of PERMANENT)
    assert.deepEqual(answered(text), { type: 'permanent', code, message }, text);
  const long = answered(JSON.stringify({ Code: 2, Message: 'x'.repeat(10_000) }));
  assert.equal(long.type === 'permanent' && long.message.length, 200);
});

test('1.4: any other answer is tried again: other codes, a captive portal’s page, a redirect, garbage', () => {
  for (const [text, status, why] of REFUSING) {
    const verdict = answered(text, status);
    assert.ok(verdict.type === 'failed', `${status} ${text}`);
    assert.equal(verdict.trouble, 'refusing');
    assert.match(inEnglish(verdict.why), why);
  }
});

test('1.4: no answer, a timeout, 408, 429 and every 5xx are tried again, whatever their body says', () => {
  for (const status of [408, 429, 500, 502, 503, 504]) {
    const verdict = answered('{"Code":1}', status);
    assert.deepEqual(verdict, { type: 'failed', trouble: 'unreachable', why: `HTTP ${status}`, leaveAloneMs: 0 });
  }
  const verdict = verdictOf({ type: 'lost', reason: 'no answer within 10 s' });
  assert.ok(verdict.type === 'failed' && verdict.trouble === 'unreachable' && verdict.why === 'no answer within 10 s');
});

test('Retry-After is kept, in seconds or as a moment of the receiver’s clock, and bounded', () => {
  const left = (retryAfter: string, date?: string): number => {
    const verdict = answered('', 503, { retryAfter, ...(date ? { date } : {}) });
    assert.ok(verdict.type === 'failed');
    return verdict.leaveAloneMs;
  };
  assert.equal(left('30'), 30_000);
  assert.equal(left('86400'), MAX_LEAVE_ALONE_MS);
  assert.equal(left('Sun, 22 Nov 2026 03:01:00 GMT', 'Sun, 22 Nov 2026 03:00:00 GMT'), MINUTE);
  assert.equal(left('Sun, 22 Nov 2026 02:00:00 GMT', 'Sun, 22 Nov 2026 03:00:00 GMT'), 0);
  for (const odd of ['soon', '-5', '']) assert.equal(left(odd), 0, odd);
  assert.equal(left('Sun, 22 Nov 2026 03:01:00 GMT'), 0, 'without a Date nobody knows when that is');
});

test('the wait doubles from one second to five minutes, and is anything up to that', () => {
  const bounds = Array.from({ length: 12 }, (_, index) => backoffMs(index + 1, 1) / 1_000);
  assert.deepEqual(bounds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  assert.equal(backoffMs(100_000, 1), MAX_BACKOFF_MS);
  assert.equal(backoffMs(5, 0), 0);
  assert.equal(backoffMs(5, 0.25), 4_000);
});

test('the pace lets a few through at once and then keeps the rate, however long it had rested', () => {
  for (const perSecond of [1, 5, 7, 1_000]) {
    let due = Number.NEGATIVE_INFINITY;
    let now = 5_000_000;
    const sent: number[] = [];
    for (let count = 0; count < 50; count += 1) {
      now += turnInMs(due, perSecond, now);
      assert.equal(turnInMs(due, perSecond, now), 0);
      due = afterSending(due, perSecond, now);
      sent.push(now);
    }
    assert.equal(sent.filter((at) => at === 5_000_000).length, BURST);
    for (const [index, at] of sent.entries()) {
      const within = sent.slice(index).filter((other) => other < at + 1_000).length;
      assert.ok(within <= perSecond + BURST, `${within} in a second`);
    }
    assert.ok(now - 5_000_000 <= ((50 - BURST) * 1_000) / perSecond + 50, 'and it is no slower');
  }
});

test('a notice is given up when it is old enough and nothing was taken for an hour; a clock that jumps is not enough', () => {
  const giveUp = 7 * 24 * HOUR;
  const old = instant(CAME + giveUp);
  assert.equal(givesUp(NOTICE, giveUp, old, MIN_TRYING_MS), true);
  assert.equal(givesUp(NOTICE, giveUp, instant(old - 1), MIN_TRYING_MS), false);
  assert.equal(givesUp(NOTICE, giveUp, instant(old + 10 * giveUp), MIN_TRYING_MS - 1), false);
  assert.equal(givesUp(NOTICE, giveUp, instant(0), MIN_TRYING_MS), false);
});
