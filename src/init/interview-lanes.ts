/** The interview's part about lanes: what stands at each, and where it is plugged in. */
import type { Driver } from '../../drivers/contract.ts';
import type { Drivers } from '../config/checks.ts';
import { optionsSchema } from '../config/load.ts';
import { note, propertiesOf, type Shape, shapeOf } from '../config/shape.ts';
import type { Sentence } from '../core/errors.ts';
import type { Given, GivenPort } from './answers.ts';
import { camerasOf } from './answers-checks.ts';
import { FIELDS } from './fields.ts';
import { type FoundPort, guessOf, identityOf, labelOf } from './ports.ts';
import { ask, type Choice, type Interview, named, optional, type Reading, truth, unlike } from './question.ts';

export interface LaneFacts {
  readonly drivers: Drivers;
  readonly ports: readonly FoundPort[];
}

export type GivenLane = Given['lanes'][number];
type GivenCamera = NonNullable<GivenLane['camera']>;
type GivenRelay = NonNullable<Given['relays']>[number];

/** What the lanes before have taken. */
interface Taken {
  readonly lanes: string[];
  readonly cameras: string[];
  readonly ports: string[];
  readonly relays: GivenRelay[];
  /** Relays in use, by their board. */
  readonly outputs: Map<string, number[]>;
}

const LANES: Sentence = { zh: '车道', en: 'Lanes' };
const NONE: Sentence = { zh: '没有', en: 'none' };
const MOST_LANES = 16;

/** What the drivers' own texts, which are English, are called in Chinese. */
const CHINESE: Readonly<Record<string, string>> = {
  'vzenith-mqtt': '臻识相机（MQTT）',
  'frigate-mqtt': 'Frigate 车牌识别（MQTT）',
  'vzenith-mqtt sn': '相机的序列号（在标签上、网页的系统页上）',
  'frigate-mqtt camera': '相机在 Frigate 配置里的名字',
};

export function* lanesInterview(
  facts: LaneFacts,
): Interview<{ readonly lanes: readonly GivenLane[]; readonly relays: readonly GivenRelay[] }> {
  const count = (key: string, text: Sentence, least: number) =>
    ask({
      key,
      part: LANES,
      text,
      help: { zh: '每条车道有自己的相机、道闸。', en: 'Each lane has a camera and a barrier of its own.' },
      fallback: '1',
      read: laneCount(least),
    });
  const ins = yield* count('in', { zh: '入口有几条', en: 'How many ways in' }, 0);
  const outs = yield* count('out', { zh: '出口有几条', en: 'How many ways out' }, ins === 0 ? 1 : 0);
  const taken: Taken = { lanes: [], cameras: [], ports: [], relays: [], outputs: new Map() };
  const lanes: GivenLane[] = [];
  for (let index = 0; index < ins + outs; index += 1) {
    const entry = index < ins;
    const standard = entry ? `in-${index + 1}` : `out-${index - ins + 1}`;
    lanes.push(yield* lane(facts, taken, `lanes[${index}]`, entry ? 'in' : 'out', standard));
  }
  return { lanes, relays: taken.relays };
}

/** @param least 1 where there is no lane yet. */
function laneCount(least: number): (text: string) => Reading<number> {
  return (text) => {
    const value = /^\d{1,2}$/.test(text) ? Number(text) : -1;
    if (value >= least && value <= MOST_LANES) return { value };
    return {
      problem: { zh: `请写 ${least} 到 ${MOST_LANES}。`, en: `Write a number from ${least} to ${MOST_LANES}.` },
    };
  };
}

function* lane(
  facts: LaneFacts,
  taken: Taken,
  key: string,
  direction: 'in' | 'out',
  standard: string,
): Interview<GivenLane> {
  const way = direction === 'in' ? { zh: '入口', en: 'a way in' } : { zh: '出口', en: 'a way out' };
  const id = yield* ask({
    key: `${key}.id`,
    part: { zh: `车道 ${standard}（${way.zh}）`, en: `Lane ${standard} (${way.en})` },
    text: { zh: `车道 ${standard} 的名字`, en: `Name of lane ${standard}` },
    help: {
      zh: '日志、状态页、命令都用这个名字。字母和数字。',
      en: 'The log, the status page and the commands call it so. Letters and digits.',
    },
    fallback: standard,
    read: unlike(taken.lanes, FIELDS.laneId, { zh: '这个名字已经有了。', en: 'There is a lane of that name.' }),
  });
  taken.lanes.push(id);
  const part = { zh: `车道 ${id}（${way.zh}）`, en: `Lane ${id} (${way.en})` };
  const camera = yield* cameraOf(facts, taken, key, id, part);
  const scanner = yield* scannerOf(facts, taken, key, id, part, camera === undefined);
  const barrier = yield* barrierOf(facts, taken, key, id, part, camera);
  const rule = direction === 'out' ? yield* ruleOf(key, id, part) : undefined;
  return {
    id,
    direction,
    ...(camera === undefined ? {} : { camera }),
    ...(scanner === undefined ? {} : { scanner }),
    ...(barrier === undefined ? {} : { barrier }),
    ...(rule === undefined ? {} : { whenLineDown: rule }),
  };
}

function* cameraOf(
  { drivers }: LaneFacts,
  taken: Taken,
  key: string,
  id: string,
  part: Sentence,
): Interview<GivenCamera | undefined> {
  const names = camerasOf(drivers);
  const choices: readonly Choice[] = [
    ...names.map((name) => ({ name, label: { zh: CHINESE[name] ?? name, en: drivers[name]?.title ?? name } })),
    { name: 'none', label: NONE },
  ];
  const name = yield* ask({
    key: `${key}.camera`,
    part,
    text: { zh: `${id} 的相机`, en: `Camera of ${id}` },
    help: {
      zh: '识别车牌的相机的型号。没有相机的车道要有扫码器。',
      en: 'The model that reads plates. A lane without a camera has a scanner.',
    },
    fallback: names[0] ?? 'none',
    choices,
    read: named([...names, 'none']),
  });
  const driver = drivers[name];
  if (driver === undefined) return undefined;
  const options: Record<string, string> = {};
  for (const [option, shape] of requiredTexts(driver)) {
    const text = {
      zh: `${id}：${CHINESE[`${name} ${option}`] ?? shape.description ?? option}`,
      en: `${id}: ${(shape.description ?? option).replace(/(\. Required)?\.$/, '')}`,
    };
    options[option] = yield* ask({
      key: `${key}.camera.${option}`,
      part,
      text,
      help: {
        zh: '照相机标签或网页上写的原样填写；它决定相机发的消息归哪条车道。',
        en: "As it stands on the camera's label or web page: by it the camera's messages are told apart.",
      },
      read: unlike(taken.cameras, optionOf(driver, option), {
        zh: '另一条车道的相机已经是它了。',
        en: "It is already that of another lane's camera.",
      }),
    });
    taken.cameras.push(options[option]);
  }
  return { driver: name, options };
}

/** The options that a driver cannot do without; all of them are texts today. */
function requiredTexts(driver: Driver): readonly (readonly [string, Shape])[] {
  const shape = shapeOf(driver.options);
  const required = new Set(shape.required ?? []);
  return [...propertiesOf(shape)].filter(([name]) => required.has(name));
}

/** Reads one option by the driver's own schema: whatever is wrong with the others is not told. */
function optionOf(driver: Driver, option: string): (text: string) => Reading<string> {
  const schema = optionsSchema(driver);
  const wanted = note(propertiesOf(shapeOf(driver.options)).get(option) ?? {}, 'wanted');
  return (text) => {
    const parsed = schema.safeParse({ [option]: text });
    const wrong = parsed.success ? undefined : parsed.error.issues.find((issue) => issue.path[0] === option);
    if (wrong === undefined) return { value: text };
    return {
      problem: {
        zh: '不对：只能有字母、数字、"-"、"_"，照标签填写。',
        en: `That is not possible: ${wanted ?? wrong.message}.`,
      },
    };
  };
}

function* scannerOf(
  facts: LaneFacts,
  taken: Taken,
  key: string,
  id: string,
  part: Sentence,
  needed: boolean,
): Interview<GivenLane['scanner']> {
  const help = {
    zh: '接在串口或 USB 串口上、读票上条码的扫码器。',
    en: 'One that reads the codes of tickets, on a serial line or USB serial.',
  };
  if (!needed) {
    const text = { zh: `${id} 有没有扫码器（y/n）`, en: `Has ${id} a ticket scanner (y/n)` };
    const has = yield* ask({ key: `${key}.scanner`, part, text, help, fallback: 'n', read: truth });
    if (!has) return undefined;
  }
  const text = { zh: `${id} 的扫码器接在`, en: `Where the scanner of ${id} is plugged in` };
  const port = yield* portOf(facts, taken, `${key}.scanner.port`, part, text, 'scanner');
  const baudRate = yield* ask({
    key: `${key}.scanner.baudRate`,
    part,
    text: { zh: `${id} 的扫码器的波特率`, en: `Baud rate of the scanner of ${id}` },
    help: {
      zh: '扫码器说明书上的速度；多数是 9600。',
      en: "The line's speed, from the scanner's manual; mostly 9600.",
    },
    fallback: '9600',
    read: FIELDS.baudRate,
  });
  return { port, baudRate };
}

function* portOf(
  { ports }: LaneFacts,
  taken: Taken,
  key: string,
  part: Sentence,
  text: Sentence,
  guess: 'relay' | 'scanner',
): Interview<GivenPort> {
  const free = ports.filter(({ path }) => !taken.ports.includes(path));
  const likely = free.find((port) => guessOf(port) === guess) ?? (free.length === 1 ? free[0] : undefined);
  const choices = free.map((port) => ({ name: port.path, label: labelOf(port) }));
  const used = { zh: '这个串口已经给了另一个设备。', en: 'Another device is on that port.' };
  const path = yield* ask({
    key,
    part,
    text:
      free.length > 0
        ? text
        : { zh: `${text.zh}（没有找到串口；写路径）`, en: `${text.en} (no port was found: a path)` },
    help: {
      zh: '列表是现在插着的串口；不在列表里的写路径。USB 设备会按序列号或插口得到固定的名字 /dev/gatepost/…。',
      en: 'The list has what is plugged in now; for anything else write its path. USB devices get a name that stays, /dev/gatepost/…, by serial number or socket.',
    },
    ...(likely === undefined ? {} : { fallback: likely.path }),
    ...(choices.length > 0 ? { choices } : {}),
    read: unlike(taken.ports, FIELDS.path, used),
  });
  taken.ports.push(path);
  const found = ports.find((port) => port.path === path);
  return found === undefined ? path : identityOf(found, ports);
}

function* barrierOf(
  facts: LaneFacts,
  taken: Taken,
  key: string,
  id: string,
  part: Sentence,
  camera: GivenCamera | undefined,
): Interview<GivenLane['barrier']> {
  const able = camera !== undefined && (facts.drivers[camera.driver]?.roles.includes('barrier') ?? false);
  const choices: readonly Choice[] = [
    ...(able ? [{ name: 'camera', label: { zh: '相机自己的输出', en: "the camera's own output" } }] : []),
    { name: 'relay', label: { zh: '继电器板（LCUS，USB）', en: 'a relay board (LCUS, USB)' } },
    { name: 'none', label: NONE },
  ];
  const kind = yield* ask({
    key: `${key}.barrier`,
    part,
    text: { zh: `${id} 的道闸由什么抬杆`, en: `What raises the arm of ${id}` },
    help: {
      zh: '接到道闸"开"输入的那个触点。',
      en: 'The contact that is wired to the "open" input of the barrier.',
    },
    fallback: able ? 'camera' : 'relay',
    choices,
    read: named(choices.map(({ name }) => name)),
  });
  if (kind === 'none') return undefined;
  if (kind === 'camera') {
    const camera = yield* ask({
      key: `${key}.barrier.camera`,
      part,
      text: { zh: `${id}：相机的第几路输出`, en: `${id}: which output of the camera` },
      help: { zh: '从 0 数：io 0 多半是开闸。', en: 'It counts from 0; io 0 usually opens.' },
      fallback: '0',
      read: FIELDS.cameraOutput,
    });
    return { camera };
  }
  const relay = yield* boardOf(facts, taken, key, id, part);
  const used = taken.outputs.get(relay) ?? [];
  const output = yield* ask({
    key: `${key}.barrier.output`,
    part,
    text: { zh: `${id}：继电器板的第几路`, en: `${id}: which relay of the board` },
    help: { zh: '从 1 数。', en: 'It counts from 1.' },
    fallback: String(Math.max(0, ...used) + 1),
    read: unlike(used, FIELDS.relayOutput, {
      zh: '这一路已经给了另一条车道。',
      en: "It raises another lane's arm already.",
    }),
  });
  taken.outputs.set(relay, [...used, output]);
  return { relay, output };
}

/** One of the boards that the lanes before have, or another. */
function* boardOf(facts: LaneFacts, taken: Taken, key: string, id: string, part: Sentence): Interview<string> {
  const boards = taken.relays.map((relay) => relay.id);
  const fresh = `relay-${boards.length + 1}`;
  if (boards.length > 0) {
    const choices: readonly Choice[] = [
      ...boards.map((name) => ({ name, label: { zh: `${name}，已有`, en: `${name}, which is there already` } })),
      { name: fresh, label: { zh: '另一块', en: 'another one' } },
    ];
    const board = yield* ask({
      key: `${key}.barrier.relay`,
      part,
      text: { zh: `${id} 用哪块继电器板`, en: `Which board has the relay of ${id}` },
      help: { zh: '一块板可以管几条车道，每条一路。', en: 'One board can serve several lanes, with a relay for each.' },
      fallback: boards[0] ?? fresh,
      choices,
      read: named(choices.map(({ name }) => name)),
    });
    if (board !== fresh) return board;
  }
  const text = { zh: `继电器板 ${fresh} 接在`, en: `Where the relay board ${fresh} is plugged in` };
  const port = yield* portOf(facts, taken, `${fresh}.port`, part, text, 'relay');
  taken.relays.push({ id: fresh, port });
  return fresh;
}

function* ruleOf(key: string, id: string, part: Sentence): Interview<GivenLane['whenLineDown']> {
  return yield* ask({
    key: `${key}.whenLineDown`,
    part,
    text: {
      zh: `${id}：付款传不到时，欠费的车 hold（照常拦）、operator（拦下并叫人）、或欠不多于几元就放行`,
      en: `${id}: who owes while payments cannot come: hold, operator, or let out up to so many yuan`,
    },
    help: {
      zh: 'hold：照常拦。operator：拦下，并提示岗亭。写金额：欠费不超过它就放行，记为未收。',
      en: 'hold: as ever. operator: hold, and tell the booth. An amount: who owes no more leaves, and it is reported as uncollected.',
    },
    fallback: 'hold',
    read: (text): Reading<NonNullable<GivenLane['whenLineDown']>> => {
      if (text === 'hold' || text === 'operator') return { value: text };
      const read = optional(FIELDS.amount)(text);
      if ('value' in read && read.value !== undefined) return { value: { letOutUpTo: read.value } };
      return {
        problem: { zh: '请写 hold、operator，或大于 0 的金额。', en: 'Write hold, operator, or an amount above 0.' },
      };
    },
  });
}
