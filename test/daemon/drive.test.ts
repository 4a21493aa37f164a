/** A car drives through, as seen from outside: MQTT to the broker, HTTP to the calls, nothing of ours in between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agoMinutes, demo, folder, gatepost, outside, post, until } from './support.ts';

test('the demo tells its story to the end, stays up, and stops cleanly when asked', async (t) => {
  const program = gatepost(t, ['demo', '--port-base', '0', '--data', folder(t)]);
  await program.printed('Ctrl-C ends the demo');
  assert.match(program.output(), / 2\. Mallcoo is told of the entry: signed, confirmed; the app knows the car/);
  assert.match(program.output(), / 9\. 粤\w+ leaves within its free minutes: the arm rises/);
  assert.equal(await program.end('SIGTERM'), 0);
  assert.match(program.output(), /stopped\n$/);
  // 2 h 20 at ¥5 an hour: the log says why, at the payment and at the exit.
  const because = /fee=¥15\.00 .*why=sheet Demo 1; parking 3 × ¥5\.00 \/ 1 h ¥15\.00/;
  const explained = program
    .output()
    .split('\n')
    .filter((line) => because.test(line));
  assert.deepEqual(
    [explained.length, /paid, settled/.test(explained[0] ?? ''), /left/.test(explained[1] ?? '')],
    [2, true, true],
  );
});

test('a plate message for demo-in-1 gives a gpio_out pulse on its topic, as the protocol writes it', async (t) => {
  const gate = await demo(t, folder(t));
  const site = await outside(t, gate.mqtt);
  await site.see('demo-in-1', '粤A12345');
  const order = await until('the pulse', () => site.orders[0]);
  assert.equal(order.topic, 'device/demo-in-1/message/down/gpio_out');
  const { sn, name, payload } = order.body;
  assert.deepEqual({ sn, name }, { sn: 'demo-in-1', name: 'gpio_out' });
  assert.deepEqual(payload, { type: 'gpio_out', body: { delay: 500, io: 0, value: 2 } });
});

test('enter, ask, pay, pay again, leave: the standard’s fields, booked once, the exit arm rises', async (t) => {
  const gate = await demo(t, folder(t));
  const site = await outside(t, gate.mqtt);
  await site.see('demo-in-1', '粤A12345', agoMinutes(150));
  const ask = () => post(gate.mallcoo, 'GetParkingPaymentInfo', { parkId: 'P001', plateNo: '粤A·12345' });
  const asked = await ask();
  assert.deepEqual(Object.keys(asked.fields), [
    'resCode',
    'resMsg',
    'feeId',
    'entryTime',
    'parkingMinutes',
    'totalAmount',
    'unPayAmount',
    'deductionAmount',
    'paidAmount',
    'offlineDeduction',
  ]);
  assert.deepEqual([asked.resCode, asked.fields['totalAmount'], asked.fields['unPayAmount']], [0, 1500, 1500]);

  await site.see('demo-out-1', '粤A12345');
  const notice = {
    parkId: 'P001',
    feeId: asked.fields['feeId'],
    orderNo: 'A1',
    amount: 1500,
    unPayAmount: 1500,
    payType: 3,
  };
  assert.equal(site.orders.length, 0, 'an unpaid car is held');
  const paid = await post(gate.mallcoo, 'PayParkingFee', notice);
  assert.deepEqual([paid.resCode, paid.status], [0, 200]);
  await until('the arm of the waiting car', () => site.orders.find(({ topic }) => topic.includes('demo-out-1')));
  assert.equal((await post(gate.mallcoo, 'PayParkingFee', notice)).resCode, 0);
  assert.equal((await post(gate.mallcoo, 'PayParkingFee', { ...notice, amount: 1 })).resCode, 1);
  const { resCode } = await ask();
  assert.equal(resCode, 1, 'it has left');
  await until('the outcome', () => gate.output().includes('arm opened'));
  assert.equal(gate.output().match(/paid, settled/g)?.length, 1);
});

test('a backlog record opens nothing', async (t) => {
  const gate = await demo(t, folder(t));
  const site = await outside(t, gate.mqtt);
  await site.see('demo-in-1', '粤A11111', agoMinutes(60));
  await site.see('demo-in-1', '粤A22222');
  await until('the live car’s pulse', () => site.orders[0]);
  assert.equal(site.orders.length, 1);
  assert.match(gate.output(), /粤A11111 +entered at .* \(backlog\)/);
});

test('a QoS 1 duplicate, a quick message with its full one, and a plate seen twice are one passage', async (t) => {
  const gate = await demo(t, folder(t));
  const site = await outside(t, gate.mqtt);
  await site.see('demo-in-1', '粤A12345', { plateid: 7 });
  await site.see('demo-in-1', '粤A12345', { plateid: 7 });
  await site.see('demo-in-1', '粤A12345', { plateid: 8 });
  const quick = {
    sn: 'demo-in-1',
    name: 'quick_ivs_result',
    payload: { AlarmInfoPlate: { result: { PlateResult: { license: '57KkQTEyMzQ1' } } } },
  };
  await site.client.publishAsync('device/demo-in-1/message/up/quick_ivs_result', JSON.stringify(quick), { qos: 1 });
  const day = { parkId: 'P001', startTime: '2000-01-01 00:00:00', endTime: '2100-01-01 00:00:00' };
  const { fields } = await post(gate.mallcoo, 'GetTraffic', day);
  assert.deepEqual([fields['inNum'], fields['outNum']], [1, 0]);
  assert.equal(site.orders.length, 1);
});

test('one request to stop that arrives twice, as from Ctrl-C and a parent, still stops cleanly', async (t) => {
  const gate = await demo(t, folder(t));
  gate.signal('SIGINT');
  assert.equal(await gate.end('SIGTERM'), 0);
  assert.match(gate.output(), /stopped\n$/);
});

test('the health page says how the gate is', async (t) => {
  const gate = await demo(t, folder(t));
  const site = await outside(t, gate.mqtt);
  await site.see('demo-in-1', '粤A12345');
  const response = await fetch(`${gate.local}/healthz`);
  const health = (await response.json()) as Record<string, unknown>;
  assert.equal(response.status, 200);
  assert.deepEqual([health['status'], health['faults'], health['openVisits']], ['ok', [], { P001: 1 }]);
});
