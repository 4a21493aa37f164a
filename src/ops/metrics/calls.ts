/** Mallcoo's calls as figures. Queries come by the ten thousand a second: to note one is two look-ups and two additions. */
import type { AnswerCode } from '../../core/errors.ts';
import { SECOND } from '../../core/time.ts';
import { CALL_SECONDS } from './buckets.ts';
import { type Histogram, type HistogramReading, histogram, type Labels } from './instruments.ts';

/** One call that was answered. */
export interface MeasuredCall {
  /** The standard's name of the call, or the path that is none. */
  readonly path: string;
  /** Null for success. */
  readonly code: AnswerCode | null;
  readonly status: number;
  /** From its headers to its answer. */
  readonly ms: number;
}

export interface CallMeter {
  note(call: MeasuredCall): void;
  counts(): Iterable<readonly [labels: Labels, value: number]>;
  authFailures(): Iterable<readonly [labels: Labels, value: number]>;
  times(): Iterable<readonly [labels: Labels, reading: HistogramReading]>;
}

/** What is asked of paths that there are not is one: whoever calls chooses them. */
const OTHER = 'other';
const CALLS: readonly string[] = ['GetParkingPaymentInfo', 'PayParkingFee', 'GetTraffic'];
const UNPROVED: readonly AnswerCode[] = ['UNAUTHORISED', 'TIME_STAMP_FAR', 'REPLAYED'];
/** Answered so, a caller was held back for a while: its time says nothing of ours. */
const SLOWED = 429;
const OK = 'OK';

interface CallFigures {
  readonly time: Histogram;
  /** By code, and status: a code has two at most. */
  readonly codes: Map<AnswerCode | typeof OK, Map<number, { count: number }>>;
}

export function callMeter(): CallMeter {
  const other = figuresOf();
  const calls = new Map(CALLS.map((call) => [call, figuresOf()] as const)).set(OTHER, other);
  const each = function* (): Generator<readonly [call: string, code: string, status: number, count: number]> {
    for (const [call, { codes }] of calls)
      for (const [code, statuses] of codes)
        for (const [status, { count }] of statuses) yield [call, code, status, count];
  };
  // Successes are there from the start, so that the first one is seen as a step.
  for (const call of CALLS) calls.get(call)?.codes.set(OK, new Map([[200, { count: 0 }]]));
  return {
    note({ path, code, status, ms }) {
      const { time, codes } = calls.get(path) ?? other;
      const key = code ?? OK;
      const cell = codes.get(key)?.get(status);
      if (cell) cell.count += 1;
      else codes.set(key, (codes.get(key) ?? new Map()).set(status, { count: 1 }));
      if (status !== SLOWED) time.observe(ms / SECOND);
    },
    counts: () => [...each()].map(([call, code, status, count]) => [[call, code, String(status)], count] as const),
    authFailures: () =>
      UNPROVED.map((code) => {
        const counts = [...each()].filter((one) => one[1] === code).map((one) => one[3]);
        return [[code], counts.reduce((sum, count) => sum + count, 0)] as const;
      }),
    times: () =>
      [...calls].filter(([call]) => call !== OTHER).map(([call, { time }]) => [[call], time.read()] as const),
  };
}

function figuresOf(): CallFigures {
  return { time: histogram(CALL_SECONDS), codes: new Map() };
}
