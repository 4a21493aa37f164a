/**
 * Writes the standard library that `src/core` is compiled against: TypeScript's own ES2025 declarations without the
 * things a pure core must not reach: no clock (`Date` has no value), no chance (`Math.random`), and, because nothing
 * else is loaded, no Node, no timers and no `fetch`. It is made anew by `npm run types`, so it always fits the compiler.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const source = join(dirname(createRequire(import.meta.url).resolve('typescript')), '.');
const target = join(import.meta.dirname, '..', 'dist', 'core-lib');

/** What is taken out; each must be found, so that a new compiler cannot quietly give it back. */
const CUTS: readonly { readonly file: string; readonly text: string }[] = [
  { file: 'es5', text: 'declare var Date: DateConstructor;' },
  { file: 'es5', text: '    random(): number;' },
];

function collect(name: string, seen: Set<string>): void {
  if (seen.has(name)) return;
  const text = readFileSync(join(source, `lib.${name}.d.ts`), 'utf8');
  for (const match of text.matchAll(/\/\/\/ <reference lib="([^"]+)" \/>/g)) collect(match[1] ?? '', seen);
  seen.add(name);
}

const names = new Set<string>();
collect('es2025', names);
names.delete('decorators.legacy');
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const name of names) {
  let text = readFileSync(join(source, `lib.${name}.d.ts`), 'utf8').replaceAll(/\/\/\/ <reference lib=.*/g, '');
  for (const cut of CUTS.filter((candidate) => candidate.file === name)) {
    if (!text.includes(cut.text)) throw new Error(`lib.${name}.d.ts no longer has: ${cut.text}`);
    text = text.replace(cut.text, '');
  }
  writeFileSync(join(target, `lib.${name}.d.ts`), text);
}
