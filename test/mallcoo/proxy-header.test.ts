/** The PROXY header: its bytes, and what a listener makes of connections with and without one. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { ParkId } from '../../src/core/ids.ts';
import { FREE_FAILURES } from '../../src/mallcoo/failures.ts';
import { readProxyHeader } from '../../src/proxy-header.ts';
import { type Raw, raw, type Site, site } from './site.ts';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
/** 203.0.113.7:4711 to 192.0.2.1:443. */
const V2_TCP4 = hex(`${SIGNATURE} 21 11 000c cb007107 c0000201 1267 01bb`);
/** 2001:db8::7 to ::1, and an addition of the proxy's. */
const V2_TCP6 = hex(
  `${SIGNATURE} 21 21 0029 20010db8000000000000000000000007 00000000000000000000000000000001 1267 01bb 04 0002 6869`,
);
const V1 = Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n');

const WHOLE: readonly (readonly [what: string, bytes: Buffer, address: string | null])[] = [
  ['version 1', V1, '203.0.113.7'],
  ['version 1, IPv6', Buffer.from('PROXY TCP6 2001:db8::7 ::1 4711 443\r\n'), '2001:db8::7'],
  ['version 1, unknown', Buffer.from('PROXY UNKNOWN\r\n'), null],
  ['version 1, unknown with addresses', Buffer.from('PROXY UNKNOWN ffff:f...f:ffff ::1 65535 65535\r\n'), null],
  ['version 2', V2_TCP4, '203.0.113.7'],
  ['version 2, IPv6, with more behind the addresses', V2_TCP6, '2001:db8::7'],
  [
    'version 2, IPv4 in IPv6',
    hex(`${SIGNATURE} 21 21 0024 00000000000000000000ffffcb007107 ${'00'.repeat(20)}`),
    '::ffff:203.0.113.7',
  ],
  ['version 2, the proxy’s own', hex(`${SIGNATURE} 20 00 0000`), null],
  ['version 2, a socket of another kind', hex(`${SIGNATURE} 21 31 0002 0000`), null],
];

const NONE: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['HTTP', Buffer.from('POST / HTTP/1.1\r\n')],
  ['a word like it', Buffer.from('PROXIES\r\n')],
  ['version 1 without addresses', Buffer.from('PROXY TCP4\r\n')],
  ['version 1 with a name', Buffer.from('PROXY TCP4 gate.example 192.0.2.1 1 2\r\n')],
  ['version 1 with an address of the other kind', Buffer.from('PROXY TCP4 ::1 ::1 1 2\r\n')],
  ['version 1 that does not end', Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`)],
  ['version 3', hex(`${SIGNATURE} 31 11 000c cb007107 c0000201 1267 01bb`)],
  ['an unknown command', hex(`${SIGNATURE} 22 11 000c cb007107 c0000201 1267 01bb`)],
  ['addresses that are cut short', hex(`${SIGNATURE} 21 11 0004 cb007107`)],
  ['more than any proxy adds', hex(`${SIGNATURE} 21 11 ffff`)],
];

describe('the bytes', () => {
  for (const [what, bytes, address] of WHOLE) {
    test(what, () => {
      const whole = { type: 'whole', length: bytes.length, address };
      assert.deepEqual(readProxyHeader(bytes), whole);
      assert.deepEqual(readProxyHeader(Buffer.concat([bytes, Buffer.from('POST /')])), whole);
      for (let cut = 0; cut < bytes.length; cut += 1) {
        assert.equal(readProxyHeader(bytes.subarray(0, cut)).type, 'partial', `${cut} bytes`);
      }
    });
  }
  for (const [what, bytes] of NONE) test(`none: ${what}`, () => assert.equal(readProxyHeader(bytes).type, 'none'));

  test('any bytes are an answer, and never a throw', () => {
    const starts = fc.constantFrom(Buffer.alloc(0), hex(SIGNATURE), Buffer.from('PROXY '), V1, V2_TCP6);
    fc.assert(
      fc.property(starts, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        const bytes = Buffer.concat([start, rest]);
        const header = readProxyHeader(bytes);
        assert.ok(header.type !== 'whole' || header.length <= bytes.length);
      }),
    );
  });
});

const BODY = '{"parkId":"P001","startTime":"2026-11-22 00:00:00","endTime":"2026-11-22 00:00:00"}';
const CALL = `POST /mallcoo/GetTraffic HTTP/1.1\r\nHost: x\r\nX-Token: wrong-wrong-wrong\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

async function behindProxy(t: TestContext, hops: readonly string[]): Promise<Site> {
  const auth = new Map([['P001' as ParkId, { type: 'token', token: 'a-token-of-some-length' } as const]]);
  return site(t, { auth, proxied: hops, trustedHops: hops, requestTimeoutMs: 5_000 });
}

const statusOf = ({ text }: Raw): string => /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? text;

for (const [what, header] of [
  ['1', V1],
  ['2', V2_TCP4],
] as const) {
  test(`a trusted hop's header, version ${what}, tells whose the calls are; in one packet, byte by byte, and twice on one connection`, async (t) => {
    const gate = await behindProxy(t, ['127.0.0.1']);
    const whole = Buffer.concat([header, Buffer.from(CALL)]);
    assert.equal(statusOf(await raw(gate.port, [whole], 'resMsg')), '401');
    const twice = await raw(gate.port, [whole, CALL], 'resMsg', 2);
    assert.equal(twice.text.split('HTTP/1.1 401').length, 3);
    assert.equal(statusOf(await slowly(gate.port, whole)), '401');
    for (let i = 4; i < FREE_FAILURES; i += 1) await raw(gate.port, [whole], 'resMsg');
    assert.equal(statusOf(await raw(gate.port, [whole], 'resMsg')), '429');
    assert.match(gate.faults.join(), /from 203\.0\.113\.7, UNAUTHORISED/);
  });
}

/** Says something a few bytes at a time. */
function slowly(port: number, bytes: Buffer): Promise<Raw> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let text = '';
    let at = 0;
    const timer = setInterval(() => {
      if (at < bytes.length) socket.write(bytes.subarray(at, at + 7));
      at += 7;
    }, 2);
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (text.includes('resMsg')) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ text, ended: true });
    });
  });
}

test('a trusted hop without a header is refused clearly; one that says nothing is cut', async (t) => {
  const gate = await behindProxy(t, ['127.0.0.1']);
  const answer = await raw(gate.port, [CALL]);
  assert.equal(statusOf(answer), '400');
  assert.match(answer.text, /PROXY header/);
  assert.ok(answer.ended);
  const silent = await raw(gate.port, ['PROXY TCP4 ']);
  assert.deepEqual(silent, { text: '', ended: true });
});

test('whoever is no trusted hop is served as ever, and a header from him is no HTTP', async (t) => {
  const gate = await behindProxy(t, ['192.0.2.1']);
  assert.equal(statusOf(await raw(gate.port, [CALL], 'resMsg')), '401');
  assert.equal(statusOf(await raw(gate.port, [V1, CALL])), '400');
  assert.equal(gate.faults.length, 0);
});

test('a close does not wait for headers that do not come', async (t) => {
  const gate = await behindProxy(t, ['127.0.0.1']);
  const waiting = raw(gate.port, [V1.subarray(0, 9)]);
  await raw(gate.port, [V1, CALL], 'resMsg');
  await gate.close();
  assert.deepEqual(await waiting, { text: '', ended: true });
});
