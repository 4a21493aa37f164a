/** Our own Mallcoo against the real core behind the real server: it asks, pays, retries and misbehaves. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { fen } from '../../src/core/money.ts';
import { after, formatLocal, HOUR, instant, MINUTE } from '../../src/core/time.ts';
import {
  createMallcoo,
  type Mallcoo,
  type MallcooParts,
  NO_COUPON,
  outcomeSaid,
  type PayOptions,
  type Quote,
} from '../../src/mallcoo-client/mallcoo.ts';
import { NO_PROOF, type Proof, prove, requestOf } from '../../src/mallcoo-client/request.ts';
import { accepted, SCHEDULES } from '../../src/mallcoo-client/schedule.ts';
import { httpSend } from '../../src/mallcoo-client/wire.ts';
import { inEnglish } from '../chinese.ts';
import { ZONE } from '../core/park/scene.ts';
import { plate, type Site, site, TEN } from '../mallcoo/site.ts';

const PLATE = '沪A68688';
const CAR = { plateNo: PLATE, barcode: '' };
const AT_ONCE: PayOptions = { payType: 3, schedule: SCHEDULES.immediate, copies: 1, loseAnswers: 0 };

/** A Mallcoo whose waits move the site's clock: a day's schedule takes a moment. */
function mallcooOf(s: Site, over: Partial<MallcooParts> = {}): Mallcoo {
  let orders = 0;
  return createMallcoo({
    send: httpSend({ url: `http://127.0.0.1:${s.port}/mallcoo/`, timeoutMs: 10_000 }),
    proof: NO_PROOF,
    parkId: 'P001',
    zone: ZONE,
    clock: { now: () => s.clock.at },
    wait: async (ms) => {
      s.clock.at = after(s.clock.at, ms);
    },
    newOrderNo: () => {
      orders += 1;
      return `M${orders}`;
    },
    ...over,
  });
}

async function quoted(mallcoo: Mallcoo, coupon = NO_COUPON): Promise<Quote> {
  const asked = await mallcoo.ask(CAR, coupon);
  assert.ok(asked.type === 'quoted', inEnglish(outcomeSaid(asked.outcome)));
  return asked.quote;
}

/** A site with a car that came in 140 minutes ago and owes ¥15. */
async function parked(t: TestContext): Promise<Site> {
  const s = await site(t);
  await s.enter(plate(PLATE));
  s.clock.at = after(TEN, 140 * MINUTE);
  return s;
}

const booked = (s: Site): number =>
  s.records.flatMap(({ events }) => events).filter(({ type }) => type === 'paymentBooked').length;

test('it asks, tries a coupon, pays the rest in money, and the car owes nothing', async (t) => {
  const s = await parked(t);
  const mallcoo = mallcooOf(s);
  assert.deepEqual((await quoted(mallcoo)).due, 1_500);
  const quote = await quoted(mallcoo, { minutes: 60, amount: fen(200) });
  assert.deepEqual([quote.due, quote.deduction], [1_500, 700]);
  const order = await mallcoo.pay(quote, AT_ONCE);
  assert.deepEqual([order.amount, order.deduction, order.delivery.acknowledged], [800, 700, true]);
  assert.equal(order.delivery.outcomes.length, 1);
  const later = await quoted(mallcoo);
  assert.deepEqual([later.due, later.paid], [0, 1_500]);
});

test('a coupon worth more than the fee is used up to the fee: 0 元支付, without a trade number', async (t) => {
  const s = await parked(t);
  const mallcoo = mallcooOf(s);
  const order = await mallcoo.pay(await quoted(mallcoo, { minutes: 600, amount: fen(0) }), AT_ONCE);
  const { payType, thirdTradeNo } = order.notice;
  assert.deepEqual([order.amount, order.deduction, payType, thirdTradeNo], [0, 1_500, 0, '']);
  assert.equal((await quoted(mallcoo)).due, 0);
});

for (const [name, schedule] of Object.entries(SCHEDULES)) {
  const sendings = schedule.length + 1;
  for (const copies of [1, 2] as const) {
    test(`every answer but the last is lost on the schedule "${name}", ${copies} at once: booked once`, async (t) => {
      const s = await parked(t);
      const mallcoo = mallcooOf(s);
      const began = s.clock.at;
      const loseAnswers = schedule.length * copies;
      const order = await mallcoo.pay(await quoted(mallcoo), { payType: 1, schedule, copies, loseAnswers });
      assert.equal(order.delivery.acknowledged, true);
      assert.equal(order.delivery.outcomes.length, sendings * copies);
      assert.equal(s.payments.length, sendings * copies, 'each one reached the gate');
      assert.equal(booked(s), 1);
      assert.equal(
        s.clock.at - began,
        schedule.reduce((sum, pause) => sum + pause, 0),
      );
    });
  }
}

test('the schedules are those of the standard and of the field', () => {
  const spans = Object.values(SCHEDULES).map((waits) => [waits.length, waits.reduce((sum, pause) => sum + pause, 0)]);
  assert.deepEqual(spans, [
    [3, 0],
    [11, 27.5 * MINUTE],
    [15, 24 * HOUR + 4 * MINUTE],
  ]);
});

test('a notice that nobody answers is given up at the end of its schedule', async (t) => {
  const s = await parked(t);
  const mallcoo = mallcooOf(s);
  const quote = await quoted(mallcoo);
  await s.close();
  const { delivery } = await mallcoo.pay(quote, AT_ONCE);
  assert.equal(delivery.acknowledged, false);
  assert.equal(delivery.outcomes.length, 4);
  for (const outcome of delivery.outcomes)
    assert.match(inEnglish(outcomeSaid(outcome)), /nothing listens at this address/);
});

test('the same order with other content is refused, and the first answer stays', async (t) => {
  const s = await parked(t);
  const mallcoo = mallcooOf(s);
  const order = await mallcoo.pay(await quoted(mallcoo), AT_ONCE);
  const conflicting = await mallcoo.notify({ ...order.notice, amount: 1 });
  assert.match(inEnglish(outcomeSaid(conflicting)), /order M1 was notified before with other content/);
  assert.ok(accepted(await mallcoo.notify(order.notice)));
  assert.equal(booked(s), 1);
});

test('what the car park refuses is told in its own words', async (t) => {
  const s = await site(t);
  const asked = await mallcooOf(s).ask(CAR);
  assert.ok(asked.type === 'failed');
  assert.equal(inEnglish(asked.message), `no such vehicle in the park: ${PLATE}`);
});

test('an answer that is none is told with what is wrong with it', async (t) => {
  const s = await parked(t);
  const odd = { feeId: 'F', entryTime: 'today', totalAmount: '5' };
  const mallcoo = mallcooOf(s, {
    send: async () => ({
      type: 'answered',
      status: 200,
      contentType: 'application/json',
      text: '',
      json: { resCode: 0, resMsg: '', ...odd },
      ms: 1,
    }),
  });
  const asked = await mallcoo.ask(CAR);
  assert.ok(asked.type === 'failed');
  assert.match(inEnglish(asked.message), /entryTime is "today".+totalAmount is "5"/);
});

test('a token proves the caller in the header, as bearer and in the query; without it nothing is answered', async (t) => {
  const token = '0123456789abcdef';
  const s = await site(t, { auth: new Map([['P001' as never, { type: 'token', token }]]) });
  await s.enter(plate(PLATE));
  for (const place of ['header', 'bearer', 'query'] as const) {
    await quoted(mallcooOf(s, { proof: { type: 'token', token, place } }));
  }
  const { outcome } = await mallcooOf(s).ask(CAR);
  assert.equal(outcome.type === 'answered' && outcome.status, 401);
});

test('a signed call carries the four headers of the open platform, and is signed anew each time', () => {
  const proof: Proof = { type: 'sign', appId: 'A1', publicKey: 'PUB123', privateKey: '0123456789abcdef' };
  const request = requestOf('GetTraffic', {}, 'query');
  // The golden vector of nothing sent: 2024-05-01 12:00:00 in UTC+8.
  const noon = instant(Date.parse('2024-05-01T04:00:00Z'));
  assert.equal(formatLocal(noon, ZONE), '2024-05-01 12:00:00');
  const headers = { AppID: 'A1', PublicKey: 'PUB123', TimeStamp: '20240501120000', Sign: 'B90863B3FA01EAD2' };
  assert.deepEqual(prove(request, proof, noon).headers, headers);
  const sign = (...args: Parameters<typeof requestOf>): unknown =>
    prove(requestOf(...args), proof, noon).headers['Sign'];
  assert.notEqual(prove(request, proof, after(noon, 1_000)).headers['Sign'], headers.Sign);
  assert.notEqual(sign('GetTraffic', { parkId: 'P001' }, 'query'), headers.Sign, 'of a GET the query is signed');
  assert.notEqual(sign('GetTraffic', { parkId: 'P001' }, 'json'), sign('GetTraffic', { parkId: 'P002' }, 'json'));
});
