import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { brokerAddress, mqttClient } from '../../src/devices/client.ts';
import type { ExternalConfig } from '../../src/devices/config.ts';
import { embeddedBroker } from '../../src/devices/embedded.ts';
import type { Message, MqttLink } from '../../src/devices/link.ts';
import { need } from '../need.ts';
import {
  device,
  end,
  type FaultRecorder,
  freePort,
  gate,
  mosquitto,
  outside,
  recordFaults,
  recordLog,
  until,
} from './support.ts';

interface Setup {
  readonly link: MqttLink;
  readonly faults: FaultRecorder;
  readonly gone: string;
  readonly messages: string[];
  readonly states: boolean[];
  readonly lines: () => string[];
  handle: (message: Message) => Promise<void>;
}

async function start(t: TestContext, port: number, settings: Partial<ExternalConfig> = {}): Promise<Setup> {
  const faults = recordFaults();
  const log = recordLog();
  const config: ExternalConfig = {
    kind: 'external',
    url: `mqtt://127.0.0.1:${port}`,
    username: null,
    password: null,
    maxPacketBytes: 4_194_304,
    ...settings,
  };
  const link = mqttClient({ config, faults, log, reconnectMs: 50 });
  const setup: Setup = {
    link,
    faults,
    gone: `BROKER_GONE mqtt://127.0.0.1:${port}`,
    messages: [],
    states: [],
    lines: () => log.lines.map(({ text }) => text),
    handle: async () => {},
  };
  link.subscribe({
    filters: ['up/#', '$/up/beat'],
    onState: (up) => setup.states.push(up),
    handle(message) {
      setup.messages.push(Buffer.from(message.payload).toString());
      return setup.handle(message);
    },
  });
  await link.start();
  t.after(() => link.stop());
  return setup;
}

test('a broker that is not there yet is a fault, and the gate uses it once it comes', async (t) => {
  if (!need(t, 'mosquitto')) return;
  const port = await freePort();
  const { faults, gone, states, messages } = await start(t, port);
  await until('the fault', () => faults.raised.has(gone));
  assert.match(faults.raised.get(gone) ?? '', /ECONNREFUSED/);
  assert.deepEqual(states, []);
  await mosquitto(t, port);
  await until('the link', () => states.at(-1) === true);
  assert.equal(faults.raised.size, 0);
  const camera = await outside(t, port);
  await camera.publishAsync('up/x', 'one', { qos: 1 });
  await camera.publishAsync('$/up/beat', 'two', { qos: 1 });
  await until('both messages', () => messages.length === 2);
});

test('a broker that dies and comes back is subscribed again, and no order of the meantime is sent', async (t) => {
  if (!need(t, 'mosquitto')) return;
  const port = await freePort();
  const first = await mosquitto(t, port);
  const { link, faults, gone, states, messages } = await start(t, port);
  await until('the link', () => states.at(-1) === true);
  assert.equal(await link.publish('down/x', 'before'), 'sent');

  await end(first);
  await until('the fault', () => faults.raised.has(gone));
  assert.equal(await link.publish('down/x', 'stale'), 'refused');

  await mosquitto(t, port);
  const camera = await outside(t, port);
  const got: string[] = [];
  camera.on('message', (_topic, payload) => got.push(payload.toString()));
  await camera.subscribeAsync('down/#', { qos: 1 });
  await until('the link again', () => states.at(-1) === true);
  assert.deepEqual(faults.history, [`+${gone}`, `-${gone}`]);
  await camera.publishAsync('up/x', 'again', { qos: 1 });
  await until('a message on the new connection', () => messages.includes('again'));
  assert.equal(await link.publish('down/x', 'fresh'), 'sent');
  await until('the fresh order', () => got.length > 0);
  assert.deepEqual(got, ['fresh']);
});

test('an order waits for nobody: a camera that was away from the broker does not get it later', async (t) => {
  if (!need(t, 'mosquitto')) return;
  const port = await freePort();
  await mosquitto(t, port);
  const { link, states } = await start(t, port);
  await until('the link', () => states.at(-1) === true);
  const session = { clean: false, clientId: 'cam', reconnectPeriod: 0 } as const;
  const away = await outside(t, port, session);
  await away.subscribeAsync('down/#', { qos: 1 });
  await away.endAsync();
  assert.equal(await link.publish('down/x', 'stale'), 'sent');
  // On another connection, so that the broker has dealt with the order before the camera is back.
  const other = await outside(t, port);
  await other.publishAsync('up/x', 'x', { qos: 1 });
  await until('the link to be read', () => states.length === 1);
  await sleep(50);

  const got: string[] = [];
  const back = await outside(t, port, session);
  back.on('message', (_topic, payload) => got.push(payload.toString()));
  await back.subscribeAsync('down/#', { qos: 1 });
  await link.publish('down/x', 'fresh');
  await until('the fresh order', () => got.includes('fresh'));
  assert.deepEqual(got, ['fresh']);
});

test('a QoS 1 message is acknowledged only when what it led to is on disk', async (t) => {
  if (!need(t, 'mosquitto')) return;
  const port = await freePort();
  // The broker gives one message at a time: the second comes once the first is acknowledged.
  await mosquitto(t, port, 'max_inflight_messages 1\n');
  const setup = await start(t, port);
  await until('the link', () => setup.states.at(-1) === true);
  const { promise: onDisk, resolve: fsynced } = gate();
  setup.handle = () => onDisk;
  const camera = await outside(t, port);
  await camera.publishAsync('up/x', 'first', { qos: 1 });
  await camera.publishAsync('up/x', 'second', { qos: 1 });
  await until('the first message', () => setup.messages.length > 0);
  assert.deepEqual(setup.messages, ['first']);
  fsynced();
  await until('the second message', () => setup.messages.length === 2);
});

test('a message that could not be stored is offered again, not lost', async (t) => {
  if (!need(t, 'mosquitto')) return;
  const port = await freePort();
  await mosquitto(t, port, 'max_inflight_messages 1\n');
  const setup = await start(t, port);
  await until('the link', () => setup.states.at(-1) === true);
  let tries = 0;
  setup.handle = async () => {
    tries += 1;
    if (tries < 3) throw new Error('inbox full');
  };
  const camera = await outside(t, port);
  await camera.publishAsync('up/x', 'a', { qos: 1 });
  await camera.publishAsync('up/x', 'b', { qos: 1 });
  await until('the message after it', () => setup.messages.includes('b'));
  assert.deepEqual(setup.messages, ['a', 'a', 'a', 'b']);
  assert.deepEqual(setup.states, [true]);
});

test('a message that can never be stored is told of, not acknowledged, and does not stop the gate', async (t) => {
  if (!need(t, 'mosquitto')) return;
  const port = await freePort();
  await mosquitto(t, port, 'max_inflight_messages 1\n');
  const setup = await start(t, port);
  await until('the link', () => setup.states.at(-1) === true);
  setup.handle = async () => {
    throw new Error('inbox full');
  };
  const camera = await outside(t, port);
  await camera.publishAsync('up/x', 'a', { qos: 1 });
  await until('a new connection', () => setup.states.length === 3);
  setup.handle = async () => {};
  await camera.publishAsync('up/x', 'b', { qos: 1 });
  await until('the next message', () => setup.messages.includes('b'));
  assert.deepEqual(setup.lines(), ['an MQTT message could not be stored and was not acknowledged']);
});

test('a retained message says that it is old', async (t) => {
  if (!need(t, 'mosquitto')) return;
  const port = await freePort();
  await mosquitto(t, port);
  const camera = await outside(t, port);
  await camera.publishAsync('up/x', 'old', { qos: 1, retain: true });
  const setup = await start(t, port);
  const retained: boolean[] = [];
  setup.handle = async (message) => {
    retained.push(message.retained);
  };
  await until('the retained message', () => retained.length === 1);
  await camera.publishAsync('up/x', 'new', { qos: 1 });
  await until('the live message', () => retained.length === 2);
  assert.deepEqual(retained, [true, false]);
});

test('a broker that refuses our login is a fault with the reason, and is tried again', async (t) => {
  const port = await freePort();
  const server = createServer((socket) => {
    // CONNACK with return code 5: not authorised.
    socket.on('error', () => {}).once('data', () => socket.write(Buffer.from([0x20, 0x02, 0x00, 0x05])));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  let attempts = 0;
  server.on('connection', () => {
    attempts += 1;
  });
  t.after(() => server.close());
  const { faults, gone } = await start(t, port);
  await until('several attempts', () => attempts >= 3);
  assert.match(faults.raised.get(gone) ?? '', /Not authorized/);
});

test('a broker that does not let us listen is a fault that says so, until it does', async (t) => {
  const down = ['up/#', '$/up/beat'];
  const broker = embeddedBroker({
    config: { kind: 'embedded', host: '127.0.0.1', port: 0, anonymous: false, maxPacketBytes: 100_000 },
    accounts: [{ device: device('gate'), username: 'gate', password: 'x', topics: { up: [], down } }],
    onRefused() {},
  });
  const forbidden = down.splice(1);
  await broker.start();
  t.after(() => broker.stop());
  const { faults, gone, states } = await start(t, broker.port() ?? 0, { username: 'gate', password: 'x' });
  await until('the fault', () => faults.raised.has(gone));
  assert.match(faults.raised.get(gone) ?? '', /refuses our subscriptions/);
  assert.deepEqual(states, []);
  down.push(...forbidden);
  await until('the link', () => states.at(-1) === true);
  assert.equal(faults.raised.size, 0);
});

test('a broker that sends an endless packet is left', async (t) => {
  const port = await freePort();
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .once('data', () => {
        socket.write(Buffer.from([0x20, 0x02, 0x00, 0x00]));
        socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]));
      });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { faults, gone } = await start(t, port, { maxPacketBytes: 100_000 });
  await until('the fault', () => faults.raised.has(gone));
  assert.match(faults.raised.get(gone) ?? '', /more than 100000 bytes/);
});

test('stop is quick with a broker and without one', async (t) => {
  if (!need(t, 'mosquitto')) return;
  const port = await freePort();
  const without = await start(t, port);
  await without.link.stop();
  await mosquitto(t, port);
  const withOne = await start(t, port);
  await until('the link', () => withOne.states.at(-1) === true);
  await withOne.link.stop();
  assert.equal(withOne.faults.raised.size, 0);
  assert.equal(await withOne.link.publish('down/x', 'late'), 'refused');
});

test('a link that was stopped while it was trying does not try again', async (t) => {
  const port = await freePort();
  const { link, faults, gone } = await start(t, port);
  await until('the fault', () => faults.raised.has(gone));
  // In the middle of an attempt: the connection is made, and the broker says nothing.
  let attempts = 0;
  const silent = createServer((socket) => {
    attempts += 1;
    socket.on('error', () => {}).resume();
  });
  silent.listen(port, '127.0.0.1');
  t.after(() => silent.close());
  await until('an attempt', () => attempts === 1);
  await link.stop();
  await sleep(200);
  assert.equal(attempts, 1);
});

test("a broker's address is shown without the login in it", () => {
  assert.equal(brokerAddress('mqtts://user:secret@broker.example:8883/x'), 'mqtts://broker.example:8883');
});
