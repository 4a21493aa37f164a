/** Reads a price sheet: the keys of docs/tariffs.md, one by one, every mistake reported. */
import type { Sentence } from '../../core/errors.ts';
import type { Fen } from '../../core/money.ts';
import { fill } from '../../core/sentence.ts';
import { MAX_SCALE, scaleOf } from '../../core/tariff/pricer.ts';
import type { Arrival, Band, DayCap, DaySet, MoneyRounding, Sheet, UnitRounding } from '../../core/tariff/sheet.ts';
import {
  checkKeys,
  choice,
  entries,
  field,
  isRaw,
  NOT_UNDERSTOOD,
  needed,
  rawAt,
  type View,
  viewOf,
  WRITE,
} from './fields.ts';
import { EVERY_DAY, HOUR_KEYS, readDayWord, readHours, readSteps } from './hours.ts';
import type { Reporter } from './problems.ts';
import { readAmount, readLength, readRound, readShare, readTimeOfDay, readUnits } from './values.ts';

/** The keys that price a stay; a class may have them too. */
export const PRICE_KEYS = ['free', 'price', 'units', 'restart', 'bands', 'acrossBands', 'arrivals', 'cap', 'round'];

export const LENGTH_FORM: Sentence = {
  zh: '时长，例如 "15 min" 或 "1.5 h"',
  en: 'a length of time, such as "15 min" or "1.5 h"',
};
export const AMOUNT_FORM: Sentence = {
  zh: '金额，最多两位小数，例如 12.5',
  en: 'an amount with two decimals at most, such as 12.5',
};
const UNITS_FORM: Sentence = {
  zh: '"up"、"down"、"nearest" 或 "up after 5 min"',
  en: '"up", "down", "nearest", or "up after 5 min"',
};
const WORD_FORM: Sentence = { zh: '计费说明中用的词', en: 'the word that explanations use' };
const COVERS_FORM: Sentence = { zh: '"12 h" 或 "until 08:00"', en: '"12 h" or "until 08:00"' };
const CAP_FORM: Sentence = {
  zh: '金额和周期："50 per day"、"50 per workday"、"60 per 24 h"、"300 per visit"',
  en: 'an amount and its period: "50 per day", "50 per workday", "60 per 24 h", "300 per visit"',
};
const SHARE_FORM: Sentence = { zh: '比例，例如 "50%"', en: 'a share such as "50%"' };
const BAND_FORM: Sentence = {
  zh: '请写 { name: …, from: 07:00, to: 19:00, price: … }',
  en: 'write { name: …, from: 07:00, to: 19:00, price: … }',
};
const ARRIVAL_FORM: Sentence = {
  zh: '请写 { name: …, from: 18:00, to: 24:00, price: 10, covers: until 08:00 }',
  en: 'write { name: …, from: 18:00, to: 24:00, price: 10, covers: until 08:00 }',
};
const KEEP_ONE: Sentence = { zh: '请只留一个', en: 'keep one' };
const BAND_KEYS = ['name', ...HOUR_KEYS, 'price', 'units', 'cap', 'restart'];
const ARRIVAL_KEYS = ['name', ...HOUR_KEYS, 'price', 'cap', 'covers'];

/** To the 分: the default. */
const NO_ROUNDING: MoneyRounding = { mode: 'half', to: 1 as Fen };

const readText = (text: string): string | undefined => (text === '' ? undefined : text);

function readFree(reporter: Reporter, view: View): Sheet['free'] | undefined {
  const none = { seconds: 0, inclusive: true, deducted: false };
  const given = rawAt(view.raw, 'free');
  if (!isRaw(given)) {
    const read = (text: string): Sheet['free'] | undefined => {
      const seconds = readLength(text);
      return seconds === undefined ? undefined : { seconds, inclusive: true, deducted: false };
    };
    return field(reporter, view, 'free', none, read, LENGTH_FORM);
  }
  const inner = viewOf(given, view.pathOf('free'));
  checkKeys(reporter, inner, ['for', 'exactly', 'then']);
  const seconds = needed(reporter, inner, 'for', readLength, LENGTH_FORM);
  const exactly = choice(reporter, inner, 'exactly', 'free', ['free', 'charged']);
  const then = choice(reporter, inner, 'then', 'whole stay', ['whole stay', 'rest']);
  if (seconds === undefined || exactly === undefined || then === undefined) return undefined;
  return { seconds, inclusive: exactly === 'free', deducted: then === 'rest' };
}

interface Defaults {
  readonly units: UnitRounding;
  readonly restart: Band['restart'];
}

const RESTARTS: readonly Band['restart'][] = ['band', 'day', 'visit'];

function readBand(
  reporter: Reporter,
  value: unknown,
  path: readonly (string | number)[],
  defaults: Defaults,
): Band | undefined {
  if (!isRaw(value)) {
    reporter.report('error', path, { zh: '不是时段', en: 'is no band' }, BAND_FORM);
    return undefined;
  }
  const view = viewOf(value, path);
  checkKeys(reporter, view, BAND_KEYS);
  const name = needed(reporter, view, 'name', readText, WORD_FORM);
  const hours = readHours(reporter, view);
  const steps = readSteps(reporter, view);
  const units = field(reporter, view, 'units', defaults.units, readUnits, UNITS_FORM);
  const restart = choice(reporter, view, 'restart', defaults.restart, RESTARTS);
  const cap = field<Fen | null>(reporter, view, 'cap', null, readAmount, AMOUNT_FORM);
  if (name === undefined || hours === undefined || steps === undefined) return undefined;
  if (units === undefined || restart === undefined || cap === undefined) return undefined;
  return { name, hours, steps, units, restart, cap };
}

/** The bands, in the order of the file, then the `price` for all other time. Undefined where one was wrong. */
function readBands(reporter: Reporter, view: View): readonly (Band | undefined)[] {
  const units = field<UnitRounding>(reporter, view, 'units', { kind: 'up' }, readUnits, UNITS_FORM) ?? { kind: 'up' };
  const restart = choice(reporter, view, 'restart', 'band', RESTARTS) ?? 'band';
  const bands = entries(view, 'bands').map(({ value, path }) => readBand(reporter, value, path, { units, restart }));
  if (bands.length > 0 && rawAt(view.raw, 'price') === undefined) return bands;
  const steps = readSteps(reporter, view);
  const rest: Band | undefined = steps && { name: '', hours: null, steps, units, restart, cap: null };
  return [...bands, rest];
}

function readArrival(reporter: Reporter, value: unknown, path: readonly (string | number)[]): Arrival | undefined {
  if (!isRaw(value)) {
    reporter.report('error', path, { zh: '不是入场条目', en: 'is no arrival' }, ARRIVAL_FORM);
    return undefined;
  }
  const view = viewOf(value, path);
  checkKeys(reporter, view, ARRIVAL_KEYS);
  const name = needed(reporter, view, 'name', readText, WORD_FORM);
  const hours = readHours(reporter, view);
  if ((rawAt(value, 'price') === undefined) === (rawAt(value, 'cap') === undefined)) {
    reporter.report(
      'error',
      path,
      { zh: '要写 price 或 cap，只能写一个', en: 'needs a price or a cap, and not both' },
      {
        zh: '一口价请写 "price: 10"，最多 10 元请写 "cap: 10"',
        en: 'write "price: 10" for a flat, or "cap: 10" for at most 10',
      },
    );
    return undefined;
  }
  const kind = rawAt(value, 'price') === undefined ? 'cap' : 'price';
  const amount = needed(reporter, view, kind, readAmount, AMOUNT_FORM);
  const readCovers = (text: string): Arrival['covers'] | undefined => {
    const until = text.startsWith('until ') ? readTimeOfDay(text.slice(6).trim()) : undefined;
    if (until !== undefined) return { kind: 'until', seconds: until };
    const seconds = readLength(text);
    return seconds === undefined ? undefined : { kind: 'length', seconds };
  };
  const covers = needed(reporter, view, 'covers', readCovers, COVERS_FORM);
  if (name === undefined || hours === undefined || amount === undefined || covers === undefined) return undefined;
  return { name, hours, charge: { kind, amount }, covers };
}

const CAP_DAYS: Readonly<Record<string, string>> = {
  day: 'every day',
  workday: 'workdays',
  weekend: 'weekends',
  holiday: 'holidays',
  'day off': 'days off',
};

interface Caps {
  readonly dayCaps: readonly DayCap[];
  readonly rollingCap: Sheet['rollingCap'];
  readonly visitCap: Sheet['visitCap'];
}

function readCaps(reporter: Reporter, view: View): Caps | undefined {
  const form = fill(WRITE, { form: CAP_FORM });
  const dayCaps: DayCap[] = [];
  let rollingCap: Sheet['rollingCap'] = null;
  let visitCap: Sheet['visitCap'] = null;
  let good = true;
  for (const { value, path } of entries(view, 'cap')) {
    const match = typeof value === 'string' ? /^(\S+) per (.+)$/.exec(value.trim()) : null;
    const amount = readAmount(match?.[1] ?? '');
    const period = match?.[2] ?? '';
    const days: DaySet | undefined = readDayWord(CAP_DAYS[period] ?? '');
    const seconds = readLength(period);
    const wrong = (message: Sentence, fix: Sentence): void => {
      good = false;
      reporter.report('error', path, message, fix);
    };
    if (amount === undefined) wrong(NOT_UNDERSTOOD, form);
    else if (days) dayCaps.push({ days: period === 'day' ? EVERY_DAY : days, amount });
    else if (period === 'visit' && visitCap !== null)
      wrong({ zh: '是第二个单次封顶', en: 'is a second cap of the visit' }, KEEP_ONE);
    else if (period === 'visit') visitCap = amount;
    else if (seconds === undefined) wrong(NOT_UNDERSTOOD, form);
    else if (rollingCap !== null) wrong({ zh: '是第二个滚动封顶', en: 'is a second rolling cap' }, KEEP_ONE);
    else rollingCap = { seconds, amount };
  }
  return good ? { dayCaps, rollingCap, visitCap } : undefined;
}

/** What was read of a sheet, complete or not, so that checks can go as far as possible. */
export interface ReadSheet {
  readonly bands: readonly (Band | undefined)[];
  readonly arrivals: readonly (Arrival | undefined)[];
  /** The whole sheet, when nothing was wrong. */
  readonly sheet: Sheet | undefined;
}

/** Reads the keys that price a stay; `name`, `version` and `currency` come from the sheet that the class belongs to. */
export function readPriced(
  reporter: Reporter,
  view: View,
  title: { readonly name: string; readonly version: string; readonly currency: string } | undefined,
): ReadSheet {
  const free = readFree(reporter, view);
  const bands = readBands(reporter, view);
  const across = choice(reporter, view, 'acrossBands', 'cut', ['cut', 'run on']);
  const arrivals = entries(view, 'arrivals').map(({ value, path }) => readArrival(reporter, value, path));
  const caps = readCaps(reporter, view);
  const round = field(reporter, view, 'round', NO_ROUNDING, readRound, '"half up to 0.01", "up to 1", "down to 0.5"');
  const pays = field(reporter, view, 'pays', 1000, readShare, SHARE_FORM);
  const goodBands = bands.filter((band) => band !== undefined);
  const goodArrivals = arrivals.filter((arrival) => arrival !== undefined);
  const complete = goodBands.length === bands.length && goodArrivals.length === arrivals.length;
  if (complete && scaleOf(goodBands.flatMap((band) => band.steps)) > MAX_SCALE) {
    const path = view.pathOf(rawAt(view.raw, 'bands') === undefined ? 'price' : 'bands');
    reporter.report(
      'error',
      path,
      {
        zh: '计费单位的价格除不尽，分以下的零头太碎',
        en: 'has units whose prices are too odd fractions of a 分',
      },
      { zh: '请选能整除价格的阶梯', en: 'choose steps that divide the price evenly' },
    );
    return { bands, arrivals, sheet: undefined };
  }
  if (!complete || !title || !free || !across || !caps || !round || pays === undefined) {
    return { bands, arrivals, sheet: undefined };
  }
  const runOn = across === 'run on';
  const sheet: Sheet = { ...title, free, bands: goodBands, runOn, arrivals: goodArrivals, ...caps, pays, round };
  return { bands, arrivals, sheet };
}
