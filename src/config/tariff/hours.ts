/** Reads days, hours and steps: the parts that bands, arrivals and caps share. */
import type { DaySet, Hours, Step } from '../../core/tariff/sheet.ts';
import { checkKeys, entries, field, isRaw, needed, rawAt, type View, viewOf } from './fields.ts';
import type { Path, Reporter } from './problems.ts';
import { amountText, lengthText, readAmount, readLength, readPrice, readSeason, readTimeOfDay } from './values.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const NO_DAY = WEEKDAYS.map(() => false);
export const EVERY_DAY: DaySet = { workday: false, weekend: false, holiday: false, weekdays: WEEKDAYS.map(() => true) };
const DAY_FORM = '"every day", "workdays", "weekends", "holidays", "days off", "mon" … "sun", or a list of them';

/** One word for days, or undefined. */
export function readDayWord(word: string): DaySet | undefined {
  const none: DaySet = { workday: false, weekend: false, holiday: false, weekdays: NO_DAY };
  switch (word) {
    case 'every day':
      return EVERY_DAY;
    case 'workdays':
      return { ...none, workday: true };
    case 'weekends':
      return { ...none, weekend: true };
    case 'holidays':
      return { ...none, holiday: true };
    case 'days off':
      return { ...none, weekend: true, holiday: true };
    default:
      return WEEKDAYS.includes(word) ? { ...none, weekdays: WEEKDAYS.map((day) => day === word) } : undefined;
  }
}

function unite(a: DaySet, b: DaySet): DaySet {
  return {
    workday: a.workday || b.workday,
    weekend: a.weekend || b.weekend,
    holiday: a.holiday || b.holiday,
    weekdays: a.weekdays.map((day, index) => day || b.weekdays[index] === true),
  };
}

function readDays(reporter: Reporter, view: View): DaySet | undefined {
  if (rawAt(view.raw, 'days') === undefined) return EVERY_DAY;
  let days: DaySet | undefined;
  let wrong = false;
  for (const { value, path } of entries(view, 'days')) {
    const read = typeof value === 'string' ? readDayWord(value.trim()) : undefined;
    if (read) days = days ? unite(days, read) : read;
    else {
      wrong = true;
      reporter.report('error', path, 'is no kind of day', `write ${DAY_FORM}`);
    }
  }
  return wrong ? undefined : days;
}

/** The keys that `readHours` reads. */
export const HOUR_KEYS = ['days', 'season', 'from', 'to'];

/** Reads days, season and times. Undefined when anything of it was wrong. */
export function readHours(reporter: Reporter, view: View): Hours | undefined {
  const days = readDays(reporter, view);
  const season = field(reporter, view, 'season', null, readSeason, 'two dates of the year, such as "05-01 to 10-31"');
  const time = 'a time of day from 00:00 to 24:00';
  const from = field(reporter, view, 'from', 0, readTimeOfDay, time);
  const to = field(reporter, view, 'to', 86_400, readTimeOfDay, time);
  if (days === undefined || season === undefined || from === undefined || to === undefined) return undefined;
  if (from === to || from === 86_400) {
    reporter.report(
      'error',
      view.pathOf('from'),
      'leaves no time',
      'let "from" and "to" differ; a whole day is 00:00 to 24:00',
    );
    return undefined;
  }
  // 00:00 as an end is the end of the day.
  return { days, season, from, to: to === 0 ? 86_400 : to };
}

const PRICE_FORM = '"5 per hour", "2.5 per 15 min", "10 once", "free", or "5 per hour in steps of 5 min"';

/** Reads `price`: one price, or a list of steps. Undefined when anything of it was wrong. */
export function readSteps(reporter: Reporter, view: View): readonly Step[] | undefined {
  const value = rawAt(view.raw, 'price');
  if (!Array.isArray(value)) {
    const price = needed(reporter, view, 'price', readPrice, PRICE_FORM);
    return price && [{ to: null, price }];
  }
  const found = entries(view, 'price').map(({ value: entry, path }) => readStep(reporter, entry, path));
  const steps = found.filter((step) => step !== undefined);
  if (found.length === 0) reporter.report('error', view.pathOf('price'), 'has no steps', `write ${PRICE_FORM}`);
  if (steps.length === 0 || steps.length !== found.length) return undefined;
  return checkSteps(reporter, steps, view.pathOf('price')) ? steps : undefined;
}

function readStep(reporter: Reporter, value: unknown, path: Path): Step | undefined {
  if (!isRaw(value)) {
    reporter.report('error', path, 'is no step', 'write { to: 1 h, price: 5 } or { price: 5 per hour }');
    return undefined;
  }
  const view = viewOf(value, path);
  checkKeys(reporter, view, ['to', 'price', 'total']);
  const to = field<number | null>(reporter, view, 'to', null, readLength, 'a length of time, such as "2 h"');
  if ((rawAt(value, 'price') === undefined) === (rawAt(value, 'total') === undefined)) {
    reporter.report(
      'error',
      path,
      'needs a price or a total, and not both',
      'write { to: 1 h, price: 5 } or { to: 1 h, total: 5 }',
    );
    return undefined;
  }
  if (rawAt(value, 'total') !== undefined) {
    const amount = needed(reporter, view, 'total', readAmount, 'an amount with two decimals at most');
    return amount === undefined || to === undefined ? undefined : { to, price: { kind: 'total', amount } };
  }
  const price = needed(reporter, view, 'price', readPrice, PRICE_FORM);
  return price === undefined || to === undefined ? undefined : { to, price };
}

/** Steps must rise, be whole numbers of units, and never make the fee fall. */
function checkSteps(reporter: Reporter, steps: readonly Step[], base: Path): boolean {
  let good = true;
  const wrong = (path: Path, message: string, fix: string): void => {
    good = false;
    reporter.report('error', path, message, fix);
  };
  let start = 0;
  let cost = 0;
  for (const [index, { to, price }] of steps.entries()) {
    const path = [...base, index];
    const last = index === steps.length - 1;
    if (to === null && !last) {
      wrong(
        path,
        'has no "to", so the steps after it can never be reached',
        'give it a "to", or remove the steps after it',
      );
      break;
    }
    if (to !== null && last) {
      wrong(
        [...path, 'to'],
        'is the end of the last step: nothing is said about longer stays',
        'remove "to" here, or add a last step without it',
      );
    }
    if (to !== null && to <= start) {
      wrong(
        [...path, 'to'],
        `is not after the step before, which ends at ${lengthText(start)}: this step can never be reached`,
        'let every "to" be later than the one before; they count from the start',
      );
    }
    const length = to === null ? null : to - start;
    if (price.kind === 'per' && length !== null && length > 0 && length % price.unit !== 0) {
      wrong(
        path,
        `is ${lengthText(length)} long, which is no whole number of units of ${lengthText(price.unit)}`,
        'let the step end with a unit',
      );
    }
    if (price.kind === 'total' && price.amount < cost) {
      wrong(
        [...path, 'total'],
        `is less than the ${amountText(cost)} before it: the fee would fall as the stay grows`,
        `let it be ${amountText(cost)} or more`,
      );
    }
    if (price.kind === 'total') cost = price.amount;
    else if (price.kind === 'once') cost += price.amount;
    else if (length !== null) cost += Math.ceil((length / price.per) * price.amount);
    start = to ?? start;
  }
  return good;
}
