/** Whatever comes in on any wire: a clear answer or a counted discard; the daemon stays up and does not grow. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { demo, folder, outside, post, type Running, until } from './support.ts';

const BODIES: readonly (readonly [name: string, call: string, body: unknown, status: number])[] = [
  ['no JSON', 'GetParkingPaymentInfo', '{"plateNo":', 400],
  ['a list', 'GetParkingPaymentInfo', '[]', 400],
  ['nothing', 'PayParkingFee', '', 400],
  ['an object for a plate', 'GetParkingPaymentInfo', { plateNo: { a: 1 } }, 200],
  ['a list for an amount', 'PayParkingFee', { plateNo: '粤A12345', orderNo: 'X', amount: [1] }, 200],
  ['a negative amount', 'PayParkingFee', { plateNo: '粤A12345', orderNo: 'X', amount: -1 }, 200],
  ['a huge amount', 'PayParkingFee', { plateNo: '粤A12345', orderNo: 'X', amount: 1e300 }, 200],
  ['no order number', 'PayParkingFee', { plateNo: '粤A12345', amount: 1 }, 200],
  ['an unknown park', 'GetParkingPaymentInfo', { parkId: 'P999', plateNo: '粤A12345' }, 200],
  ['an unknown car', 'GetParkingPaymentInfo', { parkId: 'P001', plateNo: '粤Z99999' }, 200],
  ['no date', 'GetTraffic', { startTime: 'yesterday', endTime: '2026-01-01 00:00:00' }, 200],
  ['an unknown call', 'OpenTheGate', {}, 404],
  ['10 MB', 'GetParkingPaymentInfo', 'x'.repeat(10_000_000), 413],
];

const rss = ({ pid }: Running): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

test('every bad call gets an answer in the standard’s shape, and books nothing', async (t) => {
  const gate = await demo(t, folder(t));
  for (const [name, call, body, status] of BODIES) {
    const answer = await post(gate.mallcoo, call, body);
    assert.deepEqual([name, answer.status, answer.resCode], [name, status, 1]);
    assert.ok(typeof answer.resMsg === 'string' && answer.resMsg.length > 3 && answer.resMsg.length < 300, name);
  }
  const health = (await (await fetch(`${gate.local}/healthz`)).json()) as Record<string, unknown>;
  assert.equal(health['seq'], 0);
});

test('garbage on every topic is discarded and counted; the next good message is read; memory stays flat', async (t) => {
  const gate = await demo(t, folder(t));
  const site = await outside(t, gate.mqtt);
  const garbage = [
    '',
    '{',
    '[]',
    'null',
    '\0\0\0',
    '{"payload":{}}',
    JSON.stringify({ payload: { AlarmInfoPlate: 7 } }),
    'é'.repeat(50_000),
  ];
  const topics = ['ivs_result', 'quick_ivs_result', 'gpio_in', 'serial_data', 'nonsense'].map(
    (name) => `device/demo-in-1/message/up/${name}`,
  );
  topics.push(
    '$/device/demo-in-1/message/up/keep_alive',
    'device/demo-in-1/message/down/gpio_out/reply',
    'a/b/c',
    '$SYS/x',
  );
  const round = async (): Promise<void> => {
    await Promise.all(
      topics.flatMap((topic) => garbage.map((text) => site.client.publishAsync(topic, text, { qos: 0 }))),
    );
  };
  // The heap first grows to what a flood needs; then it must stay there.
  for (let i = 0; i < 250; i += 1) await round();
  const before = rss(gate);
  // 360 MB of garbage: whoever keeps a third of it is found out.
  for (let i = 0; i < 400; i += 1) await round();
  await site.see('demo-in-1', '粤A12345');
  await until('the pulse', () => site.orders.find(({ topic }) => topic === 'device/demo-in-1/message/down/gpio_out'));
  assert.ok(rss(gate) < before + 120_000, `grew from ${before} kB to ${rss(gate)} kB`);
  const health = (await (await fetch(`${gate.local}/healthz`)).json()) as {
    devices: { devices: Record<string, { discards: Record<string, number> }> };
  };
  const discards = Object.values(health.devices.devices['demo-in-1']?.discards ?? {}).reduce(
    (sum, count) => sum + count,
    0,
  );
  assert.ok(discards >= 1_000, `${discards} discards were counted`);
});

test('an MQTT packet of 10 MB costs its sender the connection, and nobody else anything', async (t) => {
  const gate = await demo(t, folder(t));
  const bad = await outside(t, gate.mqtt);
  const closed = new Promise<void>((resolve) => bad.client.once('close', () => resolve()));
  bad.client.on('error', () => undefined);
  bad.client.publish('device/demo-in-1/message/up/ivs_result', Buffer.alloc(10_000_000, 'x'), { qos: 1 });
  await closed;
  const good = await outside(t, gate.mqtt);
  await good.see('demo-in-1', '粤A12345');
  await until('the pulse', () => good.orders[0]);
});
