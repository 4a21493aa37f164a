/** `gatepost journal verify` and `repair`: they find what a start finds, and touch nothing unless told to. */
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { capture } from '../../src/core/park/snapshot.ts';
import { asideOf, FIRST_SEGMENT, lastLine, linesOf, reopen, tempFolder } from '../store/tools.ts';
import { day, journal, openFolder, segmentsOf, writeFolder } from './journal-tools.ts';

/** The day in several segments, and a snapshot of all of it. */
async function dayFolder(t: TestContext): Promise<string> {
  const dir = tempFolder(t);
  await writeFolder(dir, day().records, 1_024);
  const store = await openFolder(dir, 1_024);
  await store.writeSnapshot(capture(store.committed));
  await store.close();
  return dir;
}

const segment = (dir: string, index: number): string => segmentsOf(dir).at(index) ?? '';

function change(file: string, edit: (bytes: Buffer) => void): void {
  const bytes = readFileSync(file);
  edit(bytes);
  writeFileSync(file, bytes);
}

/** Every file of a folder with its content, to see that nothing changed. */
function everything(dir: string): Map<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'latin1')]),
  );
}

test('a folder that is whole is clean: each segment with its records, the snapshots, exit code 0', async (t) => {
  const dir = await dayFolder(t);
  const { code, lines } = await journal('verify', dir);
  assert.equal(code, 0);
  assert.match(lines[0] ?? '', /^journal\/000000000001\.jsonl {3}records 1 to 3 \(3\), 1024 bytes$/);
  assert.match(lines.at(-3) ?? '', /^snapshot\.json +the state at record 8, 1 open visit\(s\)$/);
  assert.match(lines.at(-2) ?? '', /^snapshot\.prev\.json +none$/);
  assert.match(lines.at(-1) ?? '', /^clean: 8 records in \d segment\(s\), every checksum right$/);
});

for (const [what, damage, wanted] of [
  [
    'a changed byte',
    (dir: string) =>
      change(segment(dir, 0), (bytes) => void bytes.writeUInt8(0x58, (linesOf(bytes)[1]?.start ?? 0) + 9)),
    [/^ {2}BAD: \d+ bytes at byte \d+ are no record$/, /^ {2}BAD: record 2 is missing$/],
  ],
  ['a segment that is gone', (dir: string) => rmSync(segment(dir, 1)), [/^ {2}BAD: record 4 is missing$/]],
  [
    'a half-written end',
    (dir: string) =>
      change(segment(dir, -1), (bytes) => {
        const { end } = lastLine(bytes);
        bytes.fill(0x0a, end - 20);
      }),
    [/^ {2}BAD: \d+ bytes at byte 0 are no record$/, /^BAD: journal: it ends at record 7, and the snapshot at 8$/],
  ],
  [
    'a last segment that is gone',
    (dir: string) => {
      rmSync(segment(dir, -1));
      rmSync(join(dir, 'snapshot.json'));
    },
    [/^BAD: journal: the segment from record 8 on is gone$/],
  ],
  [
    'a snapshot with another byte',
    (dir: string) => change(join(dir, 'snapshot.json'), (bytes) => void bytes.writeUInt8(0x58, 40)),
    [/^snapshot\.json +BAD: its checksum is wrong$/],
  ],
  [
    'a beginning that nothing holds',
    (dir: string) => {
      rmSync(segment(dir, 0));
      rmSync(join(dir, 'snapshot.json'));
    },
    [/^BAD: records 1 to 3 are in no snapshot and no segment$/],
  ],
  [
    'records that come twice',
    (dir: string) => appendFileSync(segment(dir, 0), readFileSync(segment(dir, 0))),
    [/^ {2}BAD: record 1 at byte 1024 comes again$/, /^ {2}BAD: record 3 at byte \d+ comes again$/],
  ],
] as const) {
  test(`${what} is found, with its place; nothing is changed; exit code 1`, async (t) => {
    const dir = await dayFolder(t);
    damage(dir);
    const before = everything(dir);
    const { code, lines, out } = await journal('verify', dir);
    assert.equal(code, 1);
    for (const pattern of wanted)
      assert.ok(
        lines.some((line) => pattern.test(line)),
        `${pattern} is not in\n${out}`,
      );
    assert.match(lines.at(-1) ?? '', /^DAMAGED: \d+ problem\(s\)/);
    assert.deepEqual(everything(dir), before);
  });
}

test('old segments that a snapshot covers may be gone', async (t) => {
  const dir = await dayFolder(t);
  rmSync(segment(dir, 0));
  const { code, out } = await journal('verify', dir);
  assert.equal(code, 0, out);
});

test('any one changed byte of a journal is found, as a start finds it', async (t) => {
  const dir = tempFolder(t);
  await writeFolder(dir, day().records, 4_096);
  const file = segment(dir, 0);
  const whole = readFileSync(file);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      writeFileSync(file, bytes);
      const { code } = await journal('verify', dir);
      const { raised, notices } = await reopen(dir);
      assert.deepEqual([code, raised.size + notices.length > 0], [1, true]);
    }),
    { numRuns: 20 },
  );
});

test('repair only tells what it would do, until it is told to', async (t) => {
  const dir = await dayFolder(t);
  rmSync(join(dir, 'snapshot.json'));
  change(segment(dir, 0), (bytes) => void bytes.writeUInt8(0x58, linesOf(bytes)[1]?.start ?? 0));
  appendFileSync(segment(dir, -1), '{"v":1,"seq":9,');
  const before = everything(dir);
  const { code, lines } = await journal('repair', dir);
  assert.equal(code, 0);
  assert.match(lines[0] ?? '', /^no snapshot, and 7 record\(s\) after it$/);
  assert.match(
    lines[1] ?? '',
    /^journal\/000000000001\.jsonl: record 2 \(\d+ bytes\) cannot be read; .* copied to aside\/$/,
  );
  assert.match(
    lines[2] ?? '',
    /: the last 15 bytes, at \d+, are half a record; they would be copied to aside\/ and cut$/,
  );
  assert.match(lines[3] ?? '', /^Nothing was changed\. To do it: gatepost journal repair DATA --yes$/);
  assert.deepEqual(everything(dir), before);
});

test('repair --yes keeps bad bytes aside byte for byte, cuts the half record, and moves a bad snapshot', async (t) => {
  const dir = await dayFolder(t);
  change(join(dir, 'snapshot.json'), (bytes) => void bytes.writeUInt8(0x58, 40));
  change(segment(dir, 0), (bytes) => void bytes.writeUInt8(0x58, linesOf(bytes)[1]?.start ?? 0));
  const first = readFileSync(segment(dir, 0));
  const { start = 0, end = 0 } = linesOf(first)[1] ?? {};
  appendFileSync(segment(dir, -1), '{"v":1,"seq":9,');
  const snapshot = readFileSync(join(dir, 'snapshot.json'));

  const { code, out } = await journal('repair', dir, '--yes');
  assert.equal(code, 0);
  assert.match(out, /snapshot\.json: a snapshot could not be used: its checksum is wrong/);
  assert.match(out, /journal\/000000000001\.jsonl: record 2 \(\d+ bytes\) could not be read and was kept aside/);
  assert.match(out, /half-written record, which was cut: 15 bytes; kept as aside\//);
  assert.match(out, /done; the last record is 8/);
  const kept = [...asideOf(dir).values()].map((bytes) => bytes.toString('latin1')).sort();
  const wanted = [first.subarray(start, end), snapshot, Buffer.from('{"v":1,"seq":9,')];
  assert.deepEqual(kept, wanted.map((bytes) => bytes.toString('latin1')).sort());
  const again = await journal('verify', dir);
  assert.match(again.out, /record 2 is missing/);
  assert.doesNotMatch(again.out, /checksum|byte \d+ are no record\n.*byte/);
});

test('repair has nothing to do in a folder that is whole', async (t) => {
  const dir = await dayFolder(t);
  assert.match(
    (await journal('repair', dir)).out,
    /a snapshot of record 8, and 0 record\(s\) after it\nnothing to repair/,
  );
  assert.match((await journal('repair', dir, '--yes')).out, /nothing to repair; the last record is 8/);
});

test('repair refuses while a gate holds the folder, and says who', async (t) => {
  const dir = await dayFolder(t);
  const store = await openFolder(dir);
  for (const args of [[dir], [dir, '--yes']]) {
    const { code, err } = await journal('repair', ...args);
    assert.equal(code, 1);
    assert.match(err, new RegExp(`is in use by another Gatepost \\(process ${process.pid}\\): stop that one first`));
  }
  await store.close();
});

test('verify and repair want a data folder', async (t) => {
  const dir = await dayFolder(t);
  for (const where of [join(dir, 'journal', FIRST_SEGMENT), join(dir, 'journal'), '-']) {
    for (const word of ['verify', 'repair']) {
      const { code, err } = await journal(word, where);
      assert.equal(code, 1);
      assert.ok(err.includes(`${word} needs the data folder`), err);
    }
  }
  assert.equal((await journal('verify')).code, 2);
});
