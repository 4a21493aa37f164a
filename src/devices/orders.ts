/** The orders that a device has been given and has not answered. */
import type { BarrierOutcome } from '../core/park/commands.ts';
import type { Sent } from './link.ts';

export interface OrderResult {
  readonly outcome: BarrierOutcome;
  readonly detail: string | null;
}

export interface OrderBook {
  has(id: string): boolean;
  /** Resolves with the first result that is settled for the order, or `uncertain` when its time is up. */
  begin(id: string): Promise<OrderResult>;
  /** Does nothing for an order that has its result, or never was. */
  settle(id: string, result: OrderResult): void;
  settleAll(result: OrderResult): void;
}

/** @param timeoutMs how long a device may take to answer, in ms. */
export function orderBook(timeoutMs: number): OrderBook {
  const open = new Map<string, (result: OrderResult) => void>();
  return {
    has: (id) => open.has(id),
    begin: (id) =>
      new Promise((resolve) => {
        const settle = (result: OrderResult): void => {
          clearTimeout(late);
          open.delete(id);
          resolve(result);
        };
        const late = setTimeout(settle, timeoutMs, { outcome: 'uncertain', detail: `no answer in ${timeoutMs} ms` });
        open.set(id, settle);
      }),
    settle: (id, result) => open.get(id)?.(result),
    settleAll(result) {
      for (const settle of open.values()) settle(result);
    },
  };
}

/** What sends that went wrong make of an order; null when all went out. */
export function sendFailure(sent: readonly Sent[]): OrderResult | null {
  if (sent.every((one) => one === 'sent')) return null;
  if (sent.every((one) => one === 'refused')) return { outcome: 'refused', detail: 'the device cannot be reached' };
  return { outcome: 'uncertain', detail: 'the order went out in part, or nobody knows' };
}
