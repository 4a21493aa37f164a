/** The way between the gate and Mallcoo, as the daemon runs it: the calls' server, the notices' sender, and the watch on both. */
import { randomBytes } from 'node:crypto';
import type { Config } from './config/load.ts';
import type { World } from './core/park/model.ts';
import type { State } from './core/park/state.ts';
import type { Instant, Zone } from './core/time.ts';
import { askingArchive } from './gateway/ask-archive.ts';
import { lineTeller } from './gateway/line.ts';
import type { Archive, Clock, Gateway } from './gateway/ports.ts';
import { type AnsweredCall, createMallcooApp } from './mallcoo/app.ts';
import { hopsOf } from './mallcoo/hops.ts';
import { type Notices, startNotices } from './mallcoo/notices/notices.ts';
import { createProbeBook, type ProbeBook } from './mallcoo/reach/book.ts';
import { type Reach, startReach } from './mallcoo/reach/reach.ts';
import { serveMallcoo } from './mallcoo/serve.ts';
import { callLogger } from './ops/calls.ts';
import type { FaultBoard } from './ops/faults.ts';
import type { Logger } from './ops/log.ts';
import type { Meters } from './ops/metrics/meters.ts';
import { callLimits, noticeSettings, reachSettings } from './wiring.ts';

export interface WayParts {
  readonly config: Config;
  readonly world: () => World;
  readonly gateway: Gateway;
  readonly archive: Archive;
  readonly clock: Clock;
  readonly faults: FaultBoard;
  readonly log: Logger;
  readonly zone: Zone;
  readonly meters: Pick<Meters, 'calls'>;
}

export interface Way {
  /** Where Mallcoo's calls arrive. */
  readonly port: number;
  readonly notices: Notices;
  readonly reach: Reach;
  /** Ends in order: what Mallcoo has confirmed is journalled. To be called before the gateway stops. */
  stop(): Promise<void>;
}

/** Of a probe's nonce and its reply. */
const PROBE_BYTES = 16;

/** Starts it. @throws the socket's error when the address of the calls cannot be taken. */
export async function startWay(parts: WayParts): Promise<Way> {
  const { config, gateway, clock, faults, log, zone } = parts;
  const book = createProbeBook(() => randomBytes(PROBE_BYTES).toString('hex'));
  const server = await serveCalls(parts, book);
  const line = lineTeller({
    gateway,
    later(again, ms) {
      const timer = setTimeout(again, ms);
      return () => clearTimeout(timer);
    },
  });
  const reach = startReach({
    ...reachSettings(config),
    book,
    clock,
    faults,
    log,
    zone,
    waiting: () => waitingIn(gateway.state()),
    onLine: line.tell,
    onBack: () => notices.hurry(),
  });
  const notices = startNotices({ parks: noticeSettings(config), gateway, clock, faults, log, reports: reach.reports });
  return {
    port: server.port,
    notices,
    reach,
    async stop() {
      await notices.stop();
      await reach.stop();
      line.stop();
      await server.close();
    },
  };
}

/** What waits for Mallcoo in all parks. */
export function waitingIn({ parks }: State): { readonly notices: number; readonly since: Instant | null } {
  let notices = 0;
  let since: Instant | null = null;
  for (const { outbox } of parks.values()) {
    notices += outbox.waiting.size;
    const oldest = outbox.waiting.values().next().value?.queuedAt;
    if (oldest !== undefined && (since === null || oldest < since)) since = oldest;
  }
  return { notices, since };
}

function serveCalls(parts: WayParts, probes: ProbeBook): ReturnType<typeof serveMallcoo> {
  const { config, world, archive, clock, faults, log, meters } = parts;
  const { basePath, paths, language, maxBodyBytes, listen } = config.mallcoo;
  const auth = new Map(config.parks.map((park) => [park.id, park.mallcoo.auth]));
  const { trustedHops, proxyProtocol } = config.tunnel;
  const limits = callLimits(config);
  const http = { auth, basePath, paths, language, maxBodyBytes, limits, trustedHops, probes };
  const gateway = askingArchive(parts.gateway, archive);
  const line = callLogger(clock, log.line);
  const onCall = (call: AnsweredCall): void => {
    meters.calls.note(call);
    line(call);
  };
  const app = createMallcooApp({ world, gateway, archive, clock, faults, log, onCall, ...http });
  return serveMallcoo(app, { ...listen, language, ...(proxyProtocol ? { proxied: hopsOf(trustedHops) } : {}) });
}
