/** An archive on paper: the batches as they were sealed, asked the plain way. For tests of the core. */
import type { OrderNo, VisitId } from '../../../src/core/ids.ts';
import type { ArchiveAnswer, PaymentNotice } from '../../../src/core/park/commands.ts';
import type { LedgerEntry, SealedBatch, Visit } from '../../../src/core/park/state.ts';

export interface Shelf {
  /** Takes a batch; the same one again is one. */
  put(batch: SealedBatch): void;
  /** The visit as it was sealed last. */
  visit(id: VisitId): Visit | null;
  order(orderNo: OrderNo): LedgerEntry | null;
  answer(notice: PaymentNotice): ArchiveAnswer;
  /** All visits, each as it was sealed last. */
  visits(): ReadonlyMap<VisitId, Visit>;
  orders(): ReadonlyMap<OrderNo, LedgerEntry>;
}

export function shelf(): Shelf {
  let through = 0;
  const visits = new Map<VisitId, Visit>();
  const orders = new Map<OrderNo, LedgerEntry>();
  return {
    put(batch) {
      through = batch.batch;
      for (const [id, visit] of batch.visits) visits.set(id, visit);
      for (const [orderNo, entry] of batch.ledger) orders.set(orderNo, entry);
    },
    visit: (id) => visits.get(id) ?? null,
    order: (orderNo) => orders.get(orderNo) ?? null,
    answer: ({ orderNo, feeId }) => ({
      through,
      order: orders.get(orderNo) ?? null,
      visit: visits.get(feeId as VisitId) ?? null,
    }),
    visits: () => visits,
    orders: () => orders,
  };
}
