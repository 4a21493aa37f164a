/** One noisy caller: who fails is slowed, who floods is bounded, and nobody else notices. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Said } from '../../src/core/errors.ts';
import type { ParkId } from '../../src/core/ids.ts';
import { createFailures, FREE_FAILURES, MAX_ADDRESSES, MAX_HELD, WINDOW_MS } from '../../src/mallcoo/failures.ts';
import { createMeter } from '../../src/mallcoo/limits.ts';
import { inEnglish } from '../chinese.ts';
import { plate, type Reply, raw, site } from './site.ts';

const CAR = '沪A68688';
const TOKEN = { auth: new Map([['P001' as ParkId, { type: 'token', token: 's3cret' } as const]]) };
const RIGHT = { 'X-Token': 's3cret' };
const WRONG = { 'X-Token': 'wrong' };
const INFO = '/mallcoo/GetParkingPaymentInfo';

test('who fails again and again is answered slowly with 429; who proves itself is not, even from the same address', async (t) => {
  const s = await site(t, TOKEN);
  await s.enter(plate(CAR));
  const fail = (): Promise<Reply> => s.post('GetParkingPaymentInfo', { plateNo: CAR }, WRONG);
  for (let i = 0; i < FREE_FAILURES; i += 1) assert.equal((await fail()).status, 401);
  assert.deepEqual(s.faults, []);
  let answered = false;
  const slow = fail().then((reply) => {
    answered = true;
    return reply;
  });
  while (s.faults.length === 0) await sleep(1);
  assert.equal((await s.post('GetParkingPaymentInfo', { plateNo: CAR }, RIGHT)).json['resCode'], 0);
  assert.equal(answered, false, 'the failure still waits');
  const { status, json } = await slow;
  assert.deepEqual([status, json['resCode']], [429, 1]);
  assert.match(s.faults[0] ?? '', /^AUTH_FAILING mallcoo 11 from (::ffff:)?127\.0\.0\.1, UNAUTHORISED$/);
});

test('only so many failures are held back; the others are answered at once and lose their connection', async (t) => {
  const s = await site(t, TOKEN);
  const request = `POST ${INFO} HTTP/1.1\r\nHost: x\r\nX-Token: wrong\r\nContent-Length: 2\r\n\r\n{}`;
  for (let i = 0; i < FREE_FAILURES; i += 1) await raw(s.port, [request], '}');
  const all = await Promise.all(Array.from({ length: MAX_HELD + 20 }, () => raw(s.port, [request], '}')));
  const closed = all.filter(({ text }) => /^HTTP\/1\.1 429 .*\r\nconnection: close\r\n/is.test(text));
  assert.equal(closed.length, 20);
  for (const { text } of all) assert.match(text, /^HTTP\/1\.1 429 .*retry-after: 1\r\n.*"resCode":1/is);
  await s.enter(plate(CAR));
  assert.equal((await s.post('GetParkingPaymentInfo', { plateNo: CAR }, RIGHT)).json['resCode'], 0);
});

test('AUTH_FAILING is raised once an address fails too often, and cleared by a proof after a quiet minute', () => {
  const told: string[] = [];
  let now = 0;
  const faults = {
    raise: (code: string, subject: string, value: Said = '') =>
      told.push(`raise ${code} ${subject} ${inEnglish(value)}`),
    clear: (code: string, subject: string) => told.push(`clear ${code} ${subject}`),
  };
  const failures = createFailures(faults, () => now);
  failures.proved();
  for (let i = 0; i < FREE_FAILURES; i += 1) assert.equal(failures.count('10.0.0.1', 'UNAUTHORISED'), false);
  failures.proved();
  assert.deepEqual(told, []);
  assert.equal(failures.count('10.0.0.1', 'TIME_STAMP_FAR'), true);
  assert.equal(failures.count('10.0.0.2', 'UNAUTHORISED'), false, 'another address has its own count');
  now += WINDOW_MS;
  failures.proved();
  assert.deepEqual(told, ['raise AUTH_FAILING mallcoo 11 from 10.0.0.1, TIME_STAMP_FAR']);
  now += 1;
  failures.proved();
  failures.proved();
  assert.deepEqual(told.slice(1), ['clear AUTH_FAILING mallcoo']);
  assert.equal(failures.count('10.0.0.1', 'UNAUTHORISED'), false, 'after a quiet minute an address begins anew');
});

test('however many addresses fail, a bounded number is remembered: the one that failed least lately is forgotten', () => {
  const failures = createFailures(undefined, () => 0);
  const fill = (address: string): void => {
    for (let i = 0; i < FREE_FAILURES; i += 1) failures.count(address, '');
  };
  fill('first');
  fill('second');
  for (let i = 0; i < MAX_ADDRESSES - 2; i += 1) failures.count(`address ${i}`, '');
  assert.equal(failures.count('first', ''), true);
  failures.count('one more', '');
  assert.equal(failures.count('second', ''), false, 'forgotten');
  assert.equal(failures.count('first', ''), true, 'failed lately, and is remembered');
});

test('a caller that proves itself and asks for a park that is not its own is not counted as failing', async (t) => {
  const s = await site(t, TOKEN);
  for (let i = 0; i < FREE_FAILURES + 5; i += 1) {
    const { status, json } = await s.post('GetParkingPaymentInfo', { parkId: 'P9', plateNo: CAR }, RIGHT);
    assert.deepEqual([status, json['resMsg']], [200, 'no such park: P9']);
  }
  assert.deepEqual(s.faults, []);
});

test('more queries than the limit are told so with 429; payments are not counted', async (t) => {
  const s = await site(t, { limits: { queriesPerSecond: 1, pendingPayments: 10 } });
  await s.enter(plate(CAR));
  const replies = await Promise.all(
    Array.from({ length: 30 }, () => s.post('GetParkingPaymentInfo', { plateNo: CAR })),
  );
  const refused = replies.filter(({ status }) => status === 429);
  assert.ok(refused.length >= 20 && refused.length < 30, `${refused.length} of 30`);
  assert.deepEqual(refused[0]?.json, { resCode: 1, resMsg: 'too many queries: try again in a moment' });
  const notice = { orderNo: 'M1', plateNo: CAR, payTime: '2026-11-22 10:00:00', amount: 500 };
  assert.equal((await s.post('PayParkingFee', notice)).json['resCode'], 0);
});

test('the query limit is a bucket of one second: a burst passes, then as many as the seconds bring', () => {
  let now = 0;
  const meter = createMeter({ queriesPerSecond: 10, pendingPayments: 1 }, () => now);
  const passed = (): number => Array.from({ length: 100 }, () => meter.takeQuery()).filter(Boolean).length;
  assert.equal(passed(), 10);
  assert.equal(passed(), 0);
  now += 300;
  assert.equal(passed(), 3);
  now += 3_600_000;
  assert.equal(passed(), 10, 'an hour of silence is no larger burst');
});

test('payments that wait for the disk are bounded: more are told "busy", and a plate that is read meanwhile gets in', async (t) => {
  const answers: (() => void)[] = [];
  const s = await site(t, {
    limits: { queriesPerSecond: 1_000, pendingPayments: 3 },
    submit: () =>
      new Promise((resolve) => {
        answers.push(() => resolve({ type: 'booked', visit: 'FEE1' as never, repeated: false, flags: [] }));
      }),
  });
  const pay = (orderNo: string): Promise<Reply> => s.post('PayParkingFee', { orderNo, plateNo: CAR, amount: 1 });
  const waiting = ['1', '2', '3'].map(pay);
  while (answers.length < 3) await sleep(1);
  assert.deepEqual((await pay('4')).json, { resCode: 1, resMsg: 'busy: try again in a moment' });
  await s.enter(plate(CAR));
  assert.equal((await s.post('GetParkingPaymentInfo', { plateNo: CAR })).json['resCode'], 0);
  for (const answer of answers.splice(0)) answer();
  for (const reply of await Promise.all(waiting)) assert.equal(reply.json['resCode'], 0);
  const next = pay('5');
  while (answers.length < 1) await sleep(1);
  answers[0]?.();
  assert.equal((await next).json['resCode'], 0, 'their room is given back');
});

test('requests that do not wait for answers: sixteen on one connection are answered, one is told, then it is closed', async (t) => {
  const s = await site(t);
  const one = `POST ${INFO} HTTP/1.1\r\nHost: x\r\nContent-Length: 15\r\n\r\n{"plateNo":"x"}`;
  const few = await raw(s.port, [one.repeat(16)], '}', 16);
  assert.equal(few.text.match(/HTTP\/1\.1 200 /g)?.length, 16);
  const many = await raw(s.port, [one.repeat(400)]);
  assert.ok(many.ended);
  const statuses = (many.text.match(/HTTP\/1\.1 \d+/g) ?? []).map((line) => line.slice(-3));
  assert.equal(statuses.pop(), '429');
  assert.ok(statuses.length >= 16 && statuses.length < 400 && statuses.every((status) => status === '200'));
  assert.match(many.text, /too many requests at once on one connection"\}$/);
});
