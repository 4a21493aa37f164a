/** Whose call it is behind proxies, and that nobody can put a failure down to another. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ParkId } from '../../src/core/ids.ts';
import { FREE_FAILURES } from '../../src/mallcoo/failures.ts';
import { callerOf, hopsOf } from '../../src/mallcoo/hops.ts';
import { site } from './site.ts';

const HOPS = ['127.0.0.1', '10.8.0.0/24', '::1', 'fd00::/8'];

const CASES: readonly (readonly [what: string, peer: string, header: string | undefined, caller: string])[] = [
  ['no header', '127.0.0.1', undefined, '127.0.0.1'],
  ['one proxy', '127.0.0.1', '203.0.113.7', '203.0.113.7'],
  ['a proxy behind a proxy', '127.0.0.1', '203.0.113.7, 10.8.0.3', '203.0.113.7'],
  [
    'what the caller wrote himself stands to the left, and counts for nothing',
    '127.0.0.1',
    '1.1.1.1, 203.0.113.7',
    '203.0.113.7',
  ],
  ['the caller pretends to be behind one of ours', '127.0.0.1', '1.1.1.1, 10.8.0.3, 203.0.113.7', '203.0.113.7'],
  ['rubbish from the caller cannot hide him', '127.0.0.1', 'rubbish, , 203.0.113.7', '203.0.113.7'],
  ['a stranger’s header', '198.51.100.9', '203.0.113.7', '198.51.100.9'],
  ['a neighbour of the network is a stranger', '10.8.1.3', '203.0.113.7', '10.8.1.3'],
  ['a hop over an IPv6 socket', '::ffff:127.0.0.1', '203.0.113.7', '203.0.113.7'],
  ['IPv6 all the way', '::1', '2001:db8::7, fd12::3', '2001:db8::7'],
  ['with ports', '127.0.0.1', '203.0.113.7:4711, 10.8.0.3:80', '203.0.113.7'],
  ['with a port, IPv6', '127.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
  ['an IPv4 address in IPv6', '127.0.0.1', '::ffff:203.0.113.7', '203.0.113.7'],
  ['an unknown caller', '127.0.0.1', 'unknown', '127.0.0.1'],
  ['an empty header', '127.0.0.1', '', '127.0.0.1'],
  ['a trailing comma', '127.0.0.1', '203.0.113.7,', '127.0.0.1'],
  ['a name', '127.0.0.1', 'park.example.com', '127.0.0.1'],
  ['an impossible address', '127.0.0.1', '203.0.113.777', '127.0.0.1'],
  ['hops only', '127.0.0.1', '127.0.0.1, 10.8.0.3', '127.0.0.1'],
  ['something very long', '127.0.0.1', `${'9'.repeat(8_000)}`, '127.0.0.1'],
];

describe('the caller’s address', () => {
  const isHop = hopsOf(HOPS);
  for (const [what, remoteAddress, header, caller] of CASES) {
    test(what, () => {
      const headers = header === undefined ? {} : { 'x-forwarded-for': header };
      assert.equal(callerOf({ headers, socket: { remoteAddress } }, isHop), caller);
    });
  }

  test('without trusted hops nobody is believed', () => {
    const calling = { headers: { 'x-forwarded-for': '203.0.113.7' }, socket: { remoteAddress: '127.0.0.1' } };
    assert.equal(callerOf(calling, hopsOf([])), '127.0.0.1');
  });

  test('a connection that is gone has no address', () => {
    assert.equal(callerOf({ headers: {}, socket: { remoteAddress: undefined } }, isHop), 'unknown');
  });
});

const WRONG = { 'content-type': 'application/json', 'x-token': 'wrong-wrong-wrong' };

test('callers behind a trusted proxy are counted each for himself; whoever changes his own header is not', async (t) => {
  const auth = new Map([['P001' as ParkId, { type: 'token', token: 'a-token-of-some-length' } as const]]);
  const gate = await site(t, { auth, trustedHops: ['127.0.0.1'] });
  const fail = async (forwarded: string): Promise<number> =>
    (await gate.post('GetTraffic', {}, { ...WRONG, 'x-forwarded-for': forwarded })).status;
  for (let i = 0; i < FREE_FAILURES; i += 1) assert.equal(await fail(`1.2.3.${i}, 203.0.113.7`), 401);
  assert.equal(await fail('203.0.113.8'), 401, 'another caller has failures of his own');
  assert.equal(await fail('1.2.3.250, 203.0.113.7'), 429);
  assert.match(gate.faults.join(), /^AUTH_FAILING mallcoo 11 from 203\.0\.113\.7, UNAUTHORISED$/);
});

test('without trusted hops the header is not looked at', async (t) => {
  const auth = new Map([['P001' as ParkId, { type: 'token', token: 'a-token-of-some-length' } as const]]);
  const gate = await site(t, { auth });
  const statuses: number[] = [];
  for (let i = 0; i <= FREE_FAILURES; i += 1) {
    statuses.push((await gate.post('GetTraffic', {}, { ...WRONG, 'x-forwarded-for': `1.2.3.${i}` })).status);
  }
  assert.equal(statuses.at(-1), 429);
});
