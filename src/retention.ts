/** What is old moves to the archive, and what is older than that is removed: at the start, and looked at every hour. */
import type { Sentence } from './core/errors.ts';
import type { ParkId } from './core/ids.ts';
import type { World } from './core/park/model.ts';
import type { ParkState } from './core/park/state.ts';
import { fill } from './core/sentence.ts';
import { DAY, firstAt, formatLocal, HOUR, type Instant, type Zone } from './core/time.ts';
import { type Clock, type Faults, type Gateway, GatewayStopped, type Log } from './gateway/ports.ts';
import { errorSaid } from './store/files.ts';
import type { Store } from './store/store.ts';

const WAS_EMPTY: Sentence = { zh: '文件是空的', en: 'it was empty' };
const LAST_MOMENT: Sentence = { zh: '其中最晚的时间是 {at}', en: 'its last moment is {at}' };
const FILE_REMOVED: Sentence = { zh: '归档文件已到保留期，已删除', en: 'retention removed a file of the archive' };
const SEGMENTS_REMOVED: Sentence = {
  zh: '日志账本最早的文件已到保留期，已删除',
  en: "retention removed the journal's oldest files",
};

/** Days, each 1 or more. */
export interface RetentionDays {
  /** Closed visits and passages in memory. */
  readonly keepClosedDays: number;
  /** Visits and payments in the archive. */
  readonly archiveDays: number;
  /** Passages in the archive. */
  readonly keepTrafficDays: number;
  /** The journal's files. */
  readonly keepJournalDays: number;
}

export interface RetentionParts {
  readonly gateway: Gateway;
  readonly store: Pick<Store, 'archive' | 'dropSegmentsBefore'>;
  readonly days: RetentionDays;
  readonly world: () => World;
  /** For a park that is no longer configured. */
  readonly zone: Zone;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly log: Log;
}

export interface Retention {
  /** Waits for the run under way, if there is one. */
  stop(): Promise<void>;
}

/** Starts it: one run now, and one each hour. A failed run raises ARCHIVE_FAILED, and the next one goes on from there. */
export function startRetention(parts: RetentionParts): Retention {
  let running: Promise<void> | null = null;
  const look = (): void => {
    running ??= run(parts).finally(() => {
      running = null;
    });
  };
  const { oldest, newest, ...counts } = parts.store.archive.stats();
  const local = (at: Instant | null): string | null => (at === null ? null : formatLocal(at, parts.zone));
  parts.log.info({ zh: '归档', en: 'the archive' }, { ...counts, from: local(oldest), to: local(newest) });
  look();
  const hourly = setInterval(look, HOUR);
  return {
    async stop() {
      clearInterval(hourly);
      await running;
    },
  };
}

/** One run. Never rejects. */
export async function run(parts: RetentionParts): Promise<void> {
  const { gateway, faults } = parts;
  try {
    for (const park of gateway.state().parks.keys()) await archivePark(parts, park);
    await removeOld(parts);
    faults.clear('ARCHIVE_FAILED', 'archive');
  } catch (error) {
    if (error instanceof GatewayStopped) return;
    faults.raise('ARCHIVE_FAILED', 'archive', errorSaid(error));
  }
}

/** Removes what is older than is to be kept. Age is counted to the latest moment archived: a clock may be years ahead. */
async function removeOld(parts: RetentionParts): Promise<void> {
  const { store, days, clock, log } = parts;
  const keep = { visitsMs: days.archiveDays * DAY, trafficMs: days.keepTrafficDays * DAY };
  for (const { file, park, newest } of await store.archive.tidy(keep, clock.now())) {
    const why = newest === null ? WAS_EMPTY : fill(LAST_MOMENT, { at: formatLocal(newest, zoneOf(parts, park)) });
    log.info(FILE_REMOVED, { file, why });
  }
  const latest = Math.min(clock.now(), store.archive.stats().newest ?? 0);
  const files = await store.dropSegmentsBefore((latest - days.keepJournalDays * DAY) as Instant);
  if (files > 0) log.info(SEGMENTS_REMOVED, { files, days: days.keepJournalDays });
}

/** Hands over all that is old enough: a batch for each day, so that none is large, and a file is a day. */
async function archivePark(parts: RetentionParts, park: ParkId): Promise<void> {
  const { gateway, clock, days } = parts;
  const zone = zoneOf(parts, park);
  await handOver(parts, park);
  const target = startOfDay((clock.now() - days.keepClosedDays * DAY) as Instant, zone);
  for (;;) {
    const bound = Math.min(target, dayAfterFirst(gateway.state().parks.get(park), zone) ?? target) as Instant;
    await gateway.submit({ type: 'seal', park, closedBefore: bound, passagesBefore: bound });
    await handOver(parts, park);
    if (bound === target) return;
  }
}

/** Archives the sealed batch, if there is one. Only when its files are safe does the state let go of it. */
async function handOver({ gateway, store, log }: RetentionParts, park: ParkId): Promise<void> {
  const sealed = gateway.state().parks.get(park)?.sealed;
  if (!sealed) return;
  await store.archive.put(park, sealed);
  await gateway.submit({ type: 'archived', park, batch: sealed.batch });
  const { batch, visits, ledger, passages } = sealed;
  const counts = { visits: visits.size, orders: ledger.size, passages: passages.in.length + passages.out.length };
  log.info({ zh: '已归档', en: 'archived' }, { park, batch, ...counts });
}

/** The end of the day in which the visit that was closed first ended. */
function dayAfterFirst(state: ParkState | undefined, zone: Zone): Instant | null {
  const first = state?.closed.values().next().value?.end?.at;
  return first === undefined ? null : startOfDay((startOfDay(first, zone) + 1.5 * DAY) as Instant, zone);
}

/** A park's days are those of its own zone. */
function zoneOf({ world, zone }: RetentionParts, park: ParkId): Zone {
  return world().parks.get(park)?.zone ?? zone;
}

function startOfDay(at: Instant, zone: Zone): Instant {
  const local = at + zone.offsetAt(at);
  return firstAt(local - (((local % DAY) + DAY) % DAY), zone);
}
