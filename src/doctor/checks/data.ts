/** The data folder: whether it is there, safe, writable for the gate, and for how long it has room. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/load.ts';
import { scan } from '../../store/codec.ts';
import { realDisk } from '../../store/disk.ts';
import { listSegments, type Segment } from '../../store/segment.ts';
import { type Finding, fine, look, none, same, sizeText, wrong } from '../finding.ts';
import { type Mount, mountOf, type Room, roomOf } from '../mounts.ts';
import { configured, type Site } from '../site.ts';
import { mayUse, type User } from '../users.ts';

const DAY_MS = 86_400_000;
const MIB = 1_048_576;
/** A growth that was measured over less says nothing. */
const SHORTEST_SPAN_MS = DAY_MS / 2;
const FEW_DAYS = 30;
const FEW_FILES = 1_000;

export const checkData = configured(async (site, config) => {
  const folder = config.data;
  const access = await mayUse(folder, site.user, 'use');
  if (access.type === 'missing') return [missing(folder, site)];
  if (access.type === 'hidden')
    return [none({ zh: `无权查看 ${folder}，请用 sudo`, en: `${folder} cannot be seen by this user; use sudo` })];
  const found = [await rights(folder, site.user)];
  const mount = await mountOf(folder);
  found.push(...mountFindings(folder, mount));
  const journal = join(folder, 'journal');
  try {
    const segments = await listSegments(realDisk, journal);
    found.push(...roomFindings(folder, await roomOf(folder), await growthOf(journal, segments), config));
    found.push(...(await lastSegment(journal, segments)));
  } catch (error) {
    if (!isDenied(error)) throw error;
    found.push(none({ zh: `无权查看 ${journal}，请用 sudo`, en: `${journal} cannot be seen by this user; use sudo` }));
  }
  return found;
});

function isDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EACCES';
}

function missing(folder: string, { user }: Site): Finding {
  return look(
    { zh: `数据目录 ${folder} 还不存在，首次启动时创建`, en: `${folder} does not exist yet; the first start makes it` },
    same(`install -d -o ${user.name} -m 750 ${folder}`),
  );
}

/** A gate that was once started as root leaves files that the service cannot write. */
async function rights(folder: string, user: User): Promise<Finding> {
  const journal = join(folder, 'journal');
  const inJournal = await readdir(journal).catch(() => []);
  const inFolder = await readdir(folder).catch(() => []);
  const paths = [
    folder,
    ...inFolder.map((name) => join(folder, name)),
    ...inJournal.map((name) => join(journal, name)),
  ];
  for (const path of paths) {
    const access = await mayUse(path, user, 'use');
    if (access.type !== 'denied') continue;
    return wrong(
      { zh: `用户 ${user.name} 不能读写 ${access.at}`, en: `the user ${user.name} cannot read and write ${access.at}` },
      same(`chown -R ${user.name}: ${folder}`),
    );
  }
  return fine({
    zh: `${folder} 对用户 ${user.name} 可读写`,
    en: `${folder} is there, and ${user.name} may write to it`,
  });
}

const IN_MEMORY = ['tmpfs', 'ramfs', 'overlay'];
const ON_NETWORK = /^(nfs|cifs|smb|9p|ceph|glusterfs|fuse\.sshfs)/;
const OF_STICKS = ['vfat', 'exfat', 'ntfs', 'ntfs3', 'fuseblk'];

/** What a file system does to the promise that an acknowledged payment survives the power going. */
export function mountFindings(folder: string, { type, readOnly, source }: Mount): readonly Finding[] {
  if (readOnly)
    return [
      wrong(
        {
          zh: `${folder} 所在的磁盘是只读的（${source}，${type}）`,
          en: `the disk of ${folder} is read-only (${source}, ${type})`,
        },
        {
          zh: '多半是磁盘出错：dmesg，再修复或更换磁盘',
          en: 'often after an error of its own: dmesg; then repair or replace it',
        },
      ),
    ];
  const move = {
    zh: '把 data 改到本机磁盘上的 ext4 目录',
    en: 'let "data" be a folder on an ext4 disk of this machine',
  };
  if (IN_MEMORY.includes(type))
    return [
      look(
        {
          zh: `${folder} 在 ${type} 上：断电或重建后账本会丢失`,
          en: `${folder} is on ${type}: it may not survive the power going`,
        },
        move,
      ),
    ];
  if (ON_NETWORK.test(type))
    return [
      look(
        {
          zh: `${folder} 在网络磁盘上（${type}）：网络一断道闸就停`,
          en: `${folder} is on the network (${type}): the gate stops with it`,
        },
        move,
      ),
    ];
  if (OF_STICKS.includes(type))
    return [
      look(
        {
          zh: `${folder} 在 ${type} 上：断电容易损坏，也没有权限控制`,
          en: `${folder} is on ${type}: it breaks easily when the power goes, and knows no owners`,
        },
        move,
      ),
    ];
  return [fine({ zh: `文件系统 ${type}（${source}）`, en: `file system ${type} (${source})` })];
}

/** Bytes of journal a day; null when there is too little of it to tell. */
async function growthOf(journal: string, segments: readonly Segment[]): Promise<number | null> {
  const full = segments.slice(0, -1);
  const [first] = full;
  const last = full.at(-1);
  if (!first || !last) return null;
  const [began, ended] = await Promise.all(
    [first, last].map(async ({ name }) => (await stat(join(journal, name))).mtimeMs),
  );
  const span = (ended ?? 0) - (began ?? 0);
  const bytes = full.slice(1).reduce((sum, { bytes }) => sum + bytes, 0);
  return span < SHORTEST_SPAN_MS ? null : (bytes / span) * DAY_MS;
}

type Kept = Pick<Config, 'store'>;

/** @param growth bytes of journal a day; null when it is not known. */
export function roomFindings(folder: string, room: Room, growth: number | null, { store }: Kept): readonly Finding[] {
  const { free, size, filesFree } = room;
  const share = `${sizeText(free)} / ${sizeText(size)}`;
  const clean = {
    zh: `腾出空间：du -xh --max-depth=2 / | sort -h | tail；journalctl --vacuum-size=200M；apt-get clean（${folder}）`,
    en: `make room: du -xh --max-depth=2 / | sort -h | tail; journalctl --vacuum-size=200M; apt-get clean (${folder})`,
  };
  const found: Finding[] = [];
  const daily = growth === null ? null : Math.max(1, growth);
  const days = daily === null ? null : Math.floor(free / daily);
  const enough = daily !== null && days !== null && days >= store.keepJournalDays;
  const text = {
    zh: daily === null ? '' : `，账本每天 ${sizeText(daily)}，${enough ? '足够' : `约够 ${days} 天`}`,
    en:
      daily === null
        ? ''
        : `; the journal takes ${sizeText(daily)} a day, ${enough ? 'enough' : `enough for ${days} days`}`,
  };
  const what = { zh: `剩余空间 ${share}${text.zh}`, en: `free: ${share}${text.en}` };
  if (free < 3 * store.segmentMiB * MIB) found.push(wrong(what, clean));
  else if (free < size / 20 || (days !== null && !enough && days < FEW_DAYS)) found.push(look(what, clean));
  else found.push(fine(what));
  if (filesFree !== null && filesFree < FEW_FILES)
    found.push(
      wrong(
        { zh: `只能再建 ${filesFree} 个文件（inode 用完）`, en: `only ${filesFree} more files fit (inodes)` },
        {
          zh: '找出文件多的目录：du --inodes -x / | sort -n | tail',
          en: 'find the folder with many files: du --inodes -x / | sort -n | tail',
        },
      ),
    );
  return found;
}

/** Only the segment that is written now: `gatepost journal verify` reads them all. What stands at its end may be in the making. */
async function lastSegment(journal: string, segments: readonly Segment[]): Promise<readonly Finding[]> {
  const last = segments.at(-1);
  if (!last) return [none({ zh: '还没有账本', en: 'no journal yet' })];
  const path = join(journal, last.name);
  let records = 0;
  let bad = 0;
  let open = 0;
  for (const piece of scan(await readFile(path))) {
    if (piece.kind === 'bad') {
      open += 1;
      continue;
    }
    bad += open;
    open = 0;
    records += 1;
  }
  if (bad === 0)
    return [
      fine({
        zh: `最新账本文件完好（${records} 条记录）`,
        en: `the newest journal file is clean (${records} records)`,
      }),
    ];
  return [
    wrong(
      {
        zh: `最新账本文件有 ${bad} 处损坏：${path}`,
        en: `${bad} place(s) of the newest journal file are damaged: ${path}`,
      },
      {
        zh: '检查磁盘：dmesg、smartctl -a；再看 gatepost journal verify',
        en: 'check the disk: dmesg, smartctl -a; then gatepost journal verify',
      },
    ),
  ];
}
