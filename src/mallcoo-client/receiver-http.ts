/** The receiver behind HTTP, on loopback; and how it misbehaves where a test or a curious person wants it to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant } from '../core/time.ts';
import { NOTICE_PATH, type Receiver } from './receiver.ts';

/**
 * What is done with a call. `lost`: it is acted on, and the connection cut before the answer. `cut`: neither. `hang`: no
 * answer ever. `slow`: acted on, answered after {@link SLOW_MS}. A number: that `Code`, and not acted on.
 */
export type Behaviour = 'ok' | 'lost' | 'cut' | 'hang' | 'slow' | keyof typeof CANNED | number;

export interface ReceiverServer {
  readonly port: number;
  /** Where entries are to be told. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ReceiverServerOptions {
  readonly receiver: Receiver;
  readonly clock: { now(): Instant };
  /** 0 for any free port. */
  readonly port: number;
  /** What is done with the next call; `ok` if left out. */
  readonly behave?: () => Behaviour;
}

const SLOW_MS = 500;
/** A notice has some 120 bytes. */
const MAX_BODY_BYTES = 8_192;
/** More than any sender should read. */
const ENDLESS_BYTES = 1_000_000;

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** Serves it. @throws the socket's error when the port cannot be taken. */
export async function serveReceiver(options: ReceiverServerOptions): Promise<ReceiverServer> {
  const { receiver, clock, behave = () => 'ok' } = options;
  const server = createServer((request, response) => {
    // A caller that goes away before its answer is its own business.
    void handle(request, response).catch(() => response.destroy());
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const body = await readBody(request);
    const behaviour = behave();
    const act = (): string => JSON.stringify(receiver.receive({ method, path, headers, body }, clock.now()));
    await misbehave(behaviour, act, response);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    port,
    url: `http://127.0.0.1:${port}${NOTICE_PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Canned {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Answers without anything having been done. */
const CANNED = {
  error500: { status: 500, headers: {}, text: 'Internal Server Error' },
  busy429: { status: 429, headers: { 'retry-after': '1' }, text: '' },
  forbidden403: { status: 403, headers: {}, text: 'Forbidden' },
  portal: { status: 200, headers: { 'content-type': 'text/html' }, text: '<!doctype html><title>登录</title>' },
  redirect: { status: 302, headers: { location: NOTICE_PATH }, text: '' },
  garbage: { status: 200, headers: JSON_TYPE, text: '{"Code":' },
  endless: { status: 200, headers: JSON_TYPE, text: `{"Code":1,"Message":"${'x'.repeat(ENDLESS_BYTES)}"}` },
} as const satisfies Readonly<Record<string, Canned>>;

/** @param act does with the call what a receiver does, and gives the answer. */
async function misbehave(behaviour: Behaviour, act: () => string, response: ServerResponse): Promise<void> {
  const answer = ({ status, headers, text }: Canned): unknown => response.writeHead(status, headers).end(text);
  const said = (text: string): Canned => ({ status: 200, headers: JSON_TYPE, text });
  if (typeof behaviour === 'number') {
    answer(said(JSON.stringify({ Code: behaviour, Message: 'scripted' })));
    return;
  }
  switch (behaviour) {
    case 'ok':
      answer(said(act()));
      break;
    case 'slow': {
      const text = act();
      await sleep(SLOW_MS);
      answer(said(text));
      break;
    }
    case 'lost':
      act();
      response.destroy();
      break;
    case 'cut':
      response.destroy();
      break;
    case 'hang':
      break;
    default:
      answer(CANNED[behaviour]);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
