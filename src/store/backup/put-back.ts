/** Putting a backup's books back: beside the data folder first, and in its place only once they have been recovered. */
import { chmod, chown, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Said, Sentence } from '../../core/errors.ts';
import type { State } from '../../core/park/state.ts';
import { fill } from '../../core/sentence.ts';
import { realDisk } from '../disk.ts';
import { errorCode } from '../files.ts';
import type { FolderLock } from '../lock.ts';
import { readFolder } from '../read.ts';
import type { Fold } from '../recovery.ts';
import { type Checked, checkBackup } from './check.ts';
import { BackupRefused } from './refused.ts';

/** Who the files shall belong to; null leaves them to whoever runs this. */
export type Owner = { readonly uid: number; readonly gid: number } | null;

/** Where a file of the backup goes. */
export interface Place {
  readonly path: string;
  readonly mode: number;
}

/** A folder that is made on the way. */
const FOLDER_MODE = 0o750;

/**
 * Checks a backup and writes its files where `place` says; null leaves one out. They count once this has resolved.
 * @throws as `checkBackup`; the disk's error.
 */
export async function extract(file: string, place: (name: string, mode: number) => Place | null): Promise<Checked> {
  const folders = new Set<string>();
  const checked = await checkBackup(file, async (tar, content) => {
    const to = place(tar.name, tar.mode);
    if (to === null) {
      for await (const _ of content);
      return;
    }
    await mkdir(dirname(to.path), { recursive: true, mode: FOLDER_MODE });
    folders.add(dirname(to.path));
    const out = await open(to.path, 'wx', to.mode);
    try {
      for await (const piece of content) await out.writeFile(piece);
      await out.chmod(to.mode);
      await out.sync();
    } finally {
      await out.close();
    }
  });
  for (const folder of folders) await realDisk.syncFolder(folder);
  return checked;
}

/** What stands where the data folder shall be. */
export type Found = 'absent' | 'empty' | 'filled';

/** @throws BackupRefused when the folder cannot be replaced: it is a file, a link, or a disk of its own. */
export async function lookAt(dir: string): Promise<Found> {
  const there = await lstat(dir).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (there === null) return 'absent';
  if (!there.isDirectory()) {
    throw new BackupRefused({
      zh: `${dir} 不是文件夹（可能是链接）；请用 --data 写真正的文件夹`,
      en: `${dir} is no folder (a link, perhaps): name the folder itself with --data`,
    });
  }
  if (there.dev !== (await stat(dirname(resolve(dir)))).dev) {
    throw new BackupRefused({
      zh: `${dir} 是单独挂载的磁盘，不能整个替换；请用 --data ${dir}/data，并在配置里写 data: ${dir}/data`,
      en: `${dir} is a disk of its own and cannot be replaced as a whole: use --data ${dir}/data, and write "data: ${dir}/data" into the configuration`,
    });
  }
  return (await readdir(dir)).length === 0 ? 'empty' : 'filled';
}

/** Holds the folder, if there is one, so that no gate runs on it or starts. @throws StoreError when one does. */
export async function hold(dir: string, found: Found): Promise<FolderLock> {
  return found === 'absent' ? { release: async () => undefined } : await realDisk.lock(dir);
}

/** The books as a start would find them. */
export interface Recoverable {
  readonly state: State;
  /** What cannot be read, for a person. */
  readonly damage: readonly Sentence[];
}

const OF: Sentence = { zh: '{of}：{text}', en: '{of}: {text}' };

/**
 * Recovers the books of a folder without changing it.
 * @throws BackupRefused when they do not end at record `seq`; StoreError for a newer version.
 */
export async function recoverDry(dir: string, seq: number, fold: Fold): Promise<Recoverable> {
  const damage: Sentence[] = [];
  const faults = {
    raise: (_: string, subject: string, value: Said = '') => void damage.push(fill(OF, { of: subject, text: value })),
    clear: () => undefined,
  };
  const { state, found } = await readFolder({ disk: realDisk, dir, fold, faults });
  for (const { segment, text } of found.damage) damage.push(fill(OF, { of: `journal/${segment.name}`, text }));
  if (state.seq === seq) return { state, damage };
  throw new BackupRefused({
    zh: `备份里的账本到第 ${state.seq} 条为止，而清单写的是 ${seq}；没有改动任何东西，请换一份备份`,
    en: `the books in the backup end at record ${state.seq}, and its manifest says ${seq}: nothing was changed; take another backup`,
  });
}

/** Gives a folder and all in it to an owner, with the modes of a data folder. */
export async function own(dir: string, owner: Owner): Promise<void> {
  await chmod(dir, FOLDER_MODE);
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await own(join(dir, entry.name), owner);
    else if (owner) await chown(join(dir, entry.name), owner.uid, owner.gid);
  }
  if (owner) await chown(dir, owner.uid, owner.gid);
}

/** Puts `staged` in the place of `dir`, which goes to `aside` if it is filled. Both lie beside it. */
export async function swap(staged: string, dir: string, found: Found, aside: string): Promise<void> {
  if (found === 'filled') await rename(dir, aside);
  try {
    // An empty folder is replaced in one step.
    await rename(staged, dir);
  } catch (error) {
    if (found === 'filled') await rename(aside, dir);
    throw error;
  }
  await realDisk.syncFolder(dirname(resolve(dir)));
}

/** A name beside a path: `/var/lib/gatepost` and `before-20261122-0300` give `/var/lib/gatepost.before-20261122-0300`. */
export function beside(path: string, word: string): string {
  const whole = resolve(path);
  return join(dirname(whole), `${basename(whole)}.${word}`);
}

/** Removes what is half done. */
export function discard(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}
