/** What commands share: where they write, how they read their arguments, how they wait for the end. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Language, Said, Sentence } from '../core/errors.ts';
import { fill, inWords, saidBy } from '../core/sentence.ts';

export interface Terminal {
  /** What the person in front of it reads. */
  readonly language: Language;
  out(text: string): void;
  err(text: string): void;
}

/** The process's own terminal. */
export function terminalOf(language: Language): Terminal {
  return {
    language,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  };
}

/**
 * The language that the environment asks for: `GATEPOST_LANGUAGE`, then what every program goes by (`LC_ALL`,
 * `LC_MESSAGES`, `LANG`: the first that is set counts, and a Chinese locale begins with `zh`). English otherwise.
 */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const asked = [env['GATEPOST_LANGUAGE'], env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find(Boolean) ?? '';
  return /^zh\b|^zh_/i.test(asked) ? 'zh' : 'en';
}

/** A sentence in the language of the person at the terminal. */
export function say({ language }: Pick<Terminal, 'language'>, said: Said): string {
  return inWords(said, language);
}

/** For commands that print much: a reader that has seen enough (`| head`) closes its end, and the command is done. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

/** A command was called wrongly: the sentence says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly sentence: Sentence;

  constructor(sentence: Sentence) {
    super(sentence.en);
    this.sentence = sentence;
  }
}

/** For words that a command has no use for. */
export function meaningless(words: readonly string[]): UsageError {
  const text = words.join(' ');
  return new UsageError({ zh: `"${text}" 无法识别`, en: `"${text}" means nothing here` });
}

/** For two options of which one is wanted. */
export function notBoth(one: string, other: string): UsageError {
  return new UsageError({ zh: `${one} 和 ${other} 只能选一个`, en: `${one} or ${other}, not both` });
}

/** Reads a command's arguments. @throws UsageError for an option or value that it does not take. */
export function readArgs<O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw argsError(error);
  }
}

/** What Node says of arguments, for the person who wrote them. */
export function argsError(error: unknown): UsageError {
  const text = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? error.code : null;
  // Node's sentence goes on with advice about "--", which helps nobody here.
  const en = text.split('. To specify')[0] ?? text;
  // The option as it can be written: Node names some with their short form and "<value>".
  const named = /'([^']+)'/.exec(text)?.[1] ?? '';
  const option = named.replace(/^-\w, /, '').replace(/ <value>$/, '');
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return new UsageError({ zh: `没有选项 "${option}"`, en });
  if (text.includes('does not take an argument')) return new UsageError({ zh: `选项 "${option}" 后面不写值`, en });
  if (text.includes('is ambiguous'))
    return new UsageError({
      zh: `选项 "${option}" 缺少值；以 "-" 开头的值请写成 "${option}=值"`,
      en: `Option '${option}' argument missing; a value that begins with "-" is written ${option}=VALUE`,
    });
  if (text.includes('argument missing')) return new UsageError({ zh: `选项 "${option}" 缺少值`, en });
  return new UsageError({ zh: `参数无法识别：${en}`, en });
}

/**
 * One request to end may arrive twice: Ctrl-C and systemd tell every process of the group, and a parent passes it on as
 * well. Only a signal that comes this much later is an impatient person's.
 */
const SAME_REQUEST_MS = 1_000;

/** Resolves with the first signal that asks the process to end; a later one ends it at once. */
export function untilAsked(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = Number.POSITIVE_INFINITY;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (performance.now() - asked > SAME_REQUEST_MS) process.exit(1);
        asked = Math.min(asked, performance.now());
        resolve(signal);
      });
    }
  });
}

export const CANNOT_START: Sentence = { zh: 'gatepost：无法启动：{why}', en: 'gatepost: cannot start: {why}' };
const TAKEN: Sentence = {
  zh: '{where} 已被其他程序占用：请停止它，或换一个端口',
  en: '{where} is in use by another program: stop that one, or choose another port',
};
const FORBIDDEN: Sentence = {
  zh: '此用户不能使用 {where}：请选 1023 以上的端口',
  en: '{where} may not be used by this user: choose a port above 1023',
};
const NOT_HERE: Sentence = {
  zh: '{where} 不是本机的地址：请改正 "listen"',
  en: '{where} is no address of this machine: correct "listen"',
};

/** What a person is told when a part could not start: the address or folder, and the way out. Never a stack trace. */
export function startFailure(error: unknown): Said {
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const where = address !== undefined ? `${address}:${port ?? ''}` : '';
  if (code === 'EADDRINUSE') return fill(TAKEN, { where });
  if (code === 'EACCES' && where !== '') return fill(FORBIDDEN, { where });
  if (code === 'EADDRNOTAVAIL') return fill(NOT_HERE, { where });
  return saidBy(error);
}
