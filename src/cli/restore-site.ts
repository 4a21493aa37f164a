/** Putting back what lies beside the books: the configuration, and what is for other folders. */
import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Checked } from '../store/backup/check.ts';
import { beside, type Owner, type Place } from '../store/backup/put-back.ts';
import { realDisk } from '../store/disk.ts';
import { errorCode } from '../store/files.ts';
import { CONFIG_FOLDER, ELSEWHERE_FOLDER } from './backup-site.ts';

/** Beside the configuration: files that came from other folders. */
export const FROM_BACKUP = 'from-backup';

export interface SiteFile {
  /** In the backup. */
  readonly name: string;
  /** In the configuration's folder. */
  readonly path: string;
  readonly mode: number;
  /** What is there already: nothing, the same, or another, which is moved aside. */
  readonly there: 'absent' | 'same' | 'other';
}

export interface SitePlan {
  readonly folder: string;
  /** Where the files are written first. */
  readonly staged: string;
  /** Those that are put back. */
  readonly files: readonly SiteFile[];
  /** Of those, the ones that another is in the place of. */
  readonly differing: readonly string[];
  /** Of the names of what is moved aside. */
  readonly stamp: string;
}

export interface SiteRequest {
  readonly checked: Checked;
  readonly folder: string;
  readonly stamp: string;
  /** What is there stays. */
  readonly keep: boolean;
}

/** Looks what is there. @throws the disk's error. */
export async function planSite({ checked, folder, stamp, keep }: SiteRequest): Promise<SitePlan> {
  const files: SiteFile[] = [];
  for (const { file, sha256 } of checked.files) {
    const path = pathOf(file.name);
    if (path === null) continue;
    const there = await compare(join(folder, path), sha256);
    if (there === 'same' || (keep && there === 'other')) continue;
    files.push({ name: file.name, path, mode: file.mode, there });
  }
  const differing = files.filter(({ there }) => there === 'other').map(({ path }) => path);
  return { folder, staged: join(folder, `.restoring-${stamp}`), files, differing, stamp };
}

/** Where in the configuration's folder a file of the backup goes; null for one of the books. */
function pathOf(name: string): string | null {
  const [top, ...rest] = name.split('/');
  if (top === CONFIG_FOLDER) return rest.join('/');
  return top === ELSEWHERE_FOLDER ? [FROM_BACKUP, ...rest].join('/') : null;
}

async function compare(path: string, sha256: string): Promise<SiteFile['there']> {
  try {
    const found = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    return found === sha256 ? 'same' : 'other';
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'absent';
    throw error;
  }
}

/** Where each file is written first; null for one that is not put back. */
export function stageSite({ files, staged }: SitePlan): (name: string, mode: number) => Place | null {
  const places = new Map(files.map(({ name, path, mode }) => [name, { path: join(staged, path), mode: mode & 0o644 }]));
  return (name) => places.get(name) ?? null;
}

const SECRET_FOLDER = /^credentials\//;
const TUNNEL_FOLDER = /^tunnel\//;

/** Gives each file its place and its owner; what had the place is renamed. */
export async function settleSite({ folder, staged, files, stamp }: SitePlan): Promise<void> {
  const [gate, tunnel] = [await gatepostOwner('gatepost'), await gatepostOwner('gatepost-tunnel')];
  const folders = new Set<string>();
  for (const { path, there } of files) {
    const [from, to] = [join(staged, path), join(folder, path)];
    await mkdir(dirname(to), { recursive: true });
    if (SECRET_FOLDER.test(path)) await chmod(dirname(to), 0o700);
    await settleOwner(from, path, gate, tunnel);
    if (there === 'other') await rename(to, beside(to, `before-${stamp}`));
    await rename(from, to);
    folders.add(dirname(to));
  }
  for (const each of folders) await realDisk.syncFolder(each);
}

/** Root's; but the tunnel's own are the tunnel's, and what not everybody may read is for the gate's group. */
async function settleOwner(file: string, path: string, gate: Owner, tunnel: Owner): Promise<void> {
  const { mode } = await stat(file);
  if (TUNNEL_FOLDER.test(path) && tunnel) await chown(file, tunnel.uid, tunnel.gid);
  else if ((mode & 0o044) === 0o040 && gate) await chown(file, 0, gate.gid);
}

/** A user of this machine, for root to give files to; null for others, and without that user. */
export async function gatepostOwner(user: string): Promise<Owner> {
  if (process.getuid?.() !== 0) return null;
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const fields = passwd.split('\n').map((line) => line.split(':'));
  const [, , uid, gid] = fields.find(([name]) => name === user) ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}
