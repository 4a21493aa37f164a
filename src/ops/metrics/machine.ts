/** What the machine says of this process and of its disk, read at each scrape, beside the loop. */
import { readdir, statfs } from 'node:fs/promises';
import { DELAY_SECONDS } from './buckets.ts';
import { type Histogram, histogram } from './instruments.ts';

export interface MachineReading {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  /** When the process was started, in seconds since 1970. */
  readonly startedSeconds: number;
  /** Null where the system does not tell. */
  readonly openFds: number | null;
  /** Null while the disk does not tell. */
  readonly disk: { readonly freeBytes: number; readonly sizeBytes: number } | null;
  readonly loopDelay: Histogram;
}

export interface MachineWatch {
  read(): Promise<MachineReading>;
  stop(): void;
}

const LOOK_EVERY_MS = 500;
/** A disk that hangs must not hang the scrape as well. */
const DISK_PATIENCE_MS = 1_000;

/** @param folder on the disk that is watched. */
export function watchMachine(folder: string): MachineWatch {
  const loopDelay = histogram(DELAY_SECONDS);
  let expected = performance.now() + LOOK_EVERY_MS;
  const looking = setInterval(() => {
    const now = performance.now();
    loopDelay.observe(Math.max(0, now - expected) / 1_000);
    expected = now + LOOK_EVERY_MS;
  }, LOOK_EVERY_MS);
  looking.unref();
  const disk = single(() => diskOf(folder));
  return {
    async read() {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed, heapTotal } = process.memoryUsage();
      const [openFds, room] = await Promise.all([countFds(), soon(disk())]);
      return {
        cpuSeconds: (user + system) / 1e6,
        residentBytes: rss,
        heapUsedBytes: heapUsed,
        heapTotalBytes: heapTotal,
        startedSeconds: performance.timeOrigin / 1_000,
        openFds,
        disk: room,
        loopDelay,
      };
    },
    stop: () => clearInterval(looking),
  };
}

/** One at a time, shared by all who ask meanwhile: each takes a thread, and the journal needs one too. */
function single<T>(ask: () => Promise<T>): () => Promise<T> {
  let asking: Promise<T> | null = null;
  return () => {
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  };
}

async function soon<T>(answer: Promise<T | null>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, DISK_PATIENCE_MS, null);
  });
  const first = await Promise.race([answer, late]);
  clearTimeout(timer);
  return first;
}

/** What is free for this user; null where the system does not tell. */
async function diskOf(folder: string): Promise<MachineReading['disk']> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
  } catch {
    return null;
  }
}

async function countFds(): Promise<number | null> {
  try {
    // One of them is that of the folder itself.
    return (await readdir('/proc/self/fd')).length - 1;
  } catch {
    return null;
  }
}
