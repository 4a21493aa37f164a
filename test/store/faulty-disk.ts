/**
 * Disks in memory. `ramDisk` is a plain, fast one. `faultyDisk` goes wrong on demand: no room, errors of the system, and
 * the power going, after which it holds what a real disk might. Both are deterministic.
 */
import { dirname, normalize } from 'node:path';
import type { Disk, DiskFile } from '../../src/store/disk.ts';
import { StoreError } from '../../src/store/files.ts';
import { EMPTY, type Fate, fileNumber, type Image, platter, type Step } from './faulty-platter.ts';

/** A file's number, and what a process that reads it now would see. */
interface RamFile {
  readonly number: number;
  bytes: Buffer;
  length: number;
}

export interface RamDisk extends Disk {
  /** What a process would find now, the power still on. */
  image(): Image;
}

export interface FaultyOptions {
  readonly image?: Image;
  /** Hears of each step as it begins and ends. */
  readonly watch?: { begin(step: Step): void; end(step: Step): void };
  /** The code of the error (`EIO`) by which a step fails, or null. A write that fails has been done by half. */
  readonly fail?: (step: Step) => string | null;
  /** Bytes that all files may hold together; read at each write, so that it may change. */
  readonly room?: () => number;
  /** Whether the disk cannot read some byte of this part of a file: then it fails with EIO. */
  readonly unreadable?: (path: string, start: number, end: number) => boolean;
  /** Called within each step, between its beginning and its end: what it waits for lets other steps overlap. */
  readonly pause?: (step: Step) => Promise<void>;
}

export interface FaultyDisk extends RamDisk {
  /** Cuts the power: no call that is under way, or comes later, ever returns. @returns what the disk holds then. */
  cut(fate: Fate): Image;
  /** Bytes that the files hold. */
  used(): number;
}

export function ramDisk(image: Image = EMPTY): RamDisk {
  return memoryDisk({ image }, { begin: () => undefined, end: () => undefined }, () => false);
}

export function faultyDisk(options: FaultyOptions = {}): FaultyDisk {
  const surface = platter(options.image ?? EMPTY);
  let dead = false;
  const watch = {
    begin(step: Step): void {
      surface.begin(step);
      options.watch?.begin(step);
    },
    end(step: Step): void {
      surface.end(step);
      options.watch?.end(step);
    },
  };
  return {
    ...memoryDisk(options, watch, () => dead),
    cut(fate) {
      dead = true;
      return surface.crash(fate);
    },
  };
}

/** An error as the system gives it. */
export function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${what}`), { code });
}

/** What a process without power does: it waits for ever. */
function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

function memoryDisk(
  { image = EMPTY, fail, room, unreadable, pause }: FaultyOptions,
  watch: NonNullable<FaultyOptions['watch']>,
  dead: () => boolean,
): RamDisk & { used(): number } {
  const folders = new Set(image.folders);
  const files = new Map<string, RamFile>();
  const locks = new Set<string>();
  let made = 0;
  for (const [index, [path, bytes]] of [...image.files].entries()) {
    files.set(path, { number: fileNumber(index), bytes: Buffer.from(bytes), length: bytes.length });
  }

  /** @throws the error that was asked for; then the step has begun, and never ends. */
  async function perform(step: Step, apply: () => void, byHalf?: () => void): Promise<void> {
    if (dead()) return never();
    watch.begin(step);
    const code = fail?.(step) ?? null;
    if (code === null) apply();
    else byHalf?.();
    await pause?.(step);
    if (dead()) return never();
    if (code !== null) throw systemError(code, `${step.kind} '${step.path}'`);
    watch.end(step);
  }

  function used(): number {
    let bytes = 0;
    for (const { length } of files.values()) bytes += length;
    return bytes;
  }

  function store(file: RamFile, bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > file.bytes.length) {
      const larger = Buffer.alloc(Math.max(end, Math.min(2 * file.bytes.length, 1024 * 1024)));
      file.bytes.copy(larger, 0, 0, file.length);
      file.bytes = larger;
    }
    file.bytes.set(bytes, position);
    file.length = Math.max(file.length, end);
  }

  async function write(file: RamFile, path: string, durable: boolean, all: Uint8Array, position: number) {
    const grows = Math.max(0, position + all.length - file.length);
    const free = grows === 0 || !room ? Number.POSITIVE_INFINITY : room() - used();
    // Without room the file takes what fits, as a real one does.
    const fits = free >= grows ? all.length : Math.max(0, all.length - grows + Math.max(0, free));
    const bytes = Buffer.from(all.subarray(0, fits));
    const step: Step = { kind: 'write', path, file: file.number, position, bytes, durable };
    const half = Math.trunc(fits / 2);
    await perform(
      step,
      () => store(file, bytes, position),
      () => store(file, bytes.subarray(0, half), position),
    );
    if (fits < all.length) throw systemError('ENOSPC', `write '${path}'`);
  }

  function bytesOf(file: RamFile, path: string, start: number, end: number): Buffer {
    if (unreadable?.(path, start, end)) throw systemError('EIO', `read '${path}'`);
    return Buffer.from(file.bytes.subarray(start, end));
  }

  function fileOf(file: RamFile, path: string, durable: boolean): DiskFile {
    return {
      async read(position, length) {
        if (dead()) return never();
        return bytesOf(file, path, position, Math.min(position + length, file.length));
      },
      write: (bytes, position) => write(file, path, durable, bytes, position),
      sync: () => perform({ kind: 'sync', path, file: file.number }, () => undefined),
      close: () => (dead() ? never() : Promise.resolve()),
    };
  }

  function find(path: string, what: string): RamFile {
    const file = files.get(path);
    if (!file) throw systemError('ENOENT', `${what} '${path}'`);
    return file;
  }

  return {
    used,
    image: () => ({
      folders: new Set(folders),
      files: new Map([...files].map(([path, { bytes, length }]) => [path, Buffer.from(bytes.subarray(0, length))])),
    }),
    async makeFolder(folder) {
      const path = normalize(folder);
      if (folders.has(path)) return;
      if (files.has(path)) throw systemError('EEXIST', `mkdir '${path}'`);
      await perform({ kind: 'makeFolder', path }, () => {
        for (let each = path; each !== dirname(each); each = dirname(each)) folders.add(each);
      });
    },
    async list(folder) {
      if (dead()) return never();
      const path = normalize(folder);
      const inside = [...files].filter(([name]) => dirname(name) === path);
      return inside
        .map(([name, { length }]) => ({ name: name.slice(path.length + 1), bytes: length }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async readFile(name) {
      if (dead()) return never();
      const path = normalize(name);
      const file = files.get(path);
      return file ? bytesOf(file, path, 0, file.length) : null;
    },
    async open(name, mode) {
      if (dead()) return never();
      const path = normalize(name);
      if (mode !== 'create') return fileOf(find(path, 'open'), path, mode === 'durable');
      if (!folders.has(dirname(path))) throw systemError('ENOENT', `open '${path}'`);
      made += 1;
      const file: RamFile = { number: made, bytes: Buffer.alloc(0), length: 0 };
      await perform({ kind: 'create', path, file: file.number }, () => files.set(path, file));
      return fileOf(file, path, false);
    },
    async rename(from, to) {
      const [path, target] = [normalize(from), normalize(to)];
      const file = find(path, 'rename');
      await perform({ kind: 'rename', path, to: target, file: file.number }, () => {
        files.delete(path);
        files.set(target, file);
      });
    },
    async remove(name) {
      const path = normalize(name);
      if (files.has(path)) await perform({ kind: 'remove', path }, () => files.delete(path));
    },
    syncFolder: (folder) => perform({ kind: 'syncFolder', path: normalize(folder) }, () => undefined),
    async lock(folder) {
      if (dead()) return never();
      const path = normalize(folder);
      if (locks.has(path)) throw new StoreError(`the data folder ${path} is in use by another Gatepost`);
      locks.add(path);
      return {
        async release() {
          locks.delete(path);
        },
      };
    },
  };
}
