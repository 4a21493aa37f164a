/**
 * Two gates live the same random weeks. One has an archive, and loses its power in the middle of handing over; the other
 * keeps everything in memory for ever. Whatever they are asked, they answer alike.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DeviceId, LaneId, OrderNo, VisitId } from '../../src/core/ids.ts';
import { fen } from '../../src/core/money.ts';
import type { Command, Reply } from '../../src/core/park/commands.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import { credentialKey } from '../../src/core/park/model.ts';
import { traffic } from '../../src/core/park/queries.ts';
import { type LedgerEntry, orderOf, type ParkState, type Visit, visitOf } from '../../src/core/park/state.ts';
import { after, DAY, HOUR, type Instant, instant, MINUTE, SECOND } from '../../src/core/time.ts';
import { askingArchive } from '../../src/gateway/ask-archive.ts';
import type { Gateway } from '../../src/gateway/ports.ts';
import { run as retain } from '../../src/retention.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { notice, P001, park, plate, scene, TEN, ZONE } from '../core/park/scene.ts';
import { type FaultyDisk, faultyDisk } from './faulty-disk.ts';
import { DROP, EMPTY, type Image, KEEP } from './faulty-platter.ts';
import { gatewayOn } from './gate.ts';
import { type Heard, listen } from './tools.ts';

const CARS = ['粤A00001', '粤A00002', '粤B00003'].map(plate);
const ORDERS = 14;
const WORLD = { parks: new Map([[P001, park()]]) };

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('read'), lane: fc.constantFrom('in-1', 'out-1'), car: fc.nat(2) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('late'),
      lane: fc.constantFrom('in-1', 'out-1'),
      car: fc.nat(2),
      hours: fc.nat(100),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pay'), order: fc.nat(ORDERS - 1), other: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('retain'), cutAt: fc.option(fc.nat(30)), kept: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart') }) },
);

type What = typeof step extends fc.Arbitrary<infer T> ? T : never;
/** So many seconds after the one before. */
type Step = readonly [wait: number, what: What];

const history: fc.Arbitrary<Step[]> = fc.array(fc.tuple(fc.integer({ min: 60, max: 12 * 3_600 }), step), {
  minLength: 30,
  maxLength: 120,
  size: 'max',
});

/** The gate with an archive, on a disk that can lose its power. */
interface Archiving {
  readonly disk: FaultyDisk;
  readonly store: Store;
  readonly gateway: Gateway;
  readonly heard: Heard;
  /** From now on: loses its power at that step of the disk. @returns what the disk holds then; never, if it comes not so far. */
  cutAt(step: number, kept: boolean): Promise<Image>;
  /** Takes that back. */
  neverCut(): void;
}

async function startArchiving(image: Image, clock: { now(): Instant }): Promise<Archiving> {
  let left = Number.POSITIVE_INFINITY;
  let onCut = (): void => undefined;
  const disk = faultyDisk({
    image,
    async pause() {
      left -= 1;
      if (left === 0) onCut();
    },
  });
  const heard = listen();
  const store = await openStore({ dir: '/data', fold: evolve, segmentBytes: 65_536, disk, ...heard });
  const loop = gatewayOn(store, { world: WORLD, clock, faults: heard.faults });
  return {
    disk,
    store,
    heard,
    gateway: askingArchive(loop, store.archive),
    cutAt: (steps, kept) =>
      new Promise((resolve) => {
        left = steps;
        onCut = () => resolve(disk.cut(kept ? KEEP : DROP));
      }),
    neverCut() {
      left = Number.POSITIVE_INFINITY;
    },
  };
}

/** The visits that have begun, and what each order was for when it was first sent: a retry says the same. */
interface Past {
  readings: number;
  readonly visits: VisitId[];
  readonly orders: Map<number, VisitId | null>;
}

function readingOf(what: Extract<What, { do: 'read' | 'late' }>, now: Instant, past: Past): Command {
  past.readings += 1;
  const credential = CARS[what.car] ?? plate('');
  return {
    type: 'reading',
    park: P001,
    lane: what.lane as LaneId,
    reading: { device: 'cam' as DeviceId, credential, colour: 'unknown', confidence: null, identity: null },
    history: what.do === 'late' ? after(now, -what.hours * HOUR) : null,
    freshVisit: `V${past.readings}` as VisitId,
  };
}

/** Most orders name a visit; each seventh has only a plate. */
function paymentOf({ order, other }: Extract<What, { do: 'pay' }>, past: Past): Command {
  if (!past.orders.has(order))
    past.orders.set(order, past.visits[(order * 7) % Math.max(1, past.visits.length)] ?? null);
  const car = CARS[order % 3];
  const plateOnly = { plate: car?.kind === 'plate' ? car.plate : null };
  const theNotice = notice({
    orderNo: `O${order}` as OrderNo,
    payTime: after(TEN, order * HOUR),
    amount: fen(other ? 700 : 500),
    ...(order % 7 === 0 ? plateOnly : { feeId: past.orders.get(order) ?? 'NOPE' }),
  });
  return { type: 'pay', park: P001, notice: theNotice, digest: JSON.stringify(theNotice) };
}

/** What both gates are asked in the end. */
interface Answers {
  /** Those that the archive holds alone. */
  ordersOf(id: VisitId): Promise<readonly LedgerEntry[]>;
  visit(id: VisitId): Promise<Visit | null>;
  order(orderNo: OrderNo): Promise<LedgerEntry | null>;
  latest(key: string): Promise<VisitId | null>;
  traffic(from: Instant, to: Instant): { readonly inNum: number; readonly outNum: number };
}

function latestIn(state: ParkState, key: string): Visit | null {
  const all = [state.open, state.closed, state.sealed?.visits ?? new Map<VisitId, Visit>()];
  const mine = all.flatMap((visits) => [...visits.values()]).filter((visit) => credentialKey(visit.credential) === key);
  return mine.sort((a, b) => b.entryAt - a.entryAt || (a.id < b.id ? 1 : -1))[0] ?? null;
}

function answersOf(state: ParkState, { archive }: Pick<Store, 'archive'>): Answers {
  return {
    visit: async (id) => visitOf(state, id) ?? (await archive.visit(P001, id)),
    ordersOf: async (id) =>
      (await archive.ordersOf(P001, id)).filter(({ orderNo }) => orderOf(state, orderNo) === undefined),
    order: async (orderNo) => orderOf(state, orderNo) ?? (await archive.order(P001, orderNo)),
    async latest(key) {
      const here = latestIn(state, key);
      const [there] = await archive.visitsOf(P001, key);
      return (here && there && here.entryAt < there.entryAt ? there : (here ?? there))?.id ?? null;
    },
    traffic(from, to) {
      const here = traffic(state, from, to);
      const there = archive.traffic(P001, from, to, state.archivedThrough);
      return { inNum: here.inNum + there.inNum, outNum: here.outNum + there.outNum };
    },
  };
}

async function compare(model: ParkState, gate: Archiving): Promise<void> {
  const state = gate.gateway.state().parks.get(P001);
  assert.ok(state);
  const answers = answersOf(state, gate.store);
  for (const visits of [model.open, model.closed]) {
    for (const visit of visits.values()) {
      assert.deepEqual(await answers.visit(visit.id), visit);
      const gone: LedgerEntry[] = [...model.ledger.values()].filter(
        (entry) => entry.visit === visit.id && orderOf(state, entry.orderNo) === undefined,
      );
      assert.deepEqual(
        await answers.ordersOf(visit.id),
        gone.sort((a, b) => a.at - b.at),
      );
    }
  }
  for (const entry of model.ledger.values()) assert.deepEqual(await answers.order(entry.orderNo), entry);
  assert.equal(await answers.order('O-none' as OrderNo), null);
  for (const car of CARS) {
    const key = credentialKey(car) ?? '';
    const wanted = latestIn(model, key);
    const found = await answers.latest(key);
    // Two visits of one moment are equally new.
    assert.equal(found && model.closed.get(found)?.entryAt, wanted && model.closed.get(wanted.id)?.entryAt);
  }
  for (let at: number = TEN - 5 * DAY; at < TEN + 40 * DAY; at += 11 * HOUR + 7 * SECOND) {
    const from = instant(at);
    for (const span of [MINUTE, 9 * HOUR, 5 * DAY, 60 * DAY]) {
      assert.deepEqual(answers.traffic(from, after(from, span)), traffic(model, from, after(from, span)));
    }
  }
}

interface Tally {
  cuts: number;
  visits: number;
  archived: number;
  conflicts: number;
  repeated: number;
}

async function live(steps: readonly Step[], tally: Tally): Promise<void> {
  const past: Past = { readings: 0, visits: [], orders: new Map() };
  const clock = { at: TEN, now: (): Instant => clock.at };
  const model = scene();
  let gate = await startArchiving(EMPTY, clock);

  async function both(command: Command): Promise<void> {
    const wanted = model.send(command, clock.at).reply;
    const reply: Reply = await gate.gateway.submit(command);
    assert.deepEqual(reply, wanted);
    if (reply.type === 'reading' && reply.outcome === 'entered' && reply.visit !== null) past.visits.push(reply.visit);
    if (reply.type === 'booked' && reply.repeated) tally.repeated += 1;
    if (reply.type === 'refused' && reply.code === 'ORDER_CONFLICT') tally.conflicts += 1;
  }

  async function restart(image: Image): Promise<void> {
    gate = await startArchiving(image, clock);
    assert.deepEqual([...gate.heard.raised], [], 'a power cut is no damage');
    await both({ type: 'recover' });
  }

  async function handOver({ cutAt, kept }: Extract<What, { do: 'retain' }>): Promise<void> {
    const { store, gateway, heard } = gate;
    const days = { keepClosedDays: 1, archiveDays: 400, keepTrafficDays: 400, keepJournalDays: 1 };
    const done = retain({ gateway, store, days, world: () => WORLD, zone: ZONE, clock, ...heard }).then(() => null);
    const image = await (cutAt === null ? done : Promise.race([done, gate.cutAt(cutAt + 1, kept)]));
    assert.deepEqual([...heard.raised], []);
    if (!image) return gate.neverCut();
    tally.cuts += 1;
    await restart(image);
  }

  for (const [wait, what] of steps) {
    clock.at = after(clock.at, wait * SECOND);
    if (what.do === 'pay') await both(paymentOf(what, past));
    else if (what.do === 'retain') await handOver(what);
    else if (what.do === 'restart') await restart(gate.disk.cut(DROP));
    else await both(readingOf(what, clock.at, past));
  }
  const inModel = model.state.parks.get(P001);
  if (!inModel) return;
  await compare(inModel, gate);
  // The next start finds the same.
  await restart(gate.disk.cut(DROP));
  await compare(inModel, gate);
  tally.visits += past.visits.length;
  tally.archived += gate.store.archive.stats().visits;
}

test('a gate with an archive answers like one that forgets nothing, wherever the power goes', async () => {
  const tally: Tally = { cuts: 0, visits: 0, archived: 0, conflicts: 0, repeated: 0 };
  const numRuns = Number(process.env['ARCHIVE_RUNS'] ?? 40);
  await fc.assert(
    fc.asyncProperty(history, (steps) => live(steps, tally)),
    { numRuns },
  );
  // The histories were worth playing: visits were archived, retried and disputed, and handing them over was cut short.
  const text = JSON.stringify(tally);
  assert.ok(tally.cuts > 2 * numRuns && tally.archived > tally.visits / 2, text);
  assert.ok(tally.conflicts > numRuns && tally.repeated > numRuns, text);
});
