import { formatWarnings } from '../config/errors.ts';
import { namedFile } from './load.ts';
import type { Terminal } from './terminal.ts';

const HELP = `usage: gatepost check FILE

Reads a configuration file as "gatepost run" would, and starts nothing. Every mistake is printed at once:
file, line and column, the field, what is there, and what to write instead.
The price sheets that it names are checked along with it; what is only odd in them is a warning.
Exit code 0: the file can be used; 1: it cannot.
`;

export async function checkCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const named = await namedFile(args, HELP, terminal);
  if (typeof named === 'number') return named;
  const { config, file } = named;
  const lanes = config.parks.reduce((sum, park) => sum + park.lanes.length, 0);
  if (config.warnings.length > 0) terminal.err(`${formatWarnings(config.warnings, terminal.language)}\n`);
  terminal.out(
    `${file} is fine: ${config.parks.length} park(s), ${lanes} lane(s), ${config.devices.length} device(s).\n`,
  );
  return 0;
}
