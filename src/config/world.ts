import type { LaneId, ParkId } from '../core/ids.ts';
import type { Lane, Park, PlateColour, World } from '../core/park/model.ts';
import { NO_PASSES, type Passes } from '../core/park/pass.ts';
import type { Tariff } from '../core/tariff/tariff.ts';
import { MINUTE, SECOND, zoneOf } from '../core/time.ts';
import type { Config } from './load.ts';
import { CLASS_COLOURS } from './schema.ts';

type ParkSettings = Config['parks'][number];

/**
 * The parks of a configuration as the core wants them.
 * @throws RangeError when a park has no tariff; `loadConfig` lets none through.
 */
export function buildWorld(config: Config): World {
  const parks = new Map<ParkId, Park>();
  for (const park of config.parks) {
    const pricing = config.pricing.get(park.id);
    if (pricing === undefined) throw new RangeError(`park ${park.id}: there is no tariff ${park.tariff}`);
    parks.set(park.id, parkOf(park, pricing.tariff, config.passes.get(park.id) ?? NO_PASSES));
  }
  return { parks };
}

function parkOf(park: ParkSettings, tariff: Tariff, passes: Passes): Park {
  return {
    id: park.id,
    name: park.name,
    zone: zoneOf(park.zone),
    tariff,
    classes: classesOf(park.classes),
    passes,
    quoteValidityMs: park.quoteMinutes * MINUTE,
    capDeduction: park.mallcoo.capDeduction,
    waitingMs: park.waitingMinutes * MINUTE,
    notices: { entry: park.mallcoo.notices !== undefined, exit: park.mallcoo.notices?.exit !== undefined },
    lateNoticeMs: park.lateNoticeMinutes * MINUTE,
    lanes: new Map<LaneId, Lane>(park.lanes.map((lane) => [lane.id, laneOf(lane)])),
  };
}

function classesOf(classes: ParkSettings['classes']): Park['classes'] {
  const found = new Map<PlateColour, string>();
  for (const colour of CLASS_COLOURS) {
    const name = classes[colour];
    if (name !== undefined) found.set(colour, name);
  }
  return found;
}

function laneOf(lane: ParkSettings['lanes'][number]): Lane {
  return {
    id: lane.id,
    direction: lane.direction,
    barrier: lane.barrier !== undefined,
    dedupeMs: lane.dedupeSeconds * SECOND,
    orderDeadlineMs: lane.orderDeadlineSeconds * SECOND,
    whenLineDown: lane.whenLineDown,
  };
}
