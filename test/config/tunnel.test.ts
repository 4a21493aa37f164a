import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatErrors } from '../../src/config/errors.ts';
import { configOf, errorsOf, SMALL } from './site.ts';

test('without a word about the way to Mallcoo nothing is probed, and the internet is looked for at two places', () => {
  const { tunnel, internet } = configOf(SMALL);
  assert.deepEqual(tunnel, {
    probeSeconds: 30,
    probeTimeoutSeconds: 10,
    trustedHops: [],
    proxyProtocol: false,
    restartAfterSeconds: 120,
  });
  assert.deepEqual(internet.check, [
    { host: '223.5.5.5', port: 53 },
    { host: '119.29.29.29', port: 53 },
  ]);
});

describe('what may be written', () => {
  const allowed: readonly (readonly [string, string])[] = [
    ['an https address with a path', 'tunnel: { publicUrl: "https://park.example.com/parking" }'],
    ['an https address with a port', 'tunnel: { publicUrl: "https://203.0.113.7:8443/" }'],
    ['http on this machine', 'tunnel: { publicUrl: "http://127.0.0.1:18080/parking" }'],
    ['http on this machine, IPv6', 'tunnel: { publicUrl: "http://[::1]:18080" }'],
    [
      'addresses and networks',
      'tunnel: { trustedHops: [127.0.0.1, "::1", 10.8.0.0/24, "fd00::/8"], proxyProtocol: true }',
    ],
    ['a restart', 'tunnel: { publicUrl: "https://park.example.com", restartFile: /run/gatepost/restart-tunnel }'],
    ['other points', 'internet: { check: ["[2400:3200::1]:53", "192.168.1.1:80"] }'],
    ['no points', 'internet: { check: [] }'],
  ];
  for (const [name, text] of allowed) test(name, () => void configOf(`${text}\n${SMALL}`));
});

describe('what is told, with the way out', () => {
  const wrong: readonly (readonly [text: string, error: RegExp])[] = [
    [
      'tunnel: { publicUrl: "http://park.example.com" }',
      /:1:22 tunnel\.publicUrl: "http:\/\/park\.example\.com" is not allowed\. Write an https address without a login.*https:/,
    ],
    ['tunnel: { publicUrl: park.example.com }', /tunnel\.publicUrl: "park\.example\.com" is not allowed\. Write/],
    [
      'tunnel: { publicUrl: "https://u:p@park.example.com" }',
      /publicUrl: "https:\/\/\*\*\*@park\.example\.com" is not allowed/,
    ],
    [
      'tunnel: { publicUrl: "https://park.example.com?token=1" }',
      /publicUrl: .* is not allowed\. .* without a login, "\?" or "#"/,
    ],
    ['tunnel: { probeSeconds: 5 }', /tunnel\.probeSeconds: 5 is not allowed\. Write a whole number from 10 to 3600\./],
    ['tunnel: { probeTimeoutSeconds: 0 }', /Write a whole number from 1 to 60\./],
    [
      'tunnel: { trustedHops: 127.0.0.1 }',
      /tunnel\.trustedHops: "127\.0\.0\.1" is not allowed\. Write a list, for example \[/,
    ],
    [
      'tunnel: { trustedHops: [localhost] }',
      /trustedHops\[0\]: "localhost" is not allowed\. Write an IP address or a network/,
    ],
    ['tunnel: { trustedHops: [10.0.0.0/33] }', /trustedHops\[0\]: "10\.0\.0\.0\/33" is not allowed/],
    ['tunnel: { trustedHops: ["fe80::1%eth0"] }', /trustedHops\[0\]: "fe80::1%eth0" is not allowed/],
    [
      'tunnel: { proxyProtocol: true }',
      /tunnel\.proxyProtocol: needs tunnel\.trustedHops\. Name the proxies in "trustedHops"/,
    ],
    ['tunnel: { restartFile: /run/x }', /tunnel\.restartFile: has no use here\. Add "publicUrl:"/],
    [
      'tunnel: { publicUrl: "https://a.example", restartFile: x }',
      /restartFile: "x" is not allowed\. Write a full path, for example \/run\//,
    ],
    ['tunnel: { publicURL: "https://a.example" }', /tunnel\.publicURL: is not a setting\. Did you mean "publicUrl"\?/],
    [
      'internet: { check: [dns.example:53] }',
      /internet\.check\[0\]: "dns\.example:53" is not allowed\. .*a name would need DNS\./,
    ],
    ['internet: { check: ["223.5.5.5:0"] }', /internet\.check\[0\]: "223\.5\.5\.5:0" is not allowed/],
    [
      'internet: { check: "223.5.5.5:53" }',
      /internet\.check: "223\.5\.5\.5:53" is not allowed\. Write a list, for example/,
    ],
  ];
  for (const [text, error] of wrong) {
    test(text, () => {
      const errors = errorsOf(`${text}\n${SMALL}`);
      assert.equal(errors.length, 1, formatErrors(errors, 'en'));
      assert.match(formatErrors(errors, 'en'), error);
    });
  }
});
