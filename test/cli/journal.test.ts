/** `gatepost journal` as a technician uses it: what is listed, what is not, and what a wrong call is told. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { fen } from '../../src/core/money.ts';
import type { Plate } from '../../src/core/plate.ts';
import { DEMO_SHEET, demoConfig } from '../../src/demo/config.ts';
import { minutes, plate, scene, ticket } from '../core/park/scene.ts';
import { FIRST_SEGMENT, linesOf, tempFolder } from '../store/tools.ts';
import { day, journal, openFolder, segmentsOf, writeFolder } from './journal-tools.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const GATEPOST = join(ROOT, 'src', 'bin.mjs');
/** Small enough that a day takes several segments. */
const SEGMENT = 1_024;

async function dayFolder(t: TestContext): Promise<string> {
  const dir = tempFolder(t);
  await writeFolder(dir, day().records, SEGMENT);
  return dir;
}

/** The numbers of the records that were listed. */
const seqs = (lines: readonly string[]): number[] => lines.map((line) => Number(line.slice(23, 32)));

test('each event is a line: time, number, lane, plate, what happened, how much in yuan', async (t) => {
  const dir = await dayFolder(t);
  const { code, lines, err } = await journal(dir);
  assert.deepEqual([code, err], [0, '']);
  assert.deepEqual(seqs(lines), [1, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8]);
  const shown = lines.join('\n');
  for (const wanted of [
    '2026-11-22 10:00:00.000       1 in-1   粤A11111  entered visit=V1 park=P001',
    '2026-11-22 10:00:00.000       2 in-1   粤A11111  arm, confirmed park=P001',
    '2026-11-22 11:00:00.000       5 -      粤A11111  paid, ¥5.00, order A1, settled',
    '2026-11-22 11:02:00.000       6 out-1  粤A11111  left, fee ¥5.00, paid ¥5.00, (sheet test 1; parking 1 × ¥5.00 / 1 h ¥5.00) visit=V1',
    '2026-11-22 11:05:00.000       7 out-1  粤B22228  held, not paid, due ¥5.00 visit=V2',
    '2026-11-22 11:10:00.000       8 -      粤X99999  paid for a visit nobody knows; kept, ¥7.00, order X1',
  ]) {
    assert.ok(shown.includes(wanted), `${wanted}\nis not in\n${shown}`);
  }
});

test('in Chinese, and in another zone, when they are asked for', async (t) => {
  const dir = await dayFolder(t);
  const { lines } = await journal(dir, '--language', 'zh', '--zone', 'UTC', '--type', 'left');
  assert.deepEqual(lines, [
    '2026-11-22 03:02:00.000       6 out-1  粤A11111  离场，应收 ¥5.00，已付 ¥5.00，(价格表 test 1；停车费 1 × ¥5.00 / 1 小时 ¥5.00) visit=V1 park=P001',
  ]);
});

test('a plate brings the whole visit: the payment, the exit, the arm', async (t) => {
  const dir = await dayFolder(t);
  assert.deepEqual(seqs((await journal(dir, '--plate', '粤A·11111')).lines), [1, 1, 2, 5, 6, 6]);
  assert.deepEqual(seqs((await journal(dir, '--visit', 'V1')).lines), [1, 1, 2, 5, 6, 6]);
});

test('a corrected plate brings the visit from its entry on; so does the wrong one', async (t) => {
  const dir = await dayFolder(t);
  assert.deepEqual(seqs((await journal(dir, '--plate', '粤B22228')).lines), [3, 3, 4, 7]);
  assert.deepEqual(seqs((await journal(dir, '--plate', '粤B22222')).lines), [3, 3, 4, 7]);
});

test('money for a visit that nobody knows is found by the plate that it names', async (t) => {
  const dir = await dayFolder(t);
  assert.deepEqual(seqs((await journal(dir, '--plate', '粤X99999')).lines), [8]);
});

test('a ticket is found by its barcode', async (t) => {
  const dir = tempFolder(t);
  const park = scene();
  park.read('in-1', ticket('t-0042'), minutes(0));
  park.read('in-1', plate('粤A11111'), minutes(1));
  await writeFolder(dir, park.records);
  assert.deepEqual(seqs((await journal(dir, '--plate', 't-0042')).lines), [1, 1]);
});

for (const [what, args, wanted] of [
  ['a moment on', ['--since', '2026-11-22 11:00'], [5, 6, 6, 7, 8]],
  ['before a moment', ['--until', '2026-11-22 10:05:00'], [1, 1, 2]],
  ['a day', ['--since', '2026-11-22', '--until', '2026-11-23'], [1, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8]],
  ['some kinds of events', ['--type', 'entered,left', '--type', 'held'], [1, 3, 6, 7]],
  ['one lane', ['--lane', 'out-1'], [6, 6, 7]],
  ['the last lines', ['--limit', '3'], [6, 7, 8]],
  ['a vehicle at a lane', ['--plate', '粤A11111', '--lane', 'out-1'], [6, 6]],
] as const) {
  test(`${what} can be asked for alone`, async (t) => {
    const dir = await dayFolder(t);
    assert.deepEqual(seqs((await journal(dir, ...args)).lines), wanted);
  });
}

test('so long ago is counted from now', async (t) => {
  const dir = tempFolder(t);
  const park = scene();
  const now = Date.now();
  park.read('in-1', plate('粤A11111'), minutes((now - minutes(0)) / 60_000 - 90));
  park.read('in-1', plate('粤A22222'), minutes((now - minutes(0)) / 60_000 - 30));
  await writeFolder(dir, park.records);
  assert.deepEqual(seqs((await journal(dir, '--since', '1h')).lines), [2, 2]);
  assert.deepEqual(seqs((await journal(dir, '--since', '1d')).lines), [1, 1, 2, 2]);
});

test('--json prints the records byte for byte as they are on the disk', async (t) => {
  const dir = await dayFolder(t);
  const bytes = segmentsOf(dir).flatMap((file) => {
    const segment = readFileSync(file);
    return linesOf(segment).map(({ start, end }) => segment.toString('utf8', start, end));
  });
  assert.deepEqual((await journal(dir, '--json')).lines, bytes);
  assert.deepEqual((await journal(dir, '--json', '--type', 'left')).lines, [bytes[5]]);
});

test('a folder, its journal folder, a configuration, a file and a pipe are all read', async (t) => {
  const dir = tempFolder(t);
  await writeFolder(dir, day().records, 64 * 1_024);
  const all = (await journal(dir)).lines;
  assert.equal(all.length, 11);
  const config = join(dir, 'site.yaml');
  writeFileSync(config, demoConfig({ portBase: 0, data: dir }));
  writeFileSync(join(dir, 'demo-sheet.yaml'), DEMO_SHEET);
  for (const where of [join(dir, 'journal'), config, join(dir, 'journal', FIRST_SEGMENT)]) {
    assert.deepEqual((await journal(where)).lines, all, where);
  }
  const input = readFileSync(join(dir, 'journal', FIRST_SEGMENT));
  const piped = spawnSync(process.execPath, [GATEPOST, 'journal', '-'], { input, encoding: 'utf8' });
  assert.deepEqual([piped.status, piped.stderr, piped.stdout.trim().split('\n')], [0, '', all]);
});

test('a file of many megabytes, without a newline near a chunk boundary, loses nothing', async (t) => {
  const dir = tempFolder(t);
  const park = scene();
  for (let car = 0; car < 3_000; car += 1) {
    park.read('in-1', plate(`粤A${String(car).padStart(5, '0')}`), minutes(car), { identity: 'x'.repeat(500) + car });
  }
  await writeFolder(dir, park.records.slice(0, 1));
  const store = await openFolder(dir);
  await store.journal.append(park.records.slice(1));
  await store.close();
  const whole = join(dir, 'whole.jsonl');
  writeFileSync(whole, Buffer.concat(segmentsOf(dir).map((file) => readFileSync(file))));
  assert.ok(readFileSync(whole).length > 2 * 1_024 * 1_024);
  const { lines, err } = await journal(whole, '--type', 'entered');
  assert.deepEqual([lines.length, err], [3_000, '']);
});

test('damaged bytes do not hide what is around them, and are not passed over in silence', async (t) => {
  const dir = await dayFolder(t);
  const name = segmentsOf(dir)[0] ?? '';
  const bytes = readFileSync(name);
  bytes[linesOf(bytes)[1]?.start ?? 0] = 0x58;
  writeFileSync(name, bytes);
  const { code, lines, err } = await journal(dir);
  assert.equal(code, 0);
  assert.deepEqual(seqs(lines), [1, 1, 3, 3, 4, 5, 6, 6, 7, 8]);
  assert.match(err, /\d+ bytes in 1 place\(s\) are no records and are not shown; "gatepost journal verify DATA"/);
});

test('what comes from a wire neither draws on the terminal nor shows a phone number', async (t) => {
  const dir = tempFolder(t);
  const park = scene();
  park.pay('\x1b[31mred 13812345678', minutes(0), { feeId: null, plate: '粤A11111' as Plate, amount: fen(1) });
  await writeFolder(dir, park.records);
  const { out } = await journal(dir);
  assert.match(out, /order \\x1b\[31mred 138\*\*\*\*5678/);
});

test('a journal of a newer version is refused with the way out', async (t) => {
  const dir = await dayFolder(t);
  const text = '{"v":99,"seq":9,"at":1,"events":[],"new":true';
  const crc = crc32(text).toString(16).padStart(8, '0');
  writeFileSync(join(dir, 'newer.jsonl'), `${text},"crc":"${crc}"}\n`);
  const { code, err } = await journal(join(dir, 'newer.jsonl'));
  assert.equal(code, 1);
  assert.match(err, /newer\.jsonl holds records of version 99 \(at byte 0\).*read it with the version that wrote it/);
});

for (const [what, args, wanted] of [
  ['no name', [], /name a data folder, a configuration file/],
  ['two names', ['a', 'b'], /"b" means nothing here/],
  ['an unknown kind of event', ['.', '--type', 'fly'], /--type "fly" is no event; there are entered, superseded, left/],
  ['an unknown option', ['.', '--speed'], /Unknown option '--speed'/],
  [
    'a moment that is none',
    ['DIR', '--since', '25:00'],
    /--since "25:00" is no moment; write "2026-11-22 10:00", or 30m/,
  ],
  ['a number that is none', ['.', '--limit', '0'], /--limit "0" is no whole number from 1 on/],
  ['an unknown zone', ['DIR', '--zone', 'Mars'], /--zone "Mars" is no time zone; write one such as Asia\/Shanghai/],
  ['an unknown language', ['.', '--language', 'fr'], /--language "fr" is not known; write en or zh/],
  ['a plate and a visit', ['.', '--plate', 'A', '--visit', 'V'], /--plate or --visit, not both/],
  ['to follow a pipe', ['-', '--follow'], /--follow needs the data folder/],
] as const) {
  test(`${what}: a sentence that says what is allowed, exit code 2`, async (t) => {
    const dir = args.some((arg) => arg === 'DIR') ? await dayFolder(t) : '';
    const { code, err } = await journal(...args.map((arg) => (arg === 'DIR' ? dir : arg)));
    assert.equal(code, 2);
    assert.match(err, wanted);
  });
}

test('a name that is nothing, and a folder without a journal, are told with the way out, exit code 1', async (t) => {
  const nothing = await journal('/nowhere/data');
  assert.equal(nothing.code, 1);
  assert.match(nothing.err, /\/nowhere\/data: there is no such file or folder; name a data folder, a configuration/);
  const empty = await journal(tempFolder(t));
  assert.equal(empty.code, 1);
  assert.match(empty.err, /holds no journal .*: name a data folder/);
});

test('a reader that has seen enough ends it quietly', async (t) => {
  const dir = tempFolder(t);
  const park = scene();
  for (let car = 0; car < 2_000; car += 1) park.read('in-1', plate(`粤A${String(car).padStart(5, '0')}`), minutes(car));
  const store = await openFolder(dir);
  await store.journal.append(park.records);
  await store.close();
  const child = spawn(process.execPath, [GATEPOST, 'journal', dir], { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const ended = once(child, 'close');
  child.stdout.once('data', () => child.stdout.destroy());
  assert.deepEqual([await ended, err], [[0, null], '']);
});

test('--help tells of every command and option', async () => {
  const { code, out } = await journal('--help');
  assert.equal(code, 0);
  for (const word of ['verify', 'repair', 'replay', '--plate', '--since', '--type', '--follow', 'barrierOrdered']) {
    assert.ok(out.includes(word), word);
  }
});
