/** `gatepost payments` as a manager uses it: what is listed, how it is counted, and what a wrong call is told. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { ParkId } from '../../src/core/ids.ts';
import { fen } from '../../src/core/money.ts';
import type { MemberInfo } from '../../src/core/park/commands.ts';
import type { Plate } from '../../src/core/plate.ts';
import { demoConfig } from '../../src/demo/config.ts';
import { minutes, plate, type Scene, scene } from '../core/park/scene.ts';
import { lastLine, linesOf, readSegment, segmentsOf, tempFolder, writeSegment } from '../store/tools.ts';
import { day, journal, writeFolder } from './journal-tools.ts';
import { parseCsv, payments, report } from './payments-tools.ts';

const MEMBER: MemberInfo = { mobile: '13812341234', cardNo: null, cardGrade: null, bonus: null };

/** The day of `journal-tools`, and after it: other content, too much, nobody's money that finds its car, and more. */
function busyDay(): Scene {
  const park = day();
  park.pay('A1', minutes(75), { feeId: 'V1', plate: '粤A11111' as Plate, amount: fen(600) });
  park.pay('B1', minutes(80), {
    feeId: 'V2',
    amount: fen(900),
    deductionAmount: fen(100),
    payType: 1,
    unPayAmount: fen(500),
    member: MEMBER,
    rounded: true,
  });
  park.read('in-1', plate('粤X99999'), minutes(80));
  park.pay('X1', minutes(81), { feeId: null, plate: '粤X99999' as Plate, amount: fen(700) });
  park.pay('Z1', minutes(82), { feeId: 'NONE', amount: fen(50), payType: 42, payChannel: 1, payTime: minutes(10) });
  return park;
}

async function busyFolder(t: TestContext): Promise<string> {
  const dir = tempFolder(t);
  await writeFolder(dir, busyDay().records, 1_024);
  return dir;
}

const DAY = ['--day', '2026-11-22'] as const;

test('each notice is a line: when, order, vehicle, money, how it was paid, what was credited, what is odd, and where', async (t) => {
  const { code, lines, err } = await payments(await busyFolder(t), ...DAY);
  assert.deepEqual([code, err], [0, '']);
  const squeezed = lines.map((line) => line.replaceAll(/ +/g, ' '));
  assert.deepEqual(squeezed.slice(1, 7), [
    '2026-11-22 11:00:00 A1 粤A11111 ¥5.00 - online WeChat ¥5.00 booked [FEE_ID_FELL_BACK] visit=V1 park=P001 000000000005.jsonl:5',
    '2026-11-22 11:10:00 X1 粤X99999 ¥7.00 - online WeChat ¥0.00 unmatched [PAYMENT_UNMATCHED] park=P001 000000000008.jsonl:8',
    '2026-11-22 11:15:00 A1 粤A11111 ¥6.00 - online WeChat ¥0.00 conflicting [PAYMENT_CONFLICT] visit=V1 park=P001 000000000009.jsonl:9',
    '2026-11-22 11:20:00 B1 粤B22228 ¥9.00 ¥1.00 online Alipay ¥10.00 booked [FIGURES_DIFFER AMOUNT_ROUNDED] visit=V2 park=P001 mobile=138****1234 000000000010.jsonl:10',
    '2026-11-22 11:21:00 X1 粤X99999 ¥7.00 - online WeChat ¥7.00 booked [FEE_ID_FELL_BACK OVERPAID] visit=V6 park=P001 000000000012.jsonl:12 ← 000000000008.jsonl:8',
    '2026-11-22 11:22:00 Z1 - ¥0.50 - offline 42 ¥0.00 unmatched [PAYMENT_UNMATCHED] visit=NONE park=P001 paid=2026-11-22 10:10:00 000000000013.jsonl:13',
  ]);
});

test('the sums: what was noticed, credited, and not credited add up, and say why', async (t) => {
  const { lines } = await payments(await busyFolder(t), ...DAY);
  const squeezed = lines.map((line) => line.trim().replaceAll(/ +/g, ' '));
  for (const wanted of [
    'noticed 6 ¥34.50 ¥1.00',
    'credited 3 ¥21.00 ¥1.00',
    'not credited 3 ¥13.50 ¥0.00',
    'came again, counted there 1 ¥7.00 ¥0.00',
    'for a visit nobody knows 1 ¥0.50 ¥0.00',
    'other content under a known order 1 ¥6.00 ¥0.00',
    'online Alipay 1 ¥9.00 ¥1.00',
    'online WeChat 2 ¥12.00 ¥0.00',
    'OVERPAID: more than was due 1 ¥7.00 ¥0.00',
    'AMOUNT_ROUNDED: had a fraction of a 分 1 ¥9.00 ¥1.00',
  ]) {
    assert.ok(squeezed.includes(wanted), `${wanted}\nis not in\n${squeezed.join('\n')}`);
  }
});

test('in Chinese, when it is asked for', async (t) => {
  const { lines } = await payments(await busyFolder(t), ...DAY, '--language', 'zh');
  assert.match(lines[1] ?? '', /线上支付 微信 +¥5\.00 已入账/);
  assert.ok(lines.some((line) => /^ {2}线上支付 支付宝 +1 +¥9\.00 +¥1\.00$/.test(line)));
});

test('the journal finds a line again where the report says it is', async (t) => {
  const dir = await busyFolder(t);
  for (const { place, orderNo } of (await report(dir, ...DAY)).payments) {
    const [file = '', seq = ''] = String(place).split(':');
    const { lines } = await journal(join(dir, 'journal', file), '--json');
    const found = lines.filter((line) => line.includes(`"seq":${seq},`) && line.includes(`"orderNo":"${orderNo}"`));
    assert.equal(found.length, 1, String(place));
  }
});

test('phone numbers are masked, and whole when they are asked for', async (t) => {
  const dir = await busyFolder(t);
  for (const format of [[], ['--csv'], ['--json']]) {
    const hidden = await payments(dir, ...DAY, ...format);
    assert.deepEqual([hidden.out.includes('138****1234'), hidden.out.includes('13812341234')], [true, false]);
    assert.ok((await payments(dir, ...DAY, ...format, '--phones')).out.includes('13812341234'));
  }
});

test('an order number that looks like a phone number stays whole: it is what Mallcoo knows the payment by', async (t) => {
  const dir = tempFolder(t);
  const park = scene();
  park.pay('13912345678', minutes(1), {});
  await writeFolder(dir, park.records);
  assert.match((await payments(dir, ...DAY)).out, / 13912345678 /);
});

test('--flagged lists only what somebody must look at, and the sums stay those of all', async (t) => {
  const dir = tempFolder(t);
  const park = day();
  park.read('in-1', plate('粤C33333'), minutes(71));
  park.pay('C1', minutes(120), { feeId: 'V6', amount: fen(500) });
  await writeFolder(dir, park.records);
  const all = await report(dir, ...DAY);
  const flagged = await report(dir, ...DAY, '--flagged');
  assert.deepEqual(
    [all.payments.map(({ orderNo }) => orderNo), flagged.payments.map(({ orderNo }) => orderNo)],
    [
      ['A1', 'X1', 'C1'],
      ['A1', 'X1'],
    ],
  );
  assert.deepEqual(flagged.totals, all.totals);
});

test('the CSV is for Excel: a byte order mark, CRLF, yuan with two decimals and 分, and numbers that stay as they are', async (t) => {
  const { out, err } = await payments(await busyFolder(t), ...DAY, '--csv');
  assert.ok(out.startsWith('\ufeffday,park,arrived,paid,order,'));
  const [head = [], ...rows] = parseCsv(out.slice(1));
  const cells = rows.map((row) => Object.fromEntries(row.map((cell, index) => [head[index], cell])));
  assert.deepEqual(cells[3], {
    day: '2026-11-22',
    park: 'P001',
    arrived: '2026-11-22 11:20:00',
    paid: '2026-11-22 11:20:00',
    order: '\tB1',
    'third-party trade': '\tT1',
    vehicle: '\t粤B22228',
    money: '9.00',
    'money (分)': '900',
    deduction: '1.00',
    'deduction (分)': '100',
    channel: 'online',
    type: 'Alipay',
    status: 'booked',
    credited: '10.00',
    'credited (分)': '1000',
    flags: 'FIGURES_DIFFER AMOUNT_ROUNDED',
    feeId: '\tV2',
    mobile: '\t138****1234',
    journal: '000000000010.jsonl:10',
    'came again for': '',
  });
  assert.match(err, /^payments of 2026-11-22 \(by arrival\)/, 'the sums go to the terminal, not into the file');
});

test('whatever an order number is made of, the CSV parses back to what the JSON says', async (t) => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
  const odd = fc.constantFrom(
    '=1+1',
    '"',
    'a,b',
    'a\r\nb',
    '00123',
    '12345678901234567890',
    '-5',
    '\ufeff',
    "@SUM('x')",
  );
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.oneof(text, odd), { minLength: 1, maxLength: 5 }), async (orders) => {
      const dir = tempFolder(t);
      const park = scene();
      park.read('in-1', plate('粤A11111'), minutes(0));
      for (const order of orders) park.pay(order, minutes(20), { amount: fen(123), thirdTradeNo: order });
      await writeFolder(dir, park.records);
      const [, ...rows] = parseCsv((await payments(dir, ...DAY, '--csv')).out.slice(1));
      const lines = (await report(dir, ...DAY)).payments;
      const read = rows.map((row) => [row[4]?.slice(1), row[5]?.slice(1), row[7], Number(row[8]), Number(row[15])]);
      const wanted = lines.map((line) => [line.orderNo, line['thirdTradeNo'], '1.23', line.amount, line.credited]);
      assert.deepEqual(read, wanted);
      assert.deepEqual(
        read.map(([order]) => order),
        orders,
      );
      rmSync(dir, { recursive: true });
    }),
    { numRuns: 20 },
  );
});

test('a day is one of the park’s local time: of arrival, or of payment when that is asked for', async (t) => {
  const dir = tempFolder(t);
  const park = scene();
  park.read('in-1', plate('粤A11111'), minutes(0));
  // 10:00 and 14 h: midnight in Shanghai. The notice of 23:59 arrives at 0:01.
  park.pay('LATE', minutes(14 * 60 + 1), { payTime: minutes(14 * 60 - 1) });
  park.pay('NEXT', minutes(14 * 60 + 2), { payTime: minutes(14 * 60 + 2) });
  park.pay('TIMELESS', minutes(14 * 60 + 3), { payTime: null });
  await writeFolder(dir, park.records);
  const orders = async (...args: string[]) =>
    (await report(dir, ...args)).payments.map(({ orderNo }) => orderNo).join(' ');
  assert.equal(await orders('--day', '2026-11-22'), '');
  assert.equal(await orders('--day', '2026-11-23'), 'LATE NEXT TIMELESS');
  assert.equal(await orders('--day', '2026-11-22', '--by', 'pay-time'), 'LATE');
  assert.equal(await orders('--day', '2026-11-23', '--by', 'pay-time'), 'NEXT TIMELESS');
  assert.equal(await orders('--day', '2026-11-22', '--zone', 'UTC'), 'LATE NEXT TIMELESS');
});

test('a configuration brings the data folder, and each park’s own zone', async (t) => {
  const dir = tempFolder(t);
  const park = scene();
  park.pay('A', minutes(14 * 60 + 1), {});
  await writeFolder(dir, park.records);
  writeFileSync(join(dir, 'demo-sheet.yaml'), 'name: Demo\nversion: "1"\nprice: 5 per hour\n');
  for (const [zone, wanted] of [
    ['Asia/Shanghai', '2026-11-23'],
    ['UTC', '2026-11-22'],
  ] as const) {
    const file = join(dir, 'site.yaml');
    writeFileSync(file, demoConfig({ portBase: 0, data: dir }).replace('Asia/Shanghai', zone));
    const { payments: lines } = await report(file, '--day', '2026-11-22', '--to', '2026-11-23', '--park', 'P001');
    assert.deepEqual(
      lines.map((line) => line['day']),
      [wanted],
    );
  }
});

for (const [what, args, wanted] of [
  ['no day', [], '--day is missing; write --day 2026-11-22'],
  ['a date that no calendar has', ['--day', '2026-02-30'], '--day "2026-02-30" is no day; write it like 2026-11-22'],
  ['a word for a day', ['--day', 'friday'], '--day "friday" is no day'],
  ['a span that ends before it begins', [...DAY, '--to', '2026-11-21'], '--to 2026-11-21 is before --day 2026-11-22'],
  ['two formats', [...DAY, '--csv', '--json'], '--csv or --json, not both'],
  ['an unknown way to count days', [...DAY, '--by', 'mood'], '--by "mood" is not known; write arrival or pay-time'],
  ['an unknown zone', [...DAY, '--zone', 'Mars/Base'], '--zone "Mars/Base" is no time zone'],
] as const) {
  test(`${what} is a wrong call, and told in a sentence`, async (t) => {
    const { code, err, out } = await payments(await busyFolder(t), ...args);
    assert.deepEqual([code, out, err.includes(wanted)], [2, '', true], err);
  });
}

for (const [what, args, wanted] of [
  ['before the books begin', ['--day', '2025-11-22'], 'there is nothing of 2025-11-22: the books begin on 2026-11-22'],
  ['yet to come', ['--day', '2099-01-01'], '2099-01-01 is yet to come: the last record is of 2026-11-22 11:22:00'],
  ['of a park that is not there', [...DAY, '--park', 'P9'], 'there is no park "P9" in these records; there are: P001'],
] as const) {
  test(`a day ${what} is no empty report`, async (t) => {
    const { code, err, out } = await payments(await busyFolder(t), ...args);
    assert.deepEqual([code, out, err], [1, '', `gatepost payments: ${wanted}\n`]);
  });
}

test('a day on which nobody paid is a day: its sums are 0', async (t) => {
  const dir = tempFolder(t);
  const park = scene();
  park.read('in-1', plate('粤A11111'), minutes(0));
  park.pay('A', minutes(3 * 24 * 60), {});
  await writeFolder(dir, park.records);
  const { code, payments: lines, totals } = await report(dir, '--day', '2026-11-23');
  assert.deepEqual([code, lines, totals.noticed], [0, [], { notices: 0, amount: 0, deduction: 0 }]);
});

test('a folder without a journal is told, with the way out', async (t) => {
  const { code, err } = await payments(tempFolder(t), ...DAY);
  assert.equal(code, 1);
  assert.match(err, /^gatepost payments: .* holds no journal .*name a data folder/);
});

test('damaged records on the day are told and counted, and the report says that it is not complete', async (t) => {
  const dir = await busyFolder(t);
  const name = '000000000010.jsonl';
  const bytes = readSegment(dir, name);
  const { start } = linesOf(bytes)[0] ?? { start: 0 };
  bytes.writeUInt8(0x58, start + 20);
  writeSegment(dir, bytes, name);
  const { code, err, payments: lines } = await report(dir, ...DAY);
  assert.deepEqual([code, lines.length], [1, 5]);
  assert.match(err, /NOT COMPLETE: \d+ bytes in 1 place\(s\) are no records, and 1 record\(s\) are missing/);
});

test('a file of the journal that is gone is told as well', async (t) => {
  const dir = await busyFolder(t);
  assert.ok(segmentsOf(dir).includes('000000000010.jsonl'));
  rmSync(join(dir, 'journal', '000000000010.jsonl'));
  const { code, err } = await report(dir, ...DAY);
  assert.equal(code, 1);
  assert.match(err, /NOT COMPLETE: 0 bytes in 0 place\(s\) are no records, and [12] record\(s\) are missing/);
});

test('damage on another day does not make this one incomplete', async (t) => {
  const dir = tempFolder(t);
  const park = scene();
  for (let index = 0; index < 3; index += 1) park.pay(`O${index}`, minutes((index - 2) * 3 * 24 * 60), {});
  await writeFolder(dir, park.records, 64 * 1_024);
  const [name = ''] = segmentsOf(dir);
  const bytes = readSegment(dir, name);
  bytes.fill(0x58, lastLine(bytes).start, lastLine(bytes).end);
  writeSegment(dir, bytes, name);
  assert.equal((await report(dir, '--day', '2026-11-16')).code, 0);
  assert.equal(
    (await report(dir, '--day', '2026-11-19')).code,
    1,
    'the bytes behind its last record may be of this day',
  );
});

test('two parks are two ledgers: the same order number in both is two payments', async (t) => {
  const dir = tempFolder(t);
  const [first, second] = [scene(), scene()];
  for (const park of [first, second]) {
    park.read('in-1', plate('粤A11111'), minutes(0));
    park.pay('SAME', minutes(60), { amount: fen(park === first ? 500 : 700) });
  }
  const others = second.records.map(({ at, events }, index) => ({
    seq: first.records.length + index + 1,
    at,
    events: events.map((event) => ('park' in event ? { ...event, park: 'P002' as ParkId } : event)),
  }));
  // Time never goes back in a journal: both parks' entries come first.
  const records = [...first.records, ...others].toSorted((a, b) => a.at - b.at);
  await writeFolder(
    dir,
    records.map((record, index) => ({ ...record, seq: index + 1 })),
  );
  const both = await payments(dir, ...DAY);
  assert.match(both.out, /credited, by park .*\n +P001 +1 +¥5\.00 .*\n +P002 +1 +¥7\.00 /);
  const one = await report(dir, ...DAY, '--park', 'P002');
  assert.deepEqual([one.payments.length, one.totals.credited.amount], [1, 700]);
});

test('records that stand twice in a file, as after a repair by hand, are counted once', async (t) => {
  const dir = tempFolder(t);
  await writeFolder(dir, busyDay().records, 64 * 1_024);
  const once = await report(dir, ...DAY);
  const twice = join(dir, 'twice.jsonl');
  writeFileSync(twice, Buffer.concat([readSegment(dir), readSegment(dir)]));
  const { payments: lines, totals } = await report(twice, ...DAY);
  assert.deepEqual([lines.length, totals], [once.payments.length, once.totals]);
});
