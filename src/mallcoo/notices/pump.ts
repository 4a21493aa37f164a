/**
 * One park's sender: the first notice of its outbox, then the next, one at a time. How often a notice was tried, and when
 * it is tried next, is in memory alone; what became of it goes into the journal. Notices are told in the order of their
 * queueing: one that fails holds up those behind it, one that Mallcoo will never take does not.
 */
import { assertNever, type Said, type Sentence } from '../../core/errors.ts';
import type { NoticeDoneCommand } from '../../core/park/commands.ts';
import { credentialText } from '../../core/park/model.ts';
import type { Notice, NoticeKind, Outbox } from '../../core/park/notice.ts';
import { visitOf } from '../../core/park/state.ts';
import { inWords } from '../../core/sentence.ts';
import { type Instant, SECOND } from '../../core/time.ts';
import {
  type Clock,
  type Gateway,
  GatewayBusy,
  GatewayFull,
  GatewayStopped,
  type Log,
  type LogFields,
} from '../../gateway/ports.ts';
import { noticeRequest } from './message.ts';
import { afterSending, backoffMs, FIRST_BACKOFF_MS, givesUp, turnInMs } from './pace.ts';
import type { Post } from './post.ts';
import { createProgress } from './progress.ts';
import type { NoticeSettings } from './settings.ts';
import { type NoticeTrouble, type Verdict, verdictOf } from './verdict.ts';

/** Who watches the way to Mallcoo hears of every attempt. */
export interface NoticeReports {
  /** Mallcoo has answered for good, be it that it will never take the notice. */
  delivered(): void;
  failed(trouble: NoticeTrouble, why: Said): void;
}

/** What the sender needs of the machine; tests and the simulator bring their own. */
export interface Machine {
  readonly post: Post;
  /** Ms on a clock that only goes forward. */
  readonly monotonic: () => number;
  /** Resolves after so many ms, or as soon as `cut` is aborted. Never rejects. */
  readonly wait: (ms: number, cut: AbortSignal) => Promise<void>;
  /** 0 to 1. */
  readonly random: () => number;
}

export interface PumpParts extends Machine {
  readonly settings: NoticeSettings;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly log: Log;
  readonly reports: NoticeReports | null;
}

export interface LastAnswer {
  readonly at: Instant;
  readonly verdict: Verdict['type'];
  /** What was wrong with it, for people; empty when nothing was. */
  readonly why: Said;
}

export interface PumpStats {
  /** Notices that were confirmed since the start. */
  readonly told: number;
  readonly lastAnswer: LastAnswer | null;
}

export interface Pump {
  /** Something may wait. */
  wake(): void;
  /**
   * Something changed at the head, or on the way: what is put off is tried at once, at the polite rate. So is what is on
   * its way now, if nothing comes back: it was sent before the change, and says nothing of what is after it.
   */
  hurry(): void;
  stats(): PumpStats;
  /** Begins nothing more, lets what is on its way have an answer for {@link STOP_MS}, then gives it up: it is sent again. */
  stop(): Promise<void>;
}

/** How long an answer is still waited for when the daemon stops, in ms: within it what was told is journalled as told. */
const STOP_MS = 2 * SECOND;
/** A confirmation that the full disk does not take is offered again after so long, in ms. */
const RECORD_AGAIN_MS = SECOND;

const KNOWN: Readonly<Record<NoticeKind, Sentence>> = {
  entry: { zh: '猫酷已收到进场通知', en: 'Mallcoo knows of the entry' },
  exit: { zh: '猫酷已收到离场通知', en: 'Mallcoo knows of the exit' },
};
const NO_EXITS: Sentence = {
  zh: '不再通知离场：parks[].mallcoo.notices.exit',
  en: 'departures are no longer told: parks[].mallcoo.notices.exit',
};

export function startPump(parts: PumpParts): Pump {
  const { settings, gateway, clock, log, monotonic, reports } = parts;
  const { park } = settings;
  const progress = createProgress(park, log, monotonic);
  /** Cuts the pause under way short, and the call under way. */
  let pausing: AbortController | null = null;
  let calling: AbortController | null = null;
  let running: Promise<void> | null = null;
  let stopping = false;

  let failures = 0;
  let failingSince = 0;
  let notBefore = Number.NEGATIVE_INFINITY;
  let hurriedAt = Number.NEGATIVE_INFINITY;
  let due = Number.NEGATIVE_INFINITY;
  let told = 0;
  let lastAnswer: LastAnswer | null = null;

  const outbox = (): Outbox | undefined => gateway.state().parks.get(park)?.outbox;
  const head = (): Notice | undefined => outbox()?.waiting.values().next().value;
  const waiting = (): number => outbox()?.waiting.size ?? 0;

  function wake(): void {
    if (!stopping && head()) running ??= run();
  }

  async function run(): Promise<void> {
    for (let notice = head(); notice && !stopping; notice = head()) {
      const now = monotonic();
      const ms = Math.ceil(Math.max(notBefore - now, turnInMs(due, settings.perSecond, now)));
      // It may be another one after a pause.
      if (ms > 0) await pause(ms);
      else await tell(notice);
    }
    // In the same breath as the last look at the outbox: a notice that comes a moment later starts it anew.
    running = null;
  }

  async function pause(ms: number): Promise<void> {
    pausing = new AbortController();
    await parts.wait(ms, pausing.signal);
    pausing = null;
  }

  async function tell(notice: Notice): Promise<void> {
    const target = notice.kind === 'entry' ? settings.entry : settings.exit;
    if (!target) {
      const message = inWords(NO_EXITS, settings.language);
      return record(notice, { outcome: 'dead', code: 'notConfigured', message });
    }
    const began = monotonic();
    due = afterSending(due, settings.perSecond, began);
    calling = new AbortController();
    const { signal } = calling;
    const outcome = await parts.post(noticeRequest(notice, target, settings, clock.now()), signal);
    calling = null;
    if (signal.aborted) return;
    const verdict = verdictOf(outcome);
    lastAnswer = { at: clock.now(), verdict: verdict.type, why: whyOf(verdict) };
    switch (verdict.type) {
      case 'confirmed': {
        const ms = monotonic() - began;
        succeeded();
        await record(notice, { outcome: 'confirmed' });
        told += 1;
        log.info(KNOWN[notice.kind], {
          ...place(notice),
          seconds: Math.max(0, Math.round((clock.now() - notice.at) / SECOND)),
          ms,
        });
        return progress.answered(waiting());
      }
      case 'permanent': {
        succeeded();
        const { code, message } = verdict;
        await record(notice, { outcome: 'dead', code, message });
        return progress.answered(waiting());
      }
      case 'failed':
        return outcome.type === 'lost' && began < hurriedAt ? undefined : failed(notice, verdict);
      default:
        return assertNever(verdict);
    }
  }

  function succeeded(): void {
    failures = 0;
    notBefore = Number.NEGATIVE_INFINITY;
    reports?.delivered();
  }

  async function failed(notice: Notice, { trouble, why, leaveAloneMs }: Extract<Verdict, { type: 'failed' }>) {
    const now = monotonic();
    if (failures === 0) failingSince = now;
    failures += 1;
    reports?.failed(trouble, why);
    progress.failed(trouble, why, waiting());
    const gone = (one: Notice | undefined): boolean =>
      one !== undefined && givesUp(one, settings.giveUpMs, clock.now(), now - failingSince);
    const given = gone(notice);
    if (given) await record(notice, { outcome: 'dead', code: 'gaveUp', message: inWords(why, settings.language) });
    // What is as old as that is tried once, soon: or more would grow old than is given up.
    const backoff = given && gone(head()) ? parts.random() * FIRST_BACKOFF_MS : backoffMs(failures, parts.random());
    notBefore = monotonic() + Math.max(backoff, leaveAloneMs);
  }

  /**
   * Journals what became of a notice. While the disk has no room for it nothing else is told: so no more than one notice
   * that Mallcoo has confirmed can be told again after a restart.
   */
  async function record(notice: Notice, outcome: NoticeDoneCommand['outcome']): Promise<void> {
    for (;;) {
      try {
        await gateway.submit({ type: 'noticeDone', park, noticeId: notice.id, sent: notice.plate, outcome });
        return;
      } catch (error) {
        if (error instanceof GatewayStopped) stopping = true;
        else if (!(error instanceof GatewayFull || error instanceof GatewayBusy)) throw error;
      }
      if (stopping) return;
      await pause(RECORD_AGAIN_MS);
    }
  }

  /** What the log tells of the vehicle. */
  function place({ plate, kind, visit }: Notice): LogFields {
    const state = gateway.state().parks.get(park);
    const stay = state && visitOf(state, visit);
    const lane = kind === 'entry' ? stay?.entryLane : stay?.end?.lane;
    const vehicle = plate ?? (stay ? credentialText(stay.credential) : settings.unplated);
    return { ...(lane ? { lane } : {}), vehicle };
  }

  return {
    wake,
    hurry() {
      notBefore = Number.NEGATIVE_INFINITY;
      hurriedAt = monotonic();
      pausing?.abort();
      wake();
    },
    stats: () => ({ told, lastAnswer }),
    async stop() {
      stopping = true;
      pausing?.abort();
      if (!running) return;
      const ended = new AbortController();
      const patience = parts.wait(STOP_MS, ended.signal).then(() => calling?.abort());
      await running;
      ended.abort();
      await patience;
    },
  };
}

function whyOf(verdict: Verdict): Said {
  switch (verdict.type) {
    case 'confirmed':
      return '';
    case 'permanent':
      return `Code ${verdict.code}${verdict.message === '' ? '' : ` (${verdict.message})`}`;
    case 'failed':
      return verdict.why;
    default:
      return assertNever(verdict);
  }
}
