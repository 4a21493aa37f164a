/**
 * The JSON Schema of a price sheet, for editors. `docs/tariff.schema.json` is this, written out; a test holds the two, and
 * the keys that the parser knows, together.
 */
import { CLASS_KEYS, SHEET_KEYS } from './load.ts';

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const ref = (name: string): JsonObject => ({ $ref: `#/$defs/${name}` });
const described = (description: string, schema: JsonObject): JsonObject => ({ description, ...schema });
const oneOf = (...words: readonly string[]): JsonObject => ({ enum: words });

/** A mapping with these keys and no others. */
function object(properties: JsonObject, required: readonly string[] = []): JsonObject {
  return { type: 'object', additionalProperties: false, required, properties };
}

const NAME: JsonObject = { type: 'string', minLength: 1 };
const HOURS: JsonObject = { days: ref('days'), season: ref('season'), from: ref('time'), to: ref('time') };

const DEFS: JsonObject = {
  amount: {
    description: 'An amount in the currency of the sheet, with two decimals at most.',
    anyOf: [
      { type: 'number', minimum: 0 },
      { type: 'string', pattern: '^\\d{1,8}(\\.\\d{1,2})?$' },
    ],
  },
  length: {
    description: 'A length of time: 15 min, 1.5 h, 90 s.',
    type: 'string',
    pattern: '^(\\d+(\\.\\d+)?\\s*)?(seconds?|secs?|s|秒|minutes?|mins?|分钟|hours?|h|小时)$',
  },
  time: { description: 'A time of day, 00:00 to 24:00.', type: 'string', pattern: '^\\d{1,2}:\\d{2}(:\\d{2})?$' },
  price: {
    description: '5 per hour, 2.5 per 15 min, 10 once, free, 5 per hour in steps of 5 min.',
    anyOf: [
      { type: 'number', minimum: 0 },
      { type: 'string', pattern: '^(free|\\d+(\\.\\d{1,2})?(\\s+once|\\s*(per\\s|/).+)?)$' },
    ],
  },
  steps: {
    description: 'One price, or the steps of a stay; the last step has no "to" and repeats.',
    anyOf: [ref('price'), { type: 'array', minItems: 1, items: ref('step') }],
  },
  step: {
    anyOf: [
      object({ to: ref('length'), price: ref('price') }, ['price']),
      object({ to: ref('length'), total: ref('amount') }, ['total']),
    ],
  },
  day: oneOf(
    'every day',
    'workdays',
    'weekends',
    'holidays',
    'days off',
    'mon',
    'tue',
    'wed',
    'thu',
    'fri',
    'sat',
    'sun',
  ),
  days: { anyOf: [ref('day'), { type: 'array', minItems: 1, items: ref('day') }] },
  season: { type: 'string', pattern: '^\\d{1,2}-\\d{1,2}\\s+to\\s+\\d{1,2}-\\d{1,2}$' },
  units: { type: 'string', pattern: '^(up|down|nearest|up after .+)$' },
  restart: oneOf('band', 'day', 'visit'),
  band: object(
    { name: NAME, ...HOURS, price: ref('steps'), units: ref('units'), cap: ref('amount'), restart: ref('restart') },
    ['name', 'price'],
  ),
  arrival: {
    anyOf: [
      object({ name: NAME, ...HOURS, price: ref('amount'), covers: { type: 'string' } }, ['name', 'price', 'covers']),
      object({ name: NAME, ...HOURS, cap: ref('amount'), covers: { type: 'string' } }, ['name', 'cap', 'covers']),
    ],
  },
  cap: { type: 'string', pattern: '^\\d+(\\.\\d{1,2})? per .+$' },
};

/** As entries: an object with a `then` could be taken for a promise. */
const FREE: JsonObject = Object.fromEntries([
  ['for', ref('length')],
  ['exactly', oneOf('free', 'charged')],
  ['then', oneOf('whole stay', 'rest')],
]);

/** Each key of a sheet and of a class. */
const KEYS: { readonly [key: string]: JsonObject } = {
  name: described('Shown on every explanation.', { type: 'string', minLength: 1 }),
  version: described('Kept with every charge.', { type: ['string', 'number'] }),
  currency: described('The sign before amounts.', { type: 'string', default: '¥' }),
  starts: described('When this version begins: 2026-03-01 00:00.', { type: 'string' }),
  change: described('Whether stays that began before it pass to this version.', oneOf('entry', 'split')),
  free: described('The free period.', { anyOf: [ref('length'), object(FREE, ['for'])] }),
  price: described('The price; beside "bands", that of all other time.', ref('steps')),
  units: described('What happens to a unit that is not full.', ref('units')),
  restart: described('When the steps begin again.', ref('restart')),
  bands: described('Prices by time, day and season.', { type: 'array', minItems: 1, items: ref('band') }),
  acrossBands: described('Whether a unit is cut at the end of its band.', oneOf('cut', 'run on')),
  arrivals: described('Prices that depend on the entry.', { type: 'array', items: ref('arrival') }),
  cap: described('50 per day, 60 per 24 h, 300 per visit, 80 per day off.', {
    anyOf: [ref('cap'), { type: 'array', items: ref('cap') }],
  }),
  round: described('The rounding of the sum.', {
    type: 'string',
    pattern: '^(half up|up|down) to \\d+(\\.\\d{1,2})?$',
  }),
  pays: described('The share of the result that the class pays.', {
    type: 'string',
    pattern: '^\\d{1,4}(\\.\\d)?\\s*%$',
  }),
  like: described('Another class whose keys this one starts from.', { type: 'string' }),
  classes: described('Other kinds of vehicle.', { type: 'object', additionalProperties: ref('class') }),
  afterPayment: described('A driver who paid and stayed beyond the grace.', oneOf('continue', 'restart')),
  grace: described('How long a driver who paid may take to leave.', { anyOf: [ref('length'), oneOf('none')] }),
  reentry: described(
    'A car that comes back.',
    object({ within: ref('length'), keeps: oneOf('entry', 'cap') }, ['within']),
  ),
  lostTicket: described('A flat, or a flat plus the hours.', {
    anyOf: [ref('amount'), object({ fee: ref('amount'), plus: oneOf('nothing', 'hours') }, ['fee'])],
  }),
  coupons: described(
    'How coupons count.',
    object({
      cut: oneOf('end', 'start'),
      minutes: oneOf('before cap', 'after cap'),
      amount: oneOf('after cap', 'before cap'),
    }),
  ),
};

function properties(keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.flatMap((key) => (KEYS[key] ? [[key, KEYS[key]]] : [])));
}

/** The schema of one version of a sheet. */
export function sheetSchema(): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Gatepost price sheet',
    description: 'See tariffs.md.',
    ...object(properties(SHEET_KEYS), ['name', 'version']),
    $defs: { ...DEFS, class: object(properties(CLASS_KEYS)) },
  };
}
