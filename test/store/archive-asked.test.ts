/** What a person asks the archive: all visits, all orders, and whether every byte is as it was written. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { OrderNo, VisitId } from '../../src/core/ids.ts';
import { after, DAY } from '../../src/core/time.ts';
import { openReader } from '../../src/store/archive/read-only.ts';
import { verifyArchive } from '../../src/store/archive/verify.ts';
import { realDisk } from '../../src/store/disk.ts';
import { batchOf, dayBatch, NEW_YEAR, openAt, orderOn, PARK, visitOn } from './archive-tools.ts';
import { listen, tempFolder } from './tools.ts';

const id = (text: string) => text as VisitId;
const no = (text: string) => text as OrderNo;
const PLATE_3 = '粤A00003';
const NOW = after(NEW_YEAR, 100 * DAY);
const KEEP_ALL = { visitsMs: 1_000 * DAY, trafficMs: 1_000 * DAY };

test('the orders of a visit are found in whichever batch they went, oldest first', async (t) => {
  const { archive } = await openAt(tempFolder(t), 0);
  await archive.put(PARK, dayBatch(1));
  const visit = id('V0-3');
  await archive.put(PARK, batchOf(2, { orders: [orderOn(1, 9, { visit }), orderOn(1, 8, { visit }), orderOn(1, 7)] }));
  await archive.put(PARK, batchOf(3, { orders: [orderOn(2, 1, { visit: null })] }));
  const found = await archive.ordersOf(PARK, visit);
  assert.deepEqual(
    found.map(({ orderNo }) => orderNo),
    ['O0-3', 'O1-8', 'O1-9'],
  );
});

test('who asks for all visits of a plate gets those that can be read, and hears of the others', async (t) => {
  const folder = tempFolder(t);
  const { archive, raised } = await openAt(folder, 0);
  for (const batch of [1, 2, 3]) await archive.put(PARK, dayBatch(batch));
  const path = join(folder, 'P001.2026-01-02.000002.visits.jsonl');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('"id":"V1-3"', '"id":"V1-4"').replace('"orderNo":"O1-2"', '"orderNo":"O1-9"'));
  assert.deepEqual(await archive.visitsOf(PARK, PLATE_3), [visitOn(2, 3), visitOn(0, 3)]);
  const { length: at } = Buffer.from(text.slice(0, text.lastIndexOf('\n', text.indexOf('"id":"V1-3"')) + 1));
  assert.deepEqual(
    [...raised],
    [['ARCHIVE_BAD archive/P001.2026-01-02.000002.visits.jsonl', `could not be read: the line at byte ${at}`]],
  );
  assert.deepEqual(await archive.ordersOf(PARK, id('V1-2')), []);
  assert.deepEqual(await archive.ordersOf(PARK, id('V1-3')), [orderOn(1, 3)]);
});

test('a file that was cut at the end of a line lacks lines, though each that is there is sound: every start tells', async (t) => {
  const folder = tempFolder(t);
  const { archive } = await openAt(folder, 0);
  await archive.put(PARK, dayBatch(1));
  for (const name of ['P001.2026-01-01.000001.visits.jsonl', 'P001.2026-01-01.000001.traffic.jsonl']) {
    const path = join(folder, name);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.lastIndexOf('\n', -2) + 1));
  }
  for (const start of ['first', 'second']) {
    const { archive: next, raised } = await openAt(folder, 1);
    assert.deepEqual(
      [...raised],
      [
        [
          'ARCHIVE_BAD archive/P001.2026-01-01.000001.traffic.jsonl',
          'could not be read: 5 passage(s) are missing at its end',
        ],
        [
          'ARCHIVE_BAD archive/P001.2026-01-01.000001.visits.jsonl',
          'could not be read: 1 line(s) are missing at its end',
        ],
      ],
      start,
    );
    assert.deepEqual(await next.order(PARK, no('O0-3')), orderOn(0, 3));
    await next.tidy(KEEP_ALL, NOW);
  }
});

test('an index that an earlier Gatepost wrote without the orders of visits is made again', async (t) => {
  const folder = tempFolder(t);
  const { archive } = await openAt(folder, 0);
  await archive.put(PARK, dayBatch(1));
  const path = join(folder, 'P001.2026-01-01.000001.visits.idx');
  const good = readFileSync(path);
  const end = good.indexOf(0x0a);
  const old = good
    .toString('utf8', 0, end)
    .replace(/"keys":\d+,/, '')
    .replace(/,"crc".*/, '');
  const head = `${old},"crc":"${crc32(old).toString(16).padStart(8, '0')}"}`;
  writeFileSync(path, Buffer.concat([Buffer.from(head), good.subarray(end)]));
  const { archive: next, raised } = await openAt(folder, 1);
  assert.deepEqual(await next.ordersOf(PARK, id('V0-3')), [orderOn(0, 3)]);
  assert.equal(raised.size, 0);
  await next.tidy(KEEP_ALL, NOW);
  assert.deepEqual(readFileSync(path), good);
});

test('one flipped bit anywhere in an archive is found by verifying, with its file and about its byte', async (t) => {
  const folder = tempFolder(t);
  const { archive } = await openAt(folder, 0);
  await archive.put(PARK, dayBatch(1, 2));
  assert.deepEqual(await verifyArchive(realDisk, folder), { files: 3, lines: 9, problems: [] });
  let flips = 0;
  for (const file of readdirSync(folder)) {
    const good = readFileSync(join(folder, file));
    for (let byte = 0; byte < good.length; byte += 1) {
      const bad = Buffer.from(good);
      bad.writeUInt8(bad.readUInt8(byte) ^ (1 << (byte % 8)), byte);
      writeFileSync(join(folder, file), bad);
      const { problems } = await verifyArchive(realDisk, folder);
      assert.ok(problems.length > 0, `${file}, byte ${byte}`);
      assert.deepEqual([...new Set(problems.map((one) => one.file))], [file]);
      assert.ok((problems[0]?.byte ?? 0) <= byte);
      flips += 1;
    }
    writeFileSync(join(folder, file), good);
  }
  assert.ok(flips > 1_500, `${flips}`);
});

test('a file cut at any byte is found by verifying', async (t) => {
  const folder = tempFolder(t);
  const { archive } = await openAt(folder, 0);
  await archive.put(PARK, dayBatch(1, 2));
  for (const file of readdirSync(folder)) {
    const good = readFileSync(join(folder, file));
    for (let length = 0; length < good.length; length += 1) {
      writeFileSync(join(folder, file), good.subarray(0, length));
      const { problems } = await verifyArchive(realDisk, folder);
      assert.ok(
        problems.some((one) => one.file === file),
        `${file} cut to ${length}`,
      );
    }
    writeFileSync(join(folder, file), good);
  }
});

test('a reader passes over a batch that is half written, and takes one that is whole or that another follows', async (t) => {
  const data = tempFolder(t);
  const folder = join(data, 'archive');
  const { archive } = await openAt(folder, 0);
  for (const batch of [1, 2, 3]) await archive.put(PARK, dayBatch(batch));
  async function read(number: string): Promise<{ readonly there: boolean; readonly raised: readonly string[] }> {
    const { faults, raised } = listen();
    const reader = await openReader({ disk: realDisk, data, faults });
    return { there: (await reader.order(PARK, no(number))) !== null, raised: [...raised.values()] };
  }
  assert.deepEqual(await read('O2-1'), { there: true, raised: [] });
  rmSync(join(folder, 'P001.2026-01-03.000003.traffic.jsonl'));
  assert.deepEqual(await read('O2-1'), { there: false, raised: [] });
  rmSync(join(folder, 'P001.2026-01-02.000002.traffic.jsonl'));
  assert.deepEqual(await read('O1-1'), { there: true, raised: ['batch 2 is missing'] });
});
