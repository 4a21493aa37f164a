/**
 * The HTTP side of the three calls: path, caller, body, park, in this order. There is no middleware on purpose: the query
 * is asked often (1.1), and a chain, a rebuilt request or a touched header costs more than the answer itself.
 */
import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { getPath } from 'hono/utils/url';
import type { AnswerCode } from '../core/errors.ts';
import type { ParkId } from '../core/ids.ts';
import type { Park, World } from '../core/park/model.ts';
import type { Plate } from '../core/plate.ts';
import type { HttpApp } from '../http.ts';
import { type Answer, NOBODY, refuse, refuseField, refuseValue } from './answers.ts';
import { type Access, type Auth, createGuard, queryOf } from './auth.ts';
import { parseBody, readBody } from './body.ts';
import { type Call, type CallContext, getParkingPaymentInfo, getTraffic, payParkingFee } from './calls.ts';
import { collect, type Fields, readText } from './fields.ts';

/** One answered call, for the log. */
export interface AnsweredCall {
  /** The standard's name of the call, or the path that is none. */
  readonly path: string;
  readonly park: ParkId | null;
  readonly plate: Plate | null;
  /** Null for success. */
  readonly code: AnswerCode | null;
  /** From the request's headers to the answer, in ms. */
  readonly ms: number;
}

export interface MallcooOptions extends CallContext {
  readonly world: World;
  /** How each park's callers prove themselves; every park needs an entry. */
  readonly auth: ReadonlyMap<ParkId, Auth>;
  /** The path before the calls' own: `/mallcoo`, or empty. Compared without regard to case, like all of the path. */
  readonly basePath: string;
  /** The calls' own paths, where a site has others than the standard's names. */
  readonly paths?: { readonly info?: string; readonly pay?: string; readonly traffic?: string };
  /** The largest body that is read, in bytes. */
  readonly maxBodyBytes: number;
  /** Told once of each answered call, after the answer is made. Must not throw. */
  readonly onCall?: (call: AnsweredCall) => void;
}

type Ctx = Context<{ Bindings: HttpBindings }>;

// Handed over whole with each answer; headers that are touched afterwards cost more than the rest of the call.
const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };
const MORE_HEADERS: Readonly<Record<number, Record<string, string>>> = {
  401: { ...JSON_HEADERS, 'www-authenticate': 'Bearer' },
  405: { ...JSON_HEADERS, allow: 'POST' },
};

/** One call, from Node's request to its answer. Throws or rejects only for a defect of ours. */
type Runner = (call: Call, incoming: IncomingMessage) => Answer | Promise<Answer>;

function createRunner(options: MallcooOptions): Runner {
  const { world, language, maxBodyBytes } = options;
  if (world.parks.size === 0) throw new RangeError('no park is configured');
  const guard = createGuard(world.parks.keys(), options.auth);
  const onlyPark = world.parks.size === 1 ? [...world.parks.values()][0] : undefined;

  /** Only a caller who may see every park is told that one does not exist; to others it is one they may not see. */
  function findPark(access: Access, fields: Fields): Park | Answer {
    const id = readText(fields, 'parkId') as ParkId | null;
    const [problem] = fields.problems;
    if (problem) return refuseField(problem, language, NOBODY);
    if (id === null) return onlyPark ?? refuse('PARK_REQUIRED', language, NOBODY);
    const park = world.parks.get(id);
    if (park && access.parks.has(id)) return park;
    return access.all ? refuseValue('PARK_UNKNOWN', language, NOBODY, id) : refuse('UNAUTHORISED', language, NOBODY);
  }

  function answer(call: Call, access: Access, fields: Fields): Answer | Promise<Answer> {
    const park = findPark(access, fields);
    return 'status' in park ? park : call(options, park, fields);
  }

  return (call, incoming) => {
    // A caller whom no park admits is turned away before its body is read.
    const access = guard(incoming);
    if (access.parks.size === 0) return refuse('UNAUTHORISED', language, NOBODY);
    if (incoming.method !== 'POST') return answer(call, access, collect(queryOf(incoming)));
    return readBody(incoming, maxBodyBytes).then((bytes) => {
      if (bytes === 'tooLarge') return refuseValue('BODY_TOO_LARGE', language, NOBODY, String(maxBodyBytes));
      if (bytes === 'broken') return refuseValue('BODY_UNREADABLE', language, NOBODY, 'the connection broke off');
      const parsed = parseBody(bytes, incoming.headers['content-type'] ?? '');
      if (!parsed.ok) return refuse('BODY_UNREADABLE', language, NOBODY, { value: parsed.reason });
      return answer(call, access, parsed.fields);
    });
  };
}

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
    log.info('a call from Mallcoo failed', { path, error: told });
    return refuse('INTERNAL', language, NOBODY);
  }

  function respond(path: string, answer: Answer, began: number): Response {
    const { status, body, park, plate, code } = answer;
    onCall?.({ path, park, plate, code, ms: performance.now() - began });
    return new Response(body, { status, headers: MORE_HEADERS[status] ?? JSON_HEADERS });
  }

  function offer(methods: string[], name: string, own: string | undefined, call: Call): void {
    const path = joinPath(basePath, own ?? name);
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

  offer(['GET', 'POST'], 'GetParkingPaymentInfo', paths.info, getParkingPaymentInfo);
  offer(['GET', 'POST'], 'GetTraffic', paths.traffic, getTraffic);
  offer(['POST'], 'PayParkingFee', paths.pay, payParkingFee);
  app.notFound((c: Ctx) => {
    const began = onCall ? performance.now() : 0;
    const { path, method } = c.req;
    const name = names.get(path);
    if (name === undefined) return respond(path, refuseValue('PATH_UNKNOWN', language, NOBODY, path), began);
    return respond(name, refuseValue('METHOD_UNKNOWN', language, NOBODY, method), began);
  });
  return app;
}
