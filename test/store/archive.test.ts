/** The archive on a real disk: what was put is found, by whom and for how long it is promised; damage is told. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import type { OrderNo, VisitId } from '../../src/core/ids.ts';
import { fen } from '../../src/core/money.ts';
import { after, DAY, type Instant, instant, SECOND } from '../../src/core/time.ts';
import { realDisk } from '../../src/store/disk.ts';
import { StoreError } from '../../src/store/files.ts';
import { batchOf, dayBatch, NEW_YEAR, openAt, orderOn, PARK, visitOn } from './archive-tools.ts';
import { faultyDisk, ramDisk } from './faulty-disk.ts';
import { tempFolder } from './tools.ts';

const id = (text: string) => text as VisitId;
const no = (text: string) => text as OrderNo;
const PLATE_3 = '粤A00003';
const NOW = after(NEW_YEAR, 100 * DAY);
const KEEP_ALL = { visitsMs: 1_000 * DAY, trafficMs: 1_000 * DAY };

function files(folder: string, kind = ''): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(kind))
    .sort();
}

test('visits, orders and passages are found again, at once and by the next start', async (t) => {
  const folder = tempFolder(t);
  const { archive } = await openAt(folder, 0);
  for (const batch of [1, 2, 3]) await archive.put(PARK, dayBatch(batch));
  const reopened = await openAt(folder, 3);
  for (const one of [archive, reopened.archive]) {
    assert.deepEqual(await one.visit(PARK, id('V1-3')), visitOn(1, 3));
    assert.deepEqual(await one.order(PARK, no('O0-4')), orderOn(0, 4));
    assert.deepEqual(await one.visitsOf(PARK, PLATE_3), [visitOn(2, 3), visitOn(1, 3), visitOn(0, 3)]);
    assert.deepEqual(await one.ordersOf(PARK, id('V1-3')), [orderOn(1, 3)]);
    assert.deepEqual(one.traffic(PARK, NEW_YEAR, NOW, 3), { inNum: 15, outNum: 15 });
    assert.equal(await one.visit(PARK, id('V9-9')), null);
    assert.equal(await one.order(PARK, no('V1-3')), null);
    assert.deepEqual(await one.visitsOf(PARK, 'ticket:粤A00003'), []);
    assert.deepEqual(await one.ordersOf(PARK, id('O1-3')), []);
    assert.equal(await one.visit('P002' as typeof PARK, id('V1-3')), null);
  }
  assert.deepEqual([...reopened.raised], []);
  assert.deepEqual(reopened.archive.stats(), archive.stats());
});

test('a person reads a file with less: a line of JSON for each visit and order, each with its checksum', async (t) => {
  const folder = tempFolder(t);
  const { archive } = await openAt(folder, 0);
  await archive.put(PARK, dayBatch(1, 2));
  assert.deepEqual(files(folder), [
    'P001.2026-01-01.000001.traffic.jsonl',
    'P001.2026-01-01.000001.visits.idx',
    'P001.2026-01-01.000001.visits.jsonl',
  ]);
  const text = readFileSync(join(folder, 'P001.2026-01-01.000001.visits.jsonl'), 'utf8');
  const lines = text.trimEnd().split('\n');
  for (const line of lines) {
    const { v, crc }: { v: number; crc: string } = JSON.parse(line);
    assert.equal(v, 1);
    assert.equal(Number.parseInt(crc, 16), crc32(line.slice(0, line.lastIndexOf(',"crc"'))));
  }
  const content: Record<string, unknown>[] = lines.map((line) => JSON.parse(line));
  assert.deepEqual([content[0]?.['park'], content[0]?.['visits'], content[0]?.['orders']], ['P001', 2, 2]);
  assert.deepEqual(content[1]?.['visit'], visitOn(0, 0));
  assert.deepEqual(content[4]?.['order'], orderOn(0, 1));
});

test('what was archived again is found as it was archived last, also by its plate', async (t) => {
  const { archive } = await openAt(tempFolder(t), 0);
  await archive.put(PARK, dayBatch(1));
  await archive.put(PARK, dayBatch(2));
  const paidMore = visitOn(0, 3, { paid: fen(1300) });
  const disputed = orderOn(0, 3, { conflicts: ['other'] });
  await archive.put(PARK, batchOf(3, { visits: [paidMore], orders: [disputed] }));
  assert.deepEqual(await archive.visit(PARK, id('V0-3')), paidMore);
  assert.deepEqual(await archive.order(PARK, no('O0-3')), disputed);
  // The newest visit of the plate is not the one that was archived last, and each is told once.
  assert.deepEqual(await archive.visitsOf(PARK, PLATE_3), [visitOn(1, 3), paidMore]);
  assert.deepEqual(await archive.ordersOf(PARK, id('V0-3')), [disputed]);
});

test('several visits of one plate on one day, vehicles without a plate, and a day without any', async (t) => {
  const { archive } = await openAt(tempFolder(t), 0);
  const credential = visitOn(0, 7).credential;
  const visits = [visitOn(0, 1, { credential }), visitOn(0, 9, { credential }), visitOn(0, 5, { credential })];
  const unplated = visitOn(0, 6, { credential: { kind: 'unplated' } });
  await archive.put(PARK, batchOf(1, { visits: [...visits, unplated] }));
  await archive.put(PARK, batchOf(2, {}));
  const ids = (await archive.visitsOf(PARK, '粤A00007')).map((visit) => visit.id);
  assert.deepEqual(ids, ['V0-9', 'V0-5', 'V0-1']);
  assert.deepEqual(await archive.visit(PARK, id('V0-6')), unplated);
  assert.equal(archive.stats().visits, 4);
});

test('a batch that the state has not let go of is not counted yet, and the next start passes it over', async (t) => {
  const folder = tempFolder(t);
  const { archive } = await openAt(folder, 0);
  await archive.put(PARK, dayBatch(1));
  await archive.put(PARK, dayBatch(2));
  assert.deepEqual(archive.traffic(PARK, NEW_YEAR, NOW, 1), { inNum: 5, outNum: 5 });
  const { archive: next, raised } = await openAt(folder, 1);
  assert.equal(await next.visit(PARK, id('V1-1')), null);
  assert.deepEqual(next.traffic(PARK, NEW_YEAR, NOW, 2), { inNum: 5, outNum: 5 });
  // Put again it replaces itself.
  await next.put(PARK, dayBatch(2));
  assert.deepEqual(next.traffic(PARK, NEW_YEAR, NOW, 2), { inNum: 10, outNum: 10 });
  assert.equal(files(folder).length, 6);
  assert.deepEqual([...raised], []);
});

test('an index that is missing, damaged or of another file is made again from the data', async (t) => {
  const folder = tempFolder(t);
  const { archive } = await openAt(folder, 0);
  await archive.put(PARK, dayBatch(1));
  await archive.put(PARK, dayBatch(2, 9));
  const [first = '', second = ''] = files(folder, '.idx').map((name) => join(folder, name));
  const good = readFileSync(first);
  const flipped = Buffer.from(good);
  flipped.writeUInt8(flipped.readUInt8(flipped.length - 20) ^ 4, flipped.length - 20);
  for (const damage of [null, flipped, good.subarray(0, 50), Buffer.alloc(0), readFileSync(second)]) {
    if (damage === null) rmSync(first);
    else writeFileSync(first, damage);
    // Also under a running archive.
    assert.deepEqual(await archive.visit(PARK, id('V0-2')), visitOn(0, 2));
    const { archive: next, raised } = await openAt(folder, 2);
    assert.deepEqual(await next.order(PARK, no('O0-2')), orderOn(0, 2));
    assert.deepEqual([...raised], []);
    await next.tidy(KEEP_ALL, NOW);
    assert.deepEqual(readFileSync(first), good);
  }
});

test('a damaged line costs that line, raises a fault, and is never taken for “not here”', async (t) => {
  const folder = tempFolder(t);
  const { archive, raised } = await openAt(folder, 0);
  await archive.put(PARK, dayBatch(1));
  const path = join(folder, 'P001.2026-01-01.000001.visits.jsonl');
  const bytes = readFileSync(path);
  const at = bytes.indexOf('"O0-2"');
  bytes.writeUInt8('X'.charCodeAt(0), at + 1);
  writeFileSync(path, bytes);
  await assert.rejects(archive.order(PARK, no('O0-2')), StoreError);
  assert.match(raised.get('ARCHIVE_BAD archive/P001.2026-01-01.000001.visits.jsonl') ?? '', /the line at byte \d+/);
  assert.deepEqual(await archive.order(PARK, no('O0-3')), orderOn(0, 3));
  assert.deepEqual(await archive.visit(PARK, id('V0-2')), visitOn(0, 2));
  assert.equal(statSync(path).size, bytes.length);
});

test('what is missing or damaged is told by the next start, which goes on without it', async (t) => {
  const folder = tempFolder(t);
  const { archive } = await openAt(folder, 0);
  for (const batch of [1, 2, 3, 4]) await archive.put(PARK, dayBatch(batch));
  rmSync(join(folder, 'P001.2026-01-02.000002.visits.jsonl'));
  rmSync(join(folder, 'P001.2026-01-04.000004.traffic.jsonl'));
  const traffic = join(folder, 'P001.2026-01-03.000003.traffic.jsonl');
  writeFileSync(traffic, readFileSync(traffic, 'utf8').replace('"in":[1', '"in":[2'));
  const { archive: next, raised } = await openAt(folder, 4);
  assert.deepEqual(
    [...raised],
    [
      ['ARCHIVE_BAD archive/P001.2026-01-03.000003.traffic.jsonl', 'could not be read: 1 of its lines'],
      ['ARCHIVE_BAD archive/P001 visits', 'batch 2 is missing'],
      ['ARCHIVE_BAD archive/P001 traffic', 'batch 4 is missing'],
    ],
  );
  assert.deepEqual(next.traffic(PARK, NEW_YEAR, NOW, 4), { inNum: 10, outNum: 15 });
  assert.deepEqual(await next.visit(PARK, id('V2-2')), visitOn(2, 2));
  const empty = await openAt(join(folder, 'nothing'), 2);
  assert.equal(empty.raised.get('ARCHIVE_BAD archive/P001 visits'), 'batch 2 is missing');
});

test('a file of a newer version is refused by name, and nothing is touched', async (t) => {
  const folder = tempFolder(t);
  const { archive } = await openAt(folder, 0);
  await archive.put(PARK, dayBatch(1));
  for (const name of files(folder)) {
    const path = join(folder, name);
    const before = readFileSync(path);
    const body = '{"v":2,"park":"P001","batch":1,"new":true';
    writeFileSync(path, `${body},"crc":"${crc32(body).toString(16).padStart(8, '0')}"}\n`);
    if (name.endsWith('visits.jsonl')) rmSync(path.replace('.jsonl', '.idx'));
    await assert.rejects(openAt(folder, 1), (error: unknown) => {
      assert.ok(error instanceof StoreError);
      // A newer index is told as its data.
      assert.ok(error.message.includes(path.replace('.idx', '.jsonl')));
      assert.match(error.message, /version 2.* up to 1: nothing was changed; install/);
      return true;
    });
    writeFileSync(path, before);
  }
});

test('retention removes what is older than it says, oldest first and whole, and tells which and why', async (t) => {
  const folder = tempFolder(t);
  const { archive } = await openAt(folder, 0);
  for (let batch = 1; batch <= 6; batch += 1) await archive.put(PARK, dayBatch(batch));
  const newest = dayBatch(6).visits.get(id('V5-4'))?.end?.at;
  const dropped = await archive.tidy({ visitsMs: 2 * DAY, trafficMs: 4 * DAY }, NOW);
  assert.deepEqual(
    dropped.map(({ file }) => file),
    [
      'P001.2026-01-01.000001.visits.jsonl',
      'P001.2026-01-02.000002.visits.jsonl',
      'P001.2026-01-03.000003.visits.jsonl',
      'P001.2026-01-01.000001.traffic.jsonl',
    ],
  );
  assert.equal(dropped[0]?.newest, visitOn(0, 4).end?.at);
  assert.deepEqual([files(folder, '.visits.jsonl').length, files(folder, '.idx').length], [3, 3]);
  const { archive: next, raised } = await openAt(folder, 6);
  for (const one of [archive, next]) {
    assert.equal(await one.visit(PARK, id('V2-1')), null);
    assert.deepEqual(await one.visit(PARK, id('V3-1')), visitOn(3, 1));
    assert.deepEqual(one.traffic(PARK, NEW_YEAR, NOW, 6), { inNum: 25, outNum: 25 });
    assert.equal(one.stats().newest, newest);
  }
  assert.deepEqual([...raised], []);
  assert.deepEqual(await next.tidy({ visitsMs: 2 * DAY, trafficMs: 4 * DAY }, NOW), []);
});

test('neither a clock that is years ahead nor one that is behind removes what is young, and the newest file stays', async (t) => {
  const { archive } = await openAt(tempFolder(t), 0);
  await archive.put(PARK, dayBatch(1));
  await archive.put(PARK, dayBatch(2));
  const keep = { visitsMs: 10 * DAY, trafficMs: 10 * DAY };
  assert.deepEqual(await archive.tidy(keep, instant(NOW + 40_000 * DAY)), []);
  assert.deepEqual(await archive.tidy({ visitsMs: 0, trafficMs: 0 }, NEW_YEAR), []);
  const all = await archive.tidy({ visitsMs: -DAY, trafficMs: -DAY }, NOW);
  assert.deepEqual(
    all.map(({ file }) => file),
    ['P001.2026-01-01.000001.visits.jsonl', 'P001.2026-01-01.000001.traffic.jsonl'],
  );
});

test('a full disk and an I/O error put nothing half: the batch can be put again', async () => {
  for (const failing of ['ENOSPC', 'EIO']) {
    for (let step = 1; ; step += 1) {
      let steps = 0;
      let well = false;
      const disk = faultyDisk({
        fail: () => {
          steps += 1;
          return !well && steps === step ? failing : null;
        },
      });
      const { archive } = await openAt('/data/archive', 0, disk);
      const error = await archive.put(PARK, dayBatch(1)).then(
        () => null,
        (reason: unknown) => reason,
      );
      if (error === null) {
        assert.ok(step > 8, `only ${step} steps were tried`);
        break;
      }
      assert.equal(await archive.visit(PARK, id('V0-1')), null);
      assert.equal(archive.stats().files, 0);
      well = true;
      await archive.put(PARK, dayBatch(1));
      assert.deepEqual(await archive.visit(PARK, id('V0-1')), visitOn(0, 1));
      const { archive: next, raised } = await openAt('/data/archive', 1, disk);
      assert.deepEqual(await next.visit(PARK, id('V0-1')), visitOn(0, 1));
      assert.deepEqual([...raised], []);
    }
  }
});

test('a new order costs no access to the disk but once in a long while', async () => {
  const disk = ramDisk();
  let reads = 0;
  const counting = {
    ...disk,
    readFile: (path: string) => {
      reads += 1;
      return disk.readFile(path);
    },
  };
  const { archive } = await openAt('/data/archive', 0, counting);
  for (let batch = 1; batch <= 20; batch += 1) await archive.put(PARK, dayBatch(batch, 200));
  for (let number = 0; number < 10_000; number += 1) {
    assert.equal(await archive.order(PARK, no(`new-${number}`)), null);
  }
  // 200,000 filters were asked: about 13 are wrong.
  assert.ok(reads < 60, `${reads} reads`);
});

const seconds = fc.integer({ min: 0, max: 400 });

test('traffic counts exactly the passages of the span, to the second, however late they came', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          in: fc.array(fc.integer({ min: 0, max: 400_000 })),
          out: fc.array(fc.integer({ min: 0, max: 400_000 })),
        }),
        { maxLength: 6 },
      ),
      fc.array(fc.tuple(seconds, seconds), { minLength: 5, maxLength: 5 }),
      fc.nat(6),
      async (batches, spans, through) => {
        const sorted = (list: readonly number[]): Instant[] =>
          list.map((ms) => instant(NEW_YEAR + ms)).sort((a, b) => a - b);
        const disk = ramDisk();
        const { archive } = await openAt('/a', 0, disk);
        for (const [index, lists] of batches.entries()) {
          await archive.put(PARK, batchOf(index + 1, { in: sorted(lists.in), out: sorted(lists.out) }));
        }
        const { archive: next } = await openAt('/a', batches.length, disk);
        for (const [a, b] of spans) {
          const from = instant(NEW_YEAR + a * SECOND);
          const to = instant(NEW_YEAR + b * SECOND);
          const naive = (direction: 'in' | 'out'): number =>
            batches
              .slice(0, through)
              .flatMap((lists) => lists[direction])
              .filter((ms) => NEW_YEAR + ms >= from && NEW_YEAR + ms < to).length;
          const wanted = { inNum: naive('in'), outNum: naive('out') };
          assert.deepEqual(archive.traffic(PARK, from, to, through), wanted);
          assert.deepEqual(next.traffic(PARK, from, to, through), wanted);
        }
      },
    ),
    { numRuns: 100 },
  ));

test('the archive takes a folder that has other files in it', async (t) => {
  const folder = tempFolder(t);
  for (const name of ['notes.txt', 'unfinished.tmp', 'P001.2026-01-01.1.visits.jsonl']) {
    writeFileSync(join(folder, name), 'x');
  }
  const { archive, raised } = await openAt(folder, 0, realDisk);
  await archive.put(PARK, dayBatch(1));
  assert.equal(archive.stats().files, 2);
  assert.deepEqual([...raised], []);
});
