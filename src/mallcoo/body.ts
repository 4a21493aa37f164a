/** The body of a call, understood as JSON or as a form. */
import { collect, type Fields, shorten } from './fields.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** A body that was understood, or why not, for the caller to read. */
export type Parsed = { readonly ok: true; readonly fields: Fields } | { readonly ok: false; readonly reason: string };

/**
 * Understands a body. What begins with `{` is JSON whatever its content type says, because callers send JSON as
 * `text/plain` and as a form; a byte order mark is overlooked.
 */
export function parseBody(bytes: Buffer, contentType: string): Parsed {
  let body: string;
  try {
    body = UTF8.decode(bytes).trimStart();
  } catch {
    return { ok: false, reason: 'not UTF-8' };
  }
  if (body === '') return { ok: false, reason: 'empty' };
  if (!body.startsWith('{') && /^\s*application\/x-www-form-urlencoded\b/i.test(contentType)) {
    return { ok: true, fields: collect(new URLSearchParams(body)) };
  }
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return { ok: false, reason: `not JSON: ${reasonOf(error)}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, reason: `a JSON object is needed, not ${shorten(value)}` };
  }
  return { ok: true, fields: collect(Object.entries(value)) };
}

// The engine's message may go on with a stretch of the body itself, which may hold a phone number: that part is cut.
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split(/, (?:\.\.\.)?"/, 1)[0] ?? message;
}
