import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { StoreError } from '../../src/store/files.ts';
import { fill, open, record, records, reopen, tempFolder } from './tools.ts';

test('a second process is refused with the first one’s number and the way out, until the first one dies', async (t) => {
  const dir = tempFolder(t);
  await fill(dir, records(1, 2));
  const holder = spawn(process.execPath, [join(import.meta.dirname, 'holder.ts'), dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  await assert.rejects(open(dir), (error: unknown) => {
    assert.ok(error instanceof StoreError);
    assert.equal(
      error.message,
      `the data folder ${dir} is in use by another Gatepost (process ${holder.pid}): stop that one first, or give this ` +
        'one a data folder of its own',
    );
    return true;
  });
  // By another path it is the same folder.
  const alias = join(tempFolder(t), 'alias');
  symlinkSync(dir, alias);
  await assert.rejects(open(alias), /in use by another Gatepost/);
  // Killed, it leaves nothing to clean up.
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  assert.deepEqual((await reopen(dir)).folded, records(1, 2));
});

test('two folders do not lock each other, and a closed one is free', async (t) => {
  const parent = tempFolder(t);
  const folders = ['a', 'b'].map((name) => join(parent, name));
  for (const folder of folders) mkdirSync(folder);
  const stores = await Promise.all(folders.map((folder) => open(folder)));
  await assert.rejects(open(join(parent, 'a')), /in use/);
  for (const { store } of stores) {
    await store.journal.append([record(1)]);
    await store.close();
  }
  assert.deepEqual((await reopen(join(parent, 'a'))).folded, [record(1)]);
});
