/** The MQTT broker: the gate's own, or another that is logged in to as the gate does it. */
import { randomUUID } from 'node:crypto';
import { connect, type MqttClient } from 'mqtt';
import type { BrokerConfig, Config } from '../../config/load.ts';
import type { Sentence } from '../../core/errors.ts';
import { type Finding, fine, none, same, wrong } from '../finding.ts';
import { configured, type Site } from '../site.ts';
import { codeOf, troubleText } from '../trouble.ts';

const PATIENCE_MS = 8_000;

export const checkMqtt = configured(async (site, config) => {
  if (!config.devices.some(({ transport }) => transport === 'mqtt'))
    return [none({ zh: '没有 MQTT 设备', en: 'no MQTT devices' })];
  return config.mqtt.broker === 'embedded'
    ? [ownBroker(site, config.mqtt)]
    : [await otherBroker(site, config, config.mqtt)];
});

type Own = Extract<BrokerConfig, { broker: 'embedded' }>;
type Other = Extract<BrokerConfig, { broker: 'other' }>;

const EVERYWHERE = ['0.0.0.0', '::', 'localhost'];

function ownBroker({ machine }: Site, { listen: { host, port }, anonymous }: Own): Finding {
  const addresses = machine.addresses();
  const own = EVERYWHERE.includes(host) || host.startsWith('127.') || addresses.includes(host);
  const lanes = addresses.filter((address) => !address.startsWith('127.') && !address.includes(':')).join(', ');
  if (!own)
    return wrong(
      { zh: `${host} 不是本机的地址（本机：${lanes}）`, en: `${host} is no address of this machine (it has ${lanes})` },
      {
        zh: '改正配置中的 mqtt.listen，或给本机设置这个固定地址：ip -br addr',
        en: 'correct mqtt.listen in the configuration, or give this machine that address for good: ip -br addr',
      },
    );
  const open = anonymous ? { zh: '，不要求登录', en: ', no login asked for' } : same('');
  return fine({ zh: `内置服务器 ${host}:${port}${open.zh}`, en: `the gate's own broker, ${host}:${port}${open.en}` });
}

async function otherBroker({ drivers }: Site, { devices }: Config, broker: Other): Promise<Finding> {
  const filters = devices.flatMap(({ driver, options, transport }) =>
    transport === 'mqtt' ? (drivers[driver]?.topics(options).up ?? []) : [],
  );
  const { host } = new URL(broker.url);
  const began = performance.now();
  const trouble = await tryBroker(broker, [...new Set(filters)]);
  const ms = Math.round(performance.now() - began);
  if (trouble === null)
    return fine({ zh: `${host}：登录并订阅成功（${ms} ms）`, en: `${host}: logged in and subscribed (${ms} ms)` });
  const [what, advice] = trouble;
  return wrong({ zh: `${host}：${what.zh}`, en: `${host}: ${what.en}` }, advice);
}

type Trouble = readonly [what: Sentence, advice: Sentence];

const WAY: Sentence = {
  zh: '检查 MQTT 服务器是否运行、地址和端口是否正确（mqtt.broker）、防火墙',
  en: 'is the broker running, is mqtt.broker right, is there a firewall between',
};
const LOGIN: Sentence = {
  zh: '核对 mqtt.username、mqtt.password 与服务器上的账号',
  en: "compare mqtt.username and mqtt.password with the broker's accounts",
};
const RIGHTS: Sentence = {
  zh: '在服务器上允许该账号订阅设备的主题',
  en: "allow that account to subscribe to the devices' topics at the broker",
};
const TRUST: Sentence = {
  zh: '更新服务器的证书；自己签发的根证书要加入本机：update-ca-certificates',
  en: "renew the broker's certificate; an authority of your own has to be known here: update-ca-certificates",
};

/** One connection with a clean session, which takes nothing from the gate's own. Null when all went well. */
async function tryBroker({ url, login }: Other, filters: readonly string[]): Promise<Trouble | null> {
  const client = connect(url, {
    ...(login ?? {}),
    clientId: `gatepost_doctor_${randomUUID().slice(0, 8)}`,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: PATIENCE_MS,
  });
  try {
    const failed = await connected(client);
    if (failed !== null) return troubleOf(failed);
    const refused = await subscribed(client, filters);
    return refused === null
      ? null
      : [{ zh: `订阅被拒绝：${refused}`, en: `it refuses the subscription: ${refused}` }, RIGHTS];
  } finally {
    client.end(true);
  }
}

/** @returns what went wrong; null once the broker has let the client in. */
function connected(client: MqttClient): Promise<unknown> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(Object.assign(new Error('no answer'), { code: 'TIMEOUT' })), PATIENCE_MS);
    const settle = (outcome: unknown): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    client.once('connect', () => settle(null));
    client.on('error', settle);
    client.once('close', () => settle(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
}

async function subscribed(client: MqttClient, filters: readonly string[]): Promise<string | null> {
  if (filters.length === 0) return null;
  const subscribing = client.subscribeAsync([...filters], { qos: 0 }).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('TIMEOUT'), PATIENCE_MS);
  });
  return Promise.race([subscribing, late]).finally(() => clearTimeout(timer));
}

/** CONNACK's codes (MQTT 3.1.1, 3.2.2.3) come as numbers, all others as words. */
function troubleOf(error: unknown): Trouble {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 4 || code === 5 || code === 134 || code === 135)
    return [{ zh: '登录被拒绝', en: 'the login is refused' }, LOGIN];
  if (typeof code === 'number') return [same(error instanceof Error ? error.message : String(code)), WAY];
  const name = codeOf(error);
  const tls = /CERT|SIGNATURE|ISSUER|ERR_TLS|SSL|EPROTO/.test(name);
  return [troubleText(name), tls ? TRUST : WAY];
}
