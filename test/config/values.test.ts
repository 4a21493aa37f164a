import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../src/config/errors.ts';
import { addressFrom } from '../../src/config/values.ts';

test('an address is an IP address or localhost, and a port', () => {
  assert.deepEqual(addressFrom('[fe80::1]:1883'), { host: 'fe80::1', port: 1_883 });
  assert.deepEqual(addressFrom('localhost:0'), { host: 'localhost', port: 0 });
  for (const text of [
    '8080',
    ':8080',
    '127.0.0.1',
    '127.0.0.1:65536',
    '::1:80',
    '[127.0.0.1]:80',
    '256.0.0.1:80',
    'gate.example:80',
  ]) {
    assert.equal(addressFrom(text), undefined, text);
  }
});

test('a slip finds the name that was meant, and a strange word none', () => {
  const known = ['direction', 'readers', 'barrier'];
  assert.equal(nearest('dirction', known), 'direction');
  assert.equal(nearest('raeders', known), 'readers');
  assert.equal(nearest('Barrier', known), 'barrier');
  assert.equal(nearest('colour', known), undefined);
  assert.equal(nearest('x'.repeat(1_000_000), known), undefined);
});
