/** One HTTP call to Mallcoo: the port, and what it is made with. */
import type { Said, Sentence } from '../../core/errors.ts';

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
  readonly reason: Said;
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

const CUT: Sentence = { zh: '应答之前连接被断开', en: 'the connection was cut before an answer came' };
const TIMED_OUT: Sentence = { zh: '连接超时', en: 'the connection timed out' };

const REASONS: Readonly<Record<string, Sentence>> = {
  ECONNREFUSED: { zh: '那里没有程序监听（连接被拒绝）', en: 'nothing listens there (connection refused)' },
  ECONNRESET: CUT,
  UND_ERR_SOCKET: CUT,
  ENOTFOUND: { zh: '地址中的域名无法解析（DNS）', en: 'the name of the address is not known (DNS)' },
  EAI_AGAIN: { zh: '域名暂时无法解析（DNS）', en: 'names cannot be looked up (DNS)' },
  ENETUNREACH: { zh: '网络不通', en: 'there is no way to the network' },
  EHOSTUNREACH: { zh: '到不了对方主机', en: 'there is no way to the host' },
  ETIMEDOUT: TIMED_OUT,
  UND_ERR_CONNECT_TIMEOUT: TIMED_OUT,
  CERT_HAS_EXPIRED: {
    zh: '对方证书已过期，或本机时钟不对',
    en: "the receiver's certificate has expired, or the clock here is wrong",
  },
  CERT_NOT_YET_VALID: {
    zh: '对方证书尚未生效，或本机时钟不对',
    en: "the receiver's certificate is not valid yet, or the clock here is wrong",
  },
};

/** Why nothing came, as a person reads it: fetch hides the socket's own error in `cause`. */
function reasonOf(error: unknown, timeoutMs: number): Said {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') {
    const seconds = timeoutMs / 1_000;
    return { zh: `${seconds} 秒内没有应答`, en: `no answer within ${seconds} s` };
  }
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const { code = '' } = cause as NodeJS.ErrnoException;
  return REASONS[code] ?? (cause.message === '' ? code : cause.message);
}
