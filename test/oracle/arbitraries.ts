/** Random sheets and stays for fast-check. All lengths and times are multiples of a grain, so that the oracle can use it. */
import fc from 'fast-check';
import type { Fen } from '../../src/core/money.ts';
import type {
  Arrival,
  Band,
  DayCap,
  DaySet,
  Hours,
  Season,
  Sheet,
  Step,
  StepPrice,
  Terms,
  UnitRounding,
} from '../../src/core/tariff/sheet.ts';

const DAY = 86_400;
export const GRAINS = [1, 60, 900] as const;
export type Grain = (typeof GRAINS)[number];

export const TERMS: Terms = {
  afterPayment: 'continue',
  grace: 900,
  reentry: null,
  lostTicket: null,
  coupons: { cut: 'end', minutes: 'before cap', amount: 'after cap' },
};

const fenUpTo = (most: number): fc.Arbitrary<Fen> => fc.integer({ min: 0, max: most }).map((amount) => amount as Fen);

const NONE: DaySet = {
  workday: false,
  weekend: false,
  holiday: false,
  weekdays: Array.from({ length: 7 }, () => false),
};
const ALL: DaySet = { ...NONE, weekdays: Array.from({ length: 7 }, () => true) };

const daySets: fc.Arbitrary<DaySet> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(ALL) },
  fc.constantFrom<DaySet>(
    { ...NONE, workday: true },
    { ...NONE, weekend: true },
    { ...NONE, holiday: true },
    { ...NONE, weekend: true, holiday: true },
  ),
  fc
    .tuple(fc.boolean(), fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }))
    .map(([holiday, weekdays]) => ({ ...NONE, holiday, weekdays })),
);

const monthDay = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 29 }))
  .map(([month, day]) => month * 100 + day);
const seasons: fc.Arbitrary<Season | null> = fc.option(fc.record({ from: monthDay, to: monthDay }), { freq: 4 });

/** A multiple of the grain from one grain to `most` seconds. */
const lengths = (grain: Grain, most: number): fc.Arbitrary<number> =>
  fc.integer({ min: 1, max: Math.max(1, Math.floor(most / grain)) }).map((count) => count * grain);

function hoursOf(grain: Grain): fc.Arbitrary<Hours> {
  const time = fc.integer({ min: 0, max: DAY / grain }).map((count) => count * grain);
  const times = fc.oneof(
    fc.constant([0, DAY] as const),
    fc.tuple(time, time).filter(([from, to]) => from !== to && from < DAY && to > 0),
  );
  return fc
    .record({ days: daySets, season: seasons, times })
    .map(({ days, season, times: [from, to] }) => ({ days, season, from, to }));
}

/** A price per unit; some count a rate in smaller steps, so that units cost fractions of a 分. */
function ratePrices(grain: Grain): fc.Arbitrary<StepPrice & { kind: 'per' }> {
  const whole = fc.tuple(fenUpTo(1_500), fc.oneof(fc.constantFrom(900, 1800, 3600, 7200), lengths(grain, 9_000)));
  const parts = fc.tuple(fenUpTo(1_500), fc.constantFrom(900, 1800, 3600));
  return fc.oneof(
    { weight: 4, arbitrary: whole.map(([amount, unit]) => ({ kind: 'per' as const, amount, per: unit, unit })) },
    parts.map(([amount, unit]) => ({ kind: 'per' as const, amount, per: 3600, unit })),
  );
}

/** What a step before the last adds, by how many units or grains it is long. */
function stepsOf(grain: Grain): fc.Arbitrary<readonly Step[]> {
  const inner = fc.tuple(
    fc.constantFrom('once', 'per', 'total'),
    fenUpTo(2_000),
    ratePrices(grain),
    fc.integer({ min: 1, max: 6 }),
    lengths(grain, 4 * 3600),
  );
  const last = fc.oneof(
    { weight: 3, arbitrary: ratePrices(grain) },
    fenUpTo(3_000).map((amount) => ({ kind: 'once' as const, amount })),
  );
  return fc.tuple(fc.array(inner, { maxLength: 3 }), last).map(([inners, end]) => {
    let to = 0;
    let sum = 0;
    const steps: Step[] = inners.map(([kind, amount, rate, count, length]) => {
      if (kind === 'per') {
        to += rate.unit * count;
        sum += Math.ceil((rate.amount * rate.unit * count) / rate.per);
        return { to, price: rate };
      }
      to += length;
      sum += amount;
      // A total is what was there before, and something more.
      return {
        to,
        price: { kind: kind === 'once' ? 'once' : 'total', amount: (kind === 'once' ? amount : sum) as Fen },
      };
    });
    return [...steps, { to: null, price: end }];
  });
}

function bandOf(grain: Grain, hours: fc.Arbitrary<Hours | null>): fc.Arbitrary<Band> {
  const units: fc.Arbitrary<UnitRounding> = fc.oneof(
    { weight: 3, arbitrary: fc.constant<UnitRounding>({ kind: 'up' }) },
    fc.constantFrom<UnitRounding>({ kind: 'down' }, { kind: 'nearest' }),
    fc.integer({ min: 0, max: grain * 2 }).map((seconds) => ({ kind: 'tolerance' as const, seconds })),
  );
  return fc
    .record({
      name: fc.constant('band'),
      hours,
      steps: stepsOf(grain),
      units,
      restart: fc.constantFrom<Band['restart']>('band', 'band', 'day', 'visit'),
      cap: fc.option(fenUpTo(6_000), { freq: 4 }),
    })
    .map((band) =>
      band.units.kind === 'tolerance' ? { ...band, units: shorten(band.units.seconds, band.steps) } : band,
    );
}

/** A tolerance below the shortest unit of the steps. */
function shorten(seconds: number, steps: readonly Step[]): UnitRounding {
  let start = 0;
  let shortest = Number.POSITIVE_INFINITY;
  for (const { to, price } of steps) {
    shortest = Math.min(shortest, price.kind === 'per' ? price.unit : (to ?? Number.POSITIVE_INFINITY) - start);
    start = to ?? start;
  }
  return { kind: 'tolerance', seconds: Math.min(seconds, shortest - 1) };
}

function arrivalOf(grain: Grain): fc.Arbitrary<Arrival> {
  const until = fc
    .integer({ min: 0, max: DAY / grain })
    .map((count) => ({ kind: 'until' as const, seconds: count * grain }));
  const length = lengths(grain, 2 * DAY).map((seconds) => ({ kind: 'length' as const, seconds }));
  return fc.record({
    name: fc.constant('arrival'),
    hours: hoursOf(grain),
    charge: fc.record({ kind: fc.constantFrom<'price' | 'cap'>('price', 'cap'), amount: fenUpTo(4_000) }),
    covers: fc.oneof(until, length),
  });
}

/** A sheet as rich as the language allows. */
export function sheets(grain: Grain): fc.Arbitrary<Sheet> {
  const rest = bandOf(grain, fc.constant(null));
  const timed = fc.array(bandOf(grain, hoursOf(grain)), { minLength: 1, maxLength: 4 });
  const bands = fc.oneof(
    rest.map((band) => [band]),
    { weight: 3, arbitrary: fc.tuple(timed, rest).map(([list, band]) => [...list, band]) },
  );
  const free = fc.record({
    seconds: fc.oneof(fc.constant(0), lengths(grain, 3 * 3600)),
    inclusive: fc.boolean(),
    deducted: fc.boolean(),
  });
  const dayCap: fc.Arbitrary<DayCap> = fc.record({ days: daySets, amount: fenUpTo(8_000) });
  return fc.record({
    name: fc.constant('random'),
    version: fc.constant('1'),
    currency: fc.constant('¥'),
    free,
    bands,
    runOn: fc.boolean(),
    arrivals: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      fc.array(arrivalOf(grain), { minLength: 1, maxLength: 2 }),
    ),
    dayCaps: fc.oneof(fc.constant([]), fc.array(dayCap, { minLength: 1, maxLength: 3 })),
    rollingCap: fc.option(
      fc.record({ seconds: fc.oneof(fc.constant(DAY), lengths(grain, 2 * DAY)), amount: fenUpTo(9_000) }),
      { freq: 3 },
    ),
    visitCap: fc.option(fenUpTo(60_000), { freq: 3 }),
    pays: fc.constantFrom(1000, 1000, 1000, 500, 125, 1500),
    round: fc.record({
      mode: fc.constantFrom<'up' | 'down' | 'half'>('up', 'down', 'half'),
      to: fc.constantFrom(1, 1, 10, 50, 100).map((to) => to as Fen),
    }),
  });
}

/** Sheets whose days are alike, with units that divide no week: where repeating weeks are found, or must not be. */
export function steadySheets(): fc.Arbitrary<Sheet> {
  const odd = fc
    .tuple(fenUpTo(500), fc.constantFrom(900, 3600, 8100, 9900, 11_700, 86_400, 97_200))
    .map(([amount, unit]): StepPrice => ({ kind: 'per', amount, per: unit, unit }));
  return fc.tuple(sheets(900), odd, fc.boolean(), fenUpTo(50_000)).map(([sheet, price, alike, cap]) => ({
    ...sheet,
    bands: sheet.bands.map((band) => ({
      ...band,
      steps: [...band.steps.slice(0, -1), { to: null, price }],
      hours: band.hours && (alike ? { ...band.hours, days: ALL, season: null } : band.hours),
    })),
    dayCaps: sheet.dayCaps.map((each) => (alike ? { ...each, days: ALL } : each)),
    visitCap: sheet.visitCap === null ? null : (cap as Fen),
  }));
}

/** Zones with and without daylight saving, on both halves of the globe; half-hour changes, changes at midnight. */
export const ZONES = [
  'Asia/Shanghai',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'America/St_Johns',
  'Asia/Kathmandu',
] as const;

/** Moments worth a visit, in UTC seconds: changes of the clock, New Year, leap day, holidays. */
const EDGES = [
  Date.UTC(2026, 2, 29, 1),
  Date.UTC(2026, 9, 25, 1),
  Date.UTC(2026, 2, 8, 7),
  Date.UTC(2026, 10, 1, 6),
  Date.UTC(2026, 3, 4, 15),
  Date.UTC(2026, 9, 3, 15, 30),
  Date.UTC(2026, 3, 23, 22),
  Date.UTC(2026, 9, 29, 21),
  Date.UTC(2025, 11, 31, 16),
  Date.UTC(2026, 11, 31, 16),
  Date.UTC(2024, 1, 28, 16),
  Date.UTC(2026, 1, 14, 16),
  Date.UTC(2026, 8, 30, 16),
].map((ms) => ms / 1000);

/** Stays of two weeks to two months around a change of the clock or a holiday. */
export const longStays: fc.Arbitrary<{ readonly entry: number; readonly exit: number }> = fc
  .tuple(fc.constantFrom(...EDGES), fc.integer({ min: 0, max: 40 * 96 }), fc.integer({ min: 14 * 96, max: 60 * 96 }))
  .map(([edge, before, length]) => {
    const entry = edge - before * 900;
    return { entry, exit: entry + length * 900 };
  });

/** A stay, in whole seconds; longer ones for coarser grains. */
export function stays(grain: Grain): fc.Arbitrary<{ readonly entry: number; readonly exit: number }> {
  const most = { 1: 3600, 60: 2 * DAY, 900: 30 * DAY }[grain];
  const around = fc
    .tuple(fc.constantFrom(...EDGES), fc.integer({ min: -2 * most, max: 3600 }))
    .map(([edge, shift]) => edge + Math.round(shift / 2));
  const any = fc.integer({ min: Date.UTC(2024, 0, 1) / 1000, max: Date.UTC(2027, 5, 1) / 1000 });
  const length = fc.oneof(lengths(grain, most), lengths(grain, Math.min(most, 6 * 3600)), fc.constantFrom(0, grain));
  return fc.tuple(fc.oneof(around, any), length).map(([at, seconds]) => {
    const entry = Math.floor(at / grain) * grain;
    return { entry, exit: entry + seconds };
  });
}
