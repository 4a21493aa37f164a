import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coveredByAny, covers, matches } from '../../src/devices/topics.ts';

const CASES: readonly (readonly [filter: string, topic: string, reaches: boolean])[] = [
  ['a/b', 'a/b', true],
  ['a/b', 'a/b/c', false],
  ['a/+', 'a/b', true],
  ['a/+', 'a', false],
  ['a/+', 'a/b/c', false],
  ['a/#', 'a', true],
  ['a/#', 'a/b/c', true],
  ['+/b', 'a/b', true],
  ['+/+', '/b', true],
  ['#', 'a/b', true],
  ['#', '$/device/1/up', false],
  ['+/device/1/up', '$/device/1/up', false],
  ['$/device/+/up', '$/device/1/up', true],
  ['$/#', '$/device/1/up', true],
  ['a/$b', 'a/$b', true],
  ['a/+', 'a/$b', true],
  ['device/7/message/up/+', 'device/7/message/up/ivs_result', true],
  ['device/7/message/up/+', 'device/8/message/up/ivs_result', false],
];

for (const [filter, topic, reaches] of CASES) {
  test(`a message on ${topic} ${reaches ? 'reaches' : 'does not reach'} a subscription to ${filter}`, () => {
    assert.equal(matches(filter, topic), reaches);
  });
}

const COVER: readonly (readonly [outer: string, inner: string, covered: boolean])[] = [
  ['device/7/down/#', 'device/7/down/#', true],
  ['device/7/down/#', 'device/7/down/+', true],
  ['device/7/down/#', 'device/7/down', true],
  ['device/7/down/+', 'device/7/down/#', false],
  ['device/7/down/+', 'device/7/down/gpio_out', true],
  ['device/7/down/+', 'device/+/down/gpio_out', false],
  ['device/7/#', '#', false],
  ['#', '+/b', true],
  ['#', '$/device/7', false],
];

for (const [outer, inner, covered] of COVER) {
  test(`a device that owns ${outer} ${covered ? 'may' : 'may not'} subscribe to ${inner}`, () => {
    assert.equal(covers(outer, inner), covered);
  });
}

test('what one of several filters covers is covered', () => {
  assert.equal(coveredByAny(['x/#', 'a/+'], 'a/b'), true);
  assert.equal(coveredByAny([], 'a/b'), false);
});

test('no subscription gets a topic from outside the filter that covers it', () => {
  const level = fc.constantFrom('a', 'b', '', '$', '$x');
  const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
  const filter = fc
    .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 3 }), fc.constantFrom('#', '+', 'a', 'b', '$'))
    .map(([levels, last]) => [...levels, last].join('/'));
  const seen = { covered: 0 };
  fc.assert(
    fc.property(filter, filter, topic, (outer, inner, at) => {
      if (!covers(outer, inner)) return;
      seen.covered += 1;
      assert.ok(!matches(inner, at) || matches(outer, at), `${outer} covers ${inner}, but not ${at}`);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(seen.covered > 500, 'the property was tried on too few pairs to say anything');
});
