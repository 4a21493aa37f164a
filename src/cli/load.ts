import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { DRIVERS } from '../../drivers/registry.ts';
import { formatErrors } from '../config/errors.ts';
import { type Config, type LoadContext, loadConfig } from '../config/load.ts';
import type { Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import { systemSaid } from '../core/system-errors.ts';
import type { Reread } from '../reload.ts';
import { readArgs, say, type Terminal, UsageError } from './terminal.ts';

const NO_FILE: Sentence = { zh: '没有这个文件', en: 'there is no such file' };
const IS_FOLDER: Sentence = { zh: '这是文件夹', en: 'it is a folder' };
const UNREADABLE: Sentence = {
  zh: '{file}：{reason}。请给出配置文件；可从 docs/example.yaml 改起。',
  en: '{file}: {reason}. Name a configuration file; docs/example.yaml is one to start from.',
};

/** Reads and checks a configuration file. Never rejects. @param onRead is told of each file beside it that is read. */
export async function readConfig(file: string, onRead: (path: string) => void = () => undefined): Promise<Reread> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return { ok: false, text: unreadable(file, error) };
  }
  const context: LoadContext = {
    file,
    env: process.env,
    readFile(path) {
      const found = readFileSync(path, 'utf8');
      onRead(path);
      return found;
    },
    readBytes(path) {
      const found = readFileSync(path);
      onRead(path);
      return found;
    },
    drivers: DRIVERS,
  };
  return loadConfig(text, context);
}

function unreadable(file: string, error: unknown): Sentence {
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === 'ENOENT' ? NO_FILE : code === 'EISDIR' ? IS_FOLDER : systemSaid(code, String(error));
  return fill(UNREADABLE, { file, reason });
}

/** Reads and checks a configuration file; what is wrong goes to the terminal. @returns undefined when it cannot be used. */
export async function loadFile(file: string, terminal: Terminal): Promise<Config | undefined> {
  const loaded = await readConfig(file);
  if (loaded.ok) return loaded.config;
  terminal.err(`${'text' in loaded ? say(terminal, loaded.text) : formatErrors(loaded.errors, terminal.language)}\n`);
  return undefined;
}

export interface Named {
  readonly file: string;
  readonly config: Config;
}

/**
 * What a command that takes one configuration file begins with: its help, or the file.
 * @returns the exit code, when there is nothing more to do.
 * @throws UsageError when it is not exactly one file.
 */
export async function namedFile(args: readonly string[], help: Sentence, terminal: Terminal): Promise<Named | number> {
  const { values, positionals } = readArgs(args, { help: { type: 'boolean', short: 'h' } });
  if (values.help) {
    terminal.out(say(terminal, help));
    return 0;
  }
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new UsageError({ zh: '请写一个配置文件', en: 'name one configuration file' });
  const config = await loadFile(file, terminal);
  return config ? { file, config } : 1;
}
