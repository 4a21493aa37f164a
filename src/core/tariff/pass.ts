/**
 * Time that is paid for beforehand, or never charged: a monthly pass (月卡), the whitelist (白名单). The meaning is that of
 * docs/passes.md, "What a pass does".
 */
import { assertNever, type Language } from '../errors.ts';
import { add, type Fen, ZERO } from '../money.ts';
import type { Instant } from '../time.ts';
import type { FeeItem, Stay, Tariff } from './tariff.ts';

/** `monthly`: paid for a period, of whatever length. `free`: never pays. */
export type PassKind = 'monthly' | 'free';

/** A time without a gap in which a vehicle's parking costs nothing. */
export interface PassPeriod {
  readonly kind: PassKind;
  /** -Infinity for one that began before all time. */
  readonly from: Instant;
  /** Not included; Infinity for one without an end. */
  readonly to: Instant;
  /** Its last day by the park's clock, `2026-12-31`; null for one without an end. */
  readonly until: string | null;
}

/** A pass in a few words: `monthly until 2026-12-31`, `白名单`. */
export function passText(kind: PassKind, until: string | null, language: Language): string {
  const zh = language === 'zh';
  const end = until === null ? '' : `${zh ? ' 有效至' : ' until'} ${until}`;
  switch (kind) {
    case 'monthly':
      return `${zh ? '月卡' : 'monthly'}${end}`;
    case 'free':
      return `${zh ? '白名单' : 'free'}${end}`;
    default:
      return assertNever(kind);
  }
}

/**
 * The parts of the stay `[from, to)` that no pass covers, in order: each is charged as a stay of its own.
 * @param periods in order, without overlaps.
 */
export function chargeable(periods: readonly PassPeriod[], from: Instant, to: Instant): readonly Stay[] {
  const parts: Stay[] = [];
  let begin = from;
  for (const period of periods) {
    if (period.to <= begin) continue;
    if (period.from >= to) break;
    if (period.from > begin) parts.push({ from: begin, to: period.from });
    begin = period.to;
  }
  if (begin < to) parts.push({ from: begin, to });
  return parts;
}

/**
 * A tariff for a vehicle with passes: what they do not cover of a stay is charged by the sheet, part for part; but never
 * more than the whole stay would cost without them, which a cap for the whole of it may make less.
 * @param together ties earlier stays to it (re-entry), of which passes have covered their part too. A stay that is wholly
 * covered costs nothing, whatever was before it.
 */
export function withPass(
  tariff: Tariff,
  periods: readonly PassPeriod[],
  together: (tariff: Tariff) => Tariff = (alone) => alone,
): Tariff {
  function price({ from, to }: Stay, fee: (from: Instant, to: Instant) => Fen): Fen {
    const parts = chargeable(periods, from, to);
    const sum = parts.reduce((so, part) => add(so, fee(part.from, part.to)), ZERO);
    return isWhole(parts, from, to) || sum === 0 ? sum : least(sum, fee(from, to));
  }

  function explain(from: Instant, to: Instant): readonly FeeItem[] {
    const parts = chargeable(periods, from, to);
    if (isWhole(parts, from, to)) return tariff.explain(from, to);
    const items = [
      ...coveredLines(periods, from, to).map((covered) => ({ from: covered.from, lines: [covered] })),
      ...parts.map((part) => ({ from: part.from, lines: tariff.explain(part.from, part.to) })),
    ]
      .toSorted((a, b) => a.from - b.from)
      .flatMap(({ lines }) => lines);
    const sum = items.reduce((so, { amount }) => so + amount, 0);
    const amount = (price({ from, to }, tariff.fee) - sum) as Fen;
    const lines = amount === 0 ? items : [...items, line('passCap', from, to, amount)];
    return lines.filter((item, index) => item.kind !== 'sheet' || item.name !== sheetBefore(lines, index));
  }

  const alone: Tariff = {
    ...tariff,
    explain,
    fee: (from, to) => price({ from, to }, tariff.fee),
    forClass: (name) => withPass(tariff.forClass(name), periods, together),
    uncapped: (from, to) => price({ from, to }, tariff.uncapped),
    feeTogether(stays) {
      const parts = stays.flatMap(({ from, to }) => chargeable(periods, from, to));
      return parts.length === 0 ? ZERO : least(tariff.feeTogether(parts), tariff.feeTogether(stays));
    },
  };
  const tied = together(alone);
  const covered = (from: Instant, to: Instant): boolean => chargeable(periods, from, to).length === 0;
  return {
    ...tied,
    fee: (from, to) => (covered(from, to) ? ZERO : tied.fee(from, to)),
    explain: (from, to) => (covered(from, to) ? explain(from, to) : tied.explain(from, to)),
  };
}

function isWhole(parts: readonly Stay[], from: Instant, to: Instant): boolean {
  const [first] = parts;
  return to <= from || (first?.from === from && first.to === to);
}

function least(a: Fen, b: Fen): Fen {
  return a < b ? a : b;
}

/** A line for each pass that covers some of a stay. */
function coveredLines(periods: readonly PassPeriod[], from: Instant, to: Instant): readonly FeeItem[] {
  return periods.flatMap((period) => {
    const begin = Math.max(from, period.from) as Instant;
    const end = Math.min(to, period.to) as Instant;
    if (begin >= end) return [];
    const covered = line(period.kind === 'monthly' ? 'monthlyPass' : 'freePass', begin, end, ZERO);
    return [period.until === null ? covered : { ...covered, name: period.until }];
  });
}

function line(kind: FeeItem['kind'], from: Instant, to: Instant, amount: Fen): FeeItem {
  return { kind, from, to, units: 1, unitPrice: amount, amount };
}

/** The sheet that the lines before this one speak of. */
function sheetBefore(items: readonly FeeItem[], index: number): string | undefined {
  return items.slice(0, index).findLast(({ kind }) => kind === 'sheet')?.name;
}
