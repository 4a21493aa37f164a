/** The clock: fees, signatures and the grace after a payment all go by it. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/load.ts';
import { formatLocal, type Instant, zoneOf } from '../../core/time.ts';
import { scan } from '../../store/codec.ts';
import { realDisk } from '../../store/disk.ts';
import { listSegments } from '../../store/segment.ts';
import { lookAtServer } from '../call.ts';
import { type Finding, fine, look, none, wrong } from '../finding.ts';
import type { Machine, Site } from '../site.ts';

/** No release is older: a clock that shows an earlier year began at its beginning. */
const RELEASED = 2026;
/** A `Date` tells no more than the second. */
const OFF_MS = 2_000;
/** Signatures are refused beyond some minutes, and people read receipts. */
const FAR_OFF_MS = 120_000;
const PATIENCE_MS = 8_000;

const SET = {
  zh: '自动校时：timedatectl set-ntp true；没有外网则指定校时服务器：apt install chrony，/etc/chrony/chrony.conf',
  en: 'let it be set: timedatectl set-ntp true; without the internet name a time server: apt install chrony, /etc/chrony/chrony.conf',
};

export async function checkClock(site: Site): Promise<readonly Finding[]> {
  const { config, machine } = site;
  const found = [now(site), await synchronised(machine)];
  if (!config) return found;
  return [...found, await drift(config, machine), ...(await journalAhead(config, machine))];
}

function now({ config, machine }: Site): Finding {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const at = machine.now() as Instant;
  const local = formatLocal(at, zoneOf(own));
  if (Number(formatLocal(at, zoneOf('UTC')).slice(0, 4)) < RELEASED)
    return wrong(
      {
        zh: `时钟显示 ${local}，早于本程序的发布`,
        en: `the clock says ${local}, which is before this program was made`,
      },
      {
        zh: `${SET.zh}；断电后总是这样，请更换主板电池`,
        en: `${SET.en}; if it is so after each power cut, replace the mainboard's battery`,
      },
    );
  const others = [...new Set((config?.parks ?? []).map(({ zone }) => zone))].filter((zone) => zone !== own);
  const parks = others.map((zone) => `${zone} ${formatLocal(at, zoneOf(zone))}`).join(', ');
  const zh = parks === '' ? '' : `；停车场的时区：${parks}`;
  const en = parks === '' ? '' : `; the parks' own: ${parks}`;
  return fine({ zh: `本机时间 ${local}（${own}）${zh}`, en: `local time ${local} (${own})${en}` });
}

/** Whoever sets the clock is asked; any of them will do. */
async function synchronised(machine: Machine): Promise<Finding> {
  const said = await askedWhetherSet(machine);
  if (said === null) return look({ zh: '没有找到校时程序', en: 'nothing found that sets the clock' }, SET);
  const [by, set] = said;
  if (set) return fine({ zh: `时钟已同步（${by}）`, en: `the clock is synchronised (${by})` });
  return look({ zh: `时钟没有同步（${by}）`, en: `the clock is not synchronised (${by})` }, SET);
}

async function askedWhetherSet(machine: Machine): Promise<readonly [by: string, set: boolean] | null> {
  if (machine.systemd) {
    const ran = await machine.run('timedatectl', ['show', '--property=NTPSynchronized']);
    const value = /^NTPSynchronized=(yes|no)$/m.exec(ran?.out ?? '')?.[1];
    if (value !== undefined) return ['timedatectl', value === 'yes'];
  }
  const chrony = await machine.run('chronyc', ['-n', 'tracking']);
  if (chrony?.code === 0)
    return ['chrony', /^Leap status\s*:\s*(Normal|Insert second|Delete second)$/m.test(chrony.out)];
  const ntp = await machine.run('ntpq', ['-c', 'rv 0 leap']);
  if (ntp?.code === 0) return ['ntpd', !/leap=(11|3)\b|leap_alarm/.test(ntp.out)];
  const stamp = await access('/run/systemd/timesync/synchronized').then(
    () => true,
    () => false,
  );
  return stamp ? ['systemd-timesyncd', true] : null;
}

/**
 * Against the clocks of others, by their HTTP `Date`. Mallcoo's counts most: signatures are compared with it. The public address
 * comes last, for behind a web server that passes answers on as they are it is this very clock.
 */
async function drift({ parks, tunnel }: Config, { now }: Machine): Promise<Finding> {
  const urls = [
    ...parks.flatMap(({ mallcoo }) => mallcoo.notices?.url ?? []),
    ...(tunnel.publicUrl ? [tunnel.publicUrl] : []),
  ];
  const origins = [...new Set(urls.map((url) => `${new URL(url).origin}/`))];
  const answers = await Promise.all(origins.map((origin) => lookAtServer(origin, 'HEAD', PATIENCE_MS, now)));
  const found = origins.flatMap((origin, index) => {
    const answer = answers[index];
    return answer?.type === 'answered' && answer.ahead !== null
      ? [{ host: new URL(origin).host, ahead: answer.ahead }]
      : [];
  });
  const [first] = found;
  if (!first) return none({ zh: '没有别的时钟可以对照', en: 'no other clock could be asked' });
  return judgeDrift(first.host, first.ahead);
}

/** @param ahead by how much the other clock is ahead, in ms. */
export function judgeDrift(host: string, ahead: number): Finding {
  const off = Math.abs(ahead);
  if (off <= OFF_MS) return fine({ zh: `与 ${host} 的时钟相差不到 2 秒`, en: `within 2 s of the clock of ${host}` });
  const seconds = Math.round(off / 1_000);
  const what =
    ahead > 0
      ? { zh: `比 ${host} 的时钟慢 ${seconds} 秒`, en: `${seconds} s behind the clock of ${host}` }
      : { zh: `比 ${host} 的时钟快 ${seconds} 秒`, en: `${seconds} s ahead of the clock of ${host}` };
  if (off <= FAR_OFF_MS) return look(what, SET);
  return wrong(
    { zh: `${what.zh}：签名会被拒绝，收费会算错`, en: `${what.en}: signatures are refused, and fees are wrong` },
    SET,
  );
}

/** A clock that was set back: the gate's time stands still until it has caught up. */
async function journalAhead({ data }: Config, { now }: Machine): Promise<readonly Finding[]> {
  const folder = join(data, 'journal');
  const newest = (await listSegments(realDisk, folder).catch(() => [])).slice(-2);
  let last = 0;
  for (const { name } of newest) {
    const bytes = await readFile(join(folder, name)).catch(() => Buffer.alloc(0));
    for (const piece of scan(bytes)) if (piece.kind === 'record') last = Math.max(last, piece.record.at);
  }
  const ahead = Math.round((last - now()) / 1_000);
  if (ahead <= OFF_MS / 1_000) return [];
  return [
    wrong(
      {
        zh: `账本的最后一条记录比本机时钟晚 ${ahead} 秒（CLOCK_BEHIND）`,
        en: `the journal's last record is ${ahead} s ahead of this clock (CLOCK_BEHIND)`,
      },
      SET,
    ),
  ];
}
