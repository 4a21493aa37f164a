import type { Config } from '../config/load.ts';
import { type Daemon, type DaemonOptions, startDaemon } from '../daemon.ts';
import { EXIT_CONFIG } from '../ops/service/ending.ts';
import { markTold, untoldFailure } from '../ops/service/failures.ts';
import { SUPERVISOR_VARIABLES, type Supervisor, supervisorOf } from '../ops/service/supervisor.ts';
import { keepLastWords, serviceFolder } from './last-words.ts';
import { namedFile } from './load.ts';
import { failuresFolder } from './record-failure.ts';
import { say, startFailure, type Terminal, untilAsked } from './terminal.ts';

const HELP = `usage: gatepost run FILE

Runs the gates that the configuration file describes, until SIGTERM or Ctrl-C. The log goes to standard output.
Check the file first: gatepost check FILE
`;

/** @returns 0 after an end that was asked for, 1 when it could not start, {@link EXIT_CONFIG} for a wrong configuration. */
export async function runCommand(args: readonly string[], plain: Terminal): Promise<number> {
  const terminal = keepLastWords(plain, serviceFolder(process.env['RUNTIME_DIRECTORY']));
  const named = await namedFile(args, HELP, terminal);
  if (typeof named === 'number') return named === 0 ? 0 : EXIT_CONFIG;
  const supervisor = supervisorAbove(terminal);
  // Only of the service's own runs: one by hand has nothing to tell of them.
  const service = process.env['LOGS_DIRECTORY'] !== undefined;
  const lastFailure = service ? await untoldFailure(failuresFolder(process.env)) : null;
  const asked = untilAsked();
  const daemon = await start(named.config, terminal, { supervisor, lastFailure });
  if (!daemon) return 1;
  if (lastFailure) await markTold(lastFailure);
  await asked;
  await daemon.stop();
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

/** Starts the daemon, or tells why it cannot. */
export async function start(
  config: Config,
  terminal: Terminal,
  service: Pick<DaemonOptions, 'supervisor' | 'lastFailure'> = {},
): Promise<Daemon | undefined> {
  try {
    return await startDaemon({ config, write: terminal.out, onFatal: die(terminal), ...service });
  } catch (error) {
    terminal.err(`gatepost: cannot start: ${startFailure(error)}\n`);
    return undefined;
  }
}

/** The disk has failed: what it holds is the truth, and only a new process reads it. systemd starts one. */
function die(terminal: Terminal): (error: Error) => void {
  return (error) => {
    terminal.err(
      `gatepost: the journal cannot be written: ${error.message}\n  Ending now; the next start recovers from the disk.\n`,
    );
    process.exit(1);
  };
}
