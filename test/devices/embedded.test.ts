import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedConfig } from '../../src/devices/config.ts';
import { type EmbeddedBroker, embeddedBroker } from '../../src/devices/embedded.ts';
import type { Message } from '../../src/devices/link.ts';
import type { Account } from '../../src/devices/rights.ts';
import { need } from '../need.ts';
import { closing, device, finish, gate, outside, run, until } from './support.ts';

const ACCOUNTS: readonly Account[] = [
  { device: device('cam-in'), username: 'in', password: 'secret', topics: { up: ['in/up/+'], down: ['in/down/#'] } },
  { device: device('cam-out'), username: 'out', password: 'other', topics: { up: ['out/up/+'], down: ['out/down/#'] } },
];

interface Setup {
  readonly broker: EmbeddedBroker;
  readonly port: number;
  readonly messages: Message[];
  readonly refused: string[];
  /** What the handler of the next messages waits for. */
  handle: (message: Message) => Promise<void>;
}

async function start(t: TestContext, config: Partial<EmbeddedConfig> = {}): Promise<Setup> {
  const refused: string[] = [];
  const messages: Message[] = [];
  const broker = embeddedBroker({
    config: { kind: 'embedded', host: '127.0.0.1', port: 0, anonymous: false, maxPacketBytes: 4_194_304, ...config },
    accounts: ACCOUNTS,
    onRefused: (who, detail) => refused.push(`${who}: ${detail.en}`),
  });
  const setup = { broker, port: 0, messages, refused, handle: async (_: Message): Promise<void> => {} };
  broker.subscribe({
    filters: ['in/up/+', 'in/up/#', 'in/up/odd'],
    onState() {},
    handle(message) {
      messages.push(message);
      return setup.handle(message);
    },
  });
  await broker.start();
  t.after(() => broker.stop());
  setup.port = broker.port() ?? 0;
  return setup;
}

const cam = (port: number): string[] => ['-h', '127.0.0.1', '-p', String(port), '-u', 'in', '-P', 'secret'];

test('a camera with its password is heard, once', async (t) => {
  if (!need(t, 'mosquitto_pub')) return;
  const { port, messages } = await start(t);
  const sent = await finish(t, 'mosquitto_pub', [...cam(port), '-q', '1', '-t', 'in/up/odd', '-m', '粤A12345']);
  assert.equal(sent.code, 0, sent.err);
  assert.deepEqual(
    messages.map(({ topic, payload, retained }) => [topic, Buffer.from(payload).toString(), retained]),
    [['in/up/odd', '粤A12345', false]],
  );
});

for (const [what, login, anonymous] of [
  ['a wrong password', ['-u', 'in', '-P', 'wrong'], false],
  ['the password of another', ['-u', 'in', '-P', 'other'], false],
  ['no password', ['-u', 'in'], false],
  ['a username nobody has', ['-u', 'nobody', '-P', ''], false],
  ['no username', [], false],
  ['a wrong password, though strangers may come in,', ['-u', 'in', '-P', 'wrong'], true],
] as const) {
  test(`a client with ${what} is not let in`, async (t) => {
    if (!need(t, 'mosquitto_pub')) return;
    const { port, messages, refused } = await start(t, { anonymous });
    const args = ['-h', '127.0.0.1', '-p', String(port), ...login, '-q', '1', '-t', 'in/up/x', '-m', 'x'];
    const sent = await finish(t, 'mosquitto_pub', args);
    assert.notEqual(sent.code, 0);
    assert.match(sent.err, /refused|not authori[sz]ed/i);
    assert.equal(messages.length, 0);
    assert.equal(refused.length, 1);
  });
}

test('a camera that speaks on the topic of another is heard by nobody, and stays connected', async (t) => {
  if (!need(t, 'mosquitto_sub')) return;
  const { port, messages, refused } = await start(t, { anonymous: true });
  const all = ['-h', '127.0.0.1', '-p', String(port), '-t', '#', '-t', '$/#', '-v'];
  const { output } = run(t, 'mosquitto_sub', all);
  const client = await outside(t, port, { username: 'out', password: 'other', reconnectPeriod: 0 });
  await client.publishAsync('in/up/ivs_result', 'forged', { qos: 1 });
  await client.publishAsync('$SYS/x', 'forged', { qos: 1 });
  await client.publishAsync('$/in', 'forged', { qos: 2 });
  await client.publishAsync('out/up/y', 'mine', { qos: 1 });
  while (!output.out.includes('mine')) {
    await client.publishAsync('out/up/y', 'mine', { qos: 1 });
  }
  assert.ok(client.connected);
  assert.deepEqual([...new Set(output.out.trim().split('\n'))], ['out/up/y mine']);
  assert.equal(messages.length, 0);
  assert.deepEqual(refused, [
    'cam-out: publish to in/up/ivs_result',
    'cam-out: publish to $SYS/x',
    'cam-out: publish to $/in',
  ]);
});

test('a camera may only listen to its own commands, with wildcards or without', async (t) => {
  const { port, refused } = await start(t);
  const client = await outside(t, port, { username: 'in', password: 'secret' });
  const asked = ['#', '$SYS/#', 'in/#', 'out/down/#', '+/down/gpio_out', 'in/up/x', 'in/down/#', 'in/down/gpio_out'];
  const granted: string[] = [];
  for (const filter of asked) {
    await client.subscribeAsync(filter).then(
      () => granted.push(filter),
      () => {},
    );
  }
  assert.deepEqual(granted, ['in/down/#', 'in/down/gpio_out']);
  assert.equal(refused.length, 6);
  assert.ok(client.connected);
});

test('a QoS 1 message is acknowledged only when what it led to is on disk', async (t) => {
  const setup = await start(t);
  const { promise: onDisk, resolve: fsynced } = gate();
  setup.handle = () => onDisk;
  const client = await outside(t, setup.port, { username: 'in', password: 'secret' });
  let acknowledged = false;
  const sent = client.publishAsync('in/up/x', 'x', { qos: 1 }).then(() => {
    acknowledged = true;
  });
  await until('the message', () => setup.messages.length === 1);
  // A ping goes there and back on the same connection: an acknowledgement on its way would have come before.
  const answers: string[] = [];
  client.on('packetreceive', ({ cmd }) => answers.push(cmd));
  client.sendPing();
  await until('the ping to be answered', () => answers.includes('pingresp'));
  assert.deepEqual(answers, ['pingresp']);
  assert.equal(acknowledged, false);
  fsynced();
  await sent;
  assert.equal(acknowledged, true);
});

test('a message that could not be stored is sent again by the camera, and acknowledged then', async (t) => {
  const setup = await start(t);
  let tries = 0;
  setup.handle = async () => {
    tries += 1;
    if (tries === 1) throw new Error('inbox full');
  };
  const client = await outside(t, setup.port, { username: 'in', password: 'secret', clean: false, clientId: 'c1' });
  await client.publishAsync('in/up/x', 'x', { qos: 1 });
  assert.equal(tries, 2);
});

test('at QoS 0 a message that could not be stored does not cost the connection', async (t) => {
  const setup = await start(t);
  setup.handle = async () => {
    throw new Error('inbox full');
  };
  const client = await outside(t, setup.port, { username: 'in', password: 'secret', reconnectPeriod: 0 });
  await client.publishAsync('in/up/x', 'x', { qos: 0 });
  setup.handle = async () => {};
  await client.publishAsync('in/up/x', 'x', { qos: 1 });
  assert.ok(client.connected);
  assert.equal(setup.messages.length, 2);
});

test('an order reaches the camera that listens, and is refused when none does', async (t) => {
  if (!need(t, 'mosquitto_sub')) return;
  const { broker, port } = await start(t);
  assert.equal(await broker.publish('in/down/gpio_out', 'early'), 'refused');
  const { output } = run(t, 'mosquitto_sub', [...cam(port), '-t', 'in/down/#', '-v']);
  let sent = await broker.publish('in/down/gpio_out', 'now');
  while (sent === 'refused') {
    await sleep(10);
    sent = await broker.publish('in/down/gpio_out', 'now');
  }
  assert.equal(sent, 'sent');
  await until('the order', () => output.out === 'in/down/gpio_out now\n');
});

test('a camera that was away never gets an old order, whatever session it asks for', async (t) => {
  const { broker, port } = await start(t, { anonymous: true });
  const login = { username: 'in', password: 'secret', clean: false, clientId: 'c1', reconnectPeriod: 0 } as const;
  const first = await outside(t, port, login);
  await first.subscribeAsync('in/down/#', { qos: 1 });
  await first.endAsync();
  await until('the camera to be gone', () => first.disconnected);
  while ((await broker.publish('in/down/gpio_out', 'stale')) !== 'refused') await sleep(10);
  const tool = await outside(t, port);
  await tool.publishAsync('in/down/gpio_out', 'stale, from a tool', { qos: 1 });

  const second = await outside(t, port, login);
  const got: string[] = [];
  second.on('message', (_topic, payload) => got.push(payload.toString()));
  await second.subscribeAsync('in/down/#', { qos: 1 });
  await broker.publish('in/down/gpio_out', 'fresh');
  await until('the fresh order', () => got.length > 0);
  assert.deepEqual(got, ['fresh']);
});

test('a camera that does not read gets no order, for it would get it late', async (t) => {
  const { broker, port } = await start(t);
  const stuck = await outside(t, port, { username: 'in', password: 'secret', reconnectPeriod: 0 });
  await stuck.subscribeAsync('in/down/#');
  stuck.stream.pause();
  let filled = false;
  for (let count = 0; count < 100 && !filled; count += 1) {
    const sent = await Promise.race([broker.publish('in/down/x', 'x'.repeat(1_000_000)), sleep(20)]);
    filled = sent === 'refused';
  }
  assert.ok(filled, 'the connection never filled up');
  assert.equal(await broker.publish('in/down/gpio_out', 'late'), 'refused');
});

test('connections and subscriptions are bounded', async (t) => {
  const { port, refused } = await start(t, { anonymous: true });
  const tool = await outside(t, port);
  for (let count = 0; count < 64; count += 1) await tool.subscribeAsync(`x/${count}`);
  await assert.rejects(tool.subscribeAsync('x/64'));
  assert.deepEqual(refused.splice(0), ['null: subscribe to x/64']);
  for (let count = 0; count < 70; count += 1) {
    const socket = connectTcp(port, '127.0.0.1').on('error', () => {});
    t.after(() => socket.destroy());
  }
  await until('the last seven to be turned away', () => refused.length === 7);
});

test('nothing is retained', async (t) => {
  const { port } = await start(t, { anonymous: true });
  const speaker = await outside(t, port, { username: 'in', password: 'secret' });
  await speaker.publishAsync('in/up/x', 'kept?', { qos: 1, retain: true });
  const got: string[] = [];
  const listener = await outside(t, port);
  listener.on('message', (_topic, payload) => got.push(payload.toString()));
  await listener.subscribeAsync('in/up/#');
  await speaker.publishAsync('in/up/x', 'live', { qos: 1 });
  await until('the live message', () => got.includes('live'));
  assert.deepEqual(got, ['live']);
});

test('ten megabytes of garbage close their connection, and nobody else notices', async (t) => {
  const { port, refused, messages } = await start(t);
  const good = await outside(t, port, { username: 'in', password: 'secret', reconnectPeriod: 0 });
  const bad = await outside(t, port, { username: 'in', password: 'secret', reconnectPeriod: 0, clientId: 'bad' });
  bad.publish('in/up/x', Buffer.alloc(10_000_000, 0x55));
  await closing(bad);
  await good.publishAsync('in/up/x', Buffer.alloc(2_000_000, 0x55), { qos: 1 });
  assert.equal(messages.length, 1);
  assert.deepEqual(refused, ['cam-in: a packet of more than 4194304 bytes']);
});

test('a stranger cannot send a large packet at all', async (t) => {
  const { port, refused } = await start(t);
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  // The head of a CONNECT that announces 1 MB.
  socket.write(Buffer.from([0x10, 0x80, 0x80, 0x40, 0x00]));
  await once(socket, 'close');
  assert.deepEqual(refused, ['null: a packet of more than 4194304 bytes']);
});

test('a flood of messages while the disk hangs is bounded: the connection is closed', async (t) => {
  const setup = await start(t, { maxPacketBytes: 100_000 });
  const { promise: never, resolve: release } = gate();
  t.after(() => release());
  setup.handle = () => never;
  const client = await outside(t, setup.port, { username: 'in', password: 'secret', reconnectPeriod: 0 });
  const closed = closing(client);
  for (let count = 0; count < 200; count += 1) client.publish('in/up/x', Buffer.alloc(90_000), { qos: 0 });
  await closed;
  assert.ok(setup.messages.length <= 9, `${setup.messages.length} messages were waiting`);
});

test('stop ends every connection, a silent one too', async (t) => {
  const { broker, port } = await start(t);
  const silent = connectTcp(port, '127.0.0.1');
  silent.on('error', () => {});
  await once(silent, 'connect');
  const client = await outside(t, port, { username: 'in', password: 'secret', reconnectPeriod: 0 });
  const gone = Promise.all([once(silent, 'close'), closing(client)]);
  await broker.stop();
  await gone;
  assert.equal(broker.port(), null);
});

test('an address that is taken is told with the way out', async (t) => {
  const { port } = await start(t);
  const second = embeddedBroker({
    config: { kind: 'embedded', host: '127.0.0.1', port, anonymous: false, maxPacketBytes: 1_000 },
    accounts: [],
    onRefused() {},
  });
  t.after(() => second.stop());
  await assert.rejects(second.start(), new RegExp(`127\\.0\\.0\\.1:${port}: another program listens there; choose`));
});
