import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildWorld } from '../../src/config/world.ts';
import type { LaneId, ParkId } from '../../src/core/ids.ts';
import { after, instant, MINUTE, parseLocal } from '../../src/core/time.ts';
import { changed, configOf, EXAMPLE, SMALL } from './site.ts';

test('a park of the file runs with its minutes in ms, its zone and its lanes', () => {
  const park = buildWorld(configOf(EXAMPLE)).parks.get('P001' as ParkId);
  assert.ok(park);
  assert.partialDeepStrictEqual(park, {
    quoteValidityMs: 300_000,
    waitingMs: 600_000,
    lateNoticeMs: 1_800_000,
    capDeduction: false,
    notices: { entry: true, exit: false },
  });
  assert.equal(parseLocal('1970-01-01 08:00:00', park.zone), 0);
  const times = { dedupeMs: 30_000, orderDeadlineMs: 5_000 };
  assert.deepEqual(
    [...park.lanes.values()],
    [
      { id: 'in-1', direction: 'in', barrier: true, ...times, whenLineDown: { type: 'hold' } },
      { id: 'out-1', direction: 'out', barrier: true, ...times, whenLineDown: { type: 'letOut', upTo: 2_000 } },
    ],
  );
  const without = buildWorld(configOf(SMALL)).parks.get('P001' as ParkId);
  assert.equal(without?.lanes.get('out-1' as LaneId)?.barrier, false);
});

test('the price sheet that the file names is the one that is charged', () => {
  const tariff = buildWorld(configOf(EXAMPLE)).parks.get('P001' as ParkId)?.tariff;
  const from = instant(0);
  const fees = [15, 16, 61, 91, 24 * 60].map((minutes) => tariff?.fee(from, after(from, minutes * MINUTE)));
  assert.deepEqual(fees, [0, 500, 750, 1_000, 5_000]);
  assert.deepEqual(tariff?.sheetAt(from), { name: '标准收费', version: '2025-01', currency: '¥' });
});

test('an exit’s rule for when the line is down is one of three, its amount in yuan becoming 分', () => {
  for (const [written, wanted] of [
    ['hold', { type: 'hold' }],
    ['operator', { type: 'operator' }],
    ['{ letOutUpTo: 50.00 }', { type: 'letOut', upTo: 5_000 }],
    ['{ letOutUpTo: 8.1 }', { type: 'letOut', upTo: 810 }],
    ['{ letOutUpTo: "0.01" }', { type: 'letOut', upTo: 1 }],
  ] as const) {
    const text = changed(['direction: out', `direction: out, whenLineDown: ${written}`]);
    const park = buildWorld(configOf(text)).parks.get('P001' as ParkId);
    assert.deepEqual(park?.lanes.get('out-1' as LaneId)?.whenLineDown, wanted);
  }
});
