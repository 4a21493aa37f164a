/** What dpkg is told of the package. */
import { createHash } from 'node:crypto';
import type { Arch } from '../places.ts';
import { MAINTAINER } from './changelog.ts';
import type { Entry } from './tree.ts';

const DEBIAN_ARCH: Readonly<Record<Arch, string>> = { x64: 'amd64', arm64: 'arm64' };

export const debName = (version: string, arch: Arch): string => `gatepost_${version}_${DEBIAN_ARCH[arch]}.deb`;

/**
 * What the binary is linked with, and the systemd whose directives the unit uses: that of Debian 12, on which it is tested.
 * systemd also brings systemd-sysusers and systemd-tmpfiles. A test holds the libraries together with the binary.
 */
const DEPENDS = ['libc6 (>= 2.28)', 'libgcc-s1 (>= 3.4)', 'libstdc++6 (>= 5.2)', 'systemd (>= 252)'];
/** udev for the names of serial ports; ssh for the tunnel; the right time for everything. dpkg -i does without. */
const RECOMMENDS = ['udev', 'openssh-client', 'systemd-timesyncd | time-daemon'];

const DESCRIPTION = `runs a car park's gates from the PC beside them
 Gatepost reads plate cameras and ticket scanners over MQTT and serial lines,
 keeps every visit in a journal on its own disk, prices it by a price sheet,
 raises the barrier, and serves the payment calls of the mall app Mallcoo
 through a tunnel. The internet may be down; the gate works.
 .
 The package brings the service, the tunnel's units, names that stay for
 serial ports, and the documentation. It needs no Node and no internet.`;

interface Facts {
  readonly version: string;
  readonly arch: Arch;
}

export function controlFile({ version, arch }: Facts, entries: readonly Entry[]): string {
  const bytes = entries.reduce(
    (sum, entry) => sum + (entry.kind === 'file' ? Math.max(entry.content.length, 1) : 0),
    0,
  );
  return `Package: gatepost
Version: ${version}
Architecture: ${DEBIAN_ARCH[arch]}
Maintainer: ${MAINTAINER}
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: ${DEPENDS.join(', ')}
Recommends: ${RECOMMENDS.join(', ')}
Section: misc
Priority: optional
Description: ${DESCRIPTION}
`;
}

/** What "dpkg --verify" compares with. */
export function md5sums(entries: readonly Entry[]): string {
  return entries
    .flatMap((entry) => {
      if (entry.kind !== 'file' || entry.conffile) return [];
      return [`${createHash('md5').update(entry.content).digest('hex')}  ${entry.path}\n`];
    })
    .join('');
}

export function conffiles(entries: readonly Entry[]): string {
  return entries.flatMap((entry) => (entry.kind === 'file' && entry.conffile ? [`/${entry.path}\n`] : [])).join('');
}
