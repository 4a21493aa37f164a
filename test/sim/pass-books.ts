/** Books of passes, kept from committed records alone: who is in the park on days of a pass only owes nothing, and is not held. */
import type { VisitId } from '../../src/core/ids.ts';
import type { JournalRecord, ParkEvent } from '../../src/core/park/events.ts';
import { credentialKey } from '../../src/core/park/model.ts';
import { DAY, HOUR, type Instant } from '../../src/core/time.ts';
import type { Books, Fail } from './auditor.ts';
import type { PlannedPass } from './plan.ts';
import { START } from './site.ts';

/** Shanghai's clock, which is never changed. */
const OFFSET = 8 * HOUR;
const dayOf = (at: number): number => Math.floor((at + OFFSET) / DAY);

export function createPassBooks(fail: Fail, passes: readonly PlannedPass[]): Books {
  const visits = new Map<VisitId, { key: string | null; readonly from: Instant }>();

  /** Whether each day of a stay, the moment of its end not included, is one of a pass. */
  function isCovered(id: VisitId | null, to: Instant): boolean {
    const visit = id === null ? undefined : visits.get(id);
    if (!visit || to <= visit.from) return false;
    const mine = passes.filter(({ plate }) => plate === visit.key);
    for (let day = dayOf(visit.from); day <= dayOf(to - 1); day += 1) {
      const nth = day - dayOf(START);
      if (!mine.some(({ from, until }) => (from ?? nth) <= nth && nth <= (until ?? nth))) return false;
    }
    return true;
  }

  function apply(event: ParkEvent, now: Instant): void {
    switch (event.type) {
      case 'entered':
        visits.set(event.visit, { key: credentialKey(event.reading.credential), from: event.at });
        break;
      case 'corrected': {
        const visit = visits.get(event.visit);
        if (visit) visit.key = event.plate;
        break;
      }
      case 'held':
        if (isCovered(event.visit, now))
          fail('a pass is as good as money', `${event.visit} is held at ${event.lane} on a day of its pass`);
        break;
      case 'left': {
        if (!isCovered(event.visit, event.at)) break;
        if (event.gross !== 0) fail('a pass is as good as money', `${event.visit} left, charged ${event.gross} 分`);
        break;
      }
      default:
        break;
    }
  }

  return {
    record(record: JournalRecord) {
      for (const event of record.events) apply(event, record.at);
    },
    idle: () => undefined,
  };
}
