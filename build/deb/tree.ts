/** Everything that the package puts on the box: one list, from which the files and dpkg's own lists are made. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Arch, binaryName, LICENCES_FILE, ROOT, SBOM_NAME } from '../places.ts';
import { debianChangelog, readChangelog } from './changelog.ts';
import { bashCompletion, fishCompletion, zshCompletion } from './completions.ts';
import { copyrightFile } from './copyright.ts';
import { docPages } from './docs.ts';
import { helpOfCommands } from './help.ts';
import { manualPage } from './manual.ts';

export type Entry =
  | {
      readonly kind: 'file';
      /** Without the leading slash. */
      readonly path: string;
      readonly mode: number;
      readonly content: Buffer;
      /** What a person changed there is kept at an upgrade. */
      readonly conffile: boolean;
    }
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number };

const DOC = 'usr/share/doc/gatepost';
const UNITS = 'usr/lib/systemd/system';

export interface Source {
  readonly version: string;
  readonly arch: Arch;
  /** Where `npm run build` has put the binary, the SBOM and the licences. */
  readonly built: string;
}

export async function packageTree({ version, arch, built }: Source): Promise<readonly Entry[]> {
  const releases = readChangelog();
  const date = (releases.find((release) => release.version === version) ?? releases[0])?.date ?? '1970-01-01';
  const commands = await helpOfCommands();
  const manual = (language: 'zh' | 'en') => packed(manualPage(commands, language, { version, date }));
  const sbom = readFileSync(join(built, SBOM_NAME), 'utf8');
  return [
    file('usr/bin/gatepost', readFileSync(join(built, binaryName(arch))), 0o755),
    ...serviceFiles(),
    { ...file('etc/gatepost/example.yaml', ours('docs/example.yaml')), conffile: true },
    { ...file('etc/gatepost/example-sheet.yaml', ours('docs/example-sheet.yaml')), conffile: true },
    { kind: 'folder', path: 'etc/gatepost/credentials', mode: 0o700 },
    file('usr/share/man/man1/gatepost.1.gz', manual('en')),
    file('usr/share/man/zh_CN/man1/gatepost.1.gz', manual('zh')),
    file('usr/share/bash-completion/completions/gatepost', bashCompletion(commands)),
    file('usr/share/zsh/vendor-completions/_gatepost', zshCompletion(commands)),
    file('usr/share/fish/vendor_completions.d/gatepost.fish', fishCompletion(commands)),
    ...docPages().map(({ path, content }) => file(`${DOC}/${path}`, content)),
    file(`${DOC}/changelog.gz`, packed(debianChangelog(releases, version))),
    file(`${DOC}/copyright`, copyrightFile(sbom, date.slice(0, 4))),
    file(`${DOC}/${SBOM_NAME}`, sbom),
    file(`${DOC}/${LICENCES_FILE}`, readFileSync(join(built, LICENCES_FILE))),
    file('usr/share/lintian/overrides/gatepost', ours('build/deb/lintian-overrides')),
  ];
}

/** Units, users, folders, names of ports; and as examples what a site completes with its own. */
function serviceFiles(): readonly Entry[] {
  return readdirSync(join(ROOT, 'systemd'))
    .sort()
    .map((name) => ({ ...file(placeOf(name), ours(`systemd/${name}`)), conffile: name.endsWith('.default') }));
}

function placeOf(name: string): string {
  if (/\.(?:service|path|timer|socket|target)$/.test(name)) return `${UNITS}/${name}`;
  if (name.endsWith('.sysusers.conf')) return `usr/lib/sysusers.d/${name.replace('.sysusers', '')}`;
  if (name.endsWith('.tmpfiles.conf')) return `usr/lib/tmpfiles.d/${name.replace('.tmpfiles', '')}`;
  if (name.endsWith('.default')) return `etc/default/${name.replace('.default', '')}`;
  if (name.endsWith('.rules')) return `usr/lib/udev/rules.d/${name}`;
  return `${DOC}/examples/${name}`;
}

function ours(path: string): Buffer {
  return readFileSync(join(ROOT, path));
}

function packed(text: string): Buffer {
  return gzipSync(text, { level: 9 });
}

function file(path: string, content: Buffer | string, mode = 0o644): Extract<Entry, { readonly kind: 'file' }> {
  return { kind: 'file', path, mode, content: Buffer.from(content), conffile: false };
}
