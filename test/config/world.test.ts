import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildWorld } from '../../src/config/world.ts';
import type { LaneId, ParkId } from '../../src/core/ids.ts';
import { after, instant, MINUTE, parseLocal } from '../../src/core/time.ts';
import { configOf, EXAMPLE, SMALL } from './site.ts';

test('a park of the file runs with its minutes in ms, its zone and its lanes', () => {
  const park = buildWorld(configOf(EXAMPLE)).parks.get('P001' as ParkId);
  assert.ok(park);
  assert.partialDeepStrictEqual(park, {
    quoteValidityMs: 300_000,
    waitingMs: 600_000,
    capDeduction: false,
  });
  assert.equal(parseLocal('1970-01-01 08:00:00', park.zone), 0);
  assert.deepEqual(
    [...park.lanes.values()],
    [
      { id: 'in-1', direction: 'in', barrier: true, dedupeMs: 30_000, orderDeadlineMs: 5_000 },
      { id: 'out-1', direction: 'out', barrier: true, dedupeMs: 30_000, orderDeadlineMs: 5_000 },
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
