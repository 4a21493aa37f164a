/** A folder of an older version is taken over as it was left; one of a newer version is not touched. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { VisitId } from '../../src/core/ids.ts';
import { fen } from '../../src/core/money.ts';
import { decide } from '../../src/core/park/decide.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import { capture, restore, type Snapshot } from '../../src/core/park/snapshot.ts';
import { DAY, HOUR, type Instant, instant } from '../../src/core/time.ts';
import { StoreError } from '../../src/store/files.ts';
import { notice, P001, park, TEN } from '../core/park/scene.ts';
import { layReleased, RELEASED } from './released.ts';
import { tempFolder } from './tools.ts';
import { openPark } from './visits.ts';

const OLD = join(import.meta.dirname, 'old', 'v1');
const WORLD = { parks: new Map([[P001, park()]]) };
const LATER = instant(TEN + 50 * DAY);

function copyOfOld(t: TestContext): string {
  const dir = join(tempFolder(t), 'data');
  cpSync(join(OLD, 'data'), dir, { recursive: true });
  return dir;
}

/** What the old Gatepost knew, in the words of this one. */
function expected(): Snapshot {
  return capture(restore(JSON.parse(readFileSync(join(OLD, 'expected.json'), 'utf8'))));
}

/** What is known of the visits, orders and lanes; receipts are new. */
function withoutReceipts(snapshot: Snapshot): unknown {
  const parks = snapshot.parks.map((each) => ({
    ...each,
    ledger: each.ledger.map((entry) => ({ ...entry, receipt: null })),
  }));
  return { ...snapshot, parks };
}

test('a folder of version 1 is read as its own Gatepost read it: with its snapshot, and without', async (t) => {
  for (const missing of [[], ['snapshot.json']]) {
    const dir = copyOfOld(t);
    for (const file of missing) rmSync(join(dir, file));
    const { store, raised } = await openPark(dir);
    assert.equal(store.recovered.fromSnapshotSeq, missing.length === 0 ? 7 : 0);
    assert.equal(store.committed.seq, 14);
    assert.deepEqual(withoutReceipts(capture(store.committed)), withoutReceipts(expected()));
    assert.deepEqual([...raised], []);
    await store.close();
  }
});

test('it goes on from there: retries, a batch for the archive, a snapshot, and the next start', async (t) => {
  const dir = copyOfOld(t);
  const { store } = await openPark(dir);
  const { working, committed, journal, archive } = store;
  async function send(command: Parameters<typeof decide>[2], at: Instant) {
    const { events, reply } = decide(WORLD, working, command, at);
    if (events.length === 0) return reply;
    const record = { seq: working.seq + 1, at, events };
    await journal.append([record]);
    evolve(working, record);
    evolve(committed, record);
    return reply;
  }
  const retried = notice({ orderNo: 'order-2' as never, feeId: 'OLD0000000000004', amount: fen(500) });
  const retry = { type: 'pay', park: P001, notice: retried, digest: 'digest-order-2-500' } as const;
  assert.deepEqual(await send(retry, instant(LATER - HOUR)), {
    type: 'booked',
    visit: 'OLD0000000000004',
    repeated: true,
    flags: [],
  });
  await send({ type: 'seal', park: P001, closedBefore: LATER, passagesBefore: LATER }, LATER);
  const sealed = committed.parks.get(P001)?.sealed;
  assert.ok(sealed);
  await archive.put(P001, sealed);
  await send({ type: 'archived', park: P001, batch: 1 }, LATER);
  await store.writeSnapshot(capture(committed));
  const before = capture(committed);
  await store.close();

  const next = await openPark(dir);
  assert.deepEqual(capture(next.store.committed), before);
  const visit = await next.store.archive.visit(P001, 'OLD0000000000004' as VisitId);
  assert.equal(visit?.paid, 500);
  assert.deepEqual([...next.raised], []);
  await next.store.close();
});

test('a folder that 0.1.0 left with the power cut is read as 0.1.0 read it: with its snapshot, and without', async (t) => {
  const expected = capture(restore(JSON.parse(readFileSync(join(RELEASED, 'expected.json'), 'utf8'))));
  for (const missing of [[], ['snapshot.json']]) {
    const dir = join(tempFolder(t), 'data');
    layReleased(dir);
    for (const file of missing) rmSync(join(dir, file));
    const { store, raised } = await openPark(dir);
    assert.equal(store.recovered.fromSnapshotSeq, missing.length === 0 ? 6 : 0);
    assert.deepEqual(capture(store.committed), expected);
    assert.deepEqual([...raised], []);
    await store.close();
  }
});

/** Names and bytes of everything in a folder. */
function fingerprint(dir: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    hash.update(`${path}\n`);
    if (entry.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

function sealed(text: string): string {
  return `${text},"crc":"${crc32(text).toString(16).padStart(8, '0')}"}\n`;
}

/** Each makes one thing in the folder as a newer Gatepost would have written it. */
const NEWER: Readonly<Record<string, (dir: string) => void>> = {
  'the journal'(dir) {
    const path = join(dir, 'journal', '000000000001.jsonl');
    const bytes = readFileSync(path);
    bytes.write(sealed('{"v":99,"seq":15,"at":1,"happenings":[]'), bytes.lastIndexOf('}') + 2);
    writeFileSync(path, bytes);
  },
  'the snapshot'(dir) {
    const content = '{"v":99,"seq":14,"at":1,"lots":[]}\n';
    writeFileSync(join(dir, 'snapshot.json'), `${content}{"crc":"${crc32(content).toString(16).padStart(8, '0')}"}\n`);
  },
  'the archive'(dir) {
    mkdirSync(join(dir, 'archive'));
    const header = '{"v":99,"park":"P001","batch":1';
    writeFileSync(join(dir, 'archive', 'P001.2026-11-22.000001.visits.jsonl'), sealed(header));
  },
};

for (const [what, change] of Object.entries(NEWER)) {
  test(`a downgrade is refused with the way out, and nothing is touched: ${what} is of a newer version`, async (t) => {
    const dir = copyOfOld(t);
    // So that the state has handed a batch over.
    const { store } = await openPark(dir);
    const record = {
      seq: 15,
      at: LATER,
      events: [{ type: 'archived', park: P001, batch: 1 }],
    } as const;
    if (what === 'the archive') await store.journal.append([record]);
    await store.close();
    change(dir);
    const before = fingerprint(dir);
    await assert.rejects(openPark(dir), (error: unknown) => {
      assert.ok(error instanceof StoreError);
      assert.match(error.message, /version 99.*nothing was changed; install the version that wrote/);
      return true;
    });
    assert.equal(fingerprint(dir), before);
  });
}
