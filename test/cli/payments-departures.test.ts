/** What `gatepost payments` tells of departures: who was let go uncollected, why, what came for it, and that a day adds up. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { archiveCommand } from '../../src/cli/archive.ts';
import { fen } from '../../src/core/money.ts';
import type { Plate } from '../../src/core/plate.ts';
import { DAY, instant } from '../../src/core/time.ts';
import { gate, letOut, line, UP_TO_10 } from '../core/park/exits.ts';
import { minutes, plate, type Scene } from '../core/park/scene.ts';
import { tempFolder } from '../store/tools.ts';
import { writeFolder } from './journal-tools.ts';
import { livingBooks, parseCsv, payments, report } from './payments-tools.ts';
import { ranInBoth } from './ran.ts';

const TOMORROW = instant(minutes(0) + DAY);

/** A line that fails at noon: one leaves before, one under the amount, one by the operator, one unknown, one unseen. */
function badDay(): Scene {
  const s = gate(UP_TO_10);
  s.read('in-1', plate('粤A11111'), minutes(0));
  s.read('in-1', plate('粤B22222'), minutes(1));
  s.read('in-1', plate('粤C33333'), minutes(2));
  s.read('in-1', plate('粤D44444'), minutes(3));
  s.pay('A1', minutes(50), { feeId: 'V1', amount: fen(700) });
  s.read('out-1', plate('粤A11111'), minutes(51));
  line(s, false, minutes(115));
  s.read('out-1', plate('粤B22222'), minutes(120));
  s.read('out-1', plate('粤C33333'), minutes(200));
  letOut(s, minutes(201));
  s.read('out-2', plate('粤X99999'), minutes(205));
  letOut(s, minutes(206), 'out-2');
  s.read('out-2', plate('粤D44444'), minutes(230), { history: minutes(223) });
  line(s, true, minutes(240));
  s.pay('B1', minutes(241), { feeId: null, plate: '粤B22222' as Plate, amount: fen(600), payTime: minutes(119) });
  s.pay('C1', TOMORROW, { feeId: 'V3', amount: fen(1_500), payTime: minutes(199), deductionAmount: fen(500) });
  return s;
}

async function badFolder(t: TestContext): Promise<string> {
  const dir = tempFolder(t);
  await writeFolder(dir, badDay().records, 1_024);
  return dir;
}

const ASK = ['--day', '2026-11-22'] as const;

test('each vehicle that was let go: when, where, who, what it owed, why, and what came for it', async (t) => {
  const { code, lines } = await payments(await badFolder(t), ...ASK);
  assert.equal(code, 0);
  const from = lines.findIndex((text) => text.startsWith('let go uncollected'));
  const squeezed = lines.slice(from).map((text) => text.trim().replaceAll(/ +/g, ' '));
  assert.deepEqual(
    squeezed.map((text) => text.replace(/ \d{12}\.jsonl:\d+/, '')),
    [
      'let go uncollected, or by the operator: 2026-11-22',
      '2026-11-22 12:00:00 out-1 粤B22222 ¥10.00 line down visit=V2 park=P001',
      '← 2026-11-22 14:01:00 B1 ¥6.00',
      '2026-11-22 13:21:00 out-1 粤C33333 ¥20.00 operator "showed the receipt" (Li) visit=V3 park=P001',
      '← 2026-11-23 10:00:00 C1 ¥15.00 + ¥5.00',
      '2026-11-22 13:26:00 out-2 粤X99999 ? operator "showed the receipt" (Li) no visit is known park=P001',
      '2026-11-22 13:43:00 out-2 粤D44444 ¥20.00 told by a backlog visit=V4 park=P001',
      'departures of 2026-11-22 cars money',
      'fees 4 ¥55.00',
      'collected by when they left 1 ¥5.00',
      'uncollected 3 ¥50.00',
      'settled since 1 ¥26.00',
      'still open 2 ¥24.00',
    ],
  );
});

test('as JSON: the fees of the departures are what was collected and what was not', async (t) => {
  const dir = await badFolder(t);
  const { letGo, departures, payments: notices } = await report(dir, ...ASK);
  assert.deepEqual(departures, {
    type: 'departures',
    asked: '2026-11-22',
    cars: 4,
    fees: 5_500,
    collected: 500,
    uncollected: 5_000,
    settled: 2_600,
    open: 2_400,
  });
  assert.deepEqual(
    letGo.map(({ visit, why, due, open, settledBy }) => [visit, why, due, open, settledBy.map((one) => one.orderNo)]),
    [
      ['V2', 'lineDown', 1_000, 400, ['B1']],
      ['V3', 'operator', 2_000, 0, ['C1']],
      [null, 'operator', 0, 0, []],
      ['V4', 'backlog', 2_000, 2_000, []],
    ],
  );
  assert.deepEqual(notices.find(({ orderNo }) => orderNo === 'B1')?.['flags'], [
    'FEE_ID_FELL_BACK',
    'SETTLED_LATE',
    'UNDERPAID',
  ]);
  const next = await report(dir, '--day', '2026-11-23');
  assert.deepEqual([next.letGo, next.departures.cars, next.payments.length], [[], 0, 1]);
});

test('--uncollected is that list alone, also as CSV for Excel', async (t) => {
  const dir = await badFolder(t);
  const text = await payments(dir, ...ASK, '--uncollected');
  assert.match(text.out, /^let go uncollected/);
  assert.doesNotMatch(text.out, /credited/);
  const { out, err } = await payments(dir, ...ASK, '--uncollected', '--csv');
  const [head, ...rows] = parseCsv(out.slice(1));
  assert.deepEqual(head?.slice(0, 4), ['day', 'park', 'left', 'lane']);
  assert.equal(rows.length, 4);
  const [, second = []] = rows;
  const cells = Object.fromEntries(second.map((cell, index) => [head?.[index], cell]));
  assert.partialDeepStrictEqual(cells, {
    vehicle: '\t粤C33333',
    why: 'operator',
    reason: '\tshowed the receipt',
    uncollected: '20.00',
    'still open (分)': '0',
    'settled by orders': '\tC1',
  });
  assert.match(err, /departures of 2026-11-22/);
  const both = await payments(dir, ...ASK, '--csv');
  assert.equal(parseCsv(both.out.slice(1)).length, 3);
  assert.match(both.err, /uncollected +3 +¥50\.00/);
});

test('in Chinese', async (t) => {
  const { out } = await payments(await badFolder(t), ...ASK, '--language', 'zh');
  assert.match(out, /粤B22222 +¥10\.00 线路中断/);
  assert.match(out, /离场未收 +3 +¥50\.00/);
});

test('a vehicle that had not left after all is not counted', async (t) => {
  const s = gate(UP_TO_10);
  s.read('in-1', plate('粤A11111'), minutes(0));
  s.read('out-1', plate('粤A11111'), minutes(51), { history: minutes(50) });
  s.read('out-1', plate('粤A11111'), minutes(52));
  const dir = tempFolder(t);
  await writeFolder(dir, s.records);
  const { letGo, departures } = await report(dir, ...ASK);
  assert.deepEqual([letGo, departures.cars, departures.fees], [[], 0, 0]);
});

test('a day whose journal is gone: who was let go comes from the archive, with what came for it; the fees are not known', async (t) => {
  const dir = tempFolder(t);
  const books = await livingBooks(dir, 1_024);
  for (const [index, text] of ['粤A11111', '粤B22222', '粤C33333'].entries()) {
    books.read('in-1', plate(text), minutes(index));
    books.read('out-1', plate(text), minutes(50 + index));
    letOut(books, minutes(50 + index));
  }
  books.pay('A1', minutes(60), { feeId: 'V1', amount: fen(500), payTime: minutes(49) });
  const days = (count: number) => instant(minutes(0) + count * DAY);
  await books.archive(days(1), days(2));
  books.pay('B1', days(3), { feeId: 'V3', amount: fen(300), payTime: minutes(49) });
  await books.archive(days(1), days(4));
  for (let day = 5; day < 9; day += 1) {
    books.read('in-1', plate('粤D44444'), days(day));
    books.read('out-1', plate('粤D44444'), instant(days(day) + 1));
  }
  assert.ok((await books.dropBefore(days(7))) > 0);
  books.pay('C1', days(9), { feeId: 'V5', amount: fen(500), payTime: minutes(49) });
  await books.close();

  const { code, letGo, departures } = await report(dir, ...ASK);
  assert.equal(code, 0);
  assert.deepEqual(
    letGo.map(({ vehicle, due, open, settledBy }) => [vehicle, due, open, settledBy.map((one) => one.orderNo)]),
    [
      ['粤A11111', 500, 0, ['A1']],
      ['粤B22222', 500, 200, ['B1']],
      ['粤C33333', 500, 0, ['C1']],
    ],
  );
  assert.deepEqual([departures.fees, departures.uncollected, departures.settled], [null, 1_500, 1_300]);
  const { out } = await payments(dir, ...ASK);
  assert.doesNotMatch(out, /fees/);
  assert.match(out, /still open +1 +¥2\.00/);
  const asked = await ranInBoth(archiveCommand, [dir, '--plate', '粤B22222']);
  assert.match(asked.out, /left owing ¥5\.00 {2}\(let out by the operator "showed the receipt"\) {2}still open ¥2\.00/);
});
