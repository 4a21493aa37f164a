/** The service manager above the gate (systemd): told how it is, and fed while the loop turns. Without one nothing is done. */
import type { Log } from '../../gateway/ports.ts';
import { createNotifier, type Notifier } from './notify.ts';
import { startWatchdog, type Timers } from './watchdog.ts';

export interface Supervisor {
  /** The recovery goes on: the start may take longer. Cheap, to be called for each record. */
  progress(): void;
  /** The gate works. From here on the status is told and the watchdog fed, by turns through the loop. */
  up(parts: UpParts): void;
  /** Price sheets and passes are being read anew; `reloaded` when that is over, however it went. */
  reloading(): void;
  reloaded(): void;
  /** The gate is about to let go of everything. */
  stopping(): void;
}

export interface UpParts {
  /** One turn through the gateway's loop. */
  readonly pulse: () => Promise<void>;
  /** One line: how the gate is. */
  readonly status: () => string;
  readonly log: Log;
}

export interface SupervisorParts {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whose watchdog counts: this process's, or its parent's that passes signals on. */
  readonly pids: readonly number[];
  readonly timers?: Timers;
  readonly onFailure: (reason: string) => void;
}

/** What the service manager hands to the process alone: no child may speak for it. */
export const SUPERVISOR_VARIABLES = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'] as const;

/** While a recovery goes on it asks for this much more, this often, in ms. */
const EXTENSION = { ms: 60_000, everyMs: 10_000 };
/** The status is told anew this often where no watchdog is fed: at half of it, in ms. */
const WITHOUT_WATCHDOG_MS = 60_000;

export const realTimers: Timers = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/** Of a process that nobody supervises. */
export const NO_SUPERVISOR: Supervisor = {
  progress: () => undefined,
  up: () => undefined,
  reloading: () => undefined,
  reloaded: () => undefined,
  stopping: () => undefined,
};

/** The supervisor that the environment names. */
export function supervisorOf({ env, pids, onFailure, timers = realTimers }: SupervisorParts): Supervisor {
  const socket = env['NOTIFY_SOCKET'] ?? '';
  if (socket === '') return NO_SUPERVISOR;
  const notifier = createNotifier({ socket, path: env['PATH'] ?? '/usr/bin:/bin', onFailure });
  return supervise(notifier, watchdogMs(env, pids), timers);
}

/** `WatchdogSec` in ms, if it is meant for one of these processes. */
function watchdogMs(env: SupervisorParts['env'], pids: readonly number[]): number | null {
  const { WATCHDOG_USEC: usec = '', WATCHDOG_PID: pid = '' } = env;
  if (!/^[1-9]\d{0,15}$/.test(usec)) return null;
  return pid === '' || pids.includes(Number(pid)) ? Number(usec) / 1_000 : null;
}

function supervise(notifier: Notifier, limitMs: number | null, timers: Timers): Supervisor {
  let asked = timers.now();
  let unwatch = (): void => undefined;
  return {
    progress() {
      const now = timers.now();
      if (now - asked < EXTENSION.everyMs) return;
      asked = now;
      notifier.send({ EXTEND_TIMEOUT_USEC: String(EXTENSION.ms * 1_000) });
    },
    up({ pulse, status, log }) {
      notifier.send({ READY: '1', STATUS: status() });
      unwatch = startWatchdog({
        limitMs: limitMs ?? WITHOUT_WATCHDOG_MS,
        pulse,
        timers,
        feed: () => notifier.send({ STATUS: status(), ...(limitMs === null ? {} : { WATCHDOG: '1' }) }),
        onLate: (ms) =>
          log.notice('LOOP_LATE', { value: `${(ms / 1_000).toFixed(1)} s`, watchdog: limitMs && limitMs / 1_000 }),
      });
    },
    reloading: () => notifier.send({ RELOADING: '1' }),
    reloaded: () => notifier.send({ READY: '1' }),
    stopping() {
      unwatch();
      notifier.send({ STOPPING: '1' });
      notifier.close();
    },
  };
}
