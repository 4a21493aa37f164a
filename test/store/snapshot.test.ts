import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { evolve } from '../../src/core/park/evolve.ts';
import { capture } from '../../src/core/park/snapshot.ts';
import type { State } from '../../src/core/park/state.ts';
import { StoreError } from '../../src/store/files.ts';
import { asideOf, FIRST_SEGMENT, readSegment, segmentsOf, tempFolder, time, writeSegment } from './tools.ts';
import { fullPark, openPark, traffic } from './visits.ts';

/** Opens, looks, closes. */
async function start(dir: string, segmentBytes?: number) {
  const opened = await openPark(dir, segmentBytes);
  await opened.store.close();
  return opened;
}

/** Runs the gate from the last record to `last`, with a snapshot after each of `at`. Returns the committed state. */
async function run(dir: string, last: number, at: readonly number[]): Promise<State> {
  const { store } = await openPark(dir);
  const { committed, journal } = store;
  for (let seq = committed.seq + 1; seq <= last; seq += 1) {
    await journal.append([traffic(seq)]);
    evolve(committed, traffic(seq));
    if (at.includes(seq)) await store.writeSnapshot(capture(committed));
  }
  await store.close();
  return committed;
}

function withoutSnapshots(dir: string): void {
  for (const file of ['snapshot.json', 'snapshot.prev.json']) rmSync(join(dir, file), { force: true });
}

test('snapshot and journal together give what the journal alone gives', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.array(fc.nat(40), { maxLength: 4 }), async (last, at) => {
      const dir = tempFolder(t);
      const live = await run(dir, last, at);
      const used = Math.max(0, ...at.filter((seq) => seq >= 1 && seq <= last));
      const both = await start(dir);
      assert.equal(both.store.recovered.fromSnapshotSeq, used);
      assert.equal(both.store.recovered.records, last - used);
      withoutSnapshots(dir);
      const alone = await start(dir);
      assert.equal(alone.store.recovered.records, last);
      assert.deepEqual(both.store.working, alone.store.working);
      assert.deepEqual(both.store.working, live);
    }),
    { numRuns: 25 },
  );
});

test('the two states of a start are equal, and what one folds the other does not see', async (t) => {
  const dir = tempFolder(t);
  await run(dir, 10, [5]);
  const { working, committed } = (await start(dir)).store;
  assert.deepEqual(committed, working);
  const before = structuredClone(committed);
  for (let seq = 11; seq <= 20; seq += 1) evolve(working, traffic(seq));
  assert.deepEqual(committed, before);
});

test('a start with a snapshot does not read the segments before it', async (t) => {
  const dir = tempFolder(t);
  const live = await run(dir, 60, [50]);
  const image = readSegment(dir);
  image[3] = 0;
  writeSegment(dir, image);
  const { raised, store } = await start(dir);
  assert.deepEqual([...raised], []);
  assert.deepEqual(store.working, live);
  withoutSnapshots(dir);
  assert.deepEqual([...(await start(dir)).raised.keys()], [`RECORD_BAD journal/${FIRST_SEGMENT}`]);
});

test('a broken snapshot is told, moved aside, and the one before it is used', async (t) => {
  const breakages: readonly ((bytes: Buffer) => Buffer)[] = [
    (bytes) => bytes.subarray(0, bytes.length / 2),
    (bytes) => bytes.subarray(0, -1),
    (bytes) => Buffer.from(bytes.toString().replace('京A00005', '京A00006')),
    () => Buffer.alloc(0),
    () => Buffer.from('\n\n\n'),
    () => Buffer.from('{"crc":"00000000"}\n'),
  ];
  for (const damage of breakages) {
    const dir = tempFolder(t);
    const live = await run(dir, 20, [8, 15]);
    const file = join(dir, 'snapshot.json');
    const broken = damage(readFileSync(file));
    writeFileSync(file, broken);
    const first = await openPark(dir);
    assert.deepEqual([...first.raised.keys()], ['SNAPSHOT_BAD snapshot.json']);
    assert.equal(first.store.recovered.fromSnapshotSeq, 8);
    assert.deepEqual(first.store.working, live);
    assert.deepEqual([...asideOf(dir).values()], [broken]);
    // The next snapshot clears the fault, and the good generation was not pushed out by the broken one.
    await first.store.writeSnapshot(capture(first.store.committed));
    assert.deepEqual([...first.raised], []);
    await first.store.close();
    assert.equal(JSON.parse(readFileSync(join(dir, 'snapshot.prev.json'), 'utf8').split('\n{"crc"')[0] ?? '').seq, 8);
    assert.equal((await start(dir)).store.recovered.fromSnapshotSeq, 20);
  }
});

test('without any good snapshot the whole journal is replayed', async (t) => {
  const dir = tempFolder(t);
  const live = await run(dir, 20, [8, 15]);
  writeFileSync(join(dir, 'snapshot.json'), 'x');
  writeFileSync(join(dir, 'snapshot.prev.json'), 'y');
  const { raised, store } = await start(dir);
  assert.deepEqual([...raised.keys()], ['SNAPSHOT_BAD snapshot.json', 'SNAPSHOT_BAD snapshot.prev.json']);
  assert.equal(store.recovered.fromSnapshotSeq, 0);
  assert.deepEqual(store.working, live);
});

test('a journal that ends before the snapshot is told: what came after the snapshot may be missing', async (t) => {
  const dir = tempFolder(t);
  const live = await run(dir, 20, [15, 20]);
  rmSync(join(dir, 'journal'), { recursive: true });
  rmSync(join(dir, 'tail.json'));
  const { raised, store } = await start(dir);
  assert.deepEqual([...raised], [['JOURNAL_SHORT journal', 'it ends at record 0, and the snapshot at 20']]);
  assert.deepEqual(store.working, live);
});

test('segments that lie in both snapshots and are old enough can go, and no others', async (t) => {
  const dir = tempFolder(t);
  const { store } = await openPark(dir);
  const { committed, journal } = store;
  const drop = async (before: number): Promise<number> => {
    await store.dropSegmentsBefore(time(before));
    return Number.parseInt(segmentsOf(dir)[0] ?? '', 10);
  };
  for (let seq = 1; seq <= 100; seq += 1) {
    await journal.append([traffic(seq)]);
    evolve(committed, traffic(seq));
    if (seq === 40) {
      await store.writeSnapshot(capture(committed));
      assert.equal(await drop(1_000), 1, 'one snapshot alone may be bad tomorrow');
    }
    if (seq === 80) await store.writeSnapshot(capture(committed));
  }
  const before = store.stats();
  const firsts = segmentsOf(dir).map((name) => Number.parseInt(name, 10));
  const old = firsts.findLast((first) => first <= 20) ?? 0;
  assert.equal(await drop(20), old, 'all older than record 20, but for the segment that holds it');
  assert.equal(
    await drop(1_000),
    firsts.findLast((first) => first <= 41),
    'and no record after the older snapshot',
  );
  const gone = firsts.filter((first) => first <= 41).length - 1;
  assert.deepEqual(store.stats(), { seq: 100, segments: before.segments - gone, bytes: before.bytes - gone * 4_096 });
  await store.close();
  for (const bad of [[], ['snapshot.json']]) {
    for (const file of bad) writeFileSync(join(dir, file), 'x');
    assert.deepEqual((await start(dir)).store.working, committed);
  }
  // With neither snapshot there is no more than the journal has, and it says so.
  withoutSnapshots(dir);
  const first = Number.parseInt(segmentsOf(dir)[0] ?? '', 10);
  const name = segmentsOf(dir)[0];
  assert.deepEqual(
    [...(await start(dir)).raised],
    [[`RECORD_BAD journal/${name}`, `records 1 to ${first - 1} (blank)`]],
  );
});

test('a power cut between the two renames leaves the older snapshot in use, and nothing to complain of', async (t) => {
  const dir = tempFolder(t);
  const live = await run(dir, 20, [8, 15]);
  rmSync(join(dir, 'snapshot.json'));
  writeFileSync(join(dir, 'snapshot.tmp'), 'half a snap');
  const { raised, store } = await start(dir);
  assert.deepEqual([...raised], []);
  assert.equal(store.recovered.fromSnapshotSeq, 8);
  assert.deepEqual(store.working, live);
});

test('a snapshot of a newer version is refused by name, and nothing is touched', async (t) => {
  const dir = tempFolder(t);
  await run(dir, 5, [5]);
  const content = '{"v":3,"seq":5,"at":1,"lots":[]}\n';
  const text = `${content}{"crc":"${crc32(content).toString(16).padStart(8, '0')}"}\n`;
  writeFileSync(join(dir, 'snapshot.json'), text);
  const before = readdirSync(dir, { recursive: true });
  await assert.rejects(openPark(dir), (error: unknown) => {
    assert.ok(error instanceof StoreError);
    assert.match(error.message, /snapshot\.json is a snapshot of version 3.*up to 2: nothing was changed; install/);
    return true;
  });
  assert.deepEqual(readdirSync(dir, { recursive: true }), before);
  assert.equal(readFileSync(join(dir, 'snapshot.json'), 'utf8'), text);
});

test('a full disk leaves both snapshots as they were, raises a fault, and the next success clears it', async (t) => {
  const dir = tempFolder(t);
  await run(dir, 20, [8, 15]);
  const { store, raised } = await openPark(dir);
  t.after(() => store.close());
  const files = ['snapshot.json', 'snapshot.prev.json'].map((file) => join(dir, file));
  const before = files.map((file) => readFileSync(file, 'utf8'));
  symlinkSync('/dev/full', join(dir, 'snapshot.tmp'));
  await store.writeSnapshot(capture(store.committed));
  assert.deepEqual([...raised.keys()], ['SNAPSHOT_FAILED snapshot.json']);
  assert.match(raised.get('SNAPSHOT_FAILED snapshot.json') ?? '', /ENOSPC/);
  assert.deepEqual(
    files.map((file) => readFileSync(file, 'utf8')),
    before,
  );
  assert.equal(existsSync(join(dir, 'snapshot.tmp')), false);
  mkdirSync(join(dir, 'snapshot.tmp'));
  await store.writeSnapshot(capture(store.committed));
  assert.match(raised.get('SNAPSHOT_FAILED snapshot.json') ?? '', /EISDIR/);
  rmdirSync(join(dir, 'snapshot.tmp'));
  await store.writeSnapshot(capture(store.committed));
  assert.deepEqual([...raised], []);
});

test('a snapshot of records that are not on disk is refused, and so are two at once', async (t) => {
  const dir = tempFolder(t);
  await run(dir, 3, []);
  const { store } = await openPark(dir);
  t.after(() => store.close());
  evolve(store.working, traffic(4));
  await assert.rejects(store.writeSnapshot(capture(store.working)), /record 4 .* the journal ends at record 3/);
  const first = store.writeSnapshot(capture(store.committed));
  await assert.rejects(store.writeSnapshot(capture(store.committed)), /being written already/);
  await first;
});

test('closing waits for the snapshot under way, so that the next process finds the folder at rest', async (t) => {
  const dir = tempFolder(t);
  await run(dir, 3, []);
  const { store } = await openPark(dir);
  const under = store.writeSnapshot(fullPark(5_000, 3));
  await store.close();
  assert.deepEqual(readdirSync(dir).sort(), ['journal', 'snapshot.json', 'tail.json']);
  await under;
  await assert.rejects(store.writeSnapshot(capture(store.committed)), /the store is closed/);
  assert.equal((await start(dir)).store.recovered.fromSnapshotSeq, 3);
});

test('a large snapshot is written in slices: everybody else has a turn between them, and it reads back whole', async (t) => {
  const dir = tempFolder(t);
  await run(dir, 3, []);
  const { store } = await openPark(dir);
  const large = fullPark(20_000, 3);
  let turns = 0;
  let done = false;
  const count = (): void => {
    turns += 1;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  await store.writeSnapshot(large);
  done = true;
  await store.close();
  const text = readFileSync(join(dir, 'snapshot.json'), 'utf8');
  // One turn for each 64 KiB and more.
  assert.ok(turns > text.length / (64 * 1024), `${turns} turns`);
  assert.ok(text.split('\n').length > 20_000, 'one entry per line');
  assert.deepEqual(capture((await start(dir)).store.working), large);
});
