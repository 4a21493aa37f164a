/**
 * The PROXY header, versions 1 and 2: what frp, HAProxy and their like put in front of a connection to tell whose it was.
 * https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
 */
import type { Server } from 'node:http';
import { isIP, type Socket, SocketAddress } from 'node:net';

/** The beginning of a connection: a whole header, not enough yet to tell, or none. */
export type ProxyHeader =
  /** @property address the caller's; null where the proxy speaks for itself or does not know. */
  | { readonly type: 'whole'; readonly length: number; readonly address: string | null }
  | { readonly type: 'partial' }
  | { readonly type: 'none' };

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** "PROXY", two IPv6 addresses, two ports: as the specification counts it. */
const MAX_V1 = 107;
/** Addresses and whatever a proxy adds; real ones have less than a hundred bytes. */
const MAX_V2 = 2_048;
const V2_HEAD = 16;

/** Reads the header that the bytes begin with. Any bytes at all are an answer, never a throw. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  const signed = bytes.subarray(0, SIGNATURE.length);
  if (signed.equals(SIGNATURE.subarray(0, signed.length))) return readBinary(bytes);
  const word = bytes.subarray(0, 6).toString('latin1');
  return 'PROXY '.startsWith(word) ? readLine(bytes) : { type: 'none' };
}

function readLine(bytes: Buffer): ProxyHeader {
  const text = bytes.subarray(0, MAX_V1).toString('latin1');
  const end = text.indexOf('\r\n');
  if (end < 0) return text.length < MAX_V1 ? { type: 'partial' } : { type: 'none' };
  const length = end + 2;
  const line = text.slice(0, end);
  if (/^PROXY UNKNOWN( |$)/.test(line)) return { type: 'whole', length, address: null };
  const [, family, from = '', to = ''] = /^PROXY TCP([46]) (\S+) (\S+) \d{1,5} \d{1,5}$/.exec(line) ?? [];
  if (family === undefined || isIP(from) !== Number(family) || isIP(to) !== Number(family)) return { type: 'none' };
  return { type: 'whole', length, address: from };
}

function readBinary(bytes: Buffer): ProxyHeader {
  if (bytes.length < V2_HEAD) return { type: 'partial' };
  const [version, family, size] = [bytes.readUInt8(12), bytes.readUInt8(13), bytes.readUInt16BE(14)];
  const length = V2_HEAD + size;
  // 0x20 is the proxy's own connection (LOCAL), 0x21 one that it passes on.
  if ((version !== 0x20 && version !== 0x21) || size > MAX_V2) return { type: 'none' };
  if (bytes.length < length) return { type: 'partial' };
  const rest = bytes.subarray(V2_HEAD, length);
  if (version === 0x20) return { type: 'whole', length, address: null };
  switch (family) {
    case 0x11:
      return rest.length < 12 ? { type: 'none' } : { type: 'whole', length, address: rest.subarray(0, 4).join('.') };
    case 0x21:
      return rest.length < 36 ? { type: 'none' } : { type: 'whole', length, address: v6(rest) };
    default:
      return { type: 'whole', length, address: null };
  }
}

function v6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  // One spelling of it, the short one.
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}

export interface ProxyOptions {
  /** Whose connections begin with a header. It is demanded of them: the protocol forbids to guess. */
  readonly isHop: (address: string) => boolean;
  /** How long the header may take, in ms. */
  readonly timeoutMs: number;
  /** Answers a connection that should have had a header, and ends it. */
  readonly refuse: (socket: Socket) => void;
}

/**
 * Puts itself in front of a server that does not listen yet: reads the header of a trusted hop's connections, which then
 * have the caller's address for their own. Connections of others are left as they are, a header of theirs is no HTTP.
 * @returns cuts the connections whose header is not there yet.
 */
export function expectProxyHeaders(server: Server, { isHop, timeoutMs, refuse }: ProxyOptions): () => void {
  const own = server.listeners('connection');
  const waiting = new Set<Socket>();
  const serve = (socket: Socket): void => {
    for (const listener of own) listener.call(server, socket);
  };

  function read(socket: Socket): void {
    let bytes: Buffer = Buffer.alloc(0);
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    const onError = (): unknown => socket.destroy();
    const leave = (): void => {
      clearTimeout(timer);
      waiting.delete(socket);
      socket.off('data', onData).off('error', onError).off('close', leave);
    };
    function onData(chunk: Buffer): void {
      bytes = Buffer.concat([bytes, chunk]);
      const header = readProxyHeader(bytes);
      if (header.type === 'partial') return;
      leave();
      if (header.type === 'none') {
        refuse(socket);
        return;
      }
      if (header.address !== null) Object.defineProperty(socket, 'remoteAddress', { value: header.address });
      // Back into the stream before the server listens: it is what the server hears first.
      if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
      serve(socket);
    }
    waiting.add(socket);
    socket.on('data', onData).on('error', onError).on('close', leave);
  }

  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => (isHop(socket.remoteAddress ?? '') ? read(socket) : serve(socket)));
  return () => {
    for (const socket of waiting) socket.destroy();
  };
}
