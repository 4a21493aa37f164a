/** What the answers' schema cannot see: names that lead nowhere, and answers that contradict each other. */

import { schemaProblems } from '../config/advice.ts';
import { type Drivers, driverOf } from '../config/checks.ts';
import { type Path, type Problem, pathText, show, suggest } from '../config/errors.ts';
import { optionsSchema } from '../config/load.ts';
import { shapeOf } from '../config/shape.ts';
import { type Source, valueAt } from '../config/source.ts';
import { readAmount } from '../config/tariff/values.ts';
import type { Said, Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import {
  BOARDS_ARE,
  CAMERAS_ARE,
  NO_BOARD_CALLED,
  NO_CAMERA_CALLED,
  OF_ITS_OWN,
  TAKEN,
  THIS,
  WORDS,
} from './answers-words.ts';
import { isPlainPath, ownListener } from './fields.ts';
import { cameraId, scannerId } from './site.ts';

/** Every contradiction in an answers file, in no particular order. It reads the file as it was written, however wrong the rest is. */
export function answersProblems(source: Source, drivers: Drivers): readonly Problem[] {
  const at = (...path: Path): unknown => valueAt(source.value, path);
  const list = (key: string): readonly Path[] => {
    const found = at(key);
    return Array.isArray(found) ? found.map((_, index) => [key, index]) : [];
  };
  const lanes = list('lanes');
  const relays = list('relays');
  return [
    ...twice(source, lanes, 'id', OF_ITS_OWN.lane),
    ...twice(source, relays, 'id', OF_ITS_OWN.relay),
    ...namesakes(source, lanes, relays),
    ...lanes.flatMap((lane) => [
      ...laneProblems(source, lane, drivers),
      ...barrierProblems(source, lane, relays, drivers),
    ]),
    ...unusedRelays(source, lanes, relays),
    ...portProblems(source, [
      ...lanes.map((lane) => [...lane, 'scanner', 'port']),
      ...relays.map((path) => [...path, 'port']),
    ]),
    ...sameCameras(source, lanes),
    ...sameRelays(source, lanes),
    ...mqttProblems(source, lanes),
    ...tariffProblems(source),
    ...pathProblems(source),
  ];
}

function problem(
  source: Source,
  path: Path,
  { message, fix }: { readonly message: Sentence; readonly fix: Sentence },
  values: Readonly<Record<string, Said>> = {},
): Problem {
  return placed(source, path, fill(message, values), fill(fix, values));
}

function placed(source: Source, path: Path, message: Sentence, fix: Sentence): Problem {
  const value = valueAt(source.value, path);
  if (value === undefined) return { path, at: 'key', message, fix };
  return { path, at: 'value', message, fix, value: show(value) };
}

/** The same name, or the same thing, in two places. */
function repeated(source: Source, paths: readonly Path[], fix: Sentence): readonly Problem[] {
  const seen = new Map<string, Path>();
  return paths.flatMap((path) => {
    const value = valueAt(source.value, path);
    if (value === undefined) return [];
    const key = JSON.stringify(value);
    const before = seen.get(key);
    if (before === undefined) {
      seen.set(key, path);
      return [];
    }
    const what = typeof value === 'string' ? show(value) : THIS;
    return [placed(source, path, fill(TAKEN, { value: what, path: pathText(before) }), fix)];
  });
}

function twice(source: Source, items: readonly Path[], key: string, fix: Sentence): readonly Problem[] {
  return repeated(
    source,
    items.map((path) => [...path, key]),
    fix,
  );
}

/** A relay board that is called what a lane's camera or scanner is called. */
function namesakes(source: Source, lanes: readonly Path[], relays: readonly Path[]): readonly Problem[] {
  const ids = lanes.map((lane) => String(valueAt(source.value, [...lane, 'id'])));
  const names = new Set<unknown>(ids.flatMap((id) => [cameraId(id), scannerId(id)]));
  return relays
    .map((relay): Path => [...relay, 'id'])
    .filter((path) => names.has(valueAt(source.value, path)))
    .map((path) => problem(source, path, WORDS.namesake));
}

function portProblems(source: Source, ports: readonly Path[]): readonly Problem[] {
  return repeated(source, ports, OF_ITS_OWN.port);
}

function sameCameras(source: Source, lanes: readonly Path[]): readonly Problem[] {
  const options = lanes
    .map((lane): Path => [...lane, 'camera', 'options'])
    .filter((path) => Object.keys(Object(valueAt(source.value, path))).length > 0);
  return repeated(source, options, OF_ITS_OWN.camera);
}

function sameRelays(source: Source, lanes: readonly Path[]): readonly Problem[] {
  const arms = lanes
    .map((lane): Path => [...lane, 'barrier'])
    .filter((path) => valueAt(source.value, [...path, 'relay']) !== undefined);
  return repeated(source, arms, OF_ITS_OWN.arm);
}

function laneProblems(source: Source, lane: Path, drivers: Drivers): readonly Problem[] {
  const found = valueAt(source.value, lane);
  const problems: Problem[] = [];
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return problems;
  const below = (...path: Path): unknown => valueAt(found, path);
  if (below('camera') === undefined && below('scanner') === undefined) {
    problems.push(problem(source, lane, WORDS.blind));
  }
  if (below('direction') === 'in' && below('whenLineDown') !== undefined) {
    const path = [...lane, 'whenLineDown'];
    problems.push({ path, at: 'key', ...WORDS.exitOnly });
  }
  return [...problems, ...cameraProblems(source, [...lane, 'camera'], drivers)];
}

function cameraProblems(source: Source, camera: Path, drivers: Drivers): readonly Problem[] {
  const name = valueAt(source.value, [...camera, 'driver']);
  if (typeof name !== 'string') return [];
  const driver = driverOf(name, drivers);
  if (driver?.transport !== 'mqtt' || !driver.roles.includes('camera')) {
    const fix = suggest(name, camerasOf(drivers), CAMERAS_ARE);
    return [placed(source, [...camera, 'driver'], fill(NO_CAMERA_CALLED, { name: show(name) }), fix)];
  }
  const base = [...camera, 'options'];
  const options = valueAt(source.value, base) ?? {};
  if (typeof options !== 'object' || Array.isArray(options)) return [];
  const schema = optionsSchema(driver);
  const parsed = schema.safeParse(options);
  return parsed.success ? [] : schemaProblems(parsed.error.issues, shapeOf(schema), source, base);
}

/** The drivers that a lane's camera can have. */
export function camerasOf(drivers: Drivers): readonly string[] {
  return Object.entries(drivers).flatMap(([name, { transport, roles }]) =>
    transport === 'mqtt' && roles.includes('camera') ? [name] : [],
  );
}

function barrierProblems(source: Source, lane: Path, relays: readonly Path[], drivers: Drivers): readonly Problem[] {
  const barrier: Path = [...lane, 'barrier'];
  const [camera, relay, output] = ['camera', 'relay', 'output'].map((key) => valueAt(source.value, [...barrier, key]));
  if (typeof valueAt(source.value, barrier) !== 'object') return [];
  if ((camera === undefined) === (relay === undefined)) {
    return [problem(source, barrier, camera === undefined ? WORDS.noWay : WORDS.twoWays)];
  }
  if (relay !== undefined) {
    const known = relays.map((path) => valueAt(source.value, [...path, 'id']));
    const names = known.filter((name) => typeof name === 'string');
    const missing = output === undefined ? [problem(source, [...barrier, 'output'], WORDS.noOutput)] : [];
    if (typeof relay !== 'string' || names.includes(relay)) return missing;
    const fix = suggest(relay, names, BOARDS_ARE);
    return [...missing, placed(source, [...barrier, 'relay'], fill(NO_BOARD_CALLED, { name: show(relay) }), fix)];
  }
  if (output !== undefined) return [{ path: [...barrier, 'output'], at: 'key', ...WORDS.outputTwice }];
  const name = valueAt(source.value, [...lane, 'camera', 'driver']);
  const driver = typeof name === 'string' ? driverOf(name, drivers) : undefined;
  if (name !== undefined && (driver === undefined || driver.roles.includes('barrier'))) return [];
  const words = name === undefined ? WORDS.noCameraHere : WORDS.armless;
  return [problem(source, [...barrier, 'camera'], words, { name: show(name) })];
}

function unusedRelays(source: Source, lanes: readonly Path[], relays: readonly Path[]): readonly Problem[] {
  const used = lanes.map((lane) => valueAt(source.value, [...lane, 'barrier', 'relay']));
  return relays.flatMap((path) => {
    const id = valueAt(source.value, [...path, 'id']);
    if (typeof id !== 'string' || used.includes(id)) return [];
    return [problem(source, [...path, 'id'], WORDS.idle, { name: show(id) })];
  });
}

function mqttProblems(source: Source, lanes: readonly Path[]): readonly Problem[] {
  const of = (key: string): unknown => valueAt(source.value, ['mqtt', key]);
  const unused = (key: string, words: (typeof WORDS)[keyof typeof WORDS]): readonly Problem[] =>
    of(key) === undefined ? [] : [{ path: ['mqtt', key], at: 'key', ...words }];
  const embedded = of('broker') === undefined || of('broker') === 'embedded';
  if (!embedded) {
    const alone = (of('username') === undefined) !== (of('password') === undefined);
    const lacks = of('username') === undefined ? 'username' : 'password';
    const half = problem(source, ['mqtt', lacks], WORDS.halfLogin, { key: lacks });
    return [...unused('listen', WORDS.ownBroker), ...(alone ? [half] : [])];
  }
  const cameras = lanes.some((lane) => valueAt(source.value, [...lane, 'camera']) !== undefined);
  const listen = of('listen');
  const problems = [...unused('username', WORDS.ownLogins), ...unused('password', WORDS.ownLogins)];
  if (!cameras) return [...problems, ...unused('listen', WORDS.nobodyListens)];
  if (listen === undefined) return [...problems, { path: ['mqtt', 'listen'], at: 'key', ...WORDS.noListen }];
  const taken = typeof listen === 'string' ? ownListener(listen) : undefined;
  if (taken === undefined) return problems;
  return [...problems, problem(source, ['mqtt', 'listen'], WORDS.listenTaken, { value: show(listen), taken })];
}

function tariffProblems(source: Source): readonly Problem[] {
  const of = (key: string): unknown => valueAt(source.value, ['tariff', key]);
  if (typeof valueAt(source.value, ['tariff']) !== 'object') return [];
  const file = of('file') !== undefined;
  const own = ['freeMinutes', 'perHour', 'dayCap', 'leaveMinutes'];
  if (file) {
    return own
      .filter((key) => of(key) !== undefined)
      .map((key) => ({ path: ['tariff', key], at: 'key', ...WORDS.pricesTwice }));
  }
  const problems: Problem[] = [];
  if (of('perHour') === undefined) {
    problems.push({ path: ['tariff', 'perHour'], at: 'key', ...WORDS.noPrice });
  }
  if (of('classes') !== undefined) {
    problems.push({ path: ['tariff', 'classes'], at: 'key', ...WORDS.ownClasses });
  }
  const [hour, cap] = [readAmount(String(of('perHour'))), readAmount(String(of('dayCap')))];
  if (hour !== undefined && cap !== undefined && cap < hour) {
    problems.push(problem(source, ['tariff', 'dayCap'], WORDS.lowCap, { value: show(of('dayCap')) }));
  }
  return problems;
}

/** What stands behind the host of the public address becomes `mallcoo.basePath`, which takes fewer characters. */
function pathProblems(source: Source): readonly Problem[] {
  const path: Path = ['tunnel', 'publicUrl'];
  const url = valueAt(source.value, path);
  if (typeof url !== 'string' || !URL.canParse(url) || isPlainPath(url)) return [];
  return [problem(source, path, WORDS.oddPath, { value: show(url) })];
}
