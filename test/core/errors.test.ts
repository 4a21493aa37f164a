import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ERRORS, type ErrorKind, explain, type Language, type Sentence } from '../../src/core/errors.ts';
import { assertChinese } from '../chinese.ts';

const root = join(import.meta.dirname, '..', '..');
const PAGES = {
  en: readFileSync(join(root, 'docs', 'ERRORS.md'), 'utf8'),
  zh: readFileSync(join(root, 'docs', 'ERRORS.zh-CN.md'), 'utf8'),
} as const;

const SECTIONS: Readonly<Record<ErrorKind, Sentence>> = {
  answer: { en: 'Answers', zh: '应答' },
  fault: { en: 'Faults', zh: '故障' },
  flag: { en: 'Flags', zh: '标记' },
  notice: { en: 'Notices', zh: '提示' },
};

/** The codes documented under a heading, each with something in every column. */
function documented(language: Language, heading: string): readonly string[] {
  const section = PAGES[language].split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([A-Z_]+)` \| (.+) \| (.+) \|$/gm)].map((match) => match[1] ?? '');
}

for (const [kind, heading] of Object.entries(SECTIONS)) {
  test(`the pages of both languages and the code know the same ${heading.en.toLowerCase()}, in one order`, () => {
    const codes = Object.entries(ERRORS)
      .filter(([, entry]) => entry.kind === kind)
      .map(([code]) => code);
    assert.deepEqual([...documented('en', heading.en)].sort(), codes.sort());
    assert.deepEqual(documented('zh', heading.zh), documented('en', heading.en));
  });
}

test('every code is told in Chinese and in English, with the same to fill in', () => {
  const places = (text: string): readonly string[] => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
  for (const [code, { zh, en }] of Object.entries(ERRORS)) {
    assertChinese(zh);
    assert.ok(en !== '' && !/\p{Script=Han}/u.test(en.replaceAll('分', '')), code);
    assert.deepEqual(places(zh), places(en), code);
  }
});

test('what the page says in Chinese is Chinese', () => {
  for (const line of PAGES.zh.split('\n')) if (/^(\||- )/.test(line) && !/^\|-/.test(line)) assertChinese(line);
});

test('a sentence is filled in, and what is missing leaves no braces behind', () => {
  assert.equal(explain('PARK_UNKNOWN', 'en', { value: 'P9' }), 'no such park: P9');
  assert.equal(explain('PARK_UNKNOWN', 'zh'), '停车场不存在：');
});
