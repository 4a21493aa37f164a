/** The fold of the outbox: see {@link evolve}. */
import { assertNever } from '../errors.ts';
import type { NoticeId } from '../ids.ts';
import type { Instant } from '../time.ts';
import {
  type Corrected,
  type JournalRecord,
  type NoticeDone,
  type NoticeQueued,
  type NoticeRetried,
  placeOf,
} from './events.ts';
import { credentialPlate } from './model.ts';
import { MAX_DEAD, type NoticeKind, type Outbox } from './notice.ts';

type NoticeEvent = NoticeQueued | NoticeDone | NoticeRetried;

/** Folds an event of the outbox itself. */
export function foldNotice(outbox: Outbox, event: NoticeEvent, record: JournalRecord, index: number): void {
  switch (event.type) {
    case 'noticeQueued':
      queue(outbox, event, record, index);
      break;
    case 'noticeDone':
      done(outbox, event, record.at);
      break;
    case 'noticeRetried':
      retry(outbox, event);
      break;
    default:
      assertNever(event);
  }
}

function queue({ waiting }: Outbox, event: NoticeQueued, record: JournalRecord, index: number): void {
  const { kind, visit, plate, at } = event;
  const id = placeOf(record.seq, index) as NoticeId;
  waiting.set(id, { id, kind, visit, plate, at, queuedAt: record.at });
}

function done({ waiting, dead }: Outbox, event: NoticeDone, at: Instant): void {
  const { noticeId: id } = event;
  const notice = waiting.get(id);
  waiting.delete(id);
  dead.delete(id);
  if (event.outcome !== 'dead' || !notice) return;
  dead.set(id, { notice, at, code: event.code, message: event.message });
  if (dead.size <= MAX_DEAD) return;
  const oldest = dead.keys().next();
  if (!oldest.done) dead.delete(oldest.value);
}

function retry({ waiting, dead }: Outbox, { noticeId: id }: NoticeRetried): void {
  const letter = dead.get(id);
  if (!letter) return;
  dead.delete(id);
  waiting.set(id, letter.notice);
}

/** A notice that has not been told yet takes the better plate with it, at its place. */
export function amendNotice(outbox: Outbox, { visit, reading }: Corrected): void {
  for (const notice of of(outbox, visit, 'entry')) {
    outbox.waiting.set(notice.id, { ...notice, plate: credentialPlate(reading.credential) });
  }
}

/** The departure was none: what has not been told of it is not told. */
export function forgetExit(outbox: Outbox, visit: Corrected['visit']): void {
  for (const { id } of of(outbox, visit, 'exit')) outbox.waiting.delete(id);
}

function of({ waiting }: Outbox, visit: Corrected['visit'], kind: NoticeKind) {
  return [...waiting.values().filter((notice) => notice.kind === kind && notice.visit === visit)];
}
