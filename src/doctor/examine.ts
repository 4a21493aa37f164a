/** All checks together: side by side, each with a deadline, so that one that hangs hides no other. */
import { checkAuth } from './checks/auth.ts';
import { checkCalendars } from './checks/calendars.ts';
import { checkClock } from './checks/clock.ts';
import { checkConfiguration } from './checks/configuration.ts';
import { checkData } from './checks/data.ts';
import { checkDevices } from './checks/devices.ts';
import { checkFaults } from './checks/faults.ts';
import { checkFsync } from './checks/fsync.ts';
import { checkInternet } from './checks/internet.ts';
import { checkLog } from './checks/log.ts';
import { checkMqtt } from './checks/mqtt.ts';
import { checkNotices } from './checks/notices.ts';
import { checkPorts } from './checks/ports.ts';
import { checkProgram } from './checks/program.ts';
import { checkSerial } from './checks/serial.ts';
import { checkService } from './checks/service.ts';
import { checkTunnel } from './checks/tunnel.ts';
import { type Finding, wrong } from './finding.ts';
import { CHECK_NAMES, type Check, type CheckName, type Site } from './site.ts';

const CHECKS: Readonly<Record<CheckName, Check>> = {
  program: (site) => checkProgram(site),
  configuration: checkConfiguration,
  service: checkService,
  data: checkData,
  fsync: checkFsync,
  log: checkLog,
  clock: checkClock,
  serial: checkSerial,
  mqtt: checkMqtt,
  devices: checkDevices,
  ports: checkPorts,
  internet: checkInternet,
  tunnel: checkTunnel,
  notices: checkNotices,
  auth: checkAuth,
  calendars: checkCalendars,
  faults: checkFaults,
};

export interface Examined {
  readonly name: CheckName;
  readonly findings: readonly Finding[];
  readonly ms: number;
  /** It did not come back: what it waits for may keep the process. */
  readonly hung: boolean;
}

/** Generous beside the checks' own deadlines of up to ten seconds. */
const PATIENCE_MS = 20_000;

/**
 * Runs the named checks. Never rejects. The flushes are measured last and alone: what the others read would be in their way.
 * @param checks others for a test.
 */
export async function examine(
  site: Site,
  names: readonly CheckName[] = CHECK_NAMES,
  { checks = CHECKS, patienceMs = PATIENCE_MS } = {},
): Promise<readonly Examined[]> {
  const run = (name: CheckName): Promise<Examined> =>
    within(patienceMs + site.fsyncSeconds * 1_000, name, checks[name], site);
  const others = await Promise.all(names.filter((name) => name !== 'fsync').map(run));
  const all = names.includes('fsync') ? [...others, await run('fsync')] : others;
  return CHECK_NAMES.flatMap((name) => all.filter((one) => one.name === name));
}

async function within(ms: number, name: CheckName, check: Check, site: Site): Promise<Examined> {
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  const done = check(site).catch((error: unknown) => [failed(error)]);
  const findings = await Promise.race([done, late]);
  clearTimeout(timer);
  const took = Math.round(performance.now() - began);
  return { name, findings: findings ?? [hanging(ms)], ms: took, hung: findings === null };
}

function failed(error: unknown): Finding {
  const why = error instanceof Error ? error.message : String(error);
  return wrong(
    { zh: `检查本身没有完成：${why}`, en: `the check itself failed: ${why}` },
    {
      zh: '用 sudo 再试一次；还是这样，请把 --json 的输出发给我们',
      en: 'try again with sudo; if it stays so, send what --json prints',
    },
  );
}

function hanging(ms: number): Finding {
  const seconds = Math.round(ms / 1_000);
  return wrong(
    { zh: `${seconds} 秒内没有结果`, en: `it did not come back within ${seconds} s` },
    { zh: '多半是磁盘或网络停滞：dmesg | tail', en: 'often a disk or a network that stands still: dmesg | tail' },
  );
}
