/**
 * The receiver of entry notices (1.4): what Mallcoo does with what the car park tells it. It is strict, so that a sender
 * that is right here is right there. It knows no sockets: see `receiver-http.ts`.
 */
import { type Instant, parseLocal, SECOND, zoneOf } from '../core/time.ts';
import { parseTimeStamp, signatureOf } from '../mallcoo/signature.ts';

export interface ReceiverOptions {
  /** The car parks that are known here; any other is answered with 1101. */
  readonly parkCodes: readonly string[];
  readonly appId: string;
  readonly publicKey: string;
  readonly privateKey: string;
  /** How far a time stamp and the receiver's clock may lie apart, in ms. */
  readonly maxSkewMs: number;
  /** How plates have to be written. */
  readonly plateEncoding: 'raw' | 'url';
  /** Entries that are remembered; the oldest are forgotten. */
  readonly remember: number;
}

/** A call as it came. */
export interface NoticeCall {
  readonly method: string;
  readonly path: string;
  /** By their names in small letters. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The exact bytes. */
  readonly body: Uint8Array;
}

export interface NoticeAnswer {
  readonly Code: number;
  readonly Message: string;
}

/** An entry that the car park told of. */
export interface ToldEntry {
  readonly tradeId: string;
  readonly parkCode: string;
  readonly plate: string;
  /** As it was told: local time of the park. */
  readonly inTime: string;
  /** When it came first, and how often it came. */
  readonly at: Instant;
  readonly times: number;
}

export interface ReceiverCounts {
  /** Calls that were taken: entries, those that came again, and those that came again with another plate. */
  taken: number;
  repeated: number;
  corrected: number;
  /** Entries that came first after a later one of the same car park had come. */
  outOfOrder: number;
  refused: number;
}

export interface Receiver {
  /** Judges a call, and acts on it if it is right. */
  receive(call: NoticeCall, now: Instant): NoticeAnswer;
  /** By `TradeID`, in the order in which they came first. */
  entries(): ReadonlyMap<string, ToldEntry>;
  counts(): Readonly<ReceiverCounts>;
  /** What was wrong with calls that were refused, the last hundred. */
  problems(): readonly string[];
}

export const NOTICE_PATH = '/Parking/V1/EnterInfoNotify/';

const DONE = 1;
const BAD_PARAMETER = 2;
const UNKNOWN_PARK = 1101;
const NOT_AUTHORISED = 401;

const FIELDS = ['ParkCode', 'PlateNo', 'InTime', 'TradeID'] as const;
type Fields = Readonly<Record<(typeof FIELDS)[number], string>>;
const UTC = zoneOf('UTC');
const MAX_PROBLEMS = 100;

export function createReceiver(options: ReceiverOptions): Receiver {
  const entries = new Map<string, ToldEntry>();
  const counts: ReceiverCounts = { taken: 0, repeated: 0, corrected: 0, outOfOrder: 0, refused: 0 };
  const latest = new Map<string, string>();
  const problems: string[] = [];

  function take(fields: Fields, now: Instant): void {
    const { TradeID: tradeId, ParkCode: parkCode, InTime: inTime } = fields;
    const plate = options.plateEncoding === 'url' ? decodeURIComponent(fields.PlateNo) : fields.PlateNo;
    const before = entries.get(tradeId);
    counts.taken += 1;
    if (before) {
      if (before.plate === plate) counts.repeated += 1;
      else counts.corrected += 1;
      entries.set(tradeId, { ...before, plate, times: before.times + 1 });
      return;
    }
    // Texts of one form: they are in the order of their moments.
    if (inTime < (latest.get(parkCode) ?? '')) counts.outOfOrder += 1;
    else latest.set(parkCode, inTime);
    entries.set(tradeId, { tradeId, parkCode, plate, inTime, at: now, times: 1 });
    for (const oldest of entries.keys()) {
      if (entries.size <= options.remember) break;
      entries.delete(oldest);
    }
  }

  return {
    receive(call, now) {
      const judged = judge(call, options, now);
      if ('fields' in judged) {
        take(judged.fields, now);
        return { Code: DONE, Message: '' };
      }
      counts.refused += 1;
      problems.push(judged.Message);
      if (problems.length > MAX_PROBLEMS) problems.shift();
      return judged;
    },
    entries: () => entries,
    counts: () => counts,
    problems: () => problems,
  };
}

type Judged = NoticeAnswer | { readonly fields: Fields };

function judge({ method, path, headers, body }: NoticeCall, options: ReceiverOptions, now: Instant): Judged {
  const bad = (Message: string): NoticeAnswer => ({ Code: BAD_PARAMETER, Message });
  if (method !== 'POST' || path !== NOTICE_PATH) return bad(`${method} ${path} is not POST ${NOTICE_PATH}`);
  const type = headers['content-type'];
  if (type !== 'application/json; charset=utf-8') return bad(`the content type is ${String(type)}`);
  const proof = proofProblem(headers, body, options, now);
  if (proof !== null) return { Code: NOT_AUTHORISED, Message: proof };
  const fields = fieldsOf(body);
  if (typeof fields === 'string') return bad(fields);
  const problem = fieldProblem(fields, options);
  if (problem !== null) return bad(problem);
  if (!options.parkCodes.includes(fields.ParkCode)) {
    return { Code: UNKNOWN_PARK, Message: `车场不存在: ${fields.ParkCode}` };
  }
  return { fields };
}

function proofProblem(
  headers: NoticeCall['headers'],
  body: Uint8Array,
  options: ReceiverOptions,
  now: Instant,
): string | null {
  const header = (name: string): string => String(headers[name] ?? '');
  const { appId, publicKey, privateKey, maxSkewMs } = options;
  if (header('appid') !== appId) return `AppID is ${header('appid')}`;
  if (header('publickey') !== publicKey) return `PublicKey is ${header('publickey')}`;
  const timeStamp = header('timestamp');
  const at = parseTimeStamp(timeStamp);
  if (at === undefined) return `TimeStamp is ${timeStamp}`;
  const apart = Math.abs(at - now);
  if (apart > maxSkewMs + SECOND) return `TimeStamp is ${Math.round(apart / SECOND)} s from the clock`;
  const sign = signatureOf({ publicKey, privateKey, timeStamp, body });
  return header('sign') === sign ? null : 'Sign is wrong';
}

/** The fields of a body, or what is wrong with it. */
function fieldsOf(body: Uint8Array): Fields | string {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return 'the body is no JSON in UTF-8';
  }
  if (typeof value !== 'object' || value === null) return 'the body is no JSON object';
  const names = Object.keys(value);
  if (names.join() !== FIELDS.join()) return `the fields are ${names.join()}`;
  if (!Object.values(value).every((one) => typeof one === 'string' && one !== ''))
    return 'a field is no text, or empty';
  return value as Fields;
}

function fieldProblem({ PlateNo, InTime }: Fields, { plateEncoding }: ReceiverOptions): string | null {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(InTime) || parseLocal(InTime, UTC) === undefined) {
    return `InTime is ${InTime}`;
  }
  const encoded = /^(?:[\w.!~*'()-]|%[\dA-F]{2})+$/.test(PlateNo);
  if (plateEncoding === 'url' && !encoded) return `PlateNo is not URL-encoded: ${PlateNo}`;
  if (plateEncoding === 'raw' && PlateNo.includes('%')) return `PlateNo is URL-encoded: ${PlateNo}`;
  return null;
}
