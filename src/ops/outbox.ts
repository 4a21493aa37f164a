/**
 * The outbox over the local listener: `GET /outbox` lists, `POST /outbox/retry` sends dead letters again, and
 * `POST /outbox/drop` gives notices up, with a reason that the journal keeps.
 */
import { type AnswerCode, explain, type Language } from '../core/errors.ts';
import type { NoticeId, ParkId } from '../core/ids.ts';
import { type Command, MAX_REASON } from '../core/park/commands.ts';
import type { World } from '../core/park/model.ts';
import { MAX_DEAD } from '../core/park/notice.ts';
import type { ParkState, State } from '../core/park/state.ts';
import { type Clock, type Gateway, GatewayBusy, GatewayFull, GatewayStopped } from '../gateway/ports.ts';
import type { HttpApp } from '../http.ts';
import { jsonAnswer, languageAsked } from './answer.ts';
import { jsonFields, Refusal } from './guard.ts';
import { outboxView } from './outbox-view.ts';

export interface OutboxParts {
  readonly world: () => World;
  readonly gateway: Gateway;
  readonly clock: Clock;
  /** Of what whoever asks is told. */
  readonly language: Language;
}

/** Notices told of each list, when it is not said how many. */
export const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 100_000;
/** Commands under way at once: they share flushes, and leave the inbox to the lanes. */
export const AT_ONCE = 64;

/** Adds the outbox's routes to the local app. */
export function outboxRoutes(app: HttpApp, { world, gateway, clock, language }: OutboxParts): void {
  const reader = (asked: string | undefined): Language => languageAsked(asked, language);
  app.get('/outbox', (c) => {
    const park = knownPark(world(), gateway.state(), c.req.query('park'));
    const limit = readLimit(c.req.query('limit'));
    const dead = c.req.query('dead') !== undefined;
    return jsonAnswer(200, outboxView(world(), gateway.state(), { park, dead, limit }, clock.now()));
  });
  app.post('/outbox/retry', async (c) => {
    const fields = await jsonFields(c);
    const wanted = pick(world(), gateway.state(), fields);
    return tell(await work(gateway, wanted, (at) => ({ type: 'noticeRetry', ...at })), reader(c.req.query('lang')));
  });
  app.post('/outbox/drop', async (c) => {
    const fields = await jsonFields(c);
    const reason = readReason(fields['reason']);
    const wanted = pick(world(), gateway.state(), fields);
    // A notice that waits is dropped as well when a person names it.
    const named = { ...wanted, found: [...wanted.found, ...wanted.waiting], waiting: [] };
    return tell(
      await work(gateway, named, (at) => ({ type: 'noticeDrop', ...at, reason })),
      reader(c.req.query('lang')),
    );
  });
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  if (/^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_LIMIT) return Number(text);
  const expected = { zh: `1 到 ${MAX_LIMIT} 的整数`, en: `a number from 1 to ${MAX_LIMIT}` };
  throw new Refusal(400, 'FIELD_INVALID', { field: 'limit', value: text, expected });
}

function knownPark(world: World, state: State, id: unknown): ParkId | null {
  if (id === undefined) return null;
  const park = id as ParkId;
  if (world.parks.has(park) || state.parks.has(park)) return park;
  throw new Refusal(404, 'PARK_UNKNOWN', { value: String(id) });
}

function readReason(reason: unknown): string {
  const text = typeof reason === 'string' ? reason.trim() : '';
  if (text === '') throw new Refusal(400, 'FIELD_REQUIRED', { field: 'reason' });
  if (text.length <= MAX_REASON) return text;
  const value = { zh: `${text.length} 字`, en: `${text.length} characters` };
  const expected = { zh: `不超过 ${MAX_REASON} 字`, en: `${MAX_REASON} characters at most` };
  throw new Refusal(400, 'FIELD_INVALID', { field: 'reason', value, expected });
}

/** A notice and its park, as the core's commands name it. */
interface Place {
  readonly park: ParkId;
  readonly noticeId: NoticeId;
}

/** Which notices are meant. */
interface Picked {
  /** Dead letters. */
  readonly found: readonly Place[];
  /** Named, and waiting. */
  readonly waiting: readonly Place[];
  /** Named, and not there. */
  readonly unknown: readonly string[];
}

/** `{ ids: […] }`, or `{ all: true }`: every dead letter, of one `park`, or with one `code`, if these are given. */
function pick(world: World, state: State, fields: Readonly<Record<string, unknown>>): Picked {
  const { ids, all, code } = fields;
  const park = knownPark(world, state, fields['park']);
  const parks = [...state.parks.values()].filter(({ id }) => park === null || id === park);
  if (code !== undefined && typeof code !== 'string')
    throw new Refusal(400, 'FIELD_INVALID', {
      field: 'code',
      value: JSON.stringify(code),
      expected: { zh: '文本', en: 'a text' },
    });
  if (all === true && ids === undefined) {
    const found = parks.flatMap(({ id, outbox }) =>
      [...outbox.dead.values()]
        .filter((letter) => code === undefined || letter.code === code)
        .map(({ notice }) => ({ park: id, noticeId: notice.id })),
    );
    return { found, waiting: [], unknown: [] };
  }
  if (!isIds(ids) || all !== undefined || code !== undefined) {
    const expected = {
      zh: `1 到 ${MAX_DEAD} 个编号且不带 "code"，或改传 "all": true`,
      en: `1 to ${MAX_DEAD} ids without "code", or instead of them "all": true`,
    };
    throw new Refusal(400, 'FIELD_INVALID', { field: 'ids', value: ids === undefined ? '-' : typeof ids, expected });
  }
  return named(parks, [...new Set(ids)]);
}

function isIds(ids: unknown): ids is readonly string[] {
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > MAX_DEAD) return false;
  return ids.every((id) => typeof id === 'string' && id.length <= 64);
}

function named(parks: readonly ParkState[], ids: readonly string[]): Picked {
  const found: Place[] = [];
  const waiting: Place[] = [];
  const unknown: string[] = [];
  for (const id of ids) {
    const noticeId = id as NoticeId;
    const dead = parks.find(({ outbox }) => outbox.dead.has(noticeId));
    const waits = parks.find(({ outbox }) => outbox.waiting.has(noticeId));
    if (dead) found.push({ park: dead.id, noticeId });
    else if (waits) waiting.push({ park: waits.id, noticeId });
    else unknown.push(id);
  }
  return { found, waiting, unknown };
}

/** What became of it. */
interface Worked {
  readonly done: number;
  readonly waiting: readonly string[];
  readonly unknown: readonly string[];
  /** Why it ended before all were done; null when it did not. */
  readonly trouble: AnswerCode | null;
  /** What was not done for it. */
  readonly left: number;
}

async function work(gateway: Gateway, picked: Picked, command: (place: Place) => Command): Promise<Worked> {
  const { found } = picked;
  const unknown = [...picked.unknown];
  let done = 0;
  let trouble: AnswerCode | null = null;
  for (let from = 0; from < found.length && trouble === null; from += AT_ONCE) {
    const places = found.slice(from, from + AT_ONCE);
    const results = await Promise.allSettled(places.map((place) => gateway.submit(command(place))));
    for (const [index, result] of results.entries()) {
      if (result.status === 'rejected') trouble = troubleOf(result.reason);
      else if (result.value.type === 'refused') unknown.push(places[index]?.noticeId ?? '');
      else done += 1;
    }
  }
  const left = found.length - done - (unknown.length - picked.unknown.length);
  return { done, waiting: picked.waiting.map(({ noticeId }) => noticeId), unknown, trouble, left };
}

/** @throws what is no way of the gateway to say no. */
function troubleOf(error: unknown): AnswerCode {
  if (error instanceof GatewayBusy) return 'BUSY';
  if (error instanceof GatewayFull) return 'NO_ROOM';
  if (error instanceof GatewayStopped) return 'STOPPING';
  throw error;
}

function tell({ done, waiting, unknown, trouble, left }: Worked, language: Language): Response {
  const body = { done, waiting, unknown };
  if (trouble !== null) return jsonAnswer(503, { error: trouble, text: explain(trouble, language), ...body, left });
  const nothing = done === 0 && waiting.length === 0 && unknown.length > 0;
  if (!nothing) return jsonAnswer(200, body);
  const text = explain('NOTICE_UNKNOWN', language, { value: unknown.slice(0, 10).join(', ') });
  return jsonAnswer(404, { error: 'NOTICE_UNKNOWN', text, ...body });
}
