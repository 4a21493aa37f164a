import { type Fen, ZERO } from '../money.ts';
import { after, DAY, type Instant } from '../time.ts';
import type { FeeItem, Tariff } from './tariff.ts';

/** The plainest sheet: free minutes, a first period, steps after it, a cap for each 24 hours of the stay. */
export interface SteppedSheet {
  readonly name: string;
  readonly version: string;
  /** Length of the free period in ms; 0 for none. A stay of exactly this length is free. */
  readonly freeMs: number;
  /** `cliff`: one moment more and the whole stay is charged. `deducted`: the free part is never charged. */
  readonly free: 'cliff' | 'deducted';
  /** The first period, charged once per stay; `null` when the steps begin at once. */
  readonly first: { readonly ms: number; readonly price: Fen } | null;
  /** Each started step costs its price. */
  readonly step: { readonly ms: number; readonly price: Fen };
  /** The most that 24 hours, counted from the start of the charge, can cost; `null` for no cap. */
  readonly cap24h: Fen | null;
}

/** Compiles the sheet. Rolling days begin where charging begins; the first period is charged in the first one alone. */
export function steppedTariff(sheet: SteppedSheet): Tariff {
  const { first, step, cap24h } = sheet;

  /** The fee of the charged time `[0, ms)` within one rolling day. */
  function dayFee(ms: number, isFirstDay: boolean): number {
    if (ms <= 0) return 0;
    const opening = isFirstDay ? first : null;
    const rest = Math.max(0, ms - (opening?.ms ?? 0));
    const gross = (opening?.price ?? 0) + Math.ceil(rest / step.ms) * step.price;
    return cap24h === null ? gross : Math.min(cap24h, gross);
  }

  function chargedFrom(from: Instant, to: Instant): Instant | null {
    const stay = to - from;
    if (stay <= sheet.freeMs) return null;
    return sheet.free === 'deducted' ? after(from, sheet.freeMs) : from;
  }

  function fee(from: Instant, to: Instant): Fen {
    const start = chargedFrom(from, to);
    if (start === null || to <= start) return ZERO;
    const ms = to - start;
    // Without a cap a day has no meaning of its own, and a step may run over its end.
    if (cap24h === null) return dayFee(ms, true) as Fen;
    const days = Math.floor(ms / DAY);
    if (days === 0) return dayFee(ms, true) as Fen;
    return (dayFee(DAY, true) + (days - 1) * dayFee(DAY, false) + dayFee(ms - days * DAY, false)) as Fen;
  }

  function explainDay(start: Instant, end: Instant, isFirstDay: boolean): FeeItem[] {
    const items: FeeItem[] = [];
    let at = start;
    if (isFirstDay && first) {
      at = after(start, Math.min(first.ms, end - start));
      items.push({ kind: 'first', from: start, to: at, units: 1, unitPrice: first.price, amount: first.price });
    }
    if (end > at) {
      const units = Math.ceil((end - at) / step.ms);
      const amount = (units * step.price) as Fen;
      items.push({ kind: 'step', from: at, to: end, units, unitPrice: step.price, amount });
    }
    const gross = items.reduce((sum, item) => sum + item.amount, 0);
    if (cap24h !== null && gross > cap24h) {
      items.push({ kind: 'cap', from: start, to: end, units: 1, unitPrice: cap24h, amount: (cap24h - gross) as Fen });
    }
    return items;
  }

  function explain(from: Instant, to: Instant): readonly FeeItem[] {
    if (to <= from) return [];
    const start = chargedFrom(from, to);
    const freeTo = start ?? to;
    const items: FeeItem[] =
      freeTo > from ? [{ kind: 'free', from, to: freeTo, units: 1, unitPrice: ZERO, amount: ZERO }] : [];
    if (start === null) return items;
    const length = cap24h === null ? to - start : DAY;
    for (let at = start; at < to; at = after(at, length)) {
      const end = Math.min(at + length, to) as Instant;
      items.push(...explainDay(at, end, at === start));
    }
    return items;
  }

  return { name: sheet.name, version: sheet.version, fee, explain };
}
