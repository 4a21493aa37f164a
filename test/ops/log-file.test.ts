/** Log files on a real disk: bounded, rotated, continued, whatever happened to them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { logFile } from '../../src/ops/log-file.ts';
import { folder } from '../daemon/support.ts';
import { tinyDisk } from '../store/tools.ts';

const KIB = 1024;

const lines = (from: number, to: number): Buffer =>
  Buffer.from(
    Array.from({ length: to - from }, (_, index) => `line ${String(from + index).padStart(6, '0')}\n`).join(''),
  );

/** Everything that is there, oldest first. */
function written(dir: string): string {
  const number = (name: string): number => Number(name.slice('gatepost.log.'.length) || 0);
  const names = readdirSync(dir).sort((a, b) => number(b) - number(a));
  return names.map((name) => readFileSync(join(dir, name), 'utf8')).join('');
}

const total = (dir: string): number => readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);

test('files are put aside when they are full, the oldest goes, and all together stay within the bound', async (t) => {
  const dir = join(folder(t), 'gatepost');
  const path = join(dir, 'gatepost.log');
  const place = logFile({ path, maxBytes: 4 * KIB, keep: 3 });
  for (let from = 0; from < 5_000; from += 50) {
    await place.append(lines(from, from + 50));
    assert.ok(total(dir) <= 4 * 4 * KIB, `${total(dir)} bytes`);
  }
  await place.close();
  assert.deepEqual(readdirSync(dir).sort(), ['gatepost.log', ...[1, 2, 3].map((number) => `gatepost.log.${number}`)]);
  const text = written(dir);
  assert.equal(text, lines(5_000 - text.length / 12, 5_000).toString(), 'the last lines, without a hole');
  assert.ok(text.length > 3 * 4 * KIB);
  assert.equal(statSync(path).mode & 0o777, 0o640);
});

test('what an earlier run wrote is continued; half a line that it left is ended', async (t) => {
  const dir = folder(t);
  const path = join(dir, 'gatepost.log');
  writeFileSync(path, 'whole\nhal');
  const place = logFile({ path, maxBytes: 4 * KIB, keep: 2 });
  await place.append(Buffer.from('next\n'));
  await place.close();
  assert.equal(readFileSync(path, 'utf8'), 'whole\nhal\nnext\n');
});

test('a rotation that was broken off is taken up: no file is lost to it', async (t) => {
  const dir = folder(t);
  const path = join(dir, 'gatepost.log');
  // Killed after 2 had become 3 and 1 had become 2; and after the file itself had become 1.
  for (const names of [
    ['', '.2', '.3'],
    ['.1', '.2'],
  ]) {
    for (const name of readdirSync(dir)) rmSync(join(dir, name));
    for (const name of names) writeFileSync(`${path}${name}`, lines(0, 341));
    const place = logFile({ path, maxBytes: 4 * KIB, keep: 3 });
    await place.append(Buffer.from('newer\n'));
    await place.close();
    assert.equal(readFileSync(path, 'utf8'), 'newer\n');
    assert.equal(readdirSync(dir).length, names.includes('') ? 4 : 3);
  }
});

test('files of a run that was allowed more of them, or larger ones, go, the oldest first', async (t) => {
  const dir = folder(t);
  const path = join(dir, 'gatepost.log');
  for (const number of [1, 2, 3, 4]) writeFileSync(`${path}.${number}`, lines(0, 500));
  writeFileSync(join(dir, 'gatepost.log.bak'), 'mine');
  const place = logFile({ path, maxBytes: 4 * KIB, keep: 3 });
  await place.append(Buffer.from('newer\n'));
  await place.close();
  assert.deepEqual(readdirSync(dir).sort(), ['gatepost.log', 'gatepost.log.1', 'gatepost.log.2', 'gatepost.log.bak']);
});

test('a file or a folder that somebody takes away is made again', async (t) => {
  const dir = join(folder(t), 'gatepost');
  const path = join(dir, 'gatepost.log');
  const place = logFile({ path, maxBytes: 4 * KIB, keep: 3 });
  await place.append(Buffer.from('one\n'));
  rmSync(path);
  await place.append(Buffer.from('two\n'));
  assert.equal(readFileSync(path, 'utf8'), 'two\n');
  rmSync(dir, { recursive: true });
  await place.append(Buffer.from('three\n'));
  assert.equal(readFileSync(path, 'utf8'), 'three\n');
  await place.close();
});

test('what a full disk does not take leaves no half line, and comes again when there is room', async (t) => {
  const disk = tinyDisk(t, 256);
  if (!disk) return;
  const path = join(disk.folder, 'gatepost.log');
  const ballast = join(disk.folder, 'ballast');
  const place = logFile({ path, maxBytes: 1024 * KIB, keep: 3 });
  await place.append(Buffer.from('before\n'));
  writeFileSync(ballast, Buffer.alloc(220 * KIB));
  await assert.rejects(place.append(lines(0, 5_000)), /ENOSPC/);
  assert.equal(readFileSync(path, 'utf8'), 'before\n');
  rmSync(ballast);
  await place.append(lines(0, 5_000));
  assert.equal(readFileSync(path, 'utf8'), `before\n${lines(0, 5_000)}`);
  await place.close();
  disk.remount('ro');
  await assert.rejects(place.append(Buffer.from('more\n')), /EROFS/);
  disk.remount('rw');
  await place.append(Buffer.from('more\n'));
  await place.close();
});

test('a folder that may not be written says so', async (t) => {
  if (spawnSync('id', ['-u'], { encoding: 'utf8' }).stdout.trim() === '0') {
    // Root may write anywhere: a file stands where the folder should be.
    const file = join(folder(t), 'file');
    writeFileSync(file, '');
    await assert.rejects(
      logFile({ path: join(file, 'gatepost.log'), maxBytes: KIB, keep: 1 }).append(Buffer.from('x\n')),
      /ENOTDIR/,
    );
    return;
  }
  const dir = join(folder(t), 'closed');
  mkdirSync(dir);
  chmodSync(dir, 0o500);
  const place = logFile({ path: join(dir, 'gatepost.log'), maxBytes: KIB, keep: 1 });
  await assert.rejects(place.append(Buffer.from('x\n')), /EACCES/);
  assert.equal(existsSync(join(dir, 'gatepost.log')), false);
});
