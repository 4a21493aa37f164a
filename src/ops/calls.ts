/** Lines for what is ordered of the arms, and for what Mallcoo asks. */
import type { AnswerCode } from '../core/errors.ts';
import type { BarrierOutcome } from '../core/park/commands.ts';
import type { OpenBarrier } from '../core/park/effects.ts';
import { type Credential, credentialText } from '../core/park/model.ts';
import { SECOND } from '../core/time.ts';
import type { Clock } from '../gateway/ports.ts';
import type { Line } from './log.ts';

const OUTCOMES: Readonly<Record<BarrierOutcome, string>> = {
  confirmed: 'arm opened',
  sent: 'arm ordered up; the device does not answer orders',
  refused: 'arm order refused',
  uncertain: 'arm order got no answer: look at the arm',
  expired: 'arm order dropped: its time had passed',
};

/** What became of an open order; `ms` runs from the order to its outcome. */
export function orderLine(order: OpenBarrier, vehicle: Credential | null, outcome: BarrierOutcome, ms: number): Line {
  const fields = { lane: order.lane, ...(vehicle ? { vehicle: credentialText(vehicle) } : {}), order: order.id, ms };
  const good = outcome === 'confirmed' || outcome === 'sent';
  const message = OUTCOMES[outcome];
  return {
    level: good ? 'info' : 'warn',
    message,
    ...(outcome === 'expired' ? { code: 'ORDER_EXPIRED' } : {}),
    fields,
  };
}

/** One call that was answered. */
export interface AnsweredCall {
  readonly path: string;
  readonly plate: string | null;
  readonly code: AnswerCode | null;
  readonly ms: number;
}

/** A person can follow so many lines a second; a caller that asks more often is counted, not listed. */
const LINES_PER_SECOND = 10;

/** Lines for Mallcoo's calls. Queries come in floods, so what is over the limit is told as a number. */
export function callLogger(clock: Clock, write: (line: Line) => void): (call: AnsweredCall) => void {
  let second = 0;
  let lines = 0;
  let silent = 0;
  return ({ path, plate, code, ms }) => {
    const now = Math.floor(clock.now() / SECOND);
    if (now !== second) {
      if (silent > 0) write({ level: 'info', message: `Mallcoo: ${silent} more calls, not listed` });
      second = now;
      lines = 0;
      silent = 0;
    }
    lines += 1;
    if (lines > LINES_PER_SECOND) {
      silent += 1;
      return;
    }
    const fields = { ...(plate === null ? {} : { vehicle: plate }), ms };
    write({ level: code === null ? 'info' : 'warn', message: `Mallcoo ${path}`, ...(code ? { code } : {}), fields });
  };
}
