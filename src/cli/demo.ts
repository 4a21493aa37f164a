import { resolve } from 'node:path';
import { DRIVERS } from '../../drivers/registry.ts';
import { systemClock } from '../clock.ts';
import { formatErrors } from '../config/errors.ts';
import { loadConfig } from '../config/load.ts';
import { zoneOf } from '../core/time.ts';
import type { Daemon } from '../daemon.ts';
import { type VirtualCamera, virtualCamera } from '../demo/camera.ts';
import { DEMO_CAMERAS, DEMO_PARK, DEMO_SHEET, demoConfig } from '../demo/config.ts';
import { playStory } from '../demo/story.ts';
import { start } from './run.ts';
import { readArgs, type Terminal, UsageError, untilAsked } from './terminal.ts';

const HELP = `usage: gatepost demo [--port-base 8080] [--data DIR] [--no-story]

Starts a whole car park on this machine: Mallcoo's calls on port BASE, health on BASE+1, an MQTT broker on BASE+2,
a lane in and a lane out with virtual cameras, and a journal on disk. Then it drives two cars through, tells each
step with its time, and stays up to be played with until Ctrl-C.

  --port-base BASE  the first of three ports on 127.0.0.1 (8080); 0 takes any that are free
  --data DIR        where the journal is kept (data/demo); start again with the same one to see what survives
  --no-story        only start it
`;

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
  if (!/^\d+$/.test(values['port-base']) || portBase > 65_533) {
    throw new UsageError(`--port-base ${values['port-base']}: write a number from 1 to 65533, or 0 for any free ports`);
  }
  const config = demoSettings(portBase, resolve(values.data));

  const asked = untilAsked();
  const daemon = await start(config, terminal);
  if (!daemon) return 1;
  const url = `mqtt://127.0.0.1:${daemon.ports.mqtt}`;
  const entry = await virtualCamera({ sn: DEMO_CAMERAS.in, url, clock: systemClock });
  const exit = await virtualCamera({ sn: DEMO_CAMERAS.out, url, clock: systemClock });
  let code = 0;
  if (!values['no-story']) code = await tellStory(daemon, entry, exit, terminal);
  if (code === 0) {
    terminal.out(playOn(daemon));
    await asked;
  }
  await Promise.all([entry.close(), exit.close()]);
  await daemon.stop();
  return code;
}

function demoSettings(portBase: number, data: string) {
  const context = { file: 'demo.yaml', env: {}, readFile: () => DEMO_SHEET, drivers: DRIVERS };
  const loaded = loadConfig(demoConfig({ portBase, data }), context);
  // Only a data folder that YAML or the schema does not take can bring this about.
  if (!loaded.ok) throw new UsageError(formatErrors(loaded.errors));
  return loaded.config;
}

async function tellStory(
  daemon: Daemon,
  entry: VirtualCamera,
  exit: VirtualCamera,
  terminal: Terminal,
): Promise<number> {
  const mallcoo = `http://127.0.0.1:${daemon.ports.mallcoo}`;
  const told: string[] = [];
  terminal.out('\nThe story, as the gate logs it:\n\n');
  try {
    await playStory({
      entry,
      exit,
      mallcoo,
      clock: systemClock,
      zone: zoneOf('Asia/Shanghai'),
      tell: (line) => told.push(line),
    });
  } catch (error) {
    terminal.out(`\n${told.join('\n')}\n`);
    terminal.err(`\nThe story did not come to its end: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  terminal.out(`\nThe story, step by step:\n\n${told.join('\n')}\n`);
  return 0;
}

/** The commands to go on with; they need nothing of ours but the ports. */
function playOn({ ports }: Daemon): string {
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
It stays up. Play on (${plate} is ${license} in base64):

  # a car comes in; watch the arm with: mosquitto_sub -h 127.0.0.1 -p ${mqtt} -t 'device/+/message/down/#' -v
  ${publish(DEMO_CAMERAS.in)}
  # or it came two hours ago, and there is a fee to pay
  ${publish(DEMO_CAMERAS.in, `,"isoffline":1,"timeStamp":{"Timeval":{"sec":${twoHoursAgo},"usec":0}}`)}
  # Mallcoo asks the fee, and tells that it is paid
  ${post('GetParkingPaymentInfo', `"plateNo":"${plate}"`)}
  ${post('PayParkingFee', `"plateNo":"${plate}","orderNo":"A1","amount":1000,"deductionAmount":0,"payType":3`)}
  # it leaves
  ${publish(DEMO_CAMERAS.out)}
  # how the gate is
  curl -s http://127.0.0.1:${local}/healthz; echo

Without mosquitto_pub: npx mqtt pub -h … -p … -q 1 -t … -m … does the same. Ctrl-C ends the demo.
`;
}
