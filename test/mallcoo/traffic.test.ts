/** GetTraffic (1.3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import { plate, site, TEN } from './site.ts';

const DAY = { startTime: '2026-11-22 00:00:00', endTime: '2026-11-23 00:00:00' };

test('passages are counted, in the park’s local time, over a half-open span to the second', async (t) => {
  const s = await site(t);
  await s.enter(plate('沪A00001'));
  s.clock.at = after(TEN, MINUTE);
  await s.leave(plate('沪A00001'));
  s.clock.at = after(TEN, MINUTE + SECOND);
  await s.enter(plate('沪A00002'));
  const count = async (startTime: string, endTime: string): Promise<unknown> =>
    (await s.post('GetTraffic', { startTime, endTime })).json;
  assert.deepEqual(await count(DAY.startTime, DAY.endTime), { resCode: 0, resMsg: '', inNum: 2, outNum: 1 });
  const [ten, tenOne, tenOneOne] = ['2026-11-22 10:00:00', '2026-11-22 10:01:00', '2026-11-22 10:01:01'];
  assert.deepEqual(await count(ten, tenOne), { resCode: 0, resMsg: '', inNum: 1, outNum: 0 });
  assert.deepEqual(await count(tenOne, tenOneOne), { resCode: 0, resMsg: '', inNum: 0, outNum: 1 });
  assert.deepEqual(await count(tenOneOne, tenOneOne), { resCode: 0, resMsg: '', inNum: 0, outNum: 0 });
});

test('what is in the archive is counted with what is not, up to the batch that the state has handed over', async (t) => {
  const asked: unknown[] = [];
  const s = await site(t, {
    archive: {
      traffic(...question) {
        asked.push(question);
        return { inNum: 1_000, outNum: 900 };
      },
    },
  });
  await s.enter(plate('沪A00001'));
  const { json } = await s.post('GetTraffic', DAY);
  assert.deepEqual(json, { resCode: 0, resMsg: '', inNum: 1_001, outNum: 900 });
  const midnight = after(TEN, -10 * HOUR);
  assert.deepEqual(asked, [['P001', midnight, after(midnight, 24 * HOUR), 0]]);
});

test('a missing, unreadable or inverted span is told by name', async (t) => {
  const s = await site(t);
  const message = async (fields: object): Promise<unknown> => {
    const { status, json } = await s.post('GetTraffic', fields);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(json), ['resCode', 'resMsg']);
    assert.equal(json['resCode'], 1);
    return json['resMsg'];
  };
  assert.equal(await message({ endTime: DAY.endTime }), 'startTime is required');
  assert.equal(await message({ startTime: DAY.startTime, endTime: '' }), 'endTime is required');
  assert.match(
    String(await message({ ...DAY, startTime: '2026-02-30 00:00:00' })),
    /^startTime is not valid: 2026-02-30/,
  );
  assert.match(String(await message({ ...DAY, endTime: 1_763_000_000 })), /^endTime is not valid: 1763000000/);
  assert.equal(await message({ startTime: DAY.endTime, endTime: DAY.startTime }), 'endTime is before startTime');
});

test('the query string serves too, with the times’ blanks as + or %20', async (t) => {
  const s = await site(t);
  await s.enter(plate('沪A00001'));
  const path = '/mallcoo/GetTraffic?StartTime=2026-11-22+00:00:00&endtime=2026-11-23%2000:00:00&parkId=P001';
  assert.deepEqual((await s.fetch(path)).json, { resCode: 0, resMsg: '', inNum: 1, outNum: 0 });
});
