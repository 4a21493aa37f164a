import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  civilDay,
  dayNumber,
  formatLocal,
  fromCivil,
  HOUR,
  type Instant,
  instant,
  parseLocal,
  toCivil,
  wholeMinutes,
  zoneOf,
} from '../../src/core/time.ts';

const shanghai = zoneOf('Asia/Shanghai');
const berlin = zoneOf('Europe/Berlin');
const utc = (iso: string): Instant => instant(Date.parse(iso));

test('a moment is written in the park’s local time, as the standard writes it', () => {
  assert.equal(formatLocal(utc('2016-06-29T02:24:10Z'), shanghai), '2016-06-29 10:24:10');
});

test('a bare local time is the park’s, never UTC', () => {
  assert.equal(parseLocal('2016-06-29 10:24:10', shanghai), utc('2016-06-29T02:24:10Z'));
});

for (const text of [
  '',
  'yesterday',
  '2026-02-30 10:00:00',
  '2026-13-01 00:00:00',
  '2026-01-01 24:00:00',
  '2026-01-01',
  '20260101100000',
]) {
  test(`"${text}" is no local time`, () => assert.equal(parseLocal(text, shanghai), undefined));
}

for (const text of ['2026-11-22T08:05:00', '2026/11/22 8:05', ' 2026-11-22 08:05:00 ', '2026-11-22 08:05:00.000']) {
  test(`"${text}" is understood`, () => assert.equal(parseLocal(text, shanghai), utc('2026-11-22T00:05:00Z')));
}

test('the hour that happens twice is the first of the two', () => {
  assert.equal(parseLocal('2026-10-25 02:30:00', berlin), utc('2026-10-25T00:30:00Z'));
});

test('the hour that never happens is as far after the gap', () => {
  assert.equal(parseLocal('2026-03-29 02:30:00', berlin), utc('2026-03-29T01:30:00Z'));
});

test('a zone that nobody knows is refused', () => {
  assert.throws(() => zoneOf('Asia/Atlantis'), RangeError);
});

test('half a minute is no minute, and a stay is never negative', () => {
  assert.equal(wholeMinutes(instant(0), instant(59_999)), 0);
  assert.equal(wholeMinutes(instant(0), instant(60_000)), 1);
  assert.equal(wholeMinutes(instant(60_000), instant(0)), 0);
});

test('day numbers and civil dates are inverses, and agree with the platform', () => {
  fc.assert(
    fc.property(fc.integer({ min: -200_000, max: 200_000 }), (days) => {
      const { year, month, day } = civilDay(days);
      assert.equal(dayNumber(year, month, day), days);
      const date = new Date(days * 86_400_000);
      assert.deepEqual([year, month, day], [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]);
    }),
  );
});

test('local time and back gives the same moment, in zones with and without summer time', () => {
  const zones = ['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'].map(
    zoneOf,
  );
  const seconds = fc.integer({ min: 946_684_800, max: 4_102_444_800 });
  fc.assert(
    fc.property(fc.constantFrom(...zones), seconds, (zone, second) => {
      const at = instant(second * 1000);
      const back = fromCivil(toCivil(at, zone), zone);
      // In the hour that happens twice the first is meant: at most two hours earlier, with the same local text.
      assert.ok(back === at || (back < at && at - back <= 2 * HOUR));
      assert.equal(formatLocal(back, zone), formatLocal(at, zone));
    }),
    { numRuns: 500 },
  );
});
