/** Serial ports: whether they are there, may be used, and are nobody else's. */
import { lstat, realpath, stat } from 'node:fs/promises';
import { SerialPort } from 'serialport';
import type { SerialDevice } from '../../config/load.ts';
import { type Finding, fine, look, none, same, wrong } from '../finding.ts';
import type { Process } from '../processes.ts';
import { configured, type Machine, type Site } from '../site.ts';
import { groupName, mayUse } from '../users.ts';
import { unitState } from './service.ts';

/** Programs that take serial ports for modems or Braille displays: the usual culprits. */
const MEDDLERS = [
  { unit: 'ModemManager.service', process: 'ModemManager', away: 'systemctl disable --now ModemManager' },
  { unit: 'brltty.service', process: 'brltty', away: 'systemctl disable --now brltty; apt-get purge brltty' },
] as const;

const OPEN_MS = 5_000;

export const checkSerial = configured(async (site, { devices }) => {
  const serial = devices.filter((device) => device.transport === 'serial');
  if (serial.length === 0) return [none({ zh: '没有串口设备', en: 'no serial devices' })];
  const found = (await Promise.all(serial.map((device) => portFindings(site, device)))).flat();
  return [...found, ...(await doubles(serial)), ...(await meddlers(site.machine))];
});

async function portFindings(site: Site, { id, port, baudRate }: SerialDevice): Promise<readonly Finding[]> {
  const found = await lstat(port).catch(() => null);
  const real = await realpath(port).catch(() => null);
  if (!found || real === null) return [missing(id, port, found !== null)];
  const name = real === port ? port : `${port} → ${real}`;
  if (!(await stat(real)).isCharacterDevice())
    return [wrong({ zh: `${id}：${name} 不是串口`, en: `${id}: ${name} is no serial port` }, same(`ls -l ${port}`))];
  const denied = await denial(site, id, real);
  if (denied) return [denied];
  const { complete, holders } = await site.machine.processes();
  const by = holders.get(real) ?? [];
  const others = by.filter(({ pid }) => pid !== site.gatePid && pid !== process.pid);
  const [other] = others;
  if (other) return [held(id, name, other)];
  if (by.some(({ pid }) => pid === site.gatePid))
    return [fine({ zh: `${id}：${name}，由道闸程序打开`, en: `${id}: ${name}, open in the gate` })];
  const hidden = complete ? same('') : { zh: '（谁在使用只有 root 能看到）', en: ' (who holds it only root can see)' };
  if (site.gate.running) {
    if (!complete) return [fine({ zh: `${id}：${name} 存在${hidden.zh}`, en: `${id}: ${name} is there${hidden.en}` })];
    return [
      look(
        {
          zh: `${id}：${name} 存在，但道闸程序没有打开它`,
          en: `${id}: ${name} is there, and the gate has not opened it`,
        },
        {
          zh: '几秒后再看；还不行：systemctl restart gatepost',
          en: 'look again in some seconds; then: systemctl restart gatepost',
        },
      ),
    ];
  }
  return [await opened(id, name, real, baudRate)];
}

function missing(id: string, port: string, dangling: boolean): Finding {
  const what = dangling
    ? { zh: `${id}：${port} 指向的端口不存在`, en: `${id}: ${port} leads to a port that is not there` }
    : { zh: `${id}：没有端口 ${port}`, en: `${id}: there is no port ${port}` };
  return wrong(what, {
    zh: '检查线和电源；有哪些端口：ls -l /dev/gatepost /dev/serial/by-path；规则改过则：udevadm trigger',
    en: 'cable and power; what is there: ls -l /dev/gatepost /dev/serial/by-path; after a change of rules: udevadm trigger',
  });
}

/** The unit adds the group of serial ports, which the user itself is not in: docs/service.md. */
async function denial({ user }: Site, id: string, real: string): Promise<Finding | null> {
  const access = await mayUse(real, user, 'use');
  if (access.type === 'allowed') return null;
  const { gid, mode } = await stat(real);
  const group = await groupName(gid);
  const rights = `${(mode & 0o777).toString(8)} ${group}`;
  return wrong(
    {
      zh: `${id}：用户 ${user.name} 不能使用 ${real}（${rights}）`,
      en: `${id}: the user ${user.name} may not use ${real} (${rights})`,
    },
    {
      zh: `systemctl edit gatepost，写入 [Service] SupplementaryGroups=${group}；端口应为 660：chmod 660 ${real}`,
      en: `systemctl edit gatepost, and write [Service] SupplementaryGroups=${group}; its mode is to be 660: chmod 660 ${real}`,
    },
  );
}

function held(id: string, name: string, { pid, name: program }: Process): Finding {
  const away = MEDDLERS.find((one) => one.process === program)?.away;
  return wrong(
    { zh: `${id}：${name} 被 ${program}（PID ${pid}）占用`, en: `${id}: ${name} is held by ${program} (PID ${pid})` },
    away === undefined
      ? { zh: `停止该程序；是什么：ps -fp ${pid}`, en: `stop that program; what it is: ps -fp ${pid}` }
      : same(away),
  );
}

/** Opens it as the gate would, and closes it again. */
async function opened(id: string, name: string, path: string, baudRate: number): Promise<Finding> {
  const trouble = await tryToOpen(path, baudRate);
  if (trouble === null)
    return fine({ zh: `${id}：${name} 可以打开（${baudRate} 波特）`, en: `${id}: ${name} opens at ${baudRate} baud` });
  return wrong(
    { zh: `${id}：${name} 打不开：${trouble}`, en: `${id}: ${name} cannot be opened: ${trouble}` },
    {
      zh: `拔插一次设备，再看：dmesg | tail；谁在使用：fuser -v ${path}`,
      en: `unplug it and plug it in again, then: dmesg | tail; who uses it: fuser -v ${path}`,
    },
  );
}

function tryToOpen(path: string, baudRate: number): Promise<string | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(`${OPEN_MS / 1_000} s`), OPEN_MS);
    const settle = (trouble: string | null): void => {
      clearTimeout(timer);
      resolve(trouble);
    };
    const port = new SerialPort({ path, baudRate, autoOpen: false });
    port.on('error', (error) => settle(error.message));
    port.open((error) => {
      if (error) settle(error.message.replace(/^Error: /, ''));
      else port.close((failed) => settle(failed?.message ?? null));
    });
  });
}

/** Two devices on one port: each would read half of the other's bytes. */
async function doubles(devices: readonly SerialDevice[]): Promise<readonly Finding[]> {
  const seen = new Map<string, string>();
  const found: Finding[] = [];
  for (const { id, port } of devices) {
    const real = await realpath(port).catch(() => port);
    const other = seen.get(real);
    seen.set(real, id);
    if (other === undefined) continue;
    found.push(
      wrong(
        { zh: `${other} 和 ${id} 是同一个端口 ${real}`, en: `${other} and ${id} are the same port ${real}` },
        { zh: '改正配置中的 devices[].port', en: 'correct devices[].port in the configuration' },
      ),
    );
  }
  return found;
}

async function meddlers(machine: Machine): Promise<readonly Finding[]> {
  if (!machine.systemd) return [];
  const found: Finding[] = [];
  for (const { unit, process: name, away } of MEDDLERS) {
    const state = await unitState(machine, unit, ['ActiveState']);
    if (state?.get('ActiveState') !== 'active') continue;
    found.push(
      look(
        {
          zh: `${name} 正在运行，可能抢占串口`,
          en: `${name} is active, and takes serial ports when they are plugged in`,
        },
        same(away),
      ),
    );
  }
  return found;
}
