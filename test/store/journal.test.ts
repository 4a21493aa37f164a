import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JournalRecord } from '../../src/core/park/events.ts';
import { RecordEncoder, scan } from '../../src/store/codec.ts';
import { StoreError } from '../../src/store/files.ts';
import {
  FIRST_SEGMENT,
  fill,
  linesOf,
  open,
  readSegment,
  record,
  records,
  reopen,
  segmentsOf,
  tempFolder,
} from './tools.ts';

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('waited 10 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('what was appended is there after a restart, in order', async (t) => {
  const dir = tempFolder(t);
  const { store } = await open(dir);
  await store.journal.append(records(1, 3));
  await store.journal.append([record(4)]);
  await store.journal.append([]);
  assert.equal(store.stats().seq, 4);
  await store.close();
  const again = await reopen(dir);
  assert.deepEqual(again.folded, records(1, 4));
  assert.equal(again.store.working.seq, 4);
  assert.deepEqual(again.store.committed, again.store.working);
  assert.deepEqual([...again.raised], []);
  assert.deepEqual(again.notices, []);
  const { ms, ...recovered } = again.store.recovered;
  assert.ok(ms >= 0);
  assert.deepEqual(recovered, { records: 4, fromSnapshotSeq: 0, tornBytes: 0, badRecords: 0 });
});

test('any records in any batches survive a restart', async (t) => {
  const text = fc.string({ unit: 'binary', maxLength: 300 });
  const batches = fc.array(fc.array(text, { minLength: 1, maxLength: 5 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(batches, fc.integer({ min: 1, max: 3_000 }), async (texts, segmentBytes) => {
      const dir = tempFolder(t);
      const { store } = await open(dir, segmentBytes);
      const all: JournalRecord[] = [];
      for (const batch of texts) {
        const added = batch.map((one, index) => record(all.length + 1 + index, one));
        await store.journal.append(added);
        all.push(...added);
      }
      await store.close();
      assert.deepEqual((await reopen(dir, segmentBytes)).folded, all);
    }),
    { numRuns: 40 },
  );
});

test('each line is JSON by itself, with the fields that a person looks for', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, [record(1, '京A12345 "\\\n\u2028😀'), record(2)]);
  const bytes = readSegment(dir);
  const lines = linesOf(bytes).map(({ start, end }) => JSON.parse(bytes.toString('utf8', start, end)));
  assert.equal(lines.length, 2);
  for (const [index, line] of lines.entries()) {
    assert.deepEqual(Object.keys(line), ['v', 'seq', 'at', 'events', 'crc']);
    assert.equal(line.v, 2);
    assert.equal(line.seq, index + 1);
    assert.match(line.crc, /^[0-9a-f]{8}$/);
  }
  assert.deepEqual(lines[0].events, record(1, '京A12345 "\\\n\u2028😀').events);
});

test('the encoder and the scan are inverse for any text', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      const written = texts.map((text, index) => record(index + 1, text));
      const pieces = [...scan(Buffer.from(new RecordEncoder().encode(written)))];
      assert.deepEqual(
        pieces.map((piece) => (piece.kind === 'record' ? piece.record : piece)),
        written,
      );
    }),
  );
});

test('a commit writes into blocks that the file has: neither its size nor its blocks change', async (t) => {
  const dir = tempFolder(t);
  const { store } = await open(dir, 256 * 1024);
  t.after(() => store.close());
  const file = join(dir, 'journal', FIRST_SEGMENT);
  const before = statSync(file);
  assert.equal(before.size, 256 * 1024);
  assert.ok(before.blocks * 512 >= before.size, 'the blocks are really there');
  for (let seq = 1; seq <= 300; seq += 1) {
    await store.journal.append([record(seq)]);
    const { size, blocks } = statSync(file);
    assert.deepEqual({ size, blocks }, { size: before.size, blocks: before.blocks });
  }
});

test('a full segment is followed by the next, named by its first record', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, records(1, 100), 1_024);
  const segments = segmentsOf(dir).filter((name) => name.endsWith('.jsonl'));
  assert.ok(segments.length > 5);
  for (const name of segments) {
    const bytes = readSegment(dir, name);
    assert.equal(bytes.length, 1_024);
    const first = linesOf(bytes)[0];
    assert.ok(first);
    assert.equal(JSON.parse(bytes.toString('utf8', first.start, first.end)).seq, Number.parseInt(name, 10));
  }
  const again = await reopen(dir, 1_024);
  assert.deepEqual(again.folded, records(1, 100));
  assert.deepEqual(again.store.stats(), { seq: 100, segments: segments.length, bytes: segments.length * 1_024 });
});

test('a record larger than a segment gets a segment of its size', async (t) => {
  const dir = tempFolder(t);
  // Also when a next segment of the usual size is prepared.
  const all = [...records(1, 5), record(6, 'x'.repeat(200_000)), record(7)];
  const { store } = await open(dir, 1_024);
  for (const one of all) await store.journal.append([one]);
  await store.close();
  assert.ok(readSegment(dir, '000000000006.jsonl').length > 200_000);
  const again = await reopen(dir, 1_024);
  assert.deepEqual(again.folded, all);
  assert.deepEqual(again.store.stats(), store.stats(), 'no segment grew after it was made');
});

test('the next segment is made ahead once the current one is half full, and one left half-made is made anew', async (t) => {
  const dir = tempFolder(t);
  const next = join(dir, 'journal', 'next.tmp');
  const { store } = await open(dir, 4_096);
  await store.journal.append(records(1, 10));
  assert.equal(existsSync(next), false);
  await store.journal.append(records(11, 20));
  await until(() => existsSync(next) && statSync(next).size === 4_096);
  await store.close();
  truncateSync(next, 100);
  const again = await open(dir, 4_096);
  await until(() => existsSync(next) && statSync(next).size === 4_096);
  await again.store.close();
  assert.deepEqual((await reopen(dir, 4_096)).folded, records(1, 20));
});

test('a full disk stops nothing while the current segment has room, and the next try may succeed', async (t) => {
  const dir = tempFolder(t);
  const { store, raised } = await open(dir, 4_096);
  // The disk that is always full; removing the unfinished segment removes only the link to it.
  symlinkSync('/dev/full', join(dir, 'journal', 'next.tmp'));
  await store.journal.append(records(1, 20));
  await until(() => raised.size > 0);
  assert.deepEqual([...raised], [['DISK_FULL journal', '4 KiB']]);
  for (let seq = 21; seq <= 60; seq += 1) await store.journal.append([record(seq)]);
  assert.deepEqual([...raised], []);
  await store.close();
  assert.deepEqual((await reopen(dir)).folded, records(1, 60));
});

test('a record that cannot be written is refused with the reason, and so is every later one', async (t) => {
  const dir = tempFolder(t);
  const { store } = await open(dir, 4_096);
  const obstacle = join(dir, 'journal', 'next.tmp');
  mkdirSync(obstacle);
  let seq = 1;
  const refused = await (async () => {
    for (; seq < 100; seq += 1) await store.journal.append([record(seq)]);
    return null;
  })().catch((error: unknown) => error);
  assert.ok(refused instanceof StoreError);
  assert.match(refused.message, /records could not be written to .*journal: EISDIR/);
  assert.ok(linesOf(readSegment(dir)).length === seq - 1 && seq > 20, 'the segment was used to its end first');
  rmdirSync(obstacle);
  await assert.rejects(store.journal.append([record(seq)]), /takes no more records: EISDIR/);
  await store.close();
  assert.deepEqual((await reopen(dir)).folded, records(1, seq - 1));
});

test('misuse is refused and harms nothing: two appends at once, records out of order, append after close', async (t) => {
  const dir = tempFolder(t);
  const { store } = await open(dir);
  const first = store.journal.append([record(1)]);
  await assert.rejects(store.journal.append([record(2)]), /one append at a time/);
  await first;
  await assert.rejects(store.journal.append([record(1)]), /record 1 is out of order: .* next record is 2/);
  await assert.rejects(store.journal.append([record(2), record(4)]), /record 4 is out of order/);
  await store.journal.append([record(2)]);
  await store.close();
  await assert.rejects(store.journal.append([record(3)]), /it is closed/);
  assert.deepEqual((await reopen(dir)).folded, records(1, 2));
});

test('a data folder that cannot be used is told with its path', async () => {
  await assert.rejects(open('/dev/null/data'), (error: unknown) => {
    assert.ok(error instanceof StoreError);
    assert.match(error.message, /the data folder \/dev\/null\/data cannot be used: ENOTDIR/);
    return true;
  });
});

test('files that are not segments are left alone', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, records(1, 2));
  mkdirSync(join(dir, 'journal', 'lost+found'));
  assert.deepEqual((await reopen(dir)).folded, records(1, 2));
  assert.deepEqual(readdirSync(join(dir, 'journal')).sort(), [FIRST_SEGMENT, 'lost+found']);
});
