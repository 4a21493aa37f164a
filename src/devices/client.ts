/**
 * The MQTT client for a broker that is there already. mqtt.js reconnects; everything else that it would do for us later
 * (queue, store, send again) is switched off or not used: what cannot go out now does not go out.
 */

import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Said, Sentence } from '../core/errors.ts';
import { fill, joined } from '../core/sentence.ts';
import { systemSaid } from '../core/system-errors.ts';
import { SECOND } from '../core/time.ts';
import type { Faults, Log } from '../gateway/ports.ts';
import type { ExternalConfig } from './config.ts';
import { type Message, type MqttLink, type Sent, type Subscription, within } from './link.ts';
import { guardPacketSize } from './packet-size.ts';
import { matches } from './topics.ts';

export interface ClientParts {
  readonly config: ExternalConfig;
  readonly faults: Faults;
  readonly log: Log;
  /** Pause between attempts to connect, in ms. */
  readonly reconnectMs: number;
}

export const DEFAULT_RECONNECT_MS = 2 * SECOND;

/** Ping interval, in seconds: a broker behind a pulled cable is noticed within one and a half of it. */
const KEEPALIVE = 10;
const CONNECT_TIMEOUT = 10 * SECOND;
const STOP_LIMIT = 2 * SECOND;
/**
 * Pauses before a message that could not be stored is offered again, in ms. A broker gives it once per connection, and a
 * clean session is forgotten with it; meanwhile nothing more is read. In all shorter than the keep-alive allows.
 */
const RETRIES = [100, 400, 1_500] as const;

const CLOSED: Sentence = { zh: '连接已断开', en: 'the connection was closed' };
const REFUSES: Sentence = { zh: '服务器拒绝我们的订阅：{reason}', en: 'it refuses our subscriptions: {reason}' };
const TOO_LARGE: Sentence = { zh: '它发来超过 {n} 字节的报文', en: 'it sent a packet of more than {n} bytes' };
const NOT_STORED: Sentence = {
  zh: '一条 MQTT 消息未能保存，没有确认收到',
  en: 'an MQTT message could not be stored and was not acknowledged',
};
/** How mqtt.js tells of what a broker answers, or does not. */
const ANSWERS: readonly (readonly [english: string, words: string])[] = [
  ['Bad username or password', '用户名或密码错误'],
  ['Not authorized', '用户名或密码错误，或没有权限'],
  ['Identifier rejected', '服务器拒绝客户端标识'],
  ['Server unavailable', '服务器暂不可用'],
  ['Unacceptable protocol version', '服务器不支持 MQTT 3.1.1'],
  ['connack timeout', '服务器没有应答登录'],
  ['Keepalive timeout', '服务器没有应答心跳'],
  ['Unspecified error', '服务器拒绝，未说明原因'],
];

/** The broker's address as it may be shown: without the login that a URL can hold. */
export function brokerAddress(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

export function mqttClient(parts: ClientParts): MqttLink {
  const { config, faults } = parts;
  const address = brokerAddress(config.url);
  const subscriptions: Subscription[] = [];
  let client: MqttClient | null = null;
  let up = false;
  let stopping = false;
  let lastError: Said = CLOSED;

  function setUp(now: boolean): void {
    if (!now && !stopping) faults.raise('BROKER_GONE', address, lastError);
    if (now) {
      lastError = CLOSED;
      faults.clear('BROKER_GONE', address);
    }
    if (now === up) return;
    up = now;
    for (const { onState } of subscriptions) onState(now);
  }

  /** Subscribes anew on every connection; a broker that refuses a filter is as good as gone, and says why. */
  async function subscribeAll(connected: MqttClient): Promise<void> {
    const stream = connected.stream;
    const filters = [...new Set(subscriptions.flatMap((subscription) => subscription.filters))];
    try {
      if (filters.length > 0) await connected.subscribeAsync(filters, { qos: 1 });
      if (connected.stream === stream && connected.connected) setUp(true);
    } catch (error) {
      // Otherwise the connection ended meanwhile, for a reason of its own.
      if (stream.destroyed || connected.stream !== stream) return;
      lastError = fill(REFUSES, { reason: reason(error) });
      stream.destroy();
    }
  }

  function open(): MqttClient {
    const opened = connect(config.url, {
      ...(config.username === null ? {} : { username: config.username }),
      ...(config.password === null ? {} : { password: config.password }),
      clientId: `gatepost_${randomUUID().slice(0, 8)}`,
      // A session that outlives the connection would bring readings of an hour ago, and open for them.
      clean: true,
      resubscribe: false,
      queueQoSZero: false,
      reconnectPeriod: parts.reconnectMs,
      reconnectOnConnackError: true,
      connectTimeout: CONNECT_TIMEOUT,
      keepalive: KEEPALIVE,
      // Connected by hand, so that the first connection's packets are seen as well.
      manualConnect: true,
    });
    opened.on('packetsend', ({ cmd }) => {
      if (cmd !== 'connect') return;
      // Nagle holds the second of two small packets back for the first one's acknowledgement: 40 ms at a closed arm.
      if (opened.stream instanceof Socket) opened.stream.setNoDelay(true);
      guardPacketSize(opened.stream, config.maxPacketBytes, () => {
        lastError = fill(TOO_LARGE, { n: String(config.maxPacketBytes) });
      });
    });
    opened.on('connect', () => void subscribeAll(opened));
    opened.on('error', (error) => {
      lastError = reason(error);
    });
    opened.on('close', () => setUp(false));
    // The library's hook for this: a QoS 1 message is acknowledged when the callback is called.
    opened.handleMessage = (packet, callback) => void acknowledge(parts, opened, subscriptions, packet, callback);
    return opened;
  }

  return {
    subscribe: (subscription) => subscriptions.push(subscription),
    async start() {
      client = open();
      client.connect();
    },
    async publish(topic, payload): Promise<Sent> {
      const current = client;
      if (current === null || !up || !current.connected || current.stream.writableNeedDrain) return 'refused';
      const { stream } = current;
      return new Promise((resolve) => {
        // The library forgets to call back when the connection ends while the stream is full.
        const ended = (): void => resolve('uncertain');
        stream.once('close', ended);
        current.publish(topic, payload, { qos: 0 }, (error) => {
          stream.off('close', ended);
          resolve(error ? 'uncertain' : 'sent');
        });
      });
    },
    async stop() {
      stopping = true;
      const current = client;
      if (current === null) return;
      // The library takes a client that was connected by hand up again, even after its end, unless this says no.
      current.options.reconnectPeriod = 0;
      await within(STOP_LIMIT, current.endAsync());
      current.stream.destroy();
    },
  };
}

/**
 * Offers a message until it is stored, then lets it be acknowledged. In vain, the connection is closed: the broker may
 * keep the message for us, and a message without an acknowledgement would take one of its few places for ever.
 */
async function acknowledge(
  parts: ClientParts,
  client: MqttClient,
  subscriptions: readonly Subscription[],
  packet: IPublishPacket,
  callback: () => void,
): Promise<void> {
  const { stream } = client;
  const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
  const message: Message = { topic: packet.topic, payload, retained: packet.retain };
  let open = subscriptions.filter(({ filters }) => filters.some((filter) => matches(filter, packet.topic)));
  for (const pause of [0, ...RETRIES]) {
    if (pause > 0) await sleep(pause);
    const results = await Promise.allSettled(open.map(({ handle }) => handle(message)));
    open = open.filter((_, index) => results[index]?.status === 'rejected');
    if (open.length === 0) break;
  }
  // An acknowledgement on another connection would be for another message.
  if (client.stream !== stream || !client.connected) return;
  if (open.length === 0) {
    callback();
    return;
  }
  parts.log.info(NOT_STORED, { topic: packet.topic });
  stream.destroy();
}

function reason(error: unknown): Said {
  if (!(error instanceof Error)) return String(error);
  // A name with several addresses fails once for each, in an error without a text of its own.
  if (error instanceof AggregateError) return joined(error.errors.map(reason), { zh: '；', en: '; ' });
  const words = ANSWERS.find(([english]) => error.message.includes(english))?.[1];
  if (words !== undefined) return { zh: words, en: error.message };
  return systemSaid('code' in error && typeof error.code === 'string' ? error.code : undefined, error.message);
}
