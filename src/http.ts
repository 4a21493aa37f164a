/**
 * One way to serve a Hono app over HTTP, shared by every listener: bounded in time, in connections, in the size of a body,
 * and when it ends.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { expectProxyHeaders } from './proxy-header.ts';

/** An app whose handlers see Node's own request, which they may read without a copy. */
export type HttpApp = Hono<{ Bindings: HttpBindings }>;

/** Why a request never reaches the app: broken, too slow, too many at once on its connection, headers too large. */
export type Refusal = 400 | 408 | 429 | 431;

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** The JSON body for a request that never reaches the app. */
  readonly refusal: (status: Refusal) => string;
  /** How long a caller may take to send one whole request, in ms; 15 s by default. */
  readonly requestTimeoutMs?: number;
  /** The proxies whose connections begin with a PROXY header; none by default. */
  readonly proxied?: (address: string) => boolean;
}

export interface Listener {
  readonly port: number;
  /** Takes no more calls, lets those under way finish for {@link CLOSE_MS}, then cuts what is left. Never rejects. */
  close(): Promise<void>;
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };
const REQUEST_TIMEOUT_MS = 15_000;
// Longer than the 60 s for which proxies keep a connection, so that the proxy closes first and no call meets a closed one.
const KEEP_ALIVE_MS = 75_000;
// A tunnel brings a handful; more than this is a mistake or an attack. All of them get their turn before a lane does.
const MAX_CONNECTIONS = 256;
// More that are sent without waiting for answers would all be worked off in one go, before anything else has its turn.
const MAX_PIPELINED = 16;
/** How long calls under way may still take once the listener closes, in ms: an answer waits for one disk flush. */
export const CLOSE_MS = 2_000;
const CLOSE_SWEEP_MS = 50;

/**
 * Serves the app.
 * @throws the error of the socket (`EADDRINUSE`, `EACCES`, …) when the address cannot be taken.
 */
export async function listen(app: HttpApp, options: ListenOptions): Promise<Listener> {
  const timeout = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const handle = getRequestListener(app.fetch, {
    // HTTP/1.0 has no Host header; the app needs some URL.
    hostname: 'localhost',
    // A target or Host header that makes no URL.
    errorHandler: () => new Response(options.refusal(400), { status: 400, headers: JSON_HEADERS }),
  });
  const within = pipelineLimit();
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const order = within(incoming.socket);
    if (order === 'serve') void handle(incoming, outgoing);
    // What follows a refusal on its connection is not answered: the connection ends with it.
    else if (order === 'refuse') refuseMore(outgoing, options.refusal(429));
  };
  const server = createServer(
    {
      requireHostHeader: false,
      headersTimeout: timeout,
      requestTimeout: timeout,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(1_000, timeout),
    },
    onRequest,
  );
  // Without this an `Expect` that Node does not know is answered without a body.
  server.on('checkExpectation', onRequest);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuse(error, socket, options.refusal));
  // A tunnel to somewhere else; Node would end the connection without a word.
  server.on('connect', (_, socket) => refuse(new Error('CONNECT'), socket, options.refusal));
  server.maxConnections = MAX_CONNECTIONS;
  const { proxied: isHop, refusal } = options;
  const cutWaiting = isHop && expectProxyHeaders(server, { isHop, timeoutMs: timeout, refuse: noHeader(refusal) });
  const port = await bind(server, options);
  return {
    port,
    close() {
      cutWaiting?.();
      return close(server);
    },
  };
}

/**
 * Tells requests that did not wait for an answer by their coming in one packet: since the last one nothing more was read
 * from the connection.
 */
function pipelineLimit(): (socket: Socket) => 'serve' | 'refuse' | 'ignore' {
  const packets = new WeakMap<Socket, { read: number; requests: number }>();
  return (socket) => {
    const { bytesRead } = socket;
    const packet = packets.get(socket);
    if (!packet || packet.read !== bytesRead) {
      if (packet) Object.assign(packet, { read: bytesRead, requests: 1 });
      else packets.set(socket, { read: bytesRead, requests: 1 });
      return 'serve';
    }
    packet.requests += 1;
    if (packet.requests <= MAX_PIPELINED) return 'serve';
    return packet.requests === MAX_PIPELINED + 1 ? 'refuse' : 'ignore';
  };
}

function refuseMore(outgoing: ServerResponse, body: string): void {
  outgoing.writeHead(429, { ...JSON_HEADERS, connection: 'close', 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}

function bind(server: Server, { host, port }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** A trusted hop that sends no PROXY header: its calls would all count for the hop. */
function noHeader(refusal: ListenOptions['refusal']): (socket: Socket) => void {
  return (socket) => refuse(new Error('no PROXY header'), socket, refusal);
}

function refuse(error: NodeJS.ErrnoException, socket: Duplex, refusal: ListenOptions['refusal']): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : (400 as const);
  const reason = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' }[status];
  const body = refusal(status);
  const head = `HTTP/1.1 ${status} ${reason}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\n`;
  socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy());
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A connection that was busy when the close began is idle once its answer is out; Node alone would keep it.
    const sweep = setInterval(() => server.closeIdleConnections(), CLOSE_SWEEP_MS);
    const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(cut);
      resolve();
    });
  });
}

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
