import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DRIVERS } from '../../drivers/registry.ts';
import { formatErrors } from '../../src/config/errors.ts';
import { loadConfig } from '../../src/config/load.ts';
import { configReference, rowsOf, typeInChinese } from '../../src/config/reference.ts';
import { MEANINGS } from '../../src/config/reference-zh.ts';
import { configSchema } from '../../src/config/schema.ts';
import { shapeOf } from '../../src/config/shape.ts';
import { assertChinese } from '../chinese.ts';
import { CONTEXT, EXAMPLE } from './site.ts';

test('the committed pages are what the schema says (npm run docs writes them)', () => {
  const page = (name: string): string => readFileSync(join(import.meta.dirname, '..', '..', 'docs', name), 'utf8');
  assert.equal(page('CONFIG.md'), configReference(DRIVERS, 'en'));
  assert.equal(page('CONFIG.zh-CN.md'), configReference(DRIVERS, 'zh'));
});

test('every setting is explained in one sentence, in both languages', () => {
  const rows = rowsOf(shapeOf(configSchema(() => ({ text: '' }))));
  const options = Object.values(DRIVERS).flatMap((driver) => rowsOf(shapeOf(driver.options), driver.model));
  const all = [...rows, ...options];
  for (const { field, meaning, meaningZh, type } of all) {
    assert.match(meaning, /^\S.*\.$/s, field);
    assert.ok(meaningZh.endsWith('。'), `no Chinese for ${field}: "${meaning}" (src/config/reference-zh.ts)`);
    assertChinese(meaningZh);
    assert.notEqual(type, '', field);
    assert.match(typeInChinese(type), /\p{Script=Han}|^URL$|^`/u, field);
  }
  const said = new Set(all.map(({ meaning }) => meaning));
  assert.deepEqual(
    Object.keys(MEANINGS).filter((meaning) => !said.has(meaning)),
    [],
    'nothing is translated that is not said',
  );
  assert.ok(rows.length > 50);
});

test('the example is clean with the drivers that exist', () => {
  const loaded = loadConfig(EXAMPLE, { ...CONTEXT, drivers: DRIVERS });
  assert.equal(loaded.ok ? '' : formatErrors(loaded.errors, 'en'), '');
});
