/** What the answers' checks say. */
import type { Sentence } from '../core/errors.ts';

interface Words {
  readonly message: Sentence;
  readonly fix: Sentence;
}

export const THIS: Sentence = { zh: '这一项', en: 'this' };
export const TAKEN: Sentence = { zh: '{value} 已用于 {path}', en: '{value} is already that of {path}' };

/** Ways out of what stands in two places. */
export const OF_ITS_OWN = {
  lane: { zh: '每条车道用一个自己的名称。', en: 'Give each lane one of its own.' },
  relay: { zh: '每块继电器板用一个自己的名称。', en: 'Give each relay board one of its own.' },
  port: {
    zh: '每个设备各有自己的端口：看看它们分别插在哪里。',
    en: 'Each device has a port of its own: look where each of them is plugged in.',
  },
  camera: {
    zh: '一台相机只在一条车道：请写能区分它们的内容。',
    en: 'A camera stands at one lane: write what tells them apart.',
  },
  arm: { zh: '每根道闸杆用一路自己的继电器。', en: 'Each arm has a relay of its own.' },
} as const satisfies Readonly<Record<string, Sentence>>;

export const CAMERAS_ARE: Sentence = { zh: '相机有', en: 'The cameras are' };
export const BOARDS_ARE: Sentence = { zh: '"relays" 下的继电器板有', en: 'The boards under "relays" are' };
export const NO_CAMERA_CALLED: Sentence = { zh: '没有相机 {name}', en: 'there is no camera {name}' };
export const NO_BOARD_CALLED: Sentence = { zh: '没有继电器板 {name}', en: 'there is no relay board {name}' };
export const REMOVE: Sentence = { zh: '请删去。', en: 'Remove it.' };
export const MISSING_KEY: Sentence = { zh: '缺少此项', en: 'is missing' };

export const WORDS = {
  namesake: {
    message: { zh: '与某条车道的相机或扫码器同名', en: "is the name of a lane's camera or scanner" },
    fix: { zh: '请换一个，例如 relay-1。', en: 'Write another one, for example relay-1.' },
  },
  blind: {
    message: { zh: '既没有相机也没有扫码器', en: 'has neither a camera nor a scanner' },
    fix: { zh: '请加上 "camera:" 或 "scanner:"。', en: 'Add "camera:" or "scanner:".' },
  },
  exitOnly: {
    message: {
      zh: '在这里没有用：它用于出口，而车辆从这里进场',
      en: 'has no use here: it is for exits, and vehicles enter here',
    },
    fix: REMOVE,
  },
  noWay: {
    message: { zh: '没有写怎样抬杆', en: 'says no way to raise the arm' },
    fix: {
      zh: '请写 { camera: 0 } 或 { relay: relay-1, output: 1 }。',
      en: 'Write either { camera: 0 } or { relay: relay-1, output: 1 }.',
    },
  },
  twoWays: {
    message: { zh: '写了两种抬杆方式', en: 'says two ways' },
    fix: {
      zh: '请写 { camera: 0 } 或 { relay: relay-1, output: 1 }。',
      en: 'Write either { camera: 0 } or { relay: relay-1, output: 1 }.',
    },
  },
  noOutput: {
    message: MISSING_KEY,
    fix: { zh: '请加上 "output:"，从 1 数起。', en: 'Add "output:", from 1.' },
  },
  outputTwice: {
    message: { zh: '在这里没有用', en: 'has no use here' },
    fix: { zh: '请删去："camera:" 就是输出的编号。', en: 'Remove it: "camera:" is the number of the output.' },
  },
  noCameraHere: {
    message: { zh: '这条车道没有相机', en: 'there is no camera at this lane' },
    fix: { zh: '请用继电器：{ relay: relay-1, output: 1 }。', en: 'Use a relay: { relay: relay-1, output: 1 }.' },
  },
  armless: {
    message: { zh: '{name} 不能抬杆', en: 'a {name} cannot raise an arm' },
    fix: { zh: '请用继电器：{ relay: relay-1, output: 1 }。', en: 'Use a relay: { relay: relay-1, output: 1 }.' },
  },
  idle: {
    message: { zh: '{name} 没有控制任何道闸', en: '{name} raises no arm' },
    fix: {
      zh: '请在某条车道的 "barrier" 下写上它，或把它删去。',
      en: 'Name it under "barrier" of a lane, or remove it.',
    },
  },
  halfLogin: {
    message: MISSING_KEY,
    fix: { zh: '请也加上 "{key}:"。', en: 'Add "{key}:" too.' },
  },
  ownBroker: {
    message: { zh: '只用于内置的消息服务器', en: 'is for the embedded broker' },
    fix: REMOVE,
  },
  ownLogins: {
    message: {
      zh: '在这里没有用：消息服务器是内置的，各设备有自己的登录',
      en: 'has no use here: the broker is embedded, and its devices have logins of their own',
    },
    fix: REMOVE,
  },
  nobodyListens: {
    message: { zh: '在这里没有用：没有相机', en: 'has no use here: there is no camera' },
    fix: REMOVE,
  },
  noListen: {
    message: MISSING_KEY,
    fix: {
      zh: '请加上 "listen:"，写相机能到达的本机地址，例如 192.168.1.10:1883。',
      en: 'Add "listen:" with an address of this machine that the cameras reach, for example 192.168.1.10:1883.',
    },
  },
  listenTaken: {
    message: {
      zh: '{value} 已由 Gatepost 自己使用（{taken}）',
      en: '{value} is where Gatepost listens itself ({taken})',
    },
    fix: { zh: '请用端口 1883。', en: 'Use port 1883.' },
  },
  pricesTwice: {
    message: { zh: '在这里没有用："file" 中已有价格', en: 'has no use here: "file" has the prices' },
    fix: { zh: '请删去其中之一。', en: 'Remove one of the two.' },
  },
  noPrice: {
    message: MISSING_KEY,
    fix: {
      zh: '请加上 "perHour:"（元），或用 "file:" 写出价格表。',
      en: 'Add "perHour:" in yuan, or "file:" with a price sheet.',
    },
  },
  ownClasses: {
    message: { zh: '在这里没有用：它用于自己的价格表', en: 'has no use here: it is for a sheet of your own' },
    fix: REMOVE,
  },
  lowCap: {
    message: { zh: '{value} 比一小时的价格还低', en: '{value} is less than one hour costs' },
    fix: { zh: '请写大一些，或删去。', en: 'Write a larger one, or remove it.' },
  },
  oddPath: {
    message: { zh: '{value} 中的路径不能用', en: '{value} has a path that is not possible' },
    fix: {
      zh: '请用字母、数字、"-"、"_" 和 "."，中间用单个斜杠。',
      en: 'Write letters, digits, "-", "_" and "." between single slashes.',
    },
  },
  noAnswers: {
    message: { zh: '文件中没有回答', en: 'the file has no answers' },
    fix: { zh: '请从 docs/init-answers.example.yaml 改起。', en: 'Start from docs/init-answers.example.yaml.' },
  },
} as const satisfies Readonly<Record<string, Words>>;
