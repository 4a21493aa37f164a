/** A gate in a hurry: appends batches until it is killed, and says each number once it is told that it is on the disk. */
import { writeSync } from 'node:fs';
import { evolve } from '../../src/core/park/evolve.ts';
import { capture } from '../../src/core/park/snapshot.ts';
import { openPark, traffic } from './visits.ts';

const { store } = await openPark(process.argv[2] ?? '', 16 * 1024);
const { committed, journal } = store;
let snapshot: Promise<unknown> = Promise.resolve();
for (let round = 1; ; round += 1) {
  const batch = Array.from({ length: 1 + (round % 8) }, (_, index) => traffic(committed.seq + 1 + index));
  await journal.append(batch);
  for (const record of batch) evolve(committed, record);
  writeSync(1, `${committed.seq}\n`);
  if (round % 20 === 0) {
    // The one before it is done, or nearly; this one goes on beside the next appends.
    await snapshot;
    snapshot = store.writeSnapshot(capture(committed));
  }
}
