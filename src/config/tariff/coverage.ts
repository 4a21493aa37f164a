/** Looks for time that two bands claim, and time that none does, on every kind of day that can come. */
import type { Sentence } from '../../core/errors.ts';
import { fill } from '../../core/sentence.ts';
import { type Day, type DayKind, hoursBeginOn } from '../../core/tariff/calendar.ts';
import { partsOf } from '../../core/tariff/days.ts';
import type { Hours } from '../../core/tariff/sheet.ts';
import { civilDay, dayNumber } from '../../core/time.ts';
import type { View } from './fields.ts';
import type { Path, Reporter } from './problems.ts';
import type { ReadSheet } from './sheet.ts';
import { clockText } from './values.ts';

const DAY = 86_400;
const NAMES: readonly Sentence[] = [
  { zh: '周一', en: 'Monday' },
  { zh: '周二', en: 'Tuesday' },
  { zh: '周三', en: 'Wednesday' },
  { zh: '周四', en: 'Thursday' },
  { zh: '周五', en: 'Friday' },
  { zh: '周六', en: 'Saturday' },
  { zh: '周日', en: 'Sunday' },
];
const KINDS: Readonly<Record<DayKind, Sentence>> = {
  workday: { zh: '工作日', en: 'workday' },
  weekend: { zh: '周末', en: 'weekend' },
  holiday: { zh: '节假日', en: 'holiday' },
};
const OVERLAPS: Sentence = {
  zh: '与 "{other}" 重叠，例如{when} {from} 到 {to}',
  en: 'overlaps with "{other}", for example {when} from {from} to {to}',
};
const SEPARATE: Sentence = {
  zh: '请让一个在另一个开始时结束，或用于不同的日子',
  en: 'let one end where the other begins, or give them different days',
};
const UNCOVERED: Sentence = {
  zh: '有时间没有价格，例如{when} {from} 到 {to}',
  en: 'leave time uncovered, for example {when} from {from} to {to}',
};
const COVER: Sentence = {
  zh: '请为它加一个时段，或在 "bands" 旁加 "price: free" 用于其余时间',
  en: 'add a band for it, or add "price: free" beside "bands" for all other time',
};

interface Entry {
  readonly name: string;
  readonly hours: Hours;
  readonly path: Path;
}

/** A day and the one before it: what a day's bands depend on. */
interface Pair {
  readonly day: Day;
  readonly before: Day;
}

function kindsOf(weekday: number, calendar: boolean): readonly DayKind[] {
  if (!calendar) return [weekday >= 5 ? 'weekend' : 'workday'];
  return weekday >= 5 ? ['weekend', 'holiday', 'workday'] : ['workday', 'holiday'];
}

/** Two neighbouring days of the year, on a weekday, of certain kinds. */
function pairOf(number: number, weekday: number, kind: DayKind, kindBefore: DayKind): Pair {
  const dayWith = (which: number, onWeekday: number, ofKind: DayKind): Day => {
    const { year, month, day } = civilDay(which);
    return { number: which, year, date: month * 100 + day, weekday: onWeekday, kind: ofKind };
  };
  return { day: dayWith(number, weekday, kind), before: dayWith(number - 1, (weekday + 6) % 7, kindBefore) };
}

/** Every pair of neighbouring days that the hours could tell apart; ordinary days first, for they make better examples. */
function* pairsOf(entries: readonly Entry[]): Generator<Pair> {
  const calendar = entries.some(({ hours: { days } }) => days.workday || days.weekend || days.holiday);
  const seasons = entries.some(({ hours }) => hours.season !== null);
  // A leap year has every date; without seasons one date stands for all.
  const first = dayNumber(2024, 1, 2);
  for (const special of calendar ? [false, true] : [false]) {
    for (let number = first; number < first + (seasons ? 366 : 1); number += 1) {
      for (let weekday = 0; weekday < 7; weekday += 1) {
        for (const kind of kindsOf(weekday, special)) {
          for (const kindBefore of kindsOf((weekday + 6) % 7, special)) yield pairOf(number, weekday, kind, kindBefore);
        }
      }
    }
  }
}

function dayText(day: Day, seasons: boolean): Sentence {
  const two = (number: number): string => String(number).padStart(2, '0');
  const date = `${two(Math.floor(day.date / 100))}-${two(day.date % 100)}`;
  const on: Sentence = seasons ? { zh: ` ${date} `, en: ` on ${date}` } : { zh: '', en: '' };
  const name = NAMES[day.weekday] ?? { zh: '', en: '' };
  const kind = KINDS[day.kind];
  const plain = day.kind === (day.weekday >= 5 ? 'weekend' : 'workday');
  return {
    zh: `${on.zh}${name.zh}${plain ? '' : `（当天是${kind.zh}）`}`,
    en: `a ${name.en}${on.en}${plain ? '' : ` that is a ${kind.en}`}`,
  };
}

interface Span {
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

function spansOf(entries: readonly Entry[], pair: Pair): Span[] {
  return entries
    .flatMap(({ hours }, index) => partsOf(hours, pair.day, pair.before).map(([from, to]) => ({ index, from, to })))
    .sort((a, b) => a.from - b.from);
}

function signature(entries: readonly Entry[], pair: Pair): string {
  return entries.map(({ hours }) => `${hoursBeginOn(hours, pair.day)}${hoursBeginOn(hours, pair.before)}`).join();
}

/** Reports, once for each two entries, where they overlap. */
function reportOverlaps(
  reporter: Reporter,
  entries: readonly Entry[],
  spans: readonly Span[],
  when: Sentence,
  seen: Set<string>,
): void {
  for (const a of spans) {
    for (const b of spans) {
      const from = Math.max(a.from, b.from);
      const to = Math.min(a.to, b.to);
      const key = `${a.index},${b.index}`;
      const [first, second] = [entries[a.index], entries[b.index]];
      if (a.index >= b.index || from >= to || seen.has(key) || !first || !second) continue;
      seen.add(key);
      const values = { other: first.name, when, from: clockText(from), to: clockText(to) };
      reporter.report('error', second.path, fill(OVERLAPS, values), SEPARATE);
    }
  }
}

/** Checks the bands, and the arrivals, of a sheet as far as they could be read. */
export function checkCoverage(reporter: Reporter, view: View, read: ReadSheet): void {
  const rest = read.bands.some((band) => band?.hours === null);
  const complete = read.bands.every((band) => band !== undefined) && !rest && read.bands.length > 0;
  check(reporter, read.bands, view.pathOf('bands'), complete);
  check(reporter, read.arrivals, view.pathOf('arrivals'), false);
}

function check(
  reporter: Reporter,
  list: readonly ({ name: string; hours: Hours | null } | undefined)[],
  path: Path,
  mustCover: boolean,
): void {
  const entries: Entry[] = [];
  for (const [index, entry] of list.entries()) {
    if (entry?.hours) entries.push({ name: entry.name, hours: entry.hours, path: [...path, index] });
  }
  if (entries.length === 0) return;
  const seasons = entries.some(({ hours }) => hours.season !== null);
  const seen = new Set<string>();
  const pairs = new Set<string>();
  let gap = false;
  for (const pair of pairsOf(entries)) {
    const key = signature(entries, pair);
    if (seen.has(key)) continue;
    seen.add(key);
    const spans = spansOf(entries, pair);
    const when = dayText(pair.day, seasons);
    reportOverlaps(reporter, entries, spans, when, pairs);
    if (!mustCover || gap) continue;
    let at = 0;
    for (const span of spans) {
      if (span.from > at) break;
      at = Math.max(at, span.to);
    }
    if (at >= DAY) continue;
    gap = true;
    const to = spans.find((span) => span.from > at)?.from ?? DAY;
    const values = { when, from: clockText(at), to: clockText(to) };
    reporter.report('error', path, fill(UNCOVERED, values), COVER);
  }
}
