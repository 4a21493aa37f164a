/** The published schema is the one in the code, knows the keys that the parser knows, and accepts the example sheets. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { fromJSONSchema } from 'zod';
import { CLASS_KEYS, SHEET_KEYS } from '../../../src/config/tariff/load.ts';
import { sheetSchema } from '../../../src/config/tariff/schema.ts';

const DOCS = join(import.meta.dirname, '..', '..', '..', 'docs');
const schema = JSON.parse(readFileSync(join(DOCS, 'tariff.schema.json'), 'utf8'));
const validator = fromJSONSchema(schema);

test('the published schema is up to date', () => {
  assert.deepEqual(schema, sheetSchema(), 'write sheetSchema() to docs/tariff.schema.json');
});

test('the schema has every key that the parser has, and no other', () => {
  assert.deepEqual(Object.keys(schema.properties).sort(), [...SHEET_KEYS].sort());
  assert.deepEqual(Object.keys(schema.$defs.class.properties).sort(), [...CLASS_KEYS].sort());
});

for (const file of readdirSync(join(DOCS, 'tariffs'))) {
  test(`the schema accepts ${file}`, () => {
    const result = validator.safeParse(parse(readFileSync(join(DOCS, 'tariffs', file), 'utf8')));
    assert.ok(result.success, JSON.stringify(result.error?.issues));
  });
}

test('the schema accepts a sheet without a grace', () => {
  const sheet = 'name: x\nversion: 1\nprice: 1 per hour\n';
  assert.equal(validator.safeParse(parse(`${sheet}grace: none`)).success, true);
  assert.equal(validator.safeParse(parse(`${sheet}grace: never`)).success, false);
});

const WRONG: readonly (readonly [name: string, sheet: string])[] = [
  ['a sheet without a version', 'name: x\nprice: 1 per hour'],
  ['an unknown key', 'name: x\nversion: 1\nprice: 1 per hour\nunit: up'],
  ['an unknown key of a class', 'name: x\nversion: 1\nprice: 1 per hour\nclasses: { a: { grace: 5 min } }'],
  ['a price in words', 'name: x\nversion: 1\nprice: much'],
  ['a kind of day that does not exist', 'name: x\nversion: 1\nbands: [{ name: a, days: someday, price: 1 per hour }]'],
  ['a rounding that does not exist', 'name: x\nversion: 1\nprice: 1 per hour\nround: sideways'],
];

for (const [name, sheet] of WRONG) {
  test(`the schema refuses ${name}`, () => {
    assert.equal(validator.safeParse(parse(sheet)).success, false);
  });
}
