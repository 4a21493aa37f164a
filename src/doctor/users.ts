/** Users, and what they may do with files: told from owners and modes, which is right for everybody but root. */
import { constants, type Stats } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly groups: readonly number[];
}

export type Want = 'read' | 'write' | 'use';

/** `use`: both. Bits of a mode's last digit. */
const BITS: Readonly<Record<Want, number>> = { read: 4, write: 2, use: 6 };
const SEARCH = 1;

/** The process's own user. */
export function ownUser(): User {
  const { username, uid, gid } = userInfo();
  return { name: username, uid, groups: [gid, ...(process.getgroups?.() ?? [])] };
}

/** The user of that name with the groups it is in, and the named ones. @returns null when there is no such user. */
export async function userNamed(name: string, more: readonly string[]): Promise<User | null> {
  const [, , uid, gid] =
    (await lines('/etc/passwd')).map((line) => line.split(':')).find(([one]) => one === name) ?? [];
  if (uid === undefined || gid === undefined) return null;
  const groups = (await lines('/etc/group')).map((line) => line.split(':'));
  const joined = groups.filter(
    ([group = '', , , members = '']) => more.includes(group) || members.split(',').includes(name),
  );
  return { name, uid: Number(uid), groups: [gid, ...joined.map(([, , id]) => id)].map(Number) };
}

/** The user of a process, with the groups that it really has. @returns null when the process has gone. */
export async function userOfProcess(pid: number): Promise<User | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const ids = (name: string): readonly number[] =>
    (new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '').split(/\s+/).filter(Boolean).map(Number);
  const [, uid] = ids('Uid');
  const [, gid] = ids('Gid');
  if (uid === undefined || gid === undefined) return null;
  const names = (await lines('/etc/passwd')).map((line) => line.split(':'));
  return {
    name: names.find(([, , id]) => id === String(uid))?.[0] ?? String(uid),
    uid,
    groups: [gid, ...ids('Groups')],
  };
}

/** A group's name, or its number where it has none. */
export async function groupName(gid: number): Promise<string> {
  const found = (await lines('/etc/group')).map((line) => line.split(':')).find(([, , id]) => id === String(gid));
  return found?.[0] ?? String(gid);
}

async function lines(file: string): Promise<readonly string[]> {
  return (await readFile(file, 'utf8').catch(() => '')).split('\n');
}

export type Access =
  | { readonly type: 'allowed' }
  | { readonly type: 'missing' }
  /** `at`: the file, or the folder on the way to it that lets the user no further. */
  | { readonly type: 'denied'; readonly at: string }
  /** The doctor itself cannot see that far. */
  | { readonly type: 'hidden' };

/** Whether a user may read or write a file (a folder: its entries). Lists of rights beyond the mode (ACLs) count for the own user only. */
export async function mayUse(path: string, user: User, want: Want): Promise<Access> {
  let real: string;
  try {
    real = await realpath(path);
  } catch (error) {
    return lostWay(error);
  }
  if (user.uid === 0) return { type: 'allowed' };
  if (user.uid === process.geteuid?.()) {
    const mode = { read: constants.R_OK, write: constants.W_OK, use: constants.R_OK | constants.W_OK }[want];
    return access(real, mode).then(
      (): Access => ({ type: 'allowed' }),
      (): Access => ({ type: 'denied', at: real }),
    );
  }
  for (const folder of foldersAbove(real)) {
    if (!allows(await stat(folder), user, SEARCH)) return { type: 'denied', at: folder };
  }
  const found = await stat(real);
  const bits = found.isDirectory() ? BITS[want] | SEARCH : BITS[want];
  return allows(found, user, bits) ? { type: 'allowed' } : { type: 'denied', at: real };
}

function lostWay(error: unknown): Access {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'EACCES' ? { type: 'hidden' } : { type: 'missing' };
}

function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === dirname(folder)) return folders;
  }
}

/** The owner's bits count for the owner alone, the group's for its members alone, as the kernel does it. */
export function allows(file: Pick<Stats, 'uid' | 'gid' | 'mode'>, user: User, bits: number): boolean {
  if (user.uid === 0) return true;
  const digit = file.uid === user.uid ? 6 : user.groups.includes(file.gid) ? 3 : 0;
  return ((file.mode >> digit) & bits) === bits;
}
