/** How a caller proves itself, for each park. See docs/decisions/mallcoo-auth.md. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ParkId } from '../core/ids.ts';
import { type Instant, SECOND } from '../core/time.ts';
import { parseTimeStamp, signatureOf } from './signature.ts';

/** How the callers of one park prove themselves. */
export type Auth =
  | { readonly type: 'none' }
  | { readonly type: 'token'; readonly token: string }
  | {
      readonly type: 'sign';
      /** Compared when it is set. */
      readonly appId?: string | undefined;
      readonly publicKey: string;
      readonly privateKey: string;
      /** How far a `TimeStamp` and this machine's clock may lie apart. */
      readonly maxSkewSeconds: number;
    };

/** Why a caller may not see a park. */
interface Denial {
  readonly code: 'UNAUTHORISED' | 'TIME_STAMP_FAR' | 'REPLAYED';
  /** Fills the message's `{value}`. */
  readonly value: string;
}

/** The parks that a caller may ask about. `all`: every park there is, so it may also be told that one does not exist. */
export interface Access {
  readonly all: boolean;
  readonly parks: ReadonlySet<ParkId>;
  /** Whether a token or a signature was right; false also where none was needed. */
  readonly proved: boolean;
  /** What it is told about the other parks. */
  readonly denial: Denial;
}

/** A signature that names a known key; the signed bytes have to be read before it proves anything. */
export interface Claim {
  readonly appId: string;
  readonly publicKey: string;
  readonly timeStamp: string;
  readonly sign: string;
}

interface Guard {
  /** What a request's headers and query prove by themselves, or claim. The body is not read. */
  admit(incoming: IncomingMessage): Access | Claim;
  /**
   * What a claim proves.
   * @param data the body's bytes, or the query string of a `GET`.
   * @param spend false for a payment, which no repeat can harm: see the decision.
   */
  verify(claim: Claim, data: string | Uint8Array, spend: boolean, now: Instant): Access;
}

/** A query's signature may come again for so long after its first use: two askers of one second look alike. */
export const REPEAT_MS = 2_000;
/** Signatures remembered; beyond it the older half is forgotten. */
export const MAX_REMEMBERED = 65_536;

const UNAUTHORISED: Denial = { code: 'UNAUTHORISED', value: '' };

/** Says whether a shown text is one that is configured; how long that takes depends on neither. */
type Comparer = (shown: string) => boolean;

/** Both are laid into buffers of one size, so comparing them tells nothing, not even how long the secret is. */
function comparerOf(secret: string): Comparer {
  const size = Math.max(64, 2 * Buffer.byteLength(secret));
  const own = Buffer.alloc(size);
  own.write(secret);
  const other = Buffer.alloc(size);
  return (shown) => {
    other.fill(0);
    other.write(shown);
    return timingSafeEqual(own, other) && shown.length === secret.length;
  };
}

type Signing = Extract<Auth, { type: 'sign' }>;

/** The parks by what opens them. Parks with the same secret are opened together. */
interface Locks {
  readonly open: readonly ParkId[];
  readonly tokens: ReadonlyMap<string, readonly ParkId[]>;
  readonly signers: ReadonlyMap<string, { readonly auth: Signing; readonly parks: readonly ParkId[] }>;
}

function locksOf(parks: Iterable<ParkId>, auth: ReadonlyMap<ParkId, Auth>): Locks {
  const open: ParkId[] = [];
  const tokens = new Map<string, ParkId[]>();
  const signers = new Map<string, { auth: Signing; parks: ParkId[] }>();
  for (const park of parks) {
    const own = auth.get(park);
    switch (own?.type) {
      case undefined:
        throw new RangeError(`park ${park}: no authorisation configured; set "none", a token or a signature`);
      case 'none':
        open.push(park);
        break;
      case 'token':
        if (own.token === '') throw new RangeError(`park ${park}: the token is empty`);
        tokens.set(own.token, [...(tokens.get(own.token) ?? []), park]);
        break;
      case 'sign': {
        if (own.publicKey === '' || own.privateKey === '') throw new RangeError(`park ${park}: a key is empty`);
        const key = JSON.stringify([own.appId, own.publicKey, own.privateKey, own.maxSkewSeconds]);
        signers.set(key, { auth: own, parks: [...(signers.get(key)?.parks ?? []), park] });
        break;
      }
    }
  }
  return { open, tokens, signers };
}

/**
 * Compiles the parks' authorisation. A shown secret is compared with every configured one, in constant time.
 * @throws RangeError when a park has no entry or an empty secret: it would be open to everyone, or to no one.
 */
export function createGuard(parks: Iterable<ParkId>, auth: ReadonlyMap<ParkId, Auth>): Guard {
  const { open, tokens, signers } = locksOf(parks, auth);
  const locked = [...tokens.values(), ...[...signers.values()].map((signer) => signer.parks)];
  const count = open.length + locked.reduce((sum, held) => sum + held.length, 0);
  const access = (held: readonly ParkId[], proved: boolean): Access => ({
    all: held.length === count,
    parks: new Set(held),
    proved,
    denial: UNAUTHORISED,
  });
  const anyone = access(open, false);
  const deny = (code: Denial['code'], value: string): Access => ({ ...anyone, denial: { code, value } });
  const keys = [...tokens].map(([token, held]) => ({
    isToken: comparerOf(token),
    access: access([...open, ...held], true),
  }));
  const signings = [...signers.values()].map((one) => ({
    ...comparersOf(one.auth),
    maxSkewMs: one.auth.maxSkewSeconds * SECOND,
    access: access([...open, ...one.parks], true),
  }));
  const spent = createSpent(MAX_REMEMBERED);

  function byToken(token: string): Access {
    let granted = anyone;
    for (const key of keys) if (key.isToken(token)) granted = key.access;
    return granted;
  }

  return {
    admit(incoming) {
      const claim = signings.length === 0 ? null : claimOf(incoming);
      if (claim && signings.some((one) => one.isKey(claim))) return claim;
      const token = keys.length === 0 ? null : shownToken(incoming);
      return token === null ? anyone : byToken(token);
    },
    verify(claim, data, spend, now) {
      const at = parseTimeStamp(claim.timeStamp);
      const signer = signings.find((one) => one.isKey(claim) && one.isSigned(claim, data));
      if (at === undefined || !signer) return anyone;
      const off = Math.round((at - now) / SECOND);
      if (Math.abs(at - now) > signer.maxSkewMs) return deny('TIME_STAMP_FAR', `${off < 0 ? '' : '+'}${off}`);
      if (spend && spent.isReplay(claim.sign, now)) return deny('REPLAYED', claim.timeStamp);
      return signer.access;
    },
  };
}

interface SignComparers {
  /** Whether a claim names this key; it is no secret, and only says which one to compare with. */
  isKey(claim: Claim): boolean;
  isSigned(claim: Claim, data: string | Uint8Array): boolean;
}

function comparersOf({ appId, publicKey, privateKey }: Signing): SignComparers {
  const isPublic = comparerOf(publicKey);
  const isApp = appId === undefined ? () => true : comparerOf(appId);
  return {
    isKey: (claim) => isPublic(claim.publicKey) && isApp(claim.appId),
    isSigned: ({ timeStamp, sign }, body) => comparerOf(signatureOf({ publicKey, privateKey, timeStamp, body }))(sign),
  };
}

interface Spent {
  /** Whether a valid signature was first used more than {@link REPEAT_MS} ago. */
  isReplay(sign: string, now: number): boolean;
}

/**
 * Remembers the first use of the last signatures, in two generations: the older one goes whole, because a map from which
 * single entries are taken at its front grows slow.
 */
function createSpent(limit: number): Spent {
  let young = new Map<string, number>();
  let old = young;
  return {
    isReplay(sign, now) {
      const first = young.get(sign) ?? old.get(sign);
      // A clock that was set back must not make a signature fresh again, nor spend one before it was used.
      if (first !== undefined) return Math.abs(now - first) > REPEAT_MS;
      if (young.size >= limit / 2) {
        old = young;
        young = new Map();
      }
      young.set(sign, now);
      return false;
    },
  };
}

/** The signature that a request shows; null when a header is missing. */
function claimOf({ headers }: IncomingMessage): Claim | null {
  const { appid = '', publickey, timestamp, sign } = headers;
  if (typeof publickey !== 'string' || typeof timestamp !== 'string' || typeof sign !== 'string') return null;
  return { appId: String(appid), publicKey: publickey, timeStamp: timestamp, sign: sign.toUpperCase() };
}

/** The token that a request shows: `X-Token`, else `Authorization: Bearer`, else `token` in the query; null for none. */
function shownToken(incoming: IncomingMessage): string | null {
  const header = incoming.headers['x-token'];
  if (typeof header === 'string' && header !== '') return header;
  const bearer = /^Bearer +(\S+) *$/i.exec(incoming.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  return new URLSearchParams(queryOf(incoming)).get('token') || null;
}

/** The query string of a request as it was sent, without the `?`; empty when it has none. */
export function queryOf(incoming: IncomingMessage): string {
  const url = incoming.url ?? '';
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at + 1);
}
