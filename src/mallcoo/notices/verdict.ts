/** What an answer to a notice means (1.4). Pure. */
import type { Said, Sentence } from '../../core/errors.ts';
import { fill } from '../../core/sentence.ts';
import { MINUTE, SECOND } from '../../core/time.ts';
import type { Answered, PostOutcome } from './post.ts';

/**
 * `unreachable`: nobody who could say yes or no has answered. `refusing`: somebody answers, and does not take notices.
 * Both may end by themselves, so the notice is sent again.
 */
export type NoticeTrouble = 'unreachable' | 'refusing';

export type Verdict =
  | { readonly type: 'confirmed' }
  /** It will never be taken as it is: 参数错误, or a car park that Mallcoo does not know. */
  | { readonly type: 'permanent'; readonly code: string; readonly message: string }
  | {
      readonly type: 'failed';
      readonly trouble: NoticeTrouble;
      /** For people. */
      readonly why: Said;
      /** How long the receiver wants to be left alone, in ms; 0 when it does not say. */
      readonly leaveAloneMs: number;
    };

const NO_CODE: Sentence = {
  zh: 'HTTP {status}，其中没有 Code：{text}',
  en: 'HTTP {status} without a Code in it: {text}',
};

/** Answers 1.4 gives a meaning to. */
const DONE = 1;
const PERMANENT: readonly number[] = [2, 1101];

/** A receiver that wants to be left alone for longer is asked all the same after so long, in ms. */
export const MAX_LEAVE_ALONE_MS = 15 * MINUTE;
/** Of what a receiver writes no more than so many characters are kept: dead letters stand in the journal. */
const MAX_MESSAGE = 200;

/** Judges what came of sending a notice. Only a JSON object with `Code` 1 in an answer of success confirms one. */
export function verdictOf(outcome: PostOutcome): Verdict {
  if (outcome.type === 'lost') return failed('unreachable', outcome.reason);
  const { status } = outcome;
  if (status >= 500 || status === 408 || status === 429) {
    return { ...failed('unreachable', `HTTP ${status}`), leaveAloneMs: leaveAlone(outcome) };
  }
  const { code, message } = read(outcome.text);
  const said = code === null ? '' : `, Code ${code}${message === '' ? '' : ` (${message})`}`;
  if (status >= 300 && status < 400)
    return failed('refusing', {
      zh: `HTTP ${status}：跳转，不跟随`,
      en: `HTTP ${status}: a redirect, which is not followed`,
    });
  if (status < 200 || status >= 300) return failed('refusing', `HTTP ${status}${said}`);
  if (code === null) return failed('refusing', fill(NO_CODE, { status: String(status), text: begin(outcome.text) }));
  if (code === DONE) return { type: 'confirmed' };
  if (PERMANENT.includes(code)) return { type: 'permanent', code: String(code), message };
  return failed('refusing', `Code ${code}${message === '' ? '' : ` (${message})`}`);
}

function failed(trouble: NoticeTrouble, why: Said): Extract<Verdict, { type: 'failed' }> {
  return { type: 'failed', trouble, why, leaveAloneMs: 0 };
}

interface Read {
  /** Null when the answer is none of Mallcoo's. */
  readonly code: number | null;
  readonly message: string;
}

/** `Code` as a number or a numeric text, the names in any case: adapters differ. */
function read(text: string | null): Read {
  const fields = new Map(entriesOf(text).map(([name, value]) => [name.trim().toLowerCase(), value]));
  const message = fields.get('message');
  return {
    code: numberOf(fields.get('code')),
    message: typeof message === 'string' ? message.trim().slice(0, MAX_MESSAGE) : '',
  };
}

function entriesOf(text: string | null): readonly (readonly [string, unknown])[] {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  } catch {
    return [];
  }
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'string' && /^\s*-?\d{1,9}\s*$/.test(value)) return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** How an answer begins that is none, so that a person sees whose page it is. */
function begin(text: string | null): Said {
  if (text === null) return { zh: '过长', en: 'too long' };
  const start = text.trim().slice(0, 60);
  return start === '' ? { zh: '空', en: 'empty' } : start;
}

/**
 * `Retry-After` in seconds, or as a moment, which is held against the answer's own `Date`: the two are of one clock, ours
 * may be wrong.
 */
function leaveAlone({ retryAfter, date }: Answered): number {
  if (retryAfter === null) return 0;
  const wanted = /^\d{1,9}$/.test(retryAfter.trim())
    ? Number(retryAfter) * SECOND
    : Date.parse(retryAfter) - Date.parse(date ?? '');
  return Number.isNaN(wanted) ? 0 : Math.min(Math.max(wanted, 0), MAX_LEAVE_ALONE_MS);
}
