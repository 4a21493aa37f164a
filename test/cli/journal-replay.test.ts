/** `gatepost journal replay`: the state that a journal folds into, from a folder, a file or a pipe. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { evolve } from '../../src/core/park/evolve.ts';
import { capture } from '../../src/core/park/snapshot.ts';
import { emptyState } from '../../src/core/park/state.ts';
import { tempFolder } from '../store/tools.ts';
import { day, journal, openFolder, segmentsOf, writeFolder } from './journal-tools.ts';

const GATEPOST = join(import.meta.dirname, '..', '..', 'src', 'bin.mjs');

/** The day up to a record, as the state that the gate had then. */
function stateAt(seq: number): unknown {
  const state = emptyState();
  for (const record of day().records.slice(0, seq)) evolve(state, record);
  return JSON.parse(JSON.stringify(capture(state)));
}

/** The day, with a snapshot after record 4. */
async function dayFolder(t: TestContext): Promise<string> {
  const dir = tempFolder(t);
  const { records } = day();
  await writeFolder(dir, records.slice(0, 4), 1_024);
  const store = await openFolder(dir, 1_024);
  await store.writeSnapshot(capture(store.committed));
  await store.close();
  await writeFolder(dir, records.slice(4), 1_024);
  return dir;
}

test('the whole state is what the gate had, whether from empty or from the snapshot', async (t) => {
  const dir = await dayFolder(t);
  assert.deepEqual(JSON.parse((await journal('replay', dir, '--json')).out), stateAt(8));
  assert.deepEqual(JSON.parse((await journal('replay', dir, '--json', '--snapshot')).out), stateAt(8));
});

test('up to a record, or up to a moment', async (t) => {
  const dir = await dayFolder(t);
  for (const seq of [1, 3, 6, 8]) {
    assert.deepEqual(JSON.parse((await journal('replay', dir, '--json', '--until', String(seq))).out), stateAt(seq));
  }
  const { out } = await journal('replay', dir, '--json', '--until', '2026-11-22 11:00');
  assert.deepEqual(JSON.parse(out), stateAt(5));
});

test('the records that the list prints are a bug report: replayed from a file or a pipe they give the state', async (t) => {
  const dir = await dayFolder(t);
  const report = join(dir, 'report.jsonl');
  writeFileSync(report, (await journal(dir, '--json')).out);
  assert.deepEqual(JSON.parse((await journal('replay', report, '--json')).out), stateAt(8));
  const piped = spawnSync(process.execPath, [GATEPOST, 'journal', 'replay', '-', '--json'], {
    input: readFileSync(report),
    encoding: 'utf8',
  });
  assert.deepEqual([piped.status, JSON.parse(piped.stdout)], [0, stateAt(8)]);
});

test('a person reads parks, visits, money and orders', async (t) => {
  const dir = await dayFolder(t);
  const { code, lines } = await journal('replay', dir);
  assert.equal(code, 0);
  assert.deepEqual(lines, [
    'from empty, 8 record(s) folded; the state at record 8, 2026-11-22 11:10:00',
    'payments in these records: 1 booked, ¥5.00, deductions ¥0.00; 1 unmatched, ¥7.00; 0 conflicted',
    'park P001: 1 open visit(s), 1 closed, 2 order number(s), 2 in, 1 out, 2 pending order(s)',
    '  in the park: 粤B22228 since 2026-11-22 10:05:00, paid ¥0.00, visit V2',
    '  pending order 3.1: lane in-1, before 2026-11-22 10:05:05',
    '  pending order 6.1: lane out-1, before 2026-11-22 11:02:05',
  ]);
  const later = await journal('replay', dir, '--snapshot');
  assert.match(later.out, /^from the snapshot of record 4, 4 record\(s\) folded; the state at record 8/);
});

test('what is missing is said: the beginning, records on the way, bytes that are none', async (t) => {
  const dir = await dayFolder(t);
  rmSync(segmentsOf(dir)[0] ?? '');
  const gone = await journal('replay', dir);
  assert.match(gone.out, /! the journal begins at record 4: what came before is not in this state/);
  const file = join(dir, 'gap.jsonl');
  const lines = (await journal(dir, '--json')).lines;
  writeFileSync(file, [lines[0], lines[1], 'what is this', lines[4]].join('\n'));
  const gap = await journal('replay', file);
  assert.match(gap.out, /! 2 record\(s\) are missing on the way\n! 12 bytes are no records\n/);
});

test('a record that cannot be folded is named with its place', async (t) => {
  const dir = tempFolder(t);
  const broken = day()
    .records.slice(0, 1)
    .map((record) => ({
      ...record,
      events: record.events.map((event) => ({ ...event, reading: null })),
    }));
  const store = await openFolder(dir);
  // What only a defect could write.
  await store.journal.append(JSON.parse(JSON.stringify(broken)));
  await store.close();
  const { code, err } = await journal('replay', dir);
  assert.equal(code, 1);
  assert.match(err, /record 1 \(.*000000000001\.jsonl, byte 0\) cannot be folded: /);
});

test('a snapshot that is not there, or later than what is asked for, is said', async (t) => {
  const dir = await dayFolder(t);
  const late = await journal('replay', dir, '--snapshot', '--until', '2');
  assert.equal(late.code, 1);
  assert.match(late.err, /the snapshot is of record 4 \(2026-11-22 10:05:00\), after --until; leave out --snapshot/);
  rmSync(join(dir, 'snapshot.json'));
  const none = await journal('replay', dir, '--snapshot');
  assert.equal(none.code, 1);
  assert.match(none.err, /has no snapshot that can be used; without --snapshot the journal is folded from empty/);
  const file = await journal('replay', segmentsOf(dir)[0] ?? '', '--snapshot');
  assert.match(file.err, /--snapshot needs the data folder/);
});
