/** One HTTP call to Mallcoo: the port, and what it is made with. */

export interface NoticeRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it is signed and sent. */
  readonly body: string;
  /** How long the whole answer may take, in ms. */
  readonly timeoutMs: number;
}

export interface Answered {
  readonly type: 'answered';
  readonly status: number;
  /** The headers `Retry-After` and `Date`; null where there are none. */
  readonly retryAfter: string | null;
  readonly date: string | null;
  /** The body; null when it is longer than {@link MAX_ANSWER_BYTES}. */
  readonly text: string | null;
}

/** No answer came; the notice may have arrived all the same. */
export interface Lost {
  readonly type: 'lost';
  readonly reason: string;
}

export type PostOutcome = Answered | Lost;

/** Sends a notice once. Never rejects: that nothing came back is an outcome, too, and so is `abort`. */
export type Post = (request: NoticeRequest, abort: AbortSignal) => Promise<PostOutcome>;

/** Answers have some fifty bytes; what is longer comes from somebody else. */
export const MAX_ANSWER_BYTES = 65_536;

/** Over HTTP, connections kept alive. Redirects are not followed: what is signed for one address is for no other. */
export const fetchPost: Post = async ({ url, headers, body, timeoutMs }, abort) => {
  try {
    const signal = AbortSignal.any([abort, AbortSignal.timeout(timeoutMs)]);
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    const text = await readText(response);
    const { status } = response;
    const header = (name: string): string | null => response.headers.get(name);
    return { type: 'answered', status, retryAfter: header('retry-after'), date: header('date'), text };
  } catch (error) {
    return { type: 'lost', reason: reasonOf(error, timeoutMs) };
  }
};

async function readText(response: Response): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop ends the connection: nothing more of it is read.
    if (bytes > MAX_ANSWER_BYTES) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ECONNRESET: 'the connection was cut before an answer came',
  UND_ERR_SOCKET: 'the connection was cut before an answer came',
  ENOTFOUND: 'the name of the address is not known (DNS)',
  EAI_AGAIN: 'names cannot be looked up (DNS)',
  ENETUNREACH: 'there is no way to the network',
  EHOSTUNREACH: 'there is no way to the host',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  CERT_HAS_EXPIRED: "the receiver's certificate has expired, or the clock here is wrong",
  CERT_NOT_YET_VALID: "the receiver's certificate is not valid yet, or the clock here is wrong",
};

/** Why nothing came, as a person reads it: fetch hides the socket's own error in `cause`. */
function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1_000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const { code = '' } = cause as NodeJS.ErrnoException;
  return REASONS[code] ?? (cause.message === '' ? code : cause.message);
}
