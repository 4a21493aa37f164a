/** `gatepost init`: asks, or reads answers; writes a site's files; checks them. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { DRIVERS } from '../../drivers/registry.ts';
import { systemClock } from '../clock.ts';
import { type ConfigError, formatErrors } from '../config/errors.ts';
import { loadConfig } from '../config/load.ts';
import { loadTariff } from '../config/tariff/park.ts';
import { problemText } from '../config/tariff/problems.ts';
import type { Language, Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import { systemSaid } from '../core/system-errors.ts';
import { toCivil, zoneOf } from '../core/time.ts';
import type { Answers, Given } from '../init/answers.ts';
import { hold } from '../init/hold.ts';
import { siteInterview } from '../init/interview.ts';
import { CONFIG_FILE, RULES_DIR, RULES_FILE, SHEET_FILE, STANDARD_DIR, TUNNEL_FILE } from '../init/places.ts';
import { credentialsDir, type OwnSheet, type PlannedFile, planOf } from '../init/plan.ts';
import type { Reading } from '../init/question.ts';
import { readAnswers } from '../init/read-answers.ts';
import { withoutSecrets } from '../init/share.ts';
import { type Site, siteOf } from '../init/site.ts';
import { checkCommand } from './check.ts';
import { findAddresses, findPorts, serviceGroup } from './init-machine.ts';
import { Ended, terminalPaper } from './init-paper.ts';
import { dryText, loginsText, nextSteps, ownersText } from './init-text.ts';
import { inTheWay, lockedFolder, makeCredentialsDir, type Owner, writeFiles } from './init-write.ts';
import { readArgs, say, type Terminal, UsageError } from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost init [--dir /etc/gatepost] [--answers 文件] [--force] [--dry-run] [--print-answers]

逐项询问停车场、车道、设备、价格、猫酷、隧道，写出带注释的配置和价格表、密钥文件、串口的 udev 规则、隧道的
tunnel.env，然后像 gatepost check 那样检查。中途 Ctrl-C 什么都不写；已有的文件不覆盖。

  --dir 目录        写到哪里（默认 /etc/gatepost，就是服务读取的地方）
  --answers 文件    不询问，按文件回答；写法见 init-answers.example.yaml
  --force           已有的文件先改名为 …bak-时间 保留，再写新的；相机的密码沿用旧的
  --dry-run         只显示要写什么，不写
  --print-answers   询问之后把回答打印到标准输出（密码除外），供下一个停车场用 --answers 安装
`,
  en: `usage: gatepost init [--dir /etc/gatepost] [--answers FILE] [--force] [--dry-run] [--print-answers]

Asks for the car park, its lanes, devices, prices, Mallcoo and the tunnel; writes a commented configuration, a price
sheet, the secrets' files, udev rules for serial ports and the tunnel's tunnel.env; and checks them as "gatepost check"
does. Ctrl-C on the way writes nothing; no file that exists is overwritten.

  --dir DIR         where to write (/etc/gatepost, which is where the service reads)
  --answers FILE    asks nothing and takes the answers from a file; init-answers.example.yaml is one
  --force           keeps files that exist as ….bak-TIME and writes new ones; cameras keep their passwords
  --dry-run         shows what would be written, and writes nothing
  --print-answers   after the interview prints the answers to standard output (without passwords), so that the next
                    car park is installed with --answers
`,
};

interface Options {
  /** A full path. */
  readonly dir: string;
  readonly answers: string | undefined;
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly printAnswers: boolean;
}

export async function initCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, {
    help: { type: 'boolean', short: 'h' },
    dir: { type: 'string', default: STANDARD_DIR },
    answers: { type: 'string' },
    force: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    'print-answers': { type: 'boolean', default: false },
  });
  if (values.help) {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  const [more] = positionals;
  if (more !== undefined) {
    throw new UsageError({ zh: `"${more}" 在这里没有意义`, en: `"${more}" means nothing here` });
  }
  if (values.answers !== undefined && values['print-answers']) {
    throw new UsageError({
      zh: '--print-answers 用于询问之后；--answers 已经是文件',
      en: '--print-answers is for an interview; with --answers there is a file already',
    });
  }
  return init(
    {
      dir: resolve(values.dir),
      answers: values.answers,
      force: values.force,
      dryRun: values['dry-run'],
      printAnswers: values['print-answers'],
    },
    terminal,
  );
}

async function init(options: Options, terminal: Terminal): Promise<number> {
  const owner: Owner = { root: process.getuid?.() === 0, group: serviceGroup() };
  if (!mayWrite(options, owner, terminal)) return 1;
  const given = await (options.answers === undefined ? interviewed(terminal) : answered(options.answers, terminal));
  if (given === undefined) return 1;
  const { answers, sheet } = given;
  const site = siteOf(answers, secretsOf(options.dir));
  const moment = toCivil(systemClock.now(), zoneOf(answers.park.zone));
  const two = (value: number): string => String(value).padStart(2, '0');
  const version = `${moment.year}-${two(moment.month)}`;
  const { dir } = options;
  const files = planOf(site, { dir, language: terminal.language, version, sheet, root: owner.root });
  if (!isClean(files, dir, terminal)) return 1;
  // What an answers file is to be made of goes to standard output alone.
  const to = options.printAnswers ? { ...terminal, out: terminal.err } : terminal;
  if (options.printAnswers) terminal.out(withoutSecrets(given.given, terminal.language));
  if (options.dryRun) {
    to.out(dryText(files, to.language));
    return 0;
  }
  const day = `${moment.year}${two(moment.month)}${two(moment.day)}`;
  const stamp = `${day}-${two(moment.hour)}${two(moment.minute)}${two(moment.second)}`;
  return (await write(files, { options, owner, stamp }, to)) ? finish(site, files, options.dir, owner, to) : 1;
}

/** Whether this person may write here, and nothing is in the way: told before anything is asked. */
function mayWrite({ dir, force, dryRun }: Options, { root }: Owner, terminal: Terminal): boolean {
  if (dryRun) return true;
  const rules = root && dir === STANDARD_DIR ? RULES_DIR : dir;
  const names = [CONFIG_FILE, SHEET_FILE, TUNNEL_FILE].map((name) => join(dir, name));
  const there = [...names, join(rules, RULES_FILE)].filter((path) => existsSync(path));
  if (there.length > 0 && !force) {
    refuse(there, terminal);
    return false;
  }
  const locked = lockedFolder(dir);
  if (locked === null) return true;
  const sentence = {
    zh: `无权写入 ${locked}。请用 sudo 运行，或用 --dir 指定别的目录。`,
    en: `${locked} may not be written to by this user. Run it with sudo, or choose another folder with --dir.`,
  };
  terminal.err(`gatepost init: ${say(terminal, sentence)}\n`);
  return false;
}

function refuse(there: readonly string[], terminal: Terminal): void {
  const sentence = {
    zh: `已有 ${there.join('、')}，不覆盖。直接编辑它们；或用 --force：旧文件改名为 …bak-时间 保留；或用 --dir 写到别的目录。`,
    en: `${there.join(', ')} exist(s) and will not be overwritten. Edit what is there; or use --force, which keeps the old as ….bak-TIME; or --dir for another folder.`,
  };
  terminal.err(`gatepost init: ${say(terminal, sentence)}\n`);
}

/** Answers that can be used, and the sheet that they name. */
interface Answered {
  readonly answers: Answers;
  readonly given: Given;
  readonly sheet: OwnSheet | null;
}

async function interviewed(terminal: Terminal): Promise<Answered | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError({
      zh: '这里不是终端，无法询问；请在终端里运行，或用 --answers 文件',
      en: 'there is no terminal to ask in: run it in one, or hand in --answers FILE',
    });
  }
  const ports = await findPorts();
  const { language } = terminal;
  if (ports === null) {
    const none = {
      zh: '找不到 udevadm，无法列出串口；请写路径。',
      en: 'There is no udevadm to list the serial ports: write their paths.',
    };
    terminal.err(`${say(terminal, none)}\n`);
  }
  const facts = {
    drivers: DRIVERS,
    ports: ports ?? [],
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    addresses: findAddresses(),
    sheet: lookAtSheet,
  };
  const paper = terminalPaper(process.stdin, process.stderr);
  try {
    const given = await hold(() => siteInterview(facts), paper, language);
    // The file's own way: nothing is taken from an interview that a file could not say.
    return read(stringify(given), say(terminal, { zh: '您的回答', en: 'your answers' }), terminal);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    terminal.err(`\n${say(terminal, { zh: '已中止，什么都没有写。', en: 'Ended; nothing was written.' })}\n`);
    return undefined;
  } finally {
    paper.close();
  }
}

function answered(file: string, terminal: Terminal): Answered | undefined {
  const text = textOf(file, terminal);
  return text === undefined ? undefined : read(text, file, terminal);
}

function read(text: string, file: string, terminal: Terminal): Answered | undefined {
  const found = readAnswers(text, {
    file,
    env: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
    drivers: DRIVERS,
  });
  if (!found.ok) {
    terminal.err(`${formatErrors(found.errors, terminal.language)}\n`);
    return undefined;
  }
  const given = parse(text, { schema: 'core' }) as Given;
  const { answers } = found;
  if (answers.tariff.file === undefined) return { answers, given, sheet: null };
  // From the folder of the answers, as the files of secrets are.
  const path = resolve(dirname(file), answers.tariff.file);
  const sheet = textOf(path, terminal);
  return sheet === undefined ? undefined : { answers, given, sheet: { path, text: sheet } };
}

/** The text of a file that a person named; undefined when it cannot be read, which is told. */
function textOf(file: string, terminal: Terminal): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const sentence = {
      zh: `${file}：${code === 'ENOENT' ? '没有这个文件' : `无法读取（${code}）`}。`,
      en: `${file}: ${code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`}.`,
    };
    terminal.err(`gatepost init: ${say(terminal, sentence)}\n`);
    return undefined;
  }
}

/** What the interview is told about a price sheet. */
function lookAtSheet(path: string): Reading<readonly string[]> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { problem: { zh: '读不到这个文件；请写完整路径。', en: 'It cannot be read: write its full path.' } };
  }
  const { tariff, problems } = loadTariff([{ file: path, text }], null, zoneOf('Asia/Shanghai'));
  if (tariff !== null) return { value: tariff.classes };
  const mistakes = problems.filter(({ severity }) => severity === 'error');
  const list = (language: Language): string => mistakes.map((one) => problemText(one, language)).join('\n    ');
  return { problem: { zh: `价格表有错误：\n    ${list('zh')}`, en: `The sheet has mistakes:\n    ${list('en')}` } };
}

/** Letters and digits that are not taken for each other when they are typed into a camera's page: 32 of them. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
const SECRET_LENGTH = 20;

function secretsOf(dir: string) {
  return {
    kept(name: string): string | undefined {
      const path = join(credentialsDir(dir), name);
      return existsSync(path) ? readFileSync(path, 'utf8').trim() || undefined : undefined;
    },
    make: () => [...randomBytes(SECRET_LENGTH)].map((byte) => LETTERS[byte % LETTERS.length]).join(''),
  };
}

/** Reads what is planned as `gatepost check` would, before anything is written. */
function isClean(files: readonly PlannedFile[], dir: string, terminal: Terminal): boolean {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const file = join(dir, CONFIG_FILE);
  const loaded = loadConfig(texts.get(file) ?? '', {
    file,
    env: {},
    readFile: (path) => texts.get(path) ?? readFileSync(path, 'utf8'),
    drivers: DRIVERS,
  });
  const errors: readonly ConfigError[] = loaded.ok ? [] : loaded.errors;
  if (errors.length === 0) return true;
  terminal.err(`${formatErrors(errors, terminal.language)}\n`);
  const nothing = {
    zh: '配置检查没有通过，什么都没有写。',
    en: 'The configuration would not be clean; nothing was written.',
  };
  terminal.err(`gatepost init: ${say(terminal, nothing)}\n`);
  return false;
}

async function write(
  files: readonly PlannedFile[],
  { options, owner, stamp }: { options: Options; owner: Owner; stamp: string },
  terminal: Terminal,
): Promise<boolean> {
  try {
    const there = inTheWay(files).map(({ path }) => path);
    if (there.length > 0 && !options.force) {
      refuse(there, terminal);
      return false;
    }
    makeCredentialsDir(credentialsDir(options.dir));
    const kept = writeFiles(files, owner, stamp);
    for (const path of kept)
      terminal.out(`${say(terminal, { zh: '旧的保留为', en: 'the old one is kept as' })} ${path}\n`);
    for (const { path } of files) terminal.out(`${say(terminal, { zh: '已写', en: 'written' })} ${path}\n`);
    return true;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const sentence = {
      zh: '写不进去，什么都没有改：{why}',
      en: 'it could not be written, and nothing was changed: {why}',
    };
    terminal.err(`gatepost init: ${say(terminal, fill(sentence, { why: systemSaid(code, message) }))}\n`);
    return false;
  }
}

async function finish(
  site: Site,
  files: readonly PlannedFile[],
  dir: string,
  owner: Owner,
  terminal: Terminal,
): Promise<number> {
  terminal.out(ownersText(dir, owner, terminal.language));
  terminal.out(loginsText(site, dir, terminal.language));
  const code = await checkCommand([join(dir, CONFIG_FILE)], terminal);
  if (code === 0) terminal.out(nextSteps(site, files, dir, terminal.language));
  return code;
}
