/** How single replies are read: by the schema of the answers file, which is the configuration's own. */

import { addressFrom, clash } from '../config/values.ts';
import { type Answers, answersSchema } from './answers.ts';
import { LISTEN } from './places.ts';
import { fitting, number, type Reading } from './question.ts';

/** No secret is looked up in an interview: what is typed is the secret itself. */
const SCHEMA = answersSchema((reference) => ({ text: typeof reference === 'string' ? reference : '' })).shape;
const PARK = SCHEMA.park.shape;
const LANE = SCHEMA.lanes.element.shape;
const TARIFF = SCHEMA.tariff.shape;
const MQTT = SCHEMA.mqtt.unwrap().shape;
const MALLCOO = SCHEMA.mallcoo.shape;
const NOTICES = MALLCOO.notices.unwrap().shape;
const TUNNEL = SCHEMA.tunnel.unwrap().shape;
const SSH = TUNNEL.ssh.unwrap().shape;
const SIGN = MALLCOO.auth.options[2].shape;

const ID_FORM = {
  zh: '请写字母、数字、"-"、"_"、"."，以字母或数字开头，例如 P001。',
  en: 'Write letters, digits, "-", "_" and ".", beginning with a letter or digit, for example P001.',
};
const TEXT_FORM = { zh: '请写 1 到 100 个字符。', en: 'Write 1 to 100 characters.' };
const ASCII_FORM = {
  zh: '请写不带空格的英文字母、数字、符号。',
  en: 'Write letters, digits and signs of ASCII, without blanks.',
};
const KEY_FORM = {
  zh: '密钥太短：请写 16 个字符以上。',
  en: 'It is too short and can be guessed: write 16 characters or more.',
};
const MONEY_FORM = {
  zh: '请写大于 0 的元，最多两位小数，例如 5 或 2.5。',
  en: 'Write yuan above 0 with two decimals at most, for example 5 or 2.5.',
};
const whole = (from: number, to: number) => ({
  zh: `请写 ${from} 到 ${to} 的整数。`,
  en: `Write a whole number from ${from} to ${to}.`,
});

export const FIELDS = {
  parkId: fitting(PARK.id, ID_FORM),
  parkName: fitting(PARK.name, TEXT_FORM),
  zone: fitting(PARK.zone, {
    zh: '没有这个时区；例如 Asia/Shanghai。',
    en: 'There is no such time zone; write one such as Asia/Shanghai.',
  }),
  laneId: fitting(LANE.id, {
    zh: '请写字母、数字、"-"、"_"、"."，最多 48 个，例如 in-1。',
    en: 'Write letters, digits, "-", "_" and ".", 48 at most, for example in-1.',
  }),
  baudRate: number(LANE.scanner.unwrap().shape.baudRate, whole(300, 4_000_000)),
  cameraOutput: number(LANE.barrier.unwrap().shape.camera, whole(0, 255)),
  relayOutput: number(LANE.barrier.unwrap().shape.output, whole(1, 16)),
  path: fitting(LANE.scanner.unwrap().shape.port, {
    zh: '请写列表中的编号，或一个路径，例如 /dev/ttyS0。',
    en: 'Write a number of the list, or a path such as /dev/ttyS0.',
  }),
  listen,
  broker: fitting(MQTT.broker, {
    zh: '请写不带用户名密码的网址，例如 mqtt://192.168.1.20:1883。',
    en: 'Write a URL without a login in it, for example mqtt://192.168.1.20:1883.',
  }),
  text: fitting(MQTT.username, TEXT_FORM),
  freeMinutes: number(TARIFF.freeMinutes, whole(0, 1_440)),
  leaveMinutes: number(TARIFF.leaveMinutes, whole(1, 120)),
  amount: fitting(TARIFF.perHour, MONEY_FORM),
  ascii: fitting(NOTICES.appId, ASCII_FORM),
  key: fitting(NOTICES.privateKey, KEY_FORM),
  publicKey: fitting(SIGN.publicKey, TEXT_FORM),
  publicUrl,
  host: fitting(SSH.host, {
    zh: '请写域名或 IP 地址，例如 203.0.113.7。',
    en: 'Write a name or an IP address, for example 203.0.113.7.',
  }),
  user: fitting(SSH.user, { zh: '请写用户名，例如 gatepost。', en: 'Write the name of a user, for example gatepost.' }),
  port: number(SSH.port, whole(1, 65_535)),
} as const;

function listen(text: string): Reading<string> {
  const own = ownListener(text);
  if (own !== undefined) {
    return { problem: { zh: `${own} 已由 Gatepost 自己使用。`, en: `Gatepost itself listens at ${own}.` } };
  }
  if (MQTT.listen.safeParse(text).success && text !== '') return { value: text };
  return {
    problem: {
      zh: '请写本机的地址和端口，例如 192.168.1.10:1883。',
      en: 'Write an address of this machine and a port, for example 192.168.1.10:1883.',
    },
  };
}

/** Which of Gatepost's own listeners has that address; undefined when none. */
export function ownListener(text: string): string | undefined {
  const address = addressFrom(text);
  return LISTEN.find((own) => {
    const other = addressFrom(own);
    return address !== undefined && other !== undefined && clash(address, other);
  });
}

/** It becomes `mallcoo.basePath` too, which takes fewer characters than a URL. */
function publicUrl(text: string): Reading<string> {
  const fits = TUNNEL.publicUrl.safeParse(text).success && isPlainPath(text);
  if (fits && text !== '') return { value: text };
  return {
    problem: {
      zh: '请写 https 地址，不带用户名、"?"、"#"，例如 https://park.example.com/parking。',
      en: 'Write an https address without a login, "?" or "#", for example https://park.example.com/parking.',
    },
  };
}

/** Whether the path of a URL is plain enough for `mallcoo.basePath`. */
export function isPlainPath(url: string): boolean {
  return /^(\/[A-Za-z0-9._~-]+)*\/?$/.test(URL.parse(url)?.pathname ?? '');
}

export type AuthType = Answers['mallcoo']['auth']['type'];
