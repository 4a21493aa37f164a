/** The devices part as a whole: a runtime for each device, the wires they hang on, and the barriers. */
import type { Driver } from '../../drivers/contract.ts';
import type { Sentence } from '../core/errors.ts';
import type { DeviceId, VisitId } from '../core/ids.ts';
import type { Barriers, Clock, Faults, Gateway, Log } from '../gateway/ports.ts';
import { laneBarriers } from './barriers.ts';
import { DEFAULT_RECONNECT_MS, mqttClient } from './client.ts';
import type { DeviceConfig, LaneDevices, MqttConfig } from './config.ts';
import type { DeviceStats } from './counts.ts';
import { embeddedBroker } from './embedded.ts';
import { type Limiter, onceAMinute } from './limit.ts';
import type { MqttLink } from './link.ts';
import type { Account } from './rights.ts';
import { type Contact, DEFAULT_ORDER_TIMEOUT_MS, type DeviceRuntime, deviceRuntime, type Wire } from './runtime.ts';
import { type SerialLine, serialLine } from './serial.ts';

export interface DevicesParts {
  /** The drivers by model. */
  readonly drivers: Readonly<Record<string, Driver>>;
  readonly devices: readonly DeviceConfig[];
  readonly lanes: readonly LaneDevices[];
  readonly mqtt: MqttConfig;
  readonly gateway: Pick<Gateway, 'submit'>;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly log: Log;
  readonly newVisitId: () => VisitId;
}

/** Plain data, as the health page shows it. */
export type DevicesStats = {
  readonly devices: Readonly<Record<string, DeviceStats>>;
  /** Logins, topics and packets that the embedded broker refused, by device. */
  readonly refused: Readonly<Record<string, number>>;
};

export interface Devices {
  readonly barriers: Barriers;
  stats(): DevicesStats;
  contacts(): ReadonlyMap<DeviceId, Contact>;
  /** The embedded broker's port; null without one. */
  readonly mqttPort: number | null;
  /** Lets every machine leave its device safe, then closes the wires. Resolves in bounded time (about 5 s). */
  stop(): Promise<void>;
}

/** A device with its driver found. */
interface Known {
  readonly config: DeviceConfig;
  readonly driver: Driver;
}

/** In place of a device's id, for a client that never said who it is. */
const UNKNOWN = '(unknown)';

/**
 * Starts the devices. The wires are opened last and nothing is waited for after that: whoever awaits this has the
 * barriers in hand before the first reading can come in. A port or broker that is away is a fault, and no error.
 * @throws Error when a driver is unknown, a serial device has no port, two devices share a username, or the embedded
 * broker's address cannot be used. Nothing is left open then.
 */
export async function startDevices(parts: DevicesParts): Promise<Devices> {
  const known = parts.devices.map((config) => knownDevice(config, parts.drivers));
  const refusals = refusalBook(parts.clock, parts.log);
  const { link, port } = mqttLink(parts, accountsOf(known), refusals.add);
  const runtimes = new Map<DeviceId, DeviceRuntime>();
  const lines: SerialLine[] = [];
  for (const device of known) {
    const { runtime, line } =
      device.driver.transport === 'mqtt' ? onMqtt(parts, device, link) : onSerial(parts, device);
    runtimes.set(device.config.id, runtime);
    if (line !== null) lines.push(line);
  }

  async function stop(): Promise<void> {
    await Promise.all([...runtimes.values()].map((runtime) => runtime.stop()));
    await Promise.all([link.stop(), ...lines.map((line) => line.stop())]);
  }

  // A gate with serial devices only has no use for a broker.
  if (known.some(({ driver }) => driver.transport === 'mqtt')) {
    try {
      await link.start();
    } catch (error) {
      await stop();
      throw error;
    }
  }
  for (const line of lines) line.start();
  return {
    barriers: laneBarriers({ ...parts, deviceOf: (id) => runtimes.get(id) }),
    stats: () => ({
      devices: Object.fromEntries([...runtimes].map(([id, runtime]) => [id, runtime.stats()])),
      refused: Object.fromEntries(refusals.counts),
    }),
    contacts: () => new Map([...runtimes].map(([id, runtime]) => [id, runtime.contact()])),
    mqttPort: port(),
    stop,
  };
}

function knownDevice(config: DeviceConfig, drivers: DevicesParts['drivers']): Known {
  const driver = Object.hasOwn(drivers, config.driver) ? drivers[config.driver] : undefined;
  if (driver === undefined) throw new Error(`device ${config.id}: there is no driver named ${config.driver}`);
  return { config, driver };
}

function accountsOf(known: readonly Known[]): readonly Account[] {
  const accounts = new Map<string, Account>();
  for (const { config, driver } of known) {
    const { id, username, password, options } = config;
    if (driver.transport !== 'mqtt' || username === null || password === null) continue;
    const other = accounts.get(username);
    if (other !== undefined) {
      throw new Error(`devices ${other.device} and ${id} have the same username ${username}: give each its own`);
    }
    accounts.set(username, { device: id, username, password, topics: driver.topics(options) });
  }
  return [...accounts.values()];
}

function mqttLink(
  { mqtt, faults, log }: DevicesParts,
  accounts: readonly Account[],
  onRefused: (device: DeviceId | null, detail: Sentence) => void,
): { readonly link: MqttLink; readonly port: () => number | null } {
  if (mqtt.kind === 'external') {
    const link = mqttClient({ config: mqtt, faults, log, reconnectMs: DEFAULT_RECONNECT_MS });
    return { link, port: () => null };
  }
  const broker = embeddedBroker({ config: mqtt, accounts, onRefused });
  return { link: broker, port: broker.port };
}

interface Wired {
  readonly runtime: DeviceRuntime;
  readonly line: SerialLine | null;
}

/** A wire of the other kind: a driver of one transport has nothing to send on the other. */
const noWire = async (): Promise<'refused'> => 'refused';

function runtimeOf(parts: DevicesParts, { config, driver }: Known, wire: Wire): DeviceRuntime {
  const lanes = parts.lanes.filter(({ readers }) => readers.includes(config.id));
  const { gateway, clock, faults, log, newVisitId } = parts;
  return deviceRuntime({
    device: config.id,
    driver,
    options: config.options,
    lanes,
    wire,
    gateway,
    clock,
    faults,
    log,
    newVisitId,
    orderTimeoutMs: DEFAULT_ORDER_TIMEOUT_MS,
  });
}

function onMqtt(parts: DevicesParts, device: Known, link: MqttLink): Wired {
  const runtime = runtimeOf(parts, device, { publish: link.publish, write: noWire });
  const filters = device.driver.topics(device.config.options).up;
  link.subscribe({ filters, handle: runtime.message, onState: runtime.link });
  return { runtime, line: null };
}

function onSerial(parts: DevicesParts, device: Known): Wired {
  const { id, port, baudRate } = device.config;
  const speed = baudRate ?? device.driver.line?.baudRate;
  if (port === null || speed === undefined) {
    throw new Error(`device ${id}: its driver ${device.config.driver} needs a serial port: set port`);
  }
  const runtime: DeviceRuntime = runtimeOf(parts, device, { publish: noWire, write: (bytes) => line.write(bytes) });
  const line = serialLine({
    device: id,
    path: port,
    baudRate: speed,
    faults: parts.faults,
    onBytes: runtime.bytes,
    onState: runtime.link,
  });
  return { runtime, line };
}

/** Counts refusals, and tells of them once a minute for each device. */
function refusalBook(clock: Clock, log: Log) {
  const counts = new Map<string, number>();
  const lines = new Map<string, Limiter>();
  return {
    counts,
    add(device: DeviceId | null, detail: Sentence): void {
      const who = device ?? UNKNOWN;
      counts.set(who, (counts.get(who) ?? 0) + 1);
      const line = lines.get(who) ?? onceAMinute();
      lines.set(who, line);
      const count = line(clock.now());
      if (count !== null) log.notice('DEVICE_REFUSED', { device: who, value: detail, count });
    },
  };
}
