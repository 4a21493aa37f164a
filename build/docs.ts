/**
 * Writes what is made from the program: docs/CONFIG.md and its Chinese twin from the configuration's schema, the price sheets' schema, and the
 * metrics of docs/monitoring.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DRIVERS } from '../drivers/registry.ts';
import { configReference } from '../src/config/reference.ts';
import { sheetSchema } from '../src/config/tariff/schema.ts';
import { withMetrics } from './metrics-table.ts';

const docs = join(import.meta.dirname, '..', 'docs');
writeFileSync(join(docs, 'CONFIG.md'), configReference(DRIVERS, 'en'));
writeFileSync(join(docs, 'CONFIG.zh-CN.md'), configReference(DRIVERS, 'zh'));
writeFileSync(join(docs, 'tariff.schema.json'), `${JSON.stringify(sheetSchema(), null, 2)}\n`);
const monitoring = join(docs, 'monitoring.md');
writeFileSync(monitoring, withMetrics(readFileSync(monitoring, 'utf8')));
