/** The gate's process on its machine: it starts, runs, is stopped, killed or loses its power, and starts again. */
import type { World } from '../../src/core/park/model.ts';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import type { Mount, SimDisk } from './disk.ts';
import { startGate } from './gate.ts';
import type { Gate } from './gate-port.ts';
import type { Lanes } from './lanes.ts';
import type { Mallcoo } from './mallcoo.ts';
import type { Plant } from './plant-names.ts';
import type { MallcooReceiver } from './receiver.ts';
import type { Site } from './site.ts';
import type { WayRules } from './way-rules.ts';

export interface Power {
  gate(): Gate | null;
  /** Since when the process is up, or was the last time. */
  upSince(): number;
  start(): void;
  /** Stops in order and starts again after `lasts` ms. Nothing happens to a process that is not up. */
  restart(lasts: number, onStopped?: (gate: Gate) => void): void;
  /** Ends the process before the disk's step after `steps` more, or soon if it takes none. `tear`: the power goes with it. */
  cut(steps: number, lasts: number, tear: number | null): void;
  /** Hands over to the archive what is old. */
  retain(): void;
  /** Tries whether a disk that was full has room again. */
  lookForRoom(): void;
  busy(): boolean;
  /** Ends the process for good. */
  end(): void;
}

export interface PowerParts {
  readonly site: Site;
  readonly world: World;
  readonly lanes: Lanes;
  readonly disk: SimDisk;
  readonly plant: Plant | null;
  readonly mallcoo: Mallcoo;
  readonly receiver: MallcooReceiver;
  readonly wayRules: WayRules;
}

/** One life of the process. */
interface Life {
  readonly mount: Mount;
  /** `ending`: what is on the way to Mallcoo may still be answered. */
  phase: 'starting' | 'up' | 'ending' | 'stopping' | 'over';
  gate: Gate | null;
}

interface Cut {
  steps: number;
  readonly lasts: number;
  readonly tear: number | null;
}

/** After the process ended itself. */
const TRY_AGAIN = 10 * SECOND;

export function createPower(parts: PowerParts): Power {
  const { site, lanes, disk, mallcoo } = parts;
  const { agenda, trace, auditor, stats } = site;
  let upSince = 0;
  let life: Life | null = null;
  let cut: Cut | null = null;

  function onStep(): void {
    if (!cut) return;
    cut.steps -= 1;
    if (cut.steps < 0) strike(cut);
  }

  function strike({ lasts, tear }: Cut): void {
    cut = null;
    trace(tear === null ? 'KILL' : 'POWER CUT');
    stats.crashes += 1;
    over(null);
    if (tear !== null) disk.cutPower(tear);
    agenda.later(lasts, start);
  }

  function over(outcome: Parameters<Lanes['disconnect']>[0]): void {
    if (!life) return;
    life.phase = 'over';
    life.mount.unmount();
    life = null;
    lanes.disconnect(outcome);
    auditor.processEnded();
    site.notices.processEnded();
  }

  function onDefect(error: unknown): void {
    site.fail('no internal error', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  function start(): void {
    if (life) return;
    stats.starts += 1;
    const own: Life = { mount: disk.mount(() => life === own && onStep()), phase: 'starting', gate: null };
    life = own;
    const { world, plant } = parts;
    startGate({
      plan: site.plan,
      world,
      lanes: lanes.devices,
      disk: own.mount.disk,
      clock: site.clock,
      agenda,
      way: site.way,
      receiver: parts.receiver,
      alive: () => life === own,
      onFault: (code) => parts.wayRules.raised(code),
      auditor,
      plant,
      onOrder: (device, order) => (life === own ? lanes.order(device, order) : new Promise(() => {})),
      onCommand: () => {
        stats.commands += 1;
      },
      onHeld(visit, at) {
        if (at <= mallcoo.freeUntil(visit)) site.fail('who has paid gets out', `${visit} was held for money`);
      },
      trace,
      onDefect,
      onFatal(error) {
        if (life !== own) return;
        trace(`the process ends itself: ${error.message}`);
        stats.crashes += 1;
        over(null);
        agenda.later(TRY_AGAIN, start);
      },
    }).then(
      (gate) => {
        if (life !== own) return;
        own.phase = 'up';
        own.gate = gate;
        upSince = agenda.now();
        trace(`up, at record ${gate.gateway.state().seq}`);
        lanes.connect(gate);
        parts.wayRules.changed();
      },
      (error: unknown) => {
        // Nothing here damages the folder, and a full disk must not hold the gate.
        if (life === own) site.fail('the gate starts', error instanceof Error ? error.message : String(error));
      },
    );
  }

  return {
    gate: () => (life?.phase === 'up' ? life.gate : null),
    upSince: () => upSince,
    start,
    restart(lasts, onStopped) {
      const own = life;
      const gate = own?.gate;
      if (own?.phase !== 'up' || !gate) return;
      trace('STOP');
      own.phase = 'ending';
      const stop = async (): Promise<void> => {
        await gate.endWay();
        if (life !== own) return;
        own.phase = 'stopping';
        lanes.disconnect({ outcome: 'uncertain', detail: 'the daemon stops' });
        await gate.stop();
        if (life !== own) return;
        onStopped?.(gate);
        over(null);
        agenda.later(lasts, start);
      };
      stop().catch(onDefect);
    },
    cut(steps, lasts, tear) {
      const own: Cut = { steps, lasts, tear };
      cut = own;
      agenda.later(5 * MINUTE, () => {
        if (cut === own && life) strike(own);
        else if (cut === own) cut = null;
      });
    },
    retain: () => life?.gate?.retain().catch(onDefect),
    lookForRoom: () => life?.gate?.lookForRoom().catch(onDefect),
    busy() {
      if (!life) return false;
      const timed = life.phase === 'up' || life.phase === 'ending';
      return !timed || (life.gate?.busy() ?? false);
    },
    end: () => over(null),
  };
}
