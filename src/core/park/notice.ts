/** What the car park has to tell Mallcoo (1.4), kept until it is told: the outbox. Entries are never changed, only replaced. */
import type { NoticeId, VisitId } from '../ids.ts';
import type { Plate } from '../plate.ts';
import type { Instant } from '../time.ts';

/** `entry`: 1.4. `exit`: the same the other way; the standard has none, sites may. */
export type NoticeKind = 'entry' | 'exit';

/** A vehicle came or went, and Mallcoo is to know. */
export interface Notice {
  readonly id: NoticeId;
  readonly kind: NoticeKind;
  readonly visit: VisitId;
  /** Null for a vehicle that is known by its ticket. */
  readonly plate: Plate | null;
  /** When it came or went. */
  readonly at: Instant;
  /** When it was put in the outbox: later than `at` for a backlog record or a plate that was read better. */
  readonly queuedAt: Instant;
}

/** A notice that will not be sent again unless a person says so. */
export interface DeadNotice {
  readonly notice: Notice;
  readonly at: Instant;
  /** What Mallcoo answered, as a code of its own (`2`, `1101`), or `gaveUp`. */
  readonly code: string;
  readonly message: string;
}

/** What became of a notice: Mallcoo has it, will never take it, or a person gave it up. */
export type NoticeOutcome =
  | { readonly outcome: 'confirmed' }
  | { readonly outcome: 'dead'; readonly code: string; readonly message: string }
  | { readonly outcome: 'dropped'; readonly reason: string };

/** In the order of their queueing; a notice that was revived by a person is the last. */
export interface Outbox {
  readonly waiting: Map<NoticeId, Notice>;
  /** The newest {@link MAX_DEAD}, oldest first. */
  readonly dead: Map<NoticeId, DeadNotice>;
}

/** Dead letters that are kept in each park: a park that Mallcoo does not know fills them with a week of entries at most. */
export const MAX_DEAD = 10_000;

export function emptyOutbox(): Outbox {
  return { waiting: new Map(), dead: new Map() };
}
