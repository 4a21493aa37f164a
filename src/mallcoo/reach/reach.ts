/**
 * Watches the way between the gate and Mallcoo: probes the gate's own public address from end to end, looks whether the
 * internet is there when something fails, and hears from the notices' sender what Mallcoo said.
 */
import { appendFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { formatLocal, SECOND, type Zone } from '../../core/time.ts';
import type { Clock, Faults, Log } from '../../gateway/ports.ts';
import { askHttp, askTcp, type Point } from './ask.ts';
import type { ProbeBook } from './book.ts';
import { type ProbeTarget, probeCall } from './call.ts';
import type { Waiting } from './text.ts';
import { type ProbeFailure, verdictOf } from './verdict.ts';
import { type LastProbe, type NoticeReports, startWatch } from './watch.ts';

export interface ReachParts {
  /** Null where no public address is configured: nothing is probed, and the tunnel is taken to be up. */
  readonly target: ProbeTarget | null;
  readonly probeMs: number;
  /** The reference points of the internet; empty for none, and then its absence is never claimed. */
  readonly points: readonly Point[];
  /** The file that is touched to have the tunnel restarted, and after how long; null for never. */
  readonly restart: { readonly file: string; readonly afterMs: number } | null;
  /** The book in which the calls' app finds the probes. */
  readonly book: ProbeBook;
  readonly waiting: () => Waiting;
  /**
   * Payments can, or cannot, reach the gate: called once it is known (at once, where nothing is probed), and then on each
   * change. Must not throw.
   */
  readonly onLine: (up: boolean) => void;
  /** The internet is back: notices may be tried at once. Must not throw. */
  readonly onBack: () => void;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly log: Log;
  /** The zone of the times in the faults. */
  readonly zone: Zone;
  /** The real one if left out. */
  readonly machine?: ReachMachine;
}

/** What the watch needs of the machine; the simulator brings its own. */
export interface ReachMachine {
  readonly askHttp: typeof askHttp;
  readonly askTcp: typeof askTcp;
  /** Ms on a clock that only goes forward. */
  readonly monotonic: () => number;
  /** Calls again and again, about every so many ms, until what it returns is called. */
  readonly every: (ms: number, tick: () => void) => () => void;
}

const MACHINE: ReachMachine = {
  askHttp,
  askTcp,
  monotonic: () => performance.now(),
  every(ms, tick) {
    const ticking = setInterval(tick, ms);
    return () => clearInterval(ticking);
  },
};

/** For the health page. */
export interface ReachStats {
  readonly publicUrl: string | null;
  readonly line: 'up' | 'down' | 'unknown';
  readonly lastProbe: LastProbe | null;
  readonly internet: 'up' | 'down' | 'unknown';
}

export interface Reach {
  /** For the sender of the notices. */
  readonly reports: NoticeReports;
  stats(): ReachStats;
  stop(): Promise<void>;
}

/** A reference point that has not taken a connection within this is not reached, in ms. */
const POINT_TIMEOUT_MS = 3 * SECOND;

/** Begins at once: the listener is to be there already. */
export function startReach(parts: ReachParts): Reach {
  const { target, points, restart, clock, log, machine = MACHINE } = parts;
  const watch = startWatch({
    settings: {
      probing: target !== null,
      probeMs: parts.probeMs,
      checking: points.length > 0,
      restartMs: restart?.afterMs ?? null,
    },
    probe: async (signal) => (target === null ? null : probe(target, parts, machine, signal)),
    check: async (signal) => {
      const reached = await Promise.all(points.map((point) => machine.askTcp(point, POINT_TIMEOUT_MS, signal)));
      return reached.includes(true);
    },
    restart: async () => {
      // A line each time: whoever watches the file sees it change, and a person sees when.
      if (restart) await appendFile(restart.file, `${formatLocal(clock.now(), parts.zone)} TUNNEL_DOWN\n`);
    },
    waiting: parts.waiting,
    onLine: parts.onLine,
    onBack: parts.onBack,
    faults: parts.faults,
    log,
    clock,
    monotonic: machine.monotonic,
    every: machine.every,
    points: points.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)).join(', '),
    zone: parts.zone,
  });
  return {
    reports: watch.reports,
    stats: () => ({
      publicUrl: target?.publicUrl ?? null,
      line: watch.line(),
      lastProbe: watch.lastProbe(),
      internet: watch.internet(),
    }),
    stop: watch.stop,
  };
}

/** One call to the gate itself, the long way round. */
async function probe(
  target: ProbeTarget,
  { book, clock }: ReachParts,
  machine: ReachMachine,
  signal: AbortSignal,
): Promise<ProbeFailure | null> {
  const { timeoutMs } = target;
  const ticket = book.open();
  const call = probeCall(target, clock.now(), ticket.nonce);
  const outcome = await machine.askHttp({ ...call, timeoutMs, signal });
  ticket.close();
  return verdictOf(outcome, { url: call.url, timeoutMs, arrived: ticket.arrived(), reply: ticket.reply });
}
