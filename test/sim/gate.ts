/** One run of the gate's process: the real store, loop, effects and calls, on a disk and a clock that the world owns. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Order } from '../../drivers/contract.ts';
import type { FaultCode } from '../../src/core/errors.ts';
import type { DeviceId, VisitId } from '../../src/core/ids.ts';
import type { Command, Reply } from '../../src/core/park/commands.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import type { World } from '../../src/core/park/model.ts';
import type { Instant } from '../../src/core/time.ts';
import { laneBarriers } from '../../src/devices/barriers.ts';
import type { LaneDevices } from '../../src/devices/config.ts';
import type { OrderResult } from '../../src/devices/orders.ts';
import { askingArchive } from '../../src/gateway/ask-archive.ts';
import { effectRunner } from '../../src/gateway/effects.ts';
import { startGateway } from '../../src/gateway/gateway.ts';
import {
  type Archive,
  type Barriers,
  type Clock,
  type Faults,
  type Gateway,
  GatewayFull,
  type Journal,
  JournalFull,
  type Log,
} from '../../src/gateway/ports.ts';
import { snapshotter } from '../../src/gateway/snapshots.ts';
import { createMallcooApp } from '../../src/mallcoo/app.ts';
import { createProbeBook, type ProbeBook } from '../../src/mallcoo/reach/book.ts';
import { createFaults, type FaultBoard } from '../../src/ops/faults.ts';
import { run as retain } from '../../src/retention.ts';
import type { Disk } from '../../src/store/disk.ts';
import { openStore } from '../../src/store/store.ts';
import { ZONE } from '../core/park/scene.ts';
import type { Agenda } from './agenda.ts';
import type { Auditor } from './auditor.ts';
import type { Gate, WireAnswer } from './gate-port.ts';
import { type GateWay, startGateWay } from './gate-way.ts';
import type { Plan } from './plan.ts';
import type { Plant } from './plant-names.ts';
import {
  plantInAnswer,
  plantInBarriers,
  plantInFaults,
  plantInJournal,
  plantInStart,
  plantInState,
  plantInSubmit,
} from './plants.ts';
import { plantInNotices } from './plants-way.ts';
import type { MallcooReceiver } from './receiver.ts';
import type { Way } from './way.ts';

export interface GateParts {
  readonly plan: Plan;
  readonly world: World;
  readonly lanes: readonly LaneDevices[];
  readonly disk: Disk;
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly way: Way;
  readonly receiver: MallcooReceiver;
  /** Whether this process is still there. */
  readonly alive: () => boolean;
  /** A fault is raised that was not. */
  readonly onFault: (code: FaultCode) => void;
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

/** In days; short, so that in a run of some days retries and reports reach into the archive. */
const KEEP = { keepClosedDays: 1, archiveDays: 400, keepTrafficDays: 400, keepJournalDays: 1 };

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Starts a process on what the disk holds. @throws StoreError when it cannot start; try again later. */
export async function startGate(parts: GateParts): Promise<Gate> {
  const { plan, world, clock, auditor, plant, trace } = parts;
  const log = logTo(trace);
  const faults = createFaults({ clock, line: ({ message }) => trace(`  ${message.en}`) });
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
  const told = plantInFaults(plant, watched(faults, parts.onFault));

  const underWay = counter();
  const journal = audited(store.journal, auditor, parts.agenda.now);
  const snapshots = snapshotter({
    write: (snapshot) => underWay.follow(store.writeSnapshot(snapshot)),
    every: plan.snapshotEvery,
    since: store.recovered.records,
    clock,
    state: () => loop.state(),
  });
  let way: GateWay | null = null;
  const loop = startGateway({
    world: () => world,
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
      way?.committed(record);
    },
    onEffect: (effect) => effects.perform(effect),
    onFatal: parts.onFatal,
  });
  function send(command: Command): Promise<Reply> {
    parts.onCommand();
    return underWay.follow(loop.submit(command));
  }
  const gateway: Gateway = { state: loop.state, submit: send };
  const retention = { gateway, store, days: KEEP, world: () => world, zone: ZONE, clock, faults: told, log };
  const barriers = barriersOf(parts, told);
  const effects = effectRunner({ gateway, barriers, clock, onOrder: () => undefined });
  plantInStart(plant, store.committed, barriers);
  // As the daemon does it: on a disk without any room the orders of the last life stay open, and nothing sends them.
  await gateway.submit({ type: 'recover' }).catch((error: unknown) => {
    if (!(error instanceof GatewayFull)) throw error;
  });
  const book = probeBook();
  const call = caller(parts, { loop: gateway, archive: store.archive, faults, log, book });
  way = startGateWay({
    ...parts,
    gateway: plantInNotices(plant, gateway),
    faults: told,
    log,
    book,
    call: (name, body) => underWay.follow(call(name, body, 'json')),
  });
  const ending = way;
  return {
    gateway,
    faults,
    working: () => (journal.foundNoRoom() ? null : store.working),
    retain: () => underWay.follow(retain(retention)),
    lookForRoom: () => underWay.follow(store.lookForRoom()),
    call: (name, body, encoding) => underWay.follow(call(name, body, encoding)),
    busy: () => underWay.count() > 0,
    endWay: () => ending.stop(),
    async stop() {
      await effects.settled();
      await loop.stop();
      await snapshots.last();
      await store.close();
    },
  };
}

function barriersOf({ lanes, clock, plant, onOrder }: GateParts, faults: Faults): Barriers {
  const deviceOf = (device: DeviceId) => ({ order: (order: Order) => onOrder(device, order) });
  return plantInBarriers(plant, laneBarriers({ lanes, deviceOf, clock, faults }));
}

function logTo(trace: GateParts['trace']): Log {
  return {
    notice: (code, fields) => trace(`  log ${code} ${JSON.stringify(fields)}`),
    info: (message, fields = {}) => trace(`  log ${message.en} ${JSON.stringify(fields)}`),
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

/** Tells of each fault as it begins. */
function watched(faults: FaultBoard, onFault: GateParts['onFault']): FaultBoard {
  return {
    ...faults,
    raise(code, subject, value) {
      const news = !faults.raised().some((one) => one.code === code && one.subject === subject);
      faults.raise(code, subject, value);
      if (news) onFault(code);
    },
  };
}

/** Nonces that are the same in every run of a plan: nobody here guesses. */
function probeBook(): ProbeBook {
  let count = 0;
  return createProbeBook(() => {
    count += 1;
    return `probe-${count}`;
  });
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

interface CallerParts {
  readonly loop: Gateway;
  readonly archive: Archive;
  readonly faults: FaultBoard;
  readonly log: Log;
  readonly book: ProbeBook;
}

/** Node's own request and the real app, without a socket between them. */
function caller({ world, clock, plant }: GateParts, { loop, archive, faults, log, book }: CallerParts): Call {
  const auth = new Map([...world.parks.keys()].map((park) => [park, { type: 'none' } as const]));
  const basePath = '/mallcoo';
  const asking = askingArchive(loop, archive);
  const gateway = { state: loop.state, submit: plantInSubmit(plant, asking.submit, loop.state) };
  const app = createMallcooApp({
    world: () => world,
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
    probes: book,
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
