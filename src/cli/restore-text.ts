/** What a person reads of a restore: what there is now, and what is left to do, above all on another machine. */
import { accessSync, readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type SiteFiles, siteFiles } from '../config/site-files.ts';
import type { Sentence } from '../core/errors.ts';
import type { ParkState } from '../core/park/state.ts';
import { formatLocal, zoneOf } from '../core/time.ts';
import { printable } from '../ops/log.ts';
import type { NamedSecret } from '../store/backup/manifest.ts';
import { beside, type Recoverable } from '../store/backup/put-back.ts';
import type { Plan } from './restore-plan.ts';
import { FROM_BACKUP } from './restore-site.ts';
import { say, type Terminal } from './terminal.ts';

const MIB = 1024 * 1024;
/** Parks may lie in several zones; the books' own moment is told in the field's. */
const STANDARD_ZONE = 'Asia/Shanghai';

function headText({ checked, file }: Plan, terminal: Terminal): string {
  const { manifest, files } = checked;
  const mib = (files.reduce((sum, one) => sum + one.file.bytes, 0) / MIB).toFixed(1);
  const parks = manifest.parks.map(printable).join(', ');
  const [host, when] = [printable(manifest.host), printable(manifest.when)];
  return say(terminal, {
    zh: `${file}：完好。${host} 于 ${when} 备份，gatepost ${manifest.gatepost}，停车场 ${parks}，账本到第 ${manifest.seq} 条，${files.length} 个文件，${mib} MiB`,
    en: `${file} is sound: made on ${host} at ${when} by gatepost ${manifest.gatepost}; car park ${parks}; the books up to record ${manifest.seq}; ${files.length} files, ${mib} MiB`,
  });
}

/** What a dry run says. */
export function dryText(plan: Plan, terminal: Terminal): string {
  const { data, found, site, stamp } = plan;
  const aside = found === 'filled' ? [movedText(data, beside(data, `before-${stamp}`))] : [];
  const config = site.files.map(({ path }) => path).join(', ');
  const lines: readonly Sentence[] = [
    { zh: `账本会放到 ${data}`, en: `the books would go to ${data}` },
    ...aside,
    config === ''
      ? { zh: `${site.folder} 里的配置不用改`, en: `the configuration in ${site.folder} would stay as it is` }
      : { zh: `会写到 ${site.folder}：${config}`, en: `written to ${site.folder} would be: ${config}` },
    { zh: '这次只检查，什么都没有改', en: 'this was a dry run: nothing was changed' },
  ];
  return [headText(plan, terminal), ...lines.map((line) => `  ${say(terminal, line)}`)].join('\n');
}

function movedText(from: string, to: string): Sentence {
  return { zh: `原来的 ${from} 改名为 ${to}`, en: `what was in ${from} is renamed to ${to}` };
}

/** What there is now. */
export function doneText(plan: Plan, { state, damage }: Recoverable, terminal: Terminal): string {
  const { data, found, site, stamp } = plan;
  const when = printable(plan.checked.manifest.when);
  const last = state.seq === 0 ? '-' : formatLocal(state.at, zoneOf(STANDARD_ZONE));
  const moved = [
    ...(found === 'filled' ? [movedText(data, beside(data, `before-${stamp}`))] : []),
    ...site.differing.map((path) =>
      movedText(join(site.folder, path), beside(join(site.folder, path), `before-${stamp}`)),
    ),
  ];
  const lines: readonly Sentence[] = [
    {
      zh: `账本已放到 ${data}，最后一条记录是 ${last}`,
      en: `the books are in ${data}; their last record is of ${last}`,
    },
    ...[...state.parks.values()].map(parkText),
    ...moved,
    ...damage.map(({ zh, en }) => ({ zh: `账本里有损坏：${zh}`, en: `the books hold damage: ${en}` })),
    {
      zh: `${when} 之后发生的事不在账本里：之后进出的车、之后的付款，请与猫酷对账（gatepost payments）`,
      en: `what happened after ${when} is not in the books: cars that came or went, payments; reconcile with Mallcoo (gatepost payments)`,
    },
  ];
  return [headText(plan, terminal), ...lines.map((line) => `  ${say(terminal, line)}`)].join('\n');
}

function parkText({ id, open, ledger, sealed, outbox }: ParkState): Sentence {
  const orders = ledger.size + (sealed?.ledger.size ?? 0);
  return {
    zh: `停车场 ${printable(id)}：在场 ${open.size} 辆，近期订单 ${orders} 笔，待通知猫酷 ${outbox.waiting.size} 条（会再发）`,
    en: `car park ${printable(id)}: ${open.size} vehicle(s) inside, ${orders} recent order(s), ${outbox.waiting.size} notice(s) for Mallcoo (sent again)`,
  };
}

/** What is left to do: above all that the old machine stays off. */
export function aheadText(plan: Plan, terminal: Terminal): string {
  const { manifest } = plan.checked;
  const config = join(plan.site.folder, manifest.config);
  const site = siteOf(config);
  const same = manifest.host === hostname();
  const host = printable(manifest.host);
  const warning = same
    ? {
        zh: '两台电脑绝不能用同一份账本运行：如果这不是原来那台，原来那台必须停下并不再启动',
        en: 'Two machines must never run with the same books: if this is not the one it was made on, that one has to be stopped for good',
      }
    : {
        zh: `两台电脑绝不能用同一份账本运行：先在 ${host} 上执行 systemctl disable --now gatepost gatepost-tunnel，再启动这一台；否则一笔付款会记在两边，车会在两边进出`,
        en: `Two machines must never run with the same books: before this one starts, on ${host}: systemctl disable --now gatepost gatepost-tunnel. Otherwise payments are booked on one and cars leave by the other`,
      };
  const steps: readonly Sentence[] = [
    warning,
    ...dataStep(plan, site),
    ...missingSecrets(manifest.secrets, plan.site.folder),
    ...elsewhere(plan),
    ...(same ? [] : differences(site)),
    { zh: `检查配置：gatepost check ${config}`, en: `check the configuration: gatepost check ${config}` },
    { zh: '启动：systemctl enable --now gatepost', en: 'start it: systemctl enable --now gatepost' },
  ];
  const title = say(terminal, { zh: '接下来：', en: 'Next:' });
  return [title, ...steps.map((step, index) => `  ${index + 1}. ${say(terminal, step)}`)].join('\n');
}

function siteOf(config: string): SiteFiles | null {
  try {
    return siteFiles(readFileSync(config, 'utf8'));
  } catch {
    return null;
  }
}

function dataStep({ data, site: { folder }, checked }: Plan, site: SiteFiles | null): readonly Sentence[] {
  if (!site || site.data === data) return [];
  const file = join(folder, checked.manifest.config);
  return [
    {
      zh: `${file} 里写的是 data: ${site.data}，而账本放在 ${data}；请改成 data: ${data}`,
      en: `${file} says "data: ${site.data}", and the books are in ${data}: write "data: ${data}"`,
    },
  ];
}

function missingSecrets(secrets: readonly NamedSecret[], folder: string): readonly Sentence[] {
  return secrets.flatMap(({ kind, name: text }): readonly Sentence[] => {
    const name = printable(text);
    const path = join(folder, kind === 'credential' ? 'credentials' : '', text);
    if (kind !== 'env' && (exists(path) || (text.startsWith('/') && exists(text)))) return [];
    switch (kind) {
      case 'credential':
        return [
          {
            zh: `缺少口令 ${name}：install -D -m 600 /dev/stdin ${path}（然后输入口令、回车、Ctrl-D）`,
            en: `the credential ${name} is missing: install -D -m 600 /dev/stdin ${path} (then the secret, Enter, Ctrl-D)`,
          },
        ];
      case 'env':
        return [{ zh: `给服务设置环境变量 ${name}`, en: `set the environment variable ${name} for the service` }];
      case 'file':
        return [{ zh: `缺少口令文件 ${name}`, en: `the file ${name}, which holds a secret, is missing` }];
      case 'key':
        return [
          {
            zh: `缺少隧道的 ${name}：新建一个，并在远端服务器上登记（docs/tunnel.zh-CN.md）`,
            en: `the tunnel's ${name} is missing: make a new one, and let the far server know it (docs/tunnel.md)`,
          },
        ];
      default:
        return [];
    }
  });
}

function elsewhere({ site }: Plan): readonly Sentence[] {
  return site.files.flatMap(({ path }) => {
    if (!path.startsWith(`${FROM_BACKUP}/`)) return [];
    const to = path.slice(FROM_BACKUP.length);
    const from = join(site.folder, path);
    const udev = to.startsWith('/etc/udev/');
    return [
      udev
        ? {
            zh: `串口命名规则：如果插的是同样的口，cp ${from} ${to} && udevadm control --reload && udevadm trigger；否则重新运行 gatepost init`,
            en: `the names of serial ports: where the same sockets are used, cp ${from} ${to} && udevadm control --reload && udevadm trigger`,
          }
        : { zh: `需要时：cp ${from} ${to}`, en: `where it is wanted: cp ${from} ${to}` },
    ];
  });
}

/** What the configuration takes for granted and this machine does not have. */
function differences(site: SiteFiles | null): readonly Sentence[] {
  if (!site) return [];
  const own = new Set(Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address)));
  const everywhere = new Set(['0.0.0.0', '::', 'localhost', '127.0.0.1', '::1']);
  const hostOf = (address: string): string => address.replace(/:\d+$/, '').replaceAll(/[[\]]/g, '');
  return [
    ...site.ports
      .filter(({ port }) => !exists(port))
      .map(({ device, port }) => ({
        zh: `设备 ${printable(device)} 的串口 ${printable(port)} 这台电脑上没有：接好设备，或改 port`,
        en: `the port ${printable(port)} of the device ${printable(device)} is not on this machine: plug it in, or correct "port"`,
      })),
    ...site.listens
      .filter(({ address }) => !everywhere.has(hostOf(address)) && !own.has(hostOf(address)))
      .map(({ setting, address }) => ({
        zh: `${setting} 的地址 ${printable(address)} 不是这台电脑的：请修改，摄像机也要指向新地址`,
        en: `${setting} ${printable(address)} is no address of this machine: correct it, and point the cameras at the new one`,
      })),
  ];
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
