/**
 * Who may speak to the local listener. It binds loopback, but a browser on the technician's PC reaches it from any web
 * page: a page elsewhere must not send it orders, nor read it under a name of its own that resolves to 127.0.0.1.
 */
import { isIP } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { type AnswerCode, explain, type Language, type Said } from '../core/errors.ts';
import { readBody } from '../http.ts';

export type LocalContext = Context<{ Bindings: HttpBindings }>;

/** Bytes of a request's body at most: room for the ids of {@link MAX_DEAD} notices. */
export const MAX_BODY_BYTES = 262_144;

/** Why a request is not served. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: AnswerCode;
  readonly values: Readonly<Record<string, Said>>;

  constructor(status: number, code: AnswerCode, values: Readonly<Record<string, Said>> = {}) {
    super(code);
    this.status = status;
    this.code = code;
    this.values = values;
  }

  /** The sentence for whoever asked. */
  text(language: Language): string {
    return explain(this.code, language, this.values);
  }
}

/** `localhost` or an address: a name in `Host` is what a web page elsewhere would bring, resolved to this machine. */
function isHere(host: string): boolean {
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '' || url.pathname !== '/') return false;
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isIP(name) !== 0;
}

function isOwn(origin: string, host: string | undefined): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  return url !== undefined && url.protocol === 'http:' && url.host === host?.toLowerCase();
}

/** Lets through what comes from this machine's tools and pages. @throws Refusal for everything else. */
export const guard: MiddlewareHandler<{ Bindings: HttpBindings }> = async (c, next) => {
  const host = c.req.header('host');
  if (host !== undefined && !isHere(host)) throw new Refusal(403, 'ORIGIN_FOREIGN', { value: `Host ${host}` });
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
    const origin = c.req.header('origin');
    if (origin !== undefined && !isOwn(origin, host))
      throw new Refusal(403, 'ORIGIN_FOREIGN', { value: `Origin ${origin}` });
    const site = c.req.header('sec-fetch-site') ?? 'none';
    if (site !== 'same-origin' && site !== 'none')
      throw new Refusal(403, 'ORIGIN_FOREIGN', { value: `Sec-Fetch-Site ${site}` });
  }
  await next();
};

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The fields of a JSON body. Its content type has to say that it is JSON: a form on a web page elsewhere cannot.
 * @throws Refusal when it is no JSON object of at most {@link MAX_BODY_BYTES} bytes.
 */
export async function jsonFields(c: LocalContext): Promise<Readonly<Record<string, unknown>>> {
  if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? ''))
    throw new Refusal(415, 'BODY_UNREADABLE', {
      value: { zh: '请用 content-type: application/json 发送', en: 'send it with content-type: application/json' },
    });
  const bytes = await readBody(c.env.incoming, MAX_BODY_BYTES);
  if (bytes === 'tooLarge') throw new Refusal(413, 'BODY_TOO_LARGE', { value: String(MAX_BODY_BYTES) });
  if (bytes === 'broken')
    throw new Refusal(400, 'BODY_UNREADABLE', { value: { zh: '连接中断', en: 'the connection broke off' } });
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(bytes));
  } catch {
    throw new Refusal(400, 'BODY_UNREADABLE', { value: { zh: '不是 UTF-8 编码的 JSON', en: 'not JSON in UTF-8' } });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal(400, 'BODY_UNREADABLE', { value: { zh: '应为 JSON 对象', en: 'a JSON object is needed' } });
  return value as Readonly<Record<string, unknown>>;
}
