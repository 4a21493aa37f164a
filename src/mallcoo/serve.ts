import { explain, type Language } from '../core/errors.ts';
import { type HttpApp, type Listener, listen, type Refusal } from '../http.ts';
import { refusalBody } from './answers.ts';
import type { IsHop } from './hops.ts';

export interface ServeOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** The language of the few answers that the app never sees (a request that is no HTTP); Chinese by default. */
  readonly language?: Language;
  /** How long a caller may take to send one whole request, in ms; 15 s by default. */
  readonly requestTimeoutMs?: number;
  /** The proxies whose connections begin with a PROXY header; none by default. */
  readonly proxied?: IsHop;
}

const REASONS: Readonly<Record<Refusal, string>> = {
  400: 'not HTTP, or without the PROXY header that is expected',
  408: 'sent too slowly',
  429: 'too many requests at once on one connection',
  431: 'the headers are too large',
};

/** Serves Mallcoo's calls. @throws the socket's error when the address cannot be taken. */
export function serveMallcoo(app: HttpApp, { language = 'zh', ...options }: ServeOptions): Promise<Listener> {
  const refusal = (status: Refusal): string =>
    refusalBody(explain('BODY_UNREADABLE', language, { value: REASONS[status] }));
  return listen(app, { ...options, refusal });
}
