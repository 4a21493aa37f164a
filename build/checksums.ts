/** SHA256SUMS, as `sha256sum --check` reads it. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKSUMS_NAME } from './places.ts';

export function writeChecksums(folder: string, files: readonly string[]): void {
  const lines = [...files].sort().map((file) => {
    const sum = createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex');
    return `${sum}  ${file}\n`;
  });
  writeFileSync(join(folder, CHECKSUMS_NAME), lines.join(''));
}
