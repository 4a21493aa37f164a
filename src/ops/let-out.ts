/**
 * `POST /let-out` of the local listener: the operator lets the vehicle go that is held at an exit. JSON in and out.
 */
import { type AnswerCode, explain, type Language, type Said } from '../core/errors.ts';
import type { LaneId, ParkId } from '../core/ids.ts';
import { type LetOutCommand, MAX_REASON, type Reply } from '../core/park/commands.ts';
import { credentialText, type World } from '../core/park/model.ts';
import { type Gateway, GatewayBusy, GatewayFull, GatewayStopped } from '../gateway/ports.ts';
import type { HttpApp } from '../http.ts';
import { jsonAnswer, languageAsked } from './answer.ts';
import { jsonFields } from './guard.ts';

export interface LetOutParts {
  readonly world: () => World;
  readonly gateway: Gateway;
  readonly language: Language;
}

interface LocalAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, string | number | boolean | null>>;
}

const MAX_NAME = 100;

const STATUS: Partial<Record<AnswerCode, number>> = {
  PARK_UNKNOWN: 404,
  LANE_UNKNOWN: 404,
  NOBODY_WAITS: 409,
  BUSY: 503,
  NO_ROOM: 503,
  STOPPING: 503,
};

/** Adds the route to the local app; 200 when the vehicle was let go and that is on the disk. */
export function letOutRoute(app: HttpApp, parts: LetOutParts): void {
  app.post('/let-out', async (c) => {
    const language = languageAsked(c.req.query('lang'), parts.language);
    const { status, body } = await answerLetOut({ ...parts, language }, await jsonFields(c));
    return jsonAnswer(status, body);
  });
}

async function answerLetOut(parts: LetOutParts, fields: Readonly<Record<string, unknown>>): Promise<LocalAnswer> {
  const { language, gateway } = parts;
  const refuse = ({ code, value = '', field = '', expected = '' }: Refused): LocalAnswer => ({
    status: STATUS[code] ?? 400,
    body: { error: code, text: explain(code, language, { value, field, expected }) },
  });
  const asked = readAsked(fields);
  if ('code' in asked) return refuse(asked);
  const command = commandOf(parts.world(), asked);
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

interface Refused {
  readonly code: AnswerCode;
  readonly value?: string;
  readonly field?: string;
  readonly expected?: Said;
}

interface Asked {
  readonly lane: string;
  readonly park: string | null;
  readonly reason: string;
  readonly by: string | null;
}

function readAsked(fields: object): Asked | Refused {
  const lane = textOf(fields, 'lane', MAX_NAME);
  const park = textOf(fields, 'park', MAX_NAME);
  const reason = textOf(fields, 'reason', MAX_REASON);
  const by = textOf(fields, 'by', MAX_NAME);
  for (const text of [lane, park, reason, by]) if (typeof text === 'object' && text !== null) return text;
  if (lane === null) return { code: 'FIELD_REQUIRED', field: 'lane' };
  if (reason === null) return { code: 'FIELD_REQUIRED', field: 'reason' };
  return { lane, park, reason, by } as Asked;
}

/** A text without blanks around it; null when it is absent or empty. */
function textOf(fields: object, field: keyof Asked, longest: number): string | null | Refused {
  const value: unknown = Object.hasOwn(fields, field) ? fields[field as never] : null;
  if (value === null) return null;
  const text = typeof value === 'string' ? value.trim() : null;
  if (text === '') return null;
  if (text !== null && text.length <= longest && !/\p{Cc}/u.test(text)) return text;
  const expected = { en: `one line of ${longest} characters at most`, zh: `一行文字，不超过 ${longest} 字` };
  return { code: 'FIELD_INVALID', field, value: JSON.stringify(value).slice(0, 60), expected };
}

/** Which park is meant: the one that is named, or the only one that has such an exit. */
function commandOf({ parks }: World, { lane, park, reason, by }: Asked): LetOutCommand | Refused {
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
