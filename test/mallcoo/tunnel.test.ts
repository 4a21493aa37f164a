/** What the tunnel's listener of the whole daemon lets through, and what a flood on it does to the lanes. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { agoMinutes, demo, folder, outside, post, type Running, until } from '../daemon/support.ts';

const PATHS = [
  '/',
  '/healthz',
  '/health',
  '/metrics',
  '/driver',
  '/console',
  '/operator',
  '/GetParkingPaymentInfo/',
  '/GetParkingPaymentInfo/../healthz',
  '/..%2fhealthz',
  '/GetTraffic%2f..%2fhealthz',
  '//healthz',
  '/PayParkingFee;/healthz',
  '/index.html',
  '/.env',
];

test('nothing but the three calls is reachable through the tunnel’s listener', async (t) => {
  const gate = await demo(t, folder(t));
  for (const path of PATHS) {
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS']) {
      const response = await fetch(`${gate.mallcoo}${path}`, { method, redirect: 'manual' });
      assert.equal(response.status, 404, `${method} ${path}`);
      if (method === 'HEAD') continue;
      const answer = (await response.json()) as Record<string, unknown>;
      assert.deepEqual([Object.keys(answer), answer['resCode']], [['resCode', 'resMsg'], 1], `${method} ${path}`);
    }
  }
  assert.equal((await fetch(`${gate.local}/healthz`)).status, 200, 'the local listener has it');
});

test('a retry after the process was killed gets the first answer again, and books nothing', async (t) => {
  const data = folder(t);
  const first = await demo(t, data);
  const site = await outside(t, first.mqtt);
  await site.see('demo-in-1', '粤A12345', agoMinutes(65));
  const ask = { parkId: 'P001', plateNo: '粤A12345' };
  const fee = await until('the visit', async () => {
    const { resCode, fields } = await post(first.mallcoo, 'GetParkingPaymentInfo', ask);
    return resCode === 0 && fields;
  });
  const { feeId, unPayAmount } = fee;
  const notice = { ...ask, feeId, orderNo: 'M1', amount: unPayAmount, payTime: '2026-11-22 10:00:00', payType: 3 };
  const answer = await post(first.mallcoo, 'PayParkingFee', notice);
  assert.deepEqual(answer.fields, { resCode: 0, resMsg: '' });
  await first.end('SIGKILL');

  const second = await demo(t, data);
  assert.deepEqual((await post(second.mallcoo, 'PayParkingFee', notice)).fields, answer.fields);
  const info = await post(second.mallcoo, 'GetParkingPaymentInfo', ask);
  assert.deepEqual([info.fields['feeId'], info.fields['paidAmount']], [feeId, unPayAmount]);
});

interface Flood {
  /** Answers so far. */
  answers(): number;
  stop(): void;
}

/** Callers that ask as fast as they are answered, and some that do not even wait for that. */
function flood(t: TestContext, gate: Running): Flood {
  const query = JSON.stringify({ parkId: 'P001', plateNo: '粤A00001', freeMinutes: 30 });
  const head = `Host: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(query)}\r\n\r\n${query}`;
  const request = `POST /GetParkingPaymentInfo HTTP/1.1\r\n${head}`;
  const sockets = new Set<Socket>();
  let answers = 0;
  let running = true;
  function caller(burst: number): void {
    const socket = connect(Number(new URL(gate.mallcoo).port), '127.0.0.1', () => socket.write(request.repeat(burst)));
    sockets.add(socket);
    socket.on('data', (chunk: Buffer) => {
      answers += chunk.toString('latin1').split('HTTP/1.1 ').length - 1;
      socket.write(request);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      if (running) setTimeout(() => running && caller(burst), 1);
    });
  }
  for (let i = 0; i < 100; i += 1) caller(i % 4 === 0 ? 300 : 1);
  const stop = (): void => {
    running = false;
    for (const socket of sockets) socket.destroy();
  };
  t.after(stop);
  return { answers: () => answers, stop };
}

test('while a hundred callers flood the calls, a plate that is read still opens its arm, and a payment is booked', async (t) => {
  const gate = await demo(t, folder(t));
  const site = await outside(t, gate.mqtt);
  const noise = flood(t, gate);
  await until('the flood to run', () => noise.answers() > 2_000);
  const before = noise.answers();
  for (const plate of ['粤A12345', '粤A12346', '粤A12347']) {
    const orders = site.orders.length;
    await site.see('demo-in-1', plate);
    await until(`the arm for ${plate}`, () => site.orders.length > orders);
  }
  const notice = { parkId: 'P001', plateNo: '粤A12345', orderNo: 'M1', amount: 100, payTime: '2026-11-22 10:00:00' };
  assert.equal((await post(gate.mallcoo, 'PayParkingFee', notice)).resCode, 0);
  const during = noise.answers();
  assert.ok(during > before, 'the flood went on meanwhile');
  await until('the flood to go on', () => noise.answers() > during + 500);
  noise.stop();
  assert.equal((await post(gate.mallcoo, 'GetParkingPaymentInfo', { plateNo: '粤A12345' })).resCode, 0);
});
