import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { DRIVERS } from '../../drivers/registry.ts';
import { formatErrors } from '../config/errors.ts';
import { type Config, type LoadContext, loadConfig } from '../config/load.ts';
import type { Terminal } from './terminal.ts';

/** Reads and checks a configuration file; what is wrong goes to the terminal. @returns undefined when it cannot be used. */
export async function loadFile(file: string, terminal: Terminal): Promise<Config | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(error);
    terminal.err(`${file}: ${reason}. Name a configuration file; docs/example.yaml is one to start from.\n`);
    return undefined;
  }
  const context: LoadContext = {
    file,
    env: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
    drivers: DRIVERS,
  };
  const loaded = loadConfig(text, context);
  if (loaded.ok) return loaded.config;
  terminal.err(`${formatErrors(loaded.errors)}\n`);
  return undefined;
}
