/**
 * A night with a dead line through the real parts: store, loop, archive, and Mallcoo's calls over HTTP. The gate is stopped
 * and started in each state of it.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { DeviceId, LaneId, VisitId } from '../../src/core/ids.ts';
import { fen } from '../../src/core/money.ts';
import type { Command, Reply } from '../../src/core/park/commands.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import type { LineState } from '../../src/core/park/line.ts';
import { capture } from '../../src/core/park/snapshot.ts';
import type { Visit } from '../../src/core/park/visit.ts';
import { DAY, formatLocal, type Instant, instant } from '../../src/core/time.ts';
import { askingArchive } from '../../src/gateway/ask-archive.ts';
import { createMallcooApp } from '../../src/mallcoo/app.ts';
import { serveMallcoo } from '../../src/mallcoo/serve.ts';
import { run as retain } from '../../src/retention.ts';
import { openStore } from '../../src/store/store.ts';
import { lane, minutes, P001, park, plate, TEN, ZONE } from '../core/park/scene.ts';
import { gatewayOn } from '../store/gate.ts';
import { listen, tempFolder } from '../store/tools.ts';

const out = lane('out-1', 'out', { whenLineDown: { type: 'letOut', upTo: fen(1_000) } });
const thePark = park({ lanes: new Map([lane('in-1', 'in'), out].map((one) => [one.id, one])) });
const WORLD = { parks: new Map([[P001, thePark]]) };

interface Gate {
  submit(command: Command): Promise<Reply>;
  read(laneId: string, text: string, visit: string): Promise<Reply>;
  /** Mallcoo's notice, as it sends it. @returns its `resCode`. */
  pay(notice: Readonly<Record<string, unknown>>): Promise<unknown>;
  visit(id: string): Promise<Visit | null>;
  line(): LineState;
  retain(): Promise<void>;
  /** Ends, with or without a snapshot. */
  stop(snapshot: boolean): Promise<void>;
}

async function start(dir: string, clock: { now(): Instant }): Promise<Gate> {
  const { faults, log } = listen();
  const store = await openStore({ dir, fold: evolve, faults, log, segmentBytes: 64 * 1024 });
  const loop = gatewayOn(store, { world: WORLD, clock, faults });
  const { archive } = store;
  const app = createMallcooApp({
    world: () => WORLD,
    gateway: askingArchive(loop, archive),
    archive,
    clock,
    auth: new Map([[P001, { type: 'none' }]]),
    basePath: '',
    language: 'en',
    maxBodyBytes: 4_096,
    limits: { queriesPerSecond: 1_000, pendingPayments: 100 },
    faults,
    log,
  });
  const server = await serveMallcoo(app, { host: '127.0.0.1', port: 0, language: 'en' });
  return {
    submit: loop.submit,
    read: (laneId, text, visit) =>
      loop.submit({
        type: 'reading',
        park: P001,
        lane: laneId as LaneId,
        reading: {
          device: 'cam' as DeviceId,
          credential: plate(text),
          colour: 'unknown',
          confidence: null,
          identity: null,
        },
        history: null,
        freshVisit: visit as VisitId,
      }),
    async pay(notice) {
      const response = await fetch(`http://127.0.0.1:${server.port}/PayParkingFee`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ parkId: 'P001', payType: 3, ...notice }),
      });
      return ((await response.json()) as { readonly resCode: unknown }).resCode;
    },
    async visit(id) {
      const state = loop.state().parks.get(P001);
      return state?.open.get(id as VisitId) ?? state?.closed.get(id as VisitId) ?? archive.visit(P001, id as VisitId);
    },
    line: () => loop.state().line,
    retain: () => {
      const days = { keepClosedDays: 1, archiveDays: 400, keepTrafficDays: 400, keepJournalDays: 90 };
      return retain({ gateway: loop, store, days, world: () => WORLD, zone: ZONE, clock, faults, log });
    },
    async stop(snapshot) {
      await server.close();
      await loop.stop();
      if (snapshot) await store.writeSnapshot(capture(store.committed));
      await store.close();
    },
  };
}

/** Runs steps, each on a gate that was just started; every other one ends with a snapshot. */
async function nightOf(
  t: TestContext,
  steps: readonly (readonly [Instant, (gate: Gate) => Promise<void>])[],
): Promise<void> {
  const dir = tempFolder(t);
  let now = TEN;
  for (const [index, [at, act]] of steps.entries()) {
    now = at;
    const gate = await start(dir, { now: () => now });
    await act(gate);
    await gate.stop(index % 2 === 1);
  }
}

const local = (at: Instant): string => formatLocal(at, ZONE);

test('a car pays while the line is down, is let out, and its notice settles it, over restarts in every state', async (t) => {
  const notice = { feeId: 'V1', orderNo: 'A', amount: 1_000, payTime: local(minutes(95)) };
  await nightOf(t, [
    [TEN, async (gate) => void (await gate.read('in-1', '粤A12345', 'V1'))],
    [minutes(90), async (gate) => void (await gate.submit({ type: 'line', up: false }))],
    [minutes(91), async (gate) => assert.deepEqual(gate.line(), { downSince: minutes(90), upSince: null })],
    [
      minutes(100),
      async (gate) => {
        const reply = await gate.read('out-1', '粤A12345', 'X');
        assert.ok(reply.type === 'reading' && reply.outcome === 'left');
        assert.equal((await gate.visit('V1'))?.end?.uncollected, 1_000);
      },
    ],
    [minutes(300), async (gate) => void (await gate.submit({ type: 'line', up: true }))],
    [minutes(301), async (gate) => assert.deepEqual(gate.line(), { downSince: null, upSince: minutes(300) })],
    [minutes(310), async (gate) => assert.equal(await gate.pay(notice), 0)],
    [
      minutes(311),
      async (gate) => {
        assert.equal(await gate.pay(notice), 0);
        const visit = await gate.visit('V1');
        assert.deepEqual([visit?.paid, visit?.end?.uncollected], [1_000, 0]);
      },
    ],
  ]);
});

test('a notice that comes when the visit is in the archive settles it there', async (t) => {
  const far = instant(TEN + 5 * DAY);
  const notice = { feeId: 'V1', orderNo: 'A', amount: 1_000, payTime: local(minutes(95)) };
  await nightOf(t, [
    [
      TEN,
      async (gate) => {
        await gate.read('in-1', '粤A12345', 'V1');
        await gate.submit({ type: 'line', up: false });
      },
    ],
    [minutes(100), async (gate) => void (await gate.read('out-1', '粤A12345', 'X'))],
    [far, (gate) => gate.retain()],
    [
      instant(far + DAY),
      async (gate) => {
        assert.equal((await gate.visit('V1'))?.end?.uncollected, 1_000);
        assert.equal(await gate.pay(notice), 0);
        assert.equal((await gate.visit('V1'))?.end?.uncollected, 0);
      },
    ],
    [instant(far + 3 * DAY), (gate) => gate.retain()],
    [
      instant(far + 4 * DAY),
      async (gate) => {
        const end = (await gate.visit('V1'))?.end;
        assert.deepEqual([end?.uncollected, end?.letOut], [0, { why: 'lineDown', due: 1_000 }]);
        assert.equal(await gate.pay(notice), 0);
        assert.equal((await gate.visit('V1'))?.paid, 1_000);
      },
    ],
  ]);
});

test('who came while the line was down and owes too much waits, and leaves when the money is here', async (t) => {
  await nightOf(t, [
    [TEN, async (gate) => void (await gate.read('in-1', '粤A12345', 'V1'))],
    [minutes(100), async (gate) => void (await gate.submit({ type: 'line', up: false }))],
    [
      minutes(170),
      async (gate) => {
        const reply = await gate.read('out-1', '粤A12345', 'X');
        assert.ok(reply.type === 'reading' && reply.outcome === 'held');
      },
    ],
    [
      minutes(172),
      async (gate) => {
        await gate.submit({ type: 'line', up: true });
        const notice = { feeId: 'V1', orderNo: 'A', amount: 1_500, payTime: local(minutes(165)) };
        assert.equal(await gate.pay(notice), 0);
        const visit = await gate.visit('V1');
        assert.deepEqual([visit?.end?.how, visit?.end?.uncollected], ['left', undefined]);
      },
    ],
  ]);
});
