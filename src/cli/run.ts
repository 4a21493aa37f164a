import type { Config } from '../config/load.ts';
import { type Daemon, type DaemonOptions, startDaemon } from '../daemon.ts';
import { namedFile, readConfig } from './load.ts';
import { standardOutput } from './standard-output.ts';
import { startFailure, type Terminal, untilAsked } from './terminal.ts';

const HELP = `usage: gatepost run FILE

Runs the gates that the configuration file describes, until SIGTERM or Ctrl-C. The log goes to standard output, and to
the file of "log.file". SIGHUP reads the file again: prices change at once, what needs a restart is said.
Check the file first: gatepost check FILE
`;

export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  // Before anything else: until somebody listens, the signal ends the process.
  const hangups = listenForHangups();
  const named = await namedFile(args, HELP, terminal);
  if (typeof named === 'number') return named;
  const { file, config } = named;
  const asked = untilAsked();
  const source = { file, read: () => readConfig(file) };
  const daemon = await start(config, terminal, { source });
  if (!daemon) return 1;
  hangups.pass(() => void daemon.reload?.());
  await asked;
  await daemon.stop();
  // What a reader has not taken by now keeps nobody.
  if (process.stdout.writableLength > 0) process.exit(0);
  return 0;
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
  options: Partial<Pick<DaemonOptions, 'source' | 'out'>> = {},
): Promise<Daemon | undefined> {
  try {
    const { out = standardOutput(process.env), ...rest } = options;
    return await startDaemon({ config, out, onFatal: die(terminal), ...rest });
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
