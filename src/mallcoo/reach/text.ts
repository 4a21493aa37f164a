/** The faults of the way to Mallcoo, as they are told: what is wrong, where to look, what waits. Pure. */
import type { FaultCode } from '../../core/errors.ts';
import { formatLocal, type Instant, type Zone } from '../../core/time.ts';
import type { ReachState } from './machine.ts';

/** What has not reached Mallcoo yet. */
export interface Waiting {
  readonly notices: number;
  /** Since when the oldest waits; null for none. */
  readonly since: Instant | null;
}

export interface ReachFault {
  readonly code: Extract<FaultCode, 'INTERNET_DOWN' | 'TUNNEL_DOWN' | 'MALLCOO_UNREACHABLE' | 'MALLCOO_REFUSING'>;
  readonly subject: 'internet' | 'tunnel' | 'mallcoo';
  readonly value: string;
}

export interface Telling {
  readonly waiting: Waiting;
  /** The reference points, for the person who wants to try them: `223.5.5.5:53, 119.29.29.29:53`. */
  readonly points: string;
  readonly now: Instant;
  readonly zone: Zone;
}

/** The faults that are raised in this state. */
export function faultsOf({ raised, failure, mallcoo }: ReachState, telling: Telling): readonly ReachFault[] {
  const waits = waitingText(telling);
  const why = mallcoo?.why ?? '';
  const faults: ReachFault[] = [];
  if (raised.internet) {
    const value = `none of ${telling.points} can be reached${waits}`;
    faults.push({ code: 'INTERNET_DOWN', subject: 'internet', value });
  }
  if (raised.tunnel) faults.push({ code: 'TUNNEL_DOWN', subject: 'tunnel', value: `${failure?.why ?? ''}${waits}` });
  if (raised.unreachable) faults.push({ code: 'MALLCOO_UNREACHABLE', subject: 'mallcoo', value: `${why}${waits}` });
  if (raised.refusing) faults.push({ code: 'MALLCOO_REFUSING', subject: 'mallcoo', value: `${why}${waits}` });
  return faults;
}

function waitingText({ waiting: { notices, since }, now, zone }: Telling): string {
  if (notices === 0) return '';
  const count = notices === 1 ? '1 notice waits' : `${notices} notices wait`;
  if (since === null) return `; ${count}`;
  const [today] = formatLocal(now, zone).split(' ');
  const [day, time] = formatLocal(since, zone).split(' ');
  return `; ${count},${notices === 1 ? '' : ' the oldest'} since ${day === today ? time : `${day} ${time}`}`;
}
