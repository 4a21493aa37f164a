/** Batches for the archive, as the core seals them. */
import type { DeviceId, LaneId, OrderNo, ParkId, VisitId } from '../../src/core/ids.ts';
import { fen } from '../../src/core/money.ts';
import type { LedgerEntry, SealedBatch, Visit } from '../../src/core/park/state.ts';
import type { Plate } from '../../src/core/plate.ts';
import { after, DAY, HOUR, type Instant, instant, MINUTE } from '../../src/core/time.ts';
import { type ArchiveStore, openArchive } from '../../src/store/archive/archive.ts';
import { type Disk, realDisk } from '../../src/store/disk.ts';
import { type Heard, listen } from './tools.ts';

export const PARK = 'P001' as ParkId;
/** 2026-01-01 00:00:00 in Shanghai. */
export const NEW_YEAR = instant(Date.parse('2025-12-31T16:00:00Z'));

export function visitOn(day: number, number: number, over: Partial<Visit> = {}): Visit {
  const entryAt = after(NEW_YEAR, day * DAY + number * MINUTE);
  return {
    id: `V${day}-${number}` as VisitId,
    credential: { kind: 'plate', plate: `粤A${String(number).padStart(5, '0')}` as Plate },
    plateKind: 'ordinary',
    colour: 'blue',
    confidence: 0.97,
    entryAt,
    entryLane: 'in-1' as LaneId,
    device: 'cam-in' as DeviceId,
    paid: fen(1000),
    deducted: fen(0),
    settlement: null,
    chargeFrom: entryAt,
    grossBefore: fen(0),
    end: { at: after(entryAt, HOUR), lane: 'out-1' as LaneId, how: 'left' },
    ...over,
  };
}

export function orderOn(day: number, number: number, over: Partial<LedgerEntry> = {}): LedgerEntry {
  const at = after(NEW_YEAR, day * DAY + number * MINUTE + HOUR);
  return {
    orderNo: `O${day}-${number}` as OrderNo,
    digest: `d${number}`,
    visit: `V${day}-${number}` as VisitId,
    at,
    conflicts: [],
    receipt: null,
    ...over,
  };
}

export interface BatchContent {
  readonly visits?: readonly Visit[];
  readonly orders?: readonly LedgerEntry[];
  readonly in?: readonly Instant[];
  readonly out?: readonly Instant[];
}

/** Batch `batch`, of the day with that number counted from 1. */
export function batchOf(batch: number, content: BatchContent): SealedBatch {
  return {
    batch,
    closedBefore: after(NEW_YEAR, batch * DAY),
    visits: new Map(content.visits?.map((visit) => [visit.id, visit])),
    ledger: new Map(content.orders?.map((order) => [order.orderNo, order])),
    passages: { in: content.in ?? [], out: content.out ?? [] },
  };
}

/** A day of `count` visits, each paid. */
export function dayBatch(batch: number, count = 5): SealedBatch {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const visits = numbers.map((number) => visitOn(batch - 1, number));
  return batchOf(batch, {
    visits,
    orders: numbers.map((number) => orderOn(batch - 1, number)),
    in: visits.map(({ entryAt }) => entryAt),
    out: visits.map(({ end, entryAt }) => end?.at ?? entryAt),
  });
}

export interface OpenedArchive extends Heard {
  readonly archive: ArchiveStore;
}

export async function openAt(folder: string, through: number, disk: Disk = realDisk): Promise<OpenedArchive> {
  const heard = listen();
  const parks = [{ id: PARK, archivedThrough: through }];
  return { ...heard, archive: await openArchive({ disk, folder, faults: heard.faults, parks }) };
}
