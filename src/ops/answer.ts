/** Answers of the local listener. */

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
