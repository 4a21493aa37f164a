/** Writes the pages that are made from the program: docs/CONFIG.md from the configuration's schema. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DRIVERS } from '../drivers/registry.ts';
import { configReference } from '../src/config/reference.ts';

writeFileSync(join(import.meta.dirname, '..', 'docs', 'CONFIG.md'), configReference(DRIVERS));
