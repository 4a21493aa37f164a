/** The open platform's signature: what Mallcoo's callers prove themselves with, and what it wants of those that call it. */
import { hash } from 'node:crypto';
import { formatLocal, HOUR, type Instant, parseLocal, type Zone } from '../core/time.ts';

/** What a signature is made of. */
export interface Signed {
  readonly publicKey: string;
  readonly privateKey: string;
  /** As it is sent, `yyyyMMddHHmmss` in UTC+8: see {@link timeStampOf}. */
  readonly timeStamp: string;
  /** The exact bytes that are sent; a text counts as its UTF-8. Empty where there is no body. */
  readonly body: string | Uint8Array;
}

/**
 * The `Sign` header: characters 9 to 24 of the upper-case MD5 hex of
 * `{publicKey:…,timeStamp:…,data:…,privateKey:…}`, without quotes or sorting.
 */
export function signatureOf({ publicKey, privateKey, timeStamp, body }: Signed): string {
  const before = `{publicKey:${publicKey},timeStamp:${timeStamp},data:`;
  const behind = `,privateKey:${privateKey}}`;
  // Bytes are not read as a text: those that are no UTF-8 would be signed as others than were sent.
  const whole =
    typeof body === 'string'
      ? `${before}${body}${behind}`
      : Buffer.concat([Buffer.from(before), body, Buffer.from(behind)]);
  return hash('md5', whole, 'hex').slice(8, 24).toUpperCase();
}

/** The platform's clock: UTC+8 all year, wherever the car park is. */
const PLATFORM: Zone = { name: 'UTC+8', offsetAt: () => 8 * HOUR };

/** A moment as the `TimeStamp` header writes it, truncated to the second. */
export function timeStampOf(at: Instant): string {
  return formatLocal(at, PLATFORM).replaceAll(/\D/g, '');
}

/** The moment of a `TimeStamp` header; undefined when it is no `yyyyMMddHHmmss`, or a time that no calendar has. */
export function parseTimeStamp(text: string): Instant | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  return parseLocal(`${year}-${month}-${day} ${hour}:${minute}:${second}`, PLATFORM);
}
