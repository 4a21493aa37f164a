/** Writing a file that is there whole or not at all. */
import { join } from 'node:path';
import type { Disk } from '../disk.ts';

const UNFINISHED = 'unfinished.tmp';
/** Bytes per write. Between two writes everybody else has a turn. */
const SLICE_BYTES = 64 * 1024;
/** Bytes per flush: a commit's own flush never queues behind the whole file. */
const FLUSH_BYTES = 1024 * 1024;

/**
 * Writes a file and gives it its name, replacing what had it. One at a time in a folder. The name survives the power
 * going once the folder is synced, which is the caller's.
 * @returns its size in bytes.
 * @throws the disk's error; the name is then as it was.
 */
export async function writeWhole(
  disk: Disk,
  folder: string,
  name: string,
  pieces: Iterable<string | Buffer>,
): Promise<number> {
  const path = join(folder, UNFINISHED);
  const file = await disk.open(path, 'create');
  let written = 0;
  try {
    let flushed = 0;
    for (const slice of slices(pieces)) {
      await file.write(slice, written);
      written += slice.length;
      if (written - flushed < FLUSH_BYTES) continue;
      await file.sync();
      flushed = written;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(path, join(folder, name));
  return written;
}

function* slices(pieces: Iterable<string | Buffer>): Generator<Buffer, void, undefined> {
  let gathered: Buffer[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    const buffer = typeof piece === 'string' ? Buffer.from(piece) : piece;
    gathered.push(buffer);
    bytes += buffer.length;
    if (bytes < SLICE_BYTES) continue;
    yield Buffer.concat(gathered);
    gathered = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(gathered);
}
