/** Reads the configuration: from the file's text to settings that nothing else has to parse, or every mistake in it. */
import { z } from 'zod';
import type { Driver } from '../../drivers/contract.ts';
import type { DeviceId, ParkId } from '../core/ids.ts';
import { schemaProblems, withoutEchoes } from './advice.ts';
import { crossProblems, type Drivers, driverOf, SERVERS, type Server } from './checks.ts';
import { type ConfigError, type Path, type Problem, pathText } from './errors.ts';
import { type LoadedPricing, loadPricing, type Pricing } from './pricing.ts';
import { configSchema, type Settings } from './schema.ts';
import { readSecret, type SecretStores } from './secrets.ts';
import { propertiesOf, type Shape, shapeOf, shapesAt } from './shape.ts';
import { readSource, type Slip, type Source, valueAt } from './source.ts';
import type { Address } from './values.ts';

/** A login; the password is in clear. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

interface DeviceBase {
  readonly id: DeviceId;
  /** A key of the drivers' table. */
  readonly driver: string;
  /** As written: they fit the driver's schema, and `Driver.start` fills in what was left out. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface MqttDevice extends DeviceBase {
  readonly transport: 'mqtt';
  /** Null where the broker asks for none. */
  readonly login: Login | null;
}

export interface SerialDevice extends DeviceBase {
  readonly transport: 'serial';
  readonly port: string;
  readonly baudRate: number;
}

export type DeviceConfig = MqttDevice | SerialDevice;

export type BrokerConfig =
  | {
      readonly broker: 'embedded';
      readonly listen: Address;
      readonly anonymous: boolean;
      readonly maxPacketBytes: number;
    }
  | { readonly broker: 'other'; readonly url: string; readonly login: Login | null };

/** The configuration, complete: defaults, secrets, 分 and addresses are in place, and every name refers to something. */
export type Config = Omit<Settings, 'mqtt' | 'devices' | 'tariffs' | 'holidays'> & {
  readonly mqtt: BrokerConfig;
  readonly devices: readonly DeviceConfig[];
  /** Of every park. */
  readonly pricing: ReadonlyMap<ParkId, Pricing>;
  /** What can be used, but somebody should look at. */
  readonly warnings: readonly ConfigError[];
};

/** What the configuration is read with. `file` is the name that errors show; secrets' files and sheets are found beside it. */
export interface LoadContext extends SecretStores {
  readonly drivers: Drivers;
}

export type Loaded =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

/**
 * Checks and reads a configuration. Never throws, whatever the text. All errors come at once, in the order of the file;
 * those of the price sheets follow. Where the text stops being YAML, what follows cannot be judged and only the YAML's own
 * errors are told.
 */
export function loadConfig(text: string, context: LoadContext): Loaded {
  const source = readSource(text);
  const schema = configSchema((reference) => readSecret(reference, context));
  const shape = shapeOf(schema);
  const parsed = schema.safeParse(source.value);
  const issues = parsed.success ? [] : schemaProblems(parsed.error.issues, shape, source, []);
  const slips = (found: readonly Slip[]): readonly ConfigError[] =>
    found.map(({ path, ...rest }) => ({ file: context.file, path: pathText(path), ...rest }));
  if (source.breaks.length > 0) {
    const before = placed(certain(issues, source), source, context.file);
    return { ok: false, errors: inOrder([...slips(onePerPlace(source.breaks)), ...before]) };
  }
  const pricing = loadPricing(source.value, context);
  const problems = [
    ...issues,
    ...optionProblems(source, context.drivers),
    ...crossProblems(source.value, context.drivers, standardListen(shape)),
    ...pricing.problems,
  ];
  const errors = [...inOrder([...slips(source.slips), ...placed(problems, source, context.file)]), ...pricing.errors];
  if (errors.length > 0 || !parsed.success) return { ok: false, errors };
  return {
    ok: true,
    config: complete(parsed.data, context.drivers, pricing, [
      ...placed(pricing.oddities, source, context.file),
      ...pricing.warnings,
    ]),
  };
}

/** One unclosed bracket makes the parser complain at every level: the first complaint about a place is enough. */
export function onePerPlace(slips: readonly Slip[]): readonly Slip[] {
  const places = new Map(slips.toReversed().map((slip) => [`${slip.line}:${slip.column}`, slip]));
  return [...places.values()];
}

/** Of a text that breaks off being YAML: the problems of keys and single values that stand before the first break. */
function certain(problems: readonly Problem[], source: Source): readonly Problem[] {
  const first = Math.min(...source.breaks.map(({ line }) => line));
  return problems.filter(({ path, at }) => {
    const found = source.find(path);
    const single = at === 'key' || (found?.text !== undefined && found.value !== null);
    return found !== undefined && single && source.locate(path, at).line < first;
  });
}

/** Problems with their places in the file, each mistake once. */
export function placed(problems: readonly Problem[], source: Source, file: string): readonly ConfigError[] {
  return withoutEchoes(problems).map(({ path, at, ...rest }) => ({
    file,
    ...source.locate(path, at),
    path: pathText(path),
    ...rest,
  }));
}

/** In the order of the file. */
export function inOrder(errors: readonly ConfigError[]): readonly ConfigError[] {
  return errors.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** Each device's options against its driver's own schema, in which a misspelt option is an error too. */
function optionProblems(source: Source, drivers: Drivers): readonly Problem[] {
  const devices = valueAt(source.value, ['devices']);
  if (!Array.isArray(devices)) return [];
  return devices.flatMap((device, index) => {
    const name = valueAt(device, ['driver']);
    const driver = typeof name === 'string' ? driverOf(name, drivers) : undefined;
    const options = valueAt(device, ['options']) ?? {};
    if (driver === undefined || typeof options !== 'object' || Array.isArray(options)) return [];
    const schema = optionsSchema(driver);
    const parsed = schema.safeParse(options);
    const base: Path = ['devices', index, 'options'];
    return parsed.success ? [] : schemaProblems(parsed.error.issues, shapeOf(schema), source, base);
  });
}

/** A driver's options as the file may have them: without any others. */
export function optionsSchema(driver: Driver): z.ZodType {
  return driver.options instanceof z.ZodObject ? driver.options.strict() : driver.options;
}

function standardListen(shape: Shape): ReadonlyMap<Server, string> {
  const found = new Map<Server, string>();
  for (const server of SERVERS) {
    const standard = shapesAt(shape, [server], {})
      .map((group) => propertiesOf(group).get('listen')?.default)
      .find((value) => typeof value === 'string');
    if (standard !== undefined) found.set(server, standard);
  }
  return found;
}

/** Settings without errors, made complete. */
function complete(
  settings: Settings,
  drivers: Drivers,
  pricing: LoadedPricing,
  warnings: readonly ConfigError[],
): Config {
  const { mqtt, devices, tariffs: _, holidays: __, ...rest } = settings;
  return {
    ...rest,
    pricing: pricing.parks,
    warnings,
    mqtt:
      mqtt.broker === 'embedded'
        ? { broker: 'embedded', listen: mqtt.listen, anonymous: mqtt.anonymous, maxPacketBytes: mqtt.maxPacketBytes }
        : { broker: 'other', url: mqtt.broker, login: loginOf(mqtt) },
    devices: devices.map((device) => deviceOf(device, drivers)),
  };
}

function deviceOf(device: Settings['devices'][number], drivers: Drivers): DeviceConfig {
  const { id, driver: name, options, port } = device;
  const driver = driverOf(name, drivers);
  const base = { id, driver: name, options };
  if (driver?.transport === 'mqtt') return { ...base, transport: 'mqtt', login: loginOf(device) };
  const baudRate = device.baudRate ?? driver?.line?.baudRate;
  if (port === undefined || baudRate === undefined) throw new Error(`the checks passed device ${id} unchecked`);
  return { ...base, transport: 'serial', port, baudRate };
}

function loginOf({
  username,
  password,
}: {
  username?: string | undefined;
  password?: string | undefined;
}): Login | null {
  return username === undefined || password === undefined ? null : { username, password };
}
