/**
 * Bits flip, files are cut short, zeroed in part, or gone: the gate starts all the same, and what it lost it says.
 * `FLIP_CASES=100000` damages so many folders (the default is 2,000), `FLIP_SEED` chooses which.
 */
import assert from 'node:assert/strict';
import { basename, dirname } from 'node:path';
import { test } from 'node:test';
import { evolve } from '../../src/core/park/evolve.ts';
import { emptyState } from '../../src/core/park/state.ts';
import { type Day, DIR, digestOf, openDay, recordDay, seeded } from './crash-day.ts';
import { ramDisk } from './faulty-disk.ts';
import { EMPTY, type Image, KEEP, platter } from './faulty-platter.ts';

const CASES = Number(process.env['FLIP_CASES'] ?? 2_000);
const SEED = Number(process.env['FLIP_SEED'] ?? 1);
const ROUNDS = 120;
const FOLDERS = 40;
const JOURNAL = `${DIR}/journal`;

type Below = (limit: number) => number;

/** The folder at so many moments of the day, the last one the day's end. */
function foldersOf(day: Day): readonly Image[] {
  const surface = platter(EMPTY);
  const images: Image[] = [];
  for (const [index, mark] of day.trace.entries()) {
    if (mark.kind === 'begin') surface.begin(mark.step);
    if (mark.kind === 'end') surface.end(mark.step);
    if ((index + 1) % Math.trunc(day.trace.length / FOLDERS) === 0) images.push(surface.crash(KEEP));
  }
  return [...images, surface.crash(KEEP)];
}

interface Damaged {
  readonly image: Image;
  readonly what: string;
}

/** One file of the folder, damaged in one to three places, or gone. */
function damage(image: Image, below: Below): Damaged {
  const paths = [...image.files.keys()].sort();
  const path = paths[below(paths.length)] ?? '';
  const files = new Map(image.files);
  if (below(8) === 0) {
    files.delete(path);
    return { image: { ...image, files }, what: `${path} is gone` };
  }
  let bytes = Buffer.from(image.files.get(path) ?? []);
  let what = path;
  for (let times = 1 + below(3); times > 0 && bytes.length > 0; times -= 1) {
    const at = below(bytes.length);
    switch (below(4)) {
      case 0:
        bytes = bytes.subarray(0, at);
        what += `, cut to ${at} bytes`;
        break;
      case 1:
        bytes.fill(0, at, Math.min(bytes.length, at + 1 + below(600)));
        what += `, zeros from ${at}`;
        break;
      default:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
        what += `, a bit flipped at ${at}`;
    }
  }
  files.set(path, bytes);
  return { image: { ...image, files }, what };
}

/** Whatever was set aside of a segment is byte for byte what stood there. */
function checkAside(before: Image, after: Image, what: string): void {
  for (const [path, bytes] of after.files) {
    if (dirname(path) !== `${DIR}/aside` || before.files.has(path)) continue;
    const [, segment, offset] = /^(\d+\.jsonl)\.(\d+)\./.exec(basename(path)) ?? [];
    const from = Number(offset);
    const source = segment === undefined ? null : before.files.get(`${JOURNAL}/${segment}`);
    if (source) assert.ok(bytes.equals(source.subarray(from, from + bytes.length)), `${what}: ${path}`);
    else
      assert.ok(
        [...before.files.values()].some((file) => file.equals(bytes)),
        `${what}: ${path}`,
      );
  }
}

test(`in ${CASES} damaged folders the gate starts, tells what it lost, keeps what it could not read, and goes on`, async (t) => {
  const day = await recordDay(3, ROUNDS);
  const images = foldersOf(day);
  const below = seeded(SEED);
  const tally = { same: 0, lost: 0 };
  for (let n = 1; n <= CASES; n += 1) {
    const whole = images[below(images.length)] ?? EMPTY;
    const { store: healthy } = await openDay(ramDisk(whole));
    const { image, what } = damage(whole, below);
    const disk = ramDisk(image);
    const { store, raised, notices } = await openDay(disk);
    const told = [...raised.keys(), ...notices.map(({ code }) => code)];
    const lost = digestOf(store.working) !== digestOf(healthy.working);
    if (lost) assert.ok(told.length > 0, `case ${n}, ${what}: records are missing, and nobody says so`);
    tally[lost ? 'lost' : 'same'] += 1;
    const aside = told.some((code) => code.startsWith('RECORD_BAD') || code === 'JOURNAL_TORN');
    if (lost && aside && !what.endsWith('is gone')) checkAside(image, disk.image(), `case ${n}, ${what}`);
    // The gate goes on, and the next start has what was written since.
    const seq = store.working.seq + 1;
    const at = day.evening;
    const record = { seq, at, events: [] };
    await store.journal.append([record]);
    evolve(store.committed, record);
    await store.close();
    const again = await openDay(disk);
    assert.equal(digestOf(again.store.working), digestOf(store.committed), `case ${n}, ${what}: the second start`);
    await again.store.close();
    await healthy.close();
  }
  t.diagnostic(`${tally.same} lost nothing; ${tally.lost} lost something, and said so`);
  assert.ok(tally.same > CASES / 10 && tally.lost > CASES / 100);
});

test('either generation of the snapshot can be bad, and the journal after the other one is still there', async () => {
  const day = await recordDay(3, ROUNDS);
  const state = emptyState();
  for (const record of day.records) evolve(state, record);
  const end = foldersOf(day).at(-1) ?? EMPTY;
  assert.ok(!end.files.has(`${JOURNAL}/000000000001.jsonl`), 'old segments are gone');
  for (const file of ['snapshot.json', 'snapshot.prev.json']) {
    for (const flip of [0, 1]) {
      const files = new Map(end.files);
      const bytes = Buffer.from(files.get(`${DIR}/${file}`) ?? []);
      assert.ok(bytes.length > 0);
      bytes[20] = 0x21;
      if (flip === 1) files.set(`${DIR}/${file}`, bytes);
      else files.delete(`${DIR}/${file}`);
      const { store } = await openDay(ramDisk({ ...end, files }));
      assert.equal(digestOf(store.working), digestOf(state));
      await store.close();
    }
  }
});
