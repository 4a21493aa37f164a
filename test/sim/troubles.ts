/** What goes wrong, and for how long. */
import { assertNever } from '../../src/core/errors.ts';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import type { Agenda } from './agenda.ts';
import type { SimDisk } from './disk.ts';
import type { Lanes } from './lanes.ts';
import type { Trouble } from './plan.ts';
import type { Power } from './power.ts';
import type { Site } from './site.ts';

/** What troubles take hold of. */
export interface Troubled {
  readonly agenda: Agenda;
  readonly power: Power;
  readonly disk: SimDisk;
  readonly lanes: Lanes;
  setClockBehind(ms: number): void;
  /** One more trouble that a vehicle may have to wait for (+1), or one less (-1). */
  trouble(by: 1 | -1): void;
}

/** The daemon looks for room about each second; here less often, for the simulation's own time. */
const LOOK_EVERY = 15 * SECOND;
const LOOK_ON = MINUTE;

export function beginTrouble(world: Troubled, { trace }: Site, trouble: Trouble): void {
  const { agenda, lanes, disk, power } = world;
  /** Told true as it begins and false as it ends. */
  function lasting(change: (begins: boolean) => void): void {
    change(true);
    world.trouble(1);
    agenda.later(trouble.lasts, () => {
      trace(`trouble ends: ${trouble.kind}`);
      change(false);
      world.trouble(-1);
    });
  }
  function lookForRoom(until: number): void {
    power.lookForRoom();
    if (agenda.now() < until) agenda.later(LOOK_EVERY, () => lookForRoom(until));
  }
  trace(`trouble: ${JSON.stringify(trouble)}`);
  switch (trouble.kind) {
    case 'power':
      power.cut(trouble.steps, trouble.lasts, trouble.tear);
      break;
    case 'kill':
      power.cut(trouble.steps, trouble.lasts, null);
      break;
    case 'restart':
      power.restart(trouble.lasts);
      break;
    case 'clockBack':
      world.setClockBehind(trouble.by);
      agenda.later(trouble.lasts, () => world.setClockBehind(0));
      break;
    case 'diskFull':
      lasting((begins) => {
        disk.setFull(begins);
        if (begins) lookForRoom(agenda.now() + trouble.lasts + LOOK_ON);
      });
      break;
    case 'slowDisk':
      lasting(disk.setSlow);
      break;
    case 'flood':
      lasting((begins) => {
        if (begins) lanes.flood(trouble.lane, trouble.count);
      });
      break;
    case 'replay':
      lanes.replay(trouble.lane);
      break;
    case 'barrier':
      lasting((begins) => lanes.setBarrier(trouble.lane, begins ? trouble.outcome : null));
      break;
    case 'outage':
      lasting((begins) => lanes.setLine(trouble.lane, !begins));
      break;
    default:
      assertNever(trouble);
  }
}
