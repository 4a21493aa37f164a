/** The body of a call: read within bounds, then understood as JSON or as a form. */
import type { IncomingMessage } from 'node:http';
import { collect, type Fields, shorten } from './fields.ts';

/** `tooLarge`: more bytes than allowed, or announced. `broken`: the caller went away before the end. */
export type BodyFailure = 'tooLarge' | 'broken';

/**
 * Reads a body of at most `maxBytes` bytes. A larger one is known by its Content-Length before a byte is read, or by
 * counting when it is chunked; what follows is thrown away unseen, so it costs no memory.
 */
export async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | BodyFailure> {
  // Node has checked that the header, when there is one, is a number, and gives no byte beyond it.
  const announced = incoming.headers['content-length'];
  if (announced !== undefined && Number(announced) > maxBytes) return 'tooLarge';
  // A body nearly always comes in one packet with its headers. The parser has handed it over by the next microtask, and
  // then it is simply there: listeners for its pieces would cost more than understanding it.
  await null;
  if (announced !== undefined && incoming.readableLength === Number(announced)) {
    const whole: Buffer | null = incoming.read();
    incoming.resume();
    return whole ?? Buffer.alloc(0);
  }
  return readPieces(incoming, maxBytes);
}

function readPieces(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | BodyFailure> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (result: Buffer | BodyFailure): void => {
      incoming.off('data', onData).off('end', onEnd).off('close', onClose);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) {
        settle('tooLarge');
        // Flows on without a reader; the server gives it a moment and then closes the connection.
        incoming.resume();
        return;
      }
      chunks.push(chunk);
    };
    const onEnd = (): void => settle(Buffer.concat(chunks));
    // A request that breaks off closes before its end; Node emits no error where nobody listens for one.
    const onClose = (): void => settle('broken');
    incoming.on('data', onData).on('end', onEnd).on('close', onClose);
    // It may have closed while its first pieces were waited for.
    if (incoming.destroyed) onClose();
  });
}

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
