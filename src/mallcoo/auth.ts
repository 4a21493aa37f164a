/** How a caller proves itself, for each park. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ParkId } from '../core/ids.ts';

export type Auth = { readonly type: 'none' } | { readonly type: 'token'; readonly token: string };

/** The parks that a caller may ask about. `all`: every park there is, so it may also be told that one does not exist. */
export interface Access {
  readonly all: boolean;
  readonly parks: ReadonlySet<ParkId>;
}

/** Says what the caller of a request may see. Reads headers and query only, never the body. */
export type Guard = (incoming: IncomingMessage) => Access;

// Digests have one length, so comparing them tells nothing, not even how long the token is.
const digestOf = (token: string): Buffer => hash('sha256', token, 'buffer');

/**
 * Compiles the parks' authorisation. The guard compares a token with every configured one, in constant time.
 * @throws RangeError when a park has no entry or an empty token: it would be open to everyone, or to no one.
 */
export function createGuard(parks: Iterable<ParkId>, auth: ReadonlyMap<ParkId, Auth>): Guard {
  const open: ParkId[] = [];
  const byToken = new Map<string, ParkId[]>();
  for (const park of parks) {
    const own = auth.get(park);
    if (own === undefined) throw new RangeError(`park ${park}: no authorisation configured; set "none" or a token`);
    if (own.type === 'none') {
      open.push(park);
      continue;
    }
    if (own.token === '') throw new RangeError(`park ${park}: the token is empty`);
    byToken.set(own.token, [...(byToken.get(own.token) ?? []), park]);
  }
  const count = open.length + [...byToken.values()].reduce((sum, held) => sum + held.length, 0);
  const access = (held: readonly ParkId[]): Access => ({ all: held.length === count, parks: new Set(held) });
  const anyone = access(open);
  const keys = [...byToken].map(([token, held]) => ({ digest: digestOf(token), access: access([...open, ...held]) }));
  return (incoming) => {
    if (keys.length === 0) return anyone;
    const token = shownToken(incoming);
    if (token === null) return anyone;
    const shown = digestOf(token);
    let granted = anyone;
    for (const key of keys) if (timingSafeEqual(shown, key.digest)) granted = key.access;
    return granted;
  };
}

/** The token that a request shows: `X-Token`, else `Authorization: Bearer`, else `token` in the query; null for none. */
function shownToken(incoming: IncomingMessage): string | null {
  const header = incoming.headers['x-token'];
  if (typeof header === 'string' && header !== '') return header;
  const bearer = /^Bearer +(\S+) *$/i.exec(incoming.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  return queryOf(incoming).get('token') || null;
}

/** The query of a request; empty when it has none. */
export function queryOf(incoming: IncomingMessage): URLSearchParams {
  const url = incoming.url ?? '';
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
}
