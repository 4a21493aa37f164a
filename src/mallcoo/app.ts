/**
 * The HTTP side of the three calls: path, caller, body, park, in this order. There is no middleware on purpose: the query
 * is asked often (1.1), and a chain, a rebuilt request or a touched header costs more than the answer itself.
 */
import { performance } from 'node:perf_hooks';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { getPath } from 'hono/utils/url';
import type { AnswerCode } from '../core/errors.ts';
import type { ParkId } from '../core/ids.ts';
import type { Plate } from '../core/plate.ts';
import type { HttpApp } from '../http.ts';
import { type Answer, NOBODY, refuse, refuseValue } from './answers.ts';
import { type Call, getParkingPaymentInfo, getTraffic, payParkingFee } from './calls.ts';
import { createRunner, type RunnerOptions } from './runner.ts';

/** One answered call, for the log. */
export interface AnsweredCall {
  /** The standard's name of the call, or the path that is none. */
  readonly path: string;
  readonly park: ParkId | null;
  readonly plate: Plate | null;
  /** Null for success. */
  readonly code: AnswerCode | null;
  /** Of HTTP. */
  readonly status: number;
  /** From the request's headers to the answer, in ms. */
  readonly ms: number;
}

export interface MallcooOptions extends RunnerOptions {
  /** The path before the calls' own: `/mallcoo`, or empty. Compared without regard to case, like all of the path. */
  readonly basePath: string;
  /** The calls' own paths, where a site has others than the standard's names. */
  readonly paths?: { readonly info?: string; readonly pay?: string; readonly traffic?: string };
  /** Told once of each answered call, after the answer is made. Must not throw. */
  readonly onCall?: (call: AnsweredCall) => void;
}

type Ctx = Context<{ Bindings: HttpBindings }>;

// Handed over whole with each answer; headers that are touched afterwards cost more than the rest of the call.
const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };
const MORE_HEADERS: Readonly<Record<number, Record<string, string>>> = {
  401: { ...JSON_HEADERS, 'www-authenticate': 'Bearer' },
  405: { ...JSON_HEADERS, allow: 'POST' },
  429: { ...JSON_HEADERS, 'retry-after': '1' },
};

/** `base` and `own` as one path, in lower case, with one slash before each part and none at the end. */
function joinPath(base: string, own: string): string {
  const parts = [base, own].map((part) => part.replace(/^\/+|\/+$/g, ''));
  return `/${parts.filter((part) => part !== '').join('/')}`.toLowerCase();
}

/**
 * Makes the app. It reads Node's own request, so it needs the Node server (`serveMallcoo`).
 * @throws RangeError when a park has no authorisation entry, or there is no park.
 */
export function createMallcooApp(options: MallcooOptions): HttpApp {
  const { basePath, paths = {}, language, onCall, log } = options;
  const run = createRunner(options);
  const names = new Map<string, string>();
  const app: HttpApp = new Hono<{ Bindings: HttpBindings }>({ getPath: (request) => getPath(request).toLowerCase() });

  function internal(error: unknown, path: string): Answer {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.info({ zh: '猫酷的一次调用出错', en: 'a call from Mallcoo failed' }, { path, error: told });
    return refuse('INTERNAL', language, NOBODY);
  }

  function respond(path: string, answer: Answer, began: number): Response {
    const { status, body, park, plate, code, close, probe } = answer;
    if (!probe) onCall?.({ path, park, plate, code, status, ms: performance.now() - began });
    const headers = MORE_HEADERS[status] ?? JSON_HEADERS;
    return new Response(body, { status, headers: close ? { ...headers, connection: 'close' } : headers });
  }

  function offer(call: Call, own: string | undefined): void {
    const { name } = call;
    const path = joinPath(basePath, own ?? name);
    // A payment is never made by opening a link.
    const methods = call.kind === 'query' ? ['GET', 'POST'] : ['POST'];
    names.set(path, name);
    app.on(methods, path, async (c: Ctx): Promise<Response> => {
      const began = onCall ? performance.now() : 0;
      let answer: Answer;
      try {
        answer = await run(call, c.env.incoming);
      } catch (error) {
        answer = internal(error, name);
      }
      return respond(name, answer, began);
    });
  }

  offer(getParkingPaymentInfo, paths.info);
  offer(getTraffic, paths.traffic);
  offer(payParkingFee, paths.pay);
  app.notFound((c: Ctx) => {
    const began = onCall ? performance.now() : 0;
    const { path, method } = c.req;
    const name = names.get(path);
    if (name === undefined) return respond(path, refuseValue('PATH_UNKNOWN', language, NOBODY, path), began);
    return respond(name, refuseValue('METHOD_UNKNOWN', language, NOBODY, method), began);
  });
  return app;
}
