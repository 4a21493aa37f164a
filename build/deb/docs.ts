/** The pages of the checkout as they stand on the box: the README, docs/ and the devices' pages in one folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ROOT } from '../places.ts';

interface DocPage {
  /** Within the folder of the documentation. */
  readonly path: string;
  readonly content: Buffer;
}

/** A file of the checkout's, and where it is on the box. */
function placeOf(path: string): string {
  return path.startsWith('docs/') ? path.slice('docs/'.length) : path;
}

/** Every page, picture and example, with the links in the pages as they must be there. */
export function docPages(): readonly DocPage[] {
  const paths = [
    ...readdirSync(ROOT).filter((name) => /^README.*\.md$/.test(name)),
    'CHANGELOG.md',
    ...filesUnder('docs'),
    ...readdirSync(join(ROOT, 'drivers'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `drivers/${name}/README.md`),
  ];
  return paths.sort().map((path) => {
    const content = readFileSync(join(ROOT, path));
    return { path: placeOf(path), content: path.endsWith('.md') ? Buffer.from(relinked(path, content)) : content };
  });
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.join(folder, posix.relative(join(ROOT, folder), entry.parentPath), entry.name));
}

const LINK = /(\]\(|(?:src|href)=")(?![a-z]+:|#)([^)#"\s]+)/g;

function relinked(page: string, content: Buffer): string {
  const from = posix.dirname(placeOf(page));
  return content.toString('utf8').replaceAll(LINK, (_, before: string, link: string) => {
    const target = posix.join(posix.dirname(page), link);
    return before + posix.relative(from, placeOf(target));
  });
}
