/** What is old moves and goes, by the park's own days; a disk that fails costs nothing but time. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { LaneId, VisitId } from '../src/core/ids.ts';
import { evolve } from '../src/core/park/evolve.ts';
import { capture } from '../src/core/park/snapshot.ts';
import type { ParkState } from '../src/core/park/state.ts';
import { after, DAY, HOUR, type Instant, instant, MINUTE, parseLocal } from '../src/core/time.ts';
import type { RunningGateway } from '../src/gateway/gateway.ts';
import { type RetentionDays, run, startRetention } from '../src/retention.ts';
import { openStore, type Store } from '../src/store/store.ts';
import { P001, park, plate, TEN, ZONE } from './core/park/scene.ts';
import { type FaultyDisk, faultyDisk } from './store/faulty-disk.ts';
import { gatewayOn } from './store/gate.ts';
import { listen } from './store/tools.ts';

const WORLD = { parks: new Map([[P001, park()]]) };
const DAYS: RetentionDays = { keepClosedDays: 3, archiveDays: 10, keepTrafficDays: 20, keepJournalDays: 5 };

interface Gate {
  readonly disk: FaultyDisk;
  readonly store: Store;
  readonly gateway: RunningGateway;
  readonly raised: ReadonlyMap<string, string>;
  readonly infos: readonly string[];
  readonly clock: { at: Instant };
  /** The error that each write to the archive ends with, if any. */
  failing: string | null;
  readonly parts: Parameters<typeof run>[0];
  park(): ParkState;
  files(kind: string): Promise<readonly string[]>;
  /** A car comes and leaves within its free minutes. */
  visit(): Promise<void>;
}

async function gate(t: TestContext): Promise<Gate> {
  const clock = { at: TEN, now: (): Instant => clock.at };
  const heard = listen();
  const disk = faultyDisk({ fail: ({ path }) => (path.startsWith('/data/archive') ? self.failing : null) });
  const store = await openStore({ dir: '/data', fold: evolve, segmentBytes: 4_096, disk, ...heard });
  const gateway = gatewayOn(store, { world: WORLD, clock, faults: heard.faults });
  t.after(async () => {
    await gateway.stop();
    await store.close();
  });
  let visits = 0;
  async function read(lane: string): Promise<void> {
    await gateway.submit({
      type: 'reading',
      park: P001,
      lane: lane as LaneId,
      reading: {
        device: 'cam' as never,
        credential: plate('粤A12345'),
        colour: 'unknown',
        confidence: null,
        identity: null,
      },
      history: null,
      freshVisit: `V${visits}` as VisitId,
    });
  }
  const self: Gate = {
    disk,
    store,
    gateway,
    raised: heard.raised,
    infos: heard.infos,
    clock,
    failing: null,
    parts: { gateway, store, days: DAYS, world: () => WORLD, zone: ZONE, clock, faults: heard.faults, log: heard.log },
    park() {
      const state = gateway.state().parks.get(P001);
      assert.ok(state);
      return state;
    },
    async files(kind) {
      return (await disk.list('/data/archive')).map(({ name }) => name).filter((name) => name.endsWith(kind));
    },
    async visit() {
      visits += 1;
      await read('in-1');
      clock.at = after(clock.at, 5 * MINUTE);
      await read('out-1');
    },
  };
  return self;
}

test('visits move to the archive after so many whole days of the park, a file for each day', async (t) => {
  const g = await gate(t);
  for (let day = 0; day < 4; day += 1) {
    g.clock.at = instant(TEN + day * DAY);
    await g.visit();
    await g.visit();
  }
  // A visit of the 22nd is in memory until three days after that day have passed in Shanghai.
  g.clock.at = parseLocal('2026-11-25 23:59:59', ZONE) ?? TEN;
  await run(g.parts);
  assert.deepEqual([g.park().closed.size, await g.files('')], [8, []]);
  g.clock.at = after(g.clock.at, 1_000);
  await run(g.parts);
  assert.equal(g.park().closed.size, 6);
  assert.deepEqual(await g.files('visits.jsonl'), ['P001.2026-11-22.000001.visits.jsonl']);
  // A gate that stood still for days makes up for each of them.
  g.clock.at = instant(TEN + 20 * DAY);
  await run(g.parts);
  assert.equal(g.park().closed.size, 0);
  assert.deepEqual(await g.files('visits.jsonl'), [
    'P001.2026-11-22.000001.visits.jsonl',
    'P001.2026-11-23.000002.visits.jsonl',
    'P001.2026-11-24.000003.visits.jsonl',
    'P001.2026-11-25.000004.visits.jsonl',
  ]);
  assert.equal((await g.store.archive.visit(P001, 'V5' as VisitId))?.id, 'V5');
  assert.deepEqual([...g.raised], []);
});

test('a run that finds nothing new writes nothing, however often it comes', async (t) => {
  const g = await gate(t);
  await g.visit();
  g.clock.at = instant(TEN + 5 * DAY);
  await run(g.parts);
  const seq = g.gateway.state().seq;
  for (let hour = 0; hour < 10; hour += 1) {
    g.clock.at = after(g.clock.at, HOUR);
    await run(g.parts);
  }
  assert.equal(g.gateway.state().seq, seq);
  assert.equal((await g.files('visits.jsonl')).length, 1);
});

test('a disk that fails raises a fault and loses nothing; the next run goes on, and clears it', async (t) => {
  const g = await gate(t);
  await g.visit();
  g.clock.at = instant(TEN + 5 * DAY);
  g.failing = 'ENOSPC';
  await run(g.parts);
  assert.match(g.raised.get('ARCHIVE_FAILED archive') ?? '', /ENOSPC/);
  assert.equal(g.park().sealed?.visits.size, 1);
  await run(g.parts);
  g.failing = null;
  await run(g.parts);
  assert.deepEqual([...g.raised], []);
  assert.equal(g.park().sealed, null);
  assert.equal(g.park().archivedThrough, 1);
  assert.equal((await g.store.archive.visit(P001, 'V1' as VisitId))?.id, 'V1');
});

test('what is older than retention says goes: visits, passages and the journal, each after its own time, and it is told', async (t) => {
  const g = await gate(t);
  for (let day = 0; day < 30; day += 1) {
    g.clock.at = instant(TEN + day * DAY);
    for (let car = 0; car < 10; car += 1) await g.visit();
    await g.store.writeSnapshot(capture(g.gateway.state()));
    await run(g.parts);
  }
  // 26 days are archived; of them visits of the last 10 days are kept, and passages of the last 20.
  assert.deepEqual((await g.files('visits.jsonl')).length, 11);
  assert.deepEqual((await g.files('traffic.jsonl')).length, 21);
  assert.equal(g.infos.filter((line) => line === 'retention removed a file of the archive').length, 15 + 5);
  assert.ok(g.infos.includes("retention removed the journal's oldest files"));
  assert.notEqual((await g.disk.list('/data/journal'))[0]?.name, '000000000001.jsonl');
  assert.deepEqual([...g.raised], []);
});

test('it stops in the middle of a run only when that run has ended', async (t) => {
  const g = await gate(t);
  await g.visit();
  g.clock.at = instant(TEN + 5 * DAY);
  const retention = startRetention(g.parts);
  await retention.stop();
  assert.equal(g.park().archivedThrough, 1);
  assert.equal(g.infos[0], 'the archive');
});

test('a gateway that is stopping is no fault', async (t) => {
  const g = await gate(t);
  await g.visit();
  g.clock.at = instant(TEN + 5 * DAY);
  await g.gateway.stop();
  await run(g.parts);
  assert.deepEqual([...g.raised], []);
});
