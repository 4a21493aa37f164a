/**
 * The answers as the standard's tables have them, read strictly: exact names, JSON numbers, whole 分 and minutes. Each
 * problem is a sentence that names the field and what it held.
 */
import { assertNever, type Said, type Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
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

const EXPECTED: Readonly<Record<Kind, Sentence>> = {
  text: { zh: '文本', en: 'text' },
  id: { zh: '非空文本', en: 'text that is not empty' },
  time: { zh: '2016-06-29 10:24:10 这样的当地时间', en: 'a local time like 2016-06-29 10:24:10' },
  fen: {
    zh: '以分为单位的整数，不小于 0，JSON 数字',
    en: 'a whole number of 分, 0 or more, as a JSON number',
  },
  minutes: {
    zh: '整数分钟，不小于 0，JSON 数字',
    en: 'a whole number of minutes, 0 or more, as a JSON number',
  },
  count: { zh: '整数，不小于 0，JSON 数字', en: 'a whole number, 0 or more, as a JSON number' },
};

const COMPLETE: Sentence = {
  zh: 'resCode 为 1，回答却是完整的：成功时 resCode 为 0，否则猫酷会再次发送',
  en: 'resCode is 1 and yet the answer is complete: a success has resCode 0, or Mallcoo sends it again',
};
const NO_SUCCESS: Sentence = {
  zh: 'resCode 为 {code}（resMsg {message}），此处应为 0',
  en: 'resCode is {code} (resMsg {message}), and must be 0 here',
};
const NO_REFUSAL: Sentence = {
  zh: 'resCode 为 {code}，应为 1：这里应当拒绝',
  en: 'resCode is {code}, and must be 1: this had to be refused',
};
const NO_REASON: Sentence = { zh: 'resMsg 为空，应说明原因', en: 'resMsg is empty, and must say why' };
const NO_JSON: Sentence = {
  zh: 'HTTP {status}，内容不是 JSON 对象：{text}',
  en: 'HTTP {status} without a JSON object in it: {text}',
};
const OTHER_TYPE: Sentence = {
  zh: 'Content-Type 为 {type}，应为 application/json',
  en: 'the content type is {type}, and must be application/json',
};
const MISSING: Sentence = { zh: '缺少 {name}{likeness}', en: '{name} is missing{likeness}' };
const LIKENESS: Sentence = {
  zh: '；有 {found}，应写作 {name}',
  en: '; {found} is there, and must be spelt {name}',
};
const UNFIT: Sentence = { zh: '{name} 为 {value}，应为{expected}', en: '{name} is {value}, and must be {expected}' };
const NO_FIELD: Sentence = { zh: '{name} 不是这个回答的字段', en: '{name} is no field of this answer' };

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
export function successProblems(call: CallName, answer: WireAnswer): readonly Sentence[] {
  const problems = bodyProblems(answer);
  if (answer.json === null) return problems;
  const { resCode, resMsg } = answer.json;
  const fields = ANSWER_FIELDS[call];
  const complete = fields.every(({ name, optional }) => optional || name in (answer.json ?? {}));
  if (resCode === 1 && fields.length > 0 && complete) {
    problems.push(COMPLETE);
  } else if (resCode !== 0) {
    problems.push(fill(NO_SUCCESS, { code: shown(resCode), message: shown(resMsg) }));
    return problems;
  }
  if (answer.status !== 200) problems.push(otherStatus(answer, [200]));
  return [...problems, ...fieldProblems(answer.json, [...RES_FIELDS, ...fields])];
}

/**
 * What is wrong with an answer that should be a refusal; empty when nothing is.
 * @param statuses the HTTP statuses that are right for it.
 */
export function refusalProblems(answer: WireAnswer, statuses: readonly number[] = [200]): readonly Sentence[] {
  const problems = bodyProblems(answer);
  if (!statuses.includes(answer.status)) {
    problems.push(otherStatus(answer, statuses));
  }
  if (answer.json === null) return problems;
  const { resCode, resMsg } = answer.json;
  if (resCode !== 1) {
    problems.push(fill(NO_REFUSAL, { code: shown(resCode) }));
    return problems;
  }
  if (typeof resMsg === 'string' && resMsg.trim() === '') problems.push(NO_REASON);
  return [...problems, ...fieldProblems(answer.json, RES_FIELDS)];
}

function otherStatus({ status }: WireAnswer, statuses: readonly number[]): Sentence {
  return {
    zh: `HTTP 状态为 ${status}，应为 ${statuses.join(' 或 ')}`,
    en: `the HTTP status is ${status}, and must be ${statuses.join(' or ')}`,
  };
}

function bodyProblems({ json, contentType, status, text }: WireAnswer): Sentence[] {
  if (json === null) return [fill(NO_JSON, { status: String(status), text: shown(text) })];
  return /^application\/json\b/i.test(contentType) ? [] : [fill(OTHER_TYPE, { type: shown(contentType) })];
}

function fieldProblems(json: Readonly<Record<string, unknown>>, wanted: readonly AnswerField[]): readonly Sentence[] {
  const problems: Sentence[] = [];
  const names = new Set(['resCode', ...wanted.map(({ name }) => name)]);
  for (const { name, kind, optional } of wanted) {
    const value = json[name];
    if (optional && (value === undefined || value === null)) continue;
    if (!(name in json)) problems.push(fill(MISSING, { name, likeness: likeness(json, name) }));
    else if (!fits(value, kind)) problems.push(fill(UNFIT, { name, value: shown(value), expected: EXPECTED[kind] }));
  }
  for (const name of Object.keys(json)) {
    if (!names.has(name)) problems.push(fill(NO_FIELD, { name: shown(name) }));
  }
  return problems;
}

/** The name that a missing field was probably written under. The standard's own example has `feeld`. */
function likeness(json: Readonly<Record<string, unknown>>, name: string): Said {
  const plain = (text: string): string => text.trim().toLowerCase().replaceAll('l', 'i').replaceAll('_', '');
  const found = Object.keys(json).find((key) => plain(key) === plain(name));
  return found === undefined ? '' : fill(LIKENESS, { found: shown(found), name: shown(name) });
}

/** Longest piece of an answer that a sentence repeats. */
const MAX_SHOWN = 120;

/** A value as JSON, so that blanks and text that looks like a number can be seen. */
export function shown(value: unknown): Said {
  if (value === undefined) return { zh: '（无）', en: 'absent' };
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
