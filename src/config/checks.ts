/**
 * What the schema cannot see: names that refer to other parts of the file, and settings that contradict each other. The
 * checks read the file as it was written, so that they run however wrong the rest of it is; where a value is not even of
 * the right type the schema has said so, and they pass over it.
 */
import type { Driver } from '../../drivers/contract.ts';
import type { Said, Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import * as words from './checks-words.ts';
import { MISSING, type Path, type Problem, pathText, quoted, show, suggest } from './errors.ts';
import { keysOf, valueAt } from './source.ts';
import { addressFrom, clash, isLoopback } from './values.ts';

export type Drivers = Readonly<Record<string, Driver>>;

/** The standard addresses, for the clash of one that is written with one that is not. */
export type StandardListen = ReadonlyMap<Server, string>;
export type Server = (typeof SERVERS)[number];
export const SERVERS = ['mallcoo', 'local', 'mqtt'] as const;

interface Item {
  readonly path: Path;
  readonly value: unknown;
}

/** A device as far as it can be made out. */
interface Known {
  readonly item: Item;
  readonly driver: Driver | undefined;
}

/** Every contradiction in the file, in no particular order. */
export function crossProblems(root: unknown, drivers: Drivers, standard: StandardListen): readonly Problem[] {
  const file: Item = { path: [], value: root };
  const parks = items(file, 'parks');
  const lanes = parks.map((park) => items(park, 'lanes'));
  const devices = items(file, 'devices');
  const tariffs = valueAt(root, ['tariffs']);
  return [
    ...twice(parks, 'id', words.OWN_ID.park),
    ...lanes.flatMap((ofPark) => twice(ofPark, 'id', words.OWN_ID.lane)),
    ...twice(devices, 'id', words.OWN_ID.device),
    ...twice(devices, 'port', words.OWN_ID.serial),
    ...twice(devices, 'username', words.OWN_ID.device),
    ...(tariffs === undefined ? [] : parks.flatMap((park) => tariffProblems(park, keysOf(tariffs)))),
    ...lanes.flat().flatMap(lineRuleProblems),
    ...devices.flatMap((device) => deviceProblems(device, drivers, needsLogin(file))),
    ...wiringProblems(lanes, devices, drivers),
    ...brokerProblems(below(file, 'mqtt')),
    ...tunnelProblems(below(file, 'tunnel')),
    ...listenProblems(file, standard),
  ];
}

/**
 * Lanes against devices. Where a device's id or a lane's references cannot be made out, or lead nowhere, the other half
 * of the same mistake is not told as well.
 */
function wiringProblems(
  lanes: readonly (readonly Item[])[],
  devices: readonly Item[],
  drivers: Drivers,
): readonly Problem[] {
  const known = new Map<string, Known>();
  for (const item of devices) {
    const id = textOf(below(item, 'id'));
    const name = textOf(below(item, 'driver'));
    if (id === undefined) return [];
    if (!known.has(id)) known.set(id, { item, driver: name === undefined ? undefined : driverOf(name, drivers) });
  }
  if (known.size === 0) return [];
  const problems = laneProblems(lanes.flat(), known);
  const references = lanes.flat().flatMap(referencesOf);
  const clear = lanes.every((ofPark) => ofPark.length > 0) && references.every((item) => textOf(item) !== undefined);
  return clear && problems.length === 0 ? unusedDevices(references, known) : problems;
}

/** Every place where a lane names a device; a place without a text where it should name one and does not. */
function referencesOf(lane: Item): readonly Item[] {
  const readers = items(lane, 'readers');
  const barrier = below(lane, 'barrier');
  return [
    ...(readers.length > 0 ? readers : [below(lane, 'readers')]),
    ...(present(barrier) ? [below(barrier, 'device')] : []),
  ];
}

/** The driver of that name. */
export function driverOf(name: string, drivers: Drivers): Driver | undefined {
  return Object.hasOwn(drivers, name) ? drivers[name] : undefined;
}

function below(item: Item, key: string | number): Item {
  return { path: [...item.path, key], value: valueAt(item.value, [key]) };
}

function items(item: Item, key: string): readonly Item[] {
  const list = below(item, key);
  return Array.isArray(list.value) ? list.value.map((_, index) => below(list, index)) : [];
}

function textOf(item: Item): string | undefined {
  return typeof item.value === 'string' ? item.value : undefined;
}

function present(item: Item): boolean {
  return item.value !== undefined;
}

function wrong({ path, value }: Item, message: Sentence, fix: Sentence): Problem {
  return { path, at: 'value', message, fix, value: show(value) };
}

function twice(group: readonly Item[], key: string, fix: Sentence): readonly Problem[] {
  const first = new Map<string, Path>();
  return group.flatMap((member) => {
    const item = below(member, key);
    const text = textOf(item);
    if (text === undefined) return [];
    const before = first.get(text);
    if (before === undefined) {
      first.set(text, item.path);
      return [];
    }
    return [wrong(item, fill(words.TAKEN, { value: quoted(text), other: pathText(before) }), fix)];
  });
}

function tariffProblems(park: Item, tariffs: readonly string[]): readonly Problem[] {
  const item = below(park, 'tariff');
  const name = textOf(item);
  if (name === undefined || tariffs.includes(name)) return [];
  return [wrong(item, fill(words.NO_TARIFF, { name: quoted(name) }), suggest(name, tariffs, words.TARIFFS))];
}

function laneProblems(lanes: readonly Item[], known: ReadonlyMap<string, Known>): readonly Problem[] {
  const laneOf = new Map<string, Path>();
  const problems: Problem[] = [];
  for (const lane of lanes) {
    for (const reader of items(lane, 'readers')) {
      problems.push(...roleProblems(reader, known, ['camera', 'scanner'], words.READS_NOTHING));
      const id = textOf(reader);
      if (id === undefined) continue;
      const before = laneOf.get(id);
      if (before === undefined) laneOf.set(id, reader.path);
      else {
        const message = fill(words.ELSEWHERE, { id: quoted(id), other: pathText(before) });
        problems.push(wrong(reader, message, words.ONE_LANE));
      }
    }
    const arm = below(below(lane, 'barrier'), 'device');
    problems.push(...roleProblems(arm, known, ['barrier'], words.RAISES_NOTHING));
  }
  return problems;
}

function lineRuleProblems(lane: Item): readonly Problem[] {
  if (textOf(below(lane, 'direction')) !== 'in') return [];
  return useless(lane, ['whenLineDown'], words.FOR_EXITS);
}

type Role = Driver['roles'][number];

/** A reference to a device that does not exist, or that cannot do what the lane wants of it. */
function roleProblems(
  item: Item,
  known: ReadonlyMap<string, Known>,
  roles: readonly Role[],
  cannot: Sentence,
): readonly Problem[] {
  const id = textOf(item);
  if (id === undefined) return [];
  const device = known.get(id);
  if (device === undefined) {
    return [wrong(item, fill(words.NO_DEVICE, { id: quoted(id) }), suggest(id, [...known.keys()], words.DEVICES))];
  }
  const able = ({ driver }: Known): boolean => driver?.roles.some((role) => roles.includes(role)) ?? false;
  if (device.driver === undefined || able(device)) return [];
  const others = [...known].filter(([, other]) => able(other)).map(([name]) => name);
  const fix = others.length > 0 ? fill(words.ABLE, { names: others.join(', ') }) : words.ADD_ABLE;
  return [wrong(item, fill(cannot, { id: quoted(id), model: device.driver.model }), fix)];
}

function deviceProblems(device: Item, drivers: Drivers, login: boolean): readonly Problem[] {
  const driver = below(device, 'driver');
  const name = textOf(driver);
  if (name === undefined) return [];
  const found = driverOf(name, drivers);
  if (found === undefined) {
    const message = fill(words.NO_DRIVER, { name: quoted(name) });
    return [wrong(driver, message, suggest(name, Object.keys(drivers), words.DRIVERS))];
  }
  switch (found.transport) {
    case 'mqtt':
      return [...useless(device, ['port', 'baudRate'], fill(words.ON_MQTT, { name })), ...loginProblems(device, login)];
    case 'serial':
      return [...useless(device, ['username', 'password'], fill(words.ON_SERIAL, { name })), ...portProblems(device)];
  }
}

function useless(item: Item, keys: readonly string[], because: Said): readonly Problem[] {
  return keys
    .map((key) => below(item, key))
    .filter(present)
    .map(({ path }) => ({ path, at: 'key', message: fill(words.USELESS, { because }), fix: words.REMOVE }));
}

/** @param login whether the broker asks for one. */
function loginProblems(device: Item, login: boolean): readonly Problem[] {
  const keys = ['username', 'password'];
  // A half of a login is a mistake, whoever asks for it.
  if (!login && !keys.some((key) => present(below(device, key)))) return [];
  return keys.flatMap((key) => missing(below(device, key), fill(words.ADD_LOGIN, { key })));
}

function portProblems(device: Item): readonly Problem[] {
  return missing(below(device, 'port'), words.ADD_PORT);
}

function missing(item: Item, fix: Sentence): readonly Problem[] {
  return present(item) ? [] : [{ path: item.path, at: 'key', message: MISSING, fix }];
}

/** Readings of a device that stands at no lane would go nowhere. */
function unusedDevices(references: readonly Item[], known: ReadonlyMap<string, Known>): readonly Problem[] {
  const used = new Set(references.map(textOf));
  return [...known]
    .filter(([id]) => !used.has(id))
    .map(([id, { item }]) => wrong(below(item, 'id'), fill(words.NO_LANE, { id: quoted(id) }), words.NAME_IT));
}

function isEmbedded(mqtt: Item): boolean {
  const broker = below(mqtt, 'broker').value;
  return broker === undefined || broker === 'embedded';
}

function needsLogin(file: Item): boolean {
  const mqtt = below(file, 'mqtt');
  return isEmbedded(mqtt) && below(mqtt, 'anonymous').value !== true;
}

function brokerProblems(mqtt: Item): readonly Problem[] {
  if (isEmbedded(mqtt)) {
    return useless(mqtt, ['username', 'password'], words.EMBEDDED);
  }
  const [username, password] = [below(mqtt, 'username'), below(mqtt, 'password')];
  const alone = present(username) !== present(password);
  return [
    ...useless(mqtt, ['listen', 'allowRemote', 'anonymous', 'maxPacketBytes'], words.FOR_EMBEDDED),
    ...(alone ? [...missing(username, words.ADD_USERNAME), ...missing(password, words.ADD_PASSWORD)] : []),
  ];
}

/** Settings that lead nowhere without another one. */
function tunnelProblems(tunnel: Item): readonly Problem[] {
  const hops = below(tunnel, 'trustedHops');
  const proxy = below(tunnel, 'proxyProtocol');
  const restart = below(tunnel, 'restartFile');
  const problems: Problem[] = [];
  if (proxy.value === true && items(tunnel, 'trustedHops').length === 0) {
    const message = fill(words.NEEDS, { other: pathText(hops.path) });
    problems.push({ path: proxy.path, at: 'value', message, fix: words.NAME_PROXIES });
  }
  if (present(restart) && !present(below(tunnel, 'publicUrl'))) {
    problems.push({ path: restart.path, at: 'key', message: words.USELESS_HERE, fix: words.ADD_PUBLIC_URL });
  }
  return problems;
}

function listenProblems(file: Item, standard: StandardListen): readonly Problem[] {
  const servers = SERVERS.flatMap((name) => {
    const server = below(file, name);
    if (name === 'mqtt' && !isEmbedded(server)) return [];
    const listen = below(server, 'listen');
    const text = present(listen) ? textOf(listen) : standard.get(name);
    const address = text === undefined ? undefined : addressFrom(text);
    return address === undefined || text === undefined ? [] : [{ server, listen: { ...listen, value: text }, address }];
  });
  return servers.flatMap(({ server, listen, address }, index) => {
    const problems: Problem[] = [];
    if (!isLoopback(address.host) && below(server, 'allowRemote').value !== true) {
      problems.push(wrong(listen, fill(words.REMOTE, { value: show(listen.value) }), words.USE_LOOPBACK));
    }
    const other = servers.slice(0, index).find((before) => clash(before.address, address));
    if (other !== undefined) {
      const message = fill(words.ALSO, { value: show(listen.value), other: pathText(other.listen.path) });
      problems.push(wrong(listen, message, words.OWN_PORT));
    }
    return problems;
  });
}
