/**
 * Payment notices from before the journal's oldest file: what the snapshot and the archive, taken together as they were at
 * the snapshot's record, know of orders. What the notice said about the person is not kept there, nor the content of
 * notices that were not booked.
 */

import { join } from 'node:path';
import type { Sentence } from '../core/errors.ts';
import type { ParkId, VisitId } from '../core/ids.ts';
import { credentialText } from '../core/park/model.ts';
import type { ParkSnapshot, Snapshot } from '../core/park/snapshot.ts';
import type { LedgerEntry, Visit } from '../core/park/visit.ts';
import { fill } from '../core/sentence.ts';
import type { Instant } from '../core/time.ts';
import type { PaymentLine } from '../reports/payment-line.ts';
import { ARCHIVE_VERSION, linesOf, Newer } from '../store/archive/line.ts';
import { type FileName, nameOf, readName } from '../store/archive/names.ts';
import type { Entry } from '../store/archive/visits-file.ts';
import { realDisk } from '../store/disk.ts';
import { StoreError } from '../store/files.ts';
import { SnapshotAdapter } from '../store/snapshot.ts';
import type { Beginning } from './payments-journal.ts';

export interface ArchiveRead {
  readonly parks: ReadonlySet<ParkId>;
  /** The earliest entry of a visit or moment of an order; null when there is none. */
  readonly earliest: Instant | null;
  /** The oldest day that the archive still has (UTC); null when nothing of it was removed. */
  readonly removedBefore: string | null;
  /** Batches that should be there and are not. */
  readonly missing: readonly string[];
  /** Lines of the archive that could not be read. */
  readonly badLines: number;
  /** Orders of which no amounts are known: they were booked before receipts were kept. */
  readonly withoutReceipt: number;
  /** Why the snapshot could not be used; null when it could, or was not there. */
  readonly badSnapshot: Sentence | null;
}

/** An order where it lies. */
interface Shelved {
  readonly park: ParkId;
  readonly order: LedgerEntry;
  readonly vehicle: string | null;
  readonly place: string;
}

/** Hears of what is read. */
export interface ShelfReader {
  payment(line: PaymentLine): void;
  /** Every visit, each as often as it is found, the newest last. */
  shelved(park: ParkId, visit: Visit, place: string): void;
}

/**
 * Hands on the visits, and the orders from before the journal's beginning, each once, file by file, a park's oldest file first.
 * @throws StoreError when a file is of a newer version.
 */
export async function readArchived(data: string, beginning: Beginning, books: ShelfReader): Promise<ArchiveRead> {
  let badSnapshot: Sentence | null = null;
  const adapter = new SnapshotAdapter(realDisk, data, ({ file, reason }) => {
    badSnapshot = fill({ zh: '{file}：{reason}', en: '{file}: {reason}' }, { file, reason });
  });
  const snapshot = await adapter.read();
  const none = { badLines: 0, earliest: Number.POSITIVE_INFINITY };
  const shelf: Shelf = { folder: join(data, 'archive'), snapshot, ...none, onVisit: books.shelved };
  const files = await filesOf(shelf.folder, snapshot);

  // An order is in two places only when it was nobody's, or came with other content, after it was archived.
  const newest = new Map<string, string>();
  for await (const { park, order, place } of shelved(shelf, files)) {
    const key = keyOf(park, order);
    if (order.visit === null || order.conflicts.length > 0 || newest.has(key)) newest.set(key, place);
  }
  shelf.badLines = 0;
  shelf.onVisit = () => undefined;
  let withoutReceipt = 0;
  for await (const one of shelved(shelf, files)) {
    const { park, order, place } = one;
    const here = order.at < beginning.at || (order.at === beginning.at && !beginning.orders.has(order.orderNo));
    if (!here || (newest.get(keyOf(park, order)) ?? place) !== place) continue;
    const line = lineOfOrder(one);
    if (line === null) withoutReceipt += 1;
    else books.payment(line);
  }
  const parks = new Set([...files.map(({ park }) => park), ...(snapshot?.parks.map(({ id }) => id) ?? [])]);
  const earliest = Number.isFinite(shelf.earliest) ? (shelf.earliest as Instant) : null;
  const { badLines } = shelf;
  return { parks, earliest, ...holesOf(files, snapshot), badLines, withoutReceipt, badSnapshot };
}

function keyOf(park: ParkId, { orderNo }: LedgerEntry): string {
  return `${park}\n${orderNo}`;
}

function lineOfOrder({ park, order, vehicle, place }: Shelved): PaymentLine | null {
  const { at, orderNo, visit, receipt, conflicts } = order;
  if (!receipt) return null;
  const { amount, deducted: deduction, payTime, payChannel, payType, thirdTradeNo } = receipt;
  const line = { park, at, payTime, orderNo, thirdTradeNo, vehicle, amount, deduction, payChannel, payType };
  const rest = { visit, mobile: null, place };
  if (visit === null) return { ...line, ...rest, status: 'unmatched', flags: ['PAYMENT_UNMATCHED'] };
  // The other content went with the journal; that there was one must still be seen.
  const flags = conflicts.length > 0 ? [...receipt.flags, 'PAYMENT_CONFLICT' as const] : receipt.flags;
  return { ...line, ...rest, status: 'booked', flags };
}

/** The files that the snapshot counts on, each park's oldest first: what is in later ones, the snapshot itself has. */
async function filesOf(folder: string, snapshot: Snapshot | null): Promise<readonly FileName[]> {
  const through = new Map(snapshot?.parks.map(({ id, archivedThrough }) => [id, archivedThrough ?? 0]));
  const names = (await realDisk.list(folder)).flatMap(({ name }) => readName(name) ?? []);
  return names
    .filter(({ kind, park, batch }) => kind === 'visits.jsonl' && (!snapshot || batch <= (through.get(park) ?? 0)))
    .toSorted((a, b) => (a.park === b.park ? a.batch - b.batch : a.park < b.park ? -1 : 1));
}

/** Batches count from 1. Retention removes the oldest and never the newest; between them none may be missing. */
function holesOf(
  files: readonly FileName[],
  snapshot: Snapshot | null,
): Pick<ArchiveRead, 'removedBefore' | 'missing'> {
  const removed: string[] = [];
  const missing: string[] = [];
  for (const { id, archivedThrough = 0 } of snapshot?.parks ?? []) {
    const mine = files.filter(({ park }) => park === id);
    const batches = new Set(mine.map(({ batch }) => batch));
    const oldest = mine[0] ?? { batch: archivedThrough, day: '' };
    if (oldest.batch > 1 && oldest.day !== '') removed.push(oldest.day);
    for (let batch = Math.max(1, oldest.batch); batch <= archivedThrough; batch += 1) {
      if (!batches.has(batch)) missing.push(`${id} ${batch}`);
    }
  }
  return { removedBefore: removed.toSorted().at(-1) ?? null, missing };
}

interface Shelf {
  readonly folder: string;
  readonly snapshot: Snapshot | null;
  badLines: number;
  earliest: number;
  onVisit: ShelfReader['shelved'];
}

async function* shelved(shelf: Shelf, files: readonly FileName[]): AsyncGenerator<Shelved, void, undefined> {
  for (const file of files) yield* inFile(shelf, file);
  for (const park of shelf.snapshot?.parks ?? []) yield* inSnapshot(shelf, park);
}

async function* inFile(shelf: Shelf, name: FileName): AsyncGenerator<Shelved, void, undefined> {
  const { park } = name;
  const place = nameOf(name);
  const bytes = (await realDisk.readFile(join(shelf.folder, place))) ?? Buffer.alloc(0);
  const vehicles = new Map<VisitId, string>();
  try {
    // The checksum says that the archive wrote these lines; visits come before orders.
    for (const { line } of linesOf(bytes)) {
      const { visit, order } = (line ?? {}) as Entry;
      if (line === null) shelf.badLines += 1;
      shelf.earliest = Math.min(shelf.earliest, visit?.entryAt ?? order?.at ?? shelf.earliest);
      if (visit) {
        vehicles.set(visit.id, credentialText(visit.credential));
        shelf.onVisit(park, visit, place);
      }
      if (order) yield { park, order, place, vehicle: vehicleOf(order, vehicles) };
    }
  } catch (error) {
    if (!(error instanceof Newer)) throw error;
    throw new StoreError({
      zh:
        `archive/${place} 的版本是 ${error.version}，而本程序只认识到版本 ${ARCHIVE_VERSION}：` +
        '请用写它的那个版本，或更新的版本来读',
      en:
        `archive/${place} is of version ${error.version}, and this Gatepost knows versions up to ${ARCHIVE_VERSION}: ` +
        'read it with the version that wrote it, or a newer one',
    });
  }
}

function* inSnapshot(shelf: Shelf, park: ParkSnapshot): Generator<Shelved, void, undefined> {
  const { sealedVisits = [], sealedLedger = [], closed, open, ledger } = park;
  const visits: readonly Visit[] = [...sealedVisits, ...closed, ...open];
  for (const visit of visits) shelf.onVisit(park.id, visit, 'snapshot.json');
  const vehicles = new Map(visits.map(({ id, credential }) => [id, credentialText(credential)]));
  for (const { entryAt } of visits) shelf.earliest = Math.min(shelf.earliest, entryAt);
  // What was sealed and is to change is in both lists; the ledger's is the newer.
  for (const [name, orders] of Object.entries({ sealedLedger, ledger })) {
    const place = `snapshot.json:${name}`;
    for (const order of orders) yield { park: park.id, order, place, vehicle: vehicleOf(order, vehicles) };
  }
}

function vehicleOf({ visit }: LedgerEntry, vehicles: ReadonlyMap<VisitId, string>): string | null {
  return (visit === null ? undefined : vehicles.get(visit)) ?? null;
}
