/** The whole interview: what a technician is asked, in the order in which he knows it. Its result is an answers file. */
import { CLASS_COLOURS, type ClassColour } from '../config/schema.ts';
import type { Sentence } from '../core/errors.ts';
import type { Given } from './answers.ts';
import { type AuthType, FIELDS } from './fields.ts';
import { type GivenLane, type LaneFacts, lanesInterview } from './interview-lanes.ts';
import { ask, type Choice, type Interview, named, optional, type Question, type Reading, truth } from './question.ts';
import { cameraId } from './site.ts';

/** What the machine knows about itself, and what the interview may look at. */
export interface Facts extends LaneFacts {
  /** The machine's own time zone. */
  readonly zone: string;
  /** Where cameras could reach it. */
  readonly addresses: readonly { readonly name: string; readonly address: string }[];
  /** Looks at a price sheet: the classes that it has, or what is wrong with it. */
  readonly sheet: (path: string) => Reading<readonly string[]>;
}

const PARK: Sentence = { zh: '停车场', en: 'Car park' };
const CAMERAS: Sentence = { zh: '相机的 MQTT', en: "The cameras' MQTT" };
const PRICES: Sentence = { zh: '价格', en: 'Prices' };
const MALLCOO: Sentence = { zh: '猫酷', en: 'Mallcoo' };
const TUNNEL: Sentence = { zh: '隧道', en: 'Tunnel' };
const BROKER_PORT = 1883;

/** Everything that is asked. */
export function* siteInterview(facts: Facts): Interview<Given> {
  const park = yield* parkInterview(facts);
  const { lanes, relays } = yield* lanesInterview(facts);
  const cameras = lanes.some(({ camera }) => camera !== undefined);
  const mqtt = cameras ? yield* mqttInterview(facts) : undefined;
  const known = mqtt?.broker === 'embedded' ? yield* loginsInterview(lanes) : lanes;
  const tariff = yield* tariffInterview(facts);
  const mallcoo = yield* mallcooInterview();
  const tunnel = yield* tunnelInterview();
  return {
    park,
    lanes: [...known],
    ...(relays.length === 0 ? {} : { relays: [...relays] }),
    ...(mqtt === undefined ? {} : { mqtt }),
    tariff,
    mallcoo,
    ...(tunnel === undefined ? {} : { tunnel }),
  };
}

function* parkInterview({ zone }: Facts): Interview<Given['park']> {
  const id = yield* ask({
    key: 'park.id',
    part: PARK,
    text: { zh: '停车场编号（猫酷的 parkId）', en: 'Code of the car park (parkId)' },
    help: {
      zh: '猫酷给的编号，猫酷的每次调用都带它；字母和数字。',
      en: "The code that Mallcoo knows it by: each of Mallcoo's calls has it. Letters and digits.",
    },
    read: FIELDS.parkId,
  });
  const name = yield* ask({
    key: 'park.name',
    part: PARK,
    text: { zh: '停车场名称', en: 'Name of the car park' },
    help: { zh: '给人看的名称，例如 示例广场停车场。', en: 'What people call it.' },
    read: FIELDS.parkName,
  });
  const found = yield* ask({
    key: 'park.zone',
    part: PARK,
    text: { zh: '时区', en: 'Time zone' },
    help: {
      zh: '价格表和时间按这个时区；中国大陆是 Asia/Shanghai。',
      en: 'Prices and times go by it; mainland China is Asia/Shanghai.',
    },
    // A machine that nobody has told its zone has UTC.
    fallback: ['UTC', 'Etc/UTC', ''].includes(zone) ? 'Asia/Shanghai' : zone,
    read: FIELDS.zone,
  });
  return { id, name, zone: found };
}

function* mqttInterview({ addresses }: Facts): Interview<NonNullable<Given['mqtt']>> {
  const kind = yield* ask({
    key: 'mqtt',
    part: CAMERAS,
    text: { zh: '相机连到', en: 'The cameras connect to' },
    help: {
      zh: 'Gatepost 自带 MQTT 服务，一般不需要别的。',
      en: 'Gatepost has a broker inside; another one is seldom needed.',
    },
    fallback: 'embedded',
    choices: [
      { name: 'embedded', label: { zh: '这台电脑上的 Gatepost', en: 'Gatepost on this machine' } },
      { name: 'other', label: { zh: '别的 MQTT 服务器', en: 'another broker' } },
    ],
    read: named(['embedded', 'other']),
  });
  if (kind === 'other') return yield* brokerInterview();
  const choices: readonly Choice[] = addresses.map(({ name, address }) => ({
    name: `${address}:${BROKER_PORT}`,
    label: { zh: `${address}:${BROKER_PORT}（网卡 ${name}）`, en: `${address}:${BROKER_PORT} (${name})` },
  }));
  const first = choices[0]?.name;
  const listen = yield* ask({
    key: 'mqtt.listen',
    part: CAMERAS,
    text: { zh: '本机在相机网段里的地址和端口', en: "This machine's address in the cameras' network, and the port" },
    help: {
      zh: '相机的 MQTT 页面里要填这个地址；只监听相机所在的网卡。',
      en: "The address that goes into each camera's MQTT page. Choose the network that the cameras are in.",
    },
    ...(first === undefined ? {} : { fallback: first, choices }),
    read: FIELDS.listen,
  });
  return { broker: 'embedded', listen };
}

/** The passwords of the cameras' logins, for those that are set in the cameras already. */
function* loginsInterview(lanes: readonly GivenLane[]): Interview<readonly GivenLane[]> {
  const known: GivenLane[] = [];
  for (const [index, lane] of lanes.entries()) {
    const { id, camera } = lane;
    if (camera === undefined) {
      known.push(lane);
      continue;
    }
    const name = cameraId(id);
    const password = yield* ask({
      key: `lanes[${index}].camera.password`,
      part: CAMERAS,
      text: { zh: `${name} 的密码（回车自动生成）`, en: `Password of ${name} (Enter makes one up)` },
      help: {
        zh: `相机用用户名 ${name} 和这个密码登录。自动生成的会显示一次，也存进文件。`,
        en: `The camera logs in as ${name} with it. One that is made up is shown once, and kept in a file.`,
      },
      secret: true,
      read: optional(FIELDS.text),
    });
    known.push(password === undefined ? lane : { ...lane, camera: { ...camera, password } });
  }
  return known;
}

function* brokerInterview(): Interview<NonNullable<Given['mqtt']>> {
  const broker = yield* ask({
    key: 'mqtt.broker',
    part: CAMERAS,
    text: { zh: 'MQTT 服务器的地址', en: 'URL of the broker' },
    help: { zh: '例如 mqtt://192.168.1.20:1883。', en: 'For example mqtt://192.168.1.20:1883.' },
    read: (text) =>
      text === 'embedded' ? { problem: { zh: '请写地址。', en: 'Write its URL.' } } : FIELDS.broker(text),
  });
  const username = yield* ask({
    key: 'mqtt.username',
    part: CAMERAS,
    text: { zh: '那里的用户名（没有就回车）', en: 'User name there (Enter for none)' },
    help: { zh: 'Gatepost 登录那个服务器用。', en: "Gatepost's login at that broker." },
    read: optional(FIELDS.text),
  });
  if (username === undefined) return { broker };
  const password = yield* ask({
    key: 'mqtt.password',
    part: CAMERAS,
    text: { zh: '那里的密码', en: 'Password there' },
    help: { zh: '存进只有 root 能读的文件。', en: 'Kept in a file that only root can read.' },
    secret: true,
    read: FIELDS.text,
  });
  return { broker, username, password };
}

function* tariffInterview({ sheet }: Facts): Interview<Given['tariff']> {
  const money = <T>(key: string, text: Sentence, fallback: string, read: Question<T>['read']) =>
    ask({
      key: `tariff.${key}`,
      part: PRICES,
      text,
      help: {
        zh: '元，最多两位小数。复杂的价格（分时段、阶梯、节假日）以后改价格表，见 tariffs.md。',
        en: 'Yuan, two decimals at most. For bands, steps and holidays edit the sheet afterwards: tariffs.md.',
      },
      fallback,
      read,
    });
  const minutes = <T>(key: string, text: Sentence, read: Question<T>['read']) =>
    ask({
      key: `tariff.${key}`,
      part: PRICES,
      text,
      help: {
        zh: '分钟。免费时间多一秒，就按全程收费。',
        en: 'Minutes. One second more than the free ones, and the whole stay is charged.',
      },
      fallback: '15',
      read,
    });
  const kind = yield* ask({
    key: 'tariff',
    part: PRICES,
    text: { zh: '价格表', en: 'Price sheet' },
    help: {
      zh: '简单的：免费几分钟、每小时几元、24 小时封顶。已有的价格表文件会先检查。',
      en: 'A simple one: free minutes, a price per hour, a cap for 24 hours. A sheet that you have is checked.',
    },
    fallback: 'simple',
    choices: [
      { name: 'simple', label: { zh: '写一个简单的', en: 'write a simple one' } },
      { name: 'file', label: { zh: '用已有的文件', en: 'use a file that exists' } },
    ],
    read: named(['simple', 'file']),
  });
  if (kind === 'file') return yield* sheetInterview(sheet);
  const freeMinutes = yield* minutes('freeMinutes', { zh: '免费几分钟', en: 'Free minutes' }, FIELDS.freeMinutes);
  const perHour = yield* money('perHour', { zh: '每小时几元', en: 'Price of an hour, in yuan' }, '5', FIELDS.amount);
  const capText = { zh: '24 小时封顶几元（- 表示不封顶）', en: 'Cap for 24 hours, in yuan (- for none)' };
  const dayCap = yield* money('dayCap', capText, String(Number(perHour) * 10), atLeast(perHour));
  const leave = { zh: '付款后几分钟内离场', en: 'Minutes to leave in, once it is paid' };
  const leaveMinutes = yield* minutes('leaveMinutes', leave, FIELDS.leaveMinutes);
  return { freeMinutes, perHour, ...(dayCap === undefined ? {} : { dayCap }), leaveMinutes };
}

/** A cap below the price of one hour would be no price per hour. */
function atLeast(perHour: string): (text: string) => Reading<string | undefined> {
  const read = optional(FIELDS.amount);
  return (text) => {
    const reading = read(text);
    if ('problem' in reading || reading.value === undefined || Number(reading.value) >= Number(perHour)) return reading;
    return { problem: { zh: '比一小时的价格还少。', en: 'It is less than one hour costs.' } };
  };
}

function* sheetInterview(look: Facts['sheet']): Interview<Given['tariff']> {
  let classes: readonly string[] = [];
  const file = yield* ask({
    key: 'tariff.file',
    part: PRICES,
    text: { zh: '价格表文件', en: 'File of the price sheet' },
    help: {
      zh: '完整路径，例如 /media/usb/mall.yaml；会复制到配置旁边。',
      en: 'A full path, for example /media/usb/mall.yaml. It is copied beside the configuration.',
    },
    read: (text): Reading<string> => {
      const seen = look(text);
      if ('problem' in seen) return seen;
      classes = seen.value;
      return { value: text };
    },
  });
  const colours: Partial<Record<ClassColour, string>> = {};
  for (const name of classes) {
    const colour = yield* ask({
      key: `tariff.classes.${name}`,
      part: PRICES,
      text: { zh: `哪种车牌按 "${name}" 收费`, en: `Which plates pay as "${name}"` },
      help: {
        zh: '价格表里的这一类车，按车牌颜色认。',
        en: 'The sheet has this class of vehicles; they are known by the colour of the plate.',
      },
      choices: CLASS_COLOURS.map((one) => ({ name: one, label: COLOURS[one] })),
      read: named(CLASS_COLOURS.filter((one) => colours[one] === undefined)),
    });
    colours[colour] = name;
  }
  return { file, ...(classes.length === 0 ? {} : { classes: colours }) };
}

const COLOURS: Readonly<Record<ClassColour, Sentence>> = {
  blue: { zh: '蓝牌', en: 'blue' },
  yellow: { zh: '黄牌', en: 'yellow' },
  white: { zh: '白牌', en: 'white' },
  black: { zh: '黑牌', en: 'black' },
  green: { zh: '绿牌（新能源小型车）', en: 'green' },
  yellowGreen: { zh: '黄绿牌（新能源大型车）', en: 'yellow and green' },
};

function* mallcooInterview(): Interview<Given['mallcoo']> {
  const type = yield* ask<AuthType>({
    key: 'mallcoo.auth',
    part: MALLCOO,
    text: { zh: '猫酷怎样证明自己', en: 'How Mallcoo proves itself' },
    help: {
      zh: '按与猫酷的约定。token：双方共有的口令；sign：开放平台的签名；none：只用于别人进不来的隧道。',
      en: 'As agreed with Mallcoo. token: a shared secret; sign: the signature of the open platform; none: only for a tunnel that nobody else can reach.',
    },
    fallback: 'token',
    choices: [
      { name: 'token', label: { zh: 'token：共有的口令', en: 'token: a shared secret' } },
      { name: 'sign', label: { zh: 'sign：开放平台签名', en: 'sign: the signature of the open platform' } },
      { name: 'none', label: { zh: 'none：不证明', en: 'none' } },
    ],
    read: named(['token', 'sign', 'none']),
  });
  const auth = yield* authInterview(type);
  const tell = yield* ask({
    key: 'mallcoo.notices',
    part: MALLCOO,
    text: { zh: '要不要把进场的车告诉猫酷（y/n）', en: 'Tell Mallcoo of each car that enters (y/n)' },
    help: {
      zh: '需要猫酷开放平台的 AppID、PublicKey 和密钥；以后也可以打开。',
      en: "It takes AppID, PublicKey and private key of Mallcoo's open platform; it can be switched on later.",
    },
    fallback: 'n',
    read: truth,
  });
  if (!tell) return { auth };
  const appId = yield* ask(keyQuestion('notices.appId', 'AppID', FIELDS.ascii));
  const publicKey = yield* ask(keyQuestion('notices.publicKey', 'PublicKey', FIELDS.ascii));
  const privateKey = yield* ask({ ...keyQuestion('notices.privateKey', 'PrivateKey', FIELDS.key), secret: true });
  return { auth, notices: { appId, publicKey, privateKey } };
}

function* authInterview(type: AuthType): Interview<Given['mallcoo']['auth']> {
  switch (type) {
    case 'none':
      return { type };
    case 'token': {
      const token = yield* ask({
        key: 'mallcoo.auth.token',
        part: MALLCOO,
        text: { zh: 'Token（回车自动生成）', en: 'Token (Enter makes one up)' },
        help: {
          zh: '16 个字符以上。自动生成的会显示一次，交给猫酷。',
          en: '16 characters or more. One that is made up is shown once, to be given to Mallcoo.',
        },
        secret: true,
        read: optional(FIELDS.key),
      });
      return token === undefined ? { type } : { type, token };
    }
    case 'sign': {
      const appId = yield* ask(keyQuestion('auth.appId', 'AppID', optional(FIELDS.text)));
      const publicKey = yield* ask(keyQuestion('auth.publicKey', 'PublicKey', FIELDS.publicKey));
      const privateKey = yield* ask({ ...keyQuestion('auth.privateKey', 'PrivateKey', FIELDS.key), secret: true });
      return { type, publicKey, privateKey, ...(appId === undefined ? {} : { appId }) };
    }
  }
}

/** A key of the open platform, whose names are the same in every language. */
function keyQuestion<T>(key: string, name: string, read: Question<T>['read']): Question<T> {
  const use = key.startsWith('auth')
    ? { zh: '调用的签名', en: 'of the calls' }
    : { zh: '进场通知', en: 'of the notices' };
  return {
    key: `mallcoo.${key}`,
    part: MALLCOO,
    text: { zh: `${use.zh} ${name}`, en: `${name} ${use.en}` },
    help: {
      zh: '猫酷开放平台给的，照抄。密钥存进只有 root 能读的文件。',
      en: "From Mallcoo's open platform, as it stands there. The private key is kept in a file that only root can read.",
    },
    read,
  };
}

function* tunnelInterview(): Interview<Given['tunnel']> {
  const publicUrl = yield* ask({
    key: 'tunnel.publicUrl',
    part: TUNNEL,
    text: { zh: '猫酷调用的公网地址（还没有就回车）', en: 'Public address that Mallcoo calls (Enter for none yet)' },
    help: {
      zh: '例如 https://park.example.com/parking。远端怎样设置见 tunnel.zh-CN.md；以后也可以写进配置。',
      en: 'For example https://park.example.com/parking. tunnel.md sets up the far end; it can be added later.',
    },
    read: optional(FIELDS.publicUrl),
  });
  const host = yield* ask({
    key: 'tunnel.ssh.host',
    part: TUNNEL,
    text: { zh: 'ssh 隧道的远端服务器（没有就回车）', en: 'Far server of the ssh tunnel (Enter for none)' },
    help: {
      zh: '有公网地址的机器。写了就生成 tunnel.env，供 gatepost-tunnel.service 用。',
      en: 'A machine with a public address. With it tunnel.env is written, for gatepost-tunnel.service.',
    },
    read: optional(FIELDS.host),
  });
  if (host === undefined) return publicUrl === undefined ? undefined : { publicUrl };
  const more = <T>(key: string, text: Sentence, fallback: string, read: Question<T>['read']) =>
    ask({
      key: `tunnel.ssh.${key}`,
      part: TUNNEL,
      text,
      help: { zh: '远端的设置，见 tunnel.zh-CN.md。', en: 'How the far server is set up: tunnel.md.' },
      fallback,
      read,
    });
  const user = yield* more('user', { zh: '那里的用户', en: 'User there' }, 'gatepost', FIELDS.user);
  const port = yield* more('port', { zh: '那里的 ssh 端口', en: 'Port of ssh there' }, '22', FIELDS.port);
  const farText = { zh: '那里收猫酷调用的端口', en: "Port there that takes Mallcoo's calls" };
  const farPort = yield* more('farPort', farText, '18080', FIELDS.port);
  return { ...(publicUrl === undefined ? {} : { publicUrl }), ssh: { host, user, port, farPort } };
}
