/** What `gatepost mallcoo check` prints. */
import { assertNever, type Language, type Sentence } from '../core/errors.ts';
import { inWords, isSentence } from '../core/sentence.ts';
import type { ClauseResult, Exchange } from '../mallcoo-client/check/check.ts';
import { pad } from '../text-width.ts';

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

/** One clause, as it ends. */
export function resultText({ part, title, verdict, exchanges }: ClauseResult, language: Language): string {
  const say = (sentence: Sentence): string => sentence[language];
  const head = `${part.padEnd(11)} ${say(title)}`;
  const timed = `${pad(head, TIME_COLUMN)} ${timeText(exchanges, language)}`;
  switch (verdict.type) {
    case 'skip': {
      const reason = say(verdict.reason);
      return `  - ${head} ${say({ zh: `（跳过：${reason}）`, en: `(skipped: ${reason})` })}\n`;
    }
    case 'pass':
      return `  ✓ ${timed}\n`;
    case 'fail': {
      const problems = verdict.problems.map((problem) => `        ${say(problem)}\n`).join('');
      const shown = exchanges.slice(-MAX_SHOWN);
      const left = exchanges.length - shown.length;
      const more = { zh: `… 之前还有 ${left} 次调用：见 --json`, en: `… ${left} earlier calls: see --json` };
      const earlier = left > 0 ? `        ${say(more)}\n` : '';
      const names = { sent: say({ zh: '发送', en: 'sent' }), got: say({ zh: '收到', en: 'got ' }) };
      const talk = shown
        .map(({ sent, got }) => `        ${names.sent} ${sent}\n        ${names.got} ${inWords(got, language)}\n`)
        .join('');
      return `  ✗ ${timed}\n${problems}${earlier}${talk}`;
    }
    default:
      return assertNever(verdict);
  }
}

function timeText(exchanges: readonly Exchange[], language: Language): string {
  const { calls, medianMs } = timesOf(exchanges);
  const ms = `${medianMs.toFixed(1).padStart(6)} ms`;
  return calls === 1 ? ms : { zh: `${ms}，${calls} 次的中位数`, en: `${ms}, median of ${calls}` }[language];
}

export function summaryText(summary: Summary): Sentence {
  const { passed, failed, skipped, calls } = summary;
  const [median, slowest] = [summary.medianMs, summary.slowestMs].map((ms) => `${ms.toFixed(1)} ms`);
  return {
    zh: `\n通过 ${passed}，不通过 ${failed}，跳过 ${skipped}；调用 ${calls} 次，中位数 ${median}，最慢 ${slowest}。\n`,
    en: `\n${passed} passed, ${failed} failed, ${skipped} skipped; ${calls} ${calls === 1 ? 'call' : 'calls'}, median ${median}, slowest ${slowest}.\n`,
  };
}

/** The whole as one JSON document; what is said in it is in the reader's language. */
export function jsonReport(
  url: string,
  summary: Summary,
  results: readonly ClauseResult[],
  language: Language,
): string {
  const clauses = results.map(({ part, title, verdict, exchanges }) => {
    const { type, ...why } = verdict;
    return { part, title, verdict: type, ...why, exchanges };
  });
  const inOne = (_: string, value: unknown): unknown => (isSentence(value) ? value[language] : value);
  return `${JSON.stringify({ url, ...summary, clauses }, inOne, 2)}\n`;
}
