/** What can be wrong with a sheet whose every value is right: bands against each other, caps against steps. */
import type { Fen } from '../../core/money.ts';
import { compileLadder, needOf } from '../../core/tariff/ladder.ts';
import { MAX_SCALE, scaleOf } from '../../core/tariff/pricer.ts';
import type { Arrival, Band, Sheet } from '../../core/tariff/sheet.ts';
import { checkCoverage } from './coverage.ts';
import type { View } from './fields.ts';
import type { Path, Reporter } from './problems.ts';
import type { ReadSheet } from './sheet.ts';
import { amountText, lengthText } from './values.ts';

const DAY = 86_400;
/** A band is an hour longer on the day the clock is set back. */
const LONGER = 3600;

/** The path of a band: of `bands`, or of the `price` for all other time. */
function bandPath(view: View, band: Band, index: number): Path {
  return band.hours === null ? view.pathOf('price').slice(0, -1) : [...view.pathOf('bands'), index];
}

/** The longest that a stopwatch can run before it is set to 0, in seconds. */
function longestRun(band: Band): number {
  if (band.restart === 'visit') return Infinity;
  if (band.restart === 'day') return DAY + LONGER;
  if (band.hours === null) return Infinity;
  const { from, to } = band.hours;
  const length = to > from ? to - from : DAY - from + to;
  return length >= DAY ? Infinity : length + LONGER;
}

interface Limit {
  readonly name: string;
  readonly amount: Fen;
  /** Seconds within which it holds. */
  readonly period: number;
  readonly path: Path;
}

/** The caps that hold on every day, with their places in the file. */
function limitsOf(view: View, sheet: Sheet): Limit[] {
  const path = view.pathOf('cap');
  const limits: Limit[] = sheet.dayCaps
    .filter((cap) => cap.days.weekdays.every((day) => day))
    .map((cap) => ({ name: 'per day', amount: cap.amount, period: DAY, path }));
  const { rollingCap, visitCap } = sheet;
  if (rollingCap) {
    const name = `per ${lengthText(rollingCap.seconds)}`;
    limits.push({ name, amount: rollingCap.amount, period: rollingCap.seconds, path });
  }
  if (visitCap !== null) limits.push({ name: 'per visit', amount: visitCap, period: Infinity, path });
  return limits;
}

function checkBand(reporter: Reporter, band: Band, path: Path, limits: readonly Limit[]): void {
  const scale = Math.min(MAX_SCALE, scaleOf(band.steps));
  const ladder = compileLadder(band.steps, band.units, null, scale);
  const run = longestRun(band);
  const own: Limit[] =
    band.cap === null ? [] : [{ name: 'of the band', amount: band.cap, period: run, path: [...path, 'cap'] }];
  for (const [index, rung] of ladder.rungs.entries()) {
    const step = band.steps[index];
    const stepPath = band.steps.length === 1 ? [...path, 'price'] : [...path, 'price', index];
    if (needOf(band.units, rung.unit) > rung.unit) {
      reporter.report(
        'error',
        stepPath,
        `has units of ${lengthText(rung.unit)}, all of which the tolerance forgives`,
        'forgive less than a unit',
      );
    }
    if (rung.start >= run) {
      reporter.report(
        'error',
        stepPath,
        `can never be reached: it begins after ${lengthText(rung.start)}, and the band lasts less`,
        'remove the step, or say "restart: visit"',
      );
      continue;
    }
    if (rung.price === 0 || !step) continue;
    for (const limit of [...own, ...limits]) {
      if (rung.start >= limit.period) continue;
      const before = rung.base / scale;
      const fixed = step.price.kind !== 'per';
      const total = before + rung.price / scale;
      const fix = `raise the cap to ${amountText(Math.ceil(total))} or more, or lower the step`;
      if (index > 0 && before >= limit.amount) {
        reporter.report(
          'error',
          stepPath,
          `can never be reached: the cap ${limit.name}, ${amountText(limit.amount)}, is reached before it`,
          fix,
        );
      } else if (total > limit.amount && (fixed || index === 0)) {
        reporter.report(
          'error',
          limit.path,
          `as the cap ${limit.name} is below the ${fixed ? 'tier' : 'first unit'} of ${amountText(Math.round(total))}`,
          fix,
        );
      }
    }
  }
}

/** Caps that another cap keeps from ever being reached, and caps that the rounding of money would pass. */
function checkCaps(reporter: Reporter, view: View, sheet: Sheet, limits: readonly Limit[]): void {
  const { round, pays, visitCap } = sheet;
  for (const limit of limits) {
    if (visitCap !== null && limit.period !== Infinity && limit.amount > visitCap) {
      reporter.report(
        'warning',
        limit.path,
        `can never be reached as the cap ${limit.name}: a visit is at most ${amountText(visitCap)}`,
        'remove one of the two',
      );
    }
  }
  const amounts = [...limits.map((limit) => limit.amount), ...sheet.dayCaps.map((cap) => cap.amount)];
  const odd = amounts.find((amount) => amount % round.to !== 0);
  if (round.mode === 'down' || pays !== 1000 || odd === undefined) return;
  reporter.report(
    'error',
    view.pathOf('round'),
    `would round past the cap of ${amountText(odd)}`,
    `round down, or make the cap a multiple of ${amountText(round.to)}`,
  );
}

/** A total that the free period hides: no charged stay is that short. */
function checkFree(reporter: Reporter, view: View, sheet: Sheet): void {
  const [band, ...others] = sheet.bands;
  if (!band || others.length > 0 || sheet.free.deducted || sheet.arrivals.length > 0) return;
  for (const [index, step] of band.steps.entries()) {
    const hidden = step.to !== null && step.to <= sheet.free.seconds && band.steps[index + 1]?.price.kind === 'total';
    if (!hidden) continue;
    const path = [...bandPath(view, band, 0), 'price', index];
    reporter.report(
      'error',
      path,
      `can never be reached: stays up to ${lengthText(sheet.free.seconds)} are free`,
      'remove the step',
    );
  }
}

function checkNames(reporter: Reporter, path: Path, list: readonly (Band | Arrival | undefined)[]): void {
  const seen = new Set<string>();
  for (const [index, entry] of list.entries()) {
    if (!entry || entry.name === '') continue;
    if (seen.has(entry.name)) {
      reporter.report(
        'error',
        [...path, index, 'name'],
        'is the name of two',
        'give each its own name: explanations show it',
      );
    }
    seen.add(entry.name);
  }
}

/** Reports what does not fit together, as far as the sheet could be read. */
export function lintSheet(reporter: Reporter, view: View, read: ReadSheet): void {
  const { sheet } = read;
  checkNames(reporter, view.pathOf('bands'), read.bands);
  checkNames(reporter, view.pathOf('arrivals'), read.arrivals);
  checkCoverage(reporter, view, read);
  const limits = sheet ? limitsOf(view, sheet) : [];
  for (const [index, band] of read.bands.entries()) {
    if (band) checkBand(reporter, band, bandPath(view, band, index), limits);
  }
  if (!sheet) return;
  checkCaps(reporter, view, sheet, limits);
  checkFree(reporter, view, sheet);
}
