/** Which program this is, on what it runs, and whether the gate runs the same. */
import { VERSION } from '../../version.ts';
import { type Finding, fine, look, none } from '../finding.ts';
import type { Site } from '../site.ts';
import { ownUser } from '../users.ts';

/** What this process is; a test brings another. */
export interface Program {
  readonly version: string;
  readonly node: string;
  readonly arch: string;
  /** Null where there is no glibc. */
  readonly glibc: string | null;
  readonly user: string;
}

export function thisProgram(): Program {
  const user = ownUser();
  return {
    version: VERSION,
    node: process.versions.node,
    arch: process.arch,
    glibc: glibcVersion(),
    user: `${user.name} (${user.uid})`,
  };
}

export async function checkProgram(site: Site, program = thisProgram()): Promise<readonly Finding[]> {
  const { version, node, arch, glibc, user } = program;
  const parts = `gatepost ${version}, Node ${node}, ${arch}${glibc === null ? '' : `, glibc ${glibc}`}`;
  const found = [fine({ zh: `${parts}，以 ${user} 身份运行`, en: `${parts}; run as ${user}` })];
  return [...found, ...runningVersion(site, version), ...sight(site)];
}

function runningVersion({ gate }: Site, version: string): readonly Finding[] {
  if (!gate.running || gate.health['version'] === version) return [];
  const running = String(gate.health['version']);
  return [
    look(
      {
        zh: `正在运行的是 ${running}，已安装的是 ${version}`,
        en: `${running} is running, and ${version} is installed`,
      },
      {
        zh: '没有车的时候重启：systemctl restart gatepost',
        en: 'when no car is at the gate: systemctl restart gatepost',
      },
    ),
  ];
}

function sight({ machine }: Site): readonly Finding[] {
  if (machine.uid === 0) return [];
  return [
    none({
      zh: '不是 root：看不到密钥文件和其他程序占用的端口；sudo gatepost doctor 能看到更多',
      en: 'not root: secrets and what others hold cannot be seen; sudo gatepost doctor sees more',
    }),
  ];
}

/** As the runtime reports it; of the sockets it would look every address up in the DNS. */
function glibcVersion(): string | null {
  const { report } = process;
  Object.assign(report, { excludeNetwork: true });
  const found: unknown = report.getReport();
  const header: unknown = typeof found === 'object' && found !== null && 'header' in found ? found.header : null;
  if (typeof header !== 'object' || header === null || !('glibcVersionRuntime' in header)) return null;
  return String(header.glibcVersionRuntime);
}
