/** CHANGELOG.md, read, and written again as Debian's changelog. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildError, ROOT } from '../places.ts';

interface Release {
  readonly version: string;
  /** `2026-11-23` */
  readonly date: string;
  /** What changed, one text each. */
  readonly changes: readonly string[];
}

export const MAINTAINER = 'Gatepost maintainers <maintainers@gatepost.invalid>';

/** The releases, newest first. @throws BuildError for a heading that is none of a release. */
export function readChangelog(text = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')): readonly Release[] {
  return text
    .split(/^## /m)
    .slice(1)
    .filter((section) => !section.startsWith('[Unreleased]'))
    .map((section) => {
      const heading = /^\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)\n/.exec(section);
      const [whole, version = '', date = ''] = heading ?? [];
      if (whole === undefined) {
        throw new BuildError(
          `CHANGELOG.md: "## ${section.split('\n')[0]}" is no release; write "## [1.2.3] - 2026-11-23"`,
        );
      }
      return { version, date, changes: changesOf(section.slice(whole.length)) };
    });
}

/** Every item, with the heading that it stands under where that is not "Added". */
function changesOf(section: string): readonly string[] {
  return section.split(/^### /m).flatMap((part, index) => {
    const heading = index === 0 ? '' : (part.split('\n')[0] ?? '');
    const prefix = heading === '' || heading === 'Added' ? '' : `${heading}: `;
    const items = part.split(/^- /m).slice(1);
    return items.map((item) => prefix + plain(item));
  });
}

/** Without links and in one line. */
function plain(markdown: string): string {
  return markdown
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Debian's form. A version that CHANGELOG.md does not tell of, as tests build them, gets an entry that says so. */
export function debianChangelog(releases: readonly Release[], version: string): string {
  const known = releases.some((release) => release.version === version);
  const newest = releases[0]?.date ?? '1970-01-01';
  const own: Release = { version, date: newest, changes: ['A build that CHANGELOG.md does not tell of.'] };
  return (known ? releases : [own, ...releases.filter((release) => newer(version, release.version))])
    .map(entry)
    .join('\n');
}

function newer(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) > 0;
}

function entry({ version, date, changes }: Release): string {
  const items = changes.map((change) => wrap(change, '  * ', '    ')).join('\n');
  const day = new Date(`${date}T12:00:00Z`).toUTCString().replace('GMT', '+0000');
  return `gatepost (${version}) stable; urgency=medium\n\n${items}\n\n -- ${MAINTAINER}  ${day}\n`;
}

/** Words in lines of at most 79 characters. */
export function wrap(text: string, first: string, next: string): string {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    if (line.length > next.length && line.length + word.length > 79) {
      lines.push(line.trimEnd());
      line = next;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join('\n');
}
