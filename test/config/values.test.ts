import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nearest } from '../../src/config/errors.ts';
import { addressFrom, fenFrom } from '../../src/config/values.ts';
import { changed, configOf } from './site.ts';

test('every price of at most two decimals becomes exactly its 分, as a number or as a text', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (amount) => {
      const text = `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`;
      assert.equal(fenFrom(text), amount);
      assert.equal(fenFrom(Number(text)), amount);
    }),
  );
});

test('a price is read from the file as it is written there', () => {
  for (const [written, amount] of [
    ['5', 500],
    ['5.1', 510],
    ['0.29', 29],
    ['1.15', 115],
    ['"8.20"', 820],
    ['0', 0],
  ] as const) {
    assert.equal(configOf(changed(['price: 5.00', `price: ${written}`])).tariffs['standard']?.step.price, amount);
  }
});

test('what is no price is none', () => {
  for (const text of ['', '5.005', '-1', '1e3', '¥5', '5,00', '.5', '10000000.01', '99999999', 'NaN', 'Infinity']) {
    assert.equal(fenFrom(text), undefined, text);
  }
});

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
