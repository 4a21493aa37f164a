/** The orders that a device has been given and has not answered. */
import type { Said, Sentence } from '../core/errors.ts';
import type { BarrierOutcome } from '../core/park/commands.ts';
import type { Sent } from './link.ts';

const UNREACHED: Sentence = { zh: '连不上设备', en: 'the device cannot be reached' };
const IN_PART: Sentence = {
  zh: '指令只发出一部分，或不知道是否发出',
  en: 'the order went out in part, or nobody knows',
};

export interface OrderResult {
  readonly outcome: BarrierOutcome;
  readonly detail: Said | null;
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
        const detail: Sentence = { zh: `${timeoutMs} ms 内没有应答`, en: `no answer in ${timeoutMs} ms` };
        const late = setTimeout(settle, timeoutMs, { outcome: 'uncertain', detail });
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
  if (sent.every((one) => one === 'refused')) return { outcome: 'refused', detail: UNREACHED };
  return { outcome: 'uncertain', detail: IN_PART };
}
