/** Stays of one car that the sheet counts together. The meaning is that of docs/tariffs.md, "Re-entry". */
import { above, type Fen } from '../money.ts';
import { type Instant, SECOND } from '../time.ts';
import type { FeeItem, Stay, Tariff } from './tariff.ts';

/**
 * The earlier stays that the rule for re-entry ties to one that begins at `entry`: each left less than `within` before the
 * next came. None where the sheet has no such rule.
 * @param earlier stays of the same car, in order.
 */
export function tiedStays(tariff: Tariff, entry: Instant, earlier: readonly Stay[]): readonly Stay[] {
  const rule = tariff.termsAt(entry).reentry;
  if (!rule) return [];
  let next = entry;
  let first = earlier.length;
  for (const stay of earlier.toReversed()) {
    if (next - stay.to > rule.within * SECOND || stay.to > next) break;
    first -= 1;
    next = stay.from;
  }
  return earlier.slice(first);
}

/**
 * The tariff of a stay that begins at `entry` after others: as if the car had never left, or with the caps counting on;
 * less what the earlier stays cost. Without stays that the rule ties to it, the tariff itself.
 */
export function afterStays(tariff: Tariff, entry: Instant, earlier: readonly Stay[]): Tariff {
  const tied = tiedStays(tariff, entry, earlier);
  const [first] = tied;
  const last = tied.at(-1);
  if (!first || !last) return tariff;
  const asOne = tariff.termsAt(entry).reentry?.keeps === 'entry';
  const before = asOne ? tariff.fee(first.from, last.to) : tariff.feeTogether(tied);

  function fee(from: Instant, to: Instant): Fen {
    if (to <= from) return 0 as Fen;
    return above(asOne ? tariff.fee(first?.from ?? from, to) : tariff.feeTogether([...tied, { from, to }]), before);
  }

  function explain(from: Instant, to: Instant): readonly FeeItem[] {
    const items = tariff.explain(from, to);
    const amount = (fee(from, to) - tariff.fee(from, to)) as Fen;
    return amount === 0 ? items : [...items, { kind: 'reentry', from, to, units: 1, unitPrice: amount, amount }];
  }

  return {
    ...tariff,
    fee,
    explain,
    forClass: (name) => afterStays(tariff.forClass(name), entry, earlier),
    // Caps that went on do not matter where there are none; a charge that went on does.
    uncapped: (from, to) =>
      asOne && to > from
        ? above(tariff.uncapped(first.from, to), tariff.uncapped(first.from, last.to))
        : tariff.uncapped(from, to),
  };
}
