/** The price sheets that the configuration names: found beside it, read, checked, and compiled for each park. */
import { dirname, isAbsolute, join } from 'node:path';
import type { Sentence } from '../core/errors.ts';
import type { ParkId } from '../core/ids.ts';
import { fill } from '../core/sentence.ts';
import type { HolidayCalendar } from '../core/tariff/calendar.ts';
import type { SheetVersion } from '../core/tariff/sheet.ts';
import type { Tariff } from '../core/tariff/tariff.ts';
import { zoneOf } from '../core/time.ts';
import { type ConfigError, type Path, type Problem, quoted, show, suggest } from './errors.ts';
import { CLASS_COLOURS } from './schema.ts';
import { reasonOf } from './secrets.ts';
import { valueAt } from './source.ts';
import { loadTariff, type TextFile } from './tariff/park.ts';
import type { Problem as SheetProblem } from './tariff/problems.ts';
import { isZone } from './values.ts';

/** What prices a park's stays. */
export interface Pricing {
  readonly tariff: Tariff;
  /** For the fault that is raised before its years end. */
  readonly calendar: HolidayCalendar;
  /** What the tariff was compiled from: whether a reload brings other prices is seen by it. */
  readonly versions: readonly SheetVersion[];
}

/** Where the sheets are. */
export interface SheetFolder {
  /** The configuration file: sheets are found from its folder. */
  readonly file: string;
  /** Reads a file as text. @throws when it cannot. */
  readFile(path: string): string;
}

export interface LoadedPricing {
  /** By park; a park is missing when its sheet cannot be used. */
  readonly parks: ReadonlyMap<ParkId, Pricing>;
  /** Mistakes in the configuration file: names that lead nowhere. */
  readonly problems: readonly Problem[];
  /** What is odd in the configuration file. */
  readonly oddities: readonly Problem[];
  /** Mistakes in the sheets, at their place there. */
  readonly errors: readonly ConfigError[];
  /** What is odd in the sheets: they can be used, but somebody should look. */
  readonly warnings: readonly ConfigError[];
}

const UNREADABLE: Sentence = { zh: '{file} 无法读取（{reason}）', en: '{file} cannot be read ({reason})' };
const WRITE_PATH: Sentence = {
  zh: '请写文件的路径（从配置文件所在的文件夹起，或从 / 起），并让它可读。',
  en: 'Write the path of the file, from the folder of the configuration or from /, and make it readable.',
};
const NO_CLASS: Sentence = {
  zh: '价格表 {tariff} 中没有车型 {name}',
  en: 'there is no class {name} in the tariff {tariff}',
};
const CLASSES: Sentence = { zh: '它的车型有', en: 'Its classes are' };
const NO_COLOUR: Sentence = {
  zh: '没有给价格表 {tariff} 的车型 {names} 指定车牌颜色',
  en: 'names no colour for {names} of the tariff {tariff}',
};
const SAY_COLOUR: Sentence = {
  zh: '请写明哪种车牌按此收费，例如 "classes: { green: {name} }"。',
  en: 'Say which plates pay so, for example "classes: { green: {name} }".',
};
const SAID_OF: Sentence = { zh: '{value} {message}', en: '{value} {message}' };

const STANDARD_ZONE = 'Asia/Shanghai';

/**
 * Reads every sheet that the file names, for the zone of each park that uses it. It looks at the file as it was written,
 * so that mistakes in the sheets are told together with all others; what is not even of the right type is passed over.
 */
export function loadPricing(root: unknown, folder: SheetFolder): LoadedPricing {
  const problems: Problem[] = [];
  const oddities: Problem[] = [];
  const found = new Map<string, SheetProblem>();
  const loaded = new Map<string, Pricing | null>();
  const read = (name: unknown, path: Path): TextFile | null => {
    if (typeof name !== 'string') return null;
    const file = isAbsolute(name) ? name : join(dirname(folder.file), name);
    try {
      return { file, text: folder.readFile(file) };
    } catch (error) {
      const message = fill(UNREADABLE, { file: quoted(file), reason: reasonOf(error) });
      problems.push({ path, at: 'value', message, fix: WRITE_PATH, value: show(name) });
      return null;
    }
  };
  const holidaysAt = valueAt(root, ['holidays']);
  const holidays = holidaysAt === undefined ? null : read(holidaysAt, ['holidays']);

  function load(key: string, sheets: readonly TextFile[], zone: string): Pricing | null {
    const place = `${key}\n${zone}`;
    const known = loaded.get(place);
    if (known !== undefined) return known;
    const { tariff, calendar, versions, problems: mistakes } = loadTariff(sheets, holidays, zoneOf(zone));
    // Two zones, or two keys, that share a file share its mistakes.
    for (const one of mistakes) found.set([one.file, one.line, one.column, one.key, one.message.en].join('\n'), one);
    const pricing = tariff && { tariff, calendar, versions };
    loaded.set(place, pricing);
    return pricing;
  }

  const texts = new Map(sheetNames(root).map(({ key, names, path }) => [key, readAll(names, path, read)]));
  const parks = new Map<ParkId, Pricing>();
  const used = new Set<string>();
  for (const { id, key, zone, classes, path } of parksOf(root)) {
    const sheets = texts.get(key);
    if (!sheets) continue;
    used.add(key);
    const pricing = load(key, sheets, zone);
    if (!pricing) continue;
    problems.push(...classProblems(classes, [...path, 'classes'], key, pricing.tariff));
    oddities.push(...unusedClasses(classes, path, key, pricing.tariff));
    parks.set(id, pricing);
  }
  for (const [key, sheets] of texts) if (sheets && !used.has(key)) load(key, sheets, STANDARD_ZONE);
  const mistakes = [...found.values()].toSorted(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  );
  return {
    parks,
    problems,
    oddities,
    errors: mistakes.filter(({ severity }) => severity === 'error').map(asConfigError),
    warnings: mistakes.filter(({ severity }) => severity === 'warning').map(asConfigError),
  };
}

interface SheetNames {
  readonly key: string;
  readonly names: readonly unknown[];
  readonly path: Path;
}

function sheetNames(root: unknown): readonly SheetNames[] {
  const tariffs = valueAt(root, ['tariffs']);
  if (typeof tariffs !== 'object' || tariffs === null || Array.isArray(tariffs)) return [];
  return Object.entries(tariffs).map(([key, value]: [string, unknown]) => ({
    key,
    names: Array.isArray(value) ? value : [value],
    path: ['tariffs', key],
  }));
}

/** All files of a tariff, or null when one of them cannot be read: half of the versions would price wrongly. */
function readAll(
  names: readonly unknown[],
  path: Path,
  read: (name: unknown, path: Path) => TextFile | null,
): readonly TextFile[] | null {
  const files = names.map((name, index) => read(name, names.length > 1 ? [...path, index] : path));
  const readable = files.filter((file) => file !== null);
  return readable.length === names.length && names.length > 0 ? readable : null;
}

interface ParkSheet {
  readonly id: ParkId;
  readonly key: string;
  readonly zone: string;
  readonly classes: unknown;
  readonly path: Path;
}

function parksOf(root: unknown): readonly ParkSheet[] {
  const parks = valueAt(root, ['parks']);
  if (!Array.isArray(parks)) return [];
  return parks.flatMap((park, index) => {
    const [id, key, zone] = ['id', 'tariff', 'zone'].map((name) => valueAt(park, [name]));
    if (typeof key !== 'string') return [];
    const found = typeof zone === 'string' && isZone(zone) ? zone : STANDARD_ZONE;
    const classes = valueAt(park, ['classes']);
    return [{ id: String(id) as ParkId, key, zone: found, classes, path: ['parks', index] }];
  });
}

/** Classes that the sheet does not have. */
function classProblems(classes: unknown, path: Path, key: string, tariff: Tariff): readonly Problem[] {
  if (typeof classes !== 'object' || classes === null || Array.isArray(classes)) return [];
  return Object.entries(classes).flatMap(([colour, name]: [string, unknown]) => {
    const known = CLASS_COLOURS.some((one) => one === colour);
    if (!known || typeof name !== 'string' || tariff.classes.includes(name)) return [];
    const message = fill(NO_CLASS, { name: quoted(name), tariff: quoted(key) });
    return [
      {
        path: [...path, colour],
        at: 'value',
        message,
        fix: suggest(name, tariff.classes, CLASSES),
        value: show(name),
      },
    ];
  });
}

/** Classes of the sheet that no colour means here: nobody would ever pay their prices. */
function unusedClasses(classes: unknown, path: Path, key: string, tariff: Tariff): readonly Problem[] {
  const named = CLASS_COLOURS.map((colour) => valueAt(classes, [colour]));
  const unused = tariff.classes.filter((name) => !named.includes(name));
  if (unused.length === 0) return [];
  const message = fill(NO_COLOUR, { names: unused.map(quoted).join(', '), tariff: quoted(key) });
  const fix = fill(SAY_COLOUR, { name: unused[0] ?? '' });
  return [{ path: [...path, 'classes'], at: 'key', message, fix }];
}

function asConfigError({ file, line, column, key, value, message, fix }: SheetProblem): ConfigError {
  const place = { file, line, column, path: key };
  const sentence: Sentence = {
    zh: `${fix.zh}${fix.zh.endsWith('？') ? '' : '。'}`,
    en: `${fix.en.charAt(0).toUpperCase()}${fix.en.slice(1)}${fix.en.endsWith('?') ? '' : '.'}`,
  };
  return value === ''
    ? { ...place, message, fix: sentence }
    : { ...place, message: fill(SAID_OF, { value: quoted(value), message }), value: quoted(value), fix: sentence };
}
