import { mallcooCheckCommand } from './mallcoo-check.ts';
import { type Terminal, UsageError } from './terminal.ts';

const HELP = `usage: gatepost mallcoo check URL [options]

Plays Mallcoo against a site. "check" asks the three calls of the standard and tells what passes, clause by clause:
gatepost mallcoo check --help
`;

export async function mallcooCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === 'check') return mallcooCheckCommand(rest, terminal);
  if (name === '--help' || name === '-h') {
    terminal.out(HELP);
    return 0;
  }
  throw new UsageError(name === undefined ? 'say what to do: check' : `there is no "mallcoo ${name}". There is: check`);
}
