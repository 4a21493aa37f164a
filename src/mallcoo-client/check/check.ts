/** Runs the clauses against a site, one after another, and keeps what was said and heard. */
import type { Said, Sentence } from '../../core/errors.ts';
import { fill } from '../../core/sentence.ts';
import { prove, requestOf } from '../request.ts';
import type { Outcome, WireRequest } from '../wire.ts';
import {
  type Clause,
  judge,
  Malformed,
  NoAnswer,
  type Part,
  skip,
  type Talk,
  type Target,
  type Verdict,
} from './clause.ts';
import { CONCURRENCY, INFO } from './info.ts';
import { MONEY, PAYMENT } from './payment.ts';
import { TRAFFIC } from './traffic.ts';
import { AUTH, ERRORS, TRANSPORTS } from './wires.ts';

/** Every clause, in the order of the conversation: what books money comes last. */
export const CLAUSES: readonly Clause[] = [
  ...TRANSPORTS,
  ...INFO,
  ...TRAFFIC,
  ...PAYMENT,
  ...ERRORS,
  ...AUTH,
  ...CONCURRENCY,
  ...MONEY,
];

export interface Exchange {
  /** Without the proof: no token or signature gets into a report. */
  readonly sent: string;
  readonly got: Said;
  /** The HTTP status; null when no answer came. */
  readonly status: number | null;
  readonly ms: number;
}

export interface ClauseResult {
  readonly part: Part;
  readonly title: Sentence;
  readonly verdict: Verdict;
  readonly exchanges: readonly Exchange[];
}

const UNANSWERED: Sentence = { zh: '{name} 没有回答：{reason}', en: '{name} got no answer: {reason}' };
const NOTHING: Sentence = { zh: '没有：{reason}', en: 'nothing: {reason}' };

/** Longest call or answer that the report repeats, in characters. */
const MAX_TOLD = 600;
const cut = (text: string): string => (text.length > MAX_TOLD ? `${text.slice(0, MAX_TOLD)}…` : text);

/**
 * Checks a site. A clause that its target does not allow for is skipped. When the first call is not answered, or turned
 * away for want of a proof, the rest is skipped: there is nothing to learn, and a site slows down who goes on knocking.
 * @param onResult told of each clause as it ends.
 */
export async function checkSite(
  target: Target,
  onResult: (result: ClauseResult) => void = () => {},
): Promise<readonly ClauseResult[]> {
  const results: ClauseResult[] = [];
  let closed: Sentence | null = null;
  for (const clause of CLAUSES) {
    const result: ClauseResult = closed === null ? await runClause(clause, target) : told(clause, skip(closed), []);
    if (results.length === 0) closed = closedDoor(result);
    results.push(result);
    onResult(result);
  }
  return results;
}

/** Why there is no use in going on after the first clause; null when there is. */
function closedDoor({ exchanges }: ClauseResult): Sentence | null {
  const status = exchanges[0]?.status ?? null;
  if (status === null) return { zh: '没有回答', en: 'nobody answers' };
  const shut = status === 401 || status === 403;
  return shut ? { zh: '站点不接受这个调用方', en: 'the site does not let this caller in' } : null;
}

function told({ part, title }: Clause, verdict: Verdict, exchanges: readonly Exchange[]): ClauseResult {
  return { part, title, verdict, exchanges };
}

/** Why a clause cannot be asked of this target; null when it can. */
function hindrance({ needs }: Clause, { plate, pay, proof }: Target): Sentence | null {
  if ((needs === 'car' || needs === 'money') && plate === null)
    return { zh: '需要一辆在场的测试车', en: 'needs a test car in the park' };
  if (needs === 'money' && !pay)
    return { zh: '需要允许在测试车上入账', en: 'needs leave to book money on the test car' };
  if (needs === 'proof' && proof.type === 'none')
    return { zh: '没有给出 token 或密钥', en: 'no token or key was given' };
  return null;
}

async function runClause(clause: Clause, target: Target): Promise<ClauseResult> {
  const reason = hindrance(clause, target);
  if (reason !== null) return told(clause, skip(reason), []);
  const exchanges: Exchange[] = [];
  try {
    return told(clause, await clause.run(converse(target, exchanges)), exchanges);
  } catch (error) {
    if (error instanceof Malformed) return told(clause, judge(error.problems), exchanges);
    if (error instanceof NoAnswer) return told(clause, judge(error.sentence), exchanges);
    throw error;
  }
}

function converse(target: Target, exchanges: Exchange[]): Talk {
  return {
    target,
    async call(name, fields, options = {}) {
      const { transport = 'json', proof = target.proof, at = target.clock.now() } = options;
      const { change = (request) => request, tamper = (request) => request } = options;
      const park = target.parkId === null ? {} : { parkId: target.parkId };
      const request = change(requestOf(name, { ...park, ...fields }, transport));
      const outcome = await target.send(tamper(prove(request, proof, at)));
      const status = outcome.type === 'lost' ? null : outcome.status;
      exchanges.push({ sent: sentText(request), got: gotText(outcome), status, ms: outcome.ms });
      if (outcome.type === 'lost') throw new NoAnswer(fill(UNANSWERED, { name, reason: outcome.reason }));
      return outcome;
    },
  };
}

function sentText({ method, path, query, body }: WireRequest): string {
  return cut([method, query === '' ? path : `${path}?${decodeURIComponent(query)}`, body].filter(Boolean).join(' '));
}

function gotText(outcome: Outcome): Said {
  if (outcome.type === 'answered') return cut(`${outcome.status} ${outcome.text}`.trim());
  return fill(NOTHING, { reason: outcome.reason });
}
