/** A site to call: the real core and loop behind a real server on loopback, with time in the test's hand. */

import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import type { LaneId, ParkId, VisitId } from '../../src/core/ids.ts';
import type { PayCommand } from '../../src/core/park/commands.ts';
import type { JournalRecord } from '../../src/core/park/events.ts';
import type { Credential, Park, Reading } from '../../src/core/park/model.ts';
import { emptyState } from '../../src/core/park/state.ts';
import type { Instant } from '../../src/core/time.ts';
import { startGateway } from '../../src/gateway/gateway.ts';
import type { Faults, Gateway, LogFields } from '../../src/gateway/ports.ts';
import { createMallcooApp, type MallcooOptions } from '../../src/mallcoo/app.ts';
import type { Auth } from '../../src/mallcoo/auth.ts';
import { hopsOf } from '../../src/mallcoo/hops.ts';
import { serveMallcoo } from '../../src/mallcoo/serve.ts';
import { inEnglish } from '../chinese.ts';
import { park, TEN } from '../core/park/scene.ts';

export { plate, TEN, ticket } from '../core/park/scene.ts';

export interface SiteOptions extends Partial<Omit<MallcooOptions, 'world' | 'clock' | 'log'>> {
  readonly parks?: readonly Park[];
  readonly requestTimeoutMs?: number;
  /** The hops whose connections begin with a PROXY header. */
  readonly proxied?: readonly string[];
  /** Stands in for the loop where a test needs a failure that the real one gives only under load. */
  readonly submit?: Gateway['submit'];
}

export interface Reply {
  readonly status: number;
  readonly type: string | null;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Site {
  readonly port: number;
  readonly clock: { at: Instant };
  readonly records: readonly JournalRecord[];
  /** The payments that reached the gateway, in order. */
  readonly payments: readonly PayCommand[];
  readonly faults: readonly string[];
  readonly lines: readonly (readonly [string, LogFields])[];
  enter(credential: Credential, parkId?: string, over?: Partial<Reading>): Promise<VisitId>;
  leave(credential: Credential): Promise<void>;
  /** POSTs JSON (or the text as it is) to a call. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>;
  fetch(path: string, init?: RequestInit): Promise<Reply>;
  close(): Promise<void>;
}

export const NONE: Auth = { type: 'none' };

export async function site(t: TestContext, options: SiteOptions = {}): Promise<Site> {
  const { parks = [park()], requestTimeoutMs, proxied, submit, ...over } = options;
  const clock = { at: TEN, now: (): Instant => clock.at };
  const world = { parks: new Map(parks.map((one) => [one.id, one])) };
  const records: JournalRecord[] = [];
  const payments: PayCommand[] = [];
  const raised: string[] = [];
  const lines: (readonly [string, LogFields])[] = [];
  const faults: Faults = {
    raise: (code, subject, value) => raised.push(`${code} ${subject} ${inEnglish(value ?? '')}`),
    clear: () => {},
  };
  const loop = startGateway({
    world: () => world,
    working: emptyState(),
    committed: emptyState(),
    journal: { append: async (batch) => void records.push(...batch), room: () => 'free' },
    clock,
    faults,
    inboxLimit: 1_000,
    batchLimit: 100,
    onCommit: () => {},
    onEffect: () => {},
    onFatal: (error) => {
      throw error;
    },
  });
  const gateway: Gateway = {
    state: loop.state,
    submit(command) {
      if (command.type === 'pay') payments.push(command);
      return (submit ?? loop.submit)(command);
    },
  };
  const app = createMallcooApp({
    world: () => world,
    gateway,
    archive: { traffic: () => ({ inNum: 0, outNum: 0 }) },
    clock,
    auth: new Map(parks.map((one) => [one.id, NONE])),
    basePath: '/mallcoo',
    language: 'en',
    maxBodyBytes: 4_096,
    limits: { queriesPerSecond: 1_000_000, pendingPayments: 1_000 },
    faults,
    log: { notice: () => {}, info: (message, fields = {}) => lines.push([inEnglish(message), fields]) },
    ...over,
  });
  const timeout = requestTimeoutMs === undefined ? {} : { requestTimeoutMs };
  const proxy = proxied === undefined ? {} : { proxied: hopsOf(proxied) };
  const server = await serveMallcoo(app, { host: '127.0.0.1', port: 0, language: 'en', ...timeout, ...proxy });
  const close = async (): Promise<void> => {
    await server.close();
    await loop.stop();
  };
  t.after(close);
  const read = readerOf(loop);
  const call = callerOf(server.port);
  return {
    port: server.port,
    clock,
    records,
    payments,
    faults: raised,
    lines,
    enter: (credential, parkId = 'P001', over = {}) => read('in-1', credential, parkId, over),
    leave: async (credential) => void (await read('out-1', credential, 'P001')),
    post: (path, body, headers = { 'content-type': 'application/json' }) =>
      call(`/mallcoo/${path}`, {
        method: 'POST',
        headers,
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    fetch: call,
    close,
  };
}

type Read = (lane: string, credential: Credential, parkId: string, over?: Partial<Reading>) => Promise<VisitId>;

/** What the lanes' devices tell the gateway. */
function readerOf(gateway: Pick<Gateway, 'submit'>): Read {
  let visits = 0;
  return async (lane, credential, parkId, over = {}) => {
    visits += 1;
    const reply = await gateway.submit({
      type: 'reading',
      park: parkId as ParkId,
      lane: lane as LaneId,
      reading: { device: 'cam' as never, credential, colour: 'unknown', confidence: null, identity: null, ...over },
      history: null,
      freshVisit: `FEE${visits}` as VisitId,
    });
    if (reply.type !== 'reading' || reply.visit === null) throw new Error(`no visit: ${JSON.stringify(reply)}`);
    return reply.visit;
  };
}

function callerOf(port: number): Site['fetch'] {
  return async (path, init = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const json: Reply['json'] = JSON.parse(await response.text());
    return { status: response.status, type: response.headers.get('content-type'), json };
  };
}

/** The fields as a form, what is nested as a text of JSON. */
export function formOf(fields: object): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    form.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return form;
}

export interface Raw {
  /** Everything that came until the connection ended, or until `until` was seen. */
  readonly text: string;
  readonly ended: boolean;
}

/**
 * Says something on a bare socket and listens until `until` has appeared so many `times`, or the server ends the
 * connection.
 */
export function raw(port: number, say: readonly (string | Buffer)[], until?: string, times = 1): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      for (const part of say) socket.write(part);
    });
    let text = '';
    const done = (ended: boolean): void => {
      socket.destroy();
      resolve({ text, ended });
    };
    const timer = setTimeout(() => reject(new Error(`no end after 20 s; heard: ${text}`)), 20_000);
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (until !== undefined && text.split(until).length > times) done(false);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      done(true);
    });
    // A server that cuts the connection while we still send resets it; what it said before is what counts.
    socket.on('error', () => {});
  });
}
