/** One run of the gate's process: the real store, loop, effects and calls, on a disk and a clock that the world owns. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Order } from '../../drivers/contract.ts';
import type { DeviceId, VisitId } from '../../src/core/ids.ts';
import type { Command, Reply } from '../../src/core/park/commands.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import type { World } from '../../src/core/park/model.ts';
import type { State } from '../../src/core/park/state.ts';
import type { Instant } from '../../src/core/time.ts';
import { laneBarriers } from '../../src/devices/barriers.ts';
import type { LaneDevices } from '../../src/devices/config.ts';
import type { OrderResult } from '../../src/devices/orders.ts';
import { askingArchive } from '../../src/gateway/ask-archive.ts';
import { effectRunner } from '../../src/gateway/effects.ts';
import { startGateway } from '../../src/gateway/gateway.ts';
import {
  type Archive,
  type Clock,
  type Gateway,
  GatewayFull,
  type Journal,
  JournalFull,
  type Log,
} from '../../src/gateway/ports.ts';
import { snapshotter } from '../../src/gateway/snapshots.ts';
import { createMallcooApp } from '../../src/mallcoo/app.ts';
import { createFaults, type FaultBoard } from '../../src/ops/faults.ts';
import { run as retain } from '../../src/retention.ts';
import type { Disk } from '../../src/store/disk.ts';
import { openStore } from '../../src/store/store.ts';
import { ZONE } from '../core/park/scene.ts';
import type { Auditor } from './auditor.ts';
import type { Plan } from './plan.ts';
import {
  type Plant,
  plantInAnswer,
  plantInBarriers,
  plantInFaults,
  plantInJournal,
  plantInStart,
  plantInState,
  plantInSubmit,
} from './plants.ts';

export interface GateParts {
  readonly plan: Plan;
  readonly world: World;
  readonly lanes: readonly LaneDevices[];
  readonly disk: Disk;
  readonly clock: Clock;
  /** The true time, in ms. */
  readonly trueNow: () => number;
  readonly auditor: Auditor;
  readonly plant: Plant | null;
  /** A device is told to open its barrier; resolves with what it answers. */
  readonly onOrder: (device: DeviceId, order: Order) => Promise<OrderResult>;
  readonly onCommand: () => void;
  /** A vehicle is held for money at `at`. */
  readonly onHeld: (visit: VisitId, at: Instant) => void;
  readonly trace: (line: string) => void;
  /** Something failed that never should. */
  readonly onDefect: (error: unknown) => void;
  /** The process ends itself: its journal has failed. */
  readonly onFatal: (error: Error) => void;
}

/** What Mallcoo's client sees. */
export interface WireAnswer {
  readonly status: number;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Gate {
  readonly gateway: Gateway;
  readonly faults: FaultBoard;
  /** The state that runs ahead; null once the loop has made itself another, after a write that found no room. */
  working(): State | null;
  /** Hands over to the archive what is old, as the daemon does every hour. */
  retain(): Promise<void>;
  /** As the daemon does about each second. */
  lookForRoom(): Promise<void>;
  /** One HTTP call. Never resolves if the process ends first. */
  call(name: string, body: Readonly<Record<string, unknown>>, encoding: 'json' | 'form'): Promise<WireAnswer>;
  /** Something is under way that needs no more from the world than the disk. */
  busy(): boolean;
  /** Devices have answered, and the last snapshot is written. */
  stop(): Promise<void>;
}

/** In days; short, so that in a run of some days retries and reports reach into the archive. */
const KEEP = { keepClosedDays: 1, archiveDays: 400, keepTrafficDays: 400, keepJournalDays: 1 };

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Starts a process on what the disk holds. @throws StoreError when it cannot start; try again later. */
export async function startGate(parts: GateParts): Promise<Gate> {
  const { plan, world, clock, auditor, plant, trace } = parts;
  const log: Log = {
    notice: (code, fields) => trace(`  log ${code} ${JSON.stringify(fields)}`),
    info: (message, fields = {}) => trace(`  log ${message} ${JSON.stringify(fields)}`),
  };
  const faults = createFaults({ clock, language: 'en', line: ({ message }) => trace(`  ${message}`) });
  const store = await openStore({
    dir: '/data',
    fold(state, record) {
      auditor.replayed(record);
      evolve(state, record);
    },
    faults,
    log,
    segmentBytes: plan.segmentBytes,
    disk: parts.disk,
  });
  plantInState(plant, store.working);
  plantInState(plant, store.committed);
  auditor.recovered(store.committed);
  const told = plantInFaults(plant, faults);

  const underWay = counter();
  const journal = audited(store.journal, auditor, parts.trueNow);
  const snapshots = snapshotter({
    write: (snapshot) => underWay.follow(store.writeSnapshot(snapshot)),
    every: plan.snapshotEvery,
    since: store.recovered.records,
    clock,
    state: () => loop.state(),
  });
  const loop = startGateway({
    world,
    working: store.working,
    committed: store.committed,
    journal: plantInJournal(plant, journal),
    clock,
    faults: told,
    inboxLimit: plan.inbox,
    batchLimit: plan.batch,
    onCommit({ record }) {
      for (const event of record.events)
        if (event.type === 'held' && event.visit !== null) parts.onHeld(event.visit, event.at);
      snapshots.count();
    },
    onEffect: (effect) => effects.perform(effect),
    onFatal: parts.onFatal,
  });
  function send(command: Command): Promise<Reply> {
    parts.onCommand();
    return underWay.follow(loop.submit(command));
  }
  const gateway: Gateway = { state: loop.state, submit: send };
  const retention = { gateway, store, days: KEEP, world, zone: ZONE, clock, faults: told, log };
  const deviceOf = (device: DeviceId) => ({ order: (order: Order) => parts.onOrder(device, order) });
  const barriers = plantInBarriers(plant, laneBarriers({ lanes: parts.lanes, deviceOf, clock, faults: told }));
  const effects = effectRunner({ gateway, barriers, clock, onOrder: () => undefined });
  plantInStart(plant, store.committed, barriers);
  // As the daemon does it: on a disk without any room the orders of the last life stay open, and nothing sends them.
  await gateway.submit({ type: 'recover' }).catch((error: unknown) => {
    if (!(error instanceof GatewayFull)) throw error;
  });
  const call = caller(parts, gateway, store.archive, faults, log);
  return {
    gateway,
    faults,
    working: () => (journal.foundNoRoom() ? null : store.working),
    retain: () => underWay.follow(retain(retention)),
    lookForRoom: () => underWay.follow(store.lookForRoom()),
    call: (name, body, encoding) => underWay.follow(call(name, body, encoding)),
    busy: () => underWay.count() > 0,
    async stop() {
      await effects.settled();
      await loop.stop();
      await snapshots.last();
      await store.close();
    },
  };
}

/** The books hear of a record when the disk has it, before anybody else does. */
function audited(journal: Journal, auditor: Auditor, trueNow: () => number): Journal & { foundNoRoom(): boolean } {
  let foundNoRoom = false;
  return {
    foundNoRoom: () => foundNoRoom,
    room: (records) => journal.room(records),
    async append(records) {
      const decidedAt = trueNow();
      try {
        await journal.append(records);
      } catch (error) {
        if (error instanceof JournalFull) foundNoRoom = true;
        throw error;
      }
      for (const record of records) auditor.committed(record, decidedAt);
    },
  };
}

interface Counter {
  follow<T>(promise: Promise<T>): Promise<T>;
  count(): number;
}

function counter(): Counter {
  let count = 0;
  return {
    async follow(promise) {
      count += 1;
      try {
        return await promise;
      } finally {
        count -= 1;
      }
    },
    count: () => count,
  };
}

type Call = (name: string, body: Readonly<Record<string, unknown>>, encoding: 'json' | 'form') => Promise<WireAnswer>;

/** Node's own request and the real app, without a socket between them. */
function caller(
  { world, clock, plant }: GateParts,
  loop: Gateway,
  archive: Archive,
  faults: FaultBoard,
  log: Log,
): Call {
  const auth = new Map([...world.parks.keys()].map((park) => [park, { type: 'none' } as const]));
  const basePath = '/mallcoo';
  const asking = askingArchive(loop, archive);
  const gateway = { state: loop.state, submit: plantInSubmit(plant, asking.submit) };
  const app = createMallcooApp({
    world,
    gateway,
    archive,
    clock,
    faults,
    log,
    auth,
    basePath,
    language: 'en',
    maxBodyBytes: 4_096,
    // The world's own plan says how much comes at once.
    limits: { queriesPerSecond: 1_000_000, pendingPayments: 1_000 },
  });
  const socket = new Socket();
  return async (name, body, encoding) => {
    const text = encoding === 'json' ? JSON.stringify(body) : formOf(body);
    const path = `${basePath}/${name}`;
    const incoming = new IncomingMessage(socket);
    incoming.method = 'POST';
    incoming.url = path;
    incoming.headers = { 'content-type': encoding === 'json' ? JSON_TYPE : FORM_TYPE };
    incoming.complete = true;
    incoming.push(text);
    incoming.push(null);
    const response = await app.request(path, { method: 'POST' }, { incoming, outgoing: new ServerResponse(incoming) });
    const answer: WireAnswer['json'] = JSON.parse(await response.text());
    const json = plantInAnswer(plant, answer);
    return { status: response.status, text: JSON.stringify(json), json };
  };
}

function formOf(body: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(body).map(([name, value]): [string, string] => [
    name,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ]);
  return new URLSearchParams(fields).toString();
}

/** Ids of visits, the same in every run of a plan. */
export function visitIds(seed: number): () => VisitId {
  let count = 0;
  return () => {
    count += 1;
    return `V${seed}N${count}` as VisitId;
  };
}
