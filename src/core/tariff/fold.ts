/**
 * Counts weeks instead of walking them. At a midnight the future depends on the state of the walk and on the days to come;
 * so when both are as they were seven days ago, the week to come costs what the last one did.
 */
import { DAY_SECONDS, type DayTable, WEEK_DAYS } from './days.ts';
import { phaseOf } from './ladder.ts';
import { type Machine, NEVER, type Walk } from './machine.ts';

export const WEEK = WEEK_DAYS * DAY_SECONDS;

/** What decides the future of a band at a midnight: where its stopwatch stands, unless it will be set to 0 anyway. */
function phase(machine: Machine, walk: Walk, band: number): number {
  const ladder = machine.ladders[band];
  if (!ladder || (band !== walk.active && machine.restarts[band] !== 'visit')) return 0;
  return phaseOf(ladder, walk.position[band] ?? 0);
}

/** Notes the state at this midnight. */
export function takeSnapshot(machine: Machine, walk: Walk): void {
  const { snapshot } = walk;
  snapshot.day = walk.day;
  snapshot.active = walk.active;
  snapshot.total = walk.total;
  snapshot.windowRest = walk.windowEnd - walk.at;
  snapshot.windowPaid = walk.windowPaid;
  for (let band = 0; band < machine.ladders.length; band += 1) snapshot.phase[band] = phase(machine, walk, band);
}

function isRepeat(machine: Machine, walk: Walk): boolean {
  const { snapshot } = walk;
  if (snapshot.active !== walk.active) return false;
  if (machine.windowLength !== NEVER) {
    if (snapshot.windowPaid !== walk.windowPaid || snapshot.windowRest !== walk.windowEnd - walk.at) return false;
  }
  for (let band = 0; band < machine.ladders.length; band += 1) {
    if (snapshot.phase[band] !== phase(machine, walk, band)) return false;
  }
  return true;
}

/**
 * Whole days from `day` on, up to second `to`, that are like the one seven days before. The state at `day` is that of
 * seven days ago only if the days between were of 24 hours: each is the pattern of one that repeats it.
 */
function repeatingDays(days: DayTable, day: number, to: number): number {
  const most = day + Math.floor((to - days.startOf(day)) / DAY_SECONDS);
  let next = day;
  while (next < most && days.repeats(next)) next += 1;
  return next - day;
}

/**
 * At a midnight: adds the charge of the weeks to come that repeat the last one, and returns how many they are. 0 when
 * there are none, or when it cannot be known yet.
 */
export function weeksToSkip(machine: Machine, days: DayTable, walk: Walk): number {
  const { snapshot, day } = walk;
  if (day > snapshot.day && day < snapshot.day + WEEK_DAYS) return 0;
  if (day === snapshot.day + WEEK_DAYS && isRepeat(machine, walk)) {
    const perWeek = walk.total - snapshot.total;
    let weeks = Math.floor(repeatingDays(days, day, walk.to) / WEEK_DAYS);
    // Only weeks that the visit's cap leaves whole are the same.
    if (perWeek > 0 && machine.visitCap !== NEVER) {
      weeks = Math.min(weeks, Math.floor((machine.visitCap - walk.visitPaid) / perWeek));
    }
    walk.total += weeks * perWeek;
    walk.visitPaid += weeks * perWeek;
    if (weeks > 0) return weeks;
  }
  takeSnapshot(machine, walk);
  return 0;
}
