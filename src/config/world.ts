import { isDeepStrictEqual } from 'node:util';
import type { LaneId, ParkId } from '../core/ids.ts';
import type { Lane, Park, PlateColour, ReplacedPrices, World } from '../core/park/model.ts';
import { NO_PASSES, type Passes, passesDiff } from '../core/park/pass.ts';
import type { Tariff } from '../core/tariff/tariff.ts';
import { DAY, type Instant, MINUTE, SECOND, zoneOf } from '../core/time.ts';
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

/** Replaced prices are remembered as long as money may come for a car that left, and no more than so many. */
const REMEMBERED_MS = DAY;
const REMEMBERED = 8;

/**
 * The world of a configuration whose prices take over from those of another at a moment. Parks whose prices are the same
 * are as they were; the others know what was in force before, for what was quoted or paid then.
 */
export function succeedingWorld(old: World, config: Config, at: Instant): World {
  const parks = new Map<ParkId, Park>();
  for (const [id, park] of buildWorld(config).parks) {
    const before = old.parks.get(id);
    const replaced = before ? replacedBy(before, park, at) : [];
    parks.set(id, replaced.length > 0 ? { ...park, replaced } : park);
  }
  return { parks };
}

function replacedBy(before: Park, park: Park, at: Instant): readonly ReplacedPrices[] {
  const { tariff, classes, passes, replaced = [] } = before;
  const samePasses = Object.values(passesDiff(passes, park.passes)).every(({ count }) => count === 0);
  const same = tariff === park.tariff && isDeepStrictEqual(classes, park.classes) && samePasses;
  const known = replaced.filter(({ until }) => at - until <= REMEMBERED_MS);
  return same ? known : [{ until: at, tariff, classes, passes }, ...known].slice(0, REMEMBERED);
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
