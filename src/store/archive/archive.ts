/**
 * The archive: batches of closed visits, orders and passages, each in immutable files. In memory are a filter for each
 * file of visits (2.5 bytes a key) and the seconds of the passages (4 bytes each); the rest is read when it is asked for.
 */
import { join } from 'node:path';
import { assertNever, type Said, type Sentence } from '../../core/errors.ts';
import type { OrderNo, ParkId, VisitId } from '../../core/ids.ts';
import { credentialKey } from '../../core/park/model.ts';
import type { LedgerEntry, SealedBatch, Visit } from '../../core/park/state.ts';
import { fill, joined } from '../../core/sentence.ts';
import type { Instant } from '../../core/time.ts';
import type { Archive, Faults } from '../../gateway/ports.ts';
import type { Disk } from '../disk.ts';
import { BadFile, errorSaid, newerError, StoreError } from '../files.ts';
import { type KeyHash, keyHash, mayHold, type Place, placesOf } from './key-index.ts';
import { ARCHIVE_VERSION, Newer } from './line.ts';
import { type FileName, nameOf, readName } from './names.ts';
import {
  type ArchiveStats,
  count,
  insert,
  momentsOf,
  newestPassage,
  type Shelf,
  shelfOf,
  shelve,
  statsOf,
  tellMissing,
  tooOld,
} from './shelf.ts';
import { readTraffic, writeTraffic } from './traffic-file.ts';
import { type Entry, loadIndex, readEntry, writeIndex, writeVisits } from './visits-file.ts';

const UNREAD: Sentence = { zh: '无法读取：{reason}', en: 'could not be read: {reason}' };
const BAD_LINE: Sentence = { zh: '第 {offset} 字节处的一行', en: 'the line at byte {offset}' };

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
  /**
   * The visits of a plate or ticket (as `credentialKey` writes it), the latest entry first, each once. For a person: what
   * cannot be read raises ARCHIVE_BAD and is left out, and the others are found all the same.
   */
  visitsOf(park: ParkId, key: string): Promise<readonly Visit[]>;
  /** The orders that were booked for a visit, oldest first, each once; as `visitsOf`. */
  ordersOf(park: ParkId, visit: VisitId): Promise<readonly LedgerEntry[]>;
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
  /** Of all parks together. */
  stats(): ArchiveStats;
  /** Of each park. */
  parks(): ReadonlyMap<ParkId, ArchiveStats>;
}

export interface ArchiveParts {
  readonly disk: Disk;
  readonly folder: string;
  readonly faults: Faults;
  /** The last batch of each park that the state has handed over: later files are not yet the archive's. */
  readonly parks: Iterable<{ readonly id: ParkId; readonly archivedThrough: number }>;
}

/**
 * Opens the archive. Nothing is written. What cannot be read raises ARCHIVE_BAD, and the gate works without it.
 * @throws StoreError when a file is of a newer version.
 */
export async function openArchive({ disk, folder, faults, parks }: ArchiveParts): Promise<ArchiveStore> {
  const through = new Map([...parks].map((park) => [park.id, park.archivedThrough]));
  const parts: Parts = { disk, folder, faults, shelves: new Map() };
  const files = await disk.list(folder).catch((error: unknown) => {
    faults.raise('ARCHIVE_BAD', 'archive', errorSaid(error));
    return [];
  });
  for (const { name: text, bytes } of files) {
    const name = readName(text);
    if (name === null || name.batch > (through.get(name.park) ?? 0)) continue;
    try {
      await openFile(parts, name, bytes);
    } catch (error) {
      if (error instanceof Newer) {
        const path = join(folder, text);
        throw newerError({ zh: `${path} `, en: `${path} is` }, error.version, ARCHIVE_VERSION);
      }
      raiseBad(parts, name, errorSaid(error));
    }
  }
  for (const [park, last] of through) tellMissing(shelfOf(parts.shelves, park), park, last, faults);
  return archiveOf(parts);
}

async function openFile(parts: Parts, name: FileName, bytes: number): Promise<void> {
  const { disk, folder, shelves } = parts;
  const { visits, traffic } = shelfOf(shelves, name.park);
  const onBad = (reason: Said): void => {
    raiseBad(parts, name, reason);
  };
  switch (name.kind) {
    case 'visits.jsonl':
      insert(visits, shelve({ name, bytes, index: await loadIndex(disk, folder, { name, bytes }, onBad) }));
      break;
    case 'traffic.jsonl':
      insert(traffic, await readTraffic(disk, folder, name, onBad));
      break;
    case 'visits.idx':
      // Read with its data.
      break;
    default:
      assertNever(name.kind);
  }
}

/** @returns what the fault says of the file. */
function raiseBad({ faults }: Parts, name: FileName, reason: Said): Sentence {
  const value = fill(UNREAD, { reason });
  faults.raise('ARCHIVE_BAD', `archive/${nameOf(name)}`, value);
  return joined([`archive/${nameOf(name)}`, value], ' ');
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
    for await (const found of entriesOf(parts, park, { key, pick, onUnread: refuse })) return found;
    return null;
  }

  /** All that is archived under a key and can be read, each as it was archived last. */
  async function all<T, I>(
    park: ParkId,
    key: KeyHash,
    pick: (entry: Entry) => T | null,
    id: (found: T) => I,
  ): Promise<T[]> {
    const found = new Map<I, T>();
    for await (const one of entriesOf(parts, park, { key, pick, onUnread: goOn })) {
      if (!found.has(id(one))) found.set(id(one), one);
    }
    return [...found.values()];
  }

  return {
    visit: (park, id) => first(park, keyHash('visit', id), ({ visit }) => (visit?.id === id ? visit : null)),
    order: (park, orderNo) =>
      first(park, keyHash('order', orderNo), ({ order }) => (order?.orderNo === orderNo ? order : null)),
    traffic: (park, from, to, through) => count(shelves.get(park)?.traffic ?? [], from, to, through),
    async visitsOf(park, key) {
      const pick = ({ visit }: Entry): Visit | null =>
        visit && credentialKey(visit.credential) === key ? visit : null;
      const visits = await all<Visit, VisitId>(park, keyHash('credential', key), pick, ({ id }) => id);
      return visits.sort((a, b) => b.entryAt - a.entryAt);
    },
    async ordersOf(park, id) {
      const pick = ({ order }: Entry): LedgerEntry | null => (order?.visit === id ? order : null);
      const orders = await all<LedgerEntry, OrderNo>(park, keyHash('ordersOf', id), pick, ({ orderNo }) => orderNo);
      return orders.sort((a, b) => a.at - b.at);
    },
    async put(park, batch) {
      await disk.makeFolder(folder);
      const visits = await writeVisits(disk, folder, park, batch);
      const traffic = await writeTraffic(disk, folder, park, batch);
      await disk.syncFolder(folder);
      const shelf = shelfOf(shelves, park);
      insert(shelf.visits, shelve(visits));
      insert(shelf.traffic, traffic);
    },
    tidy: (keep, now) => tidy(parts, keep, now),
    stats: () => statsOf(shelves.values()),
    parks: () => new Map([...shelves].map(([park, shelf]) => [park, statsOf([shelf])])),
  };
}

/** What is done where something cannot be read; the fault is raised already. */
type OnUnread = (error: StoreError) => void;

const refuse: OnUnread = (error) => {
  throw error;
};
const goOn: OnUnread = () => undefined;

interface Search<T> {
  readonly key: KeyHash;
  readonly pick: (entry: Entry) => T | null;
  readonly onUnread: OnUnread;
}

/** What is archived under a key, newest batch first. */
async function* entriesOf<T>(
  parts: Parts,
  park: ParkId,
  { key, pick, onUnread }: Search<T>,
): AsyncGenerator<T, void, undefined> {
  const { disk, folder, shelves } = parts;
  for (const file of (shelves.get(park)?.visits ?? []).toReversed()) {
    if (!mayHold(file.filter, key)) continue;
    const unread = (error: unknown): void => {
      // Retention may have removed it while it was read.
      if (!shelfOf(shelves, park).visits.some(({ name }) => name.batch === file.name.batch)) return;
      onUnread(new StoreError(raiseBad(parts, file.name, errorSaid(error))));
    };
    const onBad = (reason: Said): Sentence => raiseBad(parts, file.name, reason);
    const index = await loadIndex(disk, folder, file, onBad).catch(unread);
    for (const place of index ? placesOf(index.entries, key).toReversed() : []) {
      const entry = await readSound(parts, file.name, place).catch(unread);
      const found = entry ? pick(entry) : null;
      if (found !== null) yield found;
    }
  }
}

/** @throws Error when the line is not as it was written; the disk's error. */
async function readSound({ disk, folder }: Parts, name: FileName, place: Place): Promise<Entry> {
  const entry = await readEntry(disk, folder, name, place);
  if (entry === null) throw new BadFile(fill(BAD_LINE, { offset: String(place.offset) }));
  return entry;
}

async function tidy(parts: Parts, keep: Keep, now: Instant): Promise<readonly Dropped[]> {
  const { disk, folder, shelves } = parts;
  const dropped: Dropped[] = [];
  const all = [...shelves.values()];
  const latest = Math.min(
    now,
    all.flatMap(momentsOf).reduce((most, at) => Math.max(most, at), 0),
  );
  // Each name is gone from the disk before the next one goes, so that a power cut leaves no gap and no lone index.
  async function remove(name: FileName): Promise<void> {
    await disk.remove(join(folder, nameOf(name)));
    await disk.syncFolder(folder);
  }
  for (const { visits, traffic } of all) {
    for (const { name, summary } of tooOld(visits, ({ summary: { newest } }) => newest, latest - keep.visitsMs)) {
      // First out of mind, so that no question meets half of it; what the disk did not let go is back at the next start.
      visits.shift();
      await remove({ ...name, kind: 'visits.idx' });
      await remove(name);
      dropped.push({ park: name.park, file: nameOf(name), newest: summary.newest });
    }
    for (const file of tooOld(traffic, newestPassage, latest - keep.trafficMs)) {
      traffic.shift();
      await remove(file.name);
      dropped.push({ park: file.name.park, file: nameOf(file.name), newest: newestPassage(file) });
    }
    for (const file of visits.filter(({ indexBytes }) => indexBytes === 0)) {
      let sound = true;
      const index = await loadIndex(disk, folder, file, (reason) => {
        sound = false;
        raiseBad(parts, file.name, reason);
      });
      // An index of a damaged file would hide the damage from the next start.
      if (sound) insert(visits, shelve(await writeIndex(disk, folder, { ...file, index })));
    }
  }
  return dropped;
}
