/**
 * The disk of the gate's machine. It outlives the processes that use it: each mounts it, a killed one leaves behind what
 * it wrote, and when the power goes it holds what a real disk might.
 */
import type { Disk, DiskFile } from '../../src/store/disk.ts';
import { type FaultyDisk, faultyDisk } from '../store/faulty-disk.ts';
import { byChance, EMPTY, type Image } from '../store/faulty-platter.ts';
import { randomOf } from './random.ts';

export interface SimDisk {
  /** The disk as one process sees it. `onStep` is called at each step that changes something, and may end the process. */
  mount(onStep: () => void): Mount;
  /** The power goes; nothing is mounted any more. `tear` draws what becomes of what was not synced. */
  cutPower(tear: number): void;
  /** While it is full, no file grows. */
  setFull(full: boolean): void;
  /** While it is slow, no step that changes something ends. */
  setSlow(slow: boolean): void;
  slow(): boolean;
}

export interface Mount {
  readonly disk: Disk;
  /** The process has ended: none of its calls ever returns. */
  unmount(): void;
}

/** @param lies syncing does nothing: a defect for the world to find. */
export function simDisk(lies: boolean): SimDisk {
  let full = false;
  let slow = false;
  let waiting: (() => void)[] = [];
  let onStep: () => void = () => undefined;
  let surface = make(EMPTY);

  function make(image: Image): FaultyDisk {
    const made: FaultyDisk = faultyDisk({
      image,
      watch: { begin: () => onStep(), end: () => undefined },
      room: () => (full ? made.used() : Number.POSITIVE_INFINITY),
      pause: () => (slow ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
    });
    return made;
  }

  return {
    mount(begin) {
      onStep = begin;
      let mounted = true;
      const disk = whileMounted(surface, () => mounted, lies);
      return {
        disk,
        unmount() {
          mounted = false;
        },
      };
    },
    cutPower(tear) {
      surface = make(surface.cut(byChance(randomOf(tear).below)));
    },
    setFull(value) {
      full = value;
    },
    setSlow(value) {
      slow = value;
      if (slow) return;
      const released = waiting;
      waiting = [];
      for (const release of released) release();
    },
    slow: () => slow,
  };
}

/** The same disk, but no call returns once the process has ended. The lock is the system's: it goes with the process. */
function whileMounted(disk: Disk, mounted: () => boolean, lies: boolean): Disk {
  async function run<T>(call: () => Promise<T>): Promise<T> {
    if (!mounted()) return new Promise(() => undefined);
    try {
      return await call();
    } finally {
      if (!mounted()) await new Promise(() => undefined);
    }
  }
  const fileOf = (file: DiskFile): DiskFile => ({
    read: (position, length) => run(() => file.read(position, length)),
    write: (bytes, position) => run(() => file.write(bytes, position)),
    sync: () => run(() => (lies ? Promise.resolve() : file.sync())),
    close: () => run(() => file.close()),
  });
  return {
    makeFolder: (folder) => run(() => disk.makeFolder(folder)),
    list: (folder) => run(() => disk.list(folder)),
    readFile: (path) => run(() => disk.readFile(path)),
    open: (path, mode) => run(async () => fileOf(await disk.open(path, lies && mode === 'durable' ? 'read' : mode))),
    rename: (from, to) => run(() => disk.rename(from, to)),
    remove: (path) => run(() => disk.remove(path)),
    syncFolder: (folder) => run(() => disk.syncFolder(folder)),
    lock: async () => ({ release: async () => undefined }),
  };
}
