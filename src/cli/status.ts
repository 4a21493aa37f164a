/** `gatepost status`: how the gate is, in a terminal. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Language, Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import type { Zone } from '../core/time.ts';
import { askGate, type NamedGate, namedGate, startHint } from './gate.ts';
import { isConfiguration } from './journal-source.ts';
import { readLanguage, readZone } from './options.ts';
import { statusLines } from './status-text.ts';
import { meaningless, readArgs, say, type Terminal, untilAsked } from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost status [WHERE] [选项]

道闸现状：故障和待处理的事，停车场和车道，待通知猫酷的内容，设备，归档。浏览器打开网关的本机地址能看到同样的内容；
JSON 在该地址的 /healthz。
WHERE 是配置文件（.yaml）或这个地址；不写则为 http://127.0.0.1:8081。
返回 0：一切正常；1：有故障；2：网关没有回答。

  --json          /healthz 的原样回答
  --watch         每 2 秒刷新一次，直到 Ctrl-C
  --zone ZONE     所显示时间的时区：默认为网关日志的时区
  --language L    en 或 zh；默认按系统
`,
  en: `usage: gatepost status [WHERE] [options]

How the gate is: faults and what waits, car parks and lanes, the outbox, devices, archive. The same is in a browser at
the address of the local listener, and as JSON at /healthz there.
WHERE is a configuration file (.yaml) or that address; http://127.0.0.1:8081 when left out.
Returns 0 when all is well, 1 when a fault is raised, 2 when the gate does not answer.

  --json          the answer of /healthz as it is
  --watch         again every 2 s, until Ctrl-C
  --zone ZONE     of the times shown: default that of the gate's log
  --language L    en or zh; default that of the system
`,
};

const SILENT: Sentence = {
  zh: '{reason}：网关没有回答；{hint}',
  en: '{reason}: the gate does not answer; {hint}',
};
const NO_GATE: Sentence = {
  zh: '{url} 上的程序回答了 {status}，不像是网关',
  en: 'what listens at {url} answered {status}, and not as a gate does',
};

const OK = 0;
const DEGRADED = 1;
const NOT_RUNNING = 2;
const WATCH_MS = 2_000;
/** Clears the screen and goes to its corner. */
const CLEAR = '\x1b[2J\x1b[H';

interface Asked {
  readonly gate: NamedGate;
  readonly json: boolean;
  readonly language: Language;
  readonly zone: Zone | null;
  /** The configuration file, if one was named. */
  readonly file: string | null;
}

/**
 * Runs `gatepost status …`.
 * @param args what follows `status`.
 * @returns 0 ok, 1 degraded, 2 the gate does not answer, or could not be asked.
 * @throws UsageError when it was called wrongly.
 */
export async function statusCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, {
    json: { type: 'boolean', default: false },
    watch: { type: 'boolean', default: false },
    zone: { type: 'string' },
    language: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  const [where, ...more] = positionals;
  if (more.length > 0) throw meaningless(more);
  const language = readLanguage(values.language ?? terminal.language);
  const zone = values.zone === undefined ? null : readZone(values.zone, null);
  const gate = await namedGate(where, terminal);
  if (!gate) return NOT_RUNNING;
  const file = where !== undefined && isConfiguration(where) ? where : null;
  const asked: Asked = { gate, json: values.json, language, zone, file };
  return values.watch ? watch(asked, terminal) : once(asked, terminal);
}

async function once({ gate, json, language, zone, file }: Asked, terminal: Terminal): Promise<number> {
  const told = await askGate(gate.url, `/healthz?lang=${language}`);
  if (told.type !== 'answered') {
    terminal.err(
      `gatepost status: ${say({ language }, fill(SILENT, { reason: told.reason, hint: startHint(file) }))}\n`,
    );
    return NOT_RUNNING;
  }
  const { status, fields } = told;
  if (status !== 200 || typeof fields['status'] !== 'string') {
    terminal.err(`gatepost status: ${say({ language }, fill(NO_GATE, { url: gate.url, status: String(status) }))}\n`);
    return NOT_RUNNING;
  }
  const { zone: own } = fields;
  const shown = zone ?? readZone(typeof own === 'string' ? own : undefined, null);
  if (json) terminal.out(`${JSON.stringify(fields)}\n`);
  else terminal.out(`${statusLines(fields, language, shown).join('\n')}\n`);
  return fields['status'] === 'ok' ? OK : DEGRADED;
}

async function watch(asked: Asked, terminal: Terminal): Promise<number> {
  const ended = new AbortController();
  const signal = untilAsked().then(() => ended.abort());
  let code = OK;
  while (!ended.signal.aborted) {
    const lines: string[] = [];
    const collect = (text: string): void => void lines.push(text);
    code = await once(asked, { ...terminal, out: collect, err: collect });
    // Drawn in one go, so that the screen does not flicker; into a file or pipe one after the other.
    terminal.out(`${process.stdout.isTTY ? CLEAR : ''}${lines.join('')}${process.stdout.isTTY ? '' : '\n'}`);
    await sleep(WATCH_MS, undefined, { signal: ended.signal }).catch(() => undefined);
  }
  await signal;
  return code;
}
