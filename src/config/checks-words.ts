/** What the checks say of settings that contradict each other. What is in braces is filled in by the check. */
import type { Sentence } from '../core/errors.ts';

export const OWN_ID = {
  park: { zh: '每个停车场请用各自的值。', en: 'Give each car park one of its own.' },
  lane: { zh: '本停车场的每条车道请用各自的值。', en: 'Give each lane of this park one of its own.' },
  device: { zh: '每个设备请用各自的值。', en: 'Give each device one of its own.' },
  serial: { zh: '每个串口设备请用各自的值。', en: 'Give each serial device one of its own.' },
} as const satisfies Readonly<Record<string, Sentence>>;
export const TAKEN: Sentence = { zh: '{value} 已被 {other} 使用', en: '{value} is already that of {other}' };

export const NO_TARIFF: Sentence = { zh: '没有价格表 {name}', en: 'there is no tariff {name}' };
export const TARIFFS: Sentence = { zh: '价格表有', en: 'The tariffs are' };
export const NO_DEVICE: Sentence = { zh: '没有设备 {id}', en: 'there is no device {id}' };
export const DEVICES: Sentence = { zh: '设备有', en: 'The devices are' };
export const NO_DRIVER: Sentence = { zh: '没有驱动 {name}', en: 'there is no driver {name}' };
export const DRIVERS: Sentence = { zh: '驱动有', en: 'The drivers are' };

export const READS_NOTHING: Sentence = {
  zh: '{id}（{model}）不能识别车牌或票号',
  en: '{id} ({model}) reads no plates or tickets',
};
export const RAISES_NOTHING: Sentence = { zh: '{id}（{model}）不能抬杆', en: '{id} ({model}) cannot raise an arm' };
export const ABLE: Sentence = { zh: '能做到的设备：{names}。', en: 'Devices that can: {names}.' };
export const ADD_ABLE: Sentence = { zh: '请加上能做到的设备。', en: 'Add a device that can.' };
export const ELSEWHERE: Sentence = { zh: '{id} 已用在 {other}', en: '{id} is already at {other}' };
export const ONE_LANE: Sentence = {
  zh: '一个识别设备只属于一条车道：只写一次。',
  en: 'A reader stands at one lane: name it once.',
};
export const NO_LANE: Sentence = { zh: '{id} 不属于任何车道', en: '{id} stands at no lane' };
export const NAME_IT: Sentence = {
  zh: '请写在它所在车道的 "readers" 或 "barrier" 下，或删去。',
  en: 'Name it under "readers" or "barrier" of its lane, or remove it.',
};

export const USELESS: Sentence = { zh: '在这里没有用：{because}', en: 'has no use here: {because}' };
export const USELESS_HERE: Sentence = { zh: '在这里没有用', en: 'has no use here' };
export const REMOVE: Sentence = { zh: '请删去。', en: 'Remove it.' };
export const FOR_EXITS: Sentence = { zh: '它用于出口，而这里是入口', en: 'it is for exits, and vehicles enter here' };
export const ON_MQTT: Sentence = { zh: '{name} 使用 MQTT', en: '{name} talks MQTT' };
export const ON_SERIAL: Sentence = { zh: '{name} 接在串口上', en: '{name} is on a serial line' };
export const EMBEDDED: Sentence = {
  zh: '使用内置 MQTT 服务器，设备各有自己的登录',
  en: 'the broker is embedded, and devices have logins of their own',
};
export const FOR_EMBEDDED: Sentence = { zh: '它用于内置 MQTT 服务器', en: 'it is for the embedded broker' };

export const ADD_LOGIN: Sentence = {
  zh: '请加上 "{key}:"，与设备中的设置一致；MQTT 服务器会核对。',
  en: 'Add "{key}:" as it is set in the device; the broker checks it.',
};
export const ADD_PORT: Sentence = {
  zh: '请加上 "port:" 和串口的路径，例如 /dev/gatepost/scanner-out。',
  en: 'Add "port:" with the path of the line, for example /dev/gatepost/scanner-out.',
};
export const ADD_USERNAME: Sentence = { zh: '请同时加上 "username:"。', en: 'Add "username:" too.' };
export const ADD_PASSWORD: Sentence = { zh: '请同时加上 "password:"。', en: 'Add "password:" too.' };

export const NEEDS: Sentence = { zh: '还需要 {other}', en: 'needs {other}' };
export const NAME_PROXIES: Sentence = {
  zh: '请在 "trustedHops" 中写出代理，例如 [127.0.0.1]；别人不得发送 PROXY 头。',
  en: 'Name the proxies in "trustedHops", for example [127.0.0.1]; nobody else may send PROXY headers.',
};
export const ADD_PUBLIC_URL: Sentence = {
  zh: '请加上 "publicUrl:"；没有它就不知道隧道是否中断。或删去此项。',
  en: 'Add "publicUrl:"; without it nothing tells that the tunnel is down. Or remove this.',
};

export const REMOTE: Sentence = { zh: '{value} 能被其他机器访问', en: '{value} can be reached from other machines' };
export const USE_LOOPBACK: Sentence = {
  zh: '请用 127.0.0.1；确有需要时加上 "allowRemote: true"。',
  en: 'Use 127.0.0.1, or add "allowRemote: true" if that is meant.',
};
export const ALSO: Sentence = { zh: '{value} 也是 {other}', en: '{value} is also {other}' };
export const OWN_PORT: Sentence = { zh: '每个服务请用各自的端口。', en: 'Give each server a port of its own.' };
