/** On which file system a path lies, and how much room it has. */
import { readFile, realpath, statfs } from 'node:fs/promises';

export interface Mount {
  /** `ext4`, `tmpfs`, `nfs4`. */
  readonly type: string;
  readonly readOnly: boolean;
  /** The device. */
  readonly source: string;
}

export interface Room {
  /** For everybody but root, in bytes. */
  readonly free: number;
  readonly size: number;
  /** Null where the file system does not count files. */
  readonly filesFree: number | null;
  readonly files: number;
}

/** @throws the system's error when the path cannot be looked at. */
export async function mountOf(path: string): Promise<Mount> {
  return mountIn(await readFile('/proc/self/mountinfo', 'utf8'), await realpath(path));
}

/** Of a table of mounts: the deepest one above the path, and of several at one place the last. */
export function mountIn(table: string, path: string): Mount {
  let best = { point: '', type: 'unknown', readOnly: false, source: '' };
  for (const line of table.split('\n')) {
    const [head = '', tail = ''] = line.split(' - ');
    const [, , , , escaped = '', options = ''] = head.split(' ');
    const [type = 'unknown', source = '', more = ''] = tail.split(' ');
    const point = escaped.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
    const above = point === '/' ? point : `${point}/`;
    if (point === '' || !(`${path}/`.startsWith(above) && point.length >= best.point.length)) continue;
    const readOnly = [options, more].some((list) => list.split(',').includes('ro'));
    best = { point, type, readOnly, source };
  }
  return best;
}

/** @throws the system's error when the path cannot be looked at. */
export async function roomOf(path: string): Promise<Room> {
  const { bavail, blocks, bsize, ffree, files } = await statfs(path);
  return { free: bavail * bsize, size: blocks * bsize, filesFree: files === 0 ? null : ffree, files };
}
