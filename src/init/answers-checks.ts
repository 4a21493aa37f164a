/** What the answers' schema cannot see: names that lead nowhere, and answers that contradict each other. */

import { schemaProblems } from '../config/advice.ts';
import { type Drivers, driverOf } from '../config/checks.ts';
import { type Path, type Problem, pathText, show, suggest } from '../config/errors.ts';
import { optionsSchema } from '../config/load.ts';
import { shapeOf } from '../config/shape.ts';
import { type Source, valueAt } from '../config/source.ts';
import { readAmount } from '../config/tariff/values.ts';
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
    ...twice(source, lanes, 'id', 'lane'),
    ...twice(source, relays, 'id', 'relay board'),
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

function problem(source: Source, path: Path, message: string, fix: string): Problem {
  const value = valueAt(source.value, path);
  if (value === undefined) return { path, at: 'key', message, fix };
  return { path, at: 'value', message, fix, value: show(value) };
}

/** The same name, or the same thing, in two places. */
function repeated(source: Source, paths: readonly Path[], fix: string): readonly Problem[] {
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
    const what = typeof value === 'string' ? show(value) : 'this';
    return [problem(source, path, `${what} is already that of ${pathText(before)}`, fix)];
  });
}

function twice(source: Source, items: readonly Path[], key: string, what: string): readonly Problem[] {
  return repeated(
    source,
    items.map((path) => [...path, key]),
    `Give each ${what} one of its own.`,
  );
}

/** A relay board that is called what a lane's camera or scanner is called. */
function namesakes(source: Source, lanes: readonly Path[], relays: readonly Path[]): readonly Problem[] {
  const ids = lanes.map((lane) => String(valueAt(source.value, [...lane, 'id'])));
  const names = new Set<unknown>(ids.flatMap((id) => [cameraId(id), scannerId(id)]));
  return relays
    .map((relay): Path => [...relay, 'id'])
    .filter((path) => names.has(valueAt(source.value, path)))
    .map((path) =>
      problem(source, path, "is the name of a lane's camera or scanner", 'Write another one, for example relay-1.'),
    );
}

function portProblems(source: Source, ports: readonly Path[]): readonly Problem[] {
  return repeated(source, ports, 'Each device has a port of its own: look where each of them is plugged in.');
}

function sameCameras(source: Source, lanes: readonly Path[]): readonly Problem[] {
  const options = lanes
    .map((lane): Path => [...lane, 'camera', 'options'])
    .filter((path) => Object.keys(Object(valueAt(source.value, path))).length > 0);
  return repeated(source, options, 'A camera stands at one lane: write what tells them apart.');
}

function sameRelays(source: Source, lanes: readonly Path[]): readonly Problem[] {
  const arms = lanes
    .map((lane): Path => [...lane, 'barrier'])
    .filter((path) => valueAt(source.value, [...path, 'relay']) !== undefined);
  return repeated(source, arms, 'Each arm has a relay of its own.');
}

function laneProblems(source: Source, lane: Path, drivers: Drivers): readonly Problem[] {
  const found = valueAt(source.value, lane);
  const problems: Problem[] = [];
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return problems;
  const below = (...path: Path): unknown => valueAt(found, path);
  if (below('camera') === undefined && below('scanner') === undefined) {
    problems.push(problem(source, lane, 'has neither a camera nor a scanner', 'Add "camera:" or "scanner:".'));
  }
  if (below('direction') === 'in' && below('whenLineDown') !== undefined) {
    const path = [...lane, 'whenLineDown'];
    problems.push({
      path,
      at: 'key',
      message: 'has no use here: it is for exits, and vehicles enter here',
      fix: 'Remove it.',
    });
  }
  return [...problems, ...cameraProblems(source, [...lane, 'camera'], drivers)];
}

function cameraProblems(source: Source, camera: Path, drivers: Drivers): readonly Problem[] {
  const name = valueAt(source.value, [...camera, 'driver']);
  if (typeof name !== 'string') return [];
  const driver = driverOf(name, drivers);
  if (driver?.transport !== 'mqtt' || !driver.roles.includes('camera')) {
    const cameras = camerasOf(drivers);
    const fix = suggest(name, cameras, 'The cameras are');
    return [problem(source, [...camera, 'driver'], `there is no camera ${show(name)}`, fix)];
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
    const fix = 'Write either { camera: 0 } or { relay: relay-1, output: 1 }.';
    return [problem(source, barrier, camera === undefined ? 'says no way to raise the arm' : 'says two ways', fix)];
  }
  if (relay !== undefined) {
    const known = relays.map((path) => valueAt(source.value, [...path, 'id']));
    const names = known.filter((name) => typeof name === 'string');
    const missing =
      output === undefined ? [problem(source, [...barrier, 'output'], 'is missing', 'Add "output:", from 1.')] : [];
    if (typeof relay !== 'string' || names.includes(relay)) return missing;
    const fix = suggest(relay, names, 'The boards under "relays" are');
    return [...missing, problem(source, [...barrier, 'relay'], `there is no relay board ${show(relay)}`, fix)];
  }
  if (output !== undefined) {
    const fix = 'Remove it: "camera:" is the number of the output.';
    return [{ path: [...barrier, 'output'], at: 'key', message: 'has no use here', fix }];
  }
  const name = valueAt(source.value, [...lane, 'camera', 'driver']);
  const driver = typeof name === 'string' ? driverOf(name, drivers) : undefined;
  if (name !== undefined && (driver === undefined || driver.roles.includes('barrier'))) return [];
  const message = name === undefined ? 'there is no camera at this lane' : `a ${show(name)} cannot raise an arm`;
  return [problem(source, [...barrier, 'camera'], message, 'Use a relay: { relay: relay-1, output: 1 }.')];
}

function unusedRelays(source: Source, lanes: readonly Path[], relays: readonly Path[]): readonly Problem[] {
  const used = lanes.map((lane) => valueAt(source.value, [...lane, 'barrier', 'relay']));
  return relays.flatMap((path) => {
    const id = valueAt(source.value, [...path, 'id']);
    if (typeof id !== 'string' || used.includes(id)) return [];
    return [
      problem(source, [...path, 'id'], `${show(id)} raises no arm`, 'Name it under "barrier" of a lane, or remove it.'),
    ];
  });
}

function mqttProblems(source: Source, lanes: readonly Path[]): readonly Problem[] {
  const of = (key: string): unknown => valueAt(source.value, ['mqtt', key]);
  const unused = (key: string, message: string): readonly Problem[] =>
    of(key) === undefined ? [] : [{ path: ['mqtt', key], at: 'key', message, fix: 'Remove it.' }];
  const embedded = of('broker') === undefined || of('broker') === 'embedded';
  if (!embedded) {
    const alone = (of('username') === undefined) !== (of('password') === undefined);
    const lacks = of('username') === undefined ? 'username' : 'password';
    const half: Problem = { path: ['mqtt', lacks], at: 'key', message: 'is missing', fix: `Add "${lacks}:" too.` };
    return [...unused('listen', 'is for the embedded broker'), ...(alone ? [half] : [])];
  }
  const own = 'has no use here: the broker is embedded, and its devices have logins of their own';
  const cameras = lanes.some((lane) => valueAt(source.value, [...lane, 'camera']) !== undefined);
  const listen = of('listen');
  const problems = [...unused('username', own), ...unused('password', own)];
  if (!cameras) return [...problems, ...unused('listen', 'has no use here: there is no camera')];
  if (listen === undefined) {
    const fix = 'Add "listen:" with an address of this machine that the cameras reach, for example 192.168.1.10:1883.';
    return [...problems, { path: ['mqtt', 'listen'], at: 'key', message: 'is missing', fix }];
  }
  const taken = typeof listen === 'string' ? ownListener(listen) : undefined;
  if (taken === undefined) return problems;
  return [
    ...problems,
    problem(
      source,
      ['mqtt', 'listen'],
      `${show(listen)} is where Gatepost listens itself (${taken})`,
      'Use port 1883.',
    ),
  ];
}

function tariffProblems(source: Source): readonly Problem[] {
  const of = (key: string): unknown => valueAt(source.value, ['tariff', key]);
  if (typeof valueAt(source.value, ['tariff']) !== 'object') return [];
  const file = of('file') !== undefined;
  const own = ['freeMinutes', 'perHour', 'dayCap', 'leaveMinutes'];
  if (file) {
    return own
      .filter((key) => of(key) !== undefined)
      .map((key) => ({
        path: ['tariff', key],
        at: 'key',
        message: 'has no use here: "file" has the prices',
        fix: 'Remove one of the two.',
      }));
  }
  const problems: Problem[] = [];
  if (of('perHour') === undefined) {
    problems.push({
      path: ['tariff', 'perHour'],
      at: 'key',
      message: 'is missing',
      fix: 'Add "perHour:" in yuan, or "file:" with a price sheet.',
    });
  }
  if (of('classes') !== undefined) {
    problems.push({
      path: ['tariff', 'classes'],
      at: 'key',
      message: 'has no use here: it is for a sheet of your own',
      fix: 'Remove it.',
    });
  }
  const [hour, cap] = [readAmount(String(of('perHour'))), readAmount(String(of('dayCap')))];
  if (hour !== undefined && cap !== undefined && cap < hour) {
    problems.push(
      problem(
        source,
        ['tariff', 'dayCap'],
        `${show(of('dayCap'))} is less than one hour costs`,
        'Write a larger one, or remove it.',
      ),
    );
  }
  return problems;
}

/** What stands behind the host of the public address becomes `mallcoo.basePath`, which takes fewer characters. */
function pathProblems(source: Source): readonly Problem[] {
  const path: Path = ['tunnel', 'publicUrl'];
  const url = valueAt(source.value, path);
  if (typeof url !== 'string' || !URL.canParse(url) || isPlainPath(url)) return [];
  return [
    problem(
      source,
      path,
      `${show(url)} has a path that is not possible`,
      'Write letters, digits, "-", "_" and "." between single slashes.',
    ),
  ];
}
