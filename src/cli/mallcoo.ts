import type { Sentence } from '../core/errors.ts';
import { mallcooCheckCommand } from './mallcoo-check.ts';
import { say, type Terminal, UsageError } from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost mallcoo check URL [选项]

扮演猫酷调用一个站点。"check" 发出标准中的三种调用，逐条说明是否符合：
gatepost mallcoo check --help
`,
  en: `usage: gatepost mallcoo check URL [options]

Plays Mallcoo against a site. "check" asks the three calls of the standard and tells what passes, clause by clause:
gatepost mallcoo check --help
`,
};

export async function mallcooCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === 'check') return mallcooCheckCommand(rest, terminal);
  if (name === '--help' || name === '-h') {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  throw new UsageError(
    name === undefined
      ? { zh: '请写要做什么：check', en: 'say what to do: check' }
      : { zh: `没有 "mallcoo ${name}"；现有：check`, en: `there is no "mallcoo ${name}". There is: check` },
  );
}
