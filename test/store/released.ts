/** The data folder as Gatepost 0.1.0 left it, put where a test wants it. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export const RELEASED = join(import.meta.dirname, 'old', 'v2');

/** Its journal is kept packed: a segment is four MiB, and almost all of it is filler. */
export function layReleased(dir: string): void {
  mkdirSync(dir, { recursive: true });
  cpSync(join(RELEASED, 'data'), dir, { recursive: true });
  const journal = join(dir, 'journal');
  for (const name of readdirSync(journal)) {
    writeFileSync(join(journal, name.replace(/\.gz$/, '')), gunzipSync(readFileSync(join(journal, name))));
    rmSync(join(journal, name));
  }
}
