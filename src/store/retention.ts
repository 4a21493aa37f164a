/** Letting go of the journal's oldest segments. */
import { join } from 'node:path';
import type { Instant } from '../core/time.ts';
import { scan } from './codec.ts';
import type { Disk } from './disk.ts';
import type { Segment } from './segment.ts';

/**
 * Removes the oldest segments whose every record is older than `before` and has a seq of `through` at most. The last
 * segment always stays. Each name is gone from the disk before the next one goes, so a power cut leaves no gap.
 * @returns the names of those removed.
 * @throws the system's error; what was removed before it stays removed.
 */
export async function dropSegments(
  disk: Disk,
  folder: string,
  segments: readonly Segment[],
  limits: { readonly before: Instant; readonly through: number },
): Promise<ReadonlySet<string>> {
  const dropped = new Set<string>();
  for (const [index, { name }] of segments.entries()) {
    const later = segments.slice(index + 1);
    const next = later[0];
    if (!next || next.first - 1 > limits.through) break;
    // Time never goes back in the journal: no record of this segment is later than the first of those after it.
    const at = await firstMoment(disk, folder, later);
    if (at === null || at >= limits.before) break;
    await disk.remove(join(folder, name));
    await disk.syncFolder(folder);
    dropped.add(name);
  }
  return dropped;
}

/** The time of the first readable record of these segments; null if there is none. */
async function firstMoment(disk: Disk, folder: string, segments: readonly Segment[]): Promise<Instant | null> {
  for (const { name } of segments) {
    const bytes = await disk.readFile(join(folder, name));
    for (const piece of bytes ? scan(bytes) : []) if (piece.kind === 'record') return piece.record.at;
  }
  return null;
}
