import { isIP } from 'node:net';
import { zoneOf } from '../core/time.ts';

/** Where a server listens. */
export interface Address {
  /** An IP address without brackets, or `localhost`. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

/** Reads `host:port`, an IPv6 host in brackets. @returns undefined when it is no such text. */
export function addressFrom(text: string): Address | undefined {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:[\]]+)):(?<port>\d{1,5})$/.exec(text);
  const { v4, v6, port } = match?.groups ?? {};
  const host = v4 ?? v6;
  if (host === undefined || Number(port) > 65_535) return undefined;
  const valid = v6 === undefined ? isIP(host) === 4 || host === 'localhost' : isIP(host) === 6;
  return valid ? { host, port: Number(port) } : undefined;
}

/** Reads `host:port` of something to connect to. @returns undefined when it is no such text, or its port is 0. */
export function pointFrom(text: string): Address | undefined {
  const address = addressFrom(text);
  return address?.port === 0 ? undefined : address;
}

/** Whether the text is an IP address, or a network such as `10.8.0.0/24`. */
export function isHop(text: string): boolean {
  const [, host = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(host);
  return family !== 0 && !host.includes('%') && Number(prefix ?? 0) <= (family === 4 ? 32 : 128);
}

/** Whether the text is an address to be called from the internet: encrypted, unless it is on this machine. */
export function isPublicUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || /[?#@\s]/.test(text)) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, '')));
}

/** Whether only this machine can reach the host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Whether two servers would want the same port of the same address. Port 0 never clashes. */
export function clash(a: Address, b: Address): boolean {
  if (a.port === 0 || a.port !== b.port) return false;
  const everywhere = [a.host, b.host].some((host) => host === '0.0.0.0' || host === '::');
  const name = ({ host }: Address): string => (host === 'localhost' ? '127.0.0.1' : host);
  return everywhere || name(a) === name(b);
}

/** Whether the text names a time zone that this machine knows. */
export function isZone(name: string): boolean {
  try {
    zoneOf(name);
    return true;
  } catch {
    return false;
  }
}

/** Whether the text is `embedded`, or the URL of a broker without a login in it. */
export function isBroker(text: string): boolean {
  if (text === 'embedded') return true;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['mqtt:', 'mqtts:'].includes(url.protocol)) return false;
  return url.hostname !== '' && url.username === '' && url.password === '';
}

/** Whether the text is a URL that notices can be sent to: of the web, without a login in it. */
export function isWebUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return false;
  return url.hostname !== '' && url.username === '' && url.password === '';
}
