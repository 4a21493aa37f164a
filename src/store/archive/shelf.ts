/** The archive's files as they are known in memory: for each park its batches, oldest first. */
import type { Sentence } from '../../core/errors.ts';
import type { ParkId } from '../../core/ids.ts';
import type { Traffic } from '../../core/park/queries.ts';
import { fill } from '../../core/sentence.ts';
import { type Instant, SECOND } from '../../core/time.ts';
import type { Faults } from '../../gateway/ports.ts';
import type { FileName } from './names.ts';
import { countWithin, type TrafficFile } from './traffic-file.ts';
import type { VisitsFile, VisitsSummary } from './visits-file.ts';

const GONE: Sentence = { zh: '缺少批次 {batches}', en: 'batch {batches} is missing' };

/** A file of visits at rest: its index stays on the disk. */
export interface Shelved {
  readonly name: FileName;
  readonly bytes: number;
  readonly indexBytes: number;
  readonly filter: Uint32Array;
  readonly summary: VisitsSummary;
}

/** A park's files, oldest batch first. */
export interface Shelf {
  readonly visits: Shelved[];
  readonly traffic: TrafficFile[];
}

export interface ArchiveStats extends VisitsSummary {
  readonly files: number;
  /** On the disk, indexes included. */
  readonly bytes: number;
  readonly passages: number;
}

export function shelfOf(shelves: Map<ParkId, Shelf>, park: ParkId): Shelf {
  let shelf = shelves.get(park);
  if (!shelf) {
    shelf = { visits: [], traffic: [] };
    shelves.set(park, shelf);
  }
  return shelf;
}

/** Keeps the order of batches, and one file for each. */
export function insert<T extends { readonly name: FileName }>(files: T[], file: T): void {
  const { batch } = file.name;
  const at = files.findLastIndex(({ name }) => name.batch <= batch);
  files.splice(files[at]?.name.batch === batch ? at : at + 1, files[at]?.name.batch === batch ? 1 : 0, file);
}

export function shelve({ name, bytes, index }: VisitsFile): Shelved {
  return { name, bytes, indexBytes: index.bytes, filter: index.filter, summary: index.summary };
}

/** Retention removes the oldest and never the newest, so from the oldest to the last handed over none may be missing. */
export function tellMissing({ visits, traffic }: Shelf, park: ParkId, last: number, faults: Faults): void {
  for (const [files, what] of [
    [visits, 'visits'],
    [traffic, 'traffic'],
  ] as const) {
    const there = new Set(files.map(({ name }) => name.batch));
    const first = files[0]?.name.batch ?? last;
    const missing: number[] = [];
    for (let batch = first; batch <= last; batch += 1) if (batch > 0 && !there.has(batch)) missing.push(batch);
    if (missing.length > 0)
      faults.raise('ARCHIVE_BAD', `archive/${park} ${what}`, fill(GONE, { batches: missing.join(', ') }));
  }
}

export function count(files: readonly TrafficFile[], from: Instant, to: Instant, through: number): Traffic {
  const first = Math.ceil(from / SECOND);
  const end = Math.ceil(to / SECOND);
  let inNum = 0;
  let outNum = 0;
  for (const file of files) {
    if (file.name.batch > through) break;
    inNum += countWithin(file.in, first, end);
    outNum += countWithin(file.out, first, end);
  }
  return { inNum, outNum };
}

/** The files at the old end in which nothing is as late as `before`; never the newest. */
export function tooOld<T>(files: readonly T[], newest: (file: T) => Instant | null, before: number): readonly T[] {
  const kept = files.findIndex((file) => (newest(file) ?? Number.NEGATIVE_INFINITY) >= before);
  const last = Math.max(0, files.length - 1);
  return files.slice(0, kept === -1 ? last : Math.min(kept, last));
}

export function newestPassage(file: TrafficFile): Instant | null {
  const seconds = Math.max(file.in.at(-1) ?? 0, file.out.at(-1) ?? 0);
  return seconds === 0 ? null : ((seconds * SECOND) as Instant);
}

export function momentsOf({ visits, traffic }: Shelf): readonly number[] {
  return [...visits.map(({ summary }) => summary.newest ?? 0), ...traffic.map((file) => newestPassage(file) ?? 0)];
}

export function statsOf(shelves: Iterable<Shelf>): ArchiveStats {
  const all = [...shelves];
  const visits = all.flatMap((shelf) => shelf.visits);
  const traffic = all.flatMap((shelf) => shelf.traffic);
  const sum = <T>(files: readonly T[], figure: (file: T) => number): number =>
    files.reduce((total, file) => total + figure(file), 0);
  const moments = (figure: (summary: VisitsSummary) => Instant | null): Instant[] =>
    visits.map(({ summary }) => figure(summary)).filter((at) => at !== null);
  const oldest = moments((summary) => summary.oldest);
  const newest = moments((summary) => summary.newest);
  return {
    files: visits.length + traffic.length,
    bytes: sum(visits, (file) => file.bytes + file.indexBytes) + sum(traffic, (file) => file.bytes),
    visits: sum(visits, ({ summary }) => summary.visits),
    orders: sum(visits, ({ summary }) => summary.orders),
    passages: sum(traffic, (file) => file.in.length + file.out.length),
    oldest: oldest.sort((a, b) => a - b)[0] ?? null,
    newest: newest.sort((a, b) => b - a)[0] ?? null,
  };
}
