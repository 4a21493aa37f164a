/**
 * The answers as the standard's tables have them, read strictly: exact names, JSON numbers, whole 分 and minutes. Each
 * problem is a sentence that names the field and what it held.
 */
import { assertNever } from '../core/errors.ts';
import { parseLocal, zoneOf } from '../core/time.ts';
import type { CallName } from './request.ts';
import type { WireAnswer } from './wire.ts';

type Kind = 'text' | 'id' | 'time' | 'fen' | 'minutes' | 'count';

interface AnswerField {
  readonly name: string;
  readonly kind: Kind;
  /** 可空. */
  readonly optional?: boolean;
}

/** What each call answers besides `resCode` and `resMsg` (1.1, 1.2, 1.3: 返回值). */
export const ANSWER_FIELDS: Readonly<Record<CallName, readonly AnswerField[]>> = {
  GetParkingPaymentInfo: [
    { name: 'feeId', kind: 'id' },
    { name: 'entryTime', kind: 'time' },
    { name: 'parkingMinutes', kind: 'minutes' },
    { name: 'totalAmount', kind: 'fen' },
    { name: 'unPayAmount', kind: 'fen' },
    { name: 'deductionAmount', kind: 'fen' },
    { name: 'paidAmount', kind: 'fen' },
    { name: 'offlineDeduction', kind: 'text', optional: true },
  ],
  PayParkingFee: [],
  GetTraffic: [
    { name: 'inNum', kind: 'count' },
    { name: 'outNum', kind: 'count' },
  ],
};

const RES_FIELDS: readonly AnswerField[] = [{ name: 'resMsg', kind: 'text' }];

const EXPECTED: Readonly<Record<Kind, string>> = {
  text: 'text',
  id: 'text that is not empty',
  time: 'a local time like 2016-06-29 10:24:10',
  fen: 'a whole number of 分, 0 or more, as a JSON number',
  minutes: 'a whole number of minutes, 0 or more, as a JSON number',
  count: 'a whole number, 0 or more, as a JSON number',
};

const UTC = zoneOf('UTC');

function fits(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'id':
      return typeof value === 'string' && value.trim() !== '' && value.trim() === value;
    case 'time':
      return (
        typeof value === 'string' &&
        /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value) &&
        parseLocal(value, UTC) !== undefined
      );
    case 'fen':
    case 'minutes':
    case 'count':
      return Number.isSafeInteger(value) && Number(value) >= 0;
    default:
      return assertNever(kind);
  }
}

/** What is wrong with an answer that should be a success; empty when nothing is. */
export function successProblems(call: CallName, answer: WireAnswer): readonly string[] {
  const problems = bodyProblems(answer);
  if (answer.json === null) return problems;
  const { resCode, resMsg } = answer.json;
  const fields = ANSWER_FIELDS[call];
  const complete = fields.every(({ name, optional }) => optional || name in (answer.json ?? {}));
  if (resCode === 1 && fields.length > 0 && complete) {
    problems.push('resCode is 1 and yet the answer is complete: a success has resCode 0, or Mallcoo sends it again');
  } else if (resCode !== 0) {
    problems.push(`resCode is ${shown(resCode)} (resMsg ${shown(resMsg)}), and must be 0 here`);
    return problems;
  }
  if (answer.status !== 200) problems.push(`the HTTP status is ${answer.status}, and must be 200`);
  return [...problems, ...fieldProblems(answer.json, [...RES_FIELDS, ...fields])];
}

/**
 * What is wrong with an answer that should be a refusal; empty when nothing is.
 * @param statuses the HTTP statuses that are right for it.
 */
export function refusalProblems(answer: WireAnswer, statuses: readonly number[] = [200]): readonly string[] {
  const problems = bodyProblems(answer);
  if (!statuses.includes(answer.status)) {
    problems.push(`the HTTP status is ${answer.status}, and must be ${statuses.join(' or ')}`);
  }
  if (answer.json === null) return problems;
  const { resCode, resMsg } = answer.json;
  if (resCode !== 1) {
    problems.push(`resCode is ${shown(resCode)}, and must be 1: this had to be refused`);
    return problems;
  }
  if (typeof resMsg === 'string' && resMsg.trim() === '') problems.push('resMsg is empty, and must say why');
  return [...problems, ...fieldProblems(answer.json, RES_FIELDS)];
}

function bodyProblems({ json, contentType, status, text }: WireAnswer): string[] {
  if (json === null) return [`HTTP ${status} without a JSON object in it: ${shown(text)}`];
  return /^application\/json\b/i.test(contentType)
    ? []
    : [`the content type is ${shown(contentType)}, and must be application/json`];
}

function fieldProblems(json: Readonly<Record<string, unknown>>, wanted: readonly AnswerField[]): readonly string[] {
  const problems: string[] = [];
  const names = new Set(['resCode', ...wanted.map(({ name }) => name)]);
  for (const { name, kind, optional } of wanted) {
    const value = json[name];
    if (optional && (value === undefined || value === null)) continue;
    if (!(name in json)) problems.push(`${name} is missing${likeness(json, name)}`);
    else if (!fits(value, kind)) problems.push(`${name} is ${shown(value)}, and must be ${EXPECTED[kind]}`);
  }
  for (const name of Object.keys(json)) {
    if (!names.has(name)) problems.push(`${shown(name)} is no field of this answer`);
  }
  return problems;
}

/** The name that a missing field was probably written under. The standard's own example has `feeld`. */
function likeness(json: Readonly<Record<string, unknown>>, name: string): string {
  const plain = (text: string): string => text.trim().toLowerCase().replaceAll('l', 'i').replaceAll('_', '');
  const found = Object.keys(json).find((key) => plain(key) === plain(name));
  return found === undefined ? '' : `; ${shown(found)} is there, and must be spelt ${shown(name)}`;
}

/** Longest piece of an answer that a sentence repeats. */
const MAX_SHOWN = 120;

/** A value as JSON, so that blanks and text that looks like a number can be seen. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
