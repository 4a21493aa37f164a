/** The command line. Each command returns its exit code: 0 done, 1 it did not work, 2 it was called wrongly. */
import { readLanguage } from './cli/options.ts';
import { endWithReader, languageOf, say, type Terminal, terminalOf, UsageError } from './cli/terminal.ts';
import type { Language, Sentence } from './core/errors.ts';
import { VERSION } from './version.ts';

interface Command {
  readonly name: string;
  readonly summary: Sentence;
  /** `--language` means more to it than the language of what is said, and is left to it. */
  readonly ownLanguage?: true;
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>;
}

/** Each command is loaded when it is called: the gate does without what the others need. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'run',
    summary: {
      zh: '按配置文件运行道闸',
      en: 'run the gates that a configuration file describes',
    },
    run: async (args, to) => (await import('./cli/run.ts')).runCommand(args, to),
  },
  {
    name: 'check',
    summary: {
      zh: '检查配置文件：一次列出所有错误，并说明应如何改正',
      en: 'check a configuration file: every mistake at once, with what to write instead',
    },
    run: async (args, to) => (await import('./cli/check.ts')).checkCommand(args, to),
  },
  {
    name: 'init',
    summary: {
      zh: '询问停车场的情况，写出带注释的配置；"--answers" 按文件回答',
      en: 'ask for the car park, and write a commented configuration; "--answers" takes them from a file',
    },
    run: async (args, to) => (await import('./cli/init.ts')).initCommand(args, to),
  },
  {
    name: 'demo',
    summary: {
      zh: '用虚拟设备启动一个完整的停车场，并让一辆车驶过',
      en: 'start a whole car park with virtual devices, and drive a car through it',
    },
    run: async (args, to) => (await import('./cli/demo.ts')).demoCommand(args, to),
  },
  {
    name: 'fee',
    summary: {
      zh: '一次停车收多少钱、为什么；"fee lint" 检查价格表，"fee table" 画出价格',
      en: 'what a stay costs and why; "fee lint" checks a price sheet, "fee table" draws it',
    },
    ownLanguage: true,
    run: async (args, to) => (await import('./cli/fee.ts')).feeCommand(args, to),
  },
  {
    name: 'passes',
    summary: {
      zh: '谁有月卡、谁在白名单：列出，按车牌查，看哪些快到期',
      en: 'who has a monthly pass or is on the whitelist: list, look up a plate, see what ends soon',
    },
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/passes.ts')).passesCommand(args, to);
    },
  },
  {
    name: 'status',
    summary: {
      zh: '道闸现状：故障、车道、待通知猫酷的内容；"--watch" 持续刷新',
      en: 'how the gate is: faults, lanes, what waits for Mallcoo; "--watch" follows it',
    },
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/status.ts')).statusCommand(args, to);
    },
  },
  {
    name: 'doctor',
    summary: {
      zh: '检查整台机器：磁盘、时钟、串口、网络、隧道、故障；并说明怎么处理',
      en: 'look at the whole box: disk, clock, ports, network, tunnel, faults; and what to do about each',
    },
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/doctor.ts')).doctorCommand(args, to);
    },
  },
  {
    name: 'log',
    summary: {
      zh: '看网关的日志：跟踪，按车道、车牌、级别、代码和时间筛选',
      en: "the gate's log: follow it, and choose by lane, plate, level, code and time",
    },
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/log.ts')).logCommand(args, to);
    },
  },
  {
    name: 'reload',
    summary: {
      zh: '让网关重新读取价格表等配置，并说明有什么变化',
      en: 'the gate reads its price sheets again, and says what has changed',
    },
    run: async (args, to) => (await import('./cli/reload.ts')).reloadCommand(args, to),
  },
  {
    name: 'outbox',
    summary: {
      zh: '等待通知猫酷的和猫酷拒收的：列出，"retry" 重发，"drop" 放弃',
      en: 'what waits for Mallcoo and what it did not take: list, "retry", "drop"',
    },
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/outbox.ts')).outboxCommand(args, to);
    },
  },
  {
    name: 'journal',
    summary: {
      zh: '从日志账本看道闸发生过什么：列出、跟踪，"verify"、"repair"、"replay"',
      en: 'what happened at the gates, from the journal: list, follow, "verify", "repair", "replay"',
    },
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/journal.ts')).journalCommand(args, to);
    },
  },
  {
    name: 'archive',
    summary: {
      zh: '从归档查旧的停车和付款：按车牌、票号、交易或订单；"--verify" 校验',
      en: 'old visits and payments, from the archive: by plate, ticket, visit or order; "--verify"',
    },
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/archive.ts')).archiveCommand(args, to);
    },
  },
  {
    name: 'payments',
    summary: {
      zh: '某一天猫酷付了什么、入账了什么、哪些需要人工核对',
      en: 'what Mallcoo paid on a day, what was credited, and what somebody must look at',
    },
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/payments.ts')).paymentsCommand(args, to);
    },
  },
  {
    name: 'backup',
    summary: {
      zh: '把账本和配置备份成一个文件，道闸照常运行',
      en: 'the books and the configuration into one file, while the gate runs',
    },
    run: async (args, to) => (await import('./cli/backup.ts')).backupCommand(args, to),
  },
  {
    name: 'restore',
    summary: {
      zh: '校验备份并恢复，也可恢复到另一台电脑',
      en: 'check a backup and put it back, on another machine too',
    },
    run: async (args, to) => (await import('./cli/restore.ts')).restoreCommand(args, to),
  },
  {
    name: 'let-out',
    summary: {
      zh: '放行被拦在出口的车辆，并为账目写明理由',
      en: 'let the vehicle go that is held at an exit, with a reason for the books',
    },
    run: async (args, to) => (await import('./cli/let-out.ts')).letOutCommand(args, to),
  },
  {
    name: 'mallcoo',
    summary: {
      zh: '扮演猫酷调用本站；"mallcoo check" 逐条检查是否符合标准',
      en: 'play Mallcoo against a site; "mallcoo check" tells clause by clause whether it keeps the standard',
    },
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/mallcoo.ts')).mallcooCommand(args, to);
    },
  },
  {
    name: 'licenses',
    summary: {
      zh: '本程序所含第三方软件的许可证',
      en: 'the licences of the software of others that is in this program',
    },
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/licenses.ts')).licensesCommand(args, to);
    },
  },
  {
    name: 'record-failure',
    summary: {
      zh: '由 systemd 调用：记录道闸程序为什么异常结束',
      en: 'called by systemd: writes down why the gate ended badly',
    },
    run: async (args, to) => (await import('./cli/record-failure.ts')).recordFailureCommand(args, to),
  },
];

function help(language: Language): string {
  const list = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(16)}${summary[language]}`).join('\n');
  return {
    zh: `gatepost ${VERSION}：在岗亭旁的电脑上运行停车场的道闸

用法：gatepost 命令 [选项]

命令：
${list}

gatepost 命令 --help 有更多说明；--language zh|en 选择语言。第一步：gatepost demo
`,
    en: `gatepost ${VERSION}: runs a car park's gates from the PC beside them

usage: gatepost COMMAND [options]

commands:
${list}

gatepost COMMAND --help tells more; --language zh|en chooses the language. First steps: gatepost demo
`,
  }[language];
}

/** Takes `--language L` out of the arguments, but for the commands that want to know of it. @throws UsageError */
function withLanguage(argv: readonly string[]): { readonly language: Language; readonly args: readonly string[] } {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  const at = options.findIndex((arg) => arg === '--language' || arg.startsWith('--language='));
  const option = argv[at];
  if (option === undefined) return { language: languageOf(process.env), args: argv };
  const joined = option.startsWith('--language=');
  const language = readLanguage(joined ? option.slice('--language='.length) : (argv[at + 1] ?? ''));
  const own = COMMANDS.some(({ name, ownLanguage }) => name === argv[0] && ownLanguage);
  if (own) return { language, args: argv };
  return { language, args: argv.toSpliced(at, joined ? 1 : 2) };
}

/** Runs one command. Never throws for a person's mistake: it says what is wrong, and returns 1 or 2. */
export async function main(argv: readonly string[]): Promise<number> {
  let language = languageOf(process.env);
  let name: string | undefined;
  try {
    const asked = withLanguage(argv);
    language = asked.language;
    const [first, ...args] = asked.args;
    name = first;
    return await dispatch(name, args, terminalOf(language));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const command = name === undefined ? 'gatepost' : `gatepost ${name}`;
    const terminal = terminalOf(language);
    const hint = { zh: `请看：${command} --help`, en: `Try: ${command} --help` };
    terminal.err(`${command}: ${say(terminal, error.sentence)}\n${say(terminal, hint)}\n`);
    return 2;
  }
}

async function dispatch(name: string | undefined, args: readonly string[], terminal: Terminal): Promise<number> {
  if (name === '--version' || name === '-V') {
    terminal.out(`gatepost ${VERSION}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.out(help(terminal.language));
    return name === undefined ? 2 : 0;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command) return command.run(args, terminal);
  const names = COMMANDS.map((candidate) => candidate.name).join(', ');
  const unknown = {
    zh: `没有命令 "${name}"。现有命令：${names}。`,
    en: `there is no command "${name}". There are: ${names}.`,
  };
  terminal.err(`gatepost: ${say(terminal, unknown)}\n`);
  return 2;
}
