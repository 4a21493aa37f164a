/**
 * Books of what is to be told, kept from committed records alone, and the rules for what is sent: every entry once it is
 * on the disk, in order, at a polite rate, signed by the clock, and never again once it is confirmed.
 */
import { createHash } from 'node:crypto';
import type { VisitId } from '../../src/core/ids.ts';
import { type JournalRecord, type NoticeDone, type ParkEvent, placeOf } from '../../src/core/park/events.ts';
import { credentialPlate } from '../../src/core/park/model.ts';
import type { NoticeKind } from '../../src/core/park/notice.ts';
import type { State } from '../../src/core/park/state.ts';
import { formatLocal, HOUR, type Instant, type Zone } from '../../src/core/time.ts';
import type { Fail } from './auditor.ts';
import type { WayPlan } from './plan-way.ts';

/** A notice of the books. */
export interface BookedNotice {
  readonly id: string;
  readonly kind: NoticeKind;
  readonly visit: VisitId;
  plate: string | null;
  readonly at: Instant;
  readonly queuedAt: Instant;
  /** The true time of its queueing, and its number among all. */
  readonly since: number;
  readonly number: number;
  /** A person had it sent again: it may come behind later ones. */
  revived: boolean;
  /** Plates with which it was confirmed to a living process, and the run in which that was last. */
  readonly confirmed: Set<string | null>;
  confirmedIn: number | null;
  taken: number;
  attempts: number;
  /** Codes with which it was refused for good. */
  readonly refusedFor: Set<string>;
}

/** An attempt as it goes over the wire. */
export interface Attempt {
  readonly kind: NoticeKind;
  readonly fields: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Sent {
  readonly notice: BookedNotice | null;
  readonly plate: string | null;
  readonly life: number;
  /** What the gate's clock said. */
  readonly clock: Instant;
  /** The true time, in ms since the run began. */
  readonly at: number;
}

export interface NoticeBooks {
  record(record: JournalRecord): void;
  processEnded(): void;
  /** The process sends a notice. @param clock what its clock says. */
  sent(attempt: Attempt, clock: Instant): Sent;
  /** The receiver has acted on it. */
  taken(sent: Sent): void;
  /** The living process has got this answer. */
  answered(sent: Sent, code: number): void;
  /** Nothing is under way. */
  idle(state: State): void;
  /** The true time since which the first one waits; null when none waits. */
  waitingSince(): number | null;
  dead(): readonly string[];
  /** When something was sent last, in true time. */
  lastSent(): number;
}

export const UNPLATED = '无牌车';
export const KEYS = { appId: 'APP1', publicKey: 'PUB123', privateKey: '0123456789abcdef' };
/** As pace.ts has it. */
const BURST = 3;

interface NoticeWorld {
  readonly fail: Fail;
  readonly trueNow: () => number;
  readonly plan: WayPlan;
  readonly zone: Zone;
}

type Wanted = Pick<BookedNotice, 'kind' | 'visit' | 'plate' | 'at'>;

export function createNoticeBooks({ fail, trueNow, plan, zone }: NoticeWorld): NoticeBooks {
  const waiting = new Map<string, BookedNotice>();
  const dead = new Map<string, BookedNotice>();
  const over = new Map<string, BookedNotice>();
  const visits = new Map<VisitId, { plate: string | null; readonly at: Instant }>();
  /** What left the books in this moment: the sender may not have seen it yet. */
  let justGone: { readonly at: number; readonly ids: Set<string> } = { at: 0, ids: new Set() };
  let count = 0;
  let life = 0;
  let times: number[] = [];
  let furthest = -1;
  let lastTold = Number.NEGATIVE_INFINITY;
  let lastSent = Number.NEGATIVE_INFINITY;

  const waitingOf = (kind: NoticeKind, visit: VisitId): BookedNotice[] =>
    [...waiting.values()].filter((one) => one.kind === kind && one.visit === visit);

  function changed(notice: BookedNotice): void {
    if (justGone.at !== trueNow()) justGone = { at: trueNow(), ids: new Set() };
    justGone.ids.add(`${notice.kind} ${notice.visit}`);
  }

  /** What an event calls for, by the standard: every entry, and a plate that was read better after it was told. */
  function wantedBy(event: ParkEvent): Wanted | null {
    switch (event.type) {
      case 'entered': {
        const plate = credentialPlate(event.reading.credential);
        visits.set(event.visit, { plate, at: event.at });
        return plan.entries ? { kind: 'entry', visit: event.visit, plate, at: event.at } : null;
      }
      case 'corrected': {
        const visit = visits.get(event.visit);
        if (!visit) return null;
        visit.plate = event.plate;
        const still = waitingOf('entry', event.visit);
        for (const notice of still) {
          changed(notice);
          notice.plate = event.plate;
        }
        const again = plan.entries && still.length === 0;
        return again ? { kind: 'entry', visit: event.visit, plate: event.plate, at: visit.at } : null;
      }
      case 'left': {
        const plate = visits.get(event.visit)?.plate ?? null;
        return plan.exits ? { kind: 'exit', visit: event.visit, plate, at: event.at } : null;
      }
      case 'stayed':
        for (const notice of waitingOf('exit', event.visit)) {
          changed(notice);
          waiting.delete(notice.id);
        }
        return null;
      default:
        return null;
    }
  }

  function queue(record: JournalRecord, index: number, { kind, visit, plate, at }: Wanted): void {
    const id = placeOf(record.seq, index);
    const fresh = { revived: false, confirmedIn: null, taken: 0, attempts: 0, since: trueNow(), number: count };
    const sets = { confirmed: new Set<string | null>(), refusedFor: new Set<string>() };
    waiting.set(id, { id, kind, visit, plate, at, queuedAt: record.at, ...fresh, ...sets });
    count += 1;
  }

  function done(event: NoticeDone, at: Instant): void {
    const notice = waiting.get(event.noticeId) ?? (event.outcome === 'dropped' ? dead.get(event.noticeId) : undefined);
    if (!notice) {
      fail('no invented event', `notice ${event.noticeId} is ${event.outcome}, and does not wait`);
      return;
    }
    changed(notice);
    waiting.delete(notice.id);
    dead.delete(notice.id);
    if (event.outcome === 'confirmed') {
      if (!notice.confirmed.has(notice.plate))
        fail('confirmed when Mallcoo said so', `notice ${notice.id} of ${notice.visit} as ${notice.plate}`);
      over.set(notice.id, notice);
    } else if (event.outcome === 'dead') {
      dead.set(notice.id, notice);
      const tried = at - notice.queuedAt >= plan.giveUpMs && notice.attempts > 0 && trueNow() - lastTold >= HOUR;
      if (event.code === 'gaveUp' ? !tried : !notice.refusedFor.has(event.code))
        fail('dead when Mallcoo said so', `notice ${notice.id} of ${notice.visit}: ${event.code}`);
    }
  }

  function polite(): void {
    const now = trueNow();
    times.push(now);
    const before = times.at(-1 - (BURST - 1 + plan.perSecond));
    if (before !== undefined && now - before < 1_000)
      fail('a polite rate', `${BURST + plan.perSecond} notices within ${now - before} ms, ${plan.perSecond} a second`);
    if (times.length > 20) times = times.slice(-10);
  }

  function signed({ headers, body }: Attempt, clock: Instant): void {
    const { TimeStamp: timeStamp = '', PublicKey: key = '', AppID: appId = '', Sign: sign } = headers;
    const shanghai = new Date(clock + 8 * HOUR).toISOString().slice(0, 19).replaceAll(/\D/g, '');
    if (timeStamp !== shanghai) fail('signed by the clock', `TimeStamp ${timeStamp}, the clock says ${shanghai}`);
    const text = `{publicKey:${key},timeStamp:${timeStamp},data:${body},privateKey:${KEYS.privateKey}}`;
    const right = createHash('md5').update(text).digest('hex').toUpperCase().slice(8, 24);
    if (sign !== right || appId !== KEYS.appId || key !== KEYS.publicKey) fail('signed as it is sent', body);
  }

  /** Which notice of the books it is. */
  function known(kind: NoticeKind, visit: VisitId, plate: string | null): BookedNotice | null {
    const same = waitingOf(kind, visit);
    const gone = justGone.at === trueNow() && justGone.ids.has(`${kind} ${visit}`);
    const found = same.find((one) => one.plate === plate) ?? (gone ? same[0] : undefined);
    if (found) return found;
    if (gone) return null;
    const before = [...over.values()].some((one) => one.kind === kind && one.visit === visit);
    if (before) fail('confirmed once', `the ${kind} of ${visit} is sent again, and was confirmed`);
    else fail('nothing is told before the disk has it', `the ${kind} of ${visit} as ${plate}`);
    return null;
  }

  return {
    record(record) {
      const wanted: Wanted[] = [];
      for (const [index, event] of record.events.entries()) {
        if (event.type === 'noticeQueued') {
          const due = wanted.shift();
          const { kind, visit, plate, at } = event;
          const right = due?.kind === kind && due.visit === visit && due.plate === plate && due.at === at;
          if (!right) fail('no invented notice', `record ${record.seq}: ${kind} of ${visit} as ${plate}`);
          queue(record, index, event);
        } else if (event.type === 'noticeDone') {
          done(event, record.at);
        } else if (event.type === 'noticeRetried') {
          const letter = dead.get(event.noticeId);
          if (!letter) fail('no invented event', `notice ${event.noticeId} is sent again, and was not dead`);
          else waiting.set(letter.id, Object.assign(letter, { revived: true, since: trueNow() }));
          dead.delete(event.noticeId);
        } else {
          const due = wantedBy(event);
          if (due) wanted.push(due);
        }
      }
      const [missing] = wanted;
      if (missing) fail('every entry is told', `record ${record.seq} has no notice of ${missing.visit}`);
    },
    processEnded() {
      life += 1;
      times = [];
    },
    sent(attempt, clock) {
      const { kind, fields } = attempt;
      const visit = fields['TradeID'] as VisitId;
      const written = fields['PlateNo'] ?? '';
      const read = plan.plateEncoding === 'url' ? decodeURIComponent(written) : written;
      const plate = read === UNPLATED ? null : read;
      polite();
      signed(attempt, clock);
      lastSent = trueNow();
      const notice = known(kind, visit, plate);
      if (notice) {
        const first = waiting.values().next().value;
        if (first !== notice && !notice.revived)
          fail('told in order', `${visit} is told, and ${first?.visit} waits before it`);
        if (fields['InTime'] !== formatLocal(notice.at, zone)) fail('told as it was', `${visit}: ${fields['InTime']}`);
        if (notice.confirmedIn === life && notice.confirmed.has(plate))
          fail('confirmed once', `the ${kind} of ${visit} is sent again, and its confirmation had come`);
        notice.attempts += 1;
      }
      return { notice, plate, life, clock, at: trueNow() };
    },
    taken({ notice }) {
      if (!notice) return;
      if (notice.taken === 0 && !notice.revived) {
        if (notice.number < furthest) fail('told in order', `${notice.visit} comes after a later one`);
        furthest = Math.max(furthest, notice.number);
      }
      notice.taken += 1;
    },
    answered({ notice, plate, life: then }, code) {
      if (code === 1) {
        lastTold = trueNow();
        notice?.confirmed.add(plate);
        if (notice) notice.confirmedIn = then;
      } else {
        notice?.refusedFor.add(String(code));
      }
    },
    idle(state) {
      const outboxes = [...state.parks.values()].map((park) => park.outbox);
      const same = (name: string, ids: readonly string[], books: Iterable<string>): void => {
        if (ids.join() !== [...books].join())
          fail('one outbox', `${name}: ${ids.join()}, and by the books ${[...books].join()}`);
      };
      same(
        'waiting',
        outboxes.flatMap((outbox) => [...outbox.waiting.keys()]),
        waiting.keys(),
      );
      same(
        'dead',
        outboxes.flatMap((outbox) => [...outbox.dead.keys()]),
        dead.keys(),
      );
    },
    waitingSince: () => waiting.values().next().value?.since ?? null,
    dead: () => [...dead.keys()],
    lastSent: () => lastSent,
  };
}
