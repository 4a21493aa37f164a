/**
 * A run's plan, drawn from its seed before anything happens: plain data, so that shrinking a failure is leaving things
 * out, and a happening that is left out does not change the chances of the others. Times in ms since the run began.
 */
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import { type WayPlan, type WayTrouble, wayOf, wayTroubles } from './plan-way.ts';
import { type Random, randomOf } from './random.ts';

/** How a camera sees one arrival, and what the network makes of its messages. */
export interface Sight {
  /** What the first message says instead, with little confidence; null when it is right. */
  readonly misread: string | null;
  /** Whether the camera's second message of the happening is right. */
  readonly corrected: boolean;
  /** From the car to the gate, in ms. */
  readonly delay: number;
  /** The first message is delivered again after these many ms. */
  readonly copies: readonly number[];
  /** The first message never arrives. */
  readonly lost: boolean;
}

export type LineFault = 'ok' | 'requestLost' | 'answerLost' | 'slow';

/** `three`: 3 immediate retries. `twelve`: in 30 minutes. `fifteen`: in a day. `pair`: two callers at once, then three. */
export type Schedule = 'three' | 'twelve' | 'fifteen' | 'pair';

export type PayStyle = 'exact' | 'coupon' | 'allCoupon' | 'under' | 'over' | 'plateOnly' | 'wrongFeeId' | 'stranger';

export interface Payment {
  /** How long before driving off, in ms. */
  readonly lead: number;
  /** From the price shown to the payment made, in ms. */
  readonly think: number;
  readonly style: PayStyle;
  readonly schedule: Schedule;
  /** What happens to each attempt; later ones go well. */
  readonly line: readonly LineFault[];
  /** A notice with the same order number and another amount comes this long after the first attempt, in ms. */
  readonly conflict: number | null;
}

export interface Trip {
  readonly kind: 'trip';
  readonly at: number;
  readonly id: number;
  readonly vehicle: { readonly kind: 'plate' | 'ticket'; readonly text: string };
  readonly entry: string;
  readonly exit: string;
  readonly stay: number;
  readonly arrival: Sight;
  readonly departure: Sight;
  /** Paid in the app before leaving; null pays when held at the exit. */
  readonly ahead: Payment | null;
  readonly atExit: Payment;
  /** The operator comes when it is held for long, and lets it out through the gate. */
  readonly operator: boolean;
}

interface Lasting {
  readonly at: number;
  /** How long it lasts, in ms. */
  readonly lasts: number;
}

export type Trouble =
  /** The power goes after so many more steps of the disk; what was not synced is torn as `tear` says. */
  | (Lasting & { readonly kind: 'power'; readonly steps: number; readonly tear: number })
  /** The process is killed; what it wrote is in the system's cache. */
  | (Lasting & { readonly kind: 'kill'; readonly steps: number })
  | (Lasting & { readonly kind: 'restart' })
  | (Lasting & { readonly kind: 'clockBack'; readonly by: number })
  | (Lasting & { readonly kind: 'diskFull' })
  | (Lasting & { readonly kind: 'slowDisk' })
  /** A camera that repeats its last message, all at once. */
  | (Lasting & { readonly kind: 'flood'; readonly lane: string; readonly count: number })
  /** A camera that sends its last records again, as a backlog. */
  | (Lasting & { readonly kind: 'replay'; readonly lane: string })
  | (Lasting & { readonly kind: 'barrier'; readonly lane: string; readonly outcome: 'refused' | 'uncertain' | 'risen' })
  /** The line to a lane's devices is down. */
  | (Lasting & { readonly kind: 'outage'; readonly lane: string });

export type Happening = Trip | Trouble | WayTrouble;

/** Days of a pass, by the park's clock, counted from the run's first; null for no limit. */
export interface PlannedPass {
  readonly plate: string;
  readonly from: number | null;
  readonly until: number | null;
}

export interface Plan {
  readonly seed: number;
  readonly days: number;
  /** The price sheet, as a manager writes it. */
  readonly sheet: string;
  /** How long a driver has after paying, as the sheet says, in ms. */
  readonly grace: number;
  readonly capDeduction: boolean;
  readonly way: WayPlan;
  /** Who has a pass. */
  readonly passes: readonly PlannedPass[];
  /** Sizes of the store and the loop, small so that their edges are met often. */
  readonly segmentBytes: number;
  readonly snapshotEvery: number;
  readonly inbox: number;
  readonly batch: number;
  /** In the order of their moments. */
  readonly happenings: readonly Happening[];
}

export interface Size {
  readonly days: number;
  /** Vehicles that come and go; each some times a day. */
  readonly cars: number;
}

export const ENTRIES = ['in-1', 'in-2'] as const;
export const EXITS = ['out-1', 'out-2'] as const;

/** Draws a plan. */
export function planOf(seed: number, { days, cars }: Size): Plan {
  const random = randomOf(seed);
  // A chance of its own: what is drawn of the way changes nothing of the rest.
  const other = randomOf(seed ^ 0x5eed);
  const happenings: Happening[] = [];
  const trips = Math.round(days * cars * 1.2);
  for (let id = 0; id < trips; id += 1) happenings.push(trip(random, other, id, days, cars));
  const troubles = random.between(0, 6 * days);
  for (let index = 0; index < troubles; index += 1) happenings.push(trouble(random, moment(random, happenings, days)));
  const met = [...happenings];
  const whilePaying = (): number => payMoment(other, met) ?? moment(other, met, days);
  happenings.push(...wayTroubles(other, days, () => (other.chance(0.5) ? whilePaying() : moment(other, met, days))));
  return {
    seed,
    days,
    way: wayOf(other, EXITS),
    passes: passesOf(randomOf(seed ^ 0xca4d), days, cars),
    ...prices(random),
    capDeduction: random.chance(0.3),
    segmentBytes: random.pick([8_192, 16_384, 65_536]),
    snapshotEvery: random.pick([7, 40, 1_000]),
    inbox: random.pick([8, 64]),
    batch: random.pick([1, 4, 64]),
    happenings: happenings.sort((a, b) => a.at - b.at),
  };
}

function prices(random: Random): Pick<Plan, 'sheet' | 'grace'> {
  const minutes = random.pick([15, 15, 5]);
  const price = random.pick([
    'free: 15 min\nprice: 5 per hour\ncap: 50 per 24 h\n',
    'free: 15 min\nprice: 2.5 per 15 min\ncap: 40 per day\n',
  ]);
  const more = [
    `afterPayment: ${random.pick(['continue', 'restart'])}\n`,
    `coupons: { cut: ${random.pick(['start', 'end'])} }\n`,
    random.chance(0.3) ? `reentry: { within: 30 min, keeps: ${random.pick(['entry', 'cap'])} }\n` : '',
  ];
  return { sheet: `${price}grace: ${minutes} min\n${more.join('')}`, grace: minutes * MINUTE };
}

/** One car in five has passes; some of them begin or end while it is in the park. */
function passesOf(random: Random, days: number, cars: number): readonly PlannedPass[] {
  return Array.from({ length: Math.floor(cars / 5) }, () => {
    const from = random.chance(0.5) ? null : random.between(-1, days);
    const until = random.chance(0.3) ? null : random.between(from ?? -1, days);
    return { plate: plate(random.below(cars)), from, until };
  });
}

function plate(number: number): string {
  return `粤B${String(number).padStart(5, '0')}`;
}

function trip(random: Random, other: Random, id: number, days: number, cars: number): Trip {
  const car = random.below(cars);
  const ticket = car % 10 === 9;
  // Most come in the daytime; some at any hour.
  const hour = random.chance(0.8) ? random.between(7, 21) : random.between(0, 23);
  const at = random.below(days) * DAY + hour * HOUR + random.below(HOUR);
  const stay = random.pick([
    random.between(1, 14) * MINUTE,
    random.between(16, 240) * MINUTE,
    random.between(1, 10) * HOUR + random.below(MINUTE),
    random.between(16, 240) * MINUTE + random.below(MINUTE),
    random.between(10, 30) * HOUR,
  ]);
  return {
    kind: 'trip',
    at,
    id,
    vehicle: ticket ? { kind: 'ticket', text: `T${100_000 + car}` } : { kind: 'plate', text: plate(car) },
    entry: random.pick(ENTRIES),
    exit: random.pick(EXITS),
    stay,
    arrival: sight(random, cars),
    departure: sight(random, cars),
    ahead: random.chance(0.7) ? payment(random) : null,
    atExit: payment(random),
    operator: other.chance(0.4),
  };
}

function sight(random: Random, cars: number): Sight {
  // Read as another car of the park, or as one that does not exist.
  const misread = random.chance(0.06)
    ? plate(random.chance(0.3) ? random.below(cars) : 90_000 + random.below(999))
    : null;
  const copies = random.chance(0.15)
    ? Array.from({ length: random.between(1, 3) }, () => random.pick([0, 3, random.below(40 * SECOND)]))
    : [];
  return {
    misread,
    corrected: random.chance(0.7),
    delay: random.chance(0.9) ? random.below(300) : random.below(10 * SECOND),
    copies,
    lost: random.chance(0.03),
  };
}

function payment(random: Random): Payment {
  const faults = random.chance(0.3) ? random.between(1, 6) : 0;
  return {
    lead: random.between(1, 14) * MINUTE,
    think: random.chance(0.85) ? random.between(3, 120) * SECOND : random.between(3, 20) * MINUTE,
    style: random.chance(0.75)
      ? 'exact'
      : random.pick(['coupon', 'allCoupon', 'under', 'over', 'plateOnly', 'wrongFeeId', 'stranger']),
    schedule: random.pick(['three', 'three', 'twelve', 'fifteen', 'pair']),
    line: Array.from({ length: faults }, () => random.pick(['ok', 'requestLost', 'answerLost', 'answerLost', 'slow'])),
    conflict: random.chance(0.05) ? random.pick([0, 1, random.below(10 * MINUTE)]) : null,
  };
}

/** Mostly where something else happens: troubles that meet nobody show nothing. */
function moment(random: Random, happenings: readonly Happening[], days: number): number {
  const near = happenings[random.below(happenings.length)];
  if (near === undefined || random.chance(0.2)) return random.below(days * DAY);
  const at = near.at + (near.kind === 'trip' && random.chance(0.6) ? near.stay - random.below(15 * MINUTE) : 0);
  return Math.max(0, at + random.between(-MINUTE, 2 * SECOND));
}

/** Between the price and the payment of a driver who pays ahead: the notice finds no way, and the car comes to the exit. */
function payMoment(random: Random, happenings: readonly Happening[]): number | null {
  const near = happenings[random.below(happenings.length)];
  const share = random.below(1_000) / 1_000;
  if (near?.kind !== 'trip' || !near.ahead) return null;
  return near.at + near.stay - near.ahead.lead + Math.floor(share * near.ahead.think);
}

function trouble(random: Random, at: number): Trouble {
  const lane = random.pick([...ENTRIES, ...EXITS]);
  const seconds = random.between(2, 90) * SECOND;
  const moment = random.between(200, 3_000);
  const minutes = random.between(1, 40) * MINUTE;
  // Mostly within the few steps of one commit or snapshot; at times long after.
  const steps = random.chance(0.8) ? random.below(8) : random.below(200);
  switch (random.below(11)) {
    case 0:
    case 1:
      return {
        kind: 'power',
        at,
        lasts: random.pick([moment, seconds, minutes]),
        steps,
        tear: random.below(1_000_000),
      };
    case 2:
      return { kind: 'kill', at, lasts: random.pick([moment, seconds]), steps };
    case 3:
      return { kind: 'restart', at, lasts: random.pick([moment, seconds]) };
    case 4:
      return { kind: 'clockBack', at, lasts: 8 * minutes, by: random.pick([1, 30, 7_200, 100_000]) * SECOND };
    case 5:
      return { kind: 'diskFull', at, lasts: 3 * minutes };
    case 6:
      return { kind: 'slowDisk', at, lasts: Math.ceil(seconds / 3) };
    case 7:
      return { kind: 'flood', at, lasts: 0, lane, count: random.between(5, 100) };
    case 8:
      return { kind: 'replay', at, lasts: 0, lane };
    case 9:
      return { kind: 'barrier', at, lasts: minutes, lane, outcome: random.pick(['refused', 'uncertain', 'risen']) };
    default:
      return { kind: 'outage', at, lasts: minutes, lane };
  }
}
