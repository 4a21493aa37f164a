/** What waits for Mallcoo, as the local listener tells it and `gatepost outbox` shows it. */
import type { ParkId } from '../core/ids.ts';
import { credentialText, type World } from '../core/park/model.ts';
import type { DeadNotice, Notice, NoticeKind } from '../core/park/notice.ts';
import { credentialOf, type State } from '../core/park/state.ts';
import type { Instant } from '../core/time.ts';
import { utcText } from './moment.ts';

/** Moments are UTC, as in `/healthz`. */
export type NoticeView = {
  readonly id: string;
  readonly kind: NoticeKind;
  readonly visit: string;
  /** What Mallcoo is told; null of a vehicle with a ticket. */
  readonly plate: string | null;
  /** As a person calls it: also a ticket's barcode, as long as the visit is known. */
  readonly vehicle: string | null;
  readonly at: string;
  readonly queuedAt: string;
};

export type DeadView = NoticeView & {
  /** When it was given up. */
  readonly since: string;
  readonly code: string;
  readonly message: string;
};

export type ParkOutbox = {
  /** Null where no configuration is at hand. */
  readonly name: string | null;
  readonly zone: string | null;
  /** What Mallcoo is told of by the configuration. */
  readonly tells: { readonly entry: boolean; readonly exit: boolean } | null;
  /** In the order in which they are sent. */
  readonly waiting: { readonly total: number; readonly oldest: string | null; readonly notices: readonly NoticeView[] };
  /** The newest first. */
  readonly dead: { readonly total: number; readonly notices: readonly DeadView[] };
};

export type OutboxView = {
  readonly now: string;
  /** Notices told of each list at most. */
  readonly limit: number;
  readonly parks: Readonly<Record<string, ParkOutbox>>;
};

export interface OutboxQuestion {
  /** Null: every park. */
  readonly park: ParkId | null;
  /** Whether only dead letters are wanted. The counts are told all the same. */
  readonly dead: boolean;
  readonly limit: number;
}

/** When the oldest of these was put in the outbox; one that a person revived stands behind younger ones. */
export function oldestOf(waiting: Iterable<Notice>): Instant | null {
  let oldest: Instant | null = null;
  for (const { queuedAt } of waiting) if (oldest === null || queuedAt < oldest) oldest = queuedAt;
  return oldest;
}

/**
 * The outbox of the committed state.
 * @param world null where no configuration is at hand: then only parks with a history are known.
 */
export function outboxView(world: World | null, state: State, question: OutboxQuestion, now: Instant): OutboxView {
  const { park, limit } = question;
  const known = new Set([...(world?.parks.keys() ?? []), ...state.parks.keys()]);
  const ids = [...known].filter((id) => park === null || id === park);
  const parks = ids.map((id) => [id, parkOutbox(world, state, id, question)] as const);
  return { now: utcText(now), limit, parks: Object.fromEntries(parks) };
}

function parkOutbox(world: World | null, state: State, id: ParkId, { dead, limit }: OutboxQuestion): ParkOutbox {
  const configured = world?.parks.get(id);
  const outbox = state.parks.get(id)?.outbox;
  const waiting = outbox?.waiting.values() ?? [].values();
  const letters = [...(outbox?.dead.values() ?? [])];
  const oldest = outbox ? oldestOf(outbox.waiting.values()) : null;
  return {
    name: configured?.name ?? null,
    zone: configured?.zone.name ?? null,
    tells: configured?.notices ?? null,
    waiting: {
      total: outbox?.waiting.size ?? 0,
      oldest: oldest && utcText(oldest),
      notices: dead ? [] : [...waiting.take(limit).map((notice) => noticeView(state, id, notice))],
    },
    dead: {
      total: letters.length,
      notices: letters
        .slice(-limit)
        .reverse()
        .map((letter) => deadView(state, id, letter)),
    },
  };
}

function noticeView(state: State, park: ParkId, { id, kind, visit, plate, at, queuedAt }: Notice): NoticeView {
  const credential = plate === null ? credentialOf(state, park, visit) : null;
  const vehicle = plate ?? (credential && credentialText(credential));
  return { id, kind, visit, plate, vehicle, at: utcText(at), queuedAt: utcText(queuedAt) };
}

function deadView(state: State, park: ParkId, { notice, at, code, message }: DeadNotice): DeadView {
  return { ...noticeView(state, park, notice), since: utcText(at), code, message };
}
