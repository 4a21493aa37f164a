/** A bare connection that reads HTTP answers, strictly: what is no answer is an error. */
import { connect } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export interface Wire {
  /** Whether the server has ended the connection. */
  readonly closed: boolean;
  /** Sends the pieces, each after the server had a moment with the one before. */
  send(pieces: readonly Buffer[]): Promise<void>;
  /** Says that nothing more comes, and goes on listening. */
  half(): void;
  /** Waits for so many answers, or for the end of the connection. @throws Error when neither comes. */
  answers(count: number): Promise<readonly HttpAnswer[]>;
  destroy(): void;
}

const PATIENCE_MS = 30_000;

/** Takes one answer off the front of what was heard; undefined while it is not whole. @throws Error when it is none. */
function takeAnswer(heard: Buffer): { readonly answer: HttpAnswer; readonly rest: Buffer } | undefined {
  const end = heard.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = heard.subarray(0, end).toString('latin1');
  // "Go on", for those who asked; the answer follows.
  if (head === 'HTTP/1.1 100 Continue') return takeAnswer(heard.subarray(end + 4));
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
  if (Number.isNaN(status) || Number.isNaN(length)) throw new Error(`no HTTP answer: ${head}`);
  const from = end + 4;
  if (heard.length < from + length) return undefined;
  const body = new TextDecoder('utf-8', { fatal: true }).decode(heard.subarray(from, from + length));
  return { answer: { status, head, body }, rest: heard.subarray(from + length) };
}

export function openWire(port: number): Wire {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  let heard: Buffer = Buffer.alloc(0);
  let closed = false;
  let wake = (): void => {};
  socket.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
    wake();
  });
  const onEnd = (): void => {
    closed = true;
    wake();
  };
  socket.on('end', onEnd).on('close', onEnd);
  // A server that refuses what is still being sent resets the connection; what it said before is what counts.
  socket.on('error', () => undefined);
  const change = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`hangs; heard: ${heard.toString('latin1')}`)), PATIENCE_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  return {
    get closed() {
      return closed;
    },
    async send(pieces) {
      for (const [index, piece] of pieces.entries()) {
        if (index > 0) await new Promise((resolve) => setImmediate(resolve));
        socket.write(piece);
      }
    },
    half: () => void socket.end(),
    async answers(count) {
      const found: HttpAnswer[] = [];
      while (found.length < count) {
        const taken = takeAnswer(heard);
        if (taken) {
          heard = taken.rest;
          found.push(taken.answer);
        } else if (closed) break;
        else await change();
      }
      return found;
    },
    destroy: () => void socket.destroy(),
  };
}
