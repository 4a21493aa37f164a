/** Other ways to keep the same events on the same disk, for the commit benchmark to stand beside. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { JSONFilePreset } from 'lowdb/node';

export interface Contender {
  readonly name: string;
  /**
   * So many writers commit one event after another for so many ms, each waiting until its event is committed.
   * @returns how many events were committed.
   */
  run(writers: number, ms: number): Promise<number>;
  close(): Promise<void>;
}

/** A text of so many bytes that is another one each time. */
function bodies(bytes: number): () => string {
  let number = 0;
  return () => {
    number += 1;
    return String(number).padEnd(bytes, 'x');
  };
}

/** Calls `commit` in so many loops at once until the time is over; each call tells how many events it committed. */
async function loops(count: number, ms: number, commit: () => Promise<number>): Promise<number> {
  const end = performance.now() + ms;
  let events = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() < end) {
      const committed = await commit();
      events += committed;
    }
  };
  await Promise.all(Array.from({ length: count }, loop));
  return events;
}

/**
 * Bare writes into a preallocated file, each followed by `fdatasync`. `together`: one write and one flush for all
 * writers, the disk's own ceiling; otherwise each writer flushes for itself.
 */
export async function bare(dir: string, bytes: number, fileBytes: number, together: boolean): Promise<Contender> {
  const name = together ? 'bare write + fdatasync, one for all' : 'bare write + fdatasync, each its own';
  const handle = await preallocate(join(dir, together ? 'bare-together' : 'bare-each'), fileBytes);
  let tail = 0;
  const write = async (length: number): Promise<void> => {
    const at = tail + length > fileBytes ? 0 : tail;
    tail = at + length;
    await handle.write(Buffer.alloc(length, 'x'), 0, length, at);
    await handle.datasync();
  };
  return {
    name,
    run: (writers, ms) =>
      together
        ? loops(1, ms, async () => {
            await write(bytes * writers);
            return writers;
          })
        : loops(writers, ms, async () => {
            await write(bytes);
            return 1;
          }),
    close: () => handle.close(),
  };
}

async function preallocate(file: string, bytes: number): Promise<FileHandle> {
  const handle = await open(file, 'wx');
  // As large as the store's own: the kernel's pages, and the cost of a flush, follow from it.
  const filler = Buffer.alloc(256 * 1024, '\n');
  for (let at = 0; at < bytes; at += filler.length) await handle.write(filler, 0, filler.length, at);
  await handle.sync();
  return handle;
}

/** lowdb with its own preset: each commit writes the whole file. It does not sync. */
export async function lowdb(dir: string, bytes: number, openVisits: number): Promise<Contender> {
  const body = bodies(bytes);
  const visits: Record<string, string> = {};
  for (let visit = 0; visit < openVisits; visit += 1) visits[`V${visit}`] = body();
  const db = await JSONFilePreset(join(dir, 'lowdb.json'), { visits });
  let number = 0;
  return {
    name: 'lowdb JSONFile, whole file, not synced',
    run: (writers, ms) =>
      loops(writers, ms, async () => {
        number += 1;
        db.data.visits[`V${number % openVisits}`] = body();
        await db.write();
        return 1;
      }),
    close: () => Promise.resolve(),
  };
}

/** SQLite, WAL, `synchronous=FULL`: a transaction for each event, or `grouped` one for all writers' events. */
export function sqlite(dir: string, bytes: number, openVisits: number, grouped: boolean): Contender {
  const db = new DatabaseSync(join(dir, grouped ? 'grouped.db' : 'each.db'));
  db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE visits (id INTEGER PRIMARY KEY, body TEXT)');
  const put = db.prepare('INSERT OR REPLACE INTO visits VALUES (?, ?)');
  const body = bodies(bytes);
  let number = 0;
  const commit = (events: number): Promise<number> => {
    db.exec('BEGIN');
    for (let event = 0; event < events; event += 1) {
      number += 1;
      put.run(number % openVisits, body());
    }
    db.exec('COMMIT');
    return Promise.resolve(events);
  };
  db.exec('BEGIN');
  for (let visit = 0; visit < openVisits; visit += 1) put.run(visit, body());
  db.exec('COMMIT');
  return {
    name: grouped ? 'SQLite WAL FULL, one commit for all' : 'SQLite WAL FULL, a commit per event',
    run: (writers, ms) => (grouped ? loops(1, ms, () => commit(writers)) : loops(writers, ms, () => commit(1))),
    close() {
      db.close();
      return Promise.resolve();
    },
  };
}
