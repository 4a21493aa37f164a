/** Who may log in at the embedded broker, and what each may do there. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Topics } from '../../drivers/contract.ts';
import type { DeviceId } from '../core/ids.ts';
import { coveredByAny } from './topics.ts';

export interface Account {
  readonly device: DeviceId;
  readonly username: string;
  readonly password: string;
  readonly topics: Topics;
}

/** A client that has logged in; without a device it may do everything. */
export interface Login {
  readonly device: DeviceId | null;
  readonly topics: Topics;
}

/** `badPassword` also stands for a username that nobody has: a caller cannot tell which. */
export type LoginResult =
  | { readonly type: 'ok'; readonly login: Login }
  | { readonly type: 'badPassword' | 'noUsername'; readonly device: DeviceId | null };

/** The broker's own topics; aedes publishes there, and nobody else has any business with them. */
const RESERVED = '$SYS';

function sameText(a: Uint8Array | string, b: Uint8Array | string): boolean {
  // Digests have one length, so that the comparison takes the same time whatever was sent.
  const digest = (text: Uint8Array | string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

export function logIn(
  accounts: readonly Account[],
  anonymous: boolean,
  username: string | undefined,
  password: Uint8Array | undefined,
): LoginResult {
  if (username === undefined || username === '') {
    if (!anonymous) return { type: 'noUsername', device: null };
    return { type: 'ok', login: { device: null, topics: { up: ['#', '$/#'], down: ['#', '$/#'] } } };
  }
  const account = accounts.find((candidate) => candidate.username === username);
  const right = sameText(password ?? '', account?.password ?? '');
  if (account === undefined || !right) return { type: 'badPassword', device: account?.device ?? null };
  return { type: 'ok', login: { device: account.device, topics: account.topics } };
}

/** Whether the client may publish to the topic. */
export function mayPublish(login: Login, topic: string): boolean {
  return !isReserved(topic) && coveredByAny(login.topics.up, topic);
}

/** Whether the client may subscribe to the filter: all that it reaches must be the client's own. */
export function maySubscribe(login: Login, filter: string): boolean {
  return !isReserved(filter) && coveredByAny(login.topics.down, filter);
}

function isReserved(topic: string): boolean {
  return topic === RESERVED || topic.startsWith(`${RESERVED}/`);
}
