/**
 * Segments: the journal's files, `<first seq>.jsonl`, filled with blank lines before their first record. A commit then
 * writes into blocks that the file has already, and its flush need not also write the file's size and block map.
 */
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LF } from './codec.ts';
import { syncFolder, writeFully } from './files.ts';

export interface Segment {
  readonly name: string;
  /** The seq of its first record; every record before it was accepted when the segment was made. */
  readonly first: number;
  readonly bytes: number;
}

/** The segment in the making. It becomes a segment by its name. */
const NEXT = 'next.tmp';
const NAME = /^(\d{12})\.jsonl$/;
const FILLER = Buffer.alloc(256 * 1024, LF);

export function segmentName(first: number): string {
  return `${String(first).padStart(12, '0')}.jsonl`;
}

/** The segments of a folder in the order of their records; none if there is no folder. Other files are passed over. */
export async function listSegments(folder: string): Promise<readonly Segment[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const segments: Segment[] = [];
  for (const name of names.sort()) {
    const first = NAME.exec(name)?.[1];
    if (first !== undefined)
      segments.push({ name, first: Number(first), bytes: (await stat(join(folder, name))).size });
  }
  return segments;
}

/** Removes what a run that ended early left in the making. */
export async function removeUnfinished(folder: string): Promise<void> {
  await rm(join(folder, NEXT), { force: true });
}

/**
 * Makes a segment of `bytes` bytes, without a name yet: really written and synced, not only promised by the file system.
 * @throws when the disk is full (or fails); nothing is left behind then.
 */
export async function prepareSegment(folder: string, bytes: number): Promise<void> {
  const handle = await open(join(folder, NEXT), 'w');
  try {
    for (let at = 0; at < bytes; at += FILLER.length) {
      await writeFully(handle, FILLER.subarray(0, Math.min(FILLER.length, bytes - at)), at);
      // Piece by piece, so that a commit's flush never queues behind the whole of it.
      await handle.datasync();
    }
    await handle.sync();
  } catch (error) {
    await removeUnfinished(folder).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Gives the prepared segment its name, for good. */
export async function nameSegment(folder: string, first: number): Promise<string> {
  const name = segmentName(first);
  await rename(join(folder, NEXT), join(folder, name));
  await syncFolder(folder);
  return name;
}
