/** How a request's bytes go over a connection: the ways that are HTTP, and many that are not. */
import type { Chance } from './fuzz-chance.ts';
import type { Shot } from './fuzz-requests.ts';

const head = ({ method, path, headers }: Shot, more: readonly string[]): Buffer =>
  Buffer.from(`${[`${method} ${path} HTTP/1.1`, 'Host: x', ...headers, ...more].join('\r\n')}\r\n\r\n`, 'latin1');

/** The request whole, with the length of its body. */
export function plain(shot: Shot): Buffer {
  const length = shot.method === 'POST' || shot.body.length > 0 ? [`Content-Length: ${shot.body.length}`] : [];
  return Buffer.concat([head(shot, length), shot.body]);
}

function chunked(chance: Chance, shot: Shot): Buffer {
  const parts: Buffer[] = [head(shot, ['Transfer-Encoding: chunked'])];
  for (let at = 0; at < shot.body.length; ) {
    const size = 1 + chance.below(shot.body.length - at);
    const extension = chance.once(4) ? ';a="b"' : '';
    parts.push(
      Buffer.from(`${size.toString(16)}${extension}\r\n`),
      shot.body.subarray(at, at + size),
      Buffer.from('\r\n'),
    );
    at += size;
  }
  const trailer = chance.once(4) ? 'X-Trailer: y\r\n' : '';
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailer}\r\n`)]);
}

/** The request's bytes in the pieces that they are sent in. */
export function framed(chance: Chance, shot: Shot): readonly Buffer[] {
  const whole = shot.method === 'POST' && chance.once(5) ? chunked(chance, shot) : plain(shot);
  if (!chance.once(8)) return [whole];
  const cuts = Array.from({ length: 1 + chance.below(4) }, () => chance.below(whole.length)).sort((a, b) => a - b);
  return [0, ...cuts].map((from, index) => whole.subarray(from, cuts[index] ?? whole.length));
}

const REQUEST = 'POST /mallcoo/PayParkingFee HTTP/1.1\r\nHost: x\r\n';

/** Requests that are no HTTP, or not allowed by it, or larger than anything that is read. */
const BROKEN: readonly ((chance: Chance, body: string) => string)[] = [
  (_, body) => `${REQUEST}Content-Length: ${body.length}x\r\n\r\n${body}`,
  (_, body) => `${REQUEST}Content-Length: -1\r\n\r\n${body}`,
  (_, body) => `${REQUEST}Content-Length: 99999999999999999999\r\n\r\n${body}`,
  (_, body) => `${REQUEST}Content-Length: 5\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  (_, body) => `${REQUEST}Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
  (_, body) => `${REQUEST}Transfer-Encoding: chunked, identity\r\n\r\n${body}`,
  (_, body) => `${REQUEST}Transfer-Encoding: chunked\r\n\r\nzz\r\n${body}\r\n0\r\n\r\n`,
  (_, body) => `${REQUEST}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${body}`,
  (_, body) => `${REQUEST}Transfer-Encoding: chunked\r\n\r\n-5\r\n${body}\r\n`,
  (_, body) => `${REQUEST}Transfer-Encoding: chunked\r\n\r\n5;${'x'.repeat(20_000)}\r\n${body}\r\n`,
  (_, body) => `${REQUEST}Transfer-Encoding: chunked\r\n\r\n${'1\r\n \r\n'.repeat(5_000)}0\r\n\r\n${body}`,
  (chance, body) => `${REQUEST}Content-Length: ${body.length + 1 + chance.below(50)}\r\n\r\n${body}`,
  () => `${REQUEST}Content-Length: 6000\r\n\r\n${' '.repeat(6_000)}`,
  () => `${REQUEST}X-Large: ${'y'.repeat(20_000)}\r\n\r\n`,
  () => `${REQUEST}${'X: y\r\n'.repeat(3_000)}\r\n`,
  (_, body) => `${REQUEST}X-Nul: a\0b\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  (_, body) => `${REQUEST}Bad Name: 1\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  (_, body) => `${REQUEST}Space : 1\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  (_, body) => `${REQUEST} folded: 1\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  (_, body) => `${REQUEST}Expect: 100-continue\r\nContent-Length: ${body.length + 9}\r\n\r\n`,
  (_, body) => `POST /mallcoo/${'P'.repeat(20_000)} HTTP/1.1\r\n\r\n${body}`,
  () => 'POST /mallcoo/\x80\xff HTTP/1.1\r\nHost: \x80\r\n\r\n',
  () => 'POST PayParkingFee HTTP/1.1\r\nHost: x\r\n\r\n',
  () => 'POST http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n',
  () => 'POST http://x/mallcoo/PayParkingFee HTTP/1.1\r\nHost: y\r\nContent-Length: 2\r\n\r\n{}',
  () => 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
  () => 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n',
  () => 'GET /mallcoo/GetTraffic HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  () => 'GET /mallcoo/GetTraffic HTTP/9.9\r\n\r\n',
  () => 'GET /mallcoo/GetTraffic\r\n\r\n',
  () => `${'G'.repeat(500)} / HTTP/1.1\r\n\r\n`,
  () => '\r\n\r\n\r\n',
  () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  (chance) => String.fromCharCode(...Array.from({ length: 1 + chance.below(200) }, () => chance.below(256))),
];

/** Bytes that are no proper request. @param body would book a payment if it were read as one. */
export function brokenFrame(chance: Chance, body: string): Buffer {
  return Buffer.from(chance.pick(BROKEN)(chance, body), 'latin1');
}
