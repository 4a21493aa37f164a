/**
 * The composition root: builds every part from the configuration, starts them in order and stops them in reverse. Only
 * here do parts meet; each of them knows the core and the gateway's ports.
 */
import { randomBytes } from 'node:crypto';
import { DRIVERS } from '../drivers/registry.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config/load.ts';
import { buildWorld } from './config/world.ts';
import { VISIT_ID_BYTES, visitIdFrom } from './core/ids.ts';
import type { BarrierOutcome } from './core/park/commands.ts';
import type { OpenBarrier } from './core/park/effects.ts';
import { evolve } from './core/park/evolve.ts';
import type { World } from './core/park/model.ts';
import { credentialOf, type State } from './core/park/state.ts';
import { SECOND, type Zone, zoneOf } from './core/time.ts';
import { startDevices } from './devices/devices.ts';
import { type EffectRunner, effectRunner } from './gateway/effects.ts';
import { type RunningGateway, startGateway } from './gateway/gateway.ts';
import { type Barriers, type Clock, type Committed, GatewayFull } from './gateway/ports.ts';
import { snapshotter } from './gateway/snapshots.ts';
import type { Notices } from './mallcoo/notices/notices.ts';
import { collectGarbage } from './memory.ts';
import { watchCalendars } from './ops/calendars.ts';
import { orderLine } from './ops/calls.ts';
import { createFaults, type FaultBoard } from './ops/faults.ts';
import type { Health } from './ops/health.ts';
import { createLocalApp, serveLocal } from './ops/local.ts';
import { createLog, type Logger } from './ops/log.ts';
import { narrate } from './ops/narrate.ts';
import { type Failure, failureText } from './ops/service/failures.ts';
import { statusLine } from './ops/service/status-line.ts';
import { NO_SUPERVISOR, type Supervisor } from './ops/service/supervisor.ts';
import { startRetention } from './retention.ts';
import { openStore, type Store } from './store/store.ts';
import { VERSION } from './version.ts';
import { startWay } from './way.ts';
import { deviceConfigs, laneDevices, mqttConfig } from './wiring.ts';

export interface DaemonOptions {
  readonly config: Config;
  /** Where the log goes. */
  readonly write: (text: string) => void;
  /** The disk has failed: end the process at once, so that the next start recovers from what the disk holds. */
  readonly onFatal: (error: Error) => void;
  readonly clock?: Clock;
  /** The service manager; nobody if left out. */
  readonly supervisor?: Supervisor;
  /** The run before this one ended badly, and nobody has been told yet. */
  readonly lastFailure?: Failure | null;
}

export interface Daemon {
  /** The ports that were taken; `mqtt` is null with another broker. */
  readonly ports: { readonly mallcoo: number; readonly local: number; readonly mqtt: number | null };
  health(): Health;
  /** The parks as configured, and the committed state, to be read and let go: the demo explains fees from them. */
  readonly world: World;
  state(): State;
  /** Lets go of everything in order; what was accepted is on disk when it resolves. */
  stop(): Promise<void>;
}

/** What has been started, to be stopped in reverse. */
type Stops = (() => Promise<void>)[];

/**
 * Starts the gate. The state is recovered before a device may speak, and devices run before Mallcoo may ask.
 * @throws StoreError, or a socket's error with the address in it, when a part cannot start; what had started is stopped.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const stops: Stops = [];
  try {
    return await start(options, stops);
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

/** Stops everything, even if a part fails at it. @throws the first failure, once all have had their turn. */
async function stopAll(stops: Stops): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of stops.splice(0).reverse()) await stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

async function start(options: DaemonOptions, stops: Stops): Promise<Daemon> {
  const { config, write, clock = systemClock, supervisor = NO_SUPERVISOR } = options;
  const world = buildWorld(config);
  const zone = zoneOf(config.parks[0]?.zone ?? 'UTC');
  const { language, format } = config.log;
  const log = createLog({ format, language, zone, clock, write });
  const faults = createFaults({ clock, language, line: log.line });
  const startedAt = clock.now();
  const lastFailure = tellBeforehand(options, log);
  const unwatch = watchCalendars({ parks: world.parks.values(), calendars: config.pricing, clock, faults });
  stops.push(async () => unwatch());

  const store = await recoverStore({ config, faults, log, supervisor });
  stops.push(() => store.close());
  const shared = { world, store, zone, clock, faults, log };
  const core = startCore({ ...shared, options });
  stops.push(core.stop);
  await core.gateway.submit({ type: 'recover' }).catch((error: unknown) => {
    if (!(error instanceof GatewayFull)) throw error;
    // They are not sent again all the same: only what is committed from here on has effects.
    log.info('orders of the last run stay open: the disk is full');
  });
  const looking = setInterval(() => void store.lookForRoom(), SECOND);
  stops.push(async () => clearInterval(looking));
  const retention = startRetention({ ...shared, gateway: core.gateway, days: config.store });
  stops.push(() => retention.stop());

  const devices = await startDevices({
    drivers: DRIVERS,
    mqtt: mqttConfig(config),
    devices: deviceConfigs(config),
    lanes: laneDevices(config),
    gateway: core.gateway,
    clock,
    faults,
    log,
    newVisitId: () => visitIdFrom(randomBytes(VISIT_ID_BYTES)),
  });
  stops.push(() => devices.stop());
  core.attach(devices.barriers);

  const way = await startWay({ ...shared, config, gateway: core.gateway, archive: store.archive });
  stops.push(() => way.stop());
  core.attachNotices(way.notices);
  const health = (): Health => ({
    status: faults.raised().length > 0 ? 'degraded' : 'ok',
    version: VERSION,
    startedAt,
    now: clock.now(),
    zone,
    seq: core.gateway.state().seq,
    world,
    state: core.gateway.state(),
    archive: store.archive.stats(),
    reach: way.reach.stats(),
    faults: faults.raised(),
    lastFailure,
    devices: devices.stats(),
    notices: way.notices.stats(),
  });
  const app = createLocalApp({ health, language, world, gateway: core.gateway, clock });
  const local = await serveLocal(app, config.local.listen);
  stops.push(() => local.close());

  const ports = { mallcoo: way.port, local: local.port, mqtt: devices.mqttPort };
  log.info(`gatepost ${VERSION} is up`, { mallcoo: ports.mallcoo, local: ports.local, mqtt: ports.mqtt });
  supervisor.up({ pulse: core.gateway.pulse, status: () => statusLine(health(), language), log });
  return {
    ports,
    health,
    world,
    state: core.gateway.state,
    async stop() {
      log.info('stopping');
      supervisor.stopping();
      await stopAll(stops);
      log.info('stopped');
    },
  };
}

/**
 * What somebody should look at before anything happens: the configuration's oddities, and a run before this one that ended
 * badly. @returns what is said of that run; the health says it too.
 */
function tellBeforehand({ lastFailure, config }: DaemonOptions, log: Logger): string | null {
  for (const { file, line, path, message, fix } of config.warnings)
    log.line({ level: 'warn', message: `${file}:${line} ${path}: ${message}. ${fix}` });
  if (!lastFailure) return null;
  const value = failureText(lastFailure, config.log.language);
  log.notice('LAST_RUN_FAILED', { value });
  return value;
}

interface RecoveryParts {
  readonly config: Config;
  readonly faults: FaultBoard;
  readonly log: Logger;
  readonly supervisor: Supervisor;
}

async function recoverStore({ config, faults, log, supervisor }: RecoveryParts): Promise<Store> {
  const segmentBytes = config.store.segmentMiB * 1024 * 1024;
  const fold: typeof evolve = (state, record) => {
    supervisor.progress();
    evolve(state, record);
  };
  const store = await openStore({ dir: config.data, fold, faults, log, segmentBytes });
  collectGarbage();
  const { records, fromSnapshotSeq, ms } = store.recovered;
  log.info('recovered', { seq: store.committed.seq, snapshot: fromSnapshotSeq, replayed: records, ms });
  return store;
}

interface CoreParts {
  readonly options: DaemonOptions;
  readonly world: World;
  readonly store: Store;
  readonly log: Logger;
  readonly faults: FaultBoard;
  readonly zone: Zone;
  readonly clock: Clock;
}

interface Core {
  readonly gateway: RunningGateway;
  /** Orders have somewhere to go from here on; before it no reading can have come. */
  attach(barriers: Barriers): void;
  /** What is queued is told from here on; the sender itself begins with what was queued before. */
  attachNotices(sender: Notices): void;
  readonly stop: () => Promise<void>;
}

/** The loop with what hangs on it: effects, the log's lines, snapshots. */
function startCore({ options, world, store, log, faults, zone, clock }: CoreParts): Core {
  const { config, onFatal } = options;
  const telling = { zone, language: config.log.language };
  const snapshots = snapshotter({
    write: (snapshot) => store.writeSnapshot(snapshot),
    every: config.store.snapshotEvery,
    since: store.recovered.records,
    clock,
    state: () => gateway.state(),
  });
  let effects: EffectRunner | null = null;
  let notices: Notices | null = null;
  const gateway = startGateway({
    world,
    working: store.working,
    committed: store.committed,
    journal: store.journal,
    clock,
    faults,
    inboxLimit: config.gateway.inbox,
    batchLimit: config.gateway.batch,
    onCommit(committed: Committed) {
      for (const line of narrate(committed, gateway.state(), telling)) log.line(line);
      snapshots.count();
      notices?.committed(committed.record);
    },
    onEffect: (effect) => effects?.perform(effect),
    onFatal,
  });
  const onOrder = (order: OpenBarrier, outcome: BarrierOutcome, ms: number): void =>
    log.line(orderLine(order, credentialOf(gateway.state(), order.park, order.visit), outcome, ms));
  return {
    gateway,
    attach(barriers) {
      effects = effectRunner({ gateway, barriers, clock, onOrder });
    },
    attachNotices(sender) {
      notices = sender;
    },
    async stop() {
      await effects?.settled();
      await gateway.stop();
      await snapshots.last();
    },
  };
}
