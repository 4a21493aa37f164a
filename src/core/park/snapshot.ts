/** The state as plain data and back. The store writes it; the fold goes on from it as if it had folded all along. */
import type { LaneId, ParkId } from '../ids.ts';
import type { Instant } from '../time.ts';
import { LINE_UP, type LineState } from './line.ts';
import { credentialKey } from './model.ts';
import type { DeadNotice, Notice } from './notice.ts';
import {
  emptyPark,
  type LastPassage,
  type PendingOrder,
  type SealedBatch,
  type SeenReading,
  type State,
} from './state.ts';
import type { LedgerEntry, Visit } from './visit.ts';

export interface LaneSnapshot {
  readonly lane: LaneId;
  readonly last: LastPassage | null;
  readonly seen: readonly (readonly [string, SeenReading])[];
}

export interface ParkSnapshot {
  readonly id: ParkId;
  readonly open: readonly Visit[];
  readonly closed: readonly Visit[];
  readonly ledger: readonly LedgerEntry[];
  readonly lanes: readonly LaneSnapshot[];
  readonly orders: readonly PendingOrder[];
  readonly passagesIn: readonly Instant[];
  readonly passagesOut: readonly Instant[];
  /** Snapshots of version 1 have no outbox. */
  readonly notices?: readonly Notice[];
  readonly deadNotices?: readonly DeadNotice[];
  /** What waits for the archive, its lists beside it; snapshots of version 1 have nothing of it. */
  readonly archivedThrough?: number;
  readonly sealed?: Pick<SealedBatch, 'batch' | 'closedBefore'> | null;
  readonly sealedVisits?: readonly Visit[];
  readonly sealedLedger?: readonly LedgerEntry[];
  readonly sealedIn?: readonly Instant[];
  readonly sealedOut?: readonly Instant[];
}

export interface Snapshot {
  readonly seq: number;
  readonly at: Instant;
  readonly parks: readonly ParkSnapshot[];
  /** Older snapshots lack it. */
  readonly line?: LineState;
}

/** Copies the outer shape only: a few ms for 100,000 visits, whose entries never change and may be written later. */
export function capture(state: State): Snapshot {
  const parks = [...state.parks.values()].map((park) => ({
    id: park.id,
    open: [...park.open.values()],
    closed: [...park.closed.values()],
    ledger: [...park.ledger.values()],
    lanes: [...park.lanes].map(([lane, memory]) => ({ lane, last: memory.last, seen: [...memory.seen] })),
    orders: [...park.orders.values()],
    passagesIn: [...park.passages.in],
    passagesOut: [...park.passages.out],
    notices: [...park.outbox.waiting.values()],
    deadNotices: [...park.outbox.dead.values()],
    archivedThrough: park.archivedThrough,
    ...captureSealed(park.sealed),
  }));
  return { seq: state.seq, at: state.at, line: state.line, parks };
}

function captureSealed(sealed: SealedBatch | null): Partial<ParkSnapshot> {
  if (!sealed) return { sealed };
  const { batch, closedBefore, visits, ledger, passages } = sealed;
  return {
    sealed: { batch, closedBefore },
    sealedVisits: [...visits.values()],
    sealedLedger: [...ledger.values()],
    sealedIn: passages.in,
    sealedOut: passages.out,
  };
}

function restoreSealed(from: ParkSnapshot): SealedBatch | null {
  if (!from.sealed) return null;
  const { batch, closedBefore } = from.sealed;
  return {
    batch,
    closedBefore,
    visits: new Map(from.sealedVisits?.map((visit) => [visit.id, visit])),
    ledger: new Map(from.sealedLedger?.map((entry) => [entry.orderNo, entry])),
    passages: { in: from.sealedIn ?? [], out: from.sealedOut ?? [] },
  };
}

/** A state of its own from a snapshot; two calls give two states that share only entries. */
export function restore(snapshot: Snapshot): State {
  const { seq, at, line = LINE_UP } = snapshot;
  const state: State = { seq, at, line, parks: new Map() };
  for (const from of snapshot.parks) {
    const park = emptyPark(from.id);
    for (const visit of from.open) {
      park.open.set(visit.id, visit);
      const key = credentialKey(visit.credential);
      if (key !== null) park.byCredential.set(key, visit.id);
    }
    for (const visit of from.closed) park.closed.set(visit.id, visit);
    for (const entry of from.ledger) park.ledger.set(entry.orderNo, { ...entry, receipt: entry.receipt ?? null });
    for (const lane of from.lanes) park.lanes.set(lane.lane, { last: lane.last, seen: new Map(lane.seen) });
    for (const order of from.orders) park.orders.set(order.id, order);
    for (const at of from.passagesIn) park.passages.in.push(at);
    for (const at of from.passagesOut) park.passages.out.push(at);
    for (const one of from.notices ?? []) park.outbox.waiting.set(one.id, one);
    for (const letter of from.deadNotices ?? []) park.outbox.dead.set(letter.notice.id, letter);
    park.sealed = restoreSealed(from);
    park.archivedThrough = from.archivedThrough ?? 0;
    state.parks.set(from.id, park);
  }
  return state;
}
