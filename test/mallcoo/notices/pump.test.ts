/** The sender in simulated time: the real core and loop, a receiver that is there, away or odd. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Said } from '../../../src/core/errors.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/core/time.ts';
import { GatewayFull } from '../../../src/gateway/ports.ts';
import { BURST, MAX_BACKOFF_MS } from '../../../src/mallcoo/notices/pace.ts';
import { inEnglish } from '../../chinese.ts';
import { P001, plate, ticket } from '../../core/park/scene.ts';
import {
  car,
  cars,
  code,
  confirmations,
  messages,
  P002,
  quiet,
  type RigOptions,
  settings,
  started,
  type Treatment,
  told,
} from './rig.ts';

test('a car that enters is told at once, and the log says which, where, how late and how long it took', async () => {
  const r = await started();
  await r.read('in-1', car(0));
  await quiet(r);
  assert.deepEqual(
    [...r.receiver.entries().values()].map(({ plate: of, inTime }) => [of, inTime]),
    [['粤A10000', '2026-11-22 10:00:00']],
  );
  assert.ok(r.agenda.now() < SECOND, 'it did not wait');
  assert.deepEqual(r.lines, [
    ['Mallcoo knows of the entry', { lane: 'in-1', vehicle: '粤A10000', seconds: 0, ms: 40 }],
  ]);
  const { told: count, lastAnswer, ...rest } = r.notices().stats()[P001] ?? {};
  assert.deepEqual([count, lastAnswer?.verdict, rest], [1, 'confirmed', { waiting: 0, oldest: null, dead: 0 }]);
});

test('1.4: every car is told, one at a time and in order, those with a ticket too; each is confirmed once', async () => {
  const r = await started();
  await cars(r, 20);
  await r.read('in-1', ticket('T-7'));
  await quiet(r);
  assert.deepEqual(
    told(r),
    Array.from({ length: 21 }, (_, index) => `V${index + 1}`),
  );
  assert.deepEqual(
    [...confirmations(r.records).values()],
    Array.from({ length: 21 }, () => 1),
  );
  assert.deepEqual(r.receiver.counts(), { taken: 21, repeated: 0, corrected: 0, outOfOrder: 0, refused: 0 });
  assert.equal(r.receiver.entries().get('V21')?.plate, '无牌车');
  const gaps = r.calls.slice(1).map(({ at }, index) => at - (r.calls[index]?.at ?? 0));
  assert.ok(Math.min(...gaps) >= 40, 'the next goes when the last one is answered');
});

test('a backlog goes out at the polite rate, and the log says how many waited and how long it took', async () => {
  let away = true;
  const r = await started({ treat: () => (away ? 'down' : 'ok') });
  await cars(r, 100);
  await r.pass(HOUR);
  away = false;
  await quiet(r);
  const good = r.calls.slice(-100);
  for (const { at } of good) {
    const within = good.filter((other) => other.at >= at && other.at < at + SECOND).length;
    assert.ok(within <= 5 + BURST, `${within} within a second`);
  }
  assert.deepEqual(
    messages(r).filter((message) => !message.startsWith('Mallcoo knows')),
    [
      'Mallcoo is not told, and will be',
      messages(r).find((one) => one.startsWith('Mallcoo is told again')),
      'caught up: 100 notices in 19 s',
    ],
  );
  assert.deepEqual(r.lines.find(([message]) => message === 'Mallcoo is not told, and will be')?.[1], {
    park: P001,
    trouble: 'unreachable',
    why: 'nothing listens there (connection refused)',
    waiting: 100,
  });
});

test('1.4: what fails is tried again after 1, 2, 4 … 300 s at most, for days; each attempt is signed anew', async () => {
  const r = await started({ treat: () => 'down', random: () => 1, latency: () => 0 });
  await r.read('in-1', car(0));
  await r.pass(2 * DAY);
  const gaps = r.calls.slice(1).map(({ at }, index) => (at - (r.calls[index]?.at ?? 0)) / SECOND);
  assert.deepEqual(gaps.slice(0, 11), [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  assert.ok(gaps.length > 500 && gaps.slice(9).every((gap) => gap === 300));
  assert.deepEqual([...new Set(told(r))], ['V1']);
  const stamps = new Set(r.calls.slice(0, 20).map(({ headers }) => headers['TimeStamp']));
  assert.equal(stamps.size, 20);
  assert.equal(new Set(r.calls.slice(0, 20).map(({ headers }) => headers['Sign'])).size, 20);
});

test('after a success the waits begin anew', async () => {
  const script: Treatment[] = ['down', 'down', 'down', 'down', 'down', 'ok', 'down', 'ok'];
  const r = await started({ treat: () => script.shift() ?? 'ok', random: () => 1, latency: () => 0 });
  await cars(r, 2);
  await quiet(r);
  const gaps = r.calls.slice(1).map(({ at }, index) => (at - (r.calls[index]?.at ?? 0)) / SECOND);
  assert.deepEqual(gaps, [1, 2, 4, 8, 16, 0, 1]);
});

test('1.4: the waits are spread by chance, so that many gates do not knock together', async () => {
  const r = await started({ treat: () => 'down', latency: () => 0 });
  await r.read('in-1', car(0));
  await r.pass(DAY);
  const gaps = r.calls.slice(1).map(({ at }, index) => at - (r.calls[index]?.at ?? 0));
  assert.ok(gaps.every((gap, index) => gap <= Math.min(MAX_BACKOFF_MS, SECOND * 2 ** index) + SECOND));
  const late = gaps.slice(9);
  const mean = late.reduce((sum, gap) => sum + gap, 0) / late.length;
  assert.ok(mean > MAX_BACKOFF_MS / 3 && mean < (MAX_BACKOFF_MS * 2) / 3, `${mean}`);
});

test('1.4: a notice that fails holds up those behind it, and no other park', async () => {
  const odd: Treatment = code(500, '系统繁忙');
  const parks = [settings(), settings({ park: P002 })];
  const r = await started({ parks, treat: ({ fields }) => (fields['TradeID'] === 'V1' ? odd : 'ok') });
  await cars(r, 3);
  await r.read('in-1', car(7), {}, P002);
  await r.pass(HOUR);
  assert.deepEqual(
    r.waiting().map(({ visit }) => visit),
    ['V1', 'V2', 'V3'],
  );
  assert.deepEqual(r.waiting(P002), []);
  assert.deepEqual([...r.receiver.entries().keys()], ['V4']);
  assert.deepEqual(r.notices().stats()[P001]?.lastAnswer?.why, 'Code 500 (系统繁忙)');
});

test('1.4: Code 2 and 1101 go to the dead letters with a fault, and do not hold up the rest', async () => {
  const treat: RigOptions['treat'] = ({ fields }) =>
    fields['TradeID'] === 'V1' ? code(2, '参数错误') : fields['TradeID'] === 'V2' ? code(1101) : 'ok';
  const r = await started({ treat });
  await cars(r, 3);
  await quiet(r);
  assert.deepEqual(
    [told(r), r.dead()],
    [
      ['V1', 'V2', 'V3'],
      [
        ['1.2', '2'],
        ['2.2', '1101'],
      ],
    ],
  );
  assert.equal(r.faults.get('NOTICE_DEAD P001'), '2');
});

test('the fault of the dead letters stays over a restart, and goes with the last of them', async () => {
  let bad = true;
  const r = await started({ treat: () => (bad ? code(2) : 'ok') });
  await cars(r, 2);
  await quiet(r);
  bad = false;
  r.kill();
  r.faults.clear();
  await r.start();
  assert.equal(r.faults.get('NOTICE_DEAD P001'), '2');
  const [one, two] = r.dead().map(([id]) => id);
  assert.ok(one && two);
  await r.submit({ type: 'noticeDrop', park: P001, noticeId: one, reason: 'a test car' });
  assert.equal(r.faults.get('NOTICE_DEAD P001'), '1');
  await r.submit({ type: 'noticeRetry', park: P001, noticeId: two });
  assert.equal(r.faults.has('NOTICE_DEAD P001'), false);
  await quiet(r);
  assert.deepEqual([...r.receiver.entries().keys()], ['V2']);
});

test('what a person has sent again, and what stood behind one that he dropped, goes at once', async () => {
  let bad: readonly string[] = ['V1'];
  const treat: RigOptions['treat'] = ({ fields }) => (bad.includes(fields['TradeID'] ?? '') ? code(9) : 'ok');
  const r = await started({ treat, random: () => 1 });
  await cars(r, 2);
  await r.pass(3 * HOUR);
  const [first] = r.waiting();
  assert.ok(first);
  const before = r.agenda.now();
  await r.submit({ type: 'noticeDrop', park: P001, noticeId: first.id, reason: 'Mallcoo chokes on it' });
  await quiet(r);
  assert.ok(r.agenda.now() - before < SECOND, 'no backoff is waited out');
  assert.deepEqual([...r.receiver.entries().keys()], ['V2']);
  bad = [];
});

test('the internet is back while a call hangs: the lost call is no failure of Mallcoo, and the next goes at once', async () => {
  const heard: string[] = [];
  const reports = { delivered: () => void heard.push('delivered'), failed: () => void heard.push('failed') };
  const back = 3 * HOUR;
  const treat: RigOptions['treat'] = ({ at }) => (at < back ? 'down' : 'ok');
  const r = await started({ treat, random: () => 1, latency: () => 20 * SECOND, reports });
  await cars(r, 1);
  await r.until('a call hangs as the internet comes back', () => {
    const [last] = r.calls.slice(-1);
    return r.agenda.now() > back - 10 * MINUTE && last !== undefined && r.agenda.now() === last.at;
  });
  const failures = heard.length;
  r.agenda.later(5 * SECOND, () => r.notices().hurry());
  await r.pass(21 * SECOND);
  assert.deepEqual([heard.length, r.calls.length], [failures, failures + 2]);
  // The call that was sent after it counts again.
  await r.pass(20 * SECOND);
  assert.deepEqual([heard.length, r.calls.length], [failures + 1, failures + 2]);
});

test('a notice that failed for giveUpDays is a dead letter; one behind it gets its chance first', async () => {
  const r = await started({ treat: ({ fields }) => (fields['TradeID'] === 'V1' ? code(9, 'no') : 'ok') });
  await cars(r, 2);
  await r.pass(7 * DAY - MINUTE);
  assert.deepEqual([r.waiting().length, r.dead()], [2, []]);
  await r.pass(10 * MINUTE);
  assert.deepEqual([r.waiting().length, r.dead()], [0, [['1.2', 'gaveUp']]]);
  assert.deepEqual([...r.receiver.entries().keys()], ['V2']);
});

test('of a receiver that stays away no more waits than giveUpDays bring', async () => {
  const r = await started({ treat: () => 'down', parks: [settings({ giveUpMs: DAY })] });
  for (let hour = 0; hour < 72; hour += 1) {
    await cars(r, 10);
    for (let number = 0; number < 10; number += 1) await r.read('out-1', car(number));
    await r.pass(HOUR);
  }
  assert.ok(r.waiting().length <= 10 * 26, `${r.waiting().length} wait`);
  assert.ok(r.dead().length >= 10 * 44);
});

test('a gate that was off for two weeks tells first, and gives nothing up for that', async () => {
  const treatment: { now: Treatment } = { now: 'down' };
  const r = await started({ treat: () => treatment.now });
  await cars(r, 3);
  r.kill();
  await r.pass(1);
  r.skew = 14 * DAY;
  await r.start();
  // The line needs a while after a start.
  await r.pass(10 * MINUTE);
  treatment.now = 'ok';
  await quiet(r);
  assert.deepEqual([r.dead(), [...r.receiver.entries().keys()]], [[], ['V1', 'V2', 'V3']]);
});

test('a wall clock that jumps, back or ahead, neither stalls the sender nor makes it burst', async () => {
  const treatment: { now: Treatment } = { now: 'down' };
  const r = await started({ treat: () => treatment.now, random: () => 1, latency: () => 10 });
  await cars(r, 60);
  for (const skew of [-3_650 * DAY, 40 * DAY, -HOUR, 0]) {
    r.skew = skew;
    const before = r.calls.length;
    await r.pass(30 * MINUTE);
    const calls = r.calls.length - before;
    assert.ok(calls >= 5 && calls <= 16, `${calls} attempts in half an hour`);
  }
  assert.deepEqual(r.dead(), []);
  r.skew = -3_650 * DAY;
  treatment.now = 'ok';
  const before = r.agenda.now();
  await quiet(r);
  const took = r.agenda.now() - before;
  assert.ok(took > 10 * SECOND && took < MAX_BACKOFF_MS + 15 * SECOND, `${took}`);
});

test('a plate that is read better while its notice is on the way is told again, same TradeID, and confirmed once', async () => {
  const r = await started({ latency: () => SECOND });
  await r.read('in-1', plate('粤A12345'), { identity: 'r1', confidence: 0.4 });
  await r.pass(700);
  assert.equal(r.receiver.entries().get('V1')?.plate, '粤A12345');
  await r.read('in-1', plate('粤A12346'), { identity: 'r1', confidence: 0.9 });
  await quiet(r);
  assert.deepEqual(
    r.calls.map(({ fields }) => [fields['TradeID'], fields['PlateNo']]),
    [
      ['V1', '粤A12345'],
      ['V1', '粤A12346'],
    ],
  );
  assert.equal(r.receiver.entries().get('V1')?.plate, '粤A12346');
  assert.deepEqual([...confirmations(r.records).values()], [1]);
});

test('an answer that is lost: the same notice again, same TradeID, so that Mallcoo can tell', async () => {
  let lose = 3;
  const r = await started({ treat: () => (lose-- > 0 ? 'lost' : 'ok') });
  await r.read('in-1', car(0));
  await quiet(r);
  assert.deepEqual(new Set(r.calls.map(({ fields }) => JSON.stringify(fields))).size, 1);
  assert.deepEqual([r.receiver.entries().get('V1')?.times, r.receiver.counts().repeated], [4, 3]);
  assert.deepEqual([...confirmations(r.records).values()], [1]);
});

test('a confirmation that the full disk does not take is kept, and the notice is not sent again', async () => {
  let full = true;
  const refuse: RigOptions['refuse'] = ({ type }) =>
    full && type === 'noticeDone' ? new GatewayFull('full') : undefined;
  const r = await started({ refuse });
  await cars(r, 2);
  await r.pass(HOUR);
  assert.deepEqual([told(r), r.waiting().length], [['V1'], 2]);
  full = false;
  await quiet(r);
  assert.deepEqual(told(r), ['V1', 'V2']);
});

test('Retry-After is honoured', async () => {
  const r = await started({
    treat: (call) => (call.at < MINUTE ? { status: 503, retryAfter: '300' } : 'ok'),
    random: () => 0,
  });
  await r.read('in-1', car(0));
  await quiet(r);
  assert.equal(r.calls.length, 2);
  assert.ok((r.calls[1]?.at ?? 0) >= 300 * SECOND);
});

test('who watches the way to Mallcoo hears of each attempt', async () => {
  const heard: string[] = [];
  const reports = {
    delivered: () => void heard.push('delivered'),
    failed: (trouble: string, why: Said) => void heard.push(`${trouble}: ${inEnglish(why)}`),
  };
  const script: Treatment[] = ['down', code(5), { status: 502 }, code(2), 'ok'];
  const r = await started({ treat: () => script.shift() ?? 'ok', reports });
  await cars(r, 2);
  await quiet(r);
  assert.deepEqual(heard, [
    'unreachable: nothing listens there (connection refused)',
    'refusing: Code 5',
    'unreachable: HTTP 502',
    'delivered',
    'delivered',
  ]);
});

test('a stop lets the call under way have its answer, sends no more, and does not wait for ever', async () => {
  let latency = 500;
  const r = await started({ latency: () => latency });
  await cars(r, 3);
  await r.pass(100);
  const { notices } = r;
  let over = false;
  const stop = notices()
    .stop()
    .then(() => {
      over = true;
    });
  await r.until('it has stopped', () => over);
  await stop;
  assert.deepEqual([told(r), r.waiting().length], [['V1'], 2]);
  r.kill();

  latency = DAY;
  const hung = await started({ latency: () => latency });
  await cars(hung, 2);
  await hung.pass(100);
  const before = hung.agenda.now();
  over = false;
  const cut = hung
    .notices()
    .stop()
    .then(() => {
      over = true;
    });
  await hung.until('it has stopped', () => over);
  await cut;
  assert.ok(hung.agenda.now() - before <= 3 * SECOND);
  assert.deepEqual([told(hung).length, hung.waiting().length], [1, 2]);
});
