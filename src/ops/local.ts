/** The local listener: how the gateway is, for `curl` and the watchdog, and what the operator orders. On loopback only. */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { FaultCode } from '../core/errors.ts';
import { formatLocal, type Instant, zoneOf } from '../core/time.ts';
import { type HttpApp, type Listener, listen } from '../http.ts';
import { answerLetOut, type LetOutParts } from './let-out.ts';

/** Anything that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface HealthFault {
  readonly code: FaultCode;
  /** What is at fault: a device, a lane, a file. */
  readonly subject: string;
  readonly text: string;
  readonly since: Instant;
}

/** How the gateway is at this moment. */
export interface Health {
  /** `degraded` while any fault is raised. The gate may well work. */
  readonly status: 'ok' | 'degraded';
  readonly version: string;
  readonly startedAt: Instant;
  /** The last record of the journal that is in the state. */
  readonly seq: number;
  /** Open visits of each park, by `parkId`. */
  readonly openVisits: Readonly<Record<string, number>>;
  /** What the archive holds, and what it takes of the disk. */
  readonly archive: {
    readonly files: number;
    readonly bytes: number;
    readonly visits: number;
    readonly orders: number;
    readonly passages: number;
    readonly oldest: Instant | null;
    readonly newest: Instant | null;
  };
  /** The way to Mallcoo. `line`: whether payments can reach the gate. */
  readonly reach: {
    readonly publicUrl: string | null;
    readonly line: 'up' | 'down' | 'unknown';
    readonly internet: 'up' | 'down' | 'unknown';
    readonly lastProbe: {
      readonly at: Instant;
      readonly ok: boolean;
      readonly ms: number;
      readonly why: string;
    } | null;
  };
  readonly faults: readonly HealthFault[];
  /** The devices' counters, as they report them. */
  readonly devices: Json;
  /** What is told to Mallcoo (1.4), by park. */
  readonly notices: Readonly<Record<string, NoticeHealth>>;
}

export interface NoticeHealth {
  readonly waiting: number;
  /** When the one that waits longest was queued. */
  readonly oldest: Instant | null;
  readonly dead: number;
  /** Confirmed since the start. */
  readonly told: number;
  /** The verdict on the last answer, and what was wrong with it. */
  readonly lastAnswer: { readonly at: Instant; readonly verdict: string; readonly why: string } | null;
}

export interface LocalOptions {
  readonly health: () => Health;
  /** What letting out needs; without it there is no such call. */
  readonly letOut?: LetOutParts;
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

/**
 * `GET /healthz` answers 200 with the health, `degraded` or not: a fault is for a person, and no reason for a watchdog
 * to end a gate that works. `POST /let-out` raises an arm for whoever is held there. Anything else is 404. Moments are UTC, `yyyy-MM-ddTHH:mm:ssZ`: parks may differ in zone.
 */
export function createLocalApp({ health, letOut }: LocalOptions): HttpApp {
  const utc = zoneOf('UTC');
  const moment = (at: Instant): string => `${formatLocal(at, utc).replace(' ', 'T')}Z`;
  const answer = (status: number, body: Json): Response =>
    new Response(JSON.stringify(body), { status, headers: JSON_HEADERS });
  const app: HttpApp = new Hono<{ Bindings: HttpBindings }>();
  app.get('/healthz', () => {
    const { status, version, startedAt, seq, openVisits, faults, devices, ...rest } = health();
    const { oldest: from, newest: to, ...held } = rest.archive;
    const archive = { ...held, from: from && moment(from), to: to && moment(to) };
    const { lastProbe } = rest.reach;
    const reach = { ...rest.reach, lastProbe: lastProbe && { ...lastProbe, at: moment(lastProbe.at) } };
    const raised = faults.map(({ code, subject, text, since }) => ({ code, subject, text, since: moment(since) }));
    const notices = Object.entries(rest.notices).map(([park, { oldest, lastAnswer, ...counts }]) => {
      const last = lastAnswer && { ...lastAnswer, at: moment(lastAnswer.at) };
      return [park, { ...counts, oldest: oldest && moment(oldest), lastAnswer: last }];
    });
    return answer(200, {
      status,
      version,
      since: moment(startedAt),
      seq,
      openVisits,
      archive,
      reach,
      faults: raised,
      devices,
      notices: Object.fromEntries(notices),
    });
  });
  if (letOut) {
    app.post('/let-out', async (c) => {
      const { status, body } = await answerLetOut(letOut, c.env.incoming);
      return answer(status, body);
    });
  }
  app.notFound((c) =>
    answer(404, { error: 'PATH_UNKNOWN', text: `no ${c.req.method} ${c.req.path}: try GET /healthz` }),
  );
  app.onError((error) => answer(500, { error: 'INTERNAL', text: `this could not be answered: ${error.message}` }));
  return app;
}

/** Serves the local app. @throws the socket's error when the address cannot be taken. */
export function serveLocal(app: HttpApp, options: { readonly host: string; readonly port: number }): Promise<Listener> {
  const refusal = (status: number): string => JSON.stringify({ error: 'BODY_UNREADABLE', status });
  return listen(app, { ...options, refusal });
}
