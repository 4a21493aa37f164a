/** Who holds what on this machine: files and sockets by the processes that have them open. Without root only the own ones. */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface Process {
  readonly pid: number;
  /** Its name as `ps` shows it, 15 characters at most. */
  readonly name: string;
}

export interface Processes {
  /** Whether the files of every process could be seen. */
  readonly complete: boolean;
  /** By the target of the open file: `/dev/ttyUSB0`, `socket:[1234]`. */
  readonly holders: ReadonlyMap<string, readonly Process[]>;
  /** Who listens on a TCP port, and at which addresses' sockets; empty sockets when nobody does. */
  listeners(port: number): { readonly taken: boolean; readonly by: readonly Process[] };
}

/** Looks at every process once. Never rejects: what goes away meanwhile is passed over. */
export async function lookAtProcesses(): Promise<Processes> {
  const holders = new Map<string, Process[]>();
  let complete = true;
  for (const entry of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(entry)) continue;
    const targets = await openFiles(entry);
    if (targets === null) complete = false;
    if (!targets || targets.size === 0) continue;
    const name = (await readFile(`/proc/${entry}/comm`, 'utf8').catch(() => '?')).trim();
    for (const target of targets) {
      const known = holders.get(target) ?? [];
      holders.set(target, [...known, { pid: Number(entry), name }]);
    }
  }
  const listening = await listeningSockets();
  return {
    complete,
    holders,
    listeners(port) {
      const inodes = listening.get(port) ?? [];
      const by = inodes.flatMap((inode) => holders.get(`socket:[${inode}]`) ?? []);
      return { taken: inodes.length > 0, by: [...new Map(by.map((one) => [one.pid, one])).values()] };
    },
  };
}

/** Ports, serial lines and sockets that a process has open; null when it does not show them. */
async function openFiles(pid: string): Promise<ReadonlySet<string> | null> {
  try {
    const folder = `/proc/${pid}/fd`;
    const names = await readdir(folder);
    const targets = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
    return new Set(targets.filter((target) => target.startsWith('/dev/') || target.startsWith('socket:')));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    return code === 'EACCES' || code === 'EPERM' ? null : new Set();
  }
}

const LISTENING = '0A';

/** The sockets' inodes by port. */
async function listeningSockets(): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = new Map<number, string[]>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const table = await readFile(file, 'utf8').catch(() => '');
    for (const line of table.split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state !== LISTENING || inode === undefined) continue;
      const port = Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16);
      found.set(port, [...(found.get(port) ?? []), inode]);
    }
  }
  return found;
}
