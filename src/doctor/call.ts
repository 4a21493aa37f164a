/** One look at an HTTP server: whether it is there, what its certificate and its clock say. Nothing secret is sent. */
import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { codeOf } from './trouble.ts';

export interface Certificate {
  /** Ms since 1970. */
  readonly until: number;
  /** TLS's code for what is wrong with it; null for one that is trusted. */
  readonly trouble: string | null;
}

export type Answer =
  | {
      readonly type: 'answered';
      readonly status: number;
      /** By how much the other clock is ahead of this one, in ms, to the second; null when it does not tell. */
      readonly ahead: number | null;
      readonly ms: number;
      readonly certificate: Certificate | null;
    }
  | { readonly type: 'lost'; readonly code: string; readonly certificate: Certificate | null };

/** `Date` is cut to the second: on average it is half a second old. */
const HALF_A_SECOND = 500;

/**
 * Asks with a method that books nothing. A certificate that is not trusted is told and does not end the call: with a clock
 * that is wrong no certificate is valid, and just then the other end's clock is wanted. Never rejects.
 */
export function lookAtServer(
  url: string,
  method: 'HEAD' | 'OPTIONS',
  timeoutMs: number,
  now: () => number,
): Promise<Answer> {
  return new Promise((resolve) => {
    const began = now();
    const ticking = performance.now();
    let certificate: Certificate | null = null;
    let call: ClientRequest;
    const settle = (answer: Answer): void => {
      clearTimeout(timer);
      resolve(answer);
      call.destroy();
    };
    const timer = setTimeout(() => settle({ type: 'lost', code: 'TIMEOUT', certificate }), timeoutMs);
    const secure = url.startsWith('https:');
    const options = { method, agent: false as const };
    call = secure ? httpsRequest(url, { ...options, rejectUnauthorized: false }) : httpRequest(url, options);
    call.on('socket', (socket: Socket) => {
      socket.once('secureConnect', () => {
        certificate = certificateOf(socket);
      });
    });
    call.on('response', (response) => {
      const ms = performance.now() - ticking;
      const date = Date.parse(response.headers.date ?? '');
      const ahead = Number.isNaN(date) ? null : date + HALF_A_SECOND - (began + ms / 2);
      settle({ type: 'answered', status: response.statusCode ?? 0, ahead, ms, certificate });
    });
    call.on('error', (error) => settle({ type: 'lost', code: codeOf(error), certificate }));
    call.end();
  });
}

function certificateOf(socket: Socket): Certificate | null {
  if (!(socket instanceof TLSSocket)) return null;
  const { valid_to: until } = socket.getPeerCertificate();
  const error: unknown = socket.authorized ? null : socket.authorizationError;
  // Older Nodes give the code itself.
  const trouble = error === null ? null : codeOf(error);
  return { until: Date.parse(until), trouble };
}
