/** One call from Node's request to its answer: who calls, within which limits, with what body, for which park. */
import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { ParkId } from '../core/ids.ts';
import type { Park, World } from '../core/park/model.ts';
import { type BodyFailure, readBody } from '../http.ts';
import { type Answer, NOBODY, refuse, refuseField, refuseValue, SUCCESS, succeed } from './answers.ts';
import { type Access, type Auth, type Claim, createGuard, queryOf } from './auth.ts';
import { parseBody } from './body.ts';
import { type Call, type CallContext, getTraffic } from './calls.ts';
import { createFailures } from './failures.ts';
import { collect, type Fields, raw, readText } from './fields.ts';
import { callerOf, hopsOf } from './hops.ts';
import { createMeter, type Limits } from './limits.ts';
import { PROBE_FIELD, type ProbeBook } from './reach/book.ts';

export interface RunnerOptions extends CallContext {
  /** The parks as configured at this moment: their prices may be replaced, the parks themselves may not. */
  readonly world: () => World;
  /** How each park's callers prove themselves; every park needs an entry. */
  readonly auth: ReadonlyMap<ParkId, Auth>;
  /** The largest body that is read, in bytes. */
  readonly maxBodyBytes: number;
  readonly limits: Limits;
  /** The proxies whose word for a caller's address is taken: IP addresses and networks. None by default. */
  readonly trustedHops?: readonly string[];
  /** Where the gate's own probes of its public address are known from. */
  readonly probes?: ProbeBook;
}

/** Runs a call. Throws or rejects only for a defect of ours. */
export type Runner = (call: Call, incoming: IncomingMessage) => Answer | Promise<Answer>;

/** @throws RangeError when a park has no authorisation entry, or there is no park; TypeError when a hop is no address. */
export function createRunner(options: RunnerOptions): Runner {
  const { world, language, maxBodyBytes, clock, faults } = options;
  const ids = [...world().parks.keys()];
  if (ids.length === 0) throw new RangeError('no park is configured');
  const now = (): number => performance.now();
  const guard = createGuard(ids, options.auth);
  const failures = createFailures(faults, now);
  const isHop = hopsOf(options.trustedHops ?? []);
  const meter = createMeter(options.limits, now);
  const onlyId = ids.length === 1 ? ids[0] : undefined;

  /** A caller that proved itself, but for other parks, is told at once; others are slowed when they go on. */
  function deny({ denial, proved }: Access, incoming: IncomingMessage): Answer | Promise<Answer> {
    const answer = refuse(denial.code, language, NOBODY, { value: denial.value });
    if (proved || !failures.count(callerOf(incoming, isHop), denial.code)) return answer;
    return failures.hold().then((close) => ({ ...answer, status: 429, close }));
  }

  /** Only a caller who may see every park is told that one does not exist; to others it is one they may not see. */
  function findPark(access: Access, fields: Fields): Park | Answer | 'denied' {
    const named = readText(fields, 'parkId') as ParkId | null;
    const [problem] = fields.problems;
    if (problem) return refuseField(problem, language, NOBODY);
    const id = named ?? onlyId;
    if (id === undefined) return refuse('PARK_REQUIRED', language, NOBODY);
    const park = world().parks.get(id);
    if (park && named === null) return park;
    if (park && access.parks.has(id)) return park;
    return access.all ? refuseValue('PARK_UNKNOWN', language, NOBODY, id) : 'denied';
  }

  /** The answer to the gate's own probe, which is within no limit: a flood of calls is no dead tunnel. */
  function probed(fields: Fields): Answer | undefined {
    const reply = options.probes?.arrive(raw(fields, PROBE_FIELD));
    if (reply === undefined) return undefined;
    return { ...succeed({ ...SUCCESS, resMsg: reply, inNum: 0, outNum: 0 }, NOBODY), probe: true };
  }

  function admitted(call: Call, access: Access, fields: Fields, incoming: IncomingMessage): Answer | Promise<Answer> {
    const park = findPark(access, fields);
    if (park === 'denied') return deny(access, incoming);
    if ('status' in park) return park;
    if (call.kind === 'query') {
      const own = call === getTraffic ? probed(fields) : undefined;
      if (own) return own;
      return meter.takeQuery() ? call.run(options, park, fields) : refuse('TOO_MANY_QUERIES', language, NOBODY);
    }
    if (!meter.takePayment()) return refuse('BUSY', language, NOBODY);
    return call.run(options, park, fields).finally(meter.givePayment);
  }

  /** What a claim proves, once the bytes that it signs are there; an access is what it was. */
  function settle(shown: Access | Claim, data: string | Uint8Array, { kind }: Call): Access {
    const access = 'sign' in shown ? guard.verify(shown, data, kind === 'query', clock.now()) : shown;
    if (access.proved) failures.proved();
    return access;
  }

  function posted(
    call: Call,
    shown: Access | Claim,
    bytes: Buffer | BodyFailure,
    incoming: IncomingMessage,
  ): Answer | Promise<Answer> {
    if (bytes === 'tooLarge') return refuseValue('BODY_TOO_LARGE', language, NOBODY, String(maxBodyBytes));
    if (bytes === 'broken') return refuseValue('BODY_UNREADABLE', language, NOBODY, 'the connection broke off');
    const access = settle(shown, bytes, call);
    if (access.parks.size === 0) return deny(access, incoming);
    const parsed = parseBody(bytes, incoming.headers['content-type'] ?? '');
    if (!parsed.ok) return refuse('BODY_UNREADABLE', language, NOBODY, { value: parsed.reason });
    return admitted(call, access, parsed.fields, incoming);
  }

  return (call, incoming) => {
    const shown = guard.admit(incoming);
    // A caller whom no park admits is turned away before its body is read.
    if ('parks' in shown && shown.parks.size === 0) return deny(shown, incoming);
    if (incoming.method === 'POST') {
      return readBody(incoming, maxBodyBytes).then((bytes) => posted(call, shown, bytes, incoming));
    }
    const query = queryOf(incoming);
    const access = settle(shown, query, call);
    if (access.parks.size === 0) return deny(access, incoming);
    return admitted(call, access, collect(new URLSearchParams(query)), incoming);
  };
}
