/**
 * The state of every park: what the journal folds into. Maps are changed in place, and only by `evolve`; the entries in
 * them are never changed, so a snapshot may hold on to them while the gate works on.
 */
import type { BarrierOrderId, LaneId, OrderNo, ParkId, VisitId } from '../ids.ts';
import type { Instant } from '../time.ts';
import type { BarrierOutcome } from './commands.ts';
import type { HoldReason } from './events.ts';
import { LINE_UP, type LineState } from './line.ts';
import { type Credential, credentialKey } from './model.ts';
import { emptyOutbox, type Outbox } from './notice.ts';
import type { LedgerEntry, Visit } from './visit.ts';

export type { LedgerEntry, Visit, VisitEnd } from './visit.ts';

/** The last vehicle that a lane dealt with. */
export interface LastPassage {
  readonly key: string | null;
  readonly at: Instant;
  readonly outcome: 'entered' | 'left' | 'held';
  readonly reason: HoldReason | null;
  readonly visit: VisitId | null;
  readonly order: BarrierOrderId | null;
  readonly orderOutcome: BarrierOutcome | 'pending' | null;
}

/** A reading that a device named: a second message of that name is the same happening. */
export interface SeenReading {
  readonly key: string | null;
  readonly at: Instant;
  readonly confidence: number | null;
  readonly visit: VisitId | null;
}

export interface LaneMemory {
  last: LastPassage | null;
  /** The newest {@link MAX_SEEN} identities, oldest first. */
  readonly seen: Map<string, SeenReading>;
}

export interface PendingOrder {
  readonly id: BarrierOrderId;
  readonly lane: LaneId;
  readonly visit: VisitId | null;
  readonly deadline: Instant;
}

export interface ParkState {
  readonly id: ParkId;
  readonly open: Map<VisitId, Visit>;
  /** Oldest end first, but for backlog records. */
  readonly closed: Map<VisitId, Visit>;
  /** The open visit of each credential: one visit per vehicle. */
  readonly byCredential: Map<string, VisitId>;
  readonly ledger: Map<OrderNo, LedgerEntry>;
  readonly lanes: Map<LaneId, LaneMemory>;
  readonly orders: Map<BarrierOrderId, PendingOrder>;
  /** Moments of the passages in and out, ascending. */
  readonly passages: { readonly in: Instant[]; readonly out: Instant[] };
  readonly outbox: Outbox;
  /** What waits for the archive. What is in it is still known, and also stands among the closed if it was recalled. */
  sealed: SealedBatch | null;
  /** The last batch that is in the archive; 0 before the first. */
  archivedThrough: number;
}

/** One batch for the archive. Never changes once it is sealed, so that however often it is written, it is the same. */
export interface SealedBatch {
  /** Counts from 1 in each park. */
  readonly batch: number;
  readonly closedBefore: Instant;
  readonly visits: ReadonlyMap<VisitId, Visit>;
  readonly ledger: ReadonlyMap<OrderNo, LedgerEntry>;
  readonly passages: { readonly in: readonly Instant[]; readonly out: readonly Instant[] };
}

export interface State {
  /** The last record folded in; 0 before the first. */
  seq: number;
  /** The time of that record. */
  at: Instant;
  readonly parks: Map<ParkId, ParkState>;
  line: LineState;
}

/** Identities a lane remembers. A lane passes a few hundred vehicles an hour; identities are compared within an hour. */
export const MAX_SEEN = 512;

export function emptyState(): State {
  return { seq: 0, at: 0 as Instant, parks: new Map(), line: LINE_UP };
}

export function emptyPark(id: ParkId): ParkState {
  return {
    id,
    open: new Map(),
    closed: new Map(),
    byCredential: new Map(),
    ledger: new Map(),
    lanes: new Map(),
    orders: new Map(),
    passages: { in: [], out: [] },
    outbox: emptyOutbox(),
    sealed: null,
    archivedThrough: 0,
  };
}

/** A park's state, made when it is first needed: a park that was configured today has no history. */
export function parkOf(state: State, id: ParkId): ParkState {
  let park = state.parks.get(id);
  if (!park) {
    park = emptyPark(id);
    state.parks.set(id, park);
  }
  return park;
}

/** A visit by its id: open, lately closed, or on its way to the archive. */
export function visitOf(park: ParkState, id: VisitId): Visit | undefined {
  return park.open.get(id) ?? park.closed.get(id) ?? park.sealed?.visits.get(id);
}

/** An order by its number, unless it is in the archive. */
export function orderOf(park: ParkState, orderNo: OrderNo): LedgerEntry | undefined {
  return park.ledger.get(orderNo) ?? park.sealed?.ledger.get(orderNo);
}

/** The vehicle of a visit, if the visit is known. */
export function credentialOf(state: State, park: ParkId, visit: VisitId | null): Credential | null {
  const parkState = state.parks.get(park);
  if (!parkState || visit === null) return null;
  return visitOf(parkState, visit)?.credential ?? null;
}

/** Whether a closed visit ended before a moment. */
export function endedBefore(visit: Visit, before: Instant): boolean {
  return visit.end !== null && visit.end.at < before;
}

/** Whether an order was booked before a moment, and its visit is no longer here. */
export function orderIsOld({ open, closed }: ParkState, { visit, at }: LedgerEntry, before: Instant): boolean {
  return at < before && (visit === null || !(open.has(visit) || closed.has(visit)));
}

/**
 * The visit of a vehicle that left last, among the closed ones. They are looked through one by one, a few ten thousand at
 * most: it is asked for an entry where the sheet has a rule for re-entry, and for an unknown vehicle at an exit.
 */
export function lastDeparture(park: ParkState, key: string): Visit | undefined {
  let last: Visit | undefined;
  for (const visit of park.closed.values()) {
    const { end } = visit;
    if (end?.how !== 'left' || end.at < (last?.end?.at ?? end.at)) continue;
    if (credentialKey(visit.credential) === key) last = visit;
  }
  return last;
}
