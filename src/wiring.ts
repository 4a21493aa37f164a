/** The configuration in the words of the devices and of Mallcoo's calls: the parts do not know each other. */
import type { Config } from './config/load.ts';
import { DAY, SECOND, zoneOf } from './core/time.ts';
import { DEFAULT_MAX_PACKET_BYTES, type DeviceConfig, type LaneDevices, type MqttConfig } from './devices/config.ts';
import type { Limits } from './mallcoo/limits.ts';
import { ENTRY_FIELDS, type NoticeSettings } from './mallcoo/notices/settings.ts';
import type { ReachParts } from './mallcoo/reach/reach.ts';

export function mqttConfig({ mqtt }: Config): MqttConfig {
  if (mqtt.broker === 'embedded') {
    const { listen, anonymous, maxPacketBytes } = mqtt;
    return { kind: 'embedded', host: listen.host, port: listen.port, anonymous, maxPacketBytes };
  }
  const { username = null, password = null } = mqtt.login ?? {};
  return { kind: 'external', url: mqtt.url, username, password, maxPacketBytes: DEFAULT_MAX_PACKET_BYTES };
}

export function deviceConfigs(config: Config): readonly DeviceConfig[] {
  return config.devices.map((device) => {
    const { id, driver, options } = device;
    const login = device.transport === 'mqtt' ? device.login : null;
    const line = device.transport === 'serial' ? device : null;
    return {
      id,
      driver,
      options,
      username: login?.username ?? null,
      password: login?.password ?? null,
      port: line?.port ?? null,
      baudRate: line?.baudRate ?? null,
    };
  });
}

export function laneDevices(config: Config): readonly LaneDevices[] {
  return config.parks.flatMap((park) =>
    park.lanes.map(({ id, readers, barrier }) => ({ park: park.id, lane: id, readers, barrier: barrier ?? null })),
  );
}

/** The limits of Mallcoo's calls: however many payments wait, readings find room in the other half of the inbox. */
export function callLimits({ mallcoo, gateway }: Config): Limits {
  const { queriesPerSecond, pendingPayments } = mallcoo.limits;
  return { queriesPerSecond, pendingPayments: Math.min(pendingPayments, Math.ceil(gateway.inbox / 2)) };
}

/** What is probed of the way to Mallcoo; it is the same for all car parks, so the first one's proof is enough. */
export function reachSettings(config: Config): Pick<ReachParts, 'target' | 'probeMs' | 'points' | 'restart'> {
  const { tunnel, internet, mallcoo } = config;
  const [park] = config.parks;
  const { publicUrl, probeSeconds, probeTimeoutSeconds, restartFile, restartAfterSeconds } = tunnel;
  const target = publicUrl !== undefined &&
    park !== undefined && {
      publicUrl,
      path: mallcoo.paths.traffic,
      park: park.id,
      auth: park.mallcoo.auth,
      zone: zoneOf(park.zone),
      timeoutMs: probeTimeoutSeconds * SECOND,
    };
  return {
    target: target || null,
    probeMs: probeSeconds * SECOND,
    points: internet.check,
    restart: restartFile === undefined ? null : { file: restartFile, afterMs: restartAfterSeconds * SECOND },
  };
}

/** What is told to Mallcoo, of the parks that tell. */
export function noticeSettings({ parks, log: { language } }: Config): readonly NoticeSettings[] {
  return parks.flatMap(({ id, zone, mallcoo: { notices } }) => {
    if (!notices) return [];
    const { url, parkCode = id, timeoutSeconds, giveUpDays, exit, ...rest } = notices;
    return {
      ...rest,
      park: id,
      zone: zoneOf(zone),
      parkCode,
      language,
      entry: { url, fields: ENTRY_FIELDS },
      exit: exit ? { url: exit.url, fields: { ...exit.fields, time: exit.fields.outTime } } : null,
      timeoutMs: timeoutSeconds * SECOND,
      giveUpMs: giveUpDays * DAY,
    };
  });
}
