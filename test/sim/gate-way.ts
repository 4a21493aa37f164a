/** The process's own part of the way: the real sender and the real watch on simulated time, wired as `src/way.ts` does it. */
import type { JournalRecord } from '../../src/core/park/events.ts';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import { lineTeller } from '../../src/gateway/line.ts';
import type { Clock, Faults, Gateway, Log } from '../../src/gateway/ports.ts';
import { startNotices } from '../../src/mallcoo/notices/notices.ts';
import type { Machine } from '../../src/mallcoo/notices/pump.ts';
import { ENTRY_FIELDS, type NoticeSettings } from '../../src/mallcoo/notices/settings.ts';
import type { ProbeBook } from '../../src/mallcoo/reach/book.ts';
import { type ReachMachine, startReach } from '../../src/mallcoo/reach/reach.ts';
import type { ProbeOutcome } from '../../src/mallcoo/reach/verdict.ts';
import { waitingIn } from '../../src/way.ts';
import { ZONE } from '../core/park/scene.ts';
import type { Agenda } from './agenda.ts';
import type { WireAnswer } from './gate-port.ts';
import { KEYS, UNPLATED } from './notice-books.ts';
import type { Plan } from './plan.ts';
import type { Plant } from './plant-names.ts';
import { plantInLine, plantInReach, plantInSender } from './plants-way.ts';
import { chanceAt } from './random.ts';
import { ENTRY_URL, EXIT_URL, type MallcooReceiver } from './receiver.ts';
import { PARK } from './site.ts';
import type { Way } from './way.ts';

export interface GateWayParts {
  readonly plan: Plan;
  readonly plant: Plant | null;
  readonly agenda: Agenda;
  readonly way: Way;
  readonly receiver: MallcooReceiver;
  /** Whether this process is still there. */
  readonly alive: () => boolean;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly log: Log;
  readonly book: ProbeBook;
  /** A call that has come through the tunnel. */
  readonly call: (name: string, body: Readonly<Record<string, unknown>>) => Promise<WireAnswer>;
}

export interface GateWay {
  committed(record: JournalRecord): void;
  /** What is on its way may still be answered: takes time. */
  stop(): Promise<void>;
}

const POINTS = [{ host: '223.5.5.5', port: 53 }];
const PROBE_TIMEOUT_MS = 10 * SECOND;

export function startGateWay(parts: GateWayParts): GateWay {
  const { plan, plant, agenda, alive, gateway, clock, faults, log, book } = parts;
  const line = lineTeller({
    gateway,
    later(again, ms) {
      let cancelled = false;
      agenda.meanwhile(ms, () => {
        if (alive() && !cancelled) again();
      });
      return () => {
        cancelled = true;
      };
    },
  });
  const stir = restless(parts);
  const reach = startReach({
    target: {
      publicUrl: 'https://park.example/mallcoo',
      path: 'GetTraffic',
      park: PARK,
      auth: { type: 'none' },
      zone: ZONE,
      timeoutMs: PROBE_TIMEOUT_MS,
    },
    probeMs: plan.way.probeMs,
    points: POINTS,
    restart: null,
    book,
    clock,
    faults,
    log,
    zone: ZONE,
    waiting: () => waitingIn(gateway.state()),
    onLine: plantInLine(plant, line.tell),
    onBack: () => notices.hurry(),
    machine: plantInReach(plant, reachMachine(parts, stir)),
  });
  const { settings, ...sender } = plantInSender(plant, {
    settings: settingsOf(plan),
    gateway,
    clock,
    machine: senderMachine(parts),
  });
  const notices = startNotices({
    parks: plan.way.entries || plan.way.exits ? [settings] : [],
    ...sender,
    faults,
    log,
    reports: {
      delivered: reach.reports.delivered,
      failed(trouble, why) {
        stir.soon();
        reach.reports.failed(trouble, why);
      },
    },
  });
  return {
    committed: notices.committed,
    async stop() {
      await notices.stop();
      await reach.stop();
      line.stop();
    },
  };
}

function settingsOf({ way }: Plan): NoticeSettings {
  return {
    ...KEYS,
    park: PARK,
    zone: ZONE,
    parkCode: PARK,
    language: 'en',
    entry: { url: ENTRY_URL, fields: ENTRY_FIELDS },
    exit: way.exits ? { url: EXIT_URL, fields: ENTRY_FIELDS } : null,
    plateEncoding: way.plateEncoding,
    unplated: UNPLATED,
    timeoutMs: 10 * SECOND,
    perSecond: way.perSecond,
    giveUpMs: way.giveUpMs,
  };
}

function senderMachine({ plan, agenda, receiver, alive }: GateWayParts): Machine {
  const born = agenda.now();
  return {
    random: () => chanceAt(plan.seed, agenda.now()),
    monotonic: () => agenda.now() - born,
    wait: (ms, cut) =>
      new Promise((resolve) => {
        const end = (): void => {
          if (alive()) resolve();
        };
        if (cut.aborted) end();
        cut.addEventListener('abort', end, { once: true });
        agenda.later(ms, end);
      }),
    post: (request, abort) => receiver.post(request, abort, alive),
  };
}

interface Restless {
  /** A look has failed. */
  stir(): void;
  /** A notice has failed: somebody waits to know why. */
  soon(): void;
  every(tick: () => void): () => void;
}

const SOON_MS = 5 * SECOND;
const LATER_MS = 5 * MINUTE;
/** What has gone well for so long is at rest. */
const REST_MS = 2 * LATER_MS;
/** For so long after something has failed the watch is looked after as often as in the daemon, nearly. */
const BUSY_MS = 2 * MINUTE;

/** Ticks: one a second in the daemon, fewer here for the simulation's own time. Soon after a failure, seldom in a long one. */
function restless({ agenda, alive }: Pick<GateWayParts, 'agenda' | 'alive'>): Restless {
  let began = Number.NEGATIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let round = 0;
  let ticking: (() => void) | null = null;

  function tickIn(ms: number): void {
    round += 1;
    const mine = round;
    agenda.meanwhile(ms, () => {
      if (mine !== round || !alive() || !ticking) return;
      ticking();
      next();
    });
  }

  function next(): void {
    const now = agenda.now();
    tickIn(now - began < BUSY_MS ? SOON_MS : LATER_MS);
  }

  return {
    stir() {
      const now = agenda.now();
      const news = now - last > REST_MS;
      if (news) began = now;
      last = now;
      if (news) next();
    },
    soon: () => tickIn(SOON_MS),
    every(tick) {
      ticking = tick;
      next();
      return () => {
        ticking = null;
      };
    },
  };
}

function reachMachine(parts: GateWayParts, { stir, every }: Restless): ReachMachine {
  const { agenda, alive, way, call } = parts;
  const born = agenda.now();

  /** What takes so many ms, or until the watch ends. */
  function lasting<T>(ms: number, signal: AbortSignal, outcome: T): Promise<T> {
    return new Promise((resolve) => {
      const end = (): void => {
        signal.removeEventListener('abort', end);
        if (alive()) resolve(outcome);
      };
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      agenda.meanwhile(ms, end);
    });
  }

  async function probe(url: string, body: string): Promise<readonly [number, ProbeOutcome]> {
    const lost = (stage: 'connecting' | 'asked', code: string): ProbeOutcome => ({ type: 'lost', stage, code });
    if (!way.internet()) return [PROBE_TIMEOUT_MS, lost('connecting', 'TIMEOUT')];
    const tunnel = way.tunnel();
    if (tunnel === 'dead') return [20, lost('connecting', 'ECONNREFUSED')];
    if (tunnel === 'stale') return [PROBE_TIMEOUT_MS, lost('asked', 'TIMEOUT')];
    if (tunnel === 'web') return [40, { type: 'answered', status: 502, location: '', body: 'Bad Gateway' }];
    if (tunnel === 'otherGate')
      return [
        40,
        { type: 'answered', status: 200, location: '', body: '{"resCode":0,"resMsg":"","inNum":0,"outNum":0}' },
      ];
    const { status, text } = await call(url.slice(url.lastIndexOf('/') + 1), JSON.parse(body));
    if (tunnel === 'half') return [PROBE_TIMEOUT_MS, lost('asked', 'TIMEOUT')];
    return [40, { type: 'answered', status, location: '', body: text }];
  }

  return {
    monotonic: () => agenda.now() - born,
    every: (_ms, tick) => every(tick),
    async askHttp({ url, body, signal }) {
      const [ms, outcome] = await probe(url, body);
      const fails = outcome.type === 'lost' || outcome.status !== 200 || way.tunnel() !== null;
      const after = await lasting(ms, signal, outcome);
      if (fails) stir();
      return after;
    },
    async askTcp(_point, timeoutMs, signal) {
      const reached = way.internet();
      const found = await lasting(reached ? 20 : timeoutMs, signal, reached);
      if (!found) stir();
      return found;
    },
  };
}
