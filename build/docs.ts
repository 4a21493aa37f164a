/** Writes what is made from the program: docs/CONFIG.md and its Chinese twin from the configuration's schema, and the price sheets' schema. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DRIVERS } from '../drivers/registry.ts';
import { configReference } from '../src/config/reference.ts';
import { sheetSchema } from '../src/config/tariff/schema.ts';

const docs = join(import.meta.dirname, '..', 'docs');
writeFileSync(join(docs, 'CONFIG.md'), configReference(DRIVERS, 'en'));
writeFileSync(join(docs, 'CONFIG.zh-CN.md'), configReference(DRIVERS, 'zh'));
writeFileSync(join(docs, 'tariff.schema.json'), `${JSON.stringify(sheetSchema(), null, 2)}\n`);
