/** A backup that is taken while the gate works is the state at one record, with all that was acknowledged before it began. */
import assert from 'node:assert/strict';
import { join, normalize } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { evolve } from '../../src/core/park/evolve.ts';
import { emptyState } from '../../src/core/park/state.ts';
import { inWords } from '../../src/core/sentence.ts';
import { type BackupFile, openBooks } from '../../src/store/backup/books.ts';
import { BackupRefused } from '../../src/store/backup/refused.ts';
import { hex } from '../../src/store/codec.ts';
import type { Disk } from '../../src/store/disk.ts';
import { DIR, digestOf, openDay, recordDay, seeded, turn } from './crash-day.ts';
import { ramDisk } from './faulty-disk.ts';
import { SECTOR } from './faulty-platter.ts';

const ROUNDS = 260;
/** A backup begins each so many rounds. */
const EVERY = 7;

interface Taken {
  /** The last record that was acknowledged before it began. */
  readonly acknowledged: number;
  readonly seq: number;
  readonly files: readonly BackupFile[];
  readonly damage: readonly string[];
}

/**
 * The disk as another process reads it beside the gate: everything takes a while, and a read may meet a write, so that some
 * sectors are from before it and others from after.
 */
function besideGate(disk: Disk, below: (limit: number) => number): Disk {
  const wait = async (): Promise<void> => {
    for (let turns = below(12); turns > 0; turns -= 1) await turn();
  };
  return {
    ...disk,
    async list(folder) {
      await wait();
      return disk.list(folder);
    },
    async readFile(path) {
      await wait();
      return await disk.readFile(path);
    },
    async open(path, mode) {
      await wait();
      const file = await disk.open(path, mode);
      return {
        ...file,
        async read(position, length) {
          const before = await file.read(position, length);
          if (below(2) === 0) return before;
          await wait();
          const after = await file.read(position, length);
          for (let at = 0; at < before.length; at += SECTOR)
            if (below(2) === 0) before.copy(after, at, at, at + SECTOR);
          return after;
        },
      };
    },
  };
}

async function take(disk: Disk, acknowledged: number): Promise<Taken> {
  const sleep = async (): Promise<void> => {
    for (let turns = 0; turns < 30; turns += 1) await turn();
  };
  const books = await openBooks({ disk, dir: DIR, sleep });
  const files: BackupFile[] = [];
  const damage: string[] = [];
  for await (const file of books.files((file, text) => void damage.push(`${file}: ${inWords(text, 'en')}`))) {
    files.push(file);
    await turn();
  }
  await books.close();
  return { acknowledged, seq: books.seq, files, damage };
}

/** The disk with the backup put back. */
function putBack(files: readonly BackupFile[]): Disk {
  const placed = files.map(({ name, content }) => [normalize(join('/', name)), content] as const);
  const folders = new Set(['/', DIR, ...['journal', 'archive', 'aside'].map((each) => join(DIR, each))]);
  return ramDisk({ folders, files: new Map(placed) });
}

for (const seed of [1, 2, 3, 4]) {
  test(`day ${seed}: each backup taken beside the gate is a state that it was in, and holds what was acknowledged`, async (t) => {
    const below = seeded(seed + 100);
    const backups: Promise<Taken>[] = [];
    const day = await recordDay(seed, ROUNDS, (disk, round, acknowledged) => {
      if (round % EVERY === 0 && acknowledged > 0) backups.push(take(besideGate(disk, below), acknowledged));
    });
    const taken = await Promise.all(backups);
    const wanted = new Map(taken.map(({ seq }) => [seq, '']));
    const state = emptyState();
    for (const record of day.records) {
      evolve(state, record);
      if (wanted.has(record.seq)) wanted.set(record.seq, digestOf(state));
    }
    let later = 0;
    for (const { acknowledged, seq, files, damage } of taken) {
      assert.ok(seq >= acknowledged, `${acknowledged} was acknowledged, and the backup ends at ${seq}`);
      if (seq > acknowledged) later += 1;
      assert.deepEqual(damage, []);
      const { store, raised, notices } = await openDay(putBack(files));
      assert.equal(digestOf(store.working), wanted.get(seq));
      assert.deepEqual([[...raised], notices], [[], []]);
      await store.close();
    }
    assert.ok(taken.length > 30);
    const segments = new Set(taken.map(({ files }) => files.filter(({ name }) => name.includes('/journal/')).length));
    assert.ok(segments.size > 1 && later > 0, 'the gate went on, over to other segments');
    t.diagnostic(
      `${taken.length} backups of ${day.records.length} records; ${later} ended later than what was acknowledged`,
    );
  });
}

/** A folder at the end of a day, whose files a test may change. */
async function evening(change: (files: Map<string, Buffer>) => void): Promise<Disk> {
  let image: ReadonlyMap<string, Buffer> = new Map();
  await recordDay(5, 120, (disk) => {
    image = (disk as ReturnType<typeof ramDisk>).image().files;
  });
  const files = new Map([...image].map(([path, bytes]) => [path, Buffer.from(bytes)]));
  change(files);
  return ramDisk({ folders: new Set(['/', DIR, ...['journal', 'archive'].map((each) => join(DIR, each))]), files });
}

const segmentsOf = (files: ReadonlyMap<string, Buffer>): readonly string[] =>
  [...files.keys()].filter((path) => path.endsWith('.jsonl') && path.includes('journal')).sort();

test('what is damaged is taken byte for byte and told, so that the restored gate finds what this one would', async () => {
  let path = '';
  const disk = await evening((files) => {
    path = segmentsOf(files).at(-2) ?? '';
    files.get(path)?.write('#', 40);
  });
  const { files, damage } = await take(disk, 1);
  const [told = '', ...more] = damage;
  assert.match(told, /^journal\/\d+\.jsonl: .* no record$/);
  assert.equal(more.length, 1, 'and the record that is missing');
  const kept = files.find(({ name }) => join('/', name) === path);
  assert.deepEqual(kept?.content, await disk.readFile(path));
});

test('a torn tail that a killed gate left goes along, and a start cuts it as it would have', async () => {
  const torn = '{"v":2,"seq":99999,"at":17';
  const disk = await evening((files) => {
    const last = files.get(segmentsOf(files).at(-1) ?? '');
    const end = (last?.lastIndexOf('}') ?? 0) + 3;
    last?.write(torn, end);
  });
  const { files, damage, seq } = await take(disk, 1);
  assert.equal(damage.length, 1);
  const { store, raised, notices } = await openDay(putBack(files));
  assert.deepEqual([store.working.seq, [...raised], notices.map(({ code }) => code)], [seq, [], ['JOURNAL_TORN']]);
});

test('a journal that was longer once stays known to be, in the backup too', async () => {
  const disk = await evening((files) => files.delete(segmentsOf(files).at(-1) ?? ''));
  const { files, damage } = await take(disk, 1);
  assert.match(damage.join(), /^journal: the segment from record \d+ on is gone/);
  const { raised } = await openDay(putBack(files));
  assert.deepEqual(
    [...raised.keys()].filter((key) => key.startsWith('JOURNAL_SHORT')),
    ['JOURNAL_SHORT journal'],
  );
});

test('records of a newer version are not taken by an older program', async () => {
  const disk = await evening((files) => {
    const content = '{"v":99,"seq":1,"at":1,"events":[]';
    files.get(segmentsOf(files).at(-1) ?? '')?.write(`${content},"crc":"${hex(crc32(content))}"}\n`, 0);
  });
  await assert.rejects(take(disk, 1), (error: unknown) => {
    assert.ok(error instanceof BackupRefused);
    return /version 99.*back up with the version that wrote it/.test(error.message);
  });
});
