/**
 * The local listener: how the gateway is, for the technician's browser and `curl` and for the watchdog, and what a person
 * may order. On loopback only.
 */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { explain, type Language, type Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import { type HttpApp, type Listener, listen } from '../http.ts';
import { jsonAnswer, languageAsked } from './answer.ts';
import { guard, Refusal } from './guard.ts';
import { type Health, healthJson } from './health.ts';
import { type LetOutParts, letOutRoute } from './let-out.ts';
import { CONTENT_TYPE } from './metrics/text.ts';
import { type OutboxParts, outboxRoutes } from './outbox.ts';
import { statusPage } from './page/page.ts';
import { type ReloadRouteParts, reloadRoute } from './reload.ts';

const NO_ANSWER: Sentence = { zh: '网关无法应答：{why}', en: 'the gate could not answer: {why}' };

export interface LocalOptions extends OutboxParts, LetOutParts, ReloadRouteParts {
  readonly health: () => Health;
  /** Of all that is told, unless `?lang=` names another. */
  readonly language: Language;
  /** The figures, as Prometheus reads them; left out, they are not offered. */
  readonly metrics?: () => Promise<string>;
}

const METRICS_HEADERS = {
  'content-type': CONTENT_TYPE,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/**
 * `GET /healthz` answers 200 with the health, `degraded` or not: a fault is for a person, and no reason for a watchdog
 * to end a gate that works; texts, here and in what follows, are in the log's
 * language, or that of `?lang=zh|en`. `GET /` is the status page,
 * `/metrics` what Prometheus reads, `/outbox` what waits for Mallcoo;
 * `POST /let-out` raises an arm for whoever is held there, `POST /reload` reads the configuration again. Anything else is 404. Moments
 * are UTC, `yyyy-MM-ddTHH:mm:ssZ`: parks may differ in zone.
 */
export function createLocalApp({ health, language, metrics, ...parts }: LocalOptions): HttpApp {
  const app: HttpApp = new Hono<{ Bindings: HttpBindings }>();
  app.use(guard);
  const reader = (asked: string | undefined): Language => languageAsked(asked, language);
  app.get('/healthz', (c) => jsonAnswer(200, healthJson(health(), reader(c.req.query('lang')))));
  app.get('/', (c) => statusPage(reader(c.req.query('lang')), health().version));
  if (metrics) app.get('/metrics', async () => new Response(await metrics(), { headers: METRICS_HEADERS }));
  outboxRoutes(app, { ...parts, language });
  letOutRoute(app, { ...parts, language });
  reloadRoute(app, { ...parts, language });
  app.notFound((c) => {
    const text = explain('PATH_UNKNOWN', language, { value: `${c.req.method} ${c.req.path}` });
    const hint = { zh: '，可试 GET /healthz', en: ': try GET /healthz' };
    return jsonAnswer(404, { error: 'PATH_UNKNOWN', text: `${text}${hint[language]}` });
  });
  app.onError((error, c) => {
    const told = reader(c.req.query('lang'));
    return error instanceof Refusal
      ? jsonAnswer(error.status, { error: error.code, text: error.text(told) })
      : jsonAnswer(500, { error: 'INTERNAL', text: fill(NO_ANSWER, { why: error.message })[told] });
  });
  return app;
}

/** Serves the local app. @throws the socket's error when the address cannot be taken. */
export function serveLocal(app: HttpApp, options: { readonly host: string; readonly port: number }): Promise<Listener> {
  const refusal = (status: number): string => JSON.stringify({ error: 'BODY_UNREADABLE', status });
  return listen(app, { ...options, refusal });
}
