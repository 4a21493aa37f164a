/** The real call over real sockets, against a receiver that misbehaves in every way it knows. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../../src/clock.ts';
import { SECOND } from '../../../src/core/time.ts';
import { signedHeaders } from '../../../src/mallcoo/notices/message.ts';
import { fetchPost, MAX_ANSWER_BYTES, type PostOutcome } from '../../../src/mallcoo/notices/post.ts';
import { verdictOf } from '../../../src/mallcoo/notices/verdict.ts';
import { createReceiver, type NoticeCall, type Receiver } from '../../../src/mallcoo-client/receiver.ts';
import { type Behaviour, serveReceiver } from '../../../src/mallcoo-client/receiver-http.ts';
import { inEnglish } from '../../chinese.ts';
import { KEYS } from './rig.ts';

const PATIENT = 20 * SECOND;

interface There {
  readonly url: string;
  readonly receiver: Receiver;
  leave(): Promise<void>;
  send(body: string, timeoutMs?: number, abort?: AbortSignal): Promise<PostOutcome>;
}

async function there(t: TestContext, behave: () => Behaviour): Promise<There> {
  const known = { parkCodes: ['P001'], maxSkewMs: 60 * SECOND, plateEncoding: 'raw', remember: 100 } as const;
  const receiver = createReceiver({ ...KEYS, ...known });
  const server = await serveReceiver({ receiver, clock: systemClock, port: 0, behave });
  t.after(() => server.close());
  return {
    url: server.url,
    receiver,
    leave: () => server.close(),
    send(body, timeoutMs = PATIENT, abort = new AbortController().signal) {
      return fetchPost(
        { url: server.url, headers: signedHeaders(body, KEYS, systemClock.now()), body, timeoutMs },
        abort,
      );
    },
  };
}

const entry = (over: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify({ ParkCode: 'P001', PlateNo: '沪A68688', InTime: '2026-11-22 10:00:00', TradeID: 'V1', ...over });

/** Why nothing came. */
function reasonOf(outcome: PostOutcome): string {
  return outcome.type === 'lost' ? inEnglish(outcome.reason) : `answered ${outcome.status}`;
}

test('what is sent is what is signed: the receiver takes it, with every header in its place', async (t) => {
  const { send, receiver } = await there(t, () => 'ok');
  assert.deepEqual(verdictOf(await send(entry())), { type: 'confirmed' });
  assert.deepEqual(
    [...receiver.entries().values()].map(({ plate, tradeId }) => [plate, tradeId]),
    [['沪A68688', 'V1']],
  );
  const unknown = verdictOf(await send(entry({ ParkCode: 'P009' })));
  assert.deepEqual(unknown, { type: 'permanent', code: '1101', message: '车场不存在: P009' });
  const bad = verdictOf(await send(entry({ InTime: '2026-02-30 10:00:00' })));
  assert.deepEqual(bad, { type: 'permanent', code: '2', message: 'InTime is 2026-02-30 10:00:00' });
});

/** What each behaviour comes to, and whether the receiver has acted. */
const BEHAVIOURS: readonly (readonly [Behaviour, RegExp, acted: boolean])[] = [
  ['slow', /^confirmed/, true],
  ['lost', /^failed unreachable the connection was cut/, true],
  ['cut', /^failed unreachable the connection was cut/, false],
  ['error500', /^failed unreachable HTTP 500/, false],
  ['busy429', /^failed unreachable HTTP 429/, false],
  ['portal', /^failed refusing HTTP 200 without a Code in it: <!doctype html>/, false],
  ['redirect', /^failed refusing HTTP 302: a redirect, which is not followed/, false],
  ['garbage', /^failed refusing HTTP 200 without a Code in it: \{"Code":/, false],
  ['endless', /^failed refusing HTTP 200 without a Code in it: too long/, false],
  [9, /^failed refusing Code 9 \(scripted\)/, false],
  [2, /^permanent 2/, false],
];

test('each way to misbehave is told from the others, and none of them is a confirmation', async (t) => {
  let behaviour: Behaviour = 'ok';
  const { send, receiver } = await there(t, () => behaviour);
  for (const [one, expected, acted] of BEHAVIOURS) {
    behaviour = one;
    const before = receiver.counts().taken;
    const verdict = verdictOf(await send(entry()));
    const text =
      verdict.type === 'failed'
        ? `failed ${verdict.trouble} ${inEnglish(verdict.why)}`
        : `${verdict.type} ${verdict.type === 'permanent' ? verdict.code : ''}`;
    assert.match(text, expected, String(one));
    assert.equal(receiver.counts().taken - before, acted ? 1 : 0, String(one));
  }
  assert.equal(receiver.problems().length, 0, 'a redirect was not followed');
});

test('a receiver that never answers is left after the timeout, or at once when the daemon stops', async (t) => {
  const { send } = await there(t, () => 'hang');
  assert.equal(reasonOf(await send(entry(), 300)), 'no answer within 0.3 s');
  const stop = new AbortController();
  const sending = send(entry(), PATIENT, stop.signal);
  stop.abort();
  assert.equal((await sending).type, 'lost');
});

test('an answer up to the bound is read, one longer is not', async (t) => {
  const { send } = await there(t, () => 'endless');
  const outcome = await send(entry());
  assert.ok(outcome.type === 'answered' && outcome.text === null);
  assert.ok(MAX_ANSWER_BYTES < 1_000_000);
});

test('nobody there, and a name that nobody knows: an outcome with its reason, no exception', async (t) => {
  const { url, send, leave } = await there(t, () => 'ok');
  await leave();
  assert.equal(reasonOf(await send(entry())), 'nothing listens there (connection refused)');
  const elsewhere = { url: url.replace('127.0.0.1', 'nobody.invalid'), headers: {}, body: '{}', timeoutMs: PATIENT };
  const unknown = await fetchPost(elsewhere, new AbortController().signal);
  assert.match(reasonOf(unknown), /DNS/);
});

test('the receiver is strict: each part of a notice that is wrong is told by name', () => {
  const known = { parkCodes: ['P001'], maxSkewMs: 60 * SECOND, plateEncoding: 'raw', remember: 2 } as const;
  const receiver = createReceiver({ ...KEYS, ...known });
  const now = systemClock.now();
  const call = (body: string, over: Partial<NoticeCall> = {}, headers: Record<string, string> = {}): NoticeCall => ({
    method: 'POST',
    path: '/Parking/V1/EnterInfoNotify/',
    headers: Object.fromEntries(
      Object.entries({ ...signedHeaders(body, KEYS, now), ...headers }).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ]),
    ),
    body: Buffer.from(body),
    ...over,
  });
  const said = (one: NoticeCall): string => {
    const { Code, Message } = receiver.receive(one, now);
    return `${Code} ${Message}`;
  };
  assert.match(said(call(entry(), { path: '/elsewhere' })), /^2 POST \/elsewhere is not/);
  assert.match(said(call(entry(), { body: Buffer.from(`${entry()} `) })), /^401 Sign is wrong/);
  assert.match(said(call(entry(), {}, { AppID: 'X' })), /^401 AppID is X/);
  assert.match(said(call(entry(), {}, { TimeStamp: 'now' })), /^401 TimeStamp is now/);
  assert.match(said(call(entry(), {}, { 'Content-Type': 'text/plain' })), /^2 the content type is text\/plain/);
  assert.match(said(call('{"PlateNo":"x"}')), /^2 the fields are PlateNo/);
  assert.match(said(call(entry({ TradeID: '' }))), /^2 a field is no text, or empty/);
  assert.match(said(call(entry({ PlateNo: '%E6%B2%AAA68688' }))), /^2 PlateNo is URL-encoded/);
  const old = signedHeaders(entry(), KEYS, 0 as typeof now);
  assert.match(said(call(entry(), {}, old)), /^401 TimeStamp is \d+ s from the clock/);
  const later = entry({ TradeID: 'V2', InTime: '2026-11-22 10:00:01' });
  for (const body of [later, entry(), entry(), entry({ PlateNo: '沪A68689' }), entry({ TradeID: 'V3' })])
    assert.equal(said(call(body)), '1 ');
  assert.deepEqual(receiver.counts(), { taken: 5, repeated: 1, corrected: 1, outOfOrder: 2, refused: 9 });
  assert.deepEqual([...receiver.entries().keys()], ['V1', 'V3'], 'the oldest is forgotten');
  assert.equal(receiver.problems().length, 9);
});
