/** The tables of passes that the configuration names: found beside it, read, checked, and compiled for each park. */
import { dirname, resolve } from 'node:path';
import type { Sentence } from '../../core/errors.ts';
import type { ParkId } from '../../core/ids.ts';
import { compilePasses, type Passes } from '../../core/park/pass.ts';
import { fill } from '../../core/sentence.ts';
import { zoneOf } from '../../core/time.ts';
import { type ConfigError, type Path, type Problem, show } from '../errors.ts';
import { reasonOf } from '../secrets.ts';
import { type Place, valueAt } from '../source.ts';
import { isZone } from '../values.ts';
import { placesIn } from './csv.ts';
import { type PassProblem, type PassText, type ReadRows, readRows, type TableRow } from './rows.ts';
import { decodeTable } from './text.ts';

/** Where the tables are. */
export interface PassFolder {
  /** The configuration file: tables are found from its folder. */
  readonly file: string;
  /** Reads a file as text. @throws when it cannot. */
  readFile(path: string): string;
  /** Reads a file as it is. Where it is left out, all files are UTF-8. @throws when it cannot. */
  readBytes?(path: string): Uint8Array;
}

export interface LoadedPasses {
  /** By park; a park without passes is not among them. */
  readonly parks: ReadonlyMap<ParkId, Passes>;
  /** Mistakes in the configuration file: names that lead nowhere. */
  readonly problems: readonly Problem[];
  /** Mistakes in the tables, at their place there. */
  readonly errors: readonly ConfigError[];
  /** Lines of one plate that overlap: both hold, but somebody should look. */
  readonly warnings: readonly ConfigError[];
}

/** Of one file no more are told: the same mistake in every line is one mistake. */
const MOST_TOLD = 100;

/**
 * Reads every table that a park names, for the park's zone. It looks at the file as it was written, so that mistakes in
 * the tables are told together with all others; what is not even of the right type is passed over.
 */
export function loadPasses(root: unknown, folder: PassFolder): LoadedPasses {
  const problems: Problem[] = [];
  const read = new Map<string, ReadRows | null>();
  const parks = new Map<ParkId, Passes>();
  const overlaps = new Map<string, Overlap>();
  for (const { id, names, zone, path } of parksOf(root)) {
    const tables = names.map((name, index) => {
      const file = resolve(dirname(folder.file), name);
      const place = names.length > 1 ? [...path, index] : path;
      const table = read.get(file) ?? readTable(name, file, folder, place, problems);
      read.set(file, table);
      return table;
    });
    const compiled = compilePasses(
      tables.flatMap((table) => table?.rows ?? []),
      zoneOf(zone),
    );
    parks.set(id, compiled.passes);
    // Two parks that share a file share its oddities.
    for (const { row, other } of compiled.overlaps) {
      const { source, at } = row;
      overlaps.set(`${source.file}\n${at}`, { source, at, row, other });
    }
  }
  const mistakes = [...read.values()].flatMap((table) => table?.problems ?? []);
  const place = placesOf();
  return {
    parks,
    problems,
    errors: told(mistakes, (one) => asConfigError(one, place)),
    warnings: told([...overlaps.values()], (one) => asConfigError(overlapOf(one, place), place)),
  };
}

interface ParkTables {
  readonly id: ParkId;
  readonly names: readonly string[];
  readonly zone: string;
  readonly path: Path;
}

function parksOf(root: unknown): readonly ParkTables[] {
  const parks = valueAt(root, ['parks']);
  if (!Array.isArray(parks)) return [];
  return parks.flatMap((park, index) => {
    const [id, value, zone] = ['id', 'passes', 'zone'].map((name) => valueAt(park, [name]));
    const names = (Array.isArray(value) ? value : [value]).filter((name) => typeof name === 'string');
    if (names.length === 0) return [];
    const known = typeof zone === 'string' && isZone(zone) ? zone : 'Asia/Shanghai';
    return [{ id: String(id) as ParkId, names, zone: known, path: ['parks', index, 'passes'] }];
  });
}

/** What is wrong with a file or value that is named in front of it. */
const NAMED: Sentence = { zh: '{file} {message}', en: '{file} {message}' };
const UNREADABLE = {
  message: { zh: '无法读取（{reason}）', en: 'cannot be read ({reason})' },
  fix: {
    zh: '写出文件的路径（从配置所在文件夹算起，或从 / 算起），并让它可读。',
    en: 'Write the path of the file, from the folder of the configuration or from /, and make it readable.',
  },
};

/** Null when there is nothing to read; why is a problem of the configuration then. */
function readTable(name: string, file: string, folder: PassFolder, path: Path, problems: Problem[]): ReadRows | null {
  const wrong = (message: Sentence, fix: Sentence): null => {
    const shown = fill(NAMED, { file: show(file), message });
    problems.push({ path, at: 'value', message: shown, fix, value: show(name) });
    return null;
  };
  try {
    const bytes = folder.readBytes?.(file) ?? new TextEncoder().encode(folder.readFile(file));
    const decoded = decodeTable(bytes);
    return 'text' in decoded ? readRows({ file, text: decoded.text }) : wrong(decoded.message, decoded.fix);
  } catch (error) {
    return wrong(fill(UNREADABLE.message, { reason: reasonOf(error) }), UNREADABLE.fix);
  }
}

const AND_MORE = {
  message: { zh: '后面还有 {n} 处错误', en: 'and {n} more after this' },
  fix: { zh: '请先改正这些。', en: 'Correct these first.' },
};

/** Of each file the first ones, and how many more there are. */
function told<T extends { readonly source: PassText; readonly at: number }>(
  all: readonly T[],
  tell: (one: T) => ConfigError,
): readonly ConfigError[] {
  const byFile = Map.groupBy(all, ({ source }) => source);
  return [...byFile.values()].flatMap((own) => {
    const errors = own
      .toSorted((a, b) => a.at - b.at)
      .slice(0, MOST_TOLD)
      .map(tell);
    const last = errors.at(-1);
    if (own.length <= MOST_TOLD || !last) return errors;
    const { file, line, column } = last;
    const message = fill(AND_MORE.message, { n: String(own.length - MOST_TOLD) });
    return [...errors, { file, line, column, path: '', message, fix: AND_MORE.fix }];
  });
}

type PlaceOf = (source: PassText, at: number) => Place;

/** Places in the tables; their lines are counted once, and only where there is something to tell. */
function placesOf(): PlaceOf {
  const known = new Map<PassText, (at: number) => Place>();
  return (source, at) => {
    const place = known.get(source) ?? placesIn(source.text);
    known.set(source, place);
    return place(at);
  };
}

interface Overlap {
  readonly source: PassText;
  readonly at: number;
  readonly row: TableRow;
  readonly other: TableRow;
}

function overlapOf({ row, other }: Overlap, place: PlaceOf): PassProblem {
  const { line } = place(other.source, other.at);
  const elsewhere = other.source === row.source ? null : other.source.file;
  return {
    source: row.source,
    at: row.at,
    column: '',
    value: row.plate,
    message: {
      zh: `与${elsewhere === null ? '' : ` ${elsewhere} `}第 ${line} 行的日期重叠`,
      en: `has days in common with line ${line}${elsewhere === null ? '' : ` of ${elsewhere}`}`,
    },
    fix: { zh: '两行都有效；请确认是否有意。', en: 'Both hold; remove one of them if that is not meant.' },
  };
}

function asConfigError({ source, at, column, value, message, fix }: PassProblem, place: PlaceOf): ConfigError {
  const where = { file: source.file, ...place(source, at), path: column };
  if (value === '') return { ...where, message, fix };
  return { ...where, message: fill(NAMED, { file: show(value), message }), value: show(value), fix };
}
