import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DRIVERS } from '../../drivers/registry.ts';
import { answer, heartbeat, recognition } from '../../drivers/vzenith-mqtt/simulator.ts';
import type { BarrierOrderId } from '../../src/core/ids.ts';
import type { OpenBarrier } from '../../src/core/park/effects.ts';
import type { Instant } from '../../src/core/time.ts';
import type { DeviceConfig, MqttConfig } from '../../src/devices/config.ts';
import { type Devices, type DevicesParts, startDevices } from '../../src/devices/devices.ts';
import { GatewayBusy } from '../../src/gateway/ports.ts';
import { need } from '../need.ts';
import {
  cable,
  clock,
  device,
  end,
  freePort,
  lane,
  mosquitto,
  newVisitId,
  outside,
  PARK,
  recordFaults,
  recordLog,
  stubGateway,
  tempDir,
  until,
} from './support.ts';

const EMBEDDED: MqttConfig = {
  kind: 'embedded',
  host: '127.0.0.1',
  port: 0,
  anonymous: false,
  maxPacketBytes: 4_194_304,
};

/** Longer than a busy machine needs for an answer; the test of a camera that says nothing waits for it once. */
const REPLY_TIMEOUT_MS = 3_000;

const CAMERA: DeviceConfig = {
  id: device('cam'),
  driver: 'vzenith-mqtt',
  options: { sn: 'sn1', replyTimeoutMs: REPLY_TIMEOUT_MS },
  username: 'cam',
  password: 'secret',
  port: null,
  baudRate: null,
};

const LANES: DevicesParts['lanes'] = [
  { park: PARK, lane: lane('in'), readers: [device('cam')], barrier: { device: device('cam'), output: 0 } },
  { park: PARK, lane: lane('out'), readers: [], barrier: { device: device('relay'), output: 1 } },
  { park: PARK, lane: lane('free'), readers: [], barrier: null },
];

async function start(t: TestContext, parts: Partial<DevicesParts> = {}) {
  const gateway = stubGateway();
  const faults = recordFaults();
  const log = recordLog();
  const devices: Devices = await startDevices({
    drivers: DRIVERS,
    devices: [CAMERA],
    lanes: LANES,
    mqtt: EMBEDDED,
    gateway,
    clock,
    faults,
    log,
    newVisitId,
    ...parts,
  });
  t.after(() => devices.stop());
  return { devices, gateway, faults, log };
}

let ordered = 0;

/** Each has an id of its own, as in the journal: a driver that gives one up later means that one. */
function order(name: string, left = 5_000): OpenBarrier {
  ordered += 1;
  const deadline = (clock.now() + left) as Instant;
  return {
    type: 'openBarrier',
    id: `1.${ordered}` as BarrierOrderId,
    park: PARK,
    lane: lane(name),
    visit: null,
    deadline,
  };
}

/** A simulated camera at the broker; `code` is what it answers to orders, null for nothing. */
async function camera(t: TestContext, port: number, behaviour: { code: number | null }) {
  const client = await outside(t, port, { username: 'cam', password: 'secret' });
  const orders: string[] = [];
  client.on('message', (topic, payload) => {
    // Its own answers come back to it: it listens to all of its command topics.
    if (topic.endsWith('/reply')) return;
    orders.push(payload.toString());
    if (behaviour.code === null) return;
    const reply = answer({ sn: 'sn1', code: behaviour.code }, topic, payload.toString(), clock.now());
    if (reply !== null) client.publish(reply.topic, reply.payload, { qos: 1 });
  });
  await client.subscribeAsync('device/sn1/message/down/#');
  return { client, orders };
}

test('a real camera driver at the embedded broker: a plate goes in, the arm goes up', async (t) => {
  const { devices, gateway, faults, log } = await start(t);
  const { client, orders } = await camera(t, devices.mqttPort ?? 0, { code: 200 });
  const seen = recognition({ sn: 'sn1', plate: '粤A12345', at: clock.now(), id: 'r1' });
  await client.publishAsync(seen.topic, seen.payload, { qos: 1 });
  const beat = heartbeat({ sn: 'sn1', at: clock.now() });
  await client.publishAsync(beat.topic, beat.payload, { qos: 1 });
  assert.equal(gateway.commands.length, 1);
  const [command] = gateway.commands;
  assert.ok(command?.type === 'reading');
  assert.deepEqual(command.reading.credential, { kind: 'plate', plate: '粤A12345' });
  assert.equal(command.lane, 'in');

  assert.equal(await devices.barriers.open(order('in')), 'confirmed');
  assert.equal(orders.length, 1);
  assert.equal(faults.raised.size, 0);
  assert.deepEqual(log.lines, []);
  assert.deepEqual(devices.stats(), {
    devices: { cam: { messages: 3, bytes: 0, readings: 1, orders: 1, discards: {} } },
    refused: {},
  });
});

test('a plate that the gateway could not take is sent again by the camera', async (t) => {
  const { devices, gateway } = await start(t);
  const { client } = await camera(t, devices.mqttPort ?? 0, { code: 200 });
  let tries = 0;
  gateway.answer = async () => {
    tries += 1;
    if (tries === 1) throw new GatewayBusy('full');
    return { type: 'done' };
  };
  const seen = recognition({ sn: 'sn1', plate: '粤A12345', at: clock.now(), id: 'r1' });
  await client.publishAsync(seen.topic, seen.payload, { qos: 1 });
  assert.equal(tries, 2);
  assert.deepEqual(devices.stats().devices['cam']?.discards, { notTaken: 1 });
});

test('what becomes of an order is an outcome and, when it went wrong, a fault until one goes well', async (t) => {
  const { devices, faults } = await start(t);
  const { barriers } = devices;
  assert.equal(await barriers.open(order('in')), 'refused');
  assert.deepEqual([...faults.raised], [['BARRIER_REFUSED in', 'the device cannot be reached']]);

  const behaviour: { code: number | null } = { code: null };
  await camera(t, devices.mqttPort ?? 0, behaviour);
  assert.equal(await barriers.open(order('in')), 'uncertain');
  assert.ok(faults.raised.has('BARRIER_UNCERTAIN in'));
  behaviour.code = 500;
  assert.equal(await barriers.open(order('in')), 'refused');
  behaviour.code = 200;
  assert.equal(await barriers.open(order('in')), 'confirmed');
  assert.equal(faults.raised.size, 0);
});

test('an order past its deadline goes nowhere; a lane without a barrier refuses', async (t) => {
  const { devices, faults } = await start(t);
  const { orders } = await camera(t, devices.mqttPort ?? 0, { code: 200 });
  assert.equal(await devices.barriers.open(order('in', -1)), 'expired');
  assert.equal(faults.raised.size, 0);
  for (const name of ['free', 'out', 'nowhere']) assert.equal(await devices.barriers.open(order(name)), 'refused');
  assert.equal(orders.length, 0);
});

test('a device on the wrong topic is told once a minute, and counted each time', async (t) => {
  const { devices, log } = await start(t);
  const { client } = await camera(t, devices.mqttPort ?? 0, { code: 200 });
  for (let count = 0; count < 5; count += 1) await client.publishAsync('device/sn2/message/up/x', 'x', { qos: 1 });
  assert.deepEqual(devices.stats().refused, { cam: 5 });
  assert.deepEqual(log.lines, [
    { text: 'DEVICE_REFUSED', fields: { device: 'cam', value: 'publish to device/sn2/message/up/x', count: 1 } },
  ]);
});

test('the same camera at a broker that dies and comes back gets no order of the meantime', async (t) => {
  if (!need(t, 'mosquitto')) return;
  const port = await freePort();
  const broker = await mosquitto(t, port);
  const url = `mqtt://127.0.0.1:${port}`;
  const mqtt: MqttConfig = { kind: 'external', url, username: null, password: null, maxPacketBytes: 4_194_304 };
  const { devices, faults } = await start(t, { mqtt });
  const { client, orders } = await camera(t, port, { code: 200 });
  while ((await devices.barriers.open(order('in'))) !== 'confirmed') await sleep(10);
  assert.equal(orders.length, 1);

  await end(broker);
  await client.endAsync(true);
  await until('the fault', () => faults.raised.has(`BROKER_GONE ${url}`));
  assert.equal(await devices.barriers.open(order('in')), 'refused');
  await mosquitto(t, port);
  const { orders: later } = await camera(t, port, { code: 200 });
  await until('the broker to be back', () => !faults.raised.has(`BROKER_GONE ${url}`));
  assert.equal(await devices.barriers.open(order('in')), 'confirmed');
  assert.equal(later.length, 1);
});

const RELAY: DeviceConfig = {
  id: device('relay'),
  driver: 'lcus-relay',
  options: {},
  username: null,
  password: null,
  port: null,
  baudRate: null,
};

test('a real relay driver on a serial line: the coil goes on and off, and off again at stop', async (t) => {
  if (!need(t, 'socat')) return;
  const dir = await tempDir(t);
  const [near, far] = [join(dir, 'near'), join(dir, 'far')];
  await cable(t, [near, far]);
  const board = createReadStream(far);
  t.after(() => board.destroy());
  let bytes = '';
  board.on('error', () => {});
  board.on('data', (piece) => {
    bytes += Buffer.from(piece).toString('hex');
  });
  const { devices, faults } = await start(t, { devices: [{ ...RELAY, port: near }] });
  assert.equal(devices.mqttPort, null);
  const off = 'a00100a1';
  await until('the coil to be put off at the start', () => bytes === off);
  assert.equal(await devices.barriers.open(order('out')), 'sent');
  await until('the pulse', () => bytes === `${off}a00101a2${off}`);
  await devices.stop();
  await until('the coil to be put off at the stop', () => bytes.length > 24 && bytes.endsWith(off));
  assert.equal(faults.raised.size, 0);
  assert.equal(await devices.barriers.open(order('out')), 'refused');
});

test('a configuration that cannot work is told with the names in it', async (t) => {
  const cases: readonly (readonly [Partial<DevicesParts>, RegExp])[] = [
    [{ devices: [{ ...CAMERA, driver: 'toString' }] }, /device cam: there is no driver named toString/],
    [{ devices: [RELAY] }, /device relay: its driver lcus-relay needs a serial port: set port/],
    [{ devices: [CAMERA, { ...CAMERA, id: device('cam2') }] }, /devices cam and cam2 have the same username cam/],
  ];
  for (const [parts, message] of cases) await assert.rejects(start(t, parts), message);
});
