/** `gatepost check`: reads a configuration with all that it names, and starts nothing. */
import { systemClock } from '../clock.ts';
import { formatWarnings } from '../config/errors.ts';
import type { Config } from '../config/load.ts';
import { countPasses } from '../core/park/pass.ts';
import { namedFile } from './load.ts';
import { say, type Terminal } from './terminal.ts';

const HELP = `usage: gatepost check FILE

Reads a configuration file as "gatepost run" would, and starts nothing. Every mistake is printed at once:
file, line and column, the field, what is there, and what to write instead.
The price sheets and the passes that it names are checked along with it; what is only odd in them is a warning.
Exit code 0: the file can be used; 1: it cannot.
`;

export async function checkCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const named = await namedFile(args, HELP, terminal);
  if (typeof named === 'number') return named;
  const { config, file } = named;
  const lanes = config.parks.reduce((sum, park) => sum + park.lanes.length, 0);
  if (config.warnings.length > 0) terminal.err(`${formatWarnings(config.warnings, terminal.language)}\n`);
  terminal.out(
    `${file} is fine: ${config.parks.length} park(s), ${lanes} lane(s), ${config.devices.length} device(s)${passesIn(config, terminal)}.\n`,
  );
  return 0;
}

/** How many passes there are, where any table is named: `, 1,204 passes (37 expired)`. */
function passesIn({ passes }: Config, terminal: Terminal): string {
  if (passes.size === 0) return '';
  const now = systemClock.now();
  const counts = [...passes.values()].map((each) => countPasses(each, now));
  const sum = (count: (one: (typeof counts)[number]) => number): string =>
    counts.reduce((so, one) => so + count(one), 0).toLocaleString('en-US');
  const all = sum((one) => one.passes);
  const expired = sum((one) => one.expired);
  return say(terminal, {
    zh: `，${all} 张月卡和白名单（${expired} 张已过期）`,
    en: `, ${all} ${all === '1' ? 'pass' : 'passes'} (${expired} expired)`,
  });
}
