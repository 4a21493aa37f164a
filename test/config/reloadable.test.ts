/** What a reload takes over, what it says, and what it leaves to a restart. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reloading } from '../../src/config/reloadable.ts';
import { buildWorld, succeedingWorld } from '../../src/config/world.ts';
import type { ParkId } from '../../src/core/ids.ts';
import { instant } from '../../src/core/time.ts';
import { changed, configOf, EXAMPLE, SMALL } from './site.ts';

const P001 = 'P001' as ParkId;

describe('a configuration that is read again', () => {
  test('and says the same changes nothing, not even the compiled sheets', () => {
    const running = configOf(EXAMPLE);
    const { config, changes, restart } = reloading(running, configOf(EXAMPLE));
    assert.deepEqual([changes, restart], [[], []]);
    const old = buildWorld(running);
    const park = succeedingWorld(old, config, instant(1_000)).parks.get(P001);
    assert.equal(park?.tariff, old.parks.get(P001)?.tariff);
    assert.equal(park?.replaced, undefined);
  });

  for (const [what, from, to, wanted] of [
    ['a setting of a lane', 'direction: in,', 'direction: in, dedupeSeconds: 7,', ['parks[0].lanes[0].dedupeSeconds']],
    ['an address', 'parks:\n', 'local: { listen: "127.0.0.1:9999" }\nparks:\n', ['local.listen']],
    [
      'a zone, and the sheets with it',
      '    tariff: standard\n',
      '    tariff: standard\n    zone: Asia/Tokyo\n',
      ['parks[0].zone'],
    ],
    [
      'proof of the caller',
      'type: none',
      'type: token, token: 0123456789abcdef',
      ['parks[0].mallcoo.auth.type', 'parks[0].mallcoo.auth.token'],
    ],
  ] as const) {
    test(`${what} waits for the restart, and its value is not told`, () => {
      const { config, changes, restart } = reloading(configOf(SMALL), configOf(changed([from, to])));
      assert.deepEqual([changes, restart], [[], wanted]);
      assert.deepEqual({ ...config, warnings: [] }, { ...configOf(SMALL), warnings: [], pricing: config.pricing });
    });
  }
});
