/** The exit notice: the entry notice's machine, the site's own address and names. In simulated time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MINUTE } from '../../../src/core/time.ts';
import { ENTRY_FIELDS } from '../../../src/mallcoo/notices/settings.ts';
import { NOTICE_PATH } from '../../../src/mallcoo-client/receiver.ts';
import { car, code, memory, quiet, type RigOptions, settings, started, told } from './rig.ts';

test('the exit notice: the same machine, its own address and names, one order with the entries', async () => {
  const fields = { parkCode: 'Park', plateNo: 'Plate', time: 'LeaveTime', tradeId: 'TradeID' };
  const exit = { url: 'https://mallcoo.example/left', fields };
  const treat: RigOptions['treat'] = ({ url }) => (url.endsWith(NOTICE_PATH) ? 'ok' : code(1));
  const r = await started({ parks: [settings({ exit })], treat });
  await r.read('in-1', car(0));
  await r.pass(MINUTE);
  await r.read('out-1', car(0));
  await r.read('in-1', car(1));
  await quiet(r);
  assert.deepEqual(
    r.calls.map(({ url, fields: sent }) => [new URL(url).pathname, sent['TradeID']]),
    [
      [NOTICE_PATH, 'V1'],
      ['/left', 'V1'],
      [NOTICE_PATH, 'V3'],
    ],
  );
  assert.deepEqual(r.calls[1]?.fields, {
    Park: 'P001',
    Plate: '粤A10000',
    LeaveTime: '2026-11-22 10:01:00',
    TradeID: 'V1',
  });
  assert.equal(r.lines[1]?.[0], 'Mallcoo knows of the exit');
  assert.equal(r.lines[1]?.[1]['lane'], 'out-1');
});

test('a departure that waits though departures are no longer told is a dead letter, and the entries go on', async () => {
  const backend = memory();
  const target = { url: 'https://mallcoo.example/left', fields: ENTRY_FIELDS };
  const before = await started({ backend, parks: [settings({ exit: target })], treat: () => 'down' });
  await before.read('in-1', car(0));
  await before.pass(MINUTE);
  await before.read('out-1', car(0));
  await before.read('in-1', car(1));
  before.kill();
  const r = await started({ backend });
  await quiet(r);
  assert.deepEqual([told(r), r.dead().map(([, why]) => why)], [['V1', 'V3'], ['notConfigured']]);
});
