import assert from 'node:assert/strict';
import { test } from 'node:test';
import { histogram, recent, tally } from '../../../src/ops/metrics/instruments.ts';
import { page } from '../../../src/ops/metrics/text.ts';
import { readExposition } from './exposition.ts';

test('an observation of just a bound belongs to it; what is beyond the last is counted all the same', () => {
  const times = histogram([0.1, 1, 10]);
  for (const value of [0, 0.1, 0.100001, 1, 5, 10, 10.5, 1_000]) times.observe(value);
  const { within, count, sum } = times.read();
  assert.deepEqual([within, count], [[2, 4, 6], 8]);
  assert.ok(Math.abs(sum - 1_026.700001) < 1e-9, `${sum}`);
});

test('a tally keeps combinations apart that would be one text, and knows those at 0', () => {
  const counts = tally([['a', 'b']]);
  counts.add(['a,b', ''], 1);
  counts.add(['a', ',b'], 2);
  counts.add(['a', ',b'], 3);
  assert.deepEqual(
    [...counts.read()],
    [
      [['a', 'b'], 0],
      [['a,b', ''], 1],
      [['a', ',b'], 5],
    ],
  );
});

test('of the last observations the median and the most; those before them are forgotten', () => {
  const last = recent(3);
  assert.equal(last.read(), null);
  last.observe(100);
  assert.deepEqual(last.read(), { median: 100, most: 100 });
  for (const value of [7, 5, 6]) last.observe(value);
  assert.deepEqual(last.read(), { median: 6, most: 7 });
});

test('whatever a label or a help text holds, the page can be read, and holds it', () => {
  const to = page();
  const help = 'a \\ and\na second line';
  const label = 'a "quote", a \\, a\nline, a }';
  to.add({ name: 'm_total', type: 'counter', help, labels: ['x'] }, [[[label], 1.5]]);
  to.add({ name: 'g', type: 'gauge', help: 'h', labels: [] }, [[[], Number.POSITIVE_INFINITY]]);
  const { families, series } = readExposition(to.text());
  assert.equal(families.get('m_total')?.help, 'a \\\\ and\\na second line');
  assert.equal(series.get('m_total{x="a \\"quote\\", a \\\\, a\\nline, a }"}'), 1.5);
  assert.equal(series.get('g'), Number.POSITIVE_INFINITY);
});

test('a histogram’s lines: cumulative, its labels before le, +Inf the same as its count', () => {
  const times = histogram([0.5, 2]);
  for (const value of [0.25, 1, 3]) times.observe(value);
  const to = page();
  to.histogram({ name: 't_seconds', type: 'histogram', help: 'h', labels: ['call'] }, [[['A'], times.read()]]);
  assert.deepEqual(to.text().split('\n').slice(2, -1), [
    't_seconds_bucket{call="A",le="0.5"} 1',
    't_seconds_bucket{call="A",le="2"} 2',
    't_seconds_bucket{call="A",le="+Inf"} 3',
    't_seconds_sum{call="A"} 4.25',
    't_seconds_count{call="A"} 3',
  ]);
});

test('a value for each label, or it is a defect of ours', () => {
  const family = { name: 'm_total', type: 'counter', help: 'h', labels: ['park', 'lane'] } as const;
  assert.throws(() => page().add(family, [[['P001'], 1]]), /m_total has labels park, lane, not P001/);
});
