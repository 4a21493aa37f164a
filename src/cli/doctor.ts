/** `gatepost doctor`: looks at the whole box, and says for each thing that is not well what to do. */
import { resolve } from 'node:path';
import { DRIVERS } from '../../drivers/registry.ts';
import type { ConfigError } from '../config/errors.ts';
import type { Sentence } from '../core/errors.ts';
import { formatLocal, type Instant, zoneOf } from '../core/time.ts';
import { type Examined, examine } from '../doctor/examine.ts';
import { realMachine } from '../doctor/machine.ts';
import { CHECK_NAMES, type CheckName, type Gate, type Machine, type Site } from '../doctor/site.ts';
import { countsOf, findingLines, findingsJson, sumText } from '../doctor/text.ts';
import { ownUser, type User, userNamed, userOfProcess } from '../doctor/users.ts';
import { VERSION } from '../version.ts';
import { reachSettings } from '../wiring.ts';
import { askGate, gateUrl, STANDARD_URL } from './gate.ts';
import { readConfig } from './load.ts';
import { failuresFolder } from './record-failure.ts';
import { readArgs, say, type Terminal, UsageError } from './terminal.ts';

const STANDARD_FILE = '/etc/gatepost/gatepost.yaml';
const SERVICE_USER = 'gatepost';
/** What the unit adds to it. */
const SERVICE_GROUPS = ['dialout'];
const LONGEST_MEASURE_S = 60;

const HELP: Sentence = {
  zh: `用法：gatepost doctor [FILE] [选项]

检查整台机器：程序、配置、服务、数据目录、写盘时间、日志、时钟、串口、MQTT、设备、端口、互联网、隧道、通知、
认证、节假日、故障。每项一行；需要处理的，下一行写明怎么做。道闸程序运行与否都可以用；不改动任何东西。
FILE 为配置文件，默认 ${STANDARD_FILE}。用 sudo 运行能看到更多。
返回值：0 没有问题（可能有需要留意的），1 有问题，2 用法错误。

  ✓ 正常   ! 需要留意   ✗ 有问题   – 不适用，或看不到

  --only NAME         只做这一项，可重复：${CHECK_NAMES.join('、')}
  --fsync-seconds N   写盘时间测多久，默认 2 秒，最多 ${LONGEST_MEASURE_S} 秒
  --json              以 JSON 输出，供远程支持
`,
  en: `usage: gatepost doctor [FILE] [options]

Looks at the whole box: program, configuration, service, data folder, how long the disk takes to keep its word, log,
clock, serial ports, MQTT, devices, ports, internet, tunnel, notices, auth, calendars, faults. A line each; for what is
not well, what to do. Works while the gate runs and while it does not, and changes nothing.
FILE is a configuration file, ${STANDARD_FILE} when left out. With sudo it sees more.
Returns 0 when nothing is wrong (some things may be worth a look), 1 when something is, 2 when it was called wrongly.

  ✓ fine   ! look at it   ✗ wrong   – does not apply, or cannot be seen

  --only NAME         this check alone, may be repeated: ${CHECK_NAMES.join(' ')}
  --fsync-seconds N   how long flushes of the disk are measured: 2 when left out, ${LONGEST_MEASURE_S} at most
  --json              as JSON, for whoever helps from afar
`,
};

/** @returns 0 nothing wrong, 1 something is. @throws UsageError when it was called wrongly. */
export async function doctorCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, {
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    'fsync-seconds': { type: 'string', default: '2' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  const [file = STANDARD_FILE, ...more] = positionals;
  if (more.length > 0)
    throw new UsageError({ zh: `"${more.join(' ')}" 在这里没有意义`, en: `"${more.join(' ')}" means nothing here` });
  const names = (values.only ?? [...CHECK_NAMES]).map(checkNamed);
  const site = await siteOf(file, readSeconds(values['fsync-seconds']), terminal);
  const examined = await examine(site, names);
  tell(site, examined, values.json, terminal);
  const code = countsOf(examined).wrong > 0 ? 1 : 0;
  // What hangs would keep the process; what was printed has to be out before.
  if (examined.some(({ hung }) => hung)) process.stdout.write('', () => process.exit(code));
  return code;
}

function checkNamed(name: string): CheckName {
  const found = CHECK_NAMES.find((known) => known === name);
  if (found) return found;
  const all = CHECK_NAMES.join(', ');
  throw new UsageError({
    zh: `--only "${name}" 没有这项检查；现有：${all}`,
    en: `--only "${name}" is no check; there are: ${all}`,
  });
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds <= LONGEST_MEASURE_S) return seconds;
  throw new UsageError({
    zh: `--fsync-seconds "${text}" 应为 0 到 ${LONGEST_MEASURE_S} 的秒数`,
    en: `--fsync-seconds "${text}" is to be a number of seconds, 0 to ${LONGEST_MEASURE_S}`,
  });
}

function tell(site: Site, examined: readonly Examined[], json: boolean, terminal: Terminal): void {
  const { file, machine } = site;
  const counts = countsOf(examined);
  const at = machine.now() as Instant;
  if (json) {
    const told = {
      version: VERSION,
      file,
      at: formatLocal(at, zoneOf('UTC')),
      zone: 'UTC',
      checks: findingsJson(examined),
      sum: counts,
    };
    terminal.out(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const colour = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  const lines = findingLines(examined, { language: terminal.language, colour });
  terminal.out(`${lines.join('\n')}\n\n${file}: ${say(terminal, sumText(counts))}\n`);
}

async function siteOf(file: string, fsyncSeconds: number, terminal: Terminal): Promise<Site> {
  const machine = realMachine(process.env);
  const parts: string[] = [];
  const loaded = await readConfig(file, (path) => parts.push(path));
  const config = loaded.ok ? loaded.config : null;
  const mistakes = loaded.ok ? [] : 'text' in loaded ? [loaded.text] : loaded.errors.map(mistakeOf);
  const local = config?.local.listen ?? null;
  const url = local === null ? STANDARD_URL : gateUrl(local);
  const gate = await gateAt(url, terminal);
  const gatePid = gate.running ? await pidAt(Number(new URL(url).port), machine) : null;
  return {
    file: resolve(file),
    config,
    mistakes,
    parts,
    drivers: DRIVERS,
    target: config ? reachSettings(config).target : null,
    gate,
    gatePid,
    user: await userOf(gatePid),
    failures: failuresFolder(process.env),
    machine,
    fsyncSeconds,
  };
}

/** In one line; what to write instead is for `gatepost check` to say. */
function mistakeOf({ file, line, path, message }: ConfigError): Sentence {
  const place = `${file}:${line} ${path}`;
  return { zh: `${place}：${message.zh}`, en: `${place}: ${message.en}` };
}

async function gateAt(url: string, terminal: Terminal): Promise<Gate> {
  const told = await askGate(url, `/healthz?lang=${terminal.language}`);
  if (told.type === 'down') return { running: false, why: null };
  if (told.type === 'strange') return { running: false, why: told.reason };
  const { status, fields } = told;
  if (status !== 200 || typeof fields['status'] !== 'string') {
    const why = { zh: `${url} 上监听的不是道闸程序`, en: `what listens at ${url} is no gate` };
    return { running: false, why };
  }
  return { running: true, health: fields, heard: await heardAt(url) };
}

const HEARD = /^gatepost_device_last_heard_timestamp_seconds\{device="([^"]+)"\} ([\d.e+]+)$/gm;

/** When each device was heard last: of the figures for Prometheus, for the health tells counts alone. */
async function heardAt(url: string): Promise<ReadonlyMap<string, number>> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) });
    const text = await response.text();
    return new Map([...text.matchAll(HEARD)].map(([, device = '', seconds]) => [device, Number(seconds) * 1_000]));
  } catch {
    // An older gate has none.
    return new Map();
  }
}

async function pidAt(port: number, machine: Machine): Promise<number | null> {
  const { by } = (await machine.processes()).listeners(port);
  return by[0]?.pid ?? null;
}

/** Whom the gate runs as; else whom the service would run as; else whoever asks. */
async function userOf(gatePid: number | null): Promise<User> {
  const running = gatePid === null ? null : await userOfProcess(gatePid);
  return running ?? (await userNamed(SERVICE_USER, SERVICE_GROUPS)) ?? ownUser();
}
