/** The log's lines about how telling goes: when it begins to fail, and when all that had waited is told. */
import type { ParkId } from '../../core/ids.ts';
import { SECOND } from '../../core/time.ts';
import type { Log } from '../../gateway/ports.ts';
import type { NoticeTrouble } from './verdict.ts';

export interface Progress {
  /** An attempt failed. One line for a stretch of failures, and one more where the trouble becomes another. */
  failed(trouble: NoticeTrouble, why: string, waiting: number): void;
  /** A notice was answered for good. @param waiting how many wait after it. */
  answered(waiting: number): void;
}

export function createProgress(park: ParkId, log: Log, monotonic: () => number): Progress {
  let failing: { readonly since: number; trouble: NoticeTrouble } | null = null;
  let catchingUp: { readonly since: number; told: number } | null = null;
  const seconds = (since: number): number => Math.round((monotonic() - since) / SECOND);
  return {
    failed(trouble, why, waiting) {
      catchingUp = null;
      if (failing?.trouble !== trouble) log.info('Mallcoo is not told, and will be', { park, trouble, why, waiting });
      if (failing) failing.trouble = trouble;
      else failing = { since: monotonic(), trouble };
    },
    answered(waiting) {
      if (failing) {
        if (waiting > 0) log.info(`Mallcoo is told again, after ${seconds(failing.since)} s`, { park, waiting });
        failing = null;
        catchingUp = { since: monotonic(), told: 0 };
      }
      if (!catchingUp) return;
      catchingUp.told += 1;
      if (waiting > 0) return;
      const { told, since } = catchingUp;
      log.info(`caught up: ${told} ${told === 1 ? 'notice' : 'notices'} in ${seconds(since)} s`, { park });
      catchingUp = null;
    },
  };
}
