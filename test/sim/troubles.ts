/** What goes wrong, and for how long. */
import { assertNever } from '../../src/core/errors.ts';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import type { Agenda } from './agenda.ts';
import type { SimDisk } from './disk.ts';
import type { Lanes } from './lanes.ts';
import type { Trouble } from './plan.ts';
import type { WayTrouble } from './plan-way.ts';
import type { Power } from './power.ts';
import { PARK, type Site } from './site.ts';

/** What troubles take hold of. */
export interface Troubled {
  readonly agenda: Agenda;
  readonly power: Power;
  readonly disk: SimDisk;
  readonly lanes: Lanes;
  /** By how much the gate's clock is ahead, in ms; negative for behind. */
  setClock(ms: number): void;
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
      world.setClock(-trouble.by);
      agenda.later(trouble.lasts, () => world.setClock(0));
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

/** After an outage the operator looks at the dead letters. */
const OPERATOR_COMES = 5 * MINUTE;

/** What goes wrong on the way to Mallcoo. No vehicle has to wait for any of it. */
export function beginWayTrouble(world: Troubled, site: Site, trouble: WayTrouble): void {
  const { agenda } = world;
  const { way, trace } = site;
  trace(`trouble: ${JSON.stringify(trouble)}`);
  if (trouble.kind === 'clockAhead') {
    world.setClock(trouble.by);
    agenda.later(trouble.lasts, () => world.setClock(0));
    return;
  }
  way.begin(trouble);
  agenda.later(trouble.lasts, () => {
    trace(`trouble ends: ${trouble.kind}`);
    way.end(trouble);
    if (trouble.kind === 'receiver') agenda.later(OPERATOR_COMES, () => seeToLetters(site, trouble.letters));
  });
}

/** The operator has dead letters sent again, or gives them up. */
function seeToLetters(site: Site, how: 'retry' | 'drop' | 'leave'): void {
  const gate = site.gate();
  if (!gate || how === 'leave') return;
  for (const id of gate.gateway.state().parks.get(PARK)?.outbox.dead.keys() ?? []) {
    const about = { park: PARK, noticeId: id } as const;
    const command =
      how === 'retry'
        ? ({ type: 'noticeRetry', ...about } as const)
        : ({ type: 'noticeDrop', reason: 'told by hand', ...about } as const);
    site.trace(`the operator: ${command.type} ${id}`);
    // A gate that stops or has no room refuses; the letter stays.
    gate.gateway.submit(command).catch((error: unknown) => site.trace(`  turned away: ${String(error)}`));
  }
}
