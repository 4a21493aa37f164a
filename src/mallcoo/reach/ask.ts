/** The two questions to the world: one HTTP call on a connection of its own, and one TCP connection. Neither rejects. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { ProbeOutcome, Stage } from './verdict.ts';

export interface AskOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From the first packet to the last byte of the answer, in ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** An answer of the standard has a hundred bytes; of a page that is none the beginning is enough. */
const MAX_ANSWER_BYTES = 16_384;

/**
 * POSTs on a connection of its own: one that is kept open would go on working where no new caller gets through. A
 * redirect is an answer.
 */
export function askHttp({ url, headers, body, timeoutMs, signal }: AskOptions): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    let stage: Stage = 'connecting';
    const secure = url.startsWith('https:');
    const send = secure ? httpsRequest : httpRequest;
    const length = String(Buffer.byteLength(body));
    const call = send(url, {
      method: 'POST',
      agent: false,
      signal,
      headers: { ...headers, 'content-type': 'application/json; charset=utf-8', 'content-length': length },
    });
    const timer = setTimeout(() => call.destroy(Object.assign(new Error('no answer'), { code: 'TIMEOUT' })), timeoutMs);
    const settle = (outcome: ProbeOutcome): void => {
      clearTimeout(timer);
      resolve(outcome);
      call.destroy();
    };
    const fail = (error: Error): void => settle({ type: 'lost', stage, code: codeOf(error) });
    call.on('socket', (socket: Socket) => {
      socket.once('connect', () => (stage = secure ? 'securing' : 'asked'));
      socket.once('secureConnect', () => (stage = 'asked'));
    });
    call.on('response', (response) => readAnswer(response, settle, fail));
    call.on('error', fail);
    call.end(body);
  });
}

function readAnswer(
  response: IncomingMessage,
  settle: (outcome: ProbeOutcome) => void,
  fail: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const { statusCode: status = 0, headers } = response;
  const done = (): void => {
    const body = Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString();
    settle({ type: 'answered', status, location: headers.location ?? '', body });
  };
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) done();
  });
  response.on('end', done);
  response.on('error', fail);
}

/** The system's word for what went wrong. Of several addresses that were tried the first one's counts. */
function codeOf(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error && 'code' in first && typeof first.code === 'string' ? first.code : error.name;
}

/** Where a TCP connection is tried. */
export interface Point {
  readonly host: string;
  readonly port: number;
}

/** Whether somebody takes a TCP connection there, within the time in ms. */
export function askTcp({ host, port }: Point, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal, timeout: timeoutMs });
    const settle = (reached: boolean): void => {
      resolve(reached);
      socket.destroy();
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.on('error', () => settle(false));
  });
}
