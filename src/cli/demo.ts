import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { DRIVERS } from '../../drivers/registry.ts';
import { systemClock } from '../clock.ts';
import { formatErrors } from '../config/errors.ts';
import { type Config, loadConfig } from '../config/load.ts';
import type { Sentence } from '../core/errors.ts';
import { fill, saidBy } from '../core/sentence.ts';
import { MINUTE, zoneOf } from '../core/time.ts';
import type { Daemon } from '../daemon.ts';
import { type VirtualCamera, virtualCamera } from '../demo/camera.ts';
import { type Cars, demoCars, openingCars } from '../demo/cars.ts';
import { DEMO_CAMERAS, DEMO_KEYS, DEMO_PARK, DEMO_SHEET, type DemoPlace, demoConfig } from '../demo/config.ts';
import { createPage, servePage } from '../demo/page/app.ts';
import { playStory } from '../demo/story.ts';
import { createMallcoo, type Mallcoo } from '../mallcoo-client/mallcoo.ts';
import { createReceiver, type Receiver } from '../mallcoo-client/receiver.ts';
import { serveReceiver } from '../mallcoo-client/receiver-http.ts';
import { NO_PROOF } from '../mallcoo-client/request.ts';
import { httpSend } from '../mallcoo-client/wire.ts';
import type { OutPlace } from '../ops/log-outs.ts';
import { playOnText } from './demo-text.ts';
import { start } from './run.ts';
import {
  CANNOT_START,
  meaningless,
  readArgs,
  say,
  startFailure,
  type Terminal,
  UsageError,
  untilAsked,
} from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost demo [--port-base 8080] [--data DIR] [--no-story]

在本机启动一个完整的停车场：猫酷的调用在端口 BASE，状态页在 BASE+1，MQTT 服务器在 BASE+2，一条进场车道和一条出场车道，
各有一台虚拟相机，日志账本写在磁盘上。然后让两辆车驶过，每一步说明发生了什么、用了多久，之后一直运行供您试用，直到
Ctrl-C。BASE+3 是一个网页，您在上面扮演车主：查费用、选优惠、付款、离场。BASE+4 是演示自带的猫酷，每次进场都会通知它。

  --port-base BASE  127.0.0.1 上五个端口中的第一个（8080）；0 表示任意空闲端口
  --data DIR        日志账本放在哪里（data/demo）；用同一个文件夹再次启动，可以看到什么留了下来
  --no-story        只启动
`,
  en: `usage: gatepost demo [--port-base 8080] [--data DIR] [--no-story]

Starts a whole car park on this machine: Mallcoo's calls on port BASE, health on BASE+1, an MQTT broker on BASE+2,
a lane in and a lane out with virtual cameras, and a journal on disk. Then it drives two cars through, tells each
step with its time, and stays up to be played with until Ctrl-C. On BASE+3 is a page on which you are the driver:
ask a fee, choose a coupon, pay, drive out. On BASE+4 a Mallcoo of its own is told of each entry.

  --port-base BASE  the first of five ports on 127.0.0.1 (8080); 0 takes any that are free
  --data DIR        where the journal is kept (data/demo); start again with the same one to see what survives
  --no-story        only start it
`,
};

/** The demo's Mallcoo gives up on an answer after so long. */
const ANSWER_TIMEOUT_MS = 10_000;
/** What it takes of a notice that was signed elsewhere, and how many entries its page could show. */
const MAX_SKEW_MS = 5 * MINUTE;
const REMEMBERED = 200;
const ZONE = zoneOf('Asia/Shanghai');

export async function demoCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, {
    help: { type: 'boolean', short: 'h' },
    'port-base': { type: 'string', default: '8080' },
    data: { type: 'string', default: 'data/demo' },
    'no-story': { type: 'boolean', default: false },
  });
  if (values.help) {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  if (positionals.length > 0) throw meaningless(positionals);
  const portBase = Number(values['port-base']);
  if (!/^\d+$/.test(values['port-base']) || portBase > 65_531) {
    throw new UsageError({
      zh: `--port-base ${values['port-base']}：请写 1 到 65531 的数字，或 0 表示任意空闲端口`,
      en: `--port-base ${values['port-base']}: write a number from 1 to 65531, or 0 for any free ports`,
    });
  }
  const told = await receiveNotices(portBase === 0 ? 0 : portBase + 4, terminal);
  if (!told) return 1;
  try {
    const place = { portBase, data: resolve(values.data), notices: told.url, language: terminal.language };
    const config = demoSettings(place);
    return await play(config, { portBase, story: !values['no-story'], told }, terminal);
  } finally {
    await told.close();
  }
}

interface Play {
  readonly portBase: number;
  readonly story: boolean;
  readonly told: Told;
}

async function play(config: Config, { portBase, story, told }: Play, terminal: Terminal): Promise<number> {
  const asked = untilAsked();
  const daemon = await start(config, terminal, { out: between(terminal) });
  if (!daemon) return 1;
  const stage = await setStage(daemon, told, portBase === 0 ? 0 : portBase + 3, terminal);
  if (!stage) {
    await daemon.stop();
    return 1;
  }
  const code = story ? await tellStory(stage, terminal) : 0;
  if (code === 0) {
    terminal.out(say(terminal, playOn(daemon, stage.pagePort)));
    await asked;
  }
  await stage.close();
  await daemon.stop();
  return code;
}

/** The log's lines come between the story's, in their order. */
function between(terminal: Terminal): OutPlace {
  const append = async (lines: Buffer): Promise<void> => terminal.out(lines.toString());
  return { place: { name: 'stdout', append, close: () => Promise.resolve() }, journal: false };
}

/** What the demo's Mallcoo is told. */
interface Told {
  readonly url: string;
  readonly receiver: Receiver;
  close(): Promise<void>;
}

async function receiveNotices(port: number, terminal: Terminal): Promise<Told | undefined> {
  const known = { parkCodes: [DEMO_PARK], maxSkewMs: MAX_SKEW_MS, plateEncoding: 'raw', remember: REMEMBERED } as const;
  const receiver = createReceiver({ ...DEMO_KEYS, ...known });
  try {
    const { url, close } = await serveReceiver({ receiver, clock: systemClock, port });
    return { url, receiver, close };
  } catch (error) {
    terminal.err(`${say(terminal, fill(CANNOT_START, { why: startFailure(error) }))}\n`);
    return undefined;
  }
}

/** What the demo adds to the daemon: cameras, a Mallcoo, and the page on which a person plays the driver. */
interface Stage {
  readonly entry: VirtualCamera;
  readonly exit: VirtualCamera;
  readonly mallcoo: Mallcoo;
  readonly told: Told;
  readonly cars: Cars;
  readonly pagePort: number;
  close(): Promise<void>;
}

async function setStage(daemon: Daemon, told: Told, pagePort: number, terminal: Terminal): Promise<Stage | undefined> {
  const { ports, world, state } = daemon;
  const url = `mqtt://127.0.0.1:${ports.mqtt}`;
  const entry = await virtualCamera({ sn: DEMO_CAMERAS.in, url, clock: systemClock });
  const exit = await virtualCamera({ sn: DEMO_CAMERAS.out, url, clock: systemClock });
  const closeCameras = async (): Promise<void> => void (await Promise.all([entry.close(), exit.close()]));
  const cars = demoCars({ entry, exit, world, state, clock: systemClock });
  const mallcoo = createMallcoo({
    send: httpSend({ url: `http://127.0.0.1:${ports.mallcoo}`, timeoutMs: ANSWER_TIMEOUT_MS }),
    proof: NO_PROOF,
    parkId: DEMO_PARK,
    zone: ZONE,
    clock: systemClock,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    newOrderNo: () => `DEMO${systemClock.now()}${randomBytes(3).toString('hex').toUpperCase()}`,
  });
  try {
    const page = await servePage(createPage({ mallcoo, cars, told: () => told.receiver.entries() }), pagePort);
    const close = async (): Promise<void> => {
      await page.close();
      await closeCameras();
    };
    return { entry, exit, mallcoo, told, cars, pagePort: page.port, close };
  } catch (error) {
    terminal.err(`${say(terminal, fill(CANNOT_START, { why: startFailure(error) }))}\n`);
    await closeCameras();
    return undefined;
  }
}

function demoSettings(place: DemoPlace): Config {
  const context = { file: 'demo.yaml', env: {}, readFile: () => DEMO_SHEET, drivers: DRIVERS };
  const loaded = loadConfig(demoConfig(place), context);
  // Only a data folder that YAML or the schema does not take can bring this about.
  if (!loaded.ok)
    throw new UsageError({ zh: formatErrors(loaded.errors, 'zh'), en: formatErrors(loaded.errors, 'en') });
  return loaded.config;
}

const AS_LOGGED: Sentence = { zh: '演示，网关的日志：', en: 'The story, as the gate logs it:' };
const STEP_BY_STEP: Sentence = { zh: '演示，每一步：', en: 'The story, step by step:' };
const CUT_SHORT: Sentence = { zh: '演示没有走完：{why}', en: 'The story did not come to its end: {why}' };

async function tellStory(
  { entry, exit, mallcoo, told: { receiver }, cars }: Stage,
  terminal: Terminal,
): Promise<number> {
  const told: string[] = [];
  terminal.out(`\n${say(terminal, AS_LOGGED)}\n\n`);
  try {
    const knows = (plate: string): boolean =>
      receiver
        .entries()
        .values()
        .some((entry) => entry.plate === plate);
    const parts = { entry, exit, mallcoo, knows, clock: systemClock, zone: ZONE };
    const { language } = terminal;
    await playStory({ ...parts, language, tell: (line) => told.push(line) });
    await openingCars(cars);
  } catch (error) {
    terminal.out(`\n${told.join('\n')}\n`);
    terminal.err(`\n${say(terminal, fill(CUT_SHORT, { why: saidBy(error) }))}\n`);
    return 1;
  }
  terminal.out(`\n${say(terminal, STEP_BY_STEP)}\n\n${told.join('\n')}\n`);
  return 0;
}

/** The commands to go on with; they need nothing of ours but the ports. */
function playOn({ ports }: Daemon, page: number): Sentence {
  return playOnText({ ...ports, page }, Math.floor(Date.now() / 1000) - 7_200);
}
