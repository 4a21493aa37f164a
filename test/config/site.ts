import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Driver, z } from '../../drivers/contract.ts';
import type { ConfigError } from '../../src/config/errors.ts';
import { type Config, type LoadContext, loadConfig } from '../../src/config/load.ts';

/** A driver's entry in the table, as far as the configuration looks at one. */
function entry(model: string, parts: Pick<Driver, 'transport' | 'roles' | 'options' | 'line'>): Driver {
  return {
    model,
    title: `The ${model}`,
    ...parts,
    topics: () => ({ up: [], down: [] }),
    start: () => ({ step: () => ({ out: [], wakeAt: null }) }),
  };
}

/** A table of drivers that does not move when a real driver gains an option. */
export const TABLE: Readonly<Record<string, Driver>> = {
  'vzenith-mqtt': entry('vzenith-mqtt', {
    transport: 'mqtt',
    roles: ['camera', 'barrier'],
    // Not strict on purpose: the configuration is, whatever the driver's own schema.
    options: z.object({
      sn: z.string().describe('Serial number.'),
      pulseMs: z.int().min(500).max(5_000).default(500).describe('Length of the pulse.'),
    }),
    line: null,
  }),
  'serial-scanner': entry('serial-scanner', {
    transport: 'serial',
    roles: ['scanner'],
    options: z.strictObject({}),
    line: { baudRate: 9_600 },
  }),
  'lcus-relay': entry('lcus-relay', {
    transport: 'serial',
    roles: ['barrier'],
    options: z.strictObject({}),
    line: { baudRate: 9_600 },
  }),
};

const DOCS = join(import.meta.dirname, '..', '..', 'docs');

export const EXAMPLE = readFileSync(join(DOCS, 'example.yaml'), 'utf8');

/** A small site that is clean, with everything that may be left out left out. */
export const SMALL = readFileSync(join(import.meta.dirname, 'small.yaml'), 'utf8');

/** The sheets and secrets that the two sites name; they stand beside no file, for the sites are texts. */
const BESIDE: Readonly<Record<string, string>> = {
  'standard.yaml': 'name: Small\nversion: v1\nfree: 15 min\nprice: 5 per hour\n',
  'example-sheet.yaml': readFileSync(join(DOCS, 'example-sheet.yaml'), 'utf8'),
  'mallcoo-token': '0123456789abcdef',
  'mallcoo-key': 'fedcba9876543210',
  'cam-in-password': 'one',
  'cam-out-password': 'two',
  'plain.yaml': readFileSync(join(DOCS, 'tariffs', 'plain.yaml'), 'utf8'),
};

export const CONTEXT: LoadContext = {
  file: 'site.yaml',
  env: {},
  readFile: (path) => BESIDE[basename(path)] ?? readFileSync(path, 'utf8'),
  drivers: TABLE,
};

/** The errors of a text; none when it is clean. */
export function errorsOf(text: string, context: Partial<LoadContext> = {}): readonly ConfigError[] {
  const loaded = loadConfig(text, { ...CONTEXT, ...context });
  return loaded.ok ? [] : loaded.errors;
}

/** The configuration of a text that must be clean. */
export function configOf(text: string, context: Partial<LoadContext> = {}): Config {
  const loaded = loadConfig(text, { ...CONTEXT, ...context });
  if (!loaded.ok) throw new Error(loaded.errors.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return loaded.config;
}

/** The small site with pieces of its text replaced; each must be there, so that a test cannot miss its target. */
export function changed(...changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the small site has no ${JSON.stringify(from)}`);
    return text.replace(from, () => to);
  }, SMALL);
}

/** The line, from 1, on which the text first has the given piece. */
export function lineOf(text: string, piece: string): number {
  const line = text.split('\n').findIndex((candidate) => candidate.includes(piece)) + 1;
  if (line === 0) throw new Error(`no line has ${JSON.stringify(piece)}`);
  return line;
}
