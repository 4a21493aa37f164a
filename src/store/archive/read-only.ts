/** The archive of a data folder for somebody who is not the gate: it only reads, and takes no lock. */
import { join } from 'node:path';
import type { Sentence } from '../../core/errors.ts';
import type { ParkId } from '../../core/ids.ts';
import { fill } from '../../core/sentence.ts';
import type { Faults } from '../../gateway/ports.ts';
import type { Disk } from '../disk.ts';
import { diskTrouble, StoreError } from '../files.ts';
import { SnapshotAdapter } from '../snapshot.ts';
import { type ArchiveStore, openArchive } from './archive.ts';
import { type FileName, readName } from './names.ts';

const UNREADABLE: Sentence = { zh: '{folder} 无法读取：{reason}', en: '{folder} cannot be read: {reason}' };

export type ArchiveReader = Pick<ArchiveStore, 'visit' | 'order' | 'visitsOf' | 'ordersOf' | 'parks'>;

export interface ReaderParts {
  readonly disk: Disk;
  /** The data folder: the one that holds `archive` and the snapshots. */
  readonly data: string;
  readonly faults: Faults;
}

/**
 * Opens the archive as its files and the snapshot tell of it. The gate may be running: what it adds or removes meanwhile
 * can look like damage, so whoever hears of damage looks again.
 * @throws StoreError when something is of a newer version, or the folder cannot be read.
 */
export async function openReader({ disk, data, faults }: ReaderParts): Promise<ArchiveReader> {
  const folder = join(data, 'archive');
  // A snapshot that cannot be used is no matter of the archive; its files tell nearly as much.
  const snapshot = await new SnapshotAdapter(disk, data, () => undefined).read();
  const files = await disk.list(folder).catch((error: unknown) => {
    throw new StoreError(fill(UNREADABLE, { folder, reason: diskTrouble(error) }), { cause: error });
  });
  const names = files.map(({ name }) => readName(name)).filter((name) => name !== null);
  const through = handedOver(names);
  for (const { id, archivedThrough = 0 } of snapshot?.parks ?? []) {
    through.set(id, Math.max(archivedThrough, through.get(id) ?? 0));
  }
  const parks = [...through].map(([id, archivedThrough]) => ({ id, archivedThrough }));
  return await openArchive({ disk, folder, faults, parks });
}

/**
 * The last batch of each park of which the files alone say that it is the archive's: one that is whole, or that another
 * follows. The newest may be one that is being written.
 */
function handedOver(names: readonly FileName[]): Map<ParkId, number> {
  const keyOf = ({ park, batch }: FileName): string => `${park} ${batch}`;
  const traffic = new Set(names.filter(({ kind }) => kind === 'traffic.jsonl').map(keyOf));
  const through = new Map<ParkId, number>();
  for (const name of names) {
    const { park, batch, kind } = name;
    const whole = kind === 'visits.jsonl' && traffic.has(keyOf(name));
    through.set(park, Math.max(whole ? batch : batch - 1, through.get(park) ?? 0));
  }
  return through;
}
