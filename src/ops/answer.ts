/** Answers of the local listener. */
import type { Language } from '../core/errors.ts';

/** Anything that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Nothing from here belongs into a cache, or into a script of another page. */
const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

export function jsonAnswer(status: number, body: Json): Response {
  return new Response(JSON.stringify(body), { status, headers: HEADERS });
}

/** The language that a call asks for with `?lang=`; the gate's own where it asks for none that is spoken. */
export function languageAsked(asked: string | undefined, own: Language): Language {
  return asked === 'zh' || asked === 'en' ? asked : own;
}
