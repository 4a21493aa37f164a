/** Runs the deciding machine in real time: asks what it wants to know, raises and clears its faults, tells the line. */
import { assertNever, type Said, type Sentence } from '../../core/errors.ts';
import { fill } from '../../core/sentence.ts';
import { type Instant, SECOND, type Zone } from '../../core/time.ts';
import type { Clock, Faults, Log } from '../../gateway/ports.ts';
import { type ReachInput, type ReachSettings, startOfReach, stepReach } from './machine.ts';
import { faultsOf, type ReachFault, type Waiting } from './text.ts';
import type { ProbeFailure } from './verdict.ts';

/** What each attempt to deliver a notice came to. Neither throws. */
export interface NoticeReports {
  /** Mallcoo has taken a notice. */
  delivered(): void;
  /** @param why for a technician: a clause without a full stop. */
  failed(trouble: 'unreachable' | 'refusing', why: Said): void;
}

export interface WatchParts {
  readonly settings: ReachSettings;
  /** Makes one probe; null for a good one. Rejects only for a defect. */
  readonly probe: (signal: AbortSignal) => Promise<ProbeFailure | null>;
  /** Looks at the reference points. Rejects only for a defect. */
  readonly check: (signal: AbortSignal) => Promise<boolean>;
  /** Asks for the tunnel to be restarted. */
  readonly restart: () => Promise<void>;
  readonly waiting: () => Waiting;
  /**
   * Payments can, or cannot, reach the gate: called once it is known (at once, where nothing is probed), and then on each
   * change. Must not throw.
   */
  readonly onLine: (up: boolean) => void;
  /** The internet is back: notices may be tried at once. Must not throw. */
  readonly onBack: () => void;
  readonly faults: Faults;
  readonly log: Log;
  readonly clock: Clock;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number;
  /** Calls again and again, about every so many ms, until what it returns is called. */
  readonly every: (ms: number, tick: () => void) => () => void;
  /** The reference points, as a person reads them. */
  readonly points: string;
  /** The zone of the times in the faults. */
  readonly zone: Zone;
}

export interface LastProbe {
  readonly at: Instant;
  readonly ok: boolean;
  readonly ms: number;
  /** Why it failed; empty for a good one. */
  readonly why: Said;
}

export interface Watch {
  readonly reports: NoticeReports;
  readonly lastProbe: () => LastProbe | null;
  /** Whether the internet is there; unknown until something fails or a probe gets through. */
  readonly internet: () => 'up' | 'down' | 'unknown';
  readonly line: () => 'up' | 'down' | 'unknown';
  /** Breaks off what is under way; faults stay as they are. */
  stop(): Promise<void>;
}

const TICK_MS = SECOND;

const PROBE: Sentence = { zh: '隧道探测', en: 'probe of the tunnel' };
const LOOK: Sentence = { zh: '互联网检查', en: 'look at the internet' };
const RESTARTING: Sentence = { zh: '隧道重启', en: 'restart of the tunnel' };
const FAILED: Sentence = { zh: '{what}出错', en: 'the {what} failed' };
const RESTART: Sentence = {
  zh: '隧道中断已久，已请求重启',
  en: 'the tunnel has been down for long: its restart is asked for',
};

/** Begins at once. */
export function startWatch(parts: WatchParts): Watch {
  const { settings, clock, monotonic, faults, log } = parts;
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  let state = startOfReach(settings, monotonic());
  let told = new Map<string, ReachFault>();
  let last: LastProbe | null = null;

  /** Does something that takes a while; what it comes to is the next input, unless all has ended meanwhile. */
  function run(what: Sentence, work: () => Promise<ReachInput | null>): void {
    const task = work()
      .then((input) => {
        if (input !== null) take(input);
      })
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) log.info(fill(FAILED, { what }), { error: String(error) });
      })
      .finally(() => underWay.delete(task));
    underWay.add(task);
  }

  async function probe(): Promise<ReachInput> {
    const at = clock.now();
    const began = monotonic();
    const failure = await parts.probe(stopping.signal);
    last = { at, ok: failure === null, ms: Math.round(monotonic() - began), why: failure?.why ?? '' };
    return { type: 'probed', failure };
  }

  async function restart(): Promise<null> {
    await parts.restart();
    log.info(RESTART);
    return null;
  }

  function take(input: ReachInput): void {
    if (stopping.signal.aborted) return;
    const step = stepReach(settings, state, input, monotonic());
    state = step.state;
    tell();
    for (const out of step.out) {
      switch (out.type) {
        case 'probe':
          run(PROBE, probe);
          break;
        case 'check':
          run(LOOK, async () => ({ type: 'checked', reached: await parts.check(stopping.signal) }));
          break;
        case 'restart':
          run(RESTARTING, restart);
          break;
        case 'line':
          parts.onLine(out.up);
          break;
        case 'back':
          parts.onBack();
          break;
        default:
          assertNever(out);
      }
    }
  }

  function tell(): void {
    const telling = { waiting: parts.waiting(), points: parts.points, now: clock.now(), zone: parts.zone };
    const raised = new Map(faultsOf(state, telling).map((fault) => [fault.code, fault]));
    for (const { code, subject } of told.values()) if (!raised.has(code)) faults.clear(code, subject);
    for (const { code, subject, value } of raised.values()) {
      if (told.get(code)?.value.en !== value.en) faults.raise(code, subject, value);
    }
    told = raised;
  }

  const stopTicking = parts.every(TICK_MS, () => take({ type: 'tick' }));
  take({ type: 'tick' });
  return {
    reports: {
      delivered: () => take({ type: 'delivered' }),
      failed: (trouble, why) => take({ type: 'failed', trouble, why }),
    },
    lastProbe: () => last,
    internet() {
      if (state.raised.internet) return 'down';
      return state.reached === true || (last !== null && state.failures === 0) ? 'up' : 'unknown';
    },
    line: () => state.line,
    async stop() {
      stopTicking();
      stopping.abort();
      await Promise.all(underWay);
    },
  };
}
