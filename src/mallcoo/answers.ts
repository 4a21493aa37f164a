/** The answers to Mallcoo: strict JSON, the standard's names, 200 for every call that was understood as one. */
import { type AnswerCode, explain, type Language } from '../core/errors.ts';
import type { ParkId } from '../core/ids.ts';
import type { Plate } from '../core/plate.ts';
import { EXPECTED, type FieldProblem, shorten } from './fields.ts';

/** What a call came to. */
export interface Answer {
  readonly status: 200 | 400 | 401 | 404 | 405 | 413 | 429 | 500;
  /** JSON. */
  readonly body: string;
  /** Null for success (`resCode` 0). */
  readonly code: AnswerCode | null;
  readonly park: ParkId | null;
  readonly plate: Plate | null;
  /** Whether the connection ends with it. */
  readonly close?: boolean;
  /** The gate's own call to itself: nothing for the log. */
  readonly probe?: boolean;
}

/** Whom an answer concerns, as far as is known. */
export interface Concerning {
  readonly park: ParkId | null;
  readonly plate: Plate | null;
}

export const NOBODY: Concerning = { park: null, plate: null };

const STATUS: Partial<Record<AnswerCode, Answer['status']>> = {
  BODY_UNREADABLE: 400,
  UNAUTHORISED: 401,
  TIME_STAMP_FAR: 401,
  REPLAYED: 401,
  PATH_UNKNOWN: 404,
  METHOD_UNKNOWN: 405,
  BODY_TOO_LARGE: 413,
  TOO_MANY_QUERIES: 429,
  INTERNAL: 500,
};

/** `resCode` 1 and nothing that the call did not find: no invented fields. */
export function refuse(
  code: AnswerCode,
  language: Language,
  { park, plate }: Concerning,
  values: Readonly<Record<string, string>> = {},
): Answer {
  return { status: STATUS[code] ?? 200, body: refusalBody(explain(code, language, values)), code, park, plate };
}

export function refuseField(problem: FieldProblem, language: Language, concerning: Concerning): Answer {
  const { field, value, expected } = problem;
  return refuse('FIELD_INVALID', language, concerning, { field, value, expected: EXPECTED[expected][language] });
}

/** @param value repeated in the message, shortened. */
export function refuseValue(code: AnswerCode, language: Language, concerning: Concerning, value: string): Answer {
  return refuse(code, language, concerning, { value: shorten(value) });
}

/** The body of a refusal. */
export function refusalBody(message: string): string {
  return JSON.stringify({ resCode: 1, resMsg: message });
}

/** What every success begins with: an empty `resMsg`, as in the standard's examples. */
export const SUCCESS = { resCode: 0, resMsg: '' } as const;

/** @param fields {@link SUCCESS} and the call's own fields, in the order of its table. */
export function succeed(fields: Readonly<Record<string, string | number>>, { park, plate }: Concerning): Answer {
  return { status: 200, body: JSON.stringify(fields), code: null, park, plate };
}
