/** The outage that this is built for, whole: real core, loop, senders, and a journal on a real disk; simulated time. */
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { VisitId } from '../../../src/core/ids.ts';
import type { JournalRecord } from '../../../src/core/park/events.ts';
import { evolve } from '../../../src/core/park/evolve.ts';
import { capture } from '../../../src/core/park/snapshot.ts';
import { DAY, MINUTE, SECOND } from '../../../src/core/time.ts';
import { BURST, MAX_BACKOFF_MS } from '../../../src/mallcoo/notices/pace.ts';
import { PREVIOUS_FILE, SNAPSHOT_FILE } from '../../../src/store/snapshot.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { plate } from '../../core/park/scene.ts';
import { listen, tempFolder } from '../../store/tools.ts';
import { type Backend, confirmations, type Rig, type RigOptions, rig, settings } from './rig.ts';

const ENTRIES = 10_000;
/** Cars that come at one moment: they share a flush, and the test's own time is bounded. */
const AT_ONCE = 10;
const PER_SECOND = 5;
const SEGMENT_BYTES = 1024 * 1024;

/**
 * A folder on the real disk. A life that is killed never closes its store: the next one begins with what is on the disk at
 * that moment, half of a write included.
 */
interface OnDisk extends Backend {
  store(): Store;
  folder(): string;
  /** Takes the disk as it is now for what the next life begins with. */
  freeze(): void;
}

function onDisk(t: TestContext): OnDisk {
  const stores: Store[] = [];
  let folder = tempFolder(t);
  t.after(() => Promise.all(stores.map((store) => store.close())));
  const last = (): Store => {
    const store = stores.at(-1);
    assert.ok(store);
    return store;
  };
  return {
    store: last,
    folder: () => folder,
    freeze() {
      const left = folder;
      folder = tempFolder(t);
      cpSync(left, folder, { recursive: true });
    },
    async open() {
      const { faults, log } = listen();
      const store = await openStore({ dir: folder, fold: evolve, faults, log, segmentBytes: SEGMENT_BYTES });
      stores.push(store);
      return store;
    },
  };
}

/** Every record that a folder's journal holds. */
async function journalOf(t: TestContext, folder: string): Promise<readonly JournalRecord[]> {
  const copy = tempFolder(t);
  cpSync(folder, copy, { recursive: true });
  for (const name of [SNAPSHOT_FILE, PREVIOUS_FILE]) rmSync(join(copy, name), { force: true });
  const records: JournalRecord[] = [];
  const { faults, log } = listen();
  const store = await openStore({
    dir: copy,
    faults,
    log,
    segmentBytes: SEGMENT_BYTES,
    fold(state, record) {
      records.push(record);
      evolve(state, record);
    },
  });
  await store.close();
  return records;
}

const expected = Array.from({ length: ENTRIES }, (_, index) => `V${index + 1}` as VisitId);

interface Away {
  readonly backend: ReturnType<typeof onDisk>;
  readonly r: Rig;
  restarts: number;
  /** What the receiver knew and the journal did not when a life began: these may come again, and nothing else. */
  readonly unrecorded: Set<string>;
  /** At once, half-written records and all. */
  kill(): void;
  restart(): Promise<void>;
}

function away(t: TestContext, options: RigOptions): Away {
  const backend = onDisk(t);
  const r = rig({ ...options, backend, parks: [settings({ perSecond: PER_SECOND })] });
  const self: Away = {
    backend,
    r,
    restarts: 0,
    unrecorded: new Set(),
    kill() {
      backend.freeze();
      r.kill();
    },
    async restart() {
      await r.pass(MINUTE);
      await r.start();
      self.restarts += 1;
      for (const { visit } of r.waiting()) if (r.receiver.entries().has(visit)) self.unrecorded.add(visit);
    },
  };
  return self;
}

/** The receiver is away; cars come all the while, and the process is killed three times. */
async function threeDays({ r, backend, kill, restart }: Away): Promise<void> {
  const groups = ENTRIES / AT_ONCE;
  const killedAfter = [0.2, 0.5, 0.9].map((share) => share * groups);
  await r.start();
  for (let group = 1; group <= groups; group += 1) {
    const killed = killedAfter.includes(group - 1);
    if (killed) {
      kill();
      await restart();
    }
    await r.pass((3 * DAY) / groups - (killed ? MINUTE : 0));
    const cars = Array.from({ length: AT_ONCE }, (_, car) => plate(`粤A${10_000 + (group - 1) * AT_ONCE + car}`));
    await Promise.all(cars.map((car) => r.read('in-1', car)));
    if (group === groups / 2) await backend.store().writeSnapshot(capture(backend.store().committed));
  }
}

/** The most that came within any second. */
function mostInASecond(moments: readonly number[]): number {
  let first = 0;
  let most = 0;
  for (const [index, at] of moments.entries()) {
    while ((moments[first] ?? at) <= at - SECOND) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

test('a receiver away for a simulated three days with five restarts in between, 10,000 entries delivered in order, each confirmed once, the backlog gone at the polite rate', async (t) => {
  const began = performance.now();
  let back = false;
  let recordings = 0;
  const killed = { inFlight: false, inFlush: false };
  const gate = away(t, {
    treat: () => {
      if (!back) return 'down';
      killed.inFlight ||= gate.restarts === 3 && gate.r.receiver.entries().size === 2_500;
      return 'ok';
    },
    refuse: ({ type }) => {
      if (type === 'noticeDone') recordings += 1;
      if (type === 'noticeDone' && recordings === 6_000) {
        // One turn until the loop takes it up, and one until its write is on the way.
        setImmediate(() => setImmediate(() => gate.kill()));
        killed.inFlush = true;
      }
      return undefined;
    },
  });
  const { r } = gate;
  await threeDays(gate);
  assert.deepEqual([r.waiting().length, r.receiver.entries().size, gate.restarts], [ENTRIES, 0, 3]);
  const attempts = r.calls.length;

  back = true;
  const from = r.agenda.now();
  await r.until('the receiver has acted, and its answer is on the way', () => killed.inFlight);
  gate.kill();
  await gate.restart();
  await r.until('it is killed as a confirmation is written', () => killed.inFlush);
  await gate.restart();
  await r.until('nothing waits', () => r.waiting().length === 0);
  const seconds = (r.agenda.now() - from) / SECOND;

  assert.equal(gate.restarts, 5);
  assert.deepEqual([...r.receiver.entries().keys()], expected);
  assert.deepEqual(r.receiver.problems(), []);
  const { taken, repeated, outOfOrder } = r.receiver.counts();
  assert.deepEqual([taken, outOfOrder], [ENTRIES + repeated, 0]);
  const again = [...r.receiver.entries().values()].filter(({ times }) => times > 1);
  assert.deepEqual(
    again.map(({ tradeId, times }) => [tradeId, times]),
    [...gate.unrecorded].map((visit) => [visit, 2]),
  );
  assert.ok(gate.unrecorded.size >= 1, 'the kill between deed and answer left one');

  const confirmed = confirmations(await journalOf(t, gate.backend.folder()));
  assert.deepEqual([confirmed.size, [...confirmed.values()].filter((times) => times !== 1)], [ENTRIES, []]);
  assert.deepEqual(r.dead(), []);
  const most = mostInASecond(r.calls.slice(attempts).map(({ at }) => at));
  assert.ok(most <= PER_SECOND + BURST, `${most} within a second`);
  const slack = MAX_BACKOFF_MS / SECOND + 2 * 60;
  assert.ok(seconds >= (ENTRIES - 3 * BURST) / PER_SECOND && seconds <= ENTRIES / PER_SECOND + slack, `${seconds} s`);
  t.diagnostic(
    `receiver away for 3 days (simulated), ${attempts} attempts, ${gate.restarts} kills; ${ENTRIES} entries delivered in ` +
      `order, each confirmed once (${taken} calls taken, ${repeated} again: confirmed, and killed before that was ` +
      `journalled); the backlog gone in ${Math.round(seconds)} s at ${PER_SECOND}/s, at most ${most} within a second; ` +
      `took ${Math.round((performance.now() - began) / 1_000)} s`,
  );
});
