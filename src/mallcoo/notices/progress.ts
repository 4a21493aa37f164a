/** The log's lines about how telling goes: when it begins to fail, and when all that had waited is told. */
import type { Said, Sentence } from '../../core/errors.ts';
import type { ParkId } from '../../core/ids.ts';
import { fill } from '../../core/sentence.ts';
import { SECOND } from '../../core/time.ts';
import type { Log } from '../../gateway/ports.ts';
import type { NoticeTrouble } from './verdict.ts';

const NOT_TOLD: Sentence = { zh: '暂时通知不到猫酷，稍后重发', en: 'Mallcoo is not told, and will be' };
const AGAIN: Sentence = { zh: '又能通知猫酷，中断 {seconds} 秒', en: 'Mallcoo is told again, after {seconds} s' };
const CAUGHT_UP = {
  one: { zh: '已补发完：{seconds} 秒内 {told} 条通知', en: 'caught up: {told} notice in {seconds} s' },
  many: { zh: '已补发完：{seconds} 秒内 {told} 条通知', en: 'caught up: {told} notices in {seconds} s' },
} as const satisfies Readonly<Record<string, Sentence>>;

export interface Progress {
  /** An attempt failed. One line for a stretch of failures, and one more where the trouble becomes another. */
  failed(trouble: NoticeTrouble, why: Said, waiting: number): void;
  /** A notice was answered for good. @param waiting how many wait after it. */
  answered(waiting: number): void;
}

export function createProgress(park: ParkId, log: Log, monotonic: () => number): Progress {
  let failing: { readonly since: number; trouble: NoticeTrouble } | null = null;
  let catchingUp: { readonly since: number; told: number } | null = null;
  const seconds = (since: number): string => `${Math.round((monotonic() - since) / SECOND)}`;
  return {
    failed(trouble, why, waiting) {
      catchingUp = null;
      if (failing?.trouble !== trouble) log.info(NOT_TOLD, { park, trouble, why, waiting });
      if (failing) failing.trouble = trouble;
      else failing = { since: monotonic(), trouble };
    },
    answered(waiting) {
      if (failing) {
        if (waiting > 0) log.info(fill(AGAIN, { seconds: seconds(failing.since) }), { park, waiting });
        failing = null;
        catchingUp = { since: monotonic(), told: 0 };
      }
      if (!catchingUp) return;
      catchingUp.told += 1;
      if (waiting > 0) return;
      const { told, since } = catchingUp;
      log.info(fill(told === 1 ? CAUGHT_UP.one : CAUGHT_UP.many, { told: `${told}`, seconds: seconds(since) }), {
        park,
      });
      catchingUp = null;
    },
  };
}
