/** `gatepost check`: reads a configuration with all that it names, and starts nothing. */
import { systemClock } from '../clock.ts';
import { formatWarnings } from '../config/errors.ts';
import type { Config } from '../config/load.ts';
import type { Sentence } from '../core/errors.ts';
import { countPasses } from '../core/park/pass.ts';
import { namedFile } from './load.ts';
import { say, type Terminal } from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost check FILE

像 "gatepost run" 一样读取配置文件 FILE，但不启动任何东西。一次列出所有错误：
文件、行、列，字段，写了什么，应写什么。
文件所指的价格表和月卡表一并检查；其中只是可疑的地方作为警告。
退出码 0：可以使用；1：不能使用。
`,
  en: `usage: gatepost check FILE

Reads a configuration file as "gatepost run" would, and starts nothing. Every mistake is printed at once:
file, line and column, the field, what is there, and what to write instead.
The price sheets and the passes that it names are checked along with it; what is only odd in them is a warning.
Exit code 0: the file can be used; 1: it cannot.
`,
};

export async function checkCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const named = await namedFile(args, HELP, terminal);
  if (typeof named === 'number') return named;
  const { config, file } = named;
  const lanes = config.parks.reduce((sum, park) => sum + park.lanes.length, 0);
  if (config.warnings.length > 0) terminal.err(`${formatWarnings(config.warnings, terminal.language)}\n`);
  const { parks, devices } = config;
  const passes = passesIn(config, terminal);
  const fine = {
    zh: `${file} 没有错误：${parks.length} 个停车场，${lanes} 条车道，${devices.length} 台设备${passes}。`,
    en: `${file} is fine: ${parks.length} park(s), ${lanes} lane(s), ${devices.length} device(s)${passes}.`,
  };
  terminal.out(`${say(terminal, fine)}\n`);
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
