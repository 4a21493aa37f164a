import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DRIVERS } from '../../drivers/registry.ts';
import { formatErrors } from '../../src/config/errors.ts';
import { loadConfig } from '../../src/config/load.ts';
import { configReference, rowsOf } from '../../src/config/reference.ts';
import { configSchema } from '../../src/config/schema.ts';
import { shapeOf } from '../../src/config/shape.ts';
import { CONTEXT, EXAMPLE } from './site.ts';

test('the committed page is what the schema says (npm run docs writes it)', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'CONFIG.md'), 'utf8');
  assert.equal(page, configReference(DRIVERS));
});

test('every setting is explained in one sentence', () => {
  const rows = rowsOf(shapeOf(configSchema(() => ({ text: '' }))));
  const options = Object.values(DRIVERS).flatMap((driver) => rowsOf(shapeOf(driver.options), driver.model));
  for (const { field, meaning, type } of [...rows, ...options]) {
    assert.match(meaning, /^\S.*\.$/s, field);
    assert.notEqual(type, '', field);
  }
  assert.ok(rows.length > 50);
});

test('the example is clean with the drivers that exist', () => {
  const loaded = loadConfig(EXAMPLE, { ...CONTEXT, drivers: DRIVERS });
  assert.equal(loaded.ok ? '' : formatErrors(loaded.errors, 'en'), '');
});
