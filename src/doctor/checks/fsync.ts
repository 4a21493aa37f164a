/** How long the disk takes to keep its word: each entry and payment waits for one flush. */
import { join } from 'node:path';
import { realDisk } from '../../store/disk.ts';
import { type Finding, fine, look, none, same, wrong } from '../finding.ts';
import { configured } from '../site.ts';

/** Of so many flushes, in ms. */
export interface Flushes {
  readonly count: number;
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}

const BLOCK = 4_096;
const BLOCKS = 128;
const LF = 0x0a;
/** So many say enough, and wear the disk no more than a busy hour does. */
const MOST_FLUSHES = 1_000;

/** Better than that, and neither a driver nor Mallcoo can notice. */
const GOOD_P99_MS = 50;
/** Beyond it a driver sees the arm hesitate, and a queue of payments grows. */
const SLOW_P99_MS = 200;
/** Beyond it orders to open run into their deadline of seconds. */
const BAD_P99_MS = 1_000;
/** No disk without a battery is as quick: it says "done" while the bytes are in its memory. */
const TOO_GOOD_MS = 0.05;

export const checkFsync = configured(async ({ fsyncSeconds }, { data }) => {
  try {
    return [judgeFlushes(await measureFlushes(data, fsyncSeconds))];
  } catch (error) {
    return [unmeasured(error, data)];
  }
});

/**
 * Writes as the journal does: 4 KiB into a file that was filled before, each on the disk before the next. The file has no
 * name while it is measured, so nothing stays behind whatever happens.
 * @throws the system's error when the folder does not let it.
 */
export async function measureFlushes(folder: string, seconds: number): Promise<Flushes> {
  const path = join(folder, `doctor-${process.pid}.tmp`);
  try {
    const made = await realDisk.open(path, 'create');
    try {
      await made.write(Buffer.alloc(BLOCK * BLOCKS, LF), 0);
      await made.sync();
    } finally {
      await made.close();
    }
    return await flushes(path, seconds);
  } finally {
    await realDisk.remove(path);
  }
}

async function flushes(path: string, seconds: number): Promise<Flushes> {
  const file = await realDisk.open(path, 'durable');
  await realDisk.remove(path);
  const took: number[] = [];
  const block = Buffer.alloc(BLOCK, 'x');
  try {
    const end = performance.now() + seconds * 1_000;
    while (took.length === 0 || (took.length < MOST_FLUSHES && performance.now() < end)) {
      const began = performance.now();
      await file.write(block, (took.length % BLOCKS) * BLOCK);
      took.push(performance.now() - began);
    }
  } finally {
    await file.close();
  }
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, median: at(0.5), p99: at(0.99), most: sorted.at(-1) ?? 0 };
}

export function judgeFlushes({ count, median, p99, most }: Flushes): Finding {
  const ms = (value: number): string =>
    `${value < 1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
  const figures = `${ms(median)} / ${ms(p99)} / ${ms(most)}`;
  const what = {
    zh: `写盘 ${count} 次：中位 / 99% / 最慢 ${figures}`,
    en: `${count} flushes: median / 99 % / worst ${figures}`,
  };
  const disk = {
    zh: '磁盘磨损或太慢：dmesg、smartctl -a；安排更换为 SSD，并看是否有别的程序在大量写盘：iotop',
    en: 'the disk is worn or slow: dmesg, smartctl -a; plan for an SSD, and see what else writes: iotop',
  };
  if (median < TOO_GOOD_MS)
    return look(
      {
        zh: `${what.zh}；快得不真实，断电可能丢失付款`,
        en: `${what.en}; too quick to be true: a power cut may lose payments`,
      },
      {
        zh: '磁盘没有掉电保护时，关闭它的写缓存：hdparm -W0 /dev/sdX；在内存盘上则换到真正的磁盘',
        en: 'unless the disk has power-loss protection, switch its write cache off: hdparm -W0 /dev/sdX; off a RAM disk, onto a real one',
      },
    );
  if (p99 > BAD_P99_MS)
    return wrong({ zh: `${what.zh}；抬杆会明显延迟甚至超时`, en: `${what.en}; arms rise late, or not at all` }, disk);
  if (p99 > SLOW_P99_MS) return look({ zh: `${what.zh}；司机会感到迟缓`, en: `${what.en}; drivers notice it` }, disk);
  const unnoticed =
    p99 > GOOD_P99_MS ? { zh: '；偏慢，但司机察觉不到', en: '; slow, but no driver notices' } : same('');
  return fine({ zh: `${what.zh}${unnoticed.zh}`, en: `${what.en}${unnoticed.en}` });
}

function unmeasured(error: unknown, folder: string): Finding {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  if (full || code === 'EIO' || code === 'EROFS')
    return wrong(
      { zh: `${folder} 无法写入：${code}`, en: `nothing can be written to ${folder}: ${code}` },
      full
        ? { zh: '腾出空间，见 data 一项', en: 'make room: see "data"' }
        : { zh: '检查磁盘：dmesg、smartctl -a', en: 'check the disk: dmesg, smartctl -a' },
    );
  return none({ zh: `没有测量：${folder}（${code}）；请用 sudo`, en: `not measured: ${folder} (${code}); use sudo` });
}
