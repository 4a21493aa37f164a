/** The pages: every link leads somewhere, and a page and its Chinese twin tell the same. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { docPages } from '../../build/deb/docs.ts';
import { keptOf, namedIn, type Page, pageOf, targetOf } from './pages.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TWIN = '.zh-CN.md';

/** What the people at the gate read. A page that there is not yet needs no twin. */
const AT_THE_GATE = [
  'install',
  'init',
  'service',
  'operating',
  'doctor',
  'backup',
  'tunnel',
  'logs',
  'passes',
  'ERRORS',
  'CONFIG',
];

function pagesIn(folder: string, recursive = false): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => posix.relative(ROOT, posix.join(entry.parentPath, entry.name)));
}

const FILES = [...pagesIn('.'), ...pagesIn('docs', true), ...pagesIn('drivers', true)].sort();
const TWINS = FILES.filter((file) => file.endsWith(TWIN));
const englishOf = (twin: string): string => twin.replace(TWIN, '.md');
const twinOf = (file: string): string => file.replace(/\.md$/, TWIN);

const PAGES = new Map(FILES.map((file): [string, Page] => [file, pageOf(readFileSync(join(ROOT, file), 'utf8'))]));

function page(file: string): Page {
  return PAGES.get(file) ?? assert.fail(`there is no page ${file}`);
}

test('every link within the pages leads to a file and to a heading that are there', () => {
  const broken = FILES.flatMap((file) =>
    page(file)
      .links.filter((link) => {
        const { file: target, anchor } = targetOf(file, link);
        return !existsSync(join(ROOT, target)) || (anchor !== '' && !page(target).anchors.has(anchor));
      })
      .map((link) => `${file}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

test('what the people at the gate read is there in Chinese', () => {
  const missing = AT_THE_GATE.map((name) => `docs/${name}.md`).filter(
    (file) => FILES.includes(file) && !TWINS.includes(twinOf(file)),
  );
  assert.deepEqual(missing, []);
});

for (const twin of TWINS) {
  const english = englishOf(twin);
  describe(`${twin} and ${posix.basename(english)}`, () => {
    test('have the same headings', () => assert.deepEqual(page(twin).levels, page(english).levels));

    test('have the same blocks, with the same commands in them', () => {
      const [here, there] = [page(twin).blocks, page(english).blocks];
      assert.deepEqual(
        here.map(({ tag }) => tag),
        there.map(({ tag }) => tag),
      );
      for (const [index, block] of there.entries()) {
        const other = here[index] ?? assert.fail();
        assert.deepEqual(keptOf(other, block), keptOf(block, other));
      }
    });

    test('name the same commands, options and files', () => {
      assert.deepEqual(namedIn(page(twin)), namedIn(page(english)));
    });

    test('lead to each other, and the Chinese one to pages in Chinese where there are any', () => {
      assert.ok(page(english).links.includes(posix.basename(twin)), `${english} does not name ${twin}`);
      assert.ok(page(twin).links.includes(posix.basename(english)), `${twin} does not name ${english}`);
      const strays = page(twin).links.filter((link) => {
        const { file } = targetOf(twin, link);
        return file !== english && TWINS.includes(twinOf(file));
      });
      assert.deepEqual(strays, []);
    });
  });
}

test('the package carries the twins, and their links lead to what it carries', () => {
  const carried = new Map(docPages().map(({ path, content }) => [path, content]));
  // To a file, or to a folder with files in it.
  const leadsTo = (target: string): boolean =>
    carried.has(target) || [...carried.keys()].some((file) => file.startsWith(posix.join(target, '/')));
  for (const twin of TWINS) {
    const path = twin.replace(/^docs\//, '');
    const content = carried.get(path) ?? assert.fail(`the package does not carry ${twin}`);
    const strays = pageOf(content.toString('utf8')).links.filter((link) => !leadsTo(targetOf(path, link).file));
    assert.deepEqual(strays, [], twin);
  }
});
