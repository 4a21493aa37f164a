/** Asking the archive of a data folder, which a gate may be working in. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertNever, type Said } from '../core/errors.ts';
import type { OrderNo, ParkId, VisitId } from '../core/ids.ts';
import type { LedgerEntry, Visit } from '../core/park/state.ts';
import { inWords } from '../core/sentence.ts';
import type { Faults } from '../gateway/ports.ts';
import { type ArchiveReader, openReader } from '../store/archive/read-only.ts';
import type { ArchiveStats } from '../store/archive/shelf.ts';
import { type Verified, verifyArchive } from '../store/archive/verify.ts';
import { realDisk } from '../store/disk.ts';
import { StoreError } from '../store/files.ts';

export type Question =
  | {
      readonly kind: 'vehicle';
      /** As a person reads it. */
      readonly name: string;
      /** As `credentialKey` writes it. */
      readonly key: string;
    }
  | { readonly kind: 'visit'; readonly visit: VisitId }
  | { readonly kind: 'order'; readonly orderNo: OrderNo };

/** A visit with its orders; or an order alone, where its visit is not in the archive or nobody knows it. */
export interface Found {
  readonly park: ParkId;
  readonly visit: Visit | null;
  readonly orders: readonly LedgerEntry[];
}

export type ParkStats = { readonly park: ParkId } & ArchiveStats;

export interface Answer {
  readonly found: readonly Found[];
  /** What was searched. */
  readonly parks: readonly ParkStats[];
}

/** Something in the archive that is missing or cannot be read. */
export interface Trouble {
  readonly subject: string;
  readonly text: Said;
}

/** Some five seconds: retention that makes up for days of standstill takes that long. */
const ATTEMPTS = 50;
const BETWEEN_MS = 100;

/**
 * Reads, and reads again where something seemed damaged while the gate added or removed files: retention takes a
 * second in the hour. Troubles are of the last reading, each once.
 * @param sound whether the result itself tells of no damage.
 */
export async function calmly<T>(
  data: string,
  read: (faults: Faults) => Promise<T>,
  sound: (result: T) => boolean,
): Promise<{ readonly result: T; readonly troubles: readonly Trouble[] }> {
  const names = async (): Promise<string> =>
    (await realDisk.list(join(data, 'archive'))).map(({ name }) => name).join('\n');
  for (let attempt = 1; ; attempt += 1) {
    const before = await names();
    const troubles = new Map<string, Trouble>();
    const result = await read({
      raise: (_, subject, text = '') => troubles.set(`${subject} ${inWords(text, 'en')}`, { subject, text }),
      clear: () => undefined,
    });
    const calm = troubles.size === 0 && sound(result);
    if (calm || attempt === ATTEMPTS || before === (await names())) {
      return { result, troubles: [...troubles.values()] };
    }
    await sleep(BETWEEN_MS);
  }
}

/** @throws StoreError when there is nothing of that park. */
export async function answer(data: string, faults: Faults, park: ParkId | null, question: Question): Promise<Answer> {
  const archive = await openReader({ disk: realDisk, data, faults });
  const parks = parksOf(archive, park);
  const found: Found[] = [];
  for (const { park: id } of parks) found.push(...(await findIn(archive, id, question)));
  return { found, parks };
}

function parksOf(archive: ArchiveReader, park: ParkId | null): readonly ParkStats[] {
  const all = [...archive.parks()].map(([id, stats]) => ({ park: id, ...stats }));
  if (park === null) return all;
  const mine = all.filter((one) => one.park === park);
  if (mine.length > 0) return mine;
  const there = all.map((one) => one.park).join(', ');
  throw new StoreError({
    zh: `--park ${park}：归档中没有；${there === '' ? '归档中还没有停车场' : `归档中有 ${there}`}`,
    en: `--park ${park}: nothing of it is archived; there is ${there === '' ? 'no park' : there}`,
  });
}

async function findIn(archive: ArchiveReader, park: ParkId, question: Question): Promise<readonly Found[]> {
  switch (question.kind) {
    case 'vehicle': {
      const found: Found[] = [];
      for (const visit of await archive.visitsOf(park, question.key)) {
        found.push({ park, visit, orders: await archive.ordersOf(park, visit.id) });
      }
      return found;
    }
    case 'visit': {
      const visit = await archive.visit(park, question.visit).catch(noneIfUnread);
      const orders = await archive.ordersOf(park, question.visit);
      return visit === null && orders.length === 0 ? [] : [{ park, visit, orders }];
    }
    case 'order': {
      const order = await archive.order(park, question.orderNo).catch(noneIfUnread);
      if (order === null) return [];
      const visit = order.visit === null ? null : await archive.visit(park, order.visit).catch(noneIfUnread);
      return [{ park, visit, orders: [order] }];
    }
    default:
      return assertNever(question);
  }
}

/** The archive has raised its fault, which is told. */
function noneIfUnread(error: unknown): null {
  if (error instanceof StoreError) return null;
  throw error;
}

/** What the data folder takes of the disk, in bytes. */
export interface DiskUse {
  readonly journal: number;
  readonly archive: number;
  readonly snapshots: number;
  /** What could not be read, and was kept. */
  readonly aside: number;
}

export interface Survey {
  readonly parks: readonly ParkStats[];
  readonly disk: DiskUse;
  /** Null when it was not asked for. */
  readonly verified: Verified | null;
}

/** @throws as {@link answer}. */
export async function survey(data: string, faults: Faults, park: ParkId | null, verify: boolean): Promise<Survey> {
  const archive = await openReader({ disk: realDisk, data, faults });
  const parks = parksOf(archive, park);
  const verified = verify ? await verifyArchive(realDisk, join(data, 'archive')) : null;
  return { parks, disk: await diskUse(data), verified };
}

async function diskUse(data: string): Promise<DiskUse> {
  const bytesIn = async (folder: string, prefix = ''): Promise<number> =>
    (await realDisk.list(folder))
      .filter(({ name }) => name.startsWith(prefix))
      .reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    journal: await bytesIn(join(data, 'journal')),
    archive: await bytesIn(join(data, 'archive')),
    snapshots: await bytesIn(data, 'snapshot.'),
    aside: await bytesIn(join(data, 'aside')),
  };
}
