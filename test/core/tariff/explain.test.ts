/** Explanations: every line names what it is about, in both languages, and none is lost in the short form. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bilingualLabel, labelOf, moneyText, sentenceOf, summarise } from '../../../src/core/tariff/describe.ts';
import type { FeeItem } from '../../../src/core/tariff/tariff.ts';
import { formatLocal } from '../../../src/core/time.ts';
import { at, SHANGHAI, tariffOf } from './sheets.ts';

/** Kind, name, from, to (time of day only), units, unit price and amount of each line. */
function linesOf(sheet: string, from: string, to: string, className: string | null = null): string[] {
  const items = tariffOf(sheet).forClass(className).explain(at(from), at(to));
  return items.map((item) => {
    const span = [item.from, item.to].map((moment) => formatLocal(moment, SHANGHAI).slice(5, 16)).join('–');
    return `${item.kind} ${item.name ?? '-'} ${span} ${item.units}×${item.unitPrice} = ${item.amount}`;
  });
}

test('bands, steps and every cap have their lines, a cap at the end of its period', () => {
  const sheet = `free: 15 min
bands:
  - { name: 日, from: 08:00, to: 20:00, price: [{ to: 1 h, price: 10 }, { price: 5 per 30 min }], cap: 40 }
  - { name: 夜, from: 20:00, to: 08:00, price: 2 per hour }
cap: [45 per day, 100 per visit]`;
  assert.deepEqual(linesOf(sheet, '2026-11-20 09:10', '2026-11-22 00:00'), [
    'sheet test 1 11-20 09:10–11-22 00:00 1×0 = 0',
    'once 日 11-20 09:10–11-20 10:10 1×1000 = 1000',
    'step 日 11-20 10:10–11-20 20:00 20×500 = 10000',
    'bandCap 日 11-20 09:10–11-20 20:00 1×4000 = -7000',
    'step 夜 11-20 20:00–11-21 00:00 4×200 = 800',
    'dayCap - 11-20 09:10–11-21 00:00 1×4500 = -300',
    'step 夜 11-21 00:00–11-21 08:00 8×200 = 1600',
    'once 日 11-21 08:00–11-21 09:00 1×1000 = 1000',
    'step 日 11-21 09:00–11-21 20:00 22×500 = 11000',
    'bandCap 日 11-21 08:00–11-21 20:00 1×4000 = -8000',
    'step 夜 11-21 20:00–11-22 00:00 4×200 = 800',
    'dayCap - 11-21 00:00–11-22 00:00 1×4500 = -1900',
  ]);
});

test('a free period, an arrival, a class and the rounding have their lines', () => {
  const sheet = `free: { for: 30 min, then: rest }
price: 3.75 per 15 min
arrivals: [{ name: 夜到, from: 18:00, to: 24:00, price: 10.30, covers: 2 h }]
classes: { half: { pays: 50%, round: down to 1 } }`;
  assert.deepEqual(linesOf(sheet, '2026-11-20 18:00', '2026-11-20 20:20', 'half'), [
    'sheet test 1 11-20 18:30–11-20 20:20 1×0 = 0',
    'free - 11-20 18:00–11-20 18:30 1×0 = 0',
    'arrival 夜到 11-20 18:30–11-20 20:00 1×1030 = 1030',
    'step - 11-20 20:00–11-20 20:20 2×375 = 750',
    'class half 11-20 18:30–11-20 20:20 500×-890 = -890',
    'rounding - 11-20 18:30–11-20 20:20 1×-90 = -90',
  ]);
});

test('units that cost a fraction of a 分 still add up', () => {
  assert.deepEqual(
    linesOf('price: 5 per hour in steps of 5 min', '2026-11-20 10:00', '2026-11-20 10:42').at(-1),
    'step - 11-20 10:00–11-20 10:42 9×42 = 375',
  );
});

test('one line tells a log why a fee is what it is', () => {
  const items = tariffOf('price: 5 per hour\ncap: 50 per day').explain(at('2026-11-20 10:00'), at('2026-11-23 09:30'));
  assert.equal(
    sentenceOf(items, 'zh', '¥'),
    '价格表 test 1；停车费 72 × ¥5.00 / 1 小时 ¥360.00；每日封顶 最多 ¥50.00，3 次 -¥160.00',
  );
  assert.equal(
    sentenceOf(items, 'en', '¥'),
    'sheet test 1; parking 72 × ¥5.00 / 1 h ¥360.00; cap per day at most ¥50.00, 3 times -¥160.00',
  );
});

test('every kind of line has a label in both languages', () => {
  const kinds: readonly FeeItem['kind'][] = [
    'sheet',
    'calendar',
    'free',
    'step',
    'once',
    'arrival',
    'settled',
    'bandCap',
    'arrivalCap',
    'dayCap',
    'rollingCap',
    'visitCap',
    'class',
    'rounding',
    'lostTicket',
    'reentry',
    'coupon',
    'paid',
  ];
  const [item] = tariffOf('price: 1 per hour').explain(at('2026-11-20 10:00'), at('2026-11-20 11:00'));
  assert.ok(item);
  for (const kind of kinds) {
    const line: FeeItem = { ...item, kind, name: '' };
    assert.notEqual(labelOf(line, 'zh'), labelOf(line, 'en'));
    assert.match(labelOf(line, 'zh'), /\p{Script=Han}/u);
    assert.ok(bilingualLabel(line).length > labelOf(line, 'en').length);
  }
});

test('the short form of months has few lines, and the sum of the long one', () => {
  const sheet =
    'bands: [{ name: a, from: 08:00, to: 20:00, price: 5 per hour, cap: 30 }, { name: b, from: 20:00, to: 08:00, price: 1 per hour }]\ncap: 35 per day';
  const items = tariffOf(sheet).explain(at('2026-03-01 10:00'), at('2026-06-01 10:00'));
  const short = summarise(items);
  assert.ok(items.length > 300);
  assert.deepEqual(
    short.map((item) => item.kind),
    ['sheet', 'step', 'bandCap', 'step', 'dayCap'],
  );
  const sum = (lines: readonly FeeItem[]): number => lines.reduce((total, item) => total + item.amount, 0);
  assert.equal(sum(short), sum(items));
});

test('money is shown with the sign of the sheet', () => {
  assert.deepEqual(
    [0, 5, 1375, -65].map((amount) => moneyText(amount, 'S$')),
    ['S$0.00', 'S$0.05', 'S$13.75', '-S$0.65'],
  );
});
