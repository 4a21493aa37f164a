/** `gatepost mallcoo check`, from inside: green against the real calls, and each planted mistake is named. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { after, HOUR, MINUTE } from '../../src/core/time.ts';
import type { Auth } from '../../src/mallcoo/auth.ts';
import { type ClauseResult, checkSite } from '../../src/mallcoo-client/check/check.ts';
import type { Target } from '../../src/mallcoo-client/check/clause.ts';
import { NO_PROOF } from '../../src/mallcoo-client/request.ts';
import { httpSend } from '../../src/mallcoo-client/wire.ts';
import { inEnglish } from '../chinese.ts';
import { ZONE } from '../core/park/scene.ts';
import { plate, type Site, site, TEN } from '../mallcoo/site.ts';
import { type Defect, wrongServer } from './wrong-server.ts';

const PLATE = '沪A68688';

function targetOf(s: Site, port: number, over: Partial<Target> = {}): Target {
  let orders = 0;
  return {
    send: httpSend({ url: `http://127.0.0.1:${port}/mallcoo`, timeoutMs: 10_000 }),
    proof: NO_PROOF,
    parkId: 'P001',
    plate: PLATE,
    pay: true,
    zone: ZONE,
    clock: { now: () => s.clock.at },
    newOrderNo: () => {
      orders += 1;
      return `CHECK${orders}`;
    },
    ...over,
  };
}

/** A site with passages on earlier days, and a car that came in 140 minutes ago and owes ¥15. */
async function parked(t: TestContext, auth?: Auth): Promise<Site> {
  const s = await site(t, auth ? { auth: new Map([['P001' as never, auth]]) } : {});
  s.clock.at = after(TEN, -47 * HOUR);
  await s.enter(plate('沪B00001'));
  s.clock.at = after(TEN, -20 * HOUR);
  await s.enter(plate('沪B00002'));
  s.clock.at = TEN;
  await s.enter(plate(PLATE));
  s.clock.at = after(TEN, 140 * MINUTE);
  return s;
}

const verdicts = (results: readonly ClauseResult[], type: string): readonly ClauseResult[] =>
  results.filter(({ verdict }) => verdict.type === type);

const reasonsOf = (results: readonly ClauseResult[]): readonly string[] =>
  results.flatMap(({ verdict }) => (verdict.type === 'skip' ? [inEnglish(verdict.reason)] : []));

const problemsOf = (results: readonly ClauseResult[]): readonly string[] =>
  results.flatMap(({ title, verdict }) =>
    verdict.type === 'fail' ? verdict.problems.map((problem) => `${inEnglish(title)}: ${inEnglish(problem)}`) : [],
  );

const booked = (s: Site): number =>
  s.records.flatMap(({ events }) => events).filter(({ type }) => type === 'paymentBooked').length;

const TOKEN = { type: 'token', token: '0123456789abcdef' } as const;
const SIGN = { type: 'sign', publicKey: 'PUB123', privateKey: '0123456789abcdef', maxSkewSeconds: 300 } as const;

test('the real calls keep every clause, with a token; what was paid is booked once, and the car owes nothing', async (t) => {
  const s = await parked(t, TOKEN);
  const results = await checkSite(targetOf(s, s.port, { proof: { ...TOKEN, place: 'header' } }));
  assert.deepEqual(problemsOf(results), []);
  const skipped = reasonsOf(results);
  assert.deepEqual(skipped, ['no signing key was given', 'no signing key was given']);
  assert.equal(booked(s), 7);
});

test('the real calls keep every clause, signed', async (t) => {
  const s = await parked(t, SIGN);
  const { publicKey, privateKey } = SIGN;
  const proof = { type: 'sign', appId: '', publicKey, privateKey } as const;
  const results = await checkSite(targetOf(s, s.port, { proof }));
  assert.deepEqual(problemsOf(results), []);
  assert.equal(verdicts(results, 'skip').length, 1);
});

test('without a test car no car is asked about and no payment reaches the gate', async (t) => {
  const s = await parked(t);
  const records = s.records.length;
  const results = await checkSite(targetOf(s, s.port, { plate: null, pay: false }));
  assert.deepEqual(problemsOf(results), []);
  assert.ok(verdicts(results, 'pass').length >= 20);
  assert.equal(s.payments.length, 0);
  assert.deepEqual(s.faults, []);
  assert.equal(s.records.length, records);
  const sent = results.flatMap(({ exchanges }) => exchanges.map(({ sent: call }) => call));
  assert.ok(sent.every((call) => !call.includes(PLATE)));
});

test('with a test car and no leave to pay its fee is asked, and nothing is booked', async (t) => {
  const s = await parked(t);
  const results = await checkSite(targetOf(s, s.port, { pay: false }));
  assert.deepEqual(problemsOf(results), []);
  assert.equal(s.payments.length, 0);
});

test('a car that owes nothing leaves the payments out, and says so', async (t) => {
  const s = await parked(t);
  s.clock.at = after(TEN, 5 * MINUTE);
  const results = await checkSite(targetOf(s, s.port));
  assert.deepEqual(problemsOf(results), []);
  const reasons = reasonsOf(results);
  assert.ok(reasons.some((reason) => /the car owes 0 分, and must owe 6 分 or more/.test(reason)));
});

test('a token or a signature never stands in what is reported', async (t) => {
  const s = await parked(t, TOKEN);
  const results = await checkSite(targetOf(s, s.port, { proof: { ...TOKEN, place: 'query' } }));
  assert.ok(!JSON.stringify(results).includes(TOKEN.token));
});

test('where nobody answers, one clause says why and the rest is skipped', async (t) => {
  const s = await parked(t);
  await s.close();
  const results = await checkSite(targetOf(s, s.port));
  assert.deepEqual(problemsOf(results), [
    'a call with a JSON body is answered with strict JSON: GetTraffic got no answer: nothing listens at this address (connection refused)',
  ]);
  assert.equal(verdicts(results, 'skip').length, results.length - 1);
});

type Planted = readonly (readonly [name: string, defect: Defect, named: RegExp])[];

/** Mistakes that are planted, and what the check has to say of them: those that questions bring to light. */
const IN_QUERIES: Planted = [
  [
    'the key is written as "feeId " (seen in the field)',
    { info: ({ feeId, ...rest }) => ({ ...rest, 'feeId ': feeId }) },
    /feeId is missing; "feeId " is there, and must be spelt "feeId"/,
  ],
  [
    'the key is written as feeld, as in the standard’s example',
    { info: ({ feeId, ...rest }) => ({ ...rest, feeld: feeId }) },
    /feeId is missing; "feeld" is there/,
  ],
  [
    'amounts are text',
    { info: (answer) => ({ ...answer, totalAmount: String(answer['totalAmount']) }) },
    /totalAmount is "1500", and must be a whole number of 分/,
  ],
  [
    'minutes are fractional',
    { info: (answer) => ({ ...answer, parkingMinutes: 140.5 }) },
    /parkingMinutes is 140\.5, and must be a whole number of minutes/,
  ],
  [
    'a success comes with resCode 1',
    { info: (answer) => ({ ...answer, resCode: 1 }) },
    /resCode is 1 and yet the answer is complete/,
  ],
  [
    'local times are those of UTC',
    { info: (answer) => ({ ...answer, entryTime: '2026-11-22 02:00:00' }) },
    /from entryTime 2026-11-22 02:00:00 \(Asia\/Shanghai\) to the clock here it is 620 minutes, and parkingMinutes is 140/,
  ],
  [
    'times are written with a T',
    { info: (answer) => ({ ...answer, entryTime: '2026-11-22T10:00:00' }) },
    /entryTime is "2026-11-22T10:00:00", and must be a local time like/,
  ],
  [
    'free amounts are taken off what is due',
    {
      info: (answer) => ({
        ...answer,
        unPayAmount: Math.max(0, Number(answer['unPayAmount']) - Number(answer['deductionAmount'])),
      }),
    },
    /unPayAmount fell from 1500 to 1000: a coupon is only reckoned/,
  ],
  [
    'the deduction is not counted in minutes',
    { info: (answer, fields) => (fields['freeMinutes'] ? { ...answer, deductionAmount: 0 } : answer) },
    /deductionAmount for 60 minutes and 500 分 is 0, and must be 500/,
  ],
  [
    'discounts stack from query to query',
    { stacks: true },
    /asking changes nothing, whatever coupons are offered: paidAmount after asking with coupons is \d+, and must be/,
  ],
  [
    'a refusal comes with invented fields',
    { refusal: (answer) => ({ ...answer, feeId: '0', totalAmount: 0 }) },
    /a car that is not in the park is refused, .+: "feeId" is no field of this answer/,
  ],
  [
    'a refusal says no reason',
    { refusal: (answer) => ({ ...answer, resMsg: '' }) },
    /resMsg is empty, and must say why/,
  ],
  [
    'answers have a trailing comma, as in the standard’s example',
    { text: (text) => text.replace(/}$/, ',}') },
    /HTTP 200 without a JSON object in it: .+,}/,
  ],
  [
    'answers are sent as text/html',
    { contentType: 'text/html' },
    /the content type is "text\/html", and must be application\/json/,
  ],
  [
    'plates are compared as they are typed',
    { refuses: (fields) => String(fields['plateNo'] ?? PLATE).includes('·') },
    /the plate is known however it is typed: written "沪A·68688"/,
  ],
  [
    'passages at the edge of a span are counted twice',
    { traffic: (answer) => ({ ...answer, inNum: Number(answer['inNum']) + 1 }) },
    /inNum of both parts together is 4, and must be 3/,
  ],
  [
    'forms are not understood',
    { status: ({ type }) => (type.includes('form') ? 415 : null) },
    /the same fields are understood as a form: HTTP 415/,
  ],
  [
    'paths are matched by case',
    { status: ({ path }) => (/\/(gettraffic|GETTRAFFIC)$/.test(path) ? 404 : null) },
    /paths match without regard to case: HTTP 404/,
  ],
  [
    'a broken body is a 500 with a page of HTML',
    { status: ({ body }) => (body.endsWith(',}') ? 500 : null) },
    /a body that is no JSON is a 400 in the shape of the standard: HTTP 500 without a JSON object/,
  ],
];

/** Those that only payments bring to light. */
const IN_PAYMENTS: Planted = [
  [
    'a payment’s success comes with resCode 1',
    { pay: (answer) => ({ ...answer, resCode: 1 }) },
    /a payment is credited, and lowers what is due: resCode is 1/,
  ],
  [
    'every order is new',
    { order: 'always new' },
    /sent again, three times, .+: paidAmount afterwards is 6, and must be 3/,
  ],
  [
    'two notices at once are both booked',
    { order: 'new while one is under way' },
    /8 notices of one order at once are booked once: paidAmount afterwards/,
  ],
  [
    'other content under the same order is answered as done',
    { refusal: (answer, call) => (call === 'PayParkingFee' ? { resCode: 0, resMsg: '' } : answer) },
    /the same orderNo with other content is refused, and nothing is booked: resCode is 0, and must be 1/,
  ],
  [
    'money is refused because a figure differs',
    { refuses: (fields) => fields['unPayAmount'] === 99_999 },
    /money is not refused because a figure differs: resCode is 1/,
  ],
  [
    'the connection is cut under load',
    { cut: (fields) => fields['payType'] === 0 },
    /0 元支付 .+: PayParkingFee got no answer: the connection was cut before an answer came/,
  ],
];

for (const [planted, pay] of [
  [IN_QUERIES, false],
  [IN_PAYMENTS, true],
] as const) {
  for (const [name, defect, named] of planted) {
    test(`named: ${name}`, async (t) => {
      const s = await parked(t);
      const port = await wrongServer(t, s.port, defect);
      const problems = problemsOf(await checkSite(targetOf(s, port, { pay })));
      assert.ok(
        problems.some((problem) => named.test(problem)),
        `not named among: ${problems.join('\n')}`,
      );
    });
  }
}

test('named: anyone is let in, whatever they show', async (t) => {
  const s = await parked(t, TOKEN);
  const port = await wrongServer(t, s.port, { adds: { 'x-token': TOKEN.token } });
  const results = await checkSite(targetOf(s, port, { proof: { ...TOKEN, place: 'header' } }));
  const problems = problemsOf(results);
  assert.ok(problems.some((problem) => /^whoever proves nothing is turned away: the HTTP status is 200/.test(problem)));
  assert.ok(problems.some((problem) => /^a wrong token or key is turned away: the HTTP status is 200/.test(problem)));
});

test('a proxy that does nothing wrong is named for nothing', async (t) => {
  const s = await parked(t);
  const port = await wrongServer(t, s.port, {});
  assert.deepEqual(problemsOf(await checkSite(targetOf(s, port))), []);
});
