/**
 * The embedded MQTT broker: aedes, with what a gate needs of it. It keeps nothing: no sessions, no retained messages, no
 * queue for a device that is away, so that no order can come out of it late. A device's message is acknowledged after
 * what it led to is on disk; aedes by itself acknowledges QoS 1 first (`authorizePublish` runs before that).
 */
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import type { Sentence } from '../core/errors.ts';
import type { DeviceId } from '../core/ids.ts';
import { fill, SaidError } from '../core/sentence.ts';
import { systemSaid } from '../core/system-errors.ts';
import { SECOND } from '../core/time.ts';
import type { EmbeddedConfig } from './config.ts';
import { type MqttLink, type Sent, type Subscription, within } from './link.ts';
import { guardPacketSize } from './packet-size.ts';
import { type Account, type Login, logIn, mayPublish, maySubscribe } from './rights.ts';
import { matches } from './topics.ts';

export interface EmbeddedParts {
  readonly config: EmbeddedConfig;
  /** Usernames are unique. */
  readonly accounts: readonly Account[];
  /** Told of every refusal; null for a client that never said who it is. `detail` is what it tried. */
  readonly onRefused: (device: DeviceId | null, detail: Sentence) => void;
}

export interface EmbeddedBroker extends MqttLink {
  /** The port it listens on; null while it does not. */
  port(): number | null;
}

/** A gate has some ten devices; each may leave a dead connection behind for a while. */
const MAX_CONNECTIONS = 64;
/** Filters one client may hold. A camera subscribes to its eight commands. */
const MAX_FILTERS = 64;
/** Largest packets' worth of payload that may wait for the disk at once, over all clients. */
const MAX_WAITING_PACKETS = 8;
/** What a waiting message costs beside its payload, in bytes, so that tiny ones are bounded too. */
const MESSAGE_OVERHEAD = 1024;
/** A client that connects has to introduce itself in this time, in ms. */
const CONNECT_TIMEOUT = 10 * SECOND;
/** A client that reads nothing for this long is dropped, in ms: what waits for it would only get old. */
const DRAIN_TIMEOUT = 5 * SECOND;
/** MQTT 3.1 allows 23 characters; cameras that speak it use more. */
const MAX_CLIENT_ID = 256;
/** QoS 2 messages half way through their handshake; nothing we know of uses QoS 2. */
const MAX_QOS2 = 8;
/** Idle time before the kernel probes a connection whose client asked for no keep-alive, in ms. */
const KEEPALIVE_DELAY = 30 * SECOND;
const STOP_LIMIT = 2 * SECOND;

const TOO_LARGE: Sentence = { zh: '报文超过 {n} 字节', en: 'a packet of more than {n} bytes' };
const TOO_MANY: Sentence = { zh: '连接数超过 {n}', en: 'more than {n} connections' };
const NO_NAME: Sentence = { zh: '登录时没有用户名', en: 'login without a username' };
const LOGIN: Sentence = { zh: '以 {name} 登录', en: 'login as {name}' };
const SUBSCRIBE: Sentence = { zh: '订阅 {filter}', en: 'subscribe to {filter}' };
const PUBLISH: Sentence = { zh: '发布到 {topic}', en: 'publish to {topic}' };
const BACKLOG: Sentence = { zh: '等待写盘的消息过多', en: 'too many messages wait for the disk' };

const NOT_LISTENING: Sentence = {
  zh: 'MQTT 服务器无法监听 {where}：{why}；请换一个 mqtt.listen',
  en: 'the MQTT broker cannot listen on {where}: {why}; choose another mqtt.listen',
};

/** CONNACK return codes (MQTT 3.1.1, 3.2.2.3). */
const BAD_PASSWORD = 4;
const NOT_AUTHORISED = 5;

/**
 * Where refused messages go: a topic that nobody may subscribe to. MQTT 3.1.1 has no way to say no to a PUBLISH
 * (3.3.5): the alternative, closing the connection, would take a camera away from the gate for one topic too many.
 */
const NOWHERE = '$SYS/refused';

interface State {
  readonly parts: EmbeddedParts;
  readonly subscriptions: Subscription[];
  readonly logins: WeakMap<Client, Login>;
  /** The filters that each connected client has subscribed to. */
  readonly filters: Map<Client, Set<string>>;
  /** Bytes of the messages that wait for the disk. */
  waiting: number;
}

export function embeddedBroker(parts: EmbeddedParts): EmbeddedBroker {
  const { config } = parts;
  const state: State = { parts, subscriptions: [], logins: new WeakMap(), filters: new Map(), waiting: 0 };
  const broker = createAedes(state);
  const sockets = new Set<Socket>();
  const server = createServer({ keepAlive: true, keepAliveInitialDelay: KEEPALIVE_DELAY, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const client = broker.handle(socket);
    guardPacketSize(socket, config.maxPacketBytes, () => {
      const device = state.logins.get(client)?.device ?? null;
      parts.onRefused(device, fill(TOO_LARGE, { n: String(config.maxPacketBytes) }));
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('drop', () => parts.onRefused(null, fill(TOO_MANY, { n: String(MAX_CONNECTIONS) })));

  return {
    subscribe: (subscription) => state.subscriptions.push(subscription),
    async start() {
      await broker.listen();
      await listen(server, config.host, config.port);
      for (const { onState } of state.subscriptions) onState(true);
    },
    publish: (topic, payload) => deliver(state, topic, payload),
    async stop() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => broker.close(resolve));
      });
      for (const socket of sockets) socket.destroy();
      await within(STOP_LIMIT, closed);
    },
    port() {
      const address = server.address();
      return address === null || typeof address === 'string' ? null : address.port;
    },
  };
}

function createAedes(state: State): Aedes {
  const broker = new Aedes({
    connectTimeout: CONNECT_TIMEOUT,
    drainTimeout: DRAIN_TIMEOUT,
    maxClientsIdLength: MAX_CLIENT_ID,
    maxInflightInbound: MAX_QOS2,
    preConnect(_client, packet, done) {
      // Every session is a clean one: a broker may always have forgotten the last (3.1.2.4).
      packet.clean = true;
      done(null, true);
    },
    authenticate(client, username, password, done) {
      const { accounts, config, onRefused } = state.parts;
      const result = logIn(accounts, config.anonymous, username, password);
      if (result.type === 'ok') {
        state.logins.set(client, result.login);
        done(null, true);
        return;
      }
      const unnamed = result.type === 'noUsername';
      onRefused(result.device, unnamed ? NO_NAME : fill(LOGIN, { name: short(username ?? '') }));
      const returnCode = unnamed ? NOT_AUTHORISED : BAD_PASSWORD;
      done(Object.assign(new Error('login refused'), { returnCode }), null);
    },
    authorizePublish: (client, packet, done) => take(state, client, packet, done),
    authorizeSubscribe(client, requested, done) {
      // Null becomes a failure (0x80) in the SUBACK.
      done(null, subscribeAllowed(state, client, requested.topic) ? requested : null);
    },
  });
  broker.on('unsubscribe', (filters, client) => {
    for (const filter of filters) state.filters.get(client)?.delete(filter);
  });
  broker.on('clientDisconnect', (client) => state.filters.delete(client));
  return broker;
}

function subscribeAllowed(state: State, client: Client, filter: string): boolean {
  const login = state.logins.get(client);
  if (login === undefined || client.closed) return false;
  const held = state.filters.get(client) ?? new Set();
  const allowed = maySubscribe(login, filter) && (held.has(filter) || held.size < MAX_FILTERS);
  if (allowed) state.filters.set(client, held.add(filter));
  else state.parts.onRefused(login.device, fill(SUBSCRIBE, { filter: short(filter) }));
  return allowed;
}

/**
 * Takes a client's message, before aedes acknowledges it and passes it on. An error closes the connection, so that a
 * device that asked for an acknowledgement sends the message again.
 */
function take(state: State, client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
  // Nothing is kept for later subscribers; a device's message is about now.
  packet.retain = false;
  const login = client === null ? undefined : state.logins.get(client);
  if (login === undefined || !mayPublish(login, packet.topic)) {
    state.parts.onRefused(login?.device ?? null, fill(PUBLISH, { topic: short(packet.topic) }));
    packet.topic = NOWHERE;
    packet.payload = '';
    done();
    return;
  }
  const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
  const cost = payload.length + MESSAGE_OVERHEAD;
  if (state.waiting + cost > MAX_WAITING_PACKETS * (state.parts.config.maxPacketBytes + MESSAGE_OVERHEAD)) {
    state.parts.onRefused(login.device, BACKLOG);
    done(new Error(BACKLOG.en));
    return;
  }
  state.waiting += cost;
  const reached = state.subscriptions.filter(({ filters }) => filters.some((filter) => matches(filter, packet.topic)));
  Promise.all(reached.map(({ handle }) => handle({ topic: packet.topic, payload, retained: false })))
    .finally(() => {
      state.waiting -= cost;
    })
    .then(
      () => done(),
      // At QoS 0 nobody sends again; the handler has counted the loss, and the device may stay.
      (error: unknown) => done(packet.qos > 0 ? asError(error) : null),
    );
}

/** Hands a message to the clients that are subscribed now. One that does not read would get it late: it gets none. */
async function deliver(state: State, topic: string, payload: string): Promise<Sent> {
  const packet: PublishPacket = { cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false };
  const sends: Promise<boolean>[] = [];
  for (const [client, filters] of state.filters) {
    if (client.closed || client.conn.writableNeedDrain) continue;
    if (![...filters].some((filter) => matches(filter, topic))) continue;
    sends.push(new Promise((resolve) => client.publish(packet, (error) => resolve(!error))));
  }
  if (sends.length === 0) return 'refused';
  return (await Promise.all(sends)).includes(true) ? 'sent' : 'uncertain';
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = systemSaid(error.code, error.code === 'EADDRINUSE' ? 'another program listens there' : error.message);
      reject(new SaidError(fill(NOT_LISTENING, { where: `${host}:${port}`, why })));
    });
    server.listen(port, host, resolve);
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** A name from outside, short enough for a line of the log. */
function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
