/** `gatepost let-out`: the operator lets the vehicle go that is held at an exit, by a call to the gate that runs. */

import type { Said, Sentence } from '../core/errors.ts';
import { fen, yuan } from '../core/money.ts';
import { MAX_REASON } from '../core/park/commands.ts';
import { fill } from '../core/sentence.ts';
import { systemSaid } from '../core/system-errors.ts';
import { printable } from '../ops/log.ts';
import { loadFile } from './load.ts';
import { notBoth, readArgs, say, type Terminal, UsageError } from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost let-out LANE --reason 理由 [选项]

放行被拦在出口 LANE 的车辆：抬杆，欠费连同理由记为未收。之后到的付款会补缴。没有被拦停的车辆时不抬杆。
网关必须正在运行。

  --reason 理由   写进账目，最多 ${MAX_REASON} 个字
  --by 姓名       谁决定的
  --park P        停车场；几个停车场有同名出口时要写
  --config FILE   网关的配置文件：按其中的 "local.listen" 调用
  --url URL       网关的本机地址；默认 http://127.0.0.1:8081

退出码 0：已放行；1：未放行，并说明原因；2：命令写错。
`,
  en: `usage: gatepost let-out LANE --reason TEXT [options]

Lets the vehicle go that is held at the exit LANE: its arm rises, and what it owes is in the books as uncollected, with the
reason. A payment that comes later settles it. Where nobody is held the arm does not rise. The gate must be running.

  --reason TEXT   why, for the books: ${MAX_REASON} characters at most
  --by NAME       who decided it
  --park P        the car park, where several have an exit of that name
  --config FILE   the gate's configuration: the call goes to its "local.listen"
  --url URL       the gate's local address; default http://127.0.0.1:8081

Exit code 0: it was let out; 1: it was not, and why is told; 2: called wrongly.
`,
};

const OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false },
  reason: { type: 'string' },
  by: { type: 'string' },
  park: { type: 'string' },
  config: { type: 'string' },
  url: { type: 'string' },
} as const;

const STANDARD_URL = 'http://127.0.0.1:8081';
/** The answer waits for one flush of the disk; a gate that takes longer than this, in ms, is not well. */
const PATIENCE_MS = 15_000;

const SILENT: Sentence = {
  zh: '{url} 没有回答：{why}。网关在那里运行吗？',
  en: 'no answer from {url}: {why}. Is the gate running there?',
};
const NO_GATE: Sentence = { zh: '这不是网关', en: 'this is no gate' };
const DONE: Sentence = {
  zh: '{lane} {vehicle} 已放行：{owes}；{rises}',
  en: '{lane} {vehicle} let out: {owes}; {rises}',
};
const UNKNOWN: Sentence = { zh: '无进场记录', en: 'no visit is known' };
const RISES: Sentence = { zh: '已下抬杆指令', en: 'the arm is ordered up' };
const NO_ARM: Sentence = { zh: '该车道没有道闸', en: 'the lane has no arm' };

/** @throws UsageError when it was called wrongly. */
export async function letOutCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (values.help) {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  const [lane, ...more] = positionals;
  if (lane === undefined || more.length > 0)
    throw new UsageError({ zh: '请写一个出口车道，例如 out-1', en: 'name one exit lane, like out-1' });
  const reason = values.reason?.trim() ?? '';
  if (reason === '')
    throw new UsageError({
      zh: '缺少 --reason；请写理由，例如 --reason "已出示付款"',
      en: '--reason is missing; write why, like --reason "showed the payment"',
    });
  if (reason.length > MAX_REASON)
    throw new UsageError({
      zh: `--reason 有 ${reason.length} 个字，最多 ${MAX_REASON} 个`,
      en: `--reason has ${reason.length} characters; ${MAX_REASON} at most`,
    });
  if (values.config !== undefined && values.url !== undefined) throw notBoth('--config', '--url');
  const url = values.config === undefined ? readUrl(values.url) : await configuredUrl(values.config, terminal);
  if (url === null) return 1;
  const { park = null, by = null } = values;
  return call(url, { lane, park, reason, by }, terminal);
}

function readUrl(text = STANDARD_URL): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/') return url.origin;
  throw new UsageError({
    zh: `--url "${text}" 不是地址；请写成 ${STANDARD_URL} 这样`,
    en: `--url "${text}" is no address; write it like ${STANDARD_URL}`,
  });
}

/** Where the gate of a configuration listens, as this machine reaches it. */
async function configuredUrl(file: string, terminal: Terminal): Promise<string | null> {
  const config = await loadFile(file, terminal);
  if (!config) return null;
  const { host, port } = config.local.listen;
  const near = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  if (port !== 0) return `http://${near.includes(':') ? `[${near}]` : near}:${port}`;
  const free: Sentence = {
    zh: '"local.listen" 用任意空闲端口；请用 --url 写出地址，它在网关的日志里',
    en: '"local.listen" takes any free port; name it with --url, it is in the log',
  };
  terminal.err(`gatepost let-out: ${say(terminal, free)}\n`);
  return null;
}

interface Asked {
  readonly lane: string;
  readonly park: string | null;
  readonly reason: string;
  readonly by: string | null;
}

interface Answered {
  readonly error?: string;
  readonly text?: string;
  readonly vehicle?: string;
  readonly visit?: string | null;
  readonly uncollected?: number;
  readonly arm?: boolean;
}

async function call(url: string, body: Asked, terminal: Terminal): Promise<number> {
  let answered: Answered;
  try {
    const response = await fetch(`${url}/let-out?lang=${terminal.language}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    answered = (await response.json()) as Answered;
  } catch (error) {
    terminal.err(`gatepost let-out: ${say(terminal, fill(SILENT, { url, why: reasonOf(error) }))}\n`);
    return 1;
  }
  if (answered.vehicle === undefined) {
    const { error = '-', text } = answered;
    const why = text === undefined ? say(terminal, NO_GATE) : printable(text);
    terminal.err(`gatepost let-out: ${why} [${error}]\n`);
    return 1;
  }
  const { vehicle, visit = null, uncollected = 0, arm = true } = answered;
  const owed = yuan(fen(uncollected));
  const done = {
    lane: printable(body.lane),
    vehicle: printable(vehicle),
    owes: visit === null ? UNKNOWN : { zh: `未收 ${owed}`, en: `uncollected ${owed}` },
    rises: arm ? RISES : NO_ARM,
  };
  terminal.out(`${say(terminal, fill(DONE, done))}\n`);
  return 0;
}

function reasonOf(error: unknown): Said {
  if (!(error instanceof Error)) return String(error);
  const cause: NodeJS.ErrnoException = error.cause instanceof Error ? error.cause : error;
  return systemSaid(cause.code, cause.message);
}
