/**
 * The archive: batches of closed visits, orders and passages, each in immutable files. In memory are a filter for each
 * file of visits (2.5 bytes a key) and the seconds of the passages (4 bytes each); the rest is read when it is asked for.
 */
import { join } from 'node:path';
import { assertNever } from '../../core/errors.ts';
import type { ParkId } from '../../core/ids.ts';
import { credentialKey } from '../../core/park/model.ts';
import type { Traffic } from '../../core/park/queries.ts';
import type { SealedBatch, Visit } from '../../core/park/state.ts';
import { type Instant, SECOND } from '../../core/time.ts';
import type { Archive, Faults } from '../../gateway/ports.ts';
import type { Disk } from '../disk.ts';
import { errorText, StoreError } from '../files.ts';
import { type KeyHash, keyHash, mayHold, placesOf } from './key-index.ts';
import { ARCHIVE_VERSION, Newer } from './line.ts';
import { type FileName, nameOf, readName } from './names.ts';
import { countWithin, readTraffic, type TrafficFile, writeTraffic } from './traffic-file.ts';
import {
  type Entry,
  loadIndex,
  readEntry,
  type VisitsFile,
  type VisitsSummary,
  writeIndex,
  writeVisits,
} from './visits-file.ts';

export interface ArchiveStats extends VisitsSummary {
  readonly files: number;
  /** On the disk, indexes included. */
  readonly bytes: number;
  readonly passages: number;
}

/** A file that retention removed. */
export interface Dropped {
  readonly park: ParkId;
  readonly file: string;
  /** The latest moment in it; null when it was empty. */
  readonly newest: Instant | null;
}

/** How long files are kept after the latest moment in them, in ms. */
export interface Keep {
  readonly visitsMs: number;
  readonly trafficMs: number;
}

/** The archive as the store has it: what is asked of it, and the writing end. One writer at a time. */
export interface ArchiveStore extends Archive {
  /** The newest visit of a plate or ticket (as `credentialKey` writes it) in the archive. @throws as `visit`. */
  latestOf(park: ParkId, key: string): Promise<Visit | null>;
  /**
   * Puts a batch on the disk, names and all; the same batch again replaces itself.
   * @throws the disk's error. Nothing of the batch is found then, and it can be put again.
   */
  put(park: ParkId, batch: SealedBatch): Promise<void>;
  /**
   * Removes files older than what is to be kept, and writes indexes that were missing. Age is counted to `now`, or to the
   * latest moment archived, whichever is earlier: a clock that is years ahead removes nothing.
   * @throws the disk's error.
   */
  tidy(keep: Keep, now: Instant): Promise<readonly Dropped[]>;
  stats(): ArchiveStats;
}

export interface ArchiveParts {
  readonly disk: Disk;
  readonly folder: string;
  readonly faults: Faults;
  /** The last batch of each park that the state has handed over: later files are not yet the archive's. */
  readonly parks: Iterable<{ readonly id: ParkId; readonly archivedThrough: number }>;
}

/** A file of visits at rest: its index stays on the disk. */
interface Shelved {
  readonly name: FileName;
  readonly bytes: number;
  readonly indexBytes: number;
  readonly filter: Uint32Array;
  readonly summary: VisitsSummary;
}

/** A park's files, oldest batch first. */
interface Shelf {
  readonly visits: Shelved[];
  readonly traffic: TrafficFile[];
}

/**
 * Opens the archive. Nothing is written.
 * @throws StoreError when a file is of a newer version; the disk's error.
 */
export async function openArchive({ disk, folder, faults, parks }: ArchiveParts): Promise<ArchiveStore> {
  const through = new Map([...parks].map((park) => [park.id, park.archivedThrough]));
  const shelves = new Map<ParkId, Shelf>();
  const bad = (name: FileName) => (reason: string) =>
    faults.raise('ARCHIVE_BAD', `archive/${nameOf(name)}`, `could not be read: ${reason}`);
  for (const { name: text, bytes } of await disk.list(folder)) {
    const name = readName(text);
    if (name === null || name.batch > (through.get(name.park) ?? 0)) continue;
    try {
      const { visits, traffic } = shelfOf(shelves, name.park);
      switch (name.kind) {
        case 'visits.jsonl':
          put(visits, shelve({ name, bytes, index: await loadIndex(disk, folder, { name, bytes }, bad(name)) }));
          break;
        case 'traffic.jsonl':
          put(traffic, await readTraffic(disk, folder, name, bad(name)));
          break;
        case 'visits.idx':
          break;
        default:
          assertNever(name.kind);
      }
    } catch (error) {
      if (!(error instanceof Newer)) throw error;
      throw new StoreError(
        `${join(folder, text)} is of version ${error.version}, and this Gatepost knows versions up to ` +
          `${ARCHIVE_VERSION}: nothing was changed; install the version that wrote it, or a newer one`,
      );
    }
  }
  for (const [park, last] of through) tellMissing(shelfOf(shelves, park), park, last, faults);
  return archiveOf({ disk, folder, faults, shelves });
}

function shelfOf(shelves: Map<ParkId, Shelf>, park: ParkId): Shelf {
  let shelf = shelves.get(park);
  if (!shelf) {
    shelf = { visits: [], traffic: [] };
    shelves.set(park, shelf);
  }
  return shelf;
}

/** Keeps the order of batches, and one file for each. */
function put<T extends { readonly name: FileName }>(files: T[], file: T): void {
  const { batch } = file.name;
  const at = files.findLastIndex(({ name }) => name.batch <= batch);
  files.splice(files[at]?.name.batch === batch ? at : at + 1, files[at]?.name.batch === batch ? 1 : 0, file);
}

function shelve({ name, bytes, index }: VisitsFile): Shelved {
  return { name, bytes, indexBytes: index.bytes, filter: index.filter, summary: index.summary };
}

/** Retention removes the oldest and never the newest, so from the oldest to the last handed over none may be missing. */
function tellMissing({ visits, traffic }: Shelf, park: ParkId, last: number, faults: Faults): void {
  for (const [files, what] of [
    [visits, 'visits'],
    [traffic, 'traffic'],
  ] as const) {
    const there = new Set(files.map(({ name }) => name.batch));
    const first = files[0]?.name.batch ?? last;
    const missing: number[] = [];
    for (let batch = first; batch <= last; batch += 1) if (batch > 0 && !there.has(batch)) missing.push(batch);
    if (missing.length > 0)
      faults.raise('ARCHIVE_BAD', `archive/${park} ${what}`, `batch ${missing.join(', ')} is missing`);
  }
}

interface Parts {
  readonly disk: Disk;
  readonly folder: string;
  readonly faults: Faults;
  readonly shelves: Map<ParkId, Shelf>;
}

function archiveOf(parts: Parts): ArchiveStore {
  const { disk, folder, shelves } = parts;

  /** The newest thing that is archived under a key. */
  async function first<T>(park: ParkId, key: KeyHash, pick: (entry: Entry) => T | null): Promise<T | null> {
    for await (const found of entriesOf(parts, park, key, pick)) return found;
    return null;
  }

  return {
    visit: (park, id) => first(park, keyHash('visit', id), ({ visit }) => (visit?.id === id ? visit : null)),
    order: (park, orderNo) =>
      first(park, keyHash('order', orderNo), ({ order }) => (order?.orderNo === orderNo ? order : null)),
    traffic: (park, from, to, through) => count(shelves.get(park)?.traffic ?? [], from, to, through),
    async latestOf(park, key) {
      const is = ({ visit }: Entry): Visit | null => (visit && credentialKey(visit.credential) === key ? visit : null);
      let latest: Visit | null = null;
      for await (const visit of entriesOf(parts, park, keyHash('credential', key), is)) {
        // Of one visit the version archived last comes first.
        if (latest === null || visit.entryAt > latest.entryAt) latest = visit;
      }
      return latest;
    },
    async put(park, batch) {
      await disk.makeFolder(folder);
      const visits = await writeVisits(disk, folder, park, batch);
      const traffic = await writeTraffic(disk, folder, park, batch);
      await disk.syncFolder(folder);
      const shelf = shelfOf(shelves, park);
      put(shelf.visits, shelve(visits));
      put(shelf.traffic, traffic);
    },
    tidy: (keep, now) => tidy(parts, keep, now),
    stats: () => statsOf(shelves),
  };
}

/** What is archived under a key, newest batch first. @throws StoreError, the fault raised, where it cannot be read. */
async function* entriesOf<T>(
  { disk, folder, faults, shelves }: Parts,
  park: ParkId,
  key: KeyHash,
  pick: (entry: Entry) => T | null,
): AsyncGenerator<T, void, undefined> {
  for (const file of (shelves.get(park)?.visits ?? []).toReversed()) {
    if (!mayHold(file.filter, key)) continue;
    const bad = (reason: string): StoreError => {
      const subject = `archive/${nameOf(file.name)}`;
      faults.raise('ARCHIVE_BAD', subject, `could not be read: ${reason}`);
      return new StoreError(`${subject} could not be read: ${reason}`);
    };
    try {
      const { entries } = await loadIndex(disk, folder, file, bad);
      for (const place of placesOf(entries, key).toReversed()) {
        const entry = await readEntry(disk, folder, file.name, place);
        if (entry === null) throw bad(`the line at byte ${place.offset}`);
        const found = pick(entry);
        if (found !== null) yield found;
      }
    } catch (error) {
      throw error instanceof StoreError ? error : bad(errorText(error));
    }
  }
}

function count(files: readonly TrafficFile[], from: Instant, to: Instant, through: number): Traffic {
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

async function tidy({ disk, folder, faults, shelves }: Parts, keep: Keep, now: Instant): Promise<readonly Dropped[]> {
  const dropped: Dropped[] = [];
  const all = [...shelves.values()];
  const latest = Math.min(now, Math.max(0, ...all.flatMap(momentsOf)));
  async function remove(name: FileName, newest: Instant | null): Promise<void> {
    await disk.remove(join(folder, nameOf(name)));
    dropped.push({ park: name.park, file: nameOf(name), newest });
  }
  for (const { visits, traffic } of all) {
    for (const { name, summary } of tooOld(visits, ({ summary: { newest } }) => newest, latest - keep.visitsMs)) {
      // The index first: without its data it would stay for ever.
      await disk.remove(join(folder, nameOf({ ...name, kind: 'visits.idx' })));
      await remove(name, summary.newest);
      visits.shift();
    }
    for (const file of tooOld(traffic, newestPassage, latest - keep.trafficMs)) {
      await remove(file.name, newestPassage(file));
      traffic.shift();
    }
    for (const file of visits.filter(({ indexBytes }) => indexBytes === 0)) {
      const bad = (reason: string): void => faults.raise('ARCHIVE_BAD', `archive/${nameOf(file.name)}`, reason);
      const index = await loadIndex(disk, folder, file, bad);
      put(visits, shelve(await writeIndex(disk, folder, { ...file, index })));
    }
  }
  return dropped;
}

/** The files at the old end in which nothing is as late as `before`; never the newest. */
function tooOld<T>(files: readonly T[], newest: (file: T) => Instant | null, before: number): readonly T[] {
  const kept = files.findIndex((file) => (newest(file) ?? Number.NEGATIVE_INFINITY) >= before);
  const last = Math.max(0, files.length - 1);
  return files.slice(0, kept === -1 ? last : Math.min(kept, last));
}

function newestPassage(file: TrafficFile): Instant | null {
  const seconds = Math.max(file.in.at(-1) ?? 0, file.out.at(-1) ?? 0);
  return seconds === 0 ? null : ((seconds * SECOND) as Instant);
}

function momentsOf({ visits, traffic }: Shelf): readonly number[] {
  return [...visits.map(({ summary }) => summary.newest ?? 0), ...traffic.map((file) => newestPassage(file) ?? 0)];
}

function statsOf(shelves: ReadonlyMap<ParkId, Shelf>): ArchiveStats {
  const visits = [...shelves.values()].flatMap((shelf) => shelf.visits);
  const traffic = [...shelves.values()].flatMap((shelf) => shelf.traffic);
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
    oldest: oldest.length === 0 ? null : (Math.min(...oldest) as Instant),
    newest: newest.length === 0 ? null : (Math.max(...newest) as Instant),
  };
}
