/**
 * What a plan says of the way between the gate and Mallcoo: what is told and how, the exits' rules for a dead line, and
 * what goes wrong on the way. Drawn by a chance of its own, so that the rest of a seed's plan is what it is without it.
 */

import { fen } from '../../src/core/money.ts';
import type { LineRule } from '../../src/core/park/model.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import type { Random } from './random.ts';

/** What the gate is configured to tell, and how it watches the way. */
export interface WayPlan {
  /** Whether entries are told; departures are so in some parks. */
  readonly entries: boolean;
  readonly exits: boolean;
  readonly perSecond: number;
  readonly giveUpMs: number;
  readonly plateEncoding: 'raw' | 'url';
  readonly probeMs: number;
  /** By exit. */
  readonly whenLineDown: Readonly<Record<string, LineRule>>;
}

/** `half`: calls arrive, their answers do not. `stale`: taken by nobody. `web`: the far web server answers itself. */
export type TunnelFault = 'dead' | 'stale' | 'half' | 'web' | 'otherGate';

/**
 * `mute`: it acts and the answer is lost. `slow`: it acts and answers too late. `odd`: another code. `portal`: a page of
 * somebody else. `unknownPark`: 1101. `badSome`: 2 for some vehicles.
 */
export type ReceiverFault = 'away' | 'busy' | 'mute' | 'slow' | 'odd' | 'portal' | 'unknownPark' | 'badSome';

interface Lasting {
  readonly at: number;
  /** How long it lasts, in ms. */
  readonly lasts: number;
}

export type WayTrouble =
  | (Lasting & { readonly kind: 'internet' })
  | (Lasting & { readonly kind: 'tunnel'; readonly how: TunnelFault })
  /** What the operator does with the dead letters once it is over. */
  | (Lasting & { readonly kind: 'receiver'; readonly how: ReceiverFault; readonly letters: 'retry' | 'drop' | 'leave' })
  /** Mallcoo's clock is off by so many ms. */
  | (Lasting & { readonly kind: 'theirClock'; readonly by: number })
  /** The gate's clock is ahead by so many ms. */
  | (Lasting & { readonly kind: 'clockAhead'; readonly by: number });

export function wayOf(random: Random, exits: readonly string[]): WayPlan {
  return {
    entries: random.chance(0.95),
    exits: random.chance(0.3),
    perSecond: random.pick([1, 2, 5]),
    giveUpMs: random.pick([1, 7, 7]) * DAY,
    plateEncoding: random.pick(['raw', 'url']),
    probeMs: random.pick([300, 600, 1_200]) * SECOND,
    whenLineDown: Object.fromEntries(exits.map((exit) => [exit, lineRule(random)])),
  };
}

function lineRule(random: Random): LineRule {
  const type = random.pick<LineRule['type']>(['hold', 'operator', 'letOut', 'letOut']);
  return type === 'letOut' ? { type, upTo: fen(random.pick([500, 2_000, 10_000])) } : { type };
}

/** @param at draws a moment, mostly one at which something else happens. */
export function wayTroubles(random: Random, days: number, at: () => number): WayTrouble[] {
  return Array.from({ length: random.between(0, 4 * days) }, () => wayTrouble(random, at()));
}

function wayTrouble(random: Random, at: number): WayTrouble {
  const lasts = random.pick([
    random.between(1, 90) * SECOND,
    random.between(1, 40) * MINUTE,
    random.between(1, 40) * MINUTE,
    random.between(1, 12) * HOUR,
    random.chance(0.2) ? random.between(24, 72) * HOUR : random.between(1, 12) * HOUR,
  ]);
  const how = random.pick<ReceiverFault>([
    'away',
    'away',
    'busy',
    'mute',
    'slow',
    'odd',
    'portal',
    'unknownPark',
    'badSome',
  ]);
  const letters = random.pick<'retry' | 'drop' | 'leave'>(['retry', 'drop', 'leave']);
  const tunnel = random.pick<TunnelFault>(['dead', 'stale', 'half', 'web', 'otherGate']);
  const by = random.pick([20, 90, 150, 600, 1_800]) * SECOND;
  const back = random.chance(0.5);
  switch (random.below(9)) {
    case 0:
    case 1:
      return { kind: 'internet', at, lasts };
    case 2:
    case 3:
    case 4:
      return { kind: 'tunnel', at, lasts, how: tunnel };
    case 5:
    case 6:
      return { kind: 'receiver', at, lasts, how, letters };
    case 7:
      return { kind: 'theirClock', at, lasts, by: back ? -by : by };
    default:
      return { kind: 'clockAhead', at, lasts: Math.min(lasts, 12 * HOUR), by };
  }
}

const KINDS: ReadonlySet<string> = new Set(['internet', 'tunnel', 'receiver', 'theirClock', 'clockAhead']);

/** Whether a happening belongs to the way. */
export function isOfWay(happening: { readonly kind: string }): happening is WayTrouble {
  return KINDS.has(happening.kind);
}
