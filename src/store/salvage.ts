/** Reading a file of which the disk can no longer read every sector. */
import type { Disk, DiskFile } from './disk.ts';
import { errorCode } from './files.ts';

/** Bytes that are read, or given up, together. */
const BLOCK = 4_096;

/**
 * The whole file, of so many bytes; empty if there is none. A block that the disk cannot read is zeros: a bad sector
 * costs the records in it, and does not keep the gate from starting.
 * @throws the system's error when it is another than EIO.
 */
export async function readSalvaging(disk: Disk, path: string, bytes: number): Promise<Buffer> {
  try {
    return (await disk.readFile(path)) ?? Buffer.alloc(0);
  } catch (error) {
    if (errorCode(error) !== 'EIO') throw error;
  }
  const file = await disk.open(path, 'read');
  try {
    return await blockwise(file, bytes);
  } finally {
    await file.close();
  }
}

/** As {@link readSalvaging}, of a file that is open: it may have lost its name meanwhile. */
export async function readOpened(file: DiskFile, bytes: number): Promise<Buffer> {
  try {
    return await file.read(0, bytes);
  } catch (error) {
    if (errorCode(error) !== 'EIO') throw error;
    return await blockwise(file, bytes);
  }
}

async function blockwise(file: DiskFile, bytes: number): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes; at += BLOCK) {
    const length = Math.min(BLOCK, bytes - at);
    const block = await file.read(at, length).catch((error: unknown) => {
      if (errorCode(error) !== 'EIO') throw error;
      return Buffer.alloc(length);
    });
    blocks.push(block);
  }
  return Buffer.concat(blocks);
}
