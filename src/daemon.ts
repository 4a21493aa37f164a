/**
 * The composition root: builds every part from the configuration, starts them in order and stops them in reverse. Only
 * here do parts meet; each of them knows the core and the gateway's ports.
 */
import { randomBytes } from 'node:crypto';
import { DRIVERS } from '../drivers/registry.ts';
import { systemClock } from './clock.ts';
import { lineOf } from './config/errors.ts';
import type { Config } from './config/load.ts';
import type { Said, Sentence } from './core/errors.ts';
import { VISIT_ID_BYTES, visitIdFrom } from './core/ids.ts';
import type { World } from './core/park/model.ts';
import type { State } from './core/park/state.ts';
import { type Instant, type Zone, zoneOf } from './core/time.ts';
import { type Devices, type DevicesParts, startDevices } from './devices/devices.ts';
import type { Clock } from './gateway/ports.ts';
import { startLoop } from './loop.ts';
import { watchCalendars } from './ops/calendars.ts';
import { createFaults } from './ops/faults.ts';
import type { Health } from './ops/health.ts';
import { createLocalApp, serveLocal } from './ops/local.ts';
import { createLog, type Logger } from './ops/log.ts';
import { logFile } from './ops/log-file.ts';
import { type LogOuts, type OutPlace, openOuts } from './ops/log-outs.ts';
import { createMeters } from './ops/metrics/meters.ts';
import { startFigures } from './ops/metrics/scrape.ts';
import type { Reloaded } from './ops/reload.ts';
import { type Failure, failureText } from './ops/service/failures.ts';
import { statusLine } from './ops/service/status-line.ts';
import { NO_SUPERVISOR, type Supervisor } from './ops/service/supervisor.ts';
import { currentOf, type ReloadSource, reloader } from './reload.ts';
import { startRetention } from './retention.ts';
import { type Stops, stopAll } from './stops.ts';
import { VERSION } from './version.ts';
import { startWay } from './way.ts';
import { deviceConfigs, laneDevices, mqttConfig } from './wiring.ts';

const UP: Sentence = { zh: `gatepost ${VERSION} 已启动`, en: `gatepost ${VERSION} is up` };

export interface DaemonOptions {
  readonly config: Config;
  /** Where the log goes, beside the file that the configuration names. */
  readonly out: OutPlace;
  /** Where the configuration is read again; left out where it is in no file. */
  readonly source?: ReloadSource;
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
  world(): World;
  state(): State;
  /** Reads the configuration again; null where it is in no file. Never rejects: the log and a fault tell what came of it. */
  readonly reload: (() => Promise<Reloaded>) | null;
  /** Lets go of everything in order; what was accepted is on disk when it resolves. */
  stop(): Promise<void>;
}

const monotonic = (): number => performance.now();

/**
 * Starts the gate. The state is recovered before a device may speak, and devices run before Mallcoo may ask.
 * @throws StoreError, or a socket's error with the address in it, when a part cannot start; what had started is stopped.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const stops: Stops = [];
  const logs = openLogs(options);
  try {
    return await start({ ...options, ...logs }, stops);
  } catch (error) {
    await stopAll(stops);
    await logs.outs.close();
    throw error;
  }
}

interface Logs {
  readonly clock: Clock;
  readonly zone: Zone;
  readonly outs: LogOuts;
  readonly log: Logger;
}

function openLogs({ config, out, clock = systemClock }: DaemonOptions): Logs {
  const zone = zoneOf(config.parks[0]?.zone ?? 'UTC');
  const { language, format, file } = config.log;
  const form = { language, format, zone, clock };
  const places = [out];
  if (file) {
    const { path, keep, maxMiB } = file;
    places.push({ place: logFile({ path, keep, maxBytes: maxMiB * 1024 * 1024 }), journal: false });
  }
  const outs = openOuts(places, form);
  return { clock, zone, outs, log: createLog({ ...form, outs: outs.outs }) };
}

/** What is there before any part: the faults, the configuration in force, and the watch on its calendars. */
function prepare(options: DaemonOptions & Logs, stops: Stops) {
  const { config, clock, outs, log } = options;
  const lastFailure = tellBeforehand(options, log);
  const current = currentOf(config);
  const faults = createFaults({ clock, line: log.line });
  outs.watch(faults, log);
  const calendars = watchCalendars({
    parks: () => current.world().parks.values(),
    calendars: () => current.config().pricing,
    clock,
    faults,
  });
  stops.push(async () => calendars.stop());
  return { current, faults, lastFailure, onChange: calendars.look };
}

async function start(options: DaemonOptions & Logs, stops: Stops): Promise<Daemon> {
  const { config, clock, zone, log, source, onFatal, supervisor = NO_SUPERVISOR } = options;
  const { language } = config.log;
  const startedAt = clock.now();
  const { current, faults, lastFailure, onChange } = prepare(options, stops);
  const { world } = current;

  const meters = createMeters({ world: world(), devices: config.devices.map(({ id }) => id), clock, monotonic });
  const loop = await startLoop({ config, world, zone, clock, faults, log, meters, supervisor, onFatal }, stops);
  const { store, gateway } = loop;
  const shared = { world, store, gateway, zone, clock, faults, log, meters };
  const retention = startRetention({ ...shared, days: config.store });
  stops.push(() => retention.stop());

  const devices = await startSite(config, shared);
  stops.push(() => devices.stop());
  loop.attach(devices.barriers);

  const way = await startWay({ ...shared, config, archive: store.archive });
  stops.push(() => way.stop());
  loop.attachNotices(way.notices);
  const health = (): Health => ({
    status: faults.raised().length > 0 ? 'degraded' : 'ok',
    version: VERSION,
    startedAt,
    now: clock.now(),
    zone,
    seq: gateway.state().seq,
    world: world(),
    state: gateway.state(),
    archive: store.archive.stats(),
    reach: way.reach.stats(),
    faults: faults.raised(),
    lastFailure,
    devices: devices.stats(),
    notices: way.notices.stats(),
    pace: meters.pace(),
  });
  const moment = (): Instant => Math.max(clock.now(), gateway.state().at) as Instant;
  const reload = source ? reloader({ source, current, moment, onChange, faults, log }) : null;
  const inbox = { waiting: gateway.waiting, limit: config.gateway.inbox };
  const figures = startFigures({ folder: config.data, meters, health, inbox, journal: store, devices });
  stops.push(figures.stop);
  const { metrics } = figures;
  const app = createLocalApp({ health, metrics, language, world, gateway, clock, reload });
  const local = await serveLocal(app, config.local.listen);
  stops.push(() => local.close());

  const ports = { mallcoo: way.port, local: local.port, mqtt: devices.mqttPort };
  log.info(UP, { mallcoo: ports.mallcoo, local: ports.local, mqtt: ports.mqtt });
  supervisor.up({ pulse: gateway.pulse, status: () => statusLine(health(), language), log });
  return {
    ports,
    health,
    world,
    state: gateway.state,
    reload,
    async stop() {
      log.info({ zh: '正在停止', en: 'stopping' });
      supervisor.stopping();
      try {
        await stopAll(stops);
        log.info({ zh: '已停止', en: 'stopped' });
      } finally {
        await options.outs.close();
      }
    },
  };
}

/**
 * What somebody should look at before anything happens: the configuration's oddities, and a run before this one that ended
 * badly. @returns what is said of that run; the health says it too.
 */
function tellBeforehand({ lastFailure, config }: DaemonOptions, log: Logger): Said | null {
  for (const warning of config.warnings) log.line({ level: 'warn', message: lineOf(warning) });
  if (!lastFailure) return null;
  const value = failureText(lastFailure);
  log.notice('LAST_RUN_FAILED', { value });
  return value;
}

/** The site's devices, as configured. */
function startSite(
  config: Config,
  shared: Pick<DevicesParts, 'gateway' | 'clock' | 'faults' | 'log'>,
): Promise<Devices> {
  return startDevices({
    ...shared,
    drivers: DRIVERS,
    mqtt: mqttConfig(config),
    devices: deviceConfigs(config),
    lanes: laneDevices(config),
    newVisitId: () => visitIdFrom(randomBytes(VISIT_ID_BYTES)),
  });
}
