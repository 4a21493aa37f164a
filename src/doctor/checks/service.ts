/** Whether the gate runs, and how systemd looks after it. */
import { newestFailure } from '../../ops/service/failures.ts';
import { type Finding, fine, look, none, same, wrong } from '../finding.ts';
import type { Machine, Site } from '../site.ts';

const DAY_MS = 86_400_000;

export async function checkService(site: Site): Promise<readonly Finding[]> {
  return [gateFinding(site), ...(await unitFindings(site)), ...(await failureFindings(site))];
}

function gateFinding({ gate, gatePid, user, machine, file }: Site): Finding {
  if (gate.running) {
    const pid = gatePid === null ? '' : ` (PID ${gatePid}, ${user.name})`;
    const since = String(gate.health['since']);
    return fine({ zh: `道闸程序正在运行${pid}，自 ${since}`, en: `the gate runs${pid}, since ${since}` });
  }
  if (gate.why !== null)
    return wrong(
      { zh: `道闸程序不应答：${gate.why.zh}`, en: `the gate does not answer: ${gate.why.en}` },
      { zh: '查看日志：journalctl -u gatepost -n 50', en: 'look at its log: journalctl -u gatepost -n 50' },
    );
  const start = machine.systemd ? 'systemctl start gatepost' : `gatepost run ${file}`;
  return look({ zh: '道闸程序没有运行', en: 'the gate does not run' }, same(start));
}

/** What systemd says of a unit; null when it cannot be asked. */
export async function unitState(
  machine: Machine,
  unit: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string> | null> {
  const ran = await machine.run('systemctl', ['show', unit, `--property=${names.join(',')}`]);
  if (ran?.code !== 0) return null;
  const pairs = ran.out.split('\n').filter((line) => line.includes('='));
  return new Map(pairs.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

const NAMES = ['LoadState', 'UnitFileState', 'ActiveState', 'SubState', 'NRestarts', 'WatchdogUSec'];

async function unitFindings({ machine, gate }: Site): Promise<readonly Finding[]> {
  if (!machine.systemd)
    return [none({ zh: '本机没有使用 systemd', en: 'no systemd here: nobody starts the gate again by itself' })];
  const state = await unitState(machine, 'gatepost.service', NAMES);
  if (!state) return [none({ zh: '无法询问 systemd', en: 'systemd cannot be asked' })];
  if (state.get('LoadState') !== 'loaded')
    return [
      look(
        { zh: '没有安装 gatepost.service', en: 'gatepost.service is not installed' },
        { zh: '安装软件包：apt install ./gatepost_*.deb', en: 'install the package: apt install ./gatepost_*.deb' },
      ),
    ];
  const active = state.get('ActiveState') ?? '';
  const found = [...activity(active, gate.running), ...boot(state.get('UnitFileState') ?? '')];
  const restarts = Number(state.get('NRestarts'));
  if (restarts > 0)
    found.push(
      look(
        {
          zh: `systemd 已自动重启道闸程序 ${restarts} 次`,
          en: `systemd has started the gate again ${restarts} time(s)`,
        },
        { zh: '原因：journalctl -u gatepost -p warning', en: 'why: journalctl -u gatepost -p warning' },
      ),
    );
  const watchdog = state.get('WatchdogUSec') ?? '0';
  if (watchdog === '0' || watchdog === 'infinity')
    found.push(
      look(
        { zh: '看门狗没有启用', en: 'no watchdog: a gate that stands still is not started again' },
        { zh: '查看单元的 WatchdogSec：systemctl cat gatepost', en: 'see WatchdogSec in: systemctl cat gatepost' },
      ),
    );
  if (found.length > 0) return found;
  return [
    fine({
      zh: `gatepost.service 运行中，开机启动，看门狗 ${watchdog}，未被自动重启`,
      en: `gatepost.service is active, starts at boot, watchdog ${watchdog}, never started again`,
    }),
  ];
}

function activity(active: string, running: boolean): Finding[] {
  if (active === 'active' || active === 'reloading') return [];
  const byHand = running
    ? {
        zh: `gatepost.service 为 ${active}：道闸是手工启动的`,
        en: `gatepost.service is ${active}: the gate was started by hand`,
      }
    : { zh: `gatepost.service 为 ${active}`, en: `gatepost.service is ${active}` };
  const advice = {
    zh: '启动：systemctl start gatepost；起不来则看 journalctl -u gatepost -n 50',
    en: 'systemctl start gatepost; if it does not come up: journalctl -u gatepost -n 50',
  };
  return [running ? look(byHand, advice) : wrong(byHand, advice)];
}

function boot(state: string): Finding[] {
  if (state.startsWith('enabled') || state === 'static' || state === 'generated') return [];
  return [
    look(
      { zh: '开机时不会自动启动', en: 'it does not start when the machine does' },
      same('systemctl enable gatepost'),
    ),
  ];
}

async function failureFindings({ failures, machine }: Site): Promise<readonly Finding[]> {
  const newest = await newestFailure(failures);
  // Its time is local, and so is this process.
  const at = newest === null ? Number.NaN : Date.parse(newest.at.replace(' ', 'T'));
  if (!newest || !(machine.now() - at < DAY_MS)) return [];
  const times = newest.times > 1 ? { zh: `，共 ${newest.times} 次`, en: `, ${newest.times} times` } : same('');
  return [
    look(
      {
        zh: `一天之内异常结束过（${newest.at}${times.zh}）：${newest.text.zh}`,
        en: `it ended badly within the last day (${newest.at}${times.en}): ${newest.text.en}`,
      },
      same(`cat ${newest.file}`),
    ),
  ];
}
