/**
 * The outbox (1.4). What is to be told is decided here for every decision at one place, so that a notice is in the record
 * of the entry it tells of: there is no entry without it, and none without an entry.
 */
import type { NoticeId } from '../ids.ts';
import type { NoticeDoneCommand, NoticeDropCommand, NoticeRetryCommand } from './commands.ts';
import { type Decision, NOTHING } from './decision.ts';
import type { Corrected, NoticeQueued, ParkEvent } from './events.ts';
import { type Credential, credentialPlate, type World } from './model.ts';
import type { NoticeKind, Outbox } from './notice.ts';
import { type ParkState, type State, visitOf } from './state.ts';

/** The decision with the notices that its events call for. */
export function withNotices(world: World, state: State, decision: Decision): Decision {
  const notices = decision.events.flatMap((event) => noticeOf(world, state, event));
  return notices.length === 0 ? decision : { ...decision, events: [...decision.events, ...notices] };
}

function noticeOf(world: World, state: State, event: ParkEvent): readonly NoticeQueued[] {
  if (!('park' in event)) return [];
  const wanted = world.parks.get(event.park)?.notices;
  const park = state.parks.get(event.park);
  switch (event.type) {
    case 'entered':
      return wanted?.entry ? [queued('entry', event, event.reading.credential)] : [];
    case 'left': {
      const visit = park && visitOf(park, event.visit);
      return wanted?.exit && visit ? [queued('exit', event, visit.credential)] : [];
    }
    case 'corrected':
      return wanted?.entry && park ? correctedNotice(park, event) : [];
    default:
      return [];
  }
}

function queued(
  kind: NoticeKind,
  { park, visit, at }: Pick<NoticeQueued, 'park' | 'visit' | 'at'>,
  credential: Credential,
): NoticeQueued {
  return { type: 'noticeQueued', park, kind, visit, plate: credentialPlate(credential), at };
}

/** A notice that still waits takes the better plate with it; one that is gone is told again, under the same `TradeID`. */
function correctedNotice(state: ParkState, event: Corrected): readonly NoticeQueued[] {
  const visit = state.open.get(event.visit);
  if (!visit || waitingFor(state.outbox, event.visit)) return [];
  return [queued('entry', { ...event, at: visit.entryAt }, event.reading.credential)];
}

function waitingFor({ waiting }: Outbox, visit: Corrected['visit']): boolean {
  return waiting.values().some((notice) => notice.kind === 'entry' && notice.visit === visit);
}

/** What became of a notice that was sent. Nothing is written for one that changed while it was on its way: it goes again. */
export function decideNoticeDone(state: State, command: NoticeDoneCommand): Decision {
  const { park, noticeId, sent, outcome } = command;
  const waiting = state.parks.get(park)?.outbox.waiting.get(noticeId);
  if (!waiting || waiting.plate !== sent) return NOTHING;
  return { ...NOTHING, events: [{ type: 'noticeDone', park, noticeId, ...outcome }] };
}

/** A person has a dead letter sent again: it goes behind those that wait. */
export function decideNoticeRetry(state: State, { park, noticeId }: NoticeRetryCommand): Decision {
  if (!state.parks.get(park)?.outbox.dead.has(noticeId)) return unknown(noticeId);
  return { ...NOTHING, events: [{ type: 'noticeRetried', park, noticeId }] };
}

/** A person gives a notice up, waiting or dead. */
export function decideNoticeDrop(state: State, { park, noticeId, reason }: NoticeDropCommand): Decision {
  const outbox = state.parks.get(park)?.outbox;
  if (!outbox?.dead.has(noticeId) && !outbox?.waiting.has(noticeId)) return unknown(noticeId);
  return { ...NOTHING, events: [{ type: 'noticeDone', park, noticeId, outcome: 'dropped', reason }] };
}

function unknown(id: NoticeId): Decision {
  return { ...NOTHING, reply: { type: 'refused', code: 'NOTICE_UNKNOWN', value: id } };
}
