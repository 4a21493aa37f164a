import type { Config } from '../config/load.ts';
import type { Sentence } from '../core/errors.ts';
import { fill, saidBy } from '../core/sentence.ts';
import { type Daemon, startDaemon } from '../daemon.ts';
import { namedFile } from './load.ts';
import { CANNOT_START, say, startFailure, type Terminal, untilAsked } from './terminal.ts';

const DYING: Sentence = {
  zh: 'gatepost：日志账本写不进去：{why}\n  现在结束；下次启动从磁盘恢复。',
  en: 'gatepost: the journal cannot be written: {why}\n  Ending now; the next start recovers from the disk.',
};

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
