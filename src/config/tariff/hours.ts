/** Reads days, hours and steps: the parts that bands, arrivals and caps share. */
import type { Sentence } from '../../core/errors.ts';
import { fill } from '../../core/sentence.ts';
import type { DaySet, Hours, Step } from '../../core/tariff/sheet.ts';
import { checkKeys, entries, field, isRaw, needed, rawAt, type View, viewOf, WRITE } from './fields.ts';
import type { Path, Reporter } from './problems.ts';
import { amountText, lengthText, readAmount, readLength, readPrice, readSeason, readTimeOfDay } from './values.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const NO_DAY = WEEKDAYS.map(() => false);
export const EVERY_DAY: DaySet = { workday: false, weekend: false, holiday: false, weekdays: WEEKDAYS.map(() => true) };
const DAY_FORM: Sentence = {
  zh: '"every day"、"workdays"、"weekends"、"holidays"、"days off"、"mon" … "sun"，或它们的列表',
  en: '"every day", "workdays", "weekends", "holidays", "days off", "mon" … "sun", or a list of them',
};
const TIME_FORM: Sentence = { zh: '00:00 到 24:00 的时刻', en: 'a time of day from 00:00 to 24:00' };
const SEASON_FORM: Sentence = {
  zh: '一年中的两个日期，例如 "05-01 to 10-31"',
  en: 'two dates of the year, such as "05-01 to 10-31"',
};

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
      reporter.report('error', path, { zh: '不是日期类型', en: 'is no kind of day' }, fill(WRITE, { form: DAY_FORM }));
    }
  }
  return wrong ? undefined : days;
}

/** The keys that `readHours` reads. */
export const HOUR_KEYS = ['days', 'season', 'from', 'to'];

/** Reads days, season and times. Undefined when anything of it was wrong. */
export function readHours(reporter: Reporter, view: View): Hours | undefined {
  const days = readDays(reporter, view);
  const season = field(reporter, view, 'season', null, readSeason, SEASON_FORM);
  const from = field(reporter, view, 'from', 0, readTimeOfDay, TIME_FORM);
  const to = field(reporter, view, 'to', 86_400, readTimeOfDay, TIME_FORM);
  if (days === undefined || season === undefined || from === undefined || to === undefined) return undefined;
  if (from === to || from === 86_400) {
    reporter.report(
      'error',
      view.pathOf('from'),
      { zh: '没有留下时间', en: 'leaves no time' },
      {
        zh: '请让 "from" 和 "to" 不同；全天是 00:00 到 24:00',
        en: 'let "from" and "to" differ; a whole day is 00:00 to 24:00',
      },
    );
    return undefined;
  }
  // 00:00 as an end is the end of the day.
  return { days, season, from, to: to === 0 ? 86_400 : to };
}

const PRICE_FORM: Sentence = {
  zh: '"5 per hour"、"2.5 per 15 min"、"10 once"、"free" 或 "5 per hour in steps of 5 min"',
  en: '"5 per hour", "2.5 per 15 min", "10 once", "free", or "5 per hour in steps of 5 min"',
};
const TO_FORM: Sentence = { zh: '时长，例如 "2 h"', en: 'a length of time, such as "2 h"' };
const TOTAL_FORM: Sentence = { zh: '金额，最多两位小数', en: 'an amount with two decimals at most' };
const STEP_FORM: Sentence = {
  zh: '请写 { to: 1 h, price: 5 } 或 { price: 5 per hour }',
  en: 'write { to: 1 h, price: 5 } or { price: 5 per hour }',
};
const EITHER_FORM: Sentence = {
  zh: '请写 { to: 1 h, price: 5 } 或 { to: 1 h, total: 5 }',
  en: 'write { to: 1 h, price: 5 } or { to: 1 h, total: 5 }',
};

/** Reads `price`: one price, or a list of steps. Undefined when anything of it was wrong. */
export function readSteps(reporter: Reporter, view: View): readonly Step[] | undefined {
  const value = rawAt(view.raw, 'price');
  if (!Array.isArray(value)) {
    const price = needed(reporter, view, 'price', readPrice, PRICE_FORM);
    return price && [{ to: null, price }];
  }
  const found = entries(view, 'price').map(({ value: entry, path }) => readStep(reporter, entry, path));
  const steps = found.filter((step) => step !== undefined);
  if (found.length === 0)
    reporter.report(
      'error',
      view.pathOf('price'),
      { zh: '没有阶梯', en: 'has no steps' },
      fill(WRITE, { form: PRICE_FORM }),
    );
  if (steps.length === 0 || steps.length !== found.length) return undefined;
  return checkSteps(reporter, steps, view.pathOf('price')) ? steps : undefined;
}

function readStep(reporter: Reporter, value: unknown, path: Path): Step | undefined {
  if (!isRaw(value)) {
    reporter.report('error', path, { zh: '不是阶梯', en: 'is no step' }, STEP_FORM);
    return undefined;
  }
  const view = viewOf(value, path);
  checkKeys(reporter, view, ['to', 'price', 'total']);
  const to = field<number | null>(reporter, view, 'to', null, readLength, TO_FORM);
  if ((rawAt(value, 'price') === undefined) === (rawAt(value, 'total') === undefined)) {
    reporter.report(
      'error',
      path,
      { zh: '要写 price 或 total，只能写一个', en: 'needs a price or a total, and not both' },
      EITHER_FORM,
    );
    return undefined;
  }
  if (rawAt(value, 'total') !== undefined) {
    const amount = needed(reporter, view, 'total', readAmount, TOTAL_FORM);
    return amount === undefined || to === undefined ? undefined : { to, price: { kind: 'total', amount } };
  }
  const price = needed(reporter, view, 'price', readPrice, PRICE_FORM);
  return price === undefined || to === undefined ? undefined : { to, price };
}

const STEPS = {
  endless: {
    message: {
      zh: '没有 "to"，后面的阶梯永远到不了',
      en: 'has no "to", so the steps after it can never be reached',
    },
    fix: { zh: '请加上 "to"，或删去后面的阶梯', en: 'give it a "to", or remove the steps after it' },
  },
  ended: {
    message: {
      zh: '是最后一个阶梯的终点：停得更久时没有价格',
      en: 'is the end of the last step: nothing is said about longer stays',
    },
    fix: {
      zh: '请删去这里的 "to"，或再加一个没有 "to" 的阶梯',
      en: 'remove "to" here, or add a last step without it',
    },
  },
  falling: {
    message: {
      zh: '不晚于前一阶梯的终点 {start}：这个阶梯永远到不了',
      en: 'is not after the step before, which ends at {start}: this step can never be reached',
    },
    fix: {
      zh: '请让每个 "to" 晚于前一个；都从停车开始算起',
      en: 'let every "to" be later than the one before; they count from the start',
    },
  },
  uneven: {
    message: {
      zh: '长 {length}，不是计费单位 {unit} 的整数倍',
      en: 'is {length} long, which is no whole number of units of {unit}',
    },
    fix: { zh: '请让阶梯在计费单位处结束', en: 'let the step end with a unit' },
  },
  cheaper: {
    message: {
      zh: '低于之前的 {amount}：停得越久反而越便宜',
      en: 'is less than the {amount} before it: the fee would fall as the stay grows',
    },
    fix: { zh: '请写 {amount} 或更多', en: 'let it be {amount} or more' },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<'message' | 'fix', Sentence>>>>;

/** Steps must rise, be whole numbers of units, and never make the fee fall. */
function checkSteps(reporter: Reporter, steps: readonly Step[], base: Path): boolean {
  let good = true;
  const wrong = (path: Path, message: Sentence, fix: Sentence): void => {
    good = false;
    reporter.report('error', path, message, fix);
  };
  let start = 0;
  let cost = 0;
  for (const [index, { to, price }] of steps.entries()) {
    const path = [...base, index];
    const last = index === steps.length - 1;
    if (to === null && !last) {
      wrong(path, STEPS.endless.message, STEPS.endless.fix);
      break;
    }
    if (to !== null && last) {
      wrong([...path, 'to'], STEPS.ended.message, STEPS.ended.fix);
    }
    if (to !== null && to <= start) {
      wrong([...path, 'to'], fill(STEPS.falling.message, { start: lengthText(start) }), STEPS.falling.fix);
    }
    const length = to === null ? null : to - start;
    if (price.kind === 'per' && length !== null && length > 0 && length % price.unit !== 0) {
      const values = { length: lengthText(length), unit: lengthText(price.unit) };
      wrong(path, fill(STEPS.uneven.message, values), STEPS.uneven.fix);
    }
    if (price.kind === 'total' && price.amount < cost) {
      const values = { amount: amountText(cost) };
      wrong([...path, 'total'], fill(STEPS.cheaper.message, values), fill(STEPS.cheaper.fix, values));
    }
    if (price.kind === 'total') cost = price.amount;
    else if (price.kind === 'once') cost += price.amount;
    else if (length !== null) cost += Math.ceil((length / price.per) * price.amount);
    start = to ?? start;
  }
  return good;
}
