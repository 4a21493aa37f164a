/**
 * `POST /let-out` of the local listener: the operator lets the vehicle go that is held at an exit. JSON in and out; the
 * content type must say JSON, which a page of another site cannot send without asking, and nobody here would allow it.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { type AnswerCode, explain, type Language } from '../core/errors.ts';
import type { LaneId, ParkId } from '../core/ids.ts';
import { type LetOutCommand, MAX_REASON, type Reply } from '../core/park/commands.ts';
import { credentialText, type World } from '../core/park/model.ts';
import { type Gateway, GatewayBusy, GatewayFull, GatewayStopped } from '../gateway/ports.ts';
import { readBody } from '../http.ts';

export interface LetOutParts {
  readonly world: World;
  readonly gateway: Pick<Gateway, 'submit'>;
  readonly language: Language;
}

/** An answer of the local listener. */
interface LocalAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, string | number | boolean | null>>;
}

const MAX_BODY = 4_096;
const MAX_NAME = 100;

const STATUS: Partial<Record<AnswerCode, number>> = {
  PARK_UNKNOWN: 404,
  LANE_UNKNOWN: 404,
  NOBODY_WAITS: 409,
  BODY_TOO_LARGE: 413,
  BUSY: 503,
  NO_ROOM: 503,
  STOPPING: 503,
};

/** Answers one request; 200 when the vehicle was let go and that is on the disk. Rejects only for a defect of ours. */
export async function answerLetOut(parts: LetOutParts, incoming: IncomingMessage): Promise<LocalAnswer> {
  const { language, gateway } = parts;
  const refuse = ({ code, status, value = '', field = '', expected }: Refusal): LocalAnswer => ({
    status: status ?? STATUS[code] ?? 400,
    body: { error: code, text: explain(code, language, { value, field, expected: expected?.[language] ?? '' }) },
  });
  const asked = wrongCaller(incoming) ?? (await readAsked(incoming));
  if ('code' in asked) return refuse(asked);
  const command = commandOf(parts.world, asked);
  if ('code' in command) return refuse(command);
  try {
    const reply = await gateway.submit(command);
    return reply.type === 'refused' ? refuse(reply) : { status: 200, body: told(command, reply) };
  } catch (error) {
    if (error instanceof GatewayBusy) return refuse({ code: 'BUSY' });
    if (error instanceof GatewayFull) return refuse({ code: 'NO_ROOM' });
    if (error instanceof GatewayStopped) return refuse({ code: 'STOPPING' });
    throw error;
  }
}

interface Refusal {
  readonly code: AnswerCode;
  readonly status?: number;
  readonly value?: string;
  readonly field?: string;
  readonly expected?: Readonly<Record<Language, string>>;
}

interface Asked {
  readonly lane: string;
  readonly park: string | null;
  readonly reason: string;
  readonly by: string | null;
}

/**
 * A page of another site can reach this address too, by a name that it lets point here, and would then be believed. So
 * the caller must have meant this machine: it names it by an address, or localhost.
 */
function wrongCaller({ headers }: IncomingMessage): Refusal | null {
  const { host = '' } = headers;
  const name = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  if (name !== 'localhost' && isIP(name) === 0) {
    const expected = { en: "this machine's address, or localhost", zh: '本机地址或 localhost' };
    return { code: 'FIELD_INVALID', status: 403, field: 'Host', value: host.slice(0, 60), expected };
  }
  if (/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) return null;
  return { code: 'BODY_UNREADABLE', status: 415, value: 'Content-Type: application/json is needed' };
}

async function readAsked(incoming: IncomingMessage): Promise<Asked | Refusal> {
  const bytes = await readBody(incoming, MAX_BODY);
  if (bytes === 'tooLarge') return { code: 'BODY_TOO_LARGE', value: String(MAX_BODY) };
  if (bytes === 'broken') return { code: 'BODY_UNREADABLE', value: 'the connection broke off' };
  const fields = objectOf(bytes);
  if (fields === null) return { code: 'BODY_UNREADABLE', value: 'a JSON object is needed' };
  const lane = textOf(fields, 'lane', MAX_NAME);
  const park = textOf(fields, 'park', MAX_NAME);
  const reason = textOf(fields, 'reason', MAX_REASON);
  const by = textOf(fields, 'by', MAX_NAME);
  for (const text of [lane, park, reason, by]) if (typeof text === 'object' && text !== null) return text;
  if (lane === null) return { code: 'FIELD_REQUIRED', field: 'lane' };
  if (reason === null) return { code: 'FIELD_REQUIRED', field: 'reason' };
  return { lane, park, reason, by } as Asked;
}

function objectOf(bytes: Buffer): object | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** A text without blanks around it; null when it is absent or empty. */
function textOf(fields: object, field: keyof Asked, longest: number): string | null | Refusal {
  const value: unknown = Object.hasOwn(fields, field) ? fields[field as never] : null;
  if (value === null) return null;
  const text = typeof value === 'string' ? value.trim() : null;
  if (text === '') return null;
  if (text !== null && text.length <= longest && !/\p{Cc}/u.test(text)) return text;
  const expected = { en: `one line of ${longest} characters at most`, zh: `一行文字，不超过 ${longest} 字` };
  return { code: 'FIELD_INVALID', field, value: JSON.stringify(value).slice(0, 60), expected };
}

/** Which park is meant: the one that is named, or the only one that has such an exit. */
function commandOf({ parks }: World, { lane, park, reason, by }: Asked): LetOutCommand | Refusal {
  const exit = lane as LaneId;
  const having = [...parks.values()].filter(({ lanes }) => lanes.get(exit)?.direction === 'out');
  const [only] = having;
  if (park === null && only === undefined) return { code: 'LANE_UNKNOWN', value: lane };
  if (park === null && having.length > 1) return { code: 'PARK_REQUIRED' };
  return { type: 'letOut', park: (park as ParkId | null) ?? (only?.id as ParkId), lane: exit, reason, by };
}

function told({ park, lane }: LetOutCommand, reply: Reply): LocalAnswer['body'] {
  if (reply.type !== 'letOut') throw new Error(`letting out was answered with "${reply.type}"`);
  const { visit, vehicle, due, arm } = reply;
  return { park, lane, vehicle: credentialText(vehicle), visit, uncollected: due, arm };
}
