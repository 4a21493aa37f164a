/** House rules that no other tool checks. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DRIVERS } from '../drivers/registry.ts';

const root = join(import.meta.dirname, '..');
const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 70;

/** The files that git keeps or would keep. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /^(src|drivers|test|build)\/.*\.(ts|mjs)$/.test(file) && existsSync(join(root, file)));

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

test('there is something to check', () => assert.ok(files.length > 50));

test(`no file has more than ${MAX_FILE_LINES} lines`, () => {
  const long = files.filter((file) => read(file).split('\n').length > MAX_FILE_LINES);
  assert.deepEqual(long, []);
});

const OPENS = /^(\s*)(?:export )?(?:async )?(?:function\b.*|(?:const \w+|\w+)\b.*=>|(?:async )?\w+\(.*\).*) \{$/;
const NO_FUNCTION = /^\s*(?:test|describe|for|if|while|switch|else|return)\b/;

/**
 * Functions by their indentation, which the formatter guarantees: from a line that opens one to the line that closes it
 * at the same depth. The functions inside another are counted for themselves, not for it: a factory whose state its
 * functions share is a module with an inside. Blocks of `test(` are cases, not functions.
 */
function longFunctions(file: string): readonly string[] {
  const lines = read(file).split('\n');
  const own = new Map<number, number>();
  const open: { readonly start: number; readonly close: string }[] = [];
  for (const [index, line] of lines.entries()) {
    const innermost = open.at(-1);
    if (innermost) own.set(innermost.start, (own.get(innermost.start) ?? 0) + 1);
    if (innermost && line.startsWith(innermost.close)) open.pop();
    const opens = NO_FUNCTION.test(line) ? null : OPENS.exec(line);
    if (opens) open.push({ start: index, close: `${opens[1] ?? ''}}` });
  }
  return [...own]
    .filter(([, length]) => length > MAX_FUNCTION_LINES)
    .map(([start, length]) => `${file}:${start + 1} (${length} lines)`);
}

test(`no function has more than ${MAX_FUNCTION_LINES} lines`, () => {
  assert.deepEqual(files.flatMap(longFunctions), []);
});

test('nothing is left to do later in the code, and no rule is switched off', () => {
  const words = ['TODO', 'FIXME', 'XXX', 'HACK'].map((word) => `\\b${word}\\b`).join('|');
  const marks = new RegExp(`${words}|@ts-(ignore|expect-error|nocheck)|biome-ignore|\\bas any\\b|\\.only\\(`);
  const self = 'test/tidy.test.ts';
  const marked = files.filter((file) => file !== self && marks.test(read(file)));
  assert.deepEqual(marked, []);
});

test('only the terminal, the tests and the scripts write to the console', () => {
  const loud = files.filter(
    (file) => /^(src|drivers)\//.test(file) && file !== 'src/bin.mjs' && /\bconsole\./.test(read(file)),
  );
  assert.deepEqual(loud, []);
});

test('every driver is in the registry and has its driver, vectors, simulator and README', () => {
  const folders = readdirSync(join(root, 'drivers'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.deepEqual(folders.map(({ name }) => name).sort(), Object.keys(DRIVERS).sort());
  for (const { name } of folders) {
    for (const file of ['driver.ts', 'vectors.ts', 'simulator.ts', 'README.md']) {
      assert.ok(existsSync(join(root, 'drivers', name, file)), `drivers/${name}/${file}`);
    }
  }
});
