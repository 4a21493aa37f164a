/** One clause of the standard, or of how it is read, that a site can be asked to show. */
import type { Said, Sentence } from '../../core/errors.ts';
import { fill } from '../../core/sentence.ts';
import { DAY, formatLocal, type Instant, type Zone } from '../../core/time.ts';
import type { CallName, Fields, Proof, Transport } from '../request.ts';
import type { Send, WireAnswer, WireRequest } from '../wire.ts';

/** What is checked, and how far the check may go. */
export interface Target {
  readonly send: Send;
  readonly proof: Proof;
  /** Null where the site has one park. */
  readonly parkId: string | null;
  /** A test car that is in the park; null for none. */
  readonly plate: string | null;
  /** Whether money may be booked on the test car. */
  readonly pay: boolean;
  /** The park's zone. */
  readonly zone: Zone;
  readonly clock: { now(): Instant };
  /** A number that no order had before. */
  readonly newOrderNo: () => string;
}

/** The part of the standard a clause belongs to, in the order of the report. */
export type Part = 'transport' | 'tolerance' | '1.1' | '1.2' | '1.3' | 'concurrency' | 'errors' | 'auth';

export type Verdict =
  | { readonly type: 'pass' }
  | { readonly type: 'fail'; readonly problems: readonly Sentence[] }
  | { readonly type: 'skip'; readonly reason: Sentence };

/** What a clause needs: nothing, a test car to ask about, leave to book money on it, or a proof to be without. */
export type Needs = 'nothing' | 'car' | 'money' | 'proof';

export interface Clause {
  readonly part: Part;
  /** What a person would say is so. */
  readonly title: Sentence;
  readonly needs: Needs;
  /** @throws NoAnswer or Malformed, which fail the clause. */
  readonly run: (talk: Talk) => Promise<Verdict>;
}

export interface CallOptions {
  /** JSON by default. */
  readonly transport?: Transport;
  /** The target's own by default. */
  readonly proof?: Proof;
  /** Changes the call after it is written down, before it is proved. */
  readonly change?: (request: WireRequest) => WireRequest;
  /** Changes it after it is proved. */
  readonly tamper?: (request: WireRequest) => WireRequest;
  /** The moment that is signed; now by default. */
  readonly at?: Instant;
}

/** The conversation with the site; what is said and heard is kept for the report. */
export interface Talk {
  readonly target: Target;
  /** Makes a call with `parkId` in it. @throws NoAnswer when no answer came. */
  call(name: CallName, fields: Fields, options?: CallOptions): Promise<WireAnswer>;
}

/** A call got no answer: the clause has failed, whatever it wanted to see. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly sentence: Sentence;

  constructor(sentence: Sentence) {
    super(sentence.en);
    this.sentence = sentence;
  }
}

/** An answer does not have the form that its figures could be read from: the clause has failed for that. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  readonly problems: readonly Sentence[];

  constructor(problems: readonly Sentence[]) {
    super(problems.map(({ en }) => en).join('; '));
    this.problems = problems;
  }
}

export const skip = (reason: Sentence): Verdict => ({ type: 'skip', reason });

/** Passes when there are no problems; each is told once. */
export function judge(...problems: readonly (readonly Sentence[] | Sentence | null)[]): Verdict {
  const told = problems.flatMap((entry) => entry ?? []);
  const found = [...new Map(told.map((problem) => [problem.en, problem])).values()];
  return found.length === 0 ? { type: 'pass' } : { type: 'fail', problems: found };
}

const ABSENT: Sentence = { zh: '（无）', en: 'absent' };
const DIFFERS: Sentence = { zh: '{what} 为 {is}，应为 {should}', en: '{what} is {is}, and must be {should}' };

/** The sentence when two things that must be equal are not; null when they are. */
export function differs(what: Said, found: unknown, wanted: unknown): Sentence | null {
  const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
  return is === should ? null : fill(DIFFERS, { what, is: is ?? ABSENT, should: should ?? ABSENT });
}

/** A moment of the past as the park's clock showed it. @param ago in ms. */
export function moment({ clock, zone }: Target, ago: number): string {
  return formatLocal((clock.now() - ago) as Instant, zone);
}

/** The day before yesterday: what is counted of it stands still. */
export function pastDay(target: Target): { readonly startTime: string; readonly endTime: string } {
  const midnight = (ago: number): string => `${moment(target, ago).slice(0, 10)} 00:00:00`;
  return { startTime: midnight(2 * DAY), endTime: midnight(DAY) };
}
