import { loadFile } from './load.ts';
import { readArgs, type Terminal, UsageError } from './terminal.ts';

const HELP = `usage: gatepost check FILE

Reads a configuration file as "gatepost run" would, and starts nothing. Every mistake is printed at once:
file, line and column, the field, what is there, and what to write instead.
Exit code 0: the file can be used; 1: it cannot.
`;

export async function checkCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, { help: { type: 'boolean', short: 'h' } });
  if (values.help) {
    terminal.out(HELP);
    return 0;
  }
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError('name one configuration file');
  const config = await loadFile(file, terminal);
  if (!config) return 1;
  const lanes = config.parks.reduce((sum, park) => sum + park.lanes.length, 0);
  terminal.out(
    `${file} is fine: ${config.parks.length} park(s), ${lanes} lane(s), ${config.devices.length} device(s).\n`,
  );
  return 0;
}
