import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ERRORS, type ErrorKind, explain } from '../../src/core/errors.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'ERRORS.md'), 'utf8');

const SECTIONS: Readonly<Record<ErrorKind, string>> = {
  answer: 'Answers',
  fault: 'Faults',
  flag: 'Flags',
  notice: 'Notices',
};

/** The codes documented under a heading, each with something in every column. */
function documented(heading: string): readonly string[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([A-Z_]+)` \| (.+) \| (.+) \|$/gm)].map((match) => match[1] ?? '');
}

for (const [kind, heading] of Object.entries(SECTIONS)) {
  test(`docs/ERRORS.md and the code know the same ${heading.toLowerCase()}`, () => {
    const codes = Object.entries(ERRORS)
      .filter(([, entry]) => entry.kind === kind)
      .map(([code]) => code);
    assert.deepEqual([...documented(heading)].sort(), codes.sort());
  });
}

test('every answer is told in Chinese and in English', () => {
  for (const [code, entry] of Object.entries(ERRORS)) {
    if (entry.kind === 'answer') assert.ok(/\p{Script=Han}/u.test(entry.zh) && entry.en !== '', code);
  }
});

test('a sentence is filled in, and what is missing leaves no braces behind', () => {
  assert.equal(explain('PARK_UNKNOWN', 'en', { value: 'P9' }), 'no such park: P9');
  assert.equal(explain('PARK_UNKNOWN', 'zh'), '停车场不存在：');
});
