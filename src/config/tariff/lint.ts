/** What can be wrong with a sheet whose every value is right: bands against each other, caps against steps. */
import type { Sentence } from '../../core/errors.ts';
import type { Fen } from '../../core/money.ts';
import { fill } from '../../core/sentence.ts';
import { compileLadder, needOf } from '../../core/tariff/ladder.ts';
import { MAX_SCALE, scaleOf } from '../../core/tariff/pricer.ts';
import type { Arrival, Band, Sheet } from '../../core/tariff/sheet.ts';
import { checkCoverage } from './coverage.ts';
import type { View } from './fields.ts';
import {
  BELOW_TIER,
  BELOW_UNIT,
  CAPPED,
  CAPS,
  FORGIVEN,
  FREE_BEFORE,
  NEVER_CAPS,
  RAISE_CAP,
  ROUNDS_PAST,
  TOO_LATE,
} from './lint-words.ts';
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
  readonly name: Sentence;
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
    .map((cap) => ({ name: CAPS.day, amount: cap.amount, period: DAY, path }));
  const { rollingCap, visitCap } = sheet;
  if (rollingCap) {
    const name = fill(CAPS.rolling, { length: lengthText(rollingCap.seconds) });
    limits.push({ name, amount: rollingCap.amount, period: rollingCap.seconds, path });
  }
  if (visitCap !== null) limits.push({ name: CAPS.visit, amount: visitCap, period: Infinity, path });
  return limits;
}

function checkBand(reporter: Reporter, band: Band, path: Path, limits: readonly Limit[]): void {
  const scale = Math.min(MAX_SCALE, scaleOf(band.steps));
  const ladder = compileLadder(band.steps, band.units, null, scale);
  const run = longestRun(band);
  const own: Limit[] =
    band.cap === null ? [] : [{ name: CAPS.band, amount: band.cap, period: run, path: [...path, 'cap'] }];
  for (const [index, rung] of ladder.rungs.entries()) {
    const step = band.steps[index];
    const stepPath = band.steps.length === 1 ? [...path, 'price'] : [...path, 'price', index];
    if (needOf(band.units, rung.unit) > rung.unit) {
      reporter.report('error', stepPath, fill(FORGIVEN.message, { unit: lengthText(rung.unit) }), FORGIVEN.fix);
    }
    if (rung.start >= run) {
      reporter.report('error', stepPath, fill(TOO_LATE.message, { start: lengthText(rung.start) }), TOO_LATE.fix);
      continue;
    }
    if (rung.price === 0 || !step) continue;
    for (const limit of [...own, ...limits]) {
      if (rung.start >= limit.period) continue;
      const before = rung.base / scale;
      const fixed = step.price.kind !== 'per';
      const total = before + rung.price / scale;
      const fix = fill(RAISE_CAP, { amount: amountText(Math.ceil(total)) });
      if (index > 0 && before >= limit.amount) {
        reporter.report('error', stepPath, fill(CAPPED, { cap: limit.name, amount: amountText(limit.amount) }), fix);
      } else if (total > limit.amount && (fixed || index === 0)) {
        reporter.report(
          'error',
          limit.path,
          fill(fixed ? BELOW_TIER : BELOW_UNIT, { cap: limit.name, amount: amountText(Math.round(total)) }),
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
      reporter.report('warning', limit.path, fill(NEVER_CAPS, { cap: limit.name, amount: amountText(visitCap) }), {
        zh: '请删去其中一个',
        en: 'remove one of the two',
      });
    }
  }
  const amounts = [...limits.map((limit) => limit.amount), ...sheet.dayCaps.map((cap) => cap.amount)];
  const odd = amounts.find((amount) => amount % round.to !== 0);
  if (round.mode === 'down' || pays !== 1000 || odd === undefined) return;
  reporter.report(
    'error',
    view.pathOf('round'),
    fill(ROUNDS_PAST.message, { cap: amountText(odd) }),
    fill(ROUNDS_PAST.fix, { to: amountText(round.to) }),
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
    reporter.report('error', path, fill(FREE_BEFORE, { length: lengthText(sheet.free.seconds) }), {
      zh: '请删去此阶梯',
      en: 'remove the step',
    });
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
        { zh: '有两个同名', en: 'is the name of two' },
        { zh: '请各起一个名称：计费说明会显示它', en: 'give each its own name: explanations show it' },
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
