import type { Config } from '../config/load.ts';
import type { Sentence } from '../core/errors.ts';
import { fill, saidBy } from '../core/sentence.ts';
import { type Daemon, type DaemonOptions, startDaemon } from '../daemon.ts';
import { EXIT_CONFIG } from '../ops/service/ending.ts';
import { markTold, untoldFailure } from '../ops/service/failures.ts';
import { SUPERVISOR_VARIABLES, type Supervisor, supervisorOf } from '../ops/service/supervisor.ts';
import { keepLastWords, serviceFolder } from './last-words.ts';
import { namedFile, readConfig } from './load.ts';
import { failuresFolder } from './record-failure.ts';
import { standardOutput } from './standard-output.ts';
import { CANNOT_START, say, startFailure, type Terminal, untilAsked } from './terminal.ts';

const DYING: Sentence = {
  zh: 'gatepost：日志账本写不进去：{why}\n  现在结束；下次启动从磁盘恢复。',
  en: 'gatepost: the journal cannot be written: {why}\n  Ending now; the next start recovers from the disk.',
};

const HELP: Sentence = {
  zh: `用法：gatepost run FILE

按配置文件 FILE 运行道闸，直到 SIGTERM 或 Ctrl-C。运行日志写到标准输出，以及 "log.file" 所设的文件。
SIGHUP：重新读取配置文件，价格立即生效，需要重启的会说明。
请先检查配置文件：gatepost check FILE
`,
  en: `usage: gatepost run FILE

Runs the gates that the configuration file describes, until SIGTERM or Ctrl-C. The log goes to standard output, and to
the file of "log.file". SIGHUP reads the file again: prices change at once, what needs a restart is said.
Check the file first: gatepost check FILE
`,
};

/** @returns 0 after an end that was asked for, 1 when it could not start, {@link EXIT_CONFIG} for a wrong configuration. */
export async function runCommand(args: readonly string[], plain: Terminal): Promise<number> {
  // Before anything else: until somebody listens, the signal ends the process.
  const hangups = listenForHangups();
  const terminal = keepLastWords(plain, serviceFolder(process.env['RUNTIME_DIRECTORY']));
  const named = await namedFile(args, HELP, terminal);
  if (typeof named === 'number') return named === 0 ? 0 : EXIT_CONFIG;
  const { file, config } = named;
  const supervisor = supervisorAbove(terminal);
  // Only of the service's own runs: one by hand has nothing to tell of them.
  const service = process.env['LOGS_DIRECTORY'] !== undefined;
  const lastFailure = service ? await untoldFailure(failuresFolder(process.env)) : null;
  const asked = untilAsked();
  const onPhase = (phase: 'reloading' | 'ready'): void =>
    phase === 'reloading' ? supervisor.reloading() : supervisor.reloaded();
  const source = { file, read: () => readConfig(file), onPhase };
  const daemon = await start(config, terminal, { supervisor, lastFailure, source });
  if (!daemon) return 1;
  if (lastFailure) await markTold(lastFailure);
  hangups.pass(() => void daemon.reload?.());
  await asked;
  await daemon.stop();
  // What a reader has not taken by now keeps nobody.
  if (process.stdout.writableLength > 0) process.exit(0);
  return 0;
}

/** systemd, when it has started this process; from here on no child can speak for it. */
function supervisorAbove(terminal: Terminal): Supervisor {
  const supervisor = supervisorOf({
    env: { ...process.env },
    pids: [process.pid, process.ppid],
    onFailure: (reason) =>
      terminal.err(
        `gatepost: ${say(terminal, {
          zh: `无法通知 systemd：${reason}。单元为 Type=notify 时，systemd 会终止本程序`,
          en: `systemd cannot be told anything: ${reason}. A unit of Type=notify is ended by systemd then`,
        })}\n`,
      ),
  });
  for (const name of SUPERVISOR_VARIABLES) delete process.env[name];
  return supervisor;
}

interface Hangups {
  /** What is done at each; at once, when one has come already. */
  pass(onHangup: () => void): void;
}

function listenForHangups(): Hangups {
  let onHangup: (() => void) | null = null;
  let waiting = false;
  process.on('SIGHUP', () => {
    if (onHangup) onHangup();
    else waiting = true;
  });
  return {
    pass(told) {
      onHangup = told;
      if (waiting) told();
    },
  };
}

/** Starts the daemon, or tells why it cannot. */
export async function start(
  config: Config,
  terminal: Terminal,
  options: Partial<Pick<DaemonOptions, 'source' | 'out' | 'supervisor' | 'lastFailure'>> = {},
): Promise<Daemon | undefined> {
  try {
    const { out = standardOutput(process.env), ...rest } = options;
    return await startDaemon({ config, out, onFatal: die(terminal), ...rest });
  } catch (error) {
    terminal.err(`${say(terminal, fill(CANNOT_START, { why: startFailure(error) }))}\n`);
    return undefined;
  }
}

/** The disk has failed: what it holds is the truth, and only a new process reads it. systemd starts one. */
function die(terminal: Terminal): (error: Error) => void {
  return (error) => {
    terminal.err(`${say(terminal, fill(DYING, { why: saidBy(error) }))}\n`);
    process.exit(1);
  };
}
