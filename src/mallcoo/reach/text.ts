/** The faults of the way to Mallcoo, as they are told: what is wrong, where to look, what waits. Pure. */
import type { FaultCode, Said, Sentence } from '../../core/errors.ts';
import { fill, joined } from '../../core/sentence.ts';
import { formatLocal, type Instant, type Zone } from '../../core/time.ts';
import type { ReachState } from './machine.ts';

const NONE_REACHED: Sentence = { zh: '{points} 都连不上', en: 'none of {points} can be reached' };

/** What has not reached Mallcoo yet. */
export interface Waiting {
  readonly notices: number;
  /** Since when the oldest waits; null for none. */
  readonly since: Instant | null;
}

export interface ReachFault {
  readonly code: Extract<FaultCode, 'INTERNET_DOWN' | 'TUNNEL_DOWN' | 'MALLCOO_UNREACHABLE' | 'MALLCOO_REFUSING'>;
  readonly subject: 'internet' | 'tunnel' | 'mallcoo';
  readonly value: Sentence;
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
  const told = (why: Said): Sentence => joined([why, waits], '');
  const why = told(mallcoo?.why ?? '');
  const faults: ReachFault[] = [];
  if (raised.internet) {
    const none = fill(NONE_REACHED, { points: telling.points });
    faults.push({ code: 'INTERNET_DOWN', subject: 'internet', value: told(none) });
  }
  if (raised.tunnel) faults.push({ code: 'TUNNEL_DOWN', subject: 'tunnel', value: told(failure?.why ?? '') });
  if (raised.unreachable) faults.push({ code: 'MALLCOO_UNREACHABLE', subject: 'mallcoo', value: why });
  if (raised.refusing) faults.push({ code: 'MALLCOO_REFUSING', subject: 'mallcoo', value: why });
  return faults;
}

function waitingText({ waiting: { notices, since }, now, zone }: Telling): Said {
  if (notices === 0) return '';
  const one = notices === 1;
  const count = one ? '1 notice waits' : `${notices} notices wait`;
  if (since === null) return { zh: `；${notices} 条通知等待发送`, en: `; ${count}` };
  const [today] = formatLocal(now, zone).split(' ');
  const [day, time] = formatLocal(since, zone).split(' ');
  const from = day === today ? time : `${day} ${time}`;
  return {
    zh: `；${notices} 条通知等待发送，${one ? '' : '最早的'}从 ${from} 开始`,
    en: `; ${count},${one ? '' : ' the oldest'} since ${from}`,
  };
}
