/** `gatepost archive` on folders that the real gateway, store and retention wrote. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { archiveCommand } from '../../src/cli/archive.ts';
import type { DeviceId, LaneId, OrderNo, VisitId } from '../../src/core/ids.ts';
import { fen } from '../../src/core/money.ts';
import type { PaymentNotice } from '../../src/core/park/commands.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import type { Credential } from '../../src/core/park/model.ts';
import { capture } from '../../src/core/park/snapshot.ts';
import { after, DAY, type Instant, instant, MINUTE } from '../../src/core/time.ts';
import { DEMO_SHEET, demoConfig } from '../../src/demo/config.ts';
import { askingArchive } from '../../src/gateway/ask-archive.ts';
import { run as retain } from '../../src/retention.ts';
import { openStore } from '../../src/store/store.ts';
import { notice, P001, park, plate, TEN, ticket, ZONE } from '../core/park/scene.ts';
import { demo, gatepost } from '../daemon/support.ts';
import { dayBatch, openAt, PARK } from '../store/archive-tools.ts';
import { gatewayOn } from '../store/gate.ts';
import { listen, tempFolder } from '../store/tools.ts';
import { type Ran, ranInBoth } from './ran.ts';

const WORLD = { parks: new Map([[P001, park()]]) };
const DAYS = { keepClosedDays: 3, archiveDays: 400, keepTrafficDays: 400, keepJournalDays: 90 };

/** A gate on the real disk, with time in the test's hand. */
async function gate(data: string) {
  const clock = { at: TEN, now: (): Instant => clock.at };
  const heard = listen();
  const store = await openStore({ dir: data, fold: evolve, segmentBytes: 65_536, ...heard });
  const loop = gatewayOn(store, { world: WORLD, clock, faults: heard.faults });
  const gateway = askingArchive(loop, store.archive);
  let visits = 0;
  return {
    store,
    async read(lane: string, credential: Credential, at: Instant): Promise<void> {
      clock.at = at;
      visits += 1;
      const reading = { device: 'cam' as DeviceId, credential, colour: 'blue', confidence: 1, identity: null } as const;
      const freshVisit = `V${visits}` as VisitId;
      await gateway.submit({ type: 'reading', park: P001, lane: lane as LaneId, reading, history: null, freshVisit });
    },
    async pay(orderNo: string, at: Instant, over: Partial<PaymentNotice>): Promise<void> {
      clock.at = at;
      const theNotice = notice({ orderNo: orderNo as OrderNo, payTime: at, ...over });
      await gateway.submit({ type: 'pay', park: P001, notice: theNotice, digest: JSON.stringify(theNotice) });
    },
    async retain(at: Instant): Promise<void> {
      clock.at = at;
      await retain({ gateway, store, days: DAYS, world: () => WORLD, zone: ZONE, clock, ...heard });
      assert.deepEqual([...heard.raised.keys()], []);
    },
    async stop(): Promise<void> {
      await loop.stop();
      await store.writeSnapshot(capture(store.committed));
      await store.close();
    },
  };
}

const on = (day: number, minute = 0): Instant => instant(TEN + day * DAY + minute * MINUTE);

/**
 * 22 November: a car pays, and leaves; a ticket comes and goes. The 23rd: the car again. The 24th: money for nobody. A
 * fortnight later, when all of it is archived, more money comes for the first visit; weeks later that is archived too.
 * In the end a car is in the park.
 */
async function season(t: TestContext): Promise<string> {
  const data = tempFolder(t);
  const g = await gate(data);
  const car = plate('粤A12345');
  await g.read('in-1', car, on(0));
  await g.read('in-1', ticket('T-77'), on(0, 20));
  await g.read('out-1', ticket('T-77'), on(0, 30));
  const paid = { amount: fen(500), deductionAmount: fen(500), payChannel: 0, payType: 3, thirdTradeNo: 'WX-1' };
  await g.pay('A1', on(0, 90), { feeId: 'V1' as VisitId, ...paid });
  await g.read('out-1', car, on(0, 95));
  await g.read('in-1', car, on(1));
  await g.read('out-2', car, on(1, 10));
  await g.pay('X1', on(2), { amount: fen(700) });
  await g.retain(on(14));
  await g.pay('A2', on(14, 1), { feeId: 'V1' as VisitId, amount: fen(300), payChannel: 1, payType: 9 });
  await g.read('in-1', plate('粤C33333'), on(30));
  await g.retain(on(30, 1));
  await g.stop();
  return data;
}

const archive = (...args: readonly string[]): Promise<Ran> => ranInBoth(archiveCommand, args);

const visitsFile = (data: string): string =>
  join(data, 'archive', readdirSync(join(data, 'archive')).find((name) => name.endsWith('visits.jsonl')) ?? '');

/** Every file with its content. */
function contentOf(data: string): ReadonlyMap<string, string> {
  const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'base64')]),
  );
}

test('a driver disputes a stay of weeks ago: all visits of the plate, newest first, with what was paid and how', async (t) => {
  const data = await season(t);
  const { code, out, err } = await archive(data, '--plate', '粤a·12345');
  assert.deepEqual([code, err], [0, '']);
  assert.equal(
    out,
    [
      'visit V5  粤A12345  park P001',
      '  in     2026-11-23 10:00:00  in-1',
      '  out    2026-11-23 10:10:00  out-2',
      '  stay   10 min',
      '  paid   ¥0.00  deducted ¥0.00',
      '',
      'visit V1  粤A12345  park P001',
      '  in     2026-11-22 10:00:00  in-1',
      '  out    2026-11-22 11:35:00  out-1',
      '  stay   1 h 35 min',
      '  paid   ¥8.00  deducted ¥5.00',
      '  order  A1  booked 2026-11-22 11:30:00  ¥5.00  deducted ¥5.00  paid 2026-11-22 11:30:00  online  WeChat  WX-1',
      '  order  A2  booked 2026-12-06 10:01:00  ¥3.00  deducted ¥0.00  paid 2026-12-06 10:01:00  offline  payType 9  T1' +
        '  [DEPARTED OVERPAID]',
      '',
      `粤A12345: 2 in the archive, which ends at 2026-12-06 10:01:00; what is newer: gatepost journal ${data} ` +
        '--plate 粤A12345',
      '',
    ].join('\n'),
  );
});

test('a ticket, a visit, an order, and money for nobody are found; --json gives them as they are kept', async (t) => {
  const data = await season(t);
  assert.match((await archive(data, '--ticket', 'T-77')).out, /^visit V2 {2}T-77 {2}park P001\n/);
  const visit = await archive(data, '--visit', 'V1');
  assert.deepEqual(visit.out.match(/order {2}A\d/g), ['order  A1', 'order  A2']);
  assert.match(visit.out, /gatepost journal \S+ --visit V1\n$/);
  const order = await archive(data, '--order', 'A2');
  assert.deepEqual(order.out.match(/(visit V\d|order {2}A\d)/g), ['visit V1', 'order  A2']);
  const nobody = await archive(data, '--order', 'X1', '--park', 'P001');
  assert.match(nobody.out, /^for a visit nobody knew: kept, not booked, park P001\n {2}order {2}X1 {2}booked .* ¥7.00/);
  const { out } = await archive(data, '--plate', '粤A12345', '--json');
  const [, first] = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual([first.park, first.visit.id, first.visit.paid, first.visit.entryAt], ['P001', 'V1', 800, TEN]);
  assert.deepEqual(
    first.orders.map((one: { receipt: { amount: number; flags: string[] } }) => [
      one.receipt.amount,
      one.receipt.flags,
    ]),
    [
      [500, []],
      [300, ['DEPARTED', 'OVERPAID']],
    ],
  );
});

test('the same in Chinese and in another zone', async (t) => {
  const data = await season(t);
  const { out } = await archive(data, '--visit', 'V1', '--language', 'zh', '--zone', 'UTC');
  assert.match(out, /^停车 V1 {2}粤A12345 {2}停车场 P001\n/);
  assert.match(
    out,
    / {2}进场 +2026-11-22 02:00:00 {2}in-1\n {2}离场 +2026-11-22 03:35:00 {2}out-1\n {2}时长 +1 小时 35 分钟\n/,
  );
  assert.match(out, /已付 +¥8.00 {2}优惠 ¥5.00\n.*订单 +A1 .* 线上 {2}微信 {2}WX-1\n/);
  assert.match(out, /归档截至 2026-12-06 02:01:00，之后的请查：gatepost journal/);
});

test('what is not archived yet is not found, and it is said where to look', async (t) => {
  const data = await season(t);
  const plateOf = await archive(data, '--plate', '粤C33333');
  assert.deepEqual([plateOf.code, plateOf.out], [0, '']);
  assert.equal(
    plateOf.err,
    `粤C33333: nothing in the archive, which ends at 2026-12-06 10:01:00; what is newer: gatepost journal ${data} ` +
      '--plate 粤C33333\n',
  );
  const order = await archive(data, '--order', "O'1", '--json');
  assert.deepEqual([order.code, order.out], [0, '']);
  assert.ok(order.err.endsWith(`gatepost journal ${data} --json | grep 'O'\\''1'\n`), order.err);
});

test('without a question it tells what there is and what it takes; --verify reads every byte and changes none', async (t) => {
  const data = await season(t);
  const before = contentOf(data);
  const { code, out, err } = await archive(data, '--verify');
  assert.deepEqual([code, err], [0, '']);
  const [line = '', disk = '', clean = '', ...rest] = out.split('\n');
  // The first visit was archived twice, once with each payment.
  assert.match(
    line,
    /^park P001: 4 visits, 3 orders, 6 passages in \d+ files, \d+\.\d kB; from 2026-11-22 10:30:00 to /,
  );
  const inArchive = [...before.keys()].filter((path) => path.startsWith(join(data, 'archive')));
  assert.match(disk, /^on the disk: journal \d+\.\d kB, archive .*, snapshots .*, aside 0\.0 kB; together /);
  assert.match(clean, new RegExp(`^clean: ${inArchive.length} files, \\d+ lines, every checksum right$`));
  assert.deepEqual(rest, ['']);
  const { disk: use, parks } = JSON.parse((await archive(data, '--json')).out);
  const bytes = (part: string): number =>
    [...before.keys()]
      .filter((path) => path.startsWith(join(data, part)))
      .reduce((sum, path) => sum + statSync(path).size, 0);
  assert.deepEqual(use, {
    journal: bytes('journal'),
    archive: bytes('archive'),
    snapshots: bytes('snapshot.'),
    aside: 0,
  });
  assert.equal(parks[0].bytes, bytes('archive'));
  await archive(data, '--plate', '粤A12345');
  assert.deepEqual(contentOf(data), before);
});

test('a damaged line is named with file and byte; what can be read is still answered, and 1 is returned', async (t) => {
  const data = await season(t);
  const file = visitsFile(data);
  const bytes = readFileSync(file);
  const at = bytes.lastIndexOf('\n', bytes.indexOf('"id":"V2"')) + 1;
  bytes.writeUInt8(bytes.readUInt8(at + 40) ^ 1, at + 40);
  writeFileSync(file, bytes);
  const verified = await archive(data, '--verify');
  assert.equal(verified.code, 1);
  const name = `archive/${file.slice(file.lastIndexOf('/') + 1)}`;
  assert.match(
    verified.out,
    new RegExp(`\nBAD: ${name}, byte ${at}: \\d+ bytes are not as they were written\nDAMAGED: 1 `),
  );
  const lost = await archive(data, '--visit', 'V2');
  assert.deepEqual([lost.code, lost.out], [1, '']);
  assert.ok(lost.err.includes(`BAD: ${name}: could not be read: the line at byte ${at}\n`), lost.err);
  assert.ok(lost.err.includes(`gatepost archive ${data} --verify`), lost.err);
  const other = await archive(data, '--plate', '粤A12345');
  assert.deepEqual([other.code, other.err], [0, '']);
});

test('a file that is gone, and a folder that is none, are told', async (t) => {
  const data = await season(t);
  rmSync(visitsFile(data).replace('visits', 'traffic'));
  const { code, out } = await archive(data);
  assert.equal(code, 0, 'the oldest may have been removed by retention');
  assert.match(out, /park P001: 4 visits/);
  const files = readdirSync(join(data, 'archive')).filter((name) => name.includes('.traffic.'));
  rmSync(join(data, 'archive', files.at(-1) ?? ''));
  const gone = await archive(data, '--verify');
  assert.equal(gone.code, 1);
  assert.match(gone.out, /\nBAD: archive\/P001 traffic: batch \d+ is missing\nDAMAGED: 1 problem/);
  for (const [where, told] of [
    [join(data, 'archive'), 'holds neither an archive nor a journal'],
    [join(data, 'nothing'), 'there is no such file or folder'],
    [join(data, 'snapshot.json'), 'is a file'],
  ] as const) {
    const { code: none, err } = await archive(where);
    assert.equal(none, 1);
    assert.ok(err.includes(told) && err.includes('name a data folder or a configuration file'), err);
  }
  const park = await archive(data, '--park', 'P9');
  assert.deepEqual(
    [park.code, park.err],
    [1, 'gatepost archive: --park P9: nothing of it is archived; there is P001\n'],
  );
});

test('a park whose first days are not over has an empty archive', async (t) => {
  const data = tempFolder(t);
  const g = await gate(data);
  await g.read('in-1', plate('粤A12345'), on(0));
  await g.stop();
  const { code, out } = await archive(data, '--verify');
  assert.equal(code, 0);
  assert.match(out, /^park P001: 0 visits, 0 orders, 0 passages in 0 files, 0\.0 kB; from - to -\n/);
  assert.match((await archive(data, '--visit', 'V1')).err, /nothing in the archive, which is empty; what is newer: /);
});

test('called wrongly, it says how', async (t) => {
  const data = await season(t);
  for (const [args, told] of [
    [[], 'name a data folder'],
    [[data, 'more'], '"more" means nothing here'],
    [[data, '--plate', '粤A12345', '--visit', 'V1'], '--plate or --visit, not both'],
    [[data, '--order', ' '], '--order is empty'],
    [[data, '--plate', '无牌车'], 'is no plate'],
    [[data, '--verify', '--visit', 'V1'], '--verify is of the whole archive'],
    [[data, '--language', 'fr'], 'write en or zh'],
    [[data, '--zone', 'Mars'], 'is no time zone'],
    [[data, '--feeId', 'V1'], "Unknown option '--feeId'"],
  ] as const) {
    const { code, out, err } = await archive(...args);
    assert.deepEqual([code, out, err.includes(told)], [2, '', true], err);
  }
  assert.match((await archive('--help')).out, /^usage: gatepost archive WHERE/);
});

test('while the gate runs in the folder it answers, with the folder or the configuration', async (t) => {
  const data = await season(t);
  const running = await demo(t, data);
  const answer = await archive(data, '--plate', '粤A12345');
  assert.deepEqual([answer.code, answer.err], [0, '']);
  assert.match(answer.out, /visit V1 {2}/);
  const config = join(tempFolder(t), 'site.yaml');
  writeFileSync(join(config, '..', 'demo-sheet.yaml'), DEMO_SHEET);
  writeFileSync(config, demoConfig({ data, portBase: 0 }).replaceAll('Asia/Shanghai', 'Asia/Tokyo'));
  const byConfig = await archive(config, '--plate', '粤A12345');
  assert.match(byConfig.out, / {2}in {5}2026-11-23 11:00:00 {2}in-1\n/, byConfig.err);
  assert.ok(byConfig.out.endsWith(`gatepost journal ${config} --plate 粤A12345\n`));
  const verified = gatepost(t, ['archive', data, '--verify']);
  assert.equal(await verified.exited(), 0);
  assert.match(verified.output(), /^park P001: 4 visits[\s\S]*\nclean: /);
  assert.equal(await running.end('SIGTERM'), 0);
});

test('files that the gate adds and removes meanwhile are no damage', async (t) => {
  const data = tempFolder(t);
  const folder = join(data, 'archive');
  const { archive: writer } = await openAt(folder, 0);
  let stop = false;
  let batch = 1;
  await writer.put(PARK, dayBatch(batch, 20));
  async function work(): Promise<void> {
    // Bursts, as retention makes them, and pauses.
    while (!stop) {
      for (let file = 0; file < 8; file += 1) {
        batch += 1;
        await writer.put(PARK, dayBatch(batch, 20));
      }
      await writer.tidy({ visitsMs: 4 * DAY, trafficMs: 6 * DAY }, after(TEN, 10_000 * DAY));
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
  }
  const working = work();
  try {
    while (batch < 100) {
      const verified = await archive(data, '--verify');
      assert.equal(verified.code, 0, verified.out + verified.err);
      const asked = await archive(data, '--plate', '粤A00003');
      assert.deepEqual([asked.code, asked.err], [0, '']);
    }
  } finally {
    stop = true;
    await working;
  }
  const oldest = readdirSync(folder).sort()[0] ?? '';
  assert.ok(!oldest.includes('.000001.'), 'files were removed while it was read');
});
