import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { JournalRecord } from '../../src/core/park/events.ts';
import { RecordEncoder, scan } from '../../src/store/codec.ts';
import { StoreError } from '../../src/store/files.ts';
import {
  asideOf,
  FIRST_SEGMENT,
  fill,
  lastLine,
  linesOf,
  open,
  readSegment,
  record,
  records,
  reopen,
  segmentsOf,
  tempFolder,
  time,
  writeSegment,
} from './tools.ts';

const LF = 0x0a;

/** Opens the damaged folder, appends one record, and looks again: returns what both starts heard. */
async function startTwice(dir: string, last: number) {
  const first = await open(dir);
  await first.store.journal.append([record(last + 1, 'after the damage')]);
  await first.store.close();
  return { first, second: await reopen(dir) };
}

test('a tail torn at any byte is cut, kept aside byte for byte, and never joined by the next record', async (t) => {
  const source = tempFolder(t);
  // Longer than the record that follows, which must not leave a piece of it behind.
  await fill(source, [...records(1, 2), record(3, 'x'.repeat(60))]);
  const image = readSegment(source);
  const { start, end } = lastLine(image);
  for (let cut = start + 1; cut < end; cut += 1) {
    const dir = tempFolder(t);
    mkdirSync(join(dir, 'journal'));
    writeSegment(dir, Buffer.concat([image.subarray(0, cut), Buffer.alloc(image.length - cut, LF)]));
    const { first, second } = await startTwice(dir, 2);
    assert.deepEqual(first.folded, records(1, 2));
    assert.equal(first.store.recovered.tornBytes, cut - start);
    assert.deepEqual(
      first.notices.map(({ code, fields }) => [code, fields['bytes']]),
      [['JOURNAL_TORN', cut - start]],
    );
    assert.deepEqual([...first.raised], []);
    assert.deepEqual([...asideOf(dir).values()], [image.subarray(start, cut)]);
    assert.deepEqual(second.folded, [...records(1, 2), record(3, 'after the damage')]);
    assert.deepEqual(second.notices, []);
    assert.equal(readSegment(dir).length, image.length);
  }
});

test('a tail of garbage is cut, whatever it is made of', async (t) => {
  const garbage = [
    'x',
    '{',
    '{"v":1,"seq":3',
    '{"v":1,"seq":3}\n\n\n{"v":',
    '\0\0\0\0',
    `{"v":1,"seq":3,"at":1,"events":[],"crc":"00000000"}`,
    ',"crc":"'.repeat(50),
    '{"v":'.repeat(50),
    'null',
  ];
  for (const text of garbage) {
    const dir = tempFolder(t);
    await fill(dir, records(1, 2));
    const image = readSegment(dir);
    const { end } = lastLine(image);
    image.write(text, end + 5);
    writeSegment(dir, image);
    const { first, second } = await startTwice(dir, 2);
    assert.deepEqual(first.folded, records(1, 2), text);
    assert.deepEqual([...asideOf(dir).values()], [Buffer.from(text)]);
    assert.deepEqual(second.folded, [...records(1, 2), record(3, 'after the damage')]);
  }
});

test('a damaged byte anywhere costs one record at most, and every other record is read', () => {
  const written = records(1, 5);
  const image = Buffer.from(new RecordEncoder().encode(written));
  for (let at = 0; at < image.length; at += 1) {
    for (const value of [(image[at] ?? 0) ^ 0x01, (image[at] ?? 0) ^ 0xff, LF]) {
      const damaged = Buffer.from(image);
      damaged[at] = value;
      const pieces = [...scan(damaged)];
      const found = pieces.flatMap((piece) => (piece.kind === 'record' ? [piece.record] : []));
      const lost = written.filter(({ seq }) => !found.some((one) => one.seq === seq));
      assert.ok(lost.length <= 1, `byte ${at} as ${value}: lost ${lost.map(({ seq }) => seq)}`);
      assert.deepEqual(
        [...found, ...lost].sort((a, b) => a.seq - b.seq),
        written,
      );
      assert.ok(!pieces.some(({ kind }) => kind === 'newer'));
    }
  }
});

test('a bad record in the middle is kept aside, raises a fault, and all before and after it is recovered', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, records(1, 20));
  const image = readSegment(dir);
  const line = linesOf(image)[16];
  assert.ok(line);
  image[line.start + 60] = 0x21;
  writeSegment(dir, image);
  const { first, second } = await startTwice(dir, 20);
  assert.deepEqual(first.folded, [...records(1, 16), ...records(18, 20)]);
  assert.equal(first.store.recovered.badRecords, 1);
  assert.deepEqual(first.notices, []);
  const bytes = image.subarray(line.start, line.end);
  const fault = [[`RECORD_BAD journal/${FIRST_SEGMENT}`, `record 17 (${bytes.length} bytes)`]];
  assert.deepEqual([...first.raised], fault);
  assert.deepEqual([...asideOf(dir).values()], [bytes]);
  // The evidence stays where it was, and is told again at the next start, but not kept twice.
  assert.deepEqual(second.folded, [...records(1, 16), ...records(18, 20), record(21, 'after the damage')]);
  assert.deepEqual([...second.raised], fault);
  assert.equal(asideOf(dir).size, 1);
});

test('several bad places in one file are told in one fault', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, records(1, 20));
  const image = readSegment(dir);
  const lines = linesOf(image);
  for (const index of [1, 4, 5, 8, 11, 14]) image[(lines[index]?.start ?? 0) + 3] = 0;
  // A newline that was lost costs no record.
  image[lines[17]?.end ?? 0] = 0x58;
  writeSegment(dir, image);
  const { folded, raised, store } = await reopen(dir);
  assert.deepEqual(
    folded.map(({ seq }) => seq),
    [1, 3, 4, 7, 8, 10, 11, 13, 14, 16, 17, 18, 19, 20],
  );
  assert.equal(store.recovered.badRecords, 6);
  const size = (index: number) => (lines[index]?.end ?? 0) - (lines[index]?.start ?? 0);
  const both = size(4) + size(5) + 2;
  assert.deepEqual(
    [...raised.values()],
    [`record 2 (${size(1)} bytes), records 5 to 6 (${both} bytes), record 9 (${size(8)} bytes) and 3 more`],
  );
  assert.equal(asideOf(dir).size, 6);
  assert.ok([...asideOf(dir).values()].some((bytes) => bytes.equals(Buffer.from('X'))));
});

test('a record that was blanked out, or stands there twice, is noticed', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, records(1, 6));
  const image = readSegment(dir);
  const [, second, third] = linesOf(image);
  assert.ok(second && third);
  image.fill(LF, second.start, second.end);
  image.copy(image, lastLine(image).end + 1, third.start, third.end);
  writeSegment(dir, image);
  const { first, second: later } = await startTwice(dir, 6);
  assert.deepEqual(first.folded, [record(1), ...records(3, 6)]);
  const bytes = third.end - third.start;
  assert.deepEqual([...first.raised.values()], [`record 2 (blank), record 3 again (${bytes} bytes)`]);
  assert.deepEqual(later.folded, [record(1), ...records(3, 6), record(7, 'after the damage')]);
});

test('a bad last record of a segment that has a successor is no torn tail, and its number is not given again', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, records(1, 60), 1_024);
  const names = segmentsOf(dir).filter((name) => name.endsWith('.jsonl'));
  const [before, after] = names.slice(-2);
  assert.ok(before && after);
  const image = readSegment(dir, before);
  const line = lastLine(image);
  image[line.end - 1] = 0x58;
  writeSegment(dir, image, before);
  // The successor was made, but nothing written to it yet.
  writeSegment(dir, Buffer.alloc(1_024, LF), after);
  const lost = Number.parseInt(after, 10) - 1;
  const { first, second } = await startTwice(dir, lost);
  assert.deepEqual(first.folded, records(1, lost - 1));
  assert.equal(first.store.working.seq, lost);
  assert.deepEqual(
    [...first.raised],
    [[`RECORD_BAD journal/${before}`, `record ${lost} (${line.end - line.start} bytes)`]],
  );
  assert.deepEqual(first.notices, []);
  assert.deepEqual(second.folded, [...records(1, lost - 1), record(lost + 1, 'after the damage')]);
});

test('a segment that is gone is told as missing records, and the others are read', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, records(1, 60), 1_024);
  const [first, second, third] = segmentsOf(dir);
  assert.ok(first && second && third);
  rmSync(join(dir, 'journal', second));
  const { folded, raised } = await reopen(dir, 1_024);
  const [from, to] = [Number.parseInt(second, 10), Number.parseInt(third, 10) - 1];
  assert.deepEqual(folded, [...records(1, from - 1), ...records(to + 1, 60)]);
  assert.deepEqual([...raised], [[`RECORD_BAD journal/${first}`, `records ${from} to ${to} (blank)`]]);
});

test('a segment cut short at any byte gives every whole record, and the journal goes on', async (t) => {
  const source = tempFolder(t);
  await fill(source, records(1, 3));
  const image = readSegment(source);
  const lines = linesOf(image);
  for (let length = 0; length <= (lines.at(-1)?.end ?? 0) + 1; length += 7) {
    const dir = tempFolder(t);
    mkdirSync(join(dir, 'journal'));
    writeSegment(dir, image.subarray(0, length));
    const whole = lines.filter(({ end }) => end <= length).length;
    const { first, second } = await startTwice(dir, whole);
    assert.deepEqual(first.folded, records(1, whole), `cut to ${length} bytes`);
    assert.deepEqual(second.folded, [...records(1, whole), record(whole + 1, 'after the damage')]);
  }
});

test('bytes that cannot be kept aside are left where they are, and the gate starts all the same', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, records(1, 2));
  const image = readSegment(dir);
  const torn = image.write('{"v":1,"seq":3,"a', lastLine(image).end + 1);
  writeSegment(dir, image);
  writeFileSync(join(dir, 'aside'), 'a file where the folder should be');
  const { first, second } = await startTwice(dir, 2);
  assert.deepEqual(first.folded, records(1, 2));
  assert.deepEqual(first.infos, ['bad bytes could not be kept aside; they stay in the journal']);
  assert.deepEqual(second.folded, [...records(1, 2), record(3, 'after the damage')]);
  assert.deepEqual([...second.raised.values()], [`${torn} bytes after record 2`]);
});

/** Records that are given to the journal at once, as the gateway gives a batch: at one moment. */
function batch(first: number, last: number): JournalRecord[] {
  return records(first, last).map((one) => ({ ...one, at: time(first) }));
}

/** A folder with these appends in it. */
async function filled(t: TestContext, ...appends: readonly JournalRecord[][]): Promise<string> {
  const dir = tempFolder(t);
  const { store } = await open(dir);
  for (const append of appends) await store.journal.append(append);
  await store.close();
  return dir;
}

test('an append with a hole in it, as a power cut leaves it, goes as a whole: what follows the hole was built on it', async (t) => {
  for (const blank of [true, false]) {
    const dir = await filled(t, batch(1, 2), batch(3, 6));
    const image = readSegment(dir);
    const lines = linesOf(image);
    const [, , , fourth, fifth] = lines;
    assert.ok(fourth && fifth);
    // A sector that was not written is blank; a torn one ends in the middle of a line.
    image.fill(LF, blank ? fourth.start : fourth.start + 20, fifth.start + 10);
    writeSegment(dir, image);
    const { first, second } = await startTwice(dir, 3);
    assert.deepEqual(first.folded, [...batch(1, 2), ...batch(3, 3)]);
    assert.deepEqual([...first.raised], []);
    assert.deepEqual(
      first.notices.map(({ code }) => code),
      ['JOURNAL_TORN'],
    );
    const start = blank ? fifth.start + 10 : fourth.start;
    assert.deepEqual([...asideOf(dir).values()], [image.subarray(start, lines.at(-1)?.end)]);
    assert.deepEqual(second.folded, [...first.folded, record(4, 'after the damage')]);
    assert.deepEqual([...second.raised, ...second.notices], []);
  }
});

test('a hole in an append that another one follows is damage: the rest was accepted, and is kept', async (t) => {
  const dir = await filled(t, batch(1, 2), batch(3, 6), batch(7, 8));
  const image = readSegment(dir);
  const fourth = linesOf(image)[3];
  assert.ok(fourth);
  image[fourth.start + 5] = 0;
  writeSegment(dir, image);
  const { folded, raised, notices } = await reopen(dir);
  assert.deepEqual(
    folded.map(({ seq }) => seq),
    [1, 2, 3, 5, 6, 7, 8],
  );
  assert.deepEqual([[...raised.keys()], notices], [[`RECORD_BAD journal/${FIRST_SEGMENT}`], []]);
});

test('records after a hole that cannot be kept aside are marked, and never taken for accepted ones', async (t) => {
  const dir = await filled(t, batch(1, 2), batch(3, 6));
  const image = readSegment(dir);
  const third = linesOf(image)[2];
  assert.ok(third);
  image[third.start] = 0;
  writeSegment(dir, image);
  writeFileSync(join(dir, 'aside'), 'a file where the folder should be');
  const { first, second } = await startTwice(dir, 2);
  assert.deepEqual(first.folded, batch(1, 2));
  assert.deepEqual(second.folded, [...batch(1, 2), record(3, 'after the damage')]);
  assert.deepEqual([...second.raised.keys()], [`RECORD_BAD journal/${FIRST_SEGMENT}`]);
});

test('a last segment that is gone is told at each start, until the journal goes on in another one', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, records(1, 60), 1_024);
  const last = segmentsOf(dir).findLast((name) => name.endsWith('.jsonl')) ?? '';
  rmSync(join(dir, 'journal', last));
  const from = Number.parseInt(last, 10);
  for (let start = 1; start <= 2; start += 1) {
    const { folded, raised } = await reopen(dir, 1_024);
    assert.deepEqual(folded, records(1, from - 1));
    assert.deepEqual([...raised], [['JOURNAL_SHORT journal', `the segment from record ${from} on is gone`]]);
  }
  const { store } = await open(dir, 1_024);
  for (let seq = from; seq < from + 10; seq += 1) await store.journal.append([record(seq)]);
  await store.close();
  assert.deepEqual([...(await reopen(dir, 1_024)).raised], []);
});

test('a last segment that was cut short is told, even where it was cut between two records', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, records(1, 5));
  const image = readSegment(dir);
  const third = linesOf(image)[2];
  assert.ok(third);
  writeSegment(dir, image.subarray(0, third.end + 1));
  const { folded, raised } = await reopen(dir);
  assert.deepEqual(folded, records(1, 3));
  assert.deepEqual([...raised], [['JOURNAL_SHORT journal', `${FIRST_SEGMENT} has ${third.end + 1} of its 4096 bytes`]]);
});

test('a folder without the note of its last segment, or with a bad one, gets it anew', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, records(1, 3));
  const note = join(dir, 'tail.json');
  const good = readFileSync(note, 'utf8');
  assert.equal(JSON.parse(good).first, 1);
  for (const spoil of [
    () => rmSync(note),
    () => writeFileSync(note, ''),
    () => writeFileSync(note, good.replace('1', '7')),
  ]) {
    spoil();
    assert.deepEqual([...(await reopen(dir)).raised], []);
    assert.equal(readFileSync(note, 'utf8'), good);
  }
});

/** Everything in a folder: names, content and times. */
function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    hash.update(`${path} ${statSync(path).mtimeMs} ${statSync(path).size}\n`);
    if (entry.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

test('a record of a newer version is refused by name, and nothing in the folder is touched', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, records(1, 2));
  const image = readSegment(dir);
  const text = '{"v":3,"seq":3,"at":5,"events":[],"new":{"field":1}';
  const line = `${text},"crc":"${crc32(text).toString(16).padStart(8, '0')}"}\n`;
  const newer = lastLine(image).end + 1;
  image.write(`${line}{"v":1,"se`, newer);
  image[10] = 0;
  writeSegment(dir, image);
  writeFileSync(join(dir, 'journal', 'next.tmp'), 'left over');
  const before = fingerprint(dir);
  await assert.rejects(open(dir), (error: unknown) => {
    assert.ok(error instanceof StoreError);
    assert.ok(error.message.includes(join(dir, 'journal', FIRST_SEGMENT)));
    assert.match(error.message, /version 3.* versions up to 2: nothing was changed; install/);
    return true;
  });
  assert.equal(fingerprint(dir), before);
  // The lock was let go: without that line the folder opens.
  image.fill(LF, newer);
  writeSegment(dir, image);
  assert.deepEqual((await reopen(dir)).folded, [record(2)]);
});
