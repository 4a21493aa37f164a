import type { Config } from '../config/load.ts';
import { type Daemon, startDaemon } from '../daemon.ts';
import { namedFile } from './load.ts';
import { startFailure, type Terminal, untilAsked } from './terminal.ts';

const HELP = `usage: gatepost run FILE

Runs the gates that the configuration file describes, until SIGTERM or Ctrl-C. The log goes to standard output.
Check the file first: gatepost check FILE
`;

export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const named = await namedFile(args, HELP, terminal);
  if (typeof named === 'number') return named;
  const { config } = named;
  const asked = untilAsked();
  const daemon = await start(config, terminal);
  if (!daemon) return 1;
  await asked;
  await daemon.stop();
  return 0;
}

/** Starts the daemon, or tells why it cannot. */
export async function start(config: Config, terminal: Terminal): Promise<Daemon | undefined> {
  try {
    return await startDaemon({ config, write: terminal.out, onFatal: die(terminal) });
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
