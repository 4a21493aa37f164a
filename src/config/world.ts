import type { LaneId, ParkId } from '../core/ids.ts';
import type { Lane, Park, World } from '../core/park/model.ts';
import { steppedTariff } from '../core/tariff/stepped.ts';
import type { Tariff } from '../core/tariff/tariff.ts';
import { MINUTE, SECOND, zoneOf } from '../core/time.ts';
import type { Config } from './load.ts';

type ParkSettings = Config['parks'][number];

/**
 * Compiles the parks of a configuration.
 * @throws RangeError when a park names a tariff or zone that does not exist; `loadConfig` lets none through.
 */
export function buildWorld(config: Config): World {
  const tariffs = new Map(Object.entries(config.tariffs).map(([key, sheet]) => [key, compile(key, sheet)]));
  const parks = new Map<ParkId, Park>();
  for (const park of config.parks) {
    const tariff = tariffs.get(park.tariff);
    if (tariff === undefined) throw new RangeError(`park ${park.id}: there is no tariff ${park.tariff}`);
    parks.set(park.id, parkOf(park, tariff));
  }
  return { parks };
}

function compile(key: string, sheet: Config['tariffs'][string]): Tariff {
  const { first, step } = sheet;
  return steppedTariff({
    name: sheet.name ?? key,
    version: sheet.version,
    freeMs: sheet.freeMinutes * MINUTE,
    free: sheet.freePeriod,
    first: first === undefined ? null : { ms: first.minutes * MINUTE, price: first.price },
    step: { ms: step.minutes * MINUTE, price: step.price },
    cap24h: sheet.cap24h ?? null,
  });
}

function parkOf(park: ParkSettings, tariff: Tariff): Park {
  return {
    id: park.id,
    name: park.name,
    zone: zoneOf(park.zone),
    tariff,
    graceMs: park.graceMinutes * MINUTE,
    quoteValidityMs: park.quoteMinutes * MINUTE,
    afterPayment: park.afterPayment,
    capDeduction: park.mallcoo.capDeduction,
    cutFreeMinutesFrom: park.mallcoo.cutFreeMinutesFrom,
    waitingMs: park.waitingMinutes * MINUTE,
    lanes: new Map<LaneId, Lane>(park.lanes.map((lane) => [lane.id, laneOf(lane)])),
  };
}

function laneOf(lane: ParkSettings['lanes'][number]): Lane {
  return {
    id: lane.id,
    direction: lane.direction,
    barrier: lane.barrier !== undefined,
    dedupeMs: lane.dedupeSeconds * SECOND,
    orderDeadlineMs: lane.orderDeadlineSeconds * SECOND,
  };
}
