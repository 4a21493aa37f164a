/** The licence of everything in the binary that others wrote, in their own words. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseVersion, nodeLicence } from './base.ts';
import type { Shipped } from './bundle.ts';
import { BuildError, manifestOf, ROOT } from './places.ts';

const TEXTS = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;
const LINE = '='.repeat(80);

/** @throws BuildError for a package that comes without the text of its licence. */
export function licenceTexts(packages: readonly Shipped[]): string {
  const seen = new Set<string>();
  const parts: string[] = [];
  for (const { name, version, path } of packages) {
    // The same version may be installed in several places.
    if (seen.has(`${name}@${version}`)) continue;
    seen.add(`${name}@${version}`);
    parts.push(part(`${name} ${version} (${manifestOf(join(ROOT, path)).license ?? 'see below'})`, textOf(path)));
  }
  const node = part(`Node.js ${baseVersion()}, and what it contains`, nodeLicence());
  return `Gatepost contains the software of others, under these licences.\n\n${[...parts, node].join('\n')}`;
}

function part(title: string, text: string): string {
  return `${LINE}\n${title}\n${LINE}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
}

function textOf(path: string): string {
  const files = readdirSync(join(ROOT, path))
    .filter((file) => TEXTS.test(file))
    .sort();
  if (files.length === 0) {
    throw new BuildError(`${path} has no licence text, and would ship: ask its authors, or do without it`);
  }
  return files.map((file) => readFileSync(join(ROOT, path, file), 'utf8')).join('\n');
}
