/** Whose call it is, where proxies stand between the caller and this machine. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** What is read of a request. */
type Calling = Pick<IncomingMessage, 'headers'> & { readonly socket: Pick<IncomingMessage['socket'], 'remoteAddress'> };

/** Whether an address is that of a proxy that is trusted. What is no IP address is not. */
export type IsHop = (address: string) => boolean;

/** @param hops IP addresses, and networks such as `10.8.0.0/24`. @throws when one is neither. */
export function hopsOf(hops: readonly string[]): IsHop {
  const list = new BlockList();
  for (const hop of hops) {
    const [address = '', prefix] = hop.split('/');
    const type = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(prefix), type);
  }
  return (address) => {
    const plain = plainAddress(address);
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  };
}

/** An IPv4 address that came over an IPv6 socket, as itself; without the name of an interface. */
export function plainAddress(address: string): string {
  const [bare = ''] = address.split('%');
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}

/** An address in `X-Forwarded-For`, with or without a port: `203.0.113.7`, `203.0.113.7:4711`, `[2001:db8::1]:4711`. */
const FORWARDED = /^(?:\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+)(?::\d+)?|([\da-f:.]+))$/i;

/**
 * The address that a failure is counted for. `X-Forwarded-For` is written by whoever likes to, so it is read from its
 * right end, where the last proxy wrote, and only as far as each next address is itself a trusted hop; what stands left of
 * the first other address counts for nothing. Where a trusted hop wrote no address there, the connection's counts.
 * Behind a tunnel without such hops all callers have one address, which is why a proof is always looked at first.
 */
export function callerOf({ headers, socket }: Calling, isHop: IsHop): string {
  const peer = socket.remoteAddress ?? 'unknown';
  const header = headers['x-forwarded-for'];
  if (header === undefined || !isHop(peer)) return peer;
  // Repeated headers are joined by Node, in their order.
  const addresses = String(header).split(',').toReversed();
  for (const text of addresses) {
    const match = FORWARDED.exec(text.trim());
    const address = plainAddress(match?.[1] ?? match?.[2] ?? match?.[3] ?? '');
    if (isIP(address) === 0) return peer;
    if (!isHop(address)) return address;
  }
  return peer;
}
