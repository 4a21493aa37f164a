/** The demo's cars: they come and go in front of the virtual cameras, and the page looks at them and at their fees. */
import { randomInt } from 'node:crypto';
import type { ParkId } from '../core/ids.ts';
import { chargedBy } from '../core/park/charge.ts';
import type { World } from '../core/park/model.ts';
import { openVisit } from '../core/park/queries.ts';
import type { ParkState, State } from '../core/park/state.ts';
import type { Plate } from '../core/plate.ts';
import { labelOf, moneyText, reckoningOf } from '../core/tariff/describe.ts';
import { after, type Instant, MINUTE, wholeMinutes } from '../core/time.ts';
import type { Clock } from '../gateway/ports.ts';
import type { VirtualCamera } from './camera.ts';
import { DEMO_PARK } from './config.ts';

/** An arm that has not risen by then never will: its order has expired. */
const PATIENCE_MS = 6_000;
/** Stays of the cars that stand in the demo's park when it opens, in minutes: something to pay for each. */
const OPENING_STAYS = [50, 140, 26 * 60];
/** Cars that the page offers. */
const MAX_OFFERED = 6;

/**
 * A vehicle stops in front of a camera.
 * @returns the ms from its message to the open order reaching the camera; null when the arm stays down.
 */
export async function pass(camera: VirtualCamera, plate: string): Promise<number | null> {
  const pulse = camera.nextPulse();
  const began = performance.now();
  const seen = camera.see(plate);
  const at = await patiently(pulse);
  await seen;
  return at === null ? null : at - began;
}

/** What comes, or null when it does not come in time. */
async function patiently<T>(coming: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const impatient = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE_MS);
  });
  try {
    return await Promise.race([coming, impatient]);
  } finally {
    clearTimeout(timer);
  }
}

export interface CarInside {
  readonly plate: Plate;
  readonly minutes: number;
}

/** One line of what makes up a fee, in Chinese. */
export interface FeeLine {
  readonly label: string;
  readonly reckoning: string;
  /** With its sign; empty where a line is only a remark. */
  readonly amount: string;
}

export interface Cars {
  /** The cars that came last, latest first. */
  inside(): readonly CarInside[];
  /** A car that came so many minutes ago; 0: it comes now, and the arm rises for it. */
  arrive(plate: string, minutes: number): Promise<void>;
  /** It drives to the exit. @returns whether the arm rose. */
  leave(plate: Plate): Promise<boolean>;
  /** What makes up its fee now; empty when it is not inside. */
  explain(plate: Plate): readonly FeeLine[];
}

export interface CarsParts {
  readonly entry: VirtualCamera;
  readonly exit: VirtualCamera;
  readonly world: () => World;
  readonly state: () => State;
  readonly clock: Clock;
}

export function demoCars({ entry, exit, world, state, clock }: CarsParts): Cars {
  const here = (): ParkState | undefined => state().parks.get(DEMO_PARK as ParkId);
  /** While the clock is behind the journal, the time of its last record, as in every answer. */
  const now = (): Instant => Math.max(clock.now(), state().at) as Instant;
  return {
    inside() {
      const visits = [...(here()?.open.values() ?? [])].sort((a, b) => b.entryAt - a.entryAt);
      return visits
        .flatMap(({ credential, entryAt }) =>
          credential.kind === 'plate' ? [{ plate: credential.plate, minutes: wholeMinutes(entryAt, now()) }] : [],
        )
        .slice(0, MAX_OFFERED);
    },
    async arrive(plate, minutes) {
      if (minutes > 0) await entry.recall(plate, after(clock.now(), -minutes * MINUTE));
      else await pass(entry, plate);
    },
    async leave(plate) {
      const pulse = exit.nextPulse();
      // Acknowledged once the gate has decided: a car that is held need not be waited for.
      await exit.see(plate);
      return !waitsAtExit(here(), plate) && (await patiently(pulse)) !== null;
    },
    explain(plate) {
      const park = world().parks.get(DEMO_PARK as ParkId);
      const visit = openVisit(here(), 'plate', plate);
      if (!park || !visit) return [];
      const { items, currency } = chargedBy(park, visit, now());
      return items.map((item) => ({
        label: labelOf(item, 'zh'),
        reckoning: reckoningOf(item, 'zh', currency),
        amount: item.kind === 'sheet' || item.kind === 'calendar' ? '' : moneyText(item.amount, currency),
      }));
    },
  };
}

function waitsAtExit(park: ParkState | undefined, plate: Plate): boolean {
  return [...(park?.lanes.values() ?? [])].some(({ last }) => last?.key === plate && last.outcome === 'held');
}

/** Fills an empty park, so that there is something to pay. */
export async function openingCars(cars: Cars): Promise<void> {
  if (cars.inside().length > 0) return;
  for (const minutes of OPENING_STAYS) await cars.arrive(randomPlate(), minutes);
}

export function randomPlate(): string {
  const letter = 'ABCDEFGHJKLMNPQRSTUVWXYZ'.charAt(randomInt(24));
  return `粤${letter}${String(randomInt(100_000)).padStart(5, '0')}`;
}
