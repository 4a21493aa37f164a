/**
 * The days as a sheet sees them: when each begins, and which bands hold in it. Days of one kind share a profile. All times
 * in whole seconds. Filled in as stays ask for it, {@link CHUNK} days at a time, and kept.
 */
import { DAY, firstAt, type Instant, SECOND, type Zone } from '../time.ts';
import { type Day, dayOf, daySetHas, type HolidayCalendar, hoursBeginOn } from './calendar.ts';
import type { DayCap, Hours } from './sheet.ts';

export const DAY_SECONDS = DAY / SECOND;
export const WEEK_DAYS = 7;
/** Days of a chunk: a power of two, so that a day's chunk and place in it are a shift and a mask. */
const SHIFT = 8;
const CHUNK = 1 << SHIFT;
const MASK = CHUNK - 1;
/** Chunks kept: 64 × 256 days are 44 years; more than that is somebody's mistake, and starts over. */
const MAX_CHUNKS = 64;

/** How one kind of day is divided. `bands[i]` holds from second `from[i]` of the day; -1 for none. */
export interface Profile {
  readonly from: readonly number[];
  readonly bands: readonly number[];
  /** The least of the daily caps that fit, in 分; Infinity for none. */
  readonly cap: number;
}

interface Chunk {
  /** Start of each day in seconds since 1970, one more than there are days. */
  readonly starts: Float64Array;
  readonly profiles: Int32Array;
  /** 1 for a day of 24 hours whose profile is that of the day seven days before, which has 24 hours too. */
  readonly repeats: Uint8Array;
}

export interface DayTable {
  /** The day that a second belongs to. */
  dayAt(second: number): number;
  /** The first second of a day. */
  startOf(day: number): number;
  profileOf(day: number): Profile;
  /** Whether it is a day of 24 hours, as the one seven days before was, and is divided as that was. */
  repeats(day: number): boolean;
  /** The first second at which the clock shows that second of the day, or a later one. */
  secondAt(day: number, ofDay: number): number;
}

/** The parts of a day that hours cover: from their own start, and what the day before left over. */
export function partsOf(hours: Hours, day: Day, dayBefore: Day): readonly (readonly [number, number])[] {
  const parts: [number, number][] = [];
  const wraps = hours.to <= hours.from;
  if (wraps && hours.to > 0 && hoursBeginOn(hours, dayBefore)) parts.push([0, hours.to]);
  if (hoursBeginOn(hours, day)) parts.push([hours.from, wraps ? DAY_SECONDS : hours.to]);
  return parts;
}

/** What a table divides its days by. */
export interface Divisions {
  /** `null` for all time that no other hours hold. */
  readonly hours: readonly (Hours | null)[];
  readonly caps: readonly DayCap[];
}

/** Divides a day among hours. Where two would hold, the first in the list does. */
export function profileOf({ hours, caps }: Divisions, day: Day, dayBefore: Day): Profile {
  const covered = hours.map((each) => (each ? partsOf(each, day, dayBefore) : []));
  const rest = hours.indexOf(null);
  const edges = [...new Set([0, ...covered.flat(2)])].filter((edge) => edge < DAY_SECONDS).sort((a, b) => a - b);
  const from: number[] = [];
  const bands: number[] = [];
  for (const edge of edges) {
    const found = covered.findIndex((parts) => parts.some(([start, end]) => start <= edge && edge < end));
    const band = found === -1 ? rest : found;
    if (bands.at(-1) === band) continue;
    from.push(edge);
    bands.push(band);
  }
  const fitting = caps.filter((cap) => daySetHas(cap.days, day)).map((cap) => cap.amount);
  return { from, bands, cap: Math.min(Number.POSITIVE_INFINITY, ...fitting) };
}

/** Fills a chunk. The week before it is needed too, to know which days repeat it. */
function buildChunk(key: number, startOf: (day: number) => number, profileIndex: (day: number) => number): Chunk {
  const first = key * CHUNK - WEEK_DAYS;
  const starts = Float64Array.from({ length: CHUNK + WEEK_DAYS + 1 }, (_, i) => startOf(first + i));
  const indexes = Int32Array.from({ length: CHUNK + WEEK_DAYS }, (_, i) => profileIndex(first + i));
  const usual = (i: number): boolean => (starts[i + 1] ?? 0) - (starts[i] ?? 0) === DAY_SECONDS;
  const repeats = Uint8Array.from({ length: CHUNK }, (_, i) => {
    const same = indexes[i] === indexes[i + WEEK_DAYS];
    return same && usual(i) && usual(i + WEEK_DAYS) ? 1 : 0;
  });
  return { starts: starts.slice(WEEK_DAYS), profiles: indexes.slice(WEEK_DAYS), repeats };
}

/** Makes the table of some hours, a calendar and a zone. */
export function dayTable(divisions: Divisions, calendar: HolidayCalendar, zone: Zone): DayTable {
  const profiles: Profile[] = [];
  const known = new Map<string, number>();
  const alike = new Map<string, number>();
  const seasonal = divisions.hours.some((each) => each?.season);
  const chunks = new Map<number, Chunk>();
  const usualOffset = zone.offsetAt(0 as Instant) / SECOND;
  let lastKey = Number.NaN;
  let last: Chunk = { starts: new Float64Array(0), profiles: new Int32Array(0), repeats: new Uint8Array(0) };

  /** By the zone itself. */
  const findSecond = (day: number, ofDay: number): number =>
    Math.ceil(firstAt(day * DAY + ofDay * SECOND, zone) / SECOND);

  function profileIndex(day: number): number {
    const today = dayOf(day, calendar);
    const before = dayOf(day - 1, calendar);
    // All that a day's division depends on: most days are like one that was divided already.
    const dates = seasonal ? `${today.date} ${before.date}` : '';
    const likeness = `${today.weekday} ${today.kind} ${before.kind} ${dates}`;
    const divided = alike.get(likeness);
    if (divided !== undefined) return divided;
    const profile = profileOf(divisions, today, before);
    const key = `${profile.from.join()};${profile.bands.join()};${profile.cap}`;
    const index = known.get(key) ?? profiles.length;
    if (index === profiles.length) {
      profiles.push(profile);
      known.set(key, index);
    }
    alike.set(likeness, index);
    return index;
  }

  function chunkOf(day: number): Chunk {
    const key = day >> SHIFT;
    if (key === lastKey) return last;
    let chunk = chunks.get(key);
    if (!chunk) {
      if (chunks.size >= MAX_CHUNKS) chunks.clear();
      chunk = buildChunk(key, (each) => findSecond(each, 0), profileIndex);
      chunks.set(key, chunk);
    }
    lastKey = key;
    last = chunk;
    return chunk;
  }

  const startOf = (day: number): number => chunkOf(day).starts[day & MASK] ?? 0;

  const dayAt = (second: number): number => {
    let day = Math.floor((second + usualOffset) / DAY_SECONDS);
    while (startOf(day) > second) day -= 1;
    while (startOf(day + 1) <= second) day += 1;
    return day;
  };

  return {
    startOf,
    dayAt,
    secondAt(day, ofDay) {
      const start = startOf(day);
      // On a day of 24 hours the clock was not changed, and its hours lie where they always do.
      return startOf(day + 1) - start === DAY_SECONDS ? start + ofDay : findSecond(day, ofDay);
    },
    profileOf(day) {
      const profile = profiles[chunkOf(day).profiles[day & MASK] ?? 0];
      if (!profile) throw new RangeError(`no profile of day ${day}`);
      return profile;
    },
    repeats: (day) => chunkOf(day).repeats[day & MASK] === 1,
  };
}
