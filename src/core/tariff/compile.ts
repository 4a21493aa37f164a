/** Compiles the versions of a sheet to a tariff. */
import { add, type Fen, ZERO } from '../money.ts';
import { type Instant, SECOND, type Zone } from '../time.ts';
import { type HolidayCalendar, unknownYears } from './calendar.ts';
import { calendarItem, freeItem, partItems, sheetItem } from './items.ts';
import type { Stretch } from './machine.ts';
import { type Pricer, pricerOf, withoutCaps } from './pricer.ts';
import { type SheetVersion, usesCalendar } from './sheet.ts';
import type { FeeItem, Stay, Tariff } from './tariff.ts';

/** A version ready to price: what it says for one class. */
interface Version {
  readonly pricer: Pricer;
  readonly source: SheetVersion;
  /** In seconds; -Infinity for one that always held. */
  readonly starts: number;
}

const seconds = (at: Instant): number => Math.floor(at / SECOND);

/** The last version that has begun at a second; before the first one begins, the first. */
function versionAt(versions: readonly Version[], second: number): number {
  let index = versions.length - 1;
  while (index > 0 && (versions[index]?.starts ?? 0) > second) index -= 1;
  return index;
}

/** The part of a stay that one version prices. */
interface Part {
  readonly version: Version;
  readonly start: number;
  readonly end: number;
  /** The entry, for arrival prices; -1 after a change of version. */
  readonly entry: number;
}

/** Divides a charged stay among the versions: later ones take over when they say `split`. */
function partsOf(versions: readonly Version[], index: number, entry: number, start: number, exit: number): Part[] {
  const parts: Part[] = [];
  let current = versions[index];
  let from = start;
  let arrival = entry;
  for (const next of versions.slice(index + 1)) {
    if (next.source.change !== 'split' || next.starts >= exit || !current) continue;
    if (next.starts > from) {
      parts.push({ version: current, start: from, end: next.starts, entry: arrival });
      from = next.starts;
    }
    current = next;
    arrival = -1;
  }
  if (current && from < exit) parts.push({ version: current, start: from, end: exit, entry: arrival });
  return parts;
}

function feeOf(versions: readonly Version[], entry: number, exit: number): Fen {
  const index = versionAt(versions, entry);
  const version = versions[index];
  if (!version) return ZERO;
  const start = version.pricer.chargeStart(entry, exit);
  if (start === -1) return ZERO;
  if (index === versions.length - 1) {
    return version.pricer.money(version.pricer.charge(start, exit, entry, null));
  }
  return partsOf(versions, index, entry, start, exit).reduce((sum, part) => {
    const { pricer } = part.version;
    return add(sum, pricer.money(pricer.charge(part.start, part.end, part.entry, null)));
  }, ZERO);
}

function explainStay(versions: readonly Version[], entry: number, exit: number, className: string | null): FeeItem[] {
  const index = versionAt(versions, entry);
  const version = versions[index];
  if (!version || exit <= entry) return [];
  const start = version.pricer.chargeStart(entry, exit);
  const charged = start !== -1 && start < exit;
  const freeTo = charged ? start : exit;
  const items = freeTo > entry ? [freeItem(entry, freeTo)] : [];
  if (!charged) return [sheetItem(version.pricer.sheet, entry, exit), ...items];
  for (const part of partsOf(versions, index, entry, start, exit)) {
    const { pricer } = part.version;
    const log: Stretch[] = [];
    const total = pricer.money(pricer.charge(part.start, part.end, part.entry, log));
    const cover = part.entry === -1 ? null : pricer.coverOf(part.entry);
    items.push(sheetItem(pricer.sheet, part.start, part.end), ...partItems(pricer, log, cover, total, className));
  }
  // The version stands first, also when a free period precedes the charge.
  const first = items[0];
  const second = items[1];
  if (first?.kind === 'free' && second?.kind === 'sheet') items.splice(0, 2, second, first);
  return items;
}

/** A tariff of one class over all versions. */
function tariffOf(
  sources: readonly SheetVersion[],
  className: string | null,
  calendar: HolidayCalendar,
  zone: Zone,
): Tariff {
  const sheetFor = (source: SheetVersion) =>
    (className === null ? undefined : source.classes.get(className)) ?? source.sheet;
  const ordered = sources.toSorted((a, b) => (a.starts ?? -Infinity) - (b.starts ?? -Infinity));
  const compile = (capped: boolean): Version[] =>
    ordered.map((source) => {
      const sheet = sheetFor(source);
      const pricer = pricerOf(capped ? sheet : withoutCaps(sheet), calendar, zone);
      return { pricer, source, starts: source.starts === null ? -Infinity : seconds(source.starts) };
    });
  const versions = compile(true);
  const last = versions.at(-1);
  if (!last) throw new RangeError('a tariff needs at least one sheet');
  const at = (moment: Instant): Version => versions[versionAt(versions, seconds(moment))] ?? last;
  const needsCalendar = ordered.some((source) => usesCalendar(sheetFor(source)));
  const classes = [...new Set(sources.flatMap((source) => [...source.classes.keys()]))];
  const others = new Map<string | null, Tariff>();
  let bare: Version[] | null = null;

  const tariff: Tariff = {
    classes,
    usesCalendar: needsCalendar,
    fee: (from, to) => feeOf(versions, seconds(from), seconds(to)),
    explain(from, to) {
      const items = explainStay(versions, seconds(from), seconds(to), className);
      if (!needsCalendar || to <= from) return items;
      const years = unknownYears(calendar, from, to, zone);
      return [...years.map((year) => calendarItem(year, from, to)), ...items];
    },
    forClass(name) {
      const known = name !== null && classes.includes(name) ? name : null;
      if (known === className) return tariff;
      const other = others.get(known) ?? tariffOf(sources, known, calendar, zone);
      others.set(known, other);
      return other;
    },
    sheetAt(moment) {
      const { name, version, currency } = at(moment).pricer.sheet;
      return { name, version, currency };
    },
    termsAt: (moment) => at(moment).source.terms,
    uncapped(from, to) {
      bare ??= compile(false);
      return feeOf(bare, seconds(from), seconds(to));
    },
    feeTogether: (stays) => feeTogether(at, stays),
  };
  return tariff;
}

function feeTogether(at: (moment: Instant) => Version, stays: readonly Stay[]): Fen {
  const first = stays[0];
  if (!first) return ZERO;
  const { pricer } = at(first.from);
  const whole = stays.map((stay) => ({ entry: seconds(stay.from), exit: seconds(stay.to) }));
  return pricer.money(pricer.chargeTogether(whole, null));
}

/**
 * Compiles the versions of a park's sheet.
 * @param versions in any order; at most one begins at a moment.
 * @throws RangeError when there is none.
 */
export function compileTariff(versions: readonly SheetVersion[], calendar: HolidayCalendar, zone: Zone): Tariff {
  return tariffOf(versions, null, calendar, zone);
}
