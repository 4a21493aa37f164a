/** What a killed process left in the cache, and the power takes later. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evolve } from '../../src/core/park/evolve.ts';
import type { Disk } from '../../src/store/disk.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { faultyDisk, ramDisk } from './faulty-disk.ts';
import { DROP } from './faulty-platter.ts';
import { listen } from './tools.ts';
import { traffic } from './visits.ts';

test('a segment whose name was not yet synced when its process ended keeps what is written to it afterwards', async () => {
  let ending = false;
  const disk = faultyDisk({
    fail: ({ kind, path }) => (ending && kind === 'syncFolder' && path.endsWith('journal') ? 'EIO' : null),
  });
  const heard = listen();
  const open = (on: Disk = disk): Promise<Store> =>
    openStore({ dir: '/data', fold: evolve, ...heard, segmentBytes: 4_096, disk: on });
  const first = await open();
  let seq = 1;
  // Until the journal goes over to its second segment: it has its name then, and the folder is not synced.
  await assert.rejects(async () => {
    for (; seq < 200; seq += 1) {
      ending = seq > 5;
      await first.journal.append([traffic(seq)]);
    }
  });
  await first.close();
  ending = false;

  const second = await open();
  const last = second.committed.seq;
  await second.journal.append([traffic(last + 1)]);
  const third = await open(ramDisk(disk.cut(DROP)));
  assert.equal(third.committed.seq, last + 1);
  await third.close();
});
