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
    graceMs: 900_000,
    quoteValidityMs: 300_000,
    waitingMs: 600_000,
    afterPayment: 'continue',
    capDeduction: false,
    cutFreeMinutesFrom: 'end',
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

test('the price sheet of the file is the one that is charged', () => {
  const tariff = buildWorld(configOf(EXAMPLE)).parks.get('P001' as ParkId)?.tariff;
  const from = instant(0);
  const fees = [15, 16, 61, 91, 24 * 60].map((minutes) => tariff?.fee(from, after(from, minutes * MINUTE)));
  assert.deepEqual(fees, [0, 500, 750, 1_000, 5_000]);
  assert.deepEqual([tariff?.name, tariff?.version], ['标准收费', '2025-01']);
});

test('a sheet without a name, a first period and a cap is called by its key', () => {
  const text = changed(['version: v1,', 'version: v1, freePeriod: deducted,']);
  const tariff = buildWorld(configOf(text)).parks.get('P001' as ParkId)?.tariff;
  const from = instant(0);
  assert.deepEqual([tariff?.name, tariff?.fee(from, after(from, 75 * MINUTE))], ['standard', 500]);
});
