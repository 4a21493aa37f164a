/** The gate and its price sheet: the price shown is the price charged, and the journal says how it came about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chinaCalendar } from '../../../src/config/tariff/holidays.ts';
import { loadSheet } from '../../../src/config/tariff/load.ts';
import { fen } from '../../../src/core/money.ts';
import type { Decision } from '../../../src/core/park/decision.ts';
import type { Left, PaymentBooked } from '../../../src/core/park/events.ts';
import { capture, restore } from '../../../src/core/park/snapshot.ts';
import { lastDeparture } from '../../../src/core/park/state.ts';
import { compileTariff } from '../../../src/core/tariff/compile.ts';
import { chargeSentence } from '../../../src/core/tariff/describe.ts';
import { quote } from '../../../src/core/tariff/quote.ts';
import { instant, MINUTE, SECOND } from '../../../src/core/time.ts';
import { tariffOf } from '../tariff/sheets.ts';
import { minutes, P001, plate, SHEET, scene, TEN, ZONE } from './scene.ts';

const CAR = plate('粤A12345');

function left(decision: Decision): Left {
  const [event] = decision.events;
  assert.ok(event?.type === 'left', JSON.stringify(decision));
  return event;
}

function booked(decision: Decision): PaymentBooked {
  const [event] = decision.events;
  assert.ok(event?.type === 'paymentBooked', JSON.stringify(decision));
  return event;
}

const sum = (tariff: Left['tariff'] | undefined): number =>
  tariff && 'items' in tariff ? tariff.items.reduce((total, { amount }) => total + amount, 0) : Number.NaN;

test('the journal keeps the sheet, its version and the lines of what was charged, at the payment and at the exit', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  const payment = booked(s.pay('A', minutes(150), { amount: fen(1500) }));
  assert.deepEqual(
    [payment.gross, payment.tariff?.name, payment.tariff?.version, sum(payment.tariff)],
    [1500, 'test', '1', 1500],
  );
  const event = left(s.read('out-1', CAR, minutes(160)));
  assert.deepEqual([event.gross, sum(event.tariff)], [1500, 1500]);
  assert.equal(chargeSentence(event.tariff, 'zh'), '价格表 test 1；停车费 3 × ¥5.00 / 1 小时 ¥15.00');
});

test('a stay within the free period is explained too', () => {
  const s = scene();
  s.read('in-1', CAR, TEN);
  const { gross, tariff } = left(s.read('out-1', CAR, minutes(10)));
  assert.deepEqual([gross, chargeSentence(tariff, 'en')], [0, 'sheet test 1; free period ¥0.00']);
});

test('a visit that went on after a restart is explained with what was settled before', () => {
  const s = scene({ tariff: tariffOf(`${SHEET}afterPayment: restart`) });
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(150), { amount: fen(1500) });
  const payment = booked(s.pay('B', minutes(200), { amount: fen(500) }));
  assert.deepEqual([payment.gross, sum(payment.tariff)], [2000, 2000]);
  assert.deepEqual(
    payment.tariff?.items.map(({ kind, amount }) => [kind, amount]),
    [
      ['settled', 1500],
      ['step', 500],
    ],
  );
});

test('a vehicle pays the prices of its class, told by the plate’s colour, or by the form of a green plate', () => {
  const tariff = tariffOf('price: 5 per hour\nclasses: { electric: { pays: 50% }, large: { price: 8 per hour } }');
  const s = scene({
    tariff,
    classes: new Map([
      ['green', 'electric'],
      ['yellow', 'large'],
    ]),
  });
  s.read('in-1', CAR, TEN, { colour: 'blue' });
  s.read('in-1', plate('粤B12345'), TEN, { colour: 'yellow' });
  s.read('in-1', plate('粤AD12345'), TEN);
  s.read('in-1', plate('粤A12345D'), TEN);
  const due = (text: string): number => s.info(plate(text), minutes(60)).totalAmount;
  // 粤A12345D is the plate of a large green vehicle, for which the park names no class.
  assert.deepEqual(['粤A12345', '粤B12345', '粤AD12345', '粤A12345D'].map(due), [500, 800, 250, 500]);
  const payment = booked(s.pay('A', minutes(60), { feeId: 'V3', amount: fen(250) }));
  assert.equal(payment.tariff?.class, 'electric');
  assert.equal(
    chargeSentence(payment.tariff, 'en'),
    'sheet test 1; parking 1 × ¥5.00 / 1 h ¥5.00; class electric 50% -¥2.50',
  );
});

test('a car that comes back within the sheet’s time is charged as if it had never left', () => {
  const s = scene({ tariff: tariffOf('free: 15 min\nprice: 5 per hour\nreentry: { within: 30 min, keeps: entry }') });
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(50), { amount: fen(500) });
  assert.equal(left(s.read('out-1', CAR, minutes(55))).gross, 500);
  s.read('in-1', CAR, minutes(70));
  // Without the rule its ten minutes were free; with it the second hour has begun at minute 60.
  assert.equal(s.info(CAR, minutes(80)).totalAmount, 500);
  const payment = booked(s.pay('B', minutes(80), { feeId: 'V3', amount: fen(500) }));
  assert.deepEqual([sum(payment.tariff), payment.tariff?.items.at(-1)?.kind], [500, 'reentry']);
  left(s.read('out-1', CAR, minutes(85)));
  // A third stay is tied through the second to the first; a fourth comes too late.
  s.read('in-1', CAR, minutes(100));
  assert.deepEqual(s.state.parks.get(P001)?.open.values().next().value?.earlier?.length, 2);
  s.pay('C', minutes(119), { feeId: 'V5', amount: fen(0) });
  left(s.read('out-1', CAR, minutes(119)));
  s.read('in-1', CAR, minutes(150));
  assert.equal(s.info(CAR, minutes(160)).totalAmount, 0);
});

test('re-entry is remembered over a restart, and only while the departure is', () => {
  const s = scene({ tariff: tariffOf('price: 5 per hour\nreentry: { within: 30 min, keeps: entry }') });
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(50), { amount: fen(500) });
  left(s.read('out-1', CAR, minutes(55)));
  const { parks } = restore(capture(s.state));
  const again = parks.get(P001);
  assert.ok(again);
  assert.equal(lastDeparture(again, '粤A12345')?.id, 'V1');
  s.send({ type: 'seal', park: P001, closedBefore: minutes(56), passagesBefore: TEN }, minutes(57));
  const [entered] = s.read('in-1', CAR, minutes(70)).events;
  assert.ok(entered?.type === 'entered');
  assert.equal(entered.earlier, undefined);
});

test('a misread plate that is corrected takes the re-entry of the plate that it turned out to be', () => {
  const s = scene({ tariff: tariffOf('price: 5 per hour\nreentry: { within: 30 min, keeps: entry }') });
  s.read('in-1', CAR, TEN);
  s.pay('A', minutes(50), { amount: fen(500) });
  left(s.read('out-1', CAR, minutes(55)));
  s.read('in-1', plate('粤A12346'), minutes(70), { identity: 'x', confidence: 0.5 });
  s.read('in-1', CAR, minutes(70), { identity: 'x', confidence: 0.9 });
  assert.equal(s.info(CAR, minutes(75)).totalAmount, 500);
  assert.equal(s.info(CAR, minutes(119)).totalAmount, 500);
});

test('a stay is priced by the version in force when the car came in', () => {
  const text =
    'name: a\nversion: old\nprice: 5 per hour\n---\nname: a\nversion: new\nstarts: 2026-11-22 11:00\nprice: 6 per hour\n';
  const s = scene({ tariff: compileTariff(loadSheet('a.yaml', text, ZONE).versions, chinaCalendar(), ZONE) });
  s.read('in-1', CAR, TEN);
  s.read('in-1', plate('粤B12345'), minutes(60));
  assert.equal(booked(s.pay('A', minutes(120), { amount: fen(1000) })).tariff?.version, 'old');
  const second = booked(s.pay('B', minutes(120), { feeId: 'V2', amount: fen(600) }));
  assert.deepEqual([second.tariff?.version, second.flags], ['new', []]);
});

test('free minutes are cut from the end of the stay that the sheet names', () => {
  const bands =
    'bands: [{ name: dear, from: 00:00, to: 11:00, price: 10 per hour }, { name: cheap, from: 11:00, to: 24:00, price: 2 per hour }]';
  for (const [cut, worth] of [
    ['end', 200],
    ['start', 1000],
  ] as const) {
    const s = scene({ tariff: tariffOf(`${bands}\ncoupons: { cut: ${cut} }`) });
    s.read('in-1', CAR, TEN);
    assert.equal(s.info(CAR, minutes(120), 60).deductionAmount, worth);
  }
});

const SHEETS = [
  SHEET,
  `${SHEET}afterPayment: restart\ngrace: 5 min`,
  'price: [{ to: 1 h, total: 5 }, { to: 3 h, total: 8 }, { price: 1 per 30 min }]\ncap: [20 per day, 60 per visit]\ngrace: none',
  'bands: [{ name: day, from: 07:00, to: 19:00, price: 2.5 per 15 min, units: down }, { name: night, from: 19:00, to: 07:00, price: 5 once }]\nround: up to 1',
];

test('on any sheet the price shown is the price charged, it settles the visit, and its lines add up', () => {
  const tariffs = SHEETS.map((text) => tariffOf(text));
  const seconds = (most: number) => fc.integer({ min: 0, max: most });
  fc.assert(
    fc.property(
      fc.constantFrom(...tariffs),
      fc.array(seconds(40 * 3600), { minLength: 1, maxLength: 4 }),
      seconds(10 * 60),
      (tariff, waits, leave) => {
        const s = scene({ tariff });
        s.read('in-1', CAR, TEN);
        let now = TEN;
        for (const [index, wait] of waits.entries()) {
          now = instant(now + wait * SECOND);
          const asked = s.info(CAR, now);
          const payment = booked(
            s.pay(`O${index}`, now, { amount: asked.unPayAmount, unPayAmount: asked.unPayAmount }),
          );
          assert.deepEqual([payment.flags, payment.gross], [[], asked.totalAmount]);
          assert.equal(sum(payment.tariff), asked.totalAmount);
          assert.equal(s.info(CAR, now).unPayAmount, 0);
        }
        now = instant(now + Math.min(leave * SECOND, MINUTE));
        const asked = s.info(CAR, now);
        if (asked.unPayAmount > 0) return;
        const event = left(s.read('out-1', CAR, now));
        assert.deepEqual(
          [event.gross, event.paid, sum(event.tariff)],
          [asked.totalAmount, asked.paidAmount, asked.totalAmount],
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('gatepost fee and the gate agree on what is still to pay after a payment, on any sheet and at any moment', () => {
  const tariffs = SHEETS.map((text) => tariffOf(text));
  const seconds = fc.integer({ min: 0, max: 30 * 3600 });
  fc.assert(
    fc.property(
      fc.constantFrom(...tariffs),
      seconds,
      seconds,
      fc.integer({ min: 0, max: 10_000 }),
      (tariff, stay, more, spare) => {
        // A price shown minutes before is honoured at the gate alone: here the payment is of the very moment.
        const s = scene({ tariff, quoteValidityMs: 0 });
        const paidAt = instant(TEN + stay * SECOND);
        const to = instant(paidAt + more * SECOND);
        s.read('in-1', CAR, TEN);
        const due = s.info(CAR, paidAt).unPayAmount;
        // Enough, too much, too little; nothing due, nothing settled.
        fc.pre(due > 0);
        const amount = fen(spare % 3 === 0 ? due : spare);
        s.pay('A', paidAt, { amount });
        const { totalAmount, unPayAmount } = s.info(CAR, to);
        const told = quote(tariff, { from: TEN, to, payment: { at: paidAt, amount } });
        assert.equal(told.payableAmount, unPayAmount);
        if (unPayAmount > 0) assert.equal(told.totalAmount, totalAmount);
      },
    ),
    { numRuns: 500 },
  );
});
