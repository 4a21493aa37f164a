/** What is read at the scrape: what a rule would be wrong without. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { LaneId, VisitId } from '../../../src/core/ids.ts';
import type { Command } from '../../../src/core/park/commands.ts';
import type { Reading } from '../../../src/core/park/model.ts';
import { emptyPark, emptyState, type ParkState, type State } from '../../../src/core/park/state.ts';
import { after, type Instant, MINUTE, SECOND } from '../../../src/core/time.ts';
import type { Health } from '../../../src/ops/health.ts';
import { createMeters, type Meters } from '../../../src/ops/metrics/meters.ts';
import { type Sources, startFigures } from '../../../src/ops/metrics/scrape.ts';
import { P001, TEN, ZONE } from '../../core/park/scene.ts';
import { tempFolder } from '../../store/tools.ts';
import { car, WORLD } from '../outbox-site.ts';
import { type Exposition, readExposition } from './exposition.ts';

interface Rig {
  readonly meters: Meters;
  scrape(health?: Partial<Health>, sources?: Partial<Sources>): Promise<Exposition>;
}

const NO_WORDS = { zh: '', en: '' };

const WELL: Omit<Health, 'state' | 'pace'> = {
  status: 'ok',
  version: '0.1.0',
  startedAt: TEN,
  now: TEN,
  zone: ZONE,
  seq: 0,
  world: WORLD,
  archive: { files: 0, bytes: 0, visits: 0, orders: 0, passages: 0, oldest: null, newest: null },
  faults: [],
  lastFailure: null,
  devices: {},
  notices: {},
  reach: { publicUrl: null, line: 'unknown', internet: 'unknown', lastProbe: null },
};

function stateWith(park: Partial<ParkState>, at: Instant = TEN): State {
  const parks = new Map([[P001, { ...emptyPark(P001), ...park }]]);
  return { ...emptyState(), at, parks };
}

function rig(t: TestContext): Rig {
  const meters = createMeters({ world: WORLD, devices: ['cam'], clock: { now: () => TEN }, monotonic: () => 0 });
  const folder = tempFolder(t);
  return {
    meters,
    async scrape(health = {}, sources = {}) {
      const figures = startFigures({
        folder,
        meters,
        health: () => ({ ...WELL, state: stateWith({}), pace: meters.pace(), ...health }),
        inbox: { waiting: () => 0, limit: 100 },
        journal: { stats: () => ({ seq: 0, segments: 1, bytes: 4_096 }) },
        devices: { stats: () => ({ devices: {}, refused: {} }), contacts: () => new Map() },
        ...sources,
      });
      const text = await figures.metrics();
      await figures.stop();
      return readExposition(text);
    },
  };
}

test('a scrape does not walk the cars in the park', async (t) => {
  class Counted extends Map<VisitId, never> {
    override get size(): number {
      return 100_000;
    }
    override [Symbol.iterator](): never {
      throw new Error('walked');
    }
    override entries(): never {
      throw new Error('walked');
    }
    override values(): never {
      throw new Error('walked');
    }
    override keys(): never {
      throw new Error('walked');
    }
    override forEach(): never {
      throw new Error('walked');
    }
  }
  const { series } = await rig(t).scrape({ state: stateWith({ open: new Counted(), closed: new Counted() }) });
  assert.equal(series.get('gatepost_vehicles_present{park="P001"}'), 100_000);
});

test('a car is held for as long as the park waits for it, and has backed off after that', async (t) => {
  const { scrape } = rig(t);
  const lane = 'out-1' as LaneId;
  const last = { key: null, at: TEN, outcome: 'held', reason: 'unpaid', visit: null, order: null, orderOutcome: null };
  const state = stateWith({ lanes: new Map([[lane, { last, seen: new Map() }]]) as ParkState['lanes'] });
  const waits = WORLD.parks.get(P001)?.waitingMs ?? assert.fail();
  const held = async (ms: number) =>
    (await scrape({ state, now: after(TEN, ms) })).series.get('gatepost_lane_held_seconds{park="P001",lane="out-1"}');
  assert.deepEqual(
    [await held(0), await held(90 * SECOND), await held(waits), await held(waits + 1), await held(-MINUTE)],
    [0, 90, waits / SECOND, 0, 0],
  );
});

test('how far the clock is behind the journal; ahead of it, as it always is, is no distance', async (t) => {
  const { scrape } = rig(t);
  const behind = async (ms: number) =>
    (await scrape({ state: stateWith({}, after(TEN, ms)) })).series.get('gatepost_clock_behind_seconds');
  assert.deepEqual([await behind(90 * SECOND), await behind(-MINUTE)], [90, 0]);
});

test('the oldest notice is the oldest, also behind younger ones; and none is 0, which a rule can compare', async (t) => {
  const { scrape } = rig(t);
  const notice = (id: string, minutes: number) => [id, { id, queuedAt: after(TEN, minutes * MINUTE) }] as const;
  const waiting = new Map([notice('1.1', 5), notice('2.1', 1), notice('3.1', 7)]);
  const outbox = { waiting, dead: new Map() } as unknown as ParkState['outbox'];
  const age = async (health: Partial<Health>) =>
    (await scrape(health)).series.get('gatepost_outbox_oldest_age_seconds{park="P001"}');
  assert.equal(await age({ state: stateWith({ outbox }), now: after(TEN, 10 * MINUTE) }), 540);
  assert.equal(await age({}), 0);
});

test('a device is up while its wire is open and no fault of its own says otherwise', async (t) => {
  const contacts = () =>
    new Map([
      ['well', { up: true, heard: TEN }],
      ['unplugged', { up: false, heard: null }],
      ['silent', { up: true, heard: TEN }],
      ['out-1', { up: true, heard: TEN }],
    ]);
  const fault = (code: Health['faults'][number]['code'], subject: string) => ({
    code,
    subject,
    text: NO_WORDS,
    since: TEN,
  });
  // A lane may be called as a device is: its arm's fault is not the device's.
  const faults = [fault('DEVICE_SILENT', 'silent'), fault('BARRIER_REFUSED', 'out-1')];
  const devices = { stats: () => ({ devices: {}, refused: {} }), contacts };
  const { series } = await rig(t).scrape({ faults }, { devices });
  const up = ['well', 'unplugged', 'silent', 'out-1'].map((id) => series.get(`gatepost_device_up{device="${id}"}`));
  assert.deepEqual(up, [1, 0, 0, 1]);
  assert.equal(series.get('gatepost_device_last_heard_timestamp_seconds{device="well"}'), TEN / SECOND);
  assert.ok(!series.has('gatepost_device_last_heard_timestamp_seconds{device="unplugged"}'));
});

test('the way to Mallcoo: what is not known is not told as good or bad', async (t) => {
  const { scrape } = rig(t);
  const ways = async (health: Partial<Health>) => {
    const { series } = await scrape(health);
    return ['tunnel', 'internet', 'mallcoo'].map((way) => series.get(`gatepost_reach_up{way="${way}"}`));
  };
  assert.deepEqual(await ways({}), [undefined, undefined, undefined]);
  const reach = { publicUrl: 'https://x', line: 'up', internet: 'down', lastProbe: null } as const;
  const notices = { P001: { told: 1, lastAnswer: { at: TEN, verdict: 'confirmed', why: '' } } };
  assert.deepEqual(await ways({ reach, notices }), [1, 0, 1]);
  const faults = [{ code: 'MALLCOO_REFUSING', subject: 'mallcoo', text: NO_WORDS, since: TEN }] as const;
  assert.deepEqual(await ways({ reach, notices, faults }), [1, 0, 0]);
});

test('a disk that does not tell its room costs its own series, and no other', async (t) => {
  const { meters, scrape } = rig(t);
  assert.ok(((await scrape()).series.get('gatepost_disk_free_bytes') ?? 0) > 0);
  const figures = startFigures({
    folder: '/nowhere/at/all',
    meters,
    health: () => ({ ...WELL, state: stateWith({}), pace: meters.pace() }),
    inbox: { waiting: () => 0, limit: 100 },
    journal: { stats: () => ({ seq: 0, segments: 1, bytes: 0 }) },
    devices: { stats: () => ({ devices: {}, refused: {} }), contacts: () => new Map() },
  });
  const { series } = readExposition(await figures.metrics());
  await figures.stop();
  assert.ok(!series.has('gatepost_disk_free_bytes'));
  assert.equal(series.get('gatepost_journal_segments'), 1);
});

test('a person’s pace is that of readings and payments that were written, not of the gate’s own records', () => {
  const meters = createMeters({ world: WORLD, devices: [], clock: { now: () => TEN }, monotonic: () => 0 });
  const record = { seq: 1, at: TEN, events: [] };
  meters.loop.answered({ type: 'recover' }, { type: 'done' }, record, 900);
  assert.deepEqual(meters.pace(), { flushMs: null, decisionMs: null });
  const pay = { type: 'pay', park: P001 } as Extract<Command, { type: 'pay' }>;
  const booked = { type: 'booked', visit: 'V1' as VisitId, repeated: false, flags: [] } as const;
  meters.loop.answered(pay, booked, record, 7);
  meters.loop.answered(pay, { ...booked, repeated: true }, null, 1);
  meters.flushed(5, 1, 300);
  assert.deepEqual(meters.pace(), { flushMs: { median: 5, most: 5 }, decisionMs: { median: 7, most: 7 } });
});

test('a snapshot that failed is counted and not measured', async (t) => {
  const { meters, scrape } = rig(t);
  await meters.snapshot(async () => false);
  const failed = (await scrape()).series;
  assert.deepEqual(
    [failed.get('gatepost_snapshot_failures_total'), failed.get('gatepost_snapshot_seconds_count')],
    [1, 0],
  );
  assert.ok(!failed.has('gatepost_snapshot_last_success_timestamp_seconds'));
  await meters.snapshot(async () => true);
  const { series } = await scrape();
  assert.equal(series.get('gatepost_snapshot_seconds_count'), 1);
  assert.equal(series.get('gatepost_snapshot_last_success_timestamp_seconds'), TEN / SECOND);
});

test('calls that are not authorised, and those to paths that there are not, make few series however many they are', async (t) => {
  const { meters, scrape } = rig(t);
  for (let number = 0; number < 1_000; number += 1) {
    meters.calls.note({ path: `/scan/${number}`, code: 'PATH_UNKNOWN', status: 404, ms: 1 });
    meters.calls.note({ path: 'GetTraffic', code: 'UNAUTHORISED', status: number < 10 ? 401 : 429, ms: 1_000 });
  }
  const { series } = await scrape();
  const calls = [...series].filter(([key, value]) => key.startsWith('gatepost_mallcoo_calls_total') && value > 0);
  assert.deepEqual(calls, [
    ['gatepost_mallcoo_calls_total{call="GetTraffic",code="UNAUTHORISED",status="401"}', 10],
    ['gatepost_mallcoo_calls_total{call="GetTraffic",code="UNAUTHORISED",status="429"}', 990],
    ['gatepost_mallcoo_calls_total{call="other",code="PATH_UNKNOWN",status="404"}', 1_000],
  ]);
  assert.equal(series.get('gatepost_mallcoo_auth_failures_total{code="UNAUTHORISED"}'), 1_000);
  assert.equal(series.get('gatepost_mallcoo_call_seconds_count{call="GetTraffic"}'), 10, 'who is slowed is not timed');
});

test('an order’s time runs from the command that led to it; one that was not carried out has none', () => {
  let now = 1_000;
  const meters = createMeters({ world: WORLD, devices: [], clock: { now: () => TEN }, monotonic: () => now });
  const lane = 'in-1' as LaneId;
  const reading = {
    device: 'cam',
    credential: car(1),
    colour: 'blue',
    confidence: 1,
    identity: null,
  } as unknown as Reading;
  const command = { type: 'reading', park: P001, lane, reading, history: null, freshVisit: 'V1' as VisitId } as const;
  const reply = { type: 'reading', outcome: 'entered', visit: null } as const;
  const ordered = { type: 'barrierOrdered', park: P001, lane, visit: null, deadline: TEN } as const;
  for (const [seq, outcome] of [
    [7, 'confirmed'],
    [8, 'expired'],
  ] as const) {
    meters.loop.answered(command, reply, { seq, at: TEN, events: [ordered] }, 100);
    now += 200;
    meters.ordered(
      { type: 'openBarrier', id: `${seq}.0`, park: P001, lane, visit: null, deadline: TEN } as never,
      outcome,
    );
  }
  const [opening] = [...meters.measured.openings.values()].filter(({ labels }) => labels[1] === lane);
  const { count, sum } = opening?.time.read() ?? assert.fail();
  assert.deepEqual([count, sum], [1, 0.3]);
});
