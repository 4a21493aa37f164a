/** The examples of docs/tariffs.md and its Chinese twin are sheets, or parts of sheets, that the program takes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadSheet } from '../../../src/config/tariff/load.ts';
import { problemText } from '../../../src/config/tariff/problems.ts';
import { zoneOf } from '../../../src/core/time.ts';

const DOCS = join(import.meta.dirname, '..', '..', '..', 'docs');
const ZONE = zoneOf('Asia/Shanghai');
/** A part of a sheet stands for itself; what it needs beside it. */
const BESIDE = { name: 'name: 江湾商场', version: 'version: 1', price: 'price: 5 per hour' };

/** The YAML of a page; what names no key of a sheet first is of the configuration or the calendar. */
function examplesOf(page: string): readonly string[] {
  const text = readFileSync(join(DOCS, page), 'utf8');
  const blocks = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block = '']) => block);
  return blocks.filter((block) => !/^(tariffs|\d+):/.test(block)).flatMap(alternatives);
}

/** A block that says a key again shows another way to write it: each is a sheet of its own. */
function alternatives(block: string): readonly string[] {
  const parts = block.split(/^(?=\w+:)/m);
  const keys = parts.map((part) => part.split(':')[0]);
  return new Set(keys).size === keys.length ? [block] : parts;
}

for (const page of ['tariffs.md', 'tariffs.zh-CN.md']) {
  test(`docs/${page}: every example is understood as it stands`, () => {
    const examples = examplesOf(page);
    assert.equal(examples.length, 11);
    for (const example of examples) {
      const beside = Object.entries(BESIDE).flatMap(([key, line]) =>
        new RegExp(`^${key}:`, 'm').test(example) ? [] : [line],
      );
      const { versions, problems } = loadSheet(page, `${beside.join('\n')}\n${example}`, ZONE);
      const told = problems.map((problem) => problemText(problem, 'en'));
      assert.deepEqual([versions.length, told], [1, []], example);
    }
  });
}
