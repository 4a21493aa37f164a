/** What a restore will do, and what stands in its way; nothing is changed yet. */
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemClock } from '../clock.ts';
import { formatLocal, zoneOf } from '../core/time.ts';
import { type Checked, checkBackup } from '../store/backup/check.ts';
import { type Found, lookAt } from '../store/backup/put-back.ts';
import { BackupRefused } from '../store/backup/refused.ts';
import { planSite, type SitePlan } from './restore-site.ts';

/** What a person asked for. */
export interface Asked {
  readonly file: string;
  readonly data: string | null;
  readonly config: string;
  readonly keepConfig: boolean;
  readonly force: boolean;
}

/** What a restore will do. */
export interface Plan {
  readonly file: string;
  readonly checked: Checked;
  /** The data folder, and what is there. */
  readonly data: string;
  readonly found: Found;
  readonly site: SitePlan;
  /** Part of the names of what is moved aside. */
  readonly stamp: string;
}

/** Checks the backup, and looks where it would go. @throws BackupRefused when it cannot be used, or not there. */
export async function planOf({ file, data, config, keepConfig }: Asked): Promise<Plan> {
  const checked = await checkBackup(file);
  const target = resolve(data ?? checked.manifest.data);
  const stamp = formatLocal(systemClock.now(), zoneOf('UTC')).replaceAll(/[-:]/g, '').replace(' ', '-').slice(0, 15);
  const site = await planSite({ checked, folder: resolve(config), stamp, keep: keepConfig });
  return { file, checked, data: target, found: await lookAt(target), site, stamp };
}

/** @throws BackupRefused where something is in the way. */
export function refuseToOverwrite({ data, found, site }: Plan, { force }: Asked): void {
  if (force) return;
  if (found === 'filled') {
    throw new BackupRefused({
      zh: `${data} 里已有内容（可能是账本），没有改动；加 --force 就先把它改名留存，再恢复`,
      en: `${data} is not empty, and may hold books: nothing was changed. With --force it is renamed and kept, and the backup takes its place`,
    });
  }
  if (site.differing.length === 0) return;
  const names = site.differing.join(', ');
  throw new BackupRefused({
    zh: `${site.folder} 里有不同的文件：${names}，没有改动；加 --force 就先把它们改名留存，加 --keep-config 就保留它们`,
    en: `${site.folder} holds other versions of ${names}: nothing was changed. With --force they are renamed and kept, with --keep-config they stay`,
  });
}

/** Room for more than the books, in bytes: the gate's next segment. */
const MARGIN = 16 * 1024 * 1024;

/** @throws BackupRefused where the disk has no room. */
export async function refuseFull({ checked, data }: Plan): Promise<void> {
  const bytes = checked.files.reduce((sum, { file }) => sum + file.bytes, 0);
  const folder = await nearest(dirname(data));
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes + MARGIN) return;
  const [wanted, free] = [bytes + MARGIN, bavail * bsize].map((each) => Math.ceil(each / 1024 / 1024));
  throw new BackupRefused({
    zh: `${folder} 的磁盘空间不够：需要 ${wanted} MiB，剩余 ${free} MiB；没有改动任何东西`,
    en: `${folder} has no room: ${wanted} MiB are needed and ${free} MiB are free; nothing was changed`,
  });
}

/** The first folder on the way up that exists. */
async function nearest(folder: string): Promise<string> {
  for (let path = folder; ; path = dirname(path)) {
    const there = await statfs(path).catch(() => null);
    if (there !== null || path === dirname(path)) return path;
  }
}
