/**
 * Walks a stay. The meaning is that of docs/tariffs.md, second by second; but as a band's price is a function of its
 * stopwatch, all seconds between two edges (of bands, days, cap periods) are charged in one step.
 */
import { type DayTable, type Profile, WEEK_DAYS } from './days.ts';
import { takeSnapshot, WEEK, weeksToSkip } from './fold.ts';
import { costAt, grossAt, restOfUnit } from './ladder.ts';
import { type Cover, type Machine, NEVER, type Walk } from './machine.ts';

function endOfSlot(days: DayTable, profile: Profile, walk: Walk): number {
  const next = profile.from[walk.slot + 1];
  return next === undefined ? walk.dayEnd : days.secondAt(walk.day, next);
}

function openDay(machine: Machine, days: DayTable, walk: Walk, day: number): void {
  const profile = days.profileOf(day);
  walk.day = day;
  walk.dayStart = days.startOf(day);
  walk.dayEnd = days.startOf(day + 1);
  walk.profile = profile;
  walk.dayCap = profile.cap * machine.scale;
  walk.slot = 0;
  walk.slotEnd = endOfSlot(days, profile, walk);
  if (walk.paidDay !== day) {
    walk.paidDay = day;
    walk.dayPaid = 0;
  }
}

/** Moves to the slot that the present second lies in, over midnights if need be. */
function advance(machine: Machine, days: DayTable, walk: Walk): void {
  while (walk.slotEnd <= walk.at) {
    if (walk.slotEnd >= walk.dayEnd || !walk.profile) {
      openDay(machine, days, walk, walk.day + 1);
    } else {
      walk.slot += 1;
      walk.slotEnd = endOfSlot(days, walk.profile, walk);
    }
  }
}

/** Moves to the window of the rolling cap that the present second lies in. */
function enterWindow(machine: Machine, walk: Walk): void {
  if (walk.at < walk.windowEnd) return;
  const whole = Math.floor((walk.at - walk.windowEnd) / machine.windowLength) + 1;
  walk.windowEnd += whole * machine.windowLength;
  walk.windowPaid = 0;
}

/** Finds the day, the slot and the window of the present second. */
function locate(machine: Machine, walk: Walk): void {
  enterWindow(machine, walk);
  if (!machine.days) return;
  openDay(machine, machine.days, walk, machine.days.dayAt(walk.at));
  advance(machine, machine.days, walk);
}

/** Passes a charge through the caps, in their order, and adds what is left. */
function charge(machine: Machine, walk: Walk, amount: number): void {
  let left = amount;
  if (walk.at < walk.coverEnd) {
    left = Math.min(left, walk.coverCap - walk.coverPaid);
    walk.coverPaid += left;
  }
  left = Math.min(left, walk.dayCap - walk.dayPaid);
  walk.dayPaid += left;
  left = Math.min(left, machine.windowCap - walk.windowPaid);
  walk.windowPaid += left;
  left = Math.min(left, machine.visitCap - walk.visitPaid);
  walk.visitPaid += left;
  walk.total += left;
}

/** The same, and notes in the log what each cap took. */
function chargeLogged(
  machine: Machine,
  walk: Walk,
  band: number,
  until: number,
  fresh: boolean,
  gross: number,
  net: number,
): void {
  const { coverPaid, dayPaid, windowPaid, visitPaid } = walk;
  const covered = walk.at < walk.coverEnd;
  charge(machine, walk, net);
  const afterDay = walk.dayPaid - dayPaid;
  const afterCover = covered ? walk.coverPaid - coverPaid : net;
  const afterWindow = walk.windowPaid - windowPaid;
  const after = band === -1 ? 0 : (walk.position[band] ?? 0);
  walk.log?.push({
    band,
    from: walk.at,
    to: until,
    before: after - (until - walk.at),
    after,
    fresh,
    gross,
    bandCut: gross - net,
    arrivalCut: net - afterCover,
    dayCut: afterCover - afterDay,
    windowCut: afterDay - afterWindow,
    visitCut: afterWindow - (walk.visitPaid - visitPaid),
    day: walk.day,
    dayCap: walk.dayCap,
    windowEnd: walk.windowEnd,
  });
}

/** The arrival's price, at the first second of the charge; then the seconds that it covers are over. */
function openCover(machine: Machine, walk: Walk, cover: Cover | null): void {
  walk.coverEnd = 0;
  if (!cover || walk.at >= cover.end) return;
  if (cover.kind === 'cap') {
    walk.coverCap = cover.amount;
    walk.coverPaid = 0;
    walk.coverEnd = cover.end;
    return;
  }
  const until = Math.min(walk.to, cover.end);
  if (walk.log) chargeLogged(machine, walk, -1, until, true, cover.amount, cover.amount);
  else charge(machine, walk, cover.amount);
  walk.at = until;
  if (until < walk.to) locate(machine, walk);
}

/** Charges from the present second to the next edge, and moves there. */
function step(machine: Machine, walk: Walk): void {
  const { ladders, restarts } = machine;
  let band = walk.profile === null ? 0 : (walk.profile.bands[walk.slot] ?? -1);
  let until = Math.min(walk.to, walk.slotEnd, walk.windowEnd);
  if (walk.at < walk.coverEnd && walk.coverEnd < until) until = walk.coverEnd;
  let fresh = band !== walk.active || (restarts[band] === 'day' && walk.resetDay !== walk.day);
  if (fresh) {
    const running = machine.runOn ? ladders[walk.active] : undefined;
    const rest = running ? restOfUnit(running, walk.position[walk.active] ?? 0) : 0;
    if (rest > 0) {
      band = walk.active;
      fresh = false;
      until = Math.min(until, walk.at + rest);
    } else {
      walk.active = band;
      walk.resetDay = walk.day;
      fresh = restarts[band] !== 'visit';
      if (fresh && band !== -1) {
        walk.position[band] = 0;
        walk.cost[band] = 0;
      }
    }
  }
  const ladder = ladders[band];
  if (ladder) {
    const before = walk.position[band] ?? 0;
    const after = before + until - walk.at;
    const cost = costAt(ladder, after);
    const net = cost - (walk.cost[band] ?? 0);
    walk.position[band] = after;
    walk.cost[band] = cost;
    if (walk.log)
      chargeLogged(machine, walk, band, until, fresh, grossAt(ladder, after) - grossAt(ladder, before), net);
    else charge(machine, walk, net);
  }
  walk.at = until;
}

/**
 * Walks `[from, to)` and adds to the walk's total. The stopwatches begin at 0; the caps go on from where the walk's last
 * stay left them (see `beginVisit`). With a log nothing is folded.
 * @param cover the arrival's price or cap, if this stay has one.
 */
export function walkStay(machine: Machine, walk: Walk, from: number, to: number, cover: Cover | null): void {
  const { days } = machine;
  walk.at = from;
  walk.to = to;
  walk.active = -1;
  walk.resetDay = NEVER;
  walk.position.fill(0);
  walk.cost.fill(0);
  walk.snapshot.day = NEVER;
  locate(machine, walk);
  openCover(machine, walk, cover);
  while (walk.at < to) {
    step(machine, walk);
    if (walk.at >= to) return;
    enterWindow(machine, walk);
    if (!days || walk.at < walk.slotEnd) continue;
    const { day } = walk;
    advance(machine, days, walk);
    if (walk.day === day || walk.log) continue;
    if (walk.visitPaid >= machine.visitCap) return;
    if (walk.at < walk.coverEnd || to - walk.at < WEEK || walk.at !== walk.dayStart) continue;
    const weeks = weeksToSkip(machine, days, walk);
    if (weeks === 0) continue;
    walk.at += weeks * WEEK;
    walk.windowEnd += weeks * WEEK;
    openDay(machine, days, walk, walk.day + weeks * WEEK_DAYS);
    takeSnapshot(machine, walk);
  }
}
