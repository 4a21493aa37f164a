import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { DRIVERS } from '../../drivers/registry.ts';
import { systemClock } from '../clock.ts';
import { formatErrors } from '../config/errors.ts';
import { type Config, loadConfig } from '../config/load.ts';
import { MINUTE, zoneOf } from '../core/time.ts';
import type { Daemon } from '../daemon.ts';
import { type VirtualCamera, virtualCamera } from '../demo/camera.ts';
import { type Cars, demoCars, openingCars } from '../demo/cars.ts';
import { DEMO_CAMERAS, DEMO_KEYS, DEMO_PARK, DEMO_SHEET, demoConfig } from '../demo/config.ts';
import { createPage, servePage } from '../demo/page/app.ts';
import { playStory } from '../demo/story.ts';
import { createMallcoo, type Mallcoo } from '../mallcoo-client/mallcoo.ts';
import { createReceiver, type Receiver } from '../mallcoo-client/receiver.ts';
import { serveReceiver } from '../mallcoo-client/receiver-http.ts';
import { NO_PROOF } from '../mallcoo-client/request.ts';
import { httpSend } from '../mallcoo-client/wire.ts';
import { ownCommand } from './packed.ts';
import { start } from './run.ts';
import { readArgs, startFailure, type Terminal, UsageError, untilAsked } from './terminal.ts';

const HELP = `usage: gatepost demo [--port-base 8080] [--data DIR] [--no-story]

Starts a whole car park on this machine: Mallcoo's calls on port BASE, health on BASE+1, an MQTT broker on BASE+2,
a lane in and a lane out with virtual cameras, and a journal on disk. Then it drives two cars through, tells each
step with its time, and stays up to be played with until Ctrl-C. On BASE+3 is a page on which you are the driver:
ask a fee, choose a coupon, pay, drive out. On BASE+4 a Mallcoo of its own is told of each entry.

  --port-base BASE  the first of five ports on 127.0.0.1 (8080); 0 takes any that are free
  --data DIR        where the journal is kept (data/demo); start again with the same one to see what survives
  --no-story        only start it
`;

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
    terminal.out(HELP);
    return 0;
  }
  if (positionals.length > 0) throw new UsageError(`"${positionals.join(' ')}" means nothing here`);
  const portBase = Number(values['port-base']);
  if (!/^\d+$/.test(values['port-base']) || portBase > 65_531) {
    throw new UsageError(`--port-base ${values['port-base']}: write a number from 1 to 65531, or 0 for any free ports`);
  }
  const told = await receiveNotices(portBase === 0 ? 0 : portBase + 4, terminal);
  if (!told) return 1;
  try {
    const config = demoSettings(portBase, resolve(values.data), told.url);
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
  const daemon = await start(config, terminal);
  if (!daemon) return 1;
  const stage = await setStage(daemon, told, portBase === 0 ? 0 : portBase + 3, terminal);
  if (!stage) {
    await daemon.stop();
    return 1;
  }
  const code = story ? await tellStory(stage, terminal) : 0;
  if (code === 0) {
    terminal.out(playOn(daemon, stage.pagePort));
    await asked;
  }
  await stage.close();
  await daemon.stop();
  return code;
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
    terminal.err(`gatepost: cannot start: ${startFailure(error)}\n`);
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
    terminal.err(`gatepost: cannot start: ${startFailure(error)}\n`);
    await closeCameras();
    return undefined;
  }
}

function demoSettings(portBase: number, data: string, notices: string): Config {
  const context = { file: 'demo.yaml', env: {}, readFile: () => DEMO_SHEET, drivers: DRIVERS };
  const loaded = loadConfig(demoConfig({ portBase, data, notices }), context);
  // Only a data folder that YAML or the schema does not take can bring this about.
  if (!loaded.ok) throw new UsageError(formatErrors(loaded.errors));
  return loaded.config;
}

async function tellStory(
  { entry, exit, mallcoo, told: { receiver }, cars }: Stage,
  terminal: Terminal,
): Promise<number> {
  const told: string[] = [];
  terminal.out('\nThe story, as the gate logs it:\n\n');
  try {
    const knows = (plate: string): boolean =>
      receiver
        .entries()
        .values()
        .some((entry) => entry.plate === plate);
    const parts = { entry, exit, mallcoo, knows, clock: systemClock, zone: ZONE };
    await playStory({ ...parts, tell: (line) => told.push(line) });
    await openingCars(cars);
  } catch (error) {
    terminal.out(`\n${told.join('\n')}\n`);
    terminal.err(`\nThe story did not come to its end: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  terminal.out(`\nThe story, step by step:\n\n${told.join('\n')}\n`);
  return 0;
}

/** The commands to go on with; they need nothing of ours but the ports. */
function playOn({ ports }: Daemon, page: number): string {
  const { mallcoo, local, mqtt } = ports;
  const plate = '粤A12345';
  const license = Buffer.from(plate).toString('base64');
  const message = (sn: string, extra = ''): string =>
    `'{"sn":"${sn}","name":"ivs_result","version":"1.0","payload":{"AlarmInfoPlate":{"result":{"PlateResult":{"license":"${license}"${extra}}}}}}'`;
  const publish = (sn: string, extra = ''): string =>
    `mosquitto_pub -h 127.0.0.1 -p ${mqtt} -q 1 -t device/${sn}/message/up/ivs_result -m ${message(sn, extra)}`;
  const twoHoursAgo = Math.floor(Date.now() / 1000) - 7_200;
  const post = (name: string, fields: string): string =>
    `curl -s http://127.0.0.1:${mallcoo}/${name} -d '{"parkId":"${DEMO_PARK}",${fields}}'; echo`;
  return `
It stays up. Play on, as the driver: http://127.0.0.1:${page}/
Or from a terminal (${plate} is ${license} in base64):

  # a car comes in; watch the arm with: mosquitto_sub -h 127.0.0.1 -p ${mqtt} -t 'device/+/message/down/#' -v
  ${publish(DEMO_CAMERAS.in)}
  # or it came two hours ago, and there is a fee to pay
  ${publish(DEMO_CAMERAS.in, `,"isoffline":1,"timeStamp":{"Timeval":{"sec":${twoHoursAgo},"usec":0}}`)}
  # Mallcoo asks the fee, and tells that it is paid
  ${post('GetParkingPaymentInfo', `"plateNo":"${plate}"`)}
  ${post('PayParkingFee', `"plateNo":"${plate}","orderNo":"A1","amount":1000,"deductionAmount":0,"payType":3`)}
  # it leaves
  ${publish(DEMO_CAMERAS.out)}
  # how the gate is; in a browser: http://127.0.0.1:${local}/
  curl -s http://127.0.0.1:${local}/healthz; echo
  # whether it keeps Mallcoo's standard, clause by clause; with --plate ${plate} --pay it books on that car, too
  ${ownCommand()} mallcoo check http://127.0.0.1:${mallcoo}

Without mosquitto_pub: npx mqtt pub -h … -p … -q 1 -t … -m … does the same. Ctrl-C ends the demo.
`;
}
