/** What the car park tells Mallcoo (1.4): a sender for each park that has an outbox to send, and the fault of its dead letters. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sentence } from '../../core/errors.ts';
import type { ParkId } from '../../core/ids.ts';
import type { JournalRecord, ParkEvent } from '../../core/park/events.ts';
import type { Instant } from '../../core/time.ts';
import type { Clock, Faults, Gateway, Log } from '../../gateway/ports.ts';
import { fetchPost } from './post.ts';
import { type LastAnswer, type Machine, type NoticeReports, type Pump, startPump } from './pump.ts';
import type { NoticeSettings } from './settings.ts';

export interface NoticesParts {
  /** The parks that tell. */
  readonly parks: readonly NoticeSettings[];
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly log: Log;
  readonly reports?: NoticeReports;
  /** The real one if left out. */
  readonly machine?: Machine;
}

export interface NoticeStats {
  readonly waiting: number;
  /** When the one that waits longest was queued; null when none waits. */
  readonly oldest: Instant | null;
  readonly dead: number;
  /** Confirmed since the start. */
  readonly told: number;
  readonly lastAnswer: LastAnswer | null;
}

export interface Notices {
  /** To be called for each committed record, once the state has it. */
  committed(record: JournalRecord): void;
  /** The internet is back: what is put off is tried at once. */
  hurry(): void;
  /** By park, those that tell. */
  stats(): Readonly<Record<string, NoticeStats>>;
  /** Ends every sender, within seconds. To be called before the gateway stops: it takes what was confirmed last. */
  stop(): Promise<void>;
}

const UNCONFIGURED: Sentence = {
  zh: '有通知等待发送，但没有配置通知',
  en: 'notices wait, and none are configured',
};

const MACHINE: Machine = {
  post: fetchPost,
  monotonic: () => performance.now(),
  wait: (ms, cut) => sleep(ms, undefined, { signal: cut }).catch(() => undefined),
  random: Math.random,
};

/** Starts the senders: what waited when the last run ended is told at once, in order. */
export function startNotices(parts: NoticesParts): Notices {
  const { gateway, faults, log } = parts;
  const machine = parts.machine ?? MACHINE;
  const reports = parts.reports ?? null;
  const pumps = new Map<ParkId, Pump>(
    parts.parks.map((settings) => [settings.park, startPump({ ...parts, ...machine, reports, settings })]),
  );

  function judge(park: ParkId): void {
    const dead = gateway.state().parks.get(park)?.outbox.dead.size ?? 0;
    if (dead > 0) faults.raise('NOTICE_DEAD', park, String(dead));
    else faults.clear('NOTICE_DEAD', park);
  }

  function heard(event: ParkEvent): void {
    if (event.type === 'noticeQueued') {
      pumps.get(event.park)?.wake();
    } else if (event.type === 'noticeRetried' || (event.type === 'noticeDone' && event.outcome === 'dropped')) {
      pumps.get(event.park)?.hurry();
      judge(event.park);
    } else if (event.type === 'noticeDone' && event.outcome === 'dead') {
      judge(event.park);
    }
  }

  for (const [park, { outbox }] of gateway.state().parks) {
    judge(park);
    const waiting = outbox.waiting.size;
    if (waiting > 0 && !pumps.has(park)) log.info(UNCONFIGURED, { park, waiting });
  }
  for (const pump of pumps.values()) pump.wake();
  return {
    committed({ events }) {
      for (const event of events) heard(event);
    },
    hurry() {
      for (const pump of pumps.values()) pump.hurry();
    },
    stats: () => Object.fromEntries([...pumps].map(([park, pump]) => [park, statsOf(gateway, park, pump)])),
    async stop() {
      await Promise.all([...pumps.values()].map((pump) => pump.stop()));
    },
  };
}

function statsOf(gateway: Gateway, park: ParkId, pump: Pump): NoticeStats {
  const outbox = gateway.state().parks.get(park)?.outbox;
  return {
    waiting: outbox?.waiting.size ?? 0,
    oldest: outbox?.waiting.values().next().value?.queuedAt ?? null,
    dead: outbox?.dead.size ?? 0,
    ...pump.stats(),
  };
}
