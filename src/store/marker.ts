/**
 * The marker says which segment is the last and how long it is. Without it a last segment that is gone or cut short
 * would leave no trace: the journal would seem to end earlier, and acknowledged records would be missing in silence.
 */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { hex, LF } from './codec.ts';
import type { Disk } from './disk.ts';
import type { Segment } from './segment.ts';

export const MARKER_FILE = 'tail.json';
/** One sector: it is written in place, and a disk writes a sector whole. */
const BYTES = 512;
const TEXT = /^(\{"first":(\d+),"bytes":(\d+)),"crc":"([0-9a-f]{8})"\}\n*$/;

export type Marker = Pick<Segment, 'first' | 'bytes'>;

/** The marker of a data folder; null if there is none, or none that can be read. */
export async function readMarker(disk: Disk, dir: string): Promise<Marker | null> {
  // Nothing is known then, as in a folder from before there were markers; it is written anew.
  const bytes = await disk.readFile(join(dir, MARKER_FILE)).catch(() => null);
  const [, content = '', first, length, crc] = TEXT.exec(bytes?.toString('latin1') ?? '') ?? [];
  return crc === hex(crc32(content)) ? { first: Number(first), bytes: Number(length) } : null;
}

/** The marker as its file holds it. */
export function markerBytes({ first, bytes }: Marker): Buffer {
  const content = `{"first":${first},"bytes":${bytes}`;
  const sector = Buffer.alloc(BYTES, LF);
  sector.write(`${content},"crc":"${hex(crc32(content))}"}`);
  return sector;
}

/** Returns once the marker is on the disk. In place, so that a full disk does not hinder it. */
export async function writeMarker(disk: Disk, dir: string, marker: Marker): Promise<void> {
  const exists = (await disk.list(dir)).some(({ name }) => name === MARKER_FILE);
  const file = await disk.open(join(dir, MARKER_FILE), exists ? 'durable' : 'create');
  try {
    await file.write(markerBytes(marker), 0);
    if (!exists) await file.sync();
  } finally {
    await file.close();
  }
  if (!exists) await disk.syncFolder(dir);
}
