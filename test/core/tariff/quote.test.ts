/** Coupons, payments, lost tickets and re-entry, in figures that a person can check by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fen } from '../../../src/core/money.ts';
import { type Coupon, deduct } from '../../../src/core/tariff/coupons.ts';
import { quote } from '../../../src/core/tariff/quote.ts';
import type { Stay } from '../../../src/core/tariff/tariff.ts';
import { at, tariffOf } from './sheets.ts';

const minutes = (count: number): Coupon => ({ kind: 'minutes', minutes: count });
const amount = (count: number): Coupon => ({ kind: 'amount', amount: count as Fen });
const stay = (from: string, to: string): Stay => ({ from: at(`2026-11-20 ${from}`), to: at(`2026-11-20 ${to}`) });

test('free minutes are worth the hours they save at the end, or at the start where the sheet says so', () => {
  const sheet =
    'bands: [{ name: dear, from: 00:00, to: 12:00, price: 10 per hour }, { name: cheap, from: 12:00, to: 24:00, price: 2 per hour }]';
  assert.equal(deduct(tariffOf(sheet), stay('10:00', '14:00'), [minutes(60)]).deduction, 200);
  assert.equal(
    deduct(tariffOf(`${sheet}\ncoupons: { cut: start }`), stay('10:00', '14:00'), [minutes(60)]).deduction,
    1000,
  );
});

test('free minutes before the cap save nothing while the cap holds, after the cap they do', () => {
  const sheet = 'price: 10 per hour\ncap: 30 per day';
  assert.equal(deduct(tariffOf(sheet), stay('10:00', '15:00'), [minutes(60)]).deduction, 0);
  assert.equal(
    deduct(tariffOf(`${sheet}\ncoupons: { minutes: after cap }`), stay('10:00', '15:00'), [minutes(60)]).deduction,
    1000,
  );
});

test('a free amount before the cap is taken from the fee without caps', () => {
  const sheet = 'price: 10 per hour\ncap: 30 per day\ncoupons: { amount: before cap }';
  assert.equal(deduct(tariffOf(sheet), stay('10:00', '15:00'), [amount(1500)]).deduction, 0);
  assert.equal(deduct(tariffOf(sheet), stay('10:00', '15:00'), [amount(2500)]).deduction, 500);
  assert.equal(deduct(tariffOf(sheet), stay('10:00', '15:00'), [amount(9900)]).payable, 0);
});

test('several coupons are worth what each adds, in their order', () => {
  const tariff = tariffOf('free: 15 min\nprice: 5 per hour');
  const result = deduct(tariff, stay('10:00', '12:30'), [minutes(60), amount(300), minutes(90)]);
  assert.deepEqual(result, { total: 1500, worths: [500, 300, 1000], deduction: 1800, payable: 0 });
});

test('more free minutes than the stay has make it free', () => {
  const tariff = tariffOf('price: 5 per hour');
  for (const cut of ['start', 'end'] as const) {
    const rule = { cut, minutes: 'before cap', amount: 'after cap' } as const;
    assert.equal(deduct(tariff, stay('10:00', '11:00'), [minutes(600)], rule).payable, 0);
  }
});

test('after a payment the car leaves free within the grace, then the sheet continues or restarts', () => {
  const sheet = 'price: 5 per hour\ngrace: 15 min';
  const payment = { at: at('2026-11-20 12:00'), amount: 1000 as Fen };
  const due = (text: string, to: string): number =>
    quote(tariffOf(text), { ...stay('10:00', to), payment }).payableAmount;
  assert.equal(due(sheet, '12:15'), 0);
  assert.equal(due(sheet, '12:16'), 500);
  assert.equal(due(`${sheet}\nafterPayment: restart`, '12:15'), 0);
  assert.equal(due(`${sheet}\nafterPayment: restart`, '13:30'), 1000);
  assert.equal(due(`free: 30 min\n${sheet}\nafterPayment: restart`, '12:20'), 0);
});

test('a payment that did not cover the fee gives no grace', () => {
  const payment = { at: at('2026-11-20 12:00'), amount: 400 as Fen };
  const result = quote(tariffOf('price: 5 per hour'), { ...stay('10:00', '12:01'), payment });
  assert.deepEqual([result.totalAmount, result.paidAmount, result.payableAmount], [1500, 400, 1100]);
});

test('a lost ticket costs its flat, alone or with the hours', () => {
  const lost = (text: string): number =>
    quote(tariffOf(`price: 5 per hour\n${text}`), { ...stay('10:00', '12:00'), lostTicket: true }).totalAmount;
  assert.equal(lost('lostTicket: 50'), 5000);
  assert.equal(lost('lostTicket: { fee: 50, plus: hours }'), 6000);
});

test('a car that comes back in time is priced from its first entry, or its caps count on', () => {
  const visit = { ...stay('12:10', '14:00'), earlier: [stay('10:00', '12:00')] };
  const fee = (text: string, over = visit): number => quote(tariffOf(`price: 5 per hour\n${text}`), over).totalAmount;
  // 10:00 to 14:00 is 20, of which 10 was charged at 12:00.
  assert.equal(fee('reentry: { within: 30 min, keeps: entry }'), 1000);
  assert.equal(fee('cap: 12 per day\nreentry: { within: 30 min, keeps: cap }'), 200);
  assert.equal(fee('cap: 12 per day\nreentry: { within: 5 min, keeps: cap }'), 1000);
  assert.equal(fee('cap: 12 per day'), 1000);
});

test('the lines of an account add up to its total', () => {
  const tariff = tariffOf(
    'price: 5 per hour\ncap: 12 per day\nlostTicket: { fee: 50, plus: hours }\nreentry: { within: 30 min, keeps: cap }',
  );
  const result = quote(tariff, {
    ...stay('12:10', '14:00'),
    earlier: [stay('10:00', '12:00')],
    lostTicket: true,
    coupons: [amount(100)],
  });
  const lines = result.items.filter((item) => item.kind !== 'coupon').reduce((sum, item) => sum + item.amount, 0);
  assert.equal(lines, result.totalAmount);
  assert.equal(result.totalAmount, 5200);
  assert.equal(result.payableAmount, 5100);
});
