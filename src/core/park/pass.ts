/** The passes of a park: which vehicle has one, and when. Compiled once from what the manager keeps; looked up by plate. */
import type { Plate } from '../plate.ts';
import type { PassKind, PassPeriod } from '../tariff/pass.ts';
import { civilDay, DAY, firstAt, type Instant, type Zone } from '../time.ts';

/** By plate: times in order, without overlaps, and with a gap between any two. */
export type Passes = ReadonlyMap<Plate, readonly PassPeriod[]>;

export const NO_PASSES: Passes = new Map();

/** One line of what the manager keeps. Days are counted from 1970-01-01, both included; null for no limit. */
export interface PassRow {
  readonly plate: Plate;
  readonly kind: PassKind;
  readonly from: number | null;
  readonly until: number | null;
}

export interface CompiledPasses<R extends PassRow> {
  readonly passes: Passes;
  /** Lines of one plate that have a day in common, each with the one before it: both hold, but somebody should look. */
  readonly overlaps: readonly { readonly row: R; readonly other: R }[];
}

interface Span {
  kind: PassKind;
  readonly from: number;
  until: number;
}

/** Puts the lines of each plate together: days that follow each other are one pass, and it has the kind of what ends last. */
export function compilePasses<R extends PassRow>(rows: readonly R[], zone: Zone): CompiledPasses<R> {
  const byPlate = new Map<Plate, R[]>();
  for (const row of rows) {
    const known = byPlate.get(row.plate);
    if (known) known.push(row);
    else byPlate.set(row.plate, [row]);
  }
  const overlaps: { row: R; other: R }[] = [];
  const { startOf, textOf } = calendarOf(zone);
  const passes = new Map<Plate, readonly PassPeriod[]>();
  for (const [plate, own] of byPlate) {
    const spans = spansOf(own, overlaps);
    passes.set(
      plate,
      spans.map(({ kind, from, until }) => ({
        kind,
        from: startOf(from),
        to: startOf(until + 1),
        until: textOf(until),
      })),
    );
  }
  return { passes, overlaps };
}

/** The spans of days of one plate's lines. */
function spansOf<R extends PassRow>(rows: readonly R[], overlaps: { row: R; other: R }[]): readonly Span[] {
  const [only] = rows;
  if (only && rows.length === 1) return [{ kind: only.kind, from: first(only), until: last(only) }];
  const spans: Span[] = [];
  let longest: R | undefined;
  for (const row of rows.toSorted((a, b) => first(a) - first(b) || last(a) - last(b))) {
    const span = spans.at(-1);
    const until = last(row);
    if (span && longest && first(row) <= span.until) overlaps.push({ row, other: longest });
    if (!span || first(row) > span.until + 1) spans.push({ kind: row.kind, from: first(row), until });
    else if (until > span.until || (until === span.until && row.kind === 'free'))
      Object.assign(span, { kind: row.kind, until });
    if (!longest || until >= last(longest)) longest = row;
  }
  return spans;
}

const first = ({ from }: PassRow): number => from ?? Number.NEGATIVE_INFINITY;
const last = ({ until }: PassRow): number => until ?? Number.POSITIVE_INFINITY;

/** When days begin, and how they are written. Thousands of passes share their days. */
function calendarOf(zone: Zone) {
  const starts = new Map<number, Instant>();
  const texts = new Map<number, string>();
  return {
    startOf(day: number): Instant {
      if (!Number.isFinite(day)) return day as Instant;
      const known = starts.get(day) ?? firstAt(day * DAY, zone);
      starts.set(day, known);
      return known;
    },
    textOf(day: number): string | null {
      if (!Number.isFinite(day)) return null;
      const known = texts.get(day) ?? dayText(day);
      texts.set(day, known);
      return known;
    },
  };
}

function dayText(days: number): string {
  const { year, month, day } = civilDay(days);
  return [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');
}

/** What an event says of the pass that a vehicle had. */
export interface PassNote {
  readonly kind: PassKind;
  readonly until: string | null;
  /** Its end, not included; null for one without an end. */
  readonly to: Instant | null;
}

/** The pass in force at a moment, for the event of that moment. */
export function passNote(passes: Passes, plate: Plate | null, at: Instant): { readonly pass?: PassNote } {
  const held = plate && passes.get(plate)?.find(({ from, to }) => from <= at && at < to);
  if (!held) return {};
  const { kind, until, to } = held;
  return { pass: { kind, until, to: Number.isFinite(to) ? to : null } };
}

export interface PassCounts {
  /** All passes: times without a gap of one vehicle. */
  readonly passes: number;
  /** Of these, those that have ended, and those that have not begun. */
  readonly expired: number;
  readonly later: number;
}

export function countPasses(passes: Passes, now: Instant): PassCounts {
  const counts = { passes: 0, expired: 0, later: 0 };
  for (const periods of passes.values()) {
    for (const { from, to } of periods) {
      counts.passes += 1;
      if (to <= now) counts.expired += 1;
      else if (from > now) counts.later += 1;
    }
  }
  return counts;
}

/** The vehicles for which something has changed, counted, and the first few of them. */
export interface PassesDiff {
  readonly added: PassChange;
  readonly removed: PassChange;
  readonly changed: PassChange;
}

export interface PassChange {
  readonly count: number;
  readonly plates: readonly Plate[];
}

/** How many plates a change names. */
const NAMED = 5;

/** What the passes of a park became, by vehicle; for the line that tells of a reload. */
export function passesDiff(before: Passes, now: Passes): PassesDiff {
  const [added, removed, changed]: Plate[][] = [[], [], []];
  for (const [plate, periods] of now) {
    const old = before.get(plate);
    if (!old) added?.push(plate);
    else if (!same(old, periods)) changed?.push(plate);
  }
  for (const plate of before.keys()) if (!now.has(plate)) removed?.push(plate);
  const change = (plates: readonly Plate[] = []): PassChange => ({
    count: plates.length,
    plates: plates.slice(0, NAMED),
  });
  return { added: change(added), removed: change(removed), changed: change(changed) };
}

function same(a: readonly PassPeriod[], b: readonly PassPeriod[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ kind, from, to }, index) => {
      const other = b[index];
      return kind === other?.kind && from === other.from && to === other.to;
    })
  );
}
