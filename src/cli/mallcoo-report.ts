/** What `gatepost mallcoo check` prints. */
import { assertNever } from '../core/errors.ts';
import type { ClauseResult, Exchange } from '../mallcoo-client/check/check.ts';

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly calls: number;
  /** Of all calls, in ms. */
  readonly medianMs: number;
  readonly slowestMs: number;
}

export function summaryOf(results: readonly ClauseResult[]): Summary {
  const count = (type: ClauseResult['verdict']['type']): number =>
    results.filter(({ verdict }) => verdict.type === type).length;
  const times = timesOf(results.flatMap(({ exchanges }) => exchanges));
  return { passed: count('pass'), failed: count('fail'), skipped: count('skip'), ...times };
}

function timesOf(exchanges: readonly Exchange[]): Pick<Summary, 'calls' | 'medianMs' | 'slowestMs'> {
  const ms = exchanges.map((exchange) => exchange.ms).sort((a, b) => a - b);
  return { calls: ms.length, medianMs: ms[Math.floor(ms.length / 2)] ?? 0, slowestMs: ms.at(-1) ?? 0 };
}

/** Exchanges that a failed clause shows; the JSON report has all. */
const MAX_SHOWN = 5;
/** Where the times stand, in columns. */
const TIME_COLUMN = 110;

export function resultText({ part, title, verdict, exchanges }: ClauseResult): string {
  const head = `${part.padEnd(11)} ${title}`;
  switch (verdict.type) {
    case 'skip':
      return `  - ${head} (skipped: ${verdict.reason})\n`;
    case 'pass':
      return `  ✓ ${head.padEnd(TIME_COLUMN)} ${timeText(exchanges)}\n`;
    case 'fail': {
      const problems = verdict.problems.map((problem) => `        ${problem}\n`).join('');
      const shown = exchanges.slice(-MAX_SHOWN);
      const left = exchanges.length - shown.length;
      const earlier = left > 0 ? `        … ${left} earlier calls: see --json\n` : '';
      const talk = shown.map(({ sent, got }) => `        sent ${sent}\n        got  ${got}\n`).join('');
      return `  ✗ ${head.padEnd(TIME_COLUMN)} ${timeText(exchanges)}\n${problems}${earlier}${talk}`;
    }
    default:
      return assertNever(verdict);
  }
}

function timeText(exchanges: readonly Exchange[]): string {
  const { calls, medianMs } = timesOf(exchanges);
  const ms = `${medianMs.toFixed(1).padStart(6)} ms`;
  return calls === 1 ? ms : `${ms}, median of ${calls}`;
}

export function summaryText({ passed, failed, skipped, calls, medianMs, slowestMs }: Summary): string {
  const times = `${calls} ${calls === 1 ? 'call' : 'calls'}, median ${medianMs.toFixed(1)} ms, slowest ${slowestMs.toFixed(1)} ms`;
  return `\n${passed} passed, ${failed} failed, ${skipped} skipped; ${times}.\n`;
}

export function jsonReport(url: string, summary: Summary, results: readonly ClauseResult[]): string {
  const clauses = results.map(({ part, title, verdict, exchanges }) => {
    const { type, ...why } = verdict;
    return { part, title, verdict: type, ...why, exchanges };
  });
  return `${JSON.stringify({ url, ...summary, clauses }, null, 2)}\n`;
}
