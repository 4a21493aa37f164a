/**
 * Segments: the journal's files, `<first seq>.jsonl`, filled with blank lines before their first record. A commit then
 * writes into blocks that the file has already, and its flush need not also write the file's size and block map.
 */
import { join } from 'node:path';
import { LF } from './codec.ts';
import type { Disk } from './disk.ts';

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
export async function listSegments(disk: Disk, folder: string): Promise<readonly Segment[]> {
  const files = await disk.list(folder);
  return files.flatMap(({ name, bytes }) => {
    const first = NAME.exec(name)?.[1];
    return first === undefined ? [] : [{ name, first: Number(first), bytes }];
  });
}

/** Removes what a run that ended early left in the making. */
export function removeUnfinished(disk: Disk, folder: string): Promise<void> {
  return disk.remove(join(folder, NEXT));
}

/**
 * Makes a segment of `bytes` bytes, without a name yet: really written and synced, not only promised by the file system.
 * @throws when the disk is full (or fails); nothing is left behind then.
 */
export async function prepareSegment(disk: Disk, folder: string, bytes: number): Promise<void> {
  const file = await disk.open(join(folder, NEXT), 'create');
  try {
    for (let at = 0; at < bytes; at += FILLER.length) {
      await file.write(FILLER.subarray(0, Math.min(FILLER.length, bytes - at)), at);
      // Piece by piece, so that a commit's flush never queues behind the whole of it.
      await file.sync();
    }
  } catch (error) {
    await removeUnfinished(disk, folder).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

/** Gives the prepared segment its name, for good. */
export async function nameSegment(disk: Disk, folder: string, first: number): Promise<string> {
  const name = segmentName(first);
  await disk.rename(join(folder, NEXT), join(folder, name));
  await disk.syncFolder(folder);
  return name;
}
