/**
 * The faults of the way held against the way itself: each is raised only for its own cause and soon after it, each ends
 * soon after its cause has, and what waits is told as soon as it can be.
 */
import type { FaultCode } from '../../src/core/errors.ts';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import type { Gate } from './gate-port.ts';
import type { Site } from './site.ts';
import type { Cause } from './way.ts';

export interface WayRules {
  /** A fault is raised that was not. */
  raised(code: FaultCode): void;
  /** The way or the process has changed: once it has stayed as it is for long enough, it is judged. */
  changed(): void;
}

/** The last call that met a trouble ends within its time, and is told after a look at the internet and a probe. */
const TAIL = 3 * MINUTE;
/** The world's watch ticks seldom where nothing is new: once for each of two failures that raise. */
const SLOW_TICKS = 10 * MINUTE;
/** A sender tries again within 5 minutes, with every other failure in between. */
const TOLD_WITHIN = 8 * MINUTE;

const CAUSES: Partial<Readonly<Record<FaultCode, Cause>>> = {
  INTERNET_DOWN: 'internet',
  TUNNEL_DOWN: 'tunnel',
  MALLCOO_UNREACHABLE: 'unreachable',
  MALLCOO_REFUSING: 'refusing',
};

export function createWayRules(site: Site): WayRules {
  const { agenda, fail, way, notices, plan } = site;
  /** A probe may be due only then, it takes its time, and one alone is not believed. */
  /** When INTERNET_DOWN was last raised. */
  let toldAt = Number.NEGATIVE_INFINITY;
  const known = plan.way.probeMs + SLOW_TICKS + TAIL;

  function judge(after: number): void {
    const gate = site.gate();
    const calm = gate !== null && Math.min(way.stableFor(), site.healthyFor()) >= after;
    if (!calm) return;
    judgeLine(gate);
    if (after >= TOLD_WITHIN) judgeMallcoo(gate);
  }

  function judgeLine(gate: Gate): void {
    const { faults, gateway } = gate;
    const raised = new Set<FaultCode>(faults.raised().map(({ code }) => code));
    const internet = !way.internet();
    const tunnel = !internet && way.tunnel() !== null;
    const wanted: readonly (readonly [FaultCode, boolean])[] = [
      ['INTERNET_DOWN', internet],
      ['TUNNEL_DOWN', tunnel],
    ];
    for (const [code, want] of wanted) {
      if (raised.has(code) === want) continue;
      fail(
        want ? 'a fault is raised for its cause' : 'a fault ends with its cause',
        `${code} is ${want ? 'not ' : ''}raised`,
      );
    }
    if (internet && raised.has('MALLCOO_UNREACHABLE'))
      fail('outages are told apart', 'no internet, and MALLCOO_UNREACHABLE');
    const down = gateway.state().line.downSince !== null;
    if (down !== (internet || tunnel)) fail('the line is known', `the gate takes it to be ${down ? 'down' : 'up'}`);
  }

  function judgeMallcoo({ faults }: Gate): void {
    const raised = new Set<FaultCode>(faults.raised().map(({ code }) => code));
    const since = agenda.now() - way.stableFor();
    const good = way.internet() && !way.active('unreachable') && !way.active('refusing');
    const waits = notices.waitingSince();
    if (good && waits !== null && agenda.now() - waits > TOLD_WITHIN)
      fail('told as soon as it can be', `a notice waits for ${(agenda.now() - waits) / SECOND} s`);
    for (const code of ['MALLCOO_UNREACHABLE', 'MALLCOO_REFUSING'] as const) {
      const cause = CAUSES[code];
      if (cause === undefined || !way.internet()) continue;
      // What is raised stays until the next attempt, and there is none while nothing waits.
      if (!way.active(cause) && raised.has(code) && notices.lastSent() > since + TAIL)
        fail('a fault ends with its cause', `${code} is raised`);
    }
    // Where both are so, nobody gets as far as being refused.
    const wanted = way.active('unreachable') ? 'MALLCOO_UNREACHABLE' : 'MALLCOO_REFUSING';
    const failing = !good && waits !== null && agenda.now() - waits > TOLD_WITHIN && notices.lastSent() > since;
    if (way.internet() && failing && !raised.has(wanted))
      fail('a fault is raised for its cause', `nothing is told, and ${wanted} is not raised`);
  }

  /** Whether calls were lost in an outage of the internet that was over before it could be told as one. */
  function excused(cause: Cause): boolean {
    const lost = cause === 'tunnel' || cause === 'unreachable';
    return lost && way.overFor('internet') <= TAIL && toldAt < way.internetWent();
  }

  return {
    raised(code) {
      const cause = CAUSES[code];
      if (code === 'INTERNET_DOWN') toldAt = agenda.now();
      if (cause === undefined || way.overFor(cause) <= TAIL || excused(cause)) return;
      fail('outages are told apart', `${code} is raised, and its cause was not there`);
    },
    changed() {
      for (const after of [known, TOLD_WITHIN + known]) agenda.meanwhile(after + SECOND, () => judge(after));
    },
  };
}
