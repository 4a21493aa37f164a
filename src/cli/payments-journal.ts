/** Payment notices and departures out of a journal, in the order in which they came. It only reads; a gate may run meanwhile. */
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderNo, ParkId, VisitId } from '../core/ids.ts';
import type { JournalRecord, Left, LetThrough, ParkEvent, Stayed } from '../core/park/events.ts';
import { credentialText } from '../core/park/model.ts';
import type { Instant } from '../core/time.ts';
import { lineOfEvent, type PaymentEvent, type PaymentLine } from '../reports/payment-line.ts';
import { scan } from '../store/codec.ts';
import { realDisk } from '../store/disk.ts';
import { listSegments } from '../store/segment.ts';
import { type Cursor, type Found, readAll, readOn } from './journal-read.ts';
import type { Source } from './journal-source.ts';

/** Bytes read to see the first record of a segment; one that is longer is read from the segment before it on. */
const HEAD_BYTES = 64 * 1024;
/** A record in the making is whole after this time, in ms. */
const IN_THE_MAKING_MS = 100;

/** The first record that a folder's journal still has. */
export interface Beginning {
  readonly seq: number;
  readonly at: Instant;
  /** Orders that came at that very moment, by the journal: others of that moment may have gone with older files. */
  readonly orders: ReadonlySet<OrderNo>;
}

/** Where a folder's journal begins; null when no record in its first file can be read. */
export async function beginningOf(folder: string): Promise<Beginning | null> {
  const [first] = await listSegments(realDisk, folder);
  const bytes = first === undefined ? null : await realDisk.readFile(join(folder, first.name));
  let beginning: { readonly seq: number; readonly at: Instant } | null = null;
  const orders = new Set<OrderNo>();
  for (const piece of bytes ? scan(bytes) : []) {
    if (piece.kind !== 'record') continue;
    beginning ??= piece.record;
    if (piece.record.at > beginning.at) break;
    for (const event of piece.record.events) {
      if (event.type === 'paymentBooked' || event.type === 'paymentUnmatched') orders.add(event.notice.orderNo);
    }
  }
  return beginning === null ? null : { seq: beginning.seq, at: beginning.at, orders };
}

/** What could not be read between the two moments that were asked for. */
export interface Damage {
  /** Bytes that are no records. */
  readonly bytes: number;
  readonly places: number;
  /** Numbers of records that are missing. */
  readonly missing: number;
}

export interface JournalRead {
  /** The first and the last record that were read. */
  readonly first: Instant | null;
  readonly last: Instant | null;
  /** The parks in which anything happened. */
  readonly parks: ReadonlySet<ParkId>;
  readonly damage: Damage;
}

/** Hears of what is read. */
export interface BooksReader {
  payment(line: PaymentLine): void;
  left(event: Left, vehicle: string | null, place: string): void;
  through(event: LetThrough, place: string): void;
  stayed(event: Stayed): void;
}

export interface Span {
  /** Records before it need not be read. */
  readonly from: Instant;
  /** Damage after it is not told. */
  readonly until: Instant;
}

/**
 * Reads a journal from the file that holds `from` up to its end.
 * @throws StoreError for records of a newer version, or when it cannot be read.
 */
export async function readPayments(source: Source, span: Span, books: BooksReader): Promise<JournalRead> {
  const reader = readerOf(span, books);
  if (source.kind !== 'folder') {
    await readAll(source, reader.take);
    return reader.finish();
  }
  let cursor = await readOn(source.folder, await cursorBefore(source.folder, span.from), reader.take);
  if (cursor?.tail) {
    await sleep(IN_THE_MAKING_MS);
    cursor = await readOn(source.folder, cursor, reader.take);
  }
  if (cursor?.tail) reader.take(cursor.tail);
  return reader.finish();
}

/** The last segment that begins before a moment. Time never goes back in a journal. */
async function cursorBefore(folder: string, from: Instant): Promise<Cursor | null> {
  const segments = await listSegments(realDisk, folder);
  for (const { name, first } of segments.toReversed()) {
    const record = await headOf(join(folder, name));
    if (record !== null && record.at < from) return { first, offset: 0, tail: null };
  }
  return null;
}

async function headOf(path: string): Promise<JournalRecord | null> {
  const file = await realDisk.open(path, 'read');
  try {
    for (const piece of scan(await file.read(0, HEAD_BYTES))) if (piece.kind === 'record') return piece.record;
    return null;
  } finally {
    await file.close();
  }
}

interface Reader {
  take(found: Found): void;
  finish(): JournalRead;
}

function readerOf({ from, until }: Span, books: BooksReader): Reader {
  const vehicles: Vehicles = new Map();
  const parks = new Set<ParkId>();
  let first: Instant | null = null;
  let last: { readonly seq: number; readonly at: Instant } | null = null;
  /** Bad bytes since the last record: whether they matter is known with the next one. */
  let pending = { bytes: 0, places: 0 };
  let damage: Damage = { bytes: 0, places: 0, missing: 0 };

  function settle(next: { readonly seq: number; readonly at: Instant } | null): void {
    const before = last === null || last.at < until;
    const after = next === null || next.at >= from;
    const missing = last === null || next === null ? 0 : next.seq - last.seq - 1;
    if (before && after) {
      const { bytes, places } = pending;
      damage = { bytes: damage.bytes + bytes, places: damage.places + places, missing: damage.missing + missing };
    }
    pending = { bytes: 0, places: 0 };
  }

  function takeRecord({ file, record }: Extract<Found, { kind: 'record' }>): void {
    // A record that comes again, after a repair by hand for example, is not another payment.
    if (last !== null && record.seq <= last.seq) return;
    settle(record);
    first ??= record.at;
    last = { seq: record.seq, at: record.at };
    const place = `${basename(file)}:${record.seq}`;
    for (const event of record.events) {
      if ('park' in event) parks.add(event.park);
      if (event.type === 'left') books.left(event, vehicles.get(event.visit) ?? null, place);
      if (event.type === 'letThrough') books.through(event, place);
      if (event.type === 'stayed') books.stayed(event);
      learn(event, vehicles);
      if (!isPayment(event)) continue;
      books.payment(lineOfEvent(event, { at: record.at, place, vehicle: vehicleOf(event, vehicles) }));
    }
  }

  return {
    take(found) {
      if (found.kind === 'record') takeRecord(found);
      else pending = { bytes: pending.bytes + found.bytes.length, places: pending.places + 1 };
    },
    finish() {
      settle(null);
      return { first, last: last?.at ?? null, parks, damage };
    },
  };
}

/** The vehicles that are inside or owe something, by their visit: what a report must remember of a year is not much more. */
type Vehicles = Map<VisitId, string>;

function learn(event: ParkEvent, vehicles: Vehicles): void {
  if (event.type === 'entered') vehicles.set(event.visit, credentialText(event.reading.credential));
  if (event.type === 'corrected') vehicles.set(event.visit, event.plate);
  if (event.type === 'held' && event.visit !== null)
    vehicles.set(event.visit, credentialText(event.reading.credential));
  const owes = event.type === 'left' && event.uncollected > 0;
  if (owes && event.credential) vehicles.set(event.visit, credentialText(event.credential));
  if ((event.type === 'left' && !owes) || event.type === 'superseded') vehicles.delete(event.visit);
}

function vehicleOf(event: PaymentEvent, vehicles: Vehicles): string | null {
  const { plate, barcode } = event.notice;
  const inside = event.type === 'paymentBooked' ? vehicles.get(event.visit) : undefined;
  return inside ?? plate ?? barcode;
}

function isPayment(event: ParkEvent): event is PaymentEvent {
  return event.type === 'paymentBooked' || event.type === 'paymentUnmatched' || event.type === 'paymentConflicted';
}
