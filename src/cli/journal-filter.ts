/** Which events of a journal a person asked for. */
import type { VisitId } from '../core/ids.ts';
import { type JournalRecord, type ParkEvent, placeOf } from '../core/park/events.ts';
import { type Credential, credentialKey } from '../core/park/model.ts';
import type { Instant } from '../core/time.ts';

export type EventType = ParkEvent['type'];

/** What is null is not asked. */
export interface Filter {
  /** A plate or a ticket, as `credentialKey` writes them: one of these. */
  readonly vehicle: readonly string[] | null;
  readonly visit: string | null;
  /** From this moment on, by the record's time. */
  readonly since: Instant | null;
  /** Before this moment, by the record's time. */
  readonly until: Instant | null;
  readonly types: ReadonlySet<EventType> | null;
  readonly lane: string | null;
}

export interface Matcher {
  /**
   * Learns which visits and orders are the vehicle's. Every record must pass here before it is asked for; where all
   * have, a visit is found also under a plate that it was given later.
   */
  learn(record: JournalRecord): void;
  /** Whether an event of the record is asked for. */
  matches(record: JournalRecord, event: ParkEvent): boolean;
}

export function matcher(filter: Filter): Matcher {
  const visits = new Set<string>(filter.visit === null ? [] : [filter.visit]);
  /** Barrier orders and notices of the vehicle. */
  const places = new Set<string>();
  const anyone = filter.vehicle === null && filter.visit === null;

  function isVehicle(credential: Credential): boolean {
    const key = credentialKey(credential);
    return key !== null && (filter.vehicle?.includes(key) ?? false);
  }

  function concerns(event: ParkEvent): boolean {
    const visit = visitOf(event);
    if (visit !== null && visits.has(visit)) return true;
    switch (event.type) {
      case 'entered':
      case 'held':
      case 'corrected':
      case 'passageNoted':
        return isVehicle(event.reading.credential);
      case 'paymentBooked':
      case 'paymentUnmatched':
      case 'paymentConflicted': {
        const { plate, barcode } = event.notice;
        if (plate !== null && isVehicle({ kind: 'plate', plate })) return true;
        return barcode !== null && isVehicle({ kind: 'ticket', barcode });
      }
      case 'letThrough':
        return isVehicle(event.credential);
      case 'superseded':
        return visits.has(event.by);
      case 'barrierDone':
        return places.has(event.order);
      case 'noticeDone':
      case 'noticeRetried':
        return places.has(event.noticeId);
      case 'left':
      case 'barrierOrdered':
      case 'sealed':
      case 'archived':
      case 'recalled':
      case 'stayed':
      case 'lineChanged':
      case 'swept':
      case 'noticeQueued':
        return false;
    }
  }

  return {
    learn(record) {
      if (anyone) return;
      for (const [index, event] of record.events.entries()) {
        if ((event.type === 'entered' || event.type === 'corrected') && isVehicle(event.reading.credential)) {
          visits.add(event.visit);
        }
        const begins = event.type === 'barrierOrdered' || event.type === 'noticeQueued';
        if (begins && event.visit !== null && visits.has(event.visit)) places.add(placeOf(record.seq, index));
      }
    },
    matches({ at }, event) {
      if (filter.since !== null && at < filter.since) return false;
      if (filter.until !== null && at >= filter.until) return false;
      if (filter.types !== null && !filter.types.has(event.type)) return false;
      if (filter.lane !== null && laneOf(event) !== filter.lane) return false;
      return anyone || concerns(event);
    },
  };
}

/** The visit that an event is about. */
export function visitOf(event: ParkEvent): VisitId | null {
  if (event.type === 'recalled') return event.visit?.id ?? event.order?.visit ?? null;
  return 'visit' in event ? event.visit : null;
}

/** The lane that an event happened in. */
export function laneOf(event: ParkEvent): string | null {
  return 'lane' in event ? event.lane : null;
}
