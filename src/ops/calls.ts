/** Lines for what is ordered of the arms, and for what Mallcoo asks. */
import type { AnswerCode, Sentence } from '../core/errors.ts';
import type { BarrierOutcome } from '../core/park/commands.ts';
import type { OpenBarrier } from '../core/park/effects.ts';
import { type Credential, credentialText } from '../core/park/model.ts';
import { fill } from '../core/sentence.ts';
import { SECOND } from '../core/time.ts';
import type { Clock } from '../gateway/ports.ts';
import type { Line } from './log.ts';

const OUTCOMES: Readonly<Record<BarrierOutcome, Sentence>> = {
  confirmed: { zh: '已抬杆', en: 'arm opened' },
  sent: { zh: '已发抬杆指令；该设备不应答', en: 'arm ordered up; the device does not answer orders' },
  refused: { zh: '抬杆指令被拒绝', en: 'arm order refused' },
  uncertain: { zh: '抬杆指令没有应答，请到现场查看道闸', en: 'arm order got no answer: look at the arm' },
  expired: { zh: '抬杆指令已过时限，未发送', en: 'arm order dropped: its time had passed' },
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

const CALL: Sentence = { zh: '猫酷调用 {path}', en: 'Mallcoo {path}' };
const UNLISTED: Sentence = { zh: '猫酷：另有 {n} 次调用未列出', en: 'Mallcoo: {n} more calls, not listed' };

/** Lines for Mallcoo's calls. Queries come in floods, so what is over the limit is told as a number. */
export function callLogger(clock: Clock, write: (line: Line) => void): (call: AnsweredCall) => void {
  let second = 0;
  let lines = 0;
  let silent = 0;
  return ({ path, plate, code, ms }) => {
    const now = Math.floor(clock.now() / SECOND);
    if (now !== second) {
      if (silent > 0) write({ level: 'info', message: fill(UNLISTED, { n: String(silent) }) });
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
    const message = fill(CALL, { path });
    write({ level: code === null ? 'info' : 'warn', message, ...(code ? { code } : {}), fields });
  };
}
