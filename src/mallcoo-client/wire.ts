/** One HTTP call as a client sees it: what was sent, and what came of it. */
import type { Said } from '../core/errors.ts';
import { systemSaid } from '../core/system-errors.ts';

/** A call before it is sent. Every part is as it goes over the wire, so that it can be signed and shown. */
export interface WireRequest {
  readonly method: 'GET' | 'POST';
  /** The call's own path, put behind the site's address: `/GetTraffic`. */
  readonly path: string;
  /** Without the question mark; empty for none. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for none. */
  readonly body: string | null;
}

export interface WireAnswer {
  readonly type: 'answered';
  readonly status: number;
  /** The content type, or empty. */
  readonly contentType: string;
  /** At most {@link MAX_ANSWER_BYTES} bytes of it. */
  readonly text: string;
  /** The answer's fields; null when it is no JSON object. */
  readonly json: Readonly<Record<string, unknown>> | null;
  /** From sending to the last byte, in ms. */
  readonly ms: number;
}

/** No answer came; the call itself may have arrived all the same. */
interface Lost {
  readonly type: 'lost';
  readonly reason: Said;
  readonly ms: number;
}

export type Outcome = WireAnswer | Lost;

/** Sends a call. Never rejects: that nothing came back is an outcome, too. */
export type Send = (request: WireRequest) => Promise<Outcome>;

/** The three calls' answers have some hundred bytes; more is not read. */
export const MAX_ANSWER_BYTES = 65_536;

export interface HttpOptions {
  /** The site's address with its base path: `https://park.example/mallcoo`. */
  readonly url: string;
  /** How long an answer may take, in ms. */
  readonly timeoutMs: number;
}

/** Sends over HTTP. A redirect is an answer: whoever signs a call does not sign it for another address. */
export function httpSend({ url, timeoutMs }: HttpOptions): Send {
  const base = url.replace(/\/+$/, '');
  return async ({ method, path, query, headers, body }) => {
    const began = performance.now();
    const target = `${base}${path}${query === '' ? '' : `?${query}`}`;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(target, { method, headers, body, redirect: 'manual', signal });
      const text = await readText(response);
      const contentType = response.headers.get('content-type') ?? '';
      const ms = performance.now() - began;
      return { type: 'answered', status: response.status, contentType, text, json: objectOf(text), ms };
    } catch (error) {
      return { type: 'lost', reason: reasonOf(error, timeoutMs), ms: performance.now() - began };
    }
  };
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    text += decoder.decode(chunk, { stream: true });
    if (bytes > MAX_ANSWER_BYTES) return text;
  }
  return text + decoder.decode();
}

function objectOf(text: string): WireAnswer['json'] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : null;
  } catch {
    return null;
  }
}

/** Why nothing came, as a person reads it: fetch hides the socket's own error in `cause`. */
function reasonOf(error: unknown, timeoutMs: number): Said {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') {
    const seconds = timeoutMs / 1_000;
    return { zh: `${seconds} 秒内没有回答`, en: `no answer within ${seconds} s` };
  }
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED')
    return { zh: '这个地址没有程序监听（连接被拒绝）', en: 'nothing listens at this address (connection refused)' };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { zh: '域名无法解析（DNS）', en: 'the name of this address is not known (DNS)' };
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET')
    return { zh: '还没有回答，连接就断了', en: 'the connection was cut before an answer came' };
  return systemSaid(code, cause.message === '' ? (code ?? error.message) : cause.message);
}
