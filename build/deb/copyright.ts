/** Debian's machine-readable copyright file, from the SBOM: who wrote what is in the binary, under which licence. */
import { wrap } from './changelog.ts';

/** As far as it is read here. */
interface Sbom {
  readonly components: readonly Component[];
}

interface Component {
  readonly name: string;
  readonly version: string;
  readonly licenses?: readonly { readonly license: { readonly id: string } }[];
}

const TEXTS = '/usr/share/doc/gatepost/THIRD-PARTY-LICENSES.txt';

/** @param sbom the text of the CycloneDX document. @param year of the release. */
export function copyrightFile(sbom: string, year: string): string {
  const { components } = JSON.parse(sbom) as Sbom;
  const byLicence = new Map<string, string[]>();
  for (const { name, version, licenses } of components) {
    const licence = licenses?.map(({ license }) => license.id).join(' and ') ?? 'see its text';
    byLicence.set(licence, [...(byLicence.get(licence) ?? []), `${name} ${version}`]);
  }
  const groups = [...byLicence].sort(([a], [b]) => a.localeCompare(b, 'en'));
  const comment = groups
    .map(([licence, names]) => wrap(`${licence}: ${[...new Set(names)].join(', ')}.`, ' ', ' '))
    .join('\n .\n');
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Gatepost

Files: *
Copyright: ${year} the Gatepost maintainers
License: Gatepost

Files: usr/bin/gatepost
Copyright: ${year} the Gatepost maintainers
 the authors of the software in it, each named in ${TEXTS}
License: Gatepost and others
Comment: The binary holds Node.js and these packages:
 .
${comment}

License: Gatepost
 All rights reserved. It may be used by those to whom its maintainers have given
 it, and must not be given on without their leave.

License: Gatepost and others
 What the maintainers of Gatepost have written is under the licence "Gatepost";
 all else is under the licences of its authors, whose words are in
 ${TEXTS}.
`;
}
