/** The faults that are raised now: the log tells when one comes and goes, the health page which are there. */
import { ERRORS, type FaultCode, type Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import { type Instant, SECOND } from '../core/time.ts';
import type { Clock, Faults } from '../gateway/ports.ts';
import type { Line } from './log.ts';

export interface RaisedFault {
  readonly code: FaultCode;
  readonly subject: string;
  readonly text: Sentence;
  readonly since: Instant;
}

const COMES: Sentence = { zh: '故障 {subject}：{text}', en: 'FAULT {subject}: {text}' };
const GOES: Sentence = { zh: '恢复 {subject}，历时 {seconds} 秒', en: 'CLEARED {subject} after {seconds} s' };

export interface FaultBoard extends Faults {
  /** The raised faults, oldest first. */
  raised(): readonly RaisedFault[];
}

export function createFaults(options: { readonly clock: Clock; readonly line: (line: Line) => void }): FaultBoard {
  const { clock, line } = options;
  const board = new Map<string, RaisedFault>();
  const key = (code: FaultCode, subject: string): string => `${code} ${subject}`;
  return {
    raise(code, subject, value = '') {
      const text = fill(ERRORS[code], { value });
      const before = board.get(key(code, subject));
      board.set(key(code, subject), { code, subject, text, since: before?.since ?? clock.now() });
      if (!before) line({ level: 'error', code, message: fill(COMES, { subject, text }), fields: {} });
    },
    clear(code, subject) {
      const fault = board.get(key(code, subject));
      if (!fault) return;
      board.delete(key(code, subject));
      const seconds = Math.round((clock.now() - fault.since) / SECOND);
      line({ level: 'info', code, message: fill(GOES, { subject, seconds: String(seconds) }), fields: {} });
    },
    raised: () => [...board.values()],
  };
}
