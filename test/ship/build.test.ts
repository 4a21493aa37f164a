/** The build's own parts, where the whole would not show a fault. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkIntegrity } from '../../build/base.ts';
import { withoutSymbols } from '../../build/elf.ts';
import { sourceDateEpoch } from '../../build/epoch.ts';
import { addonFolders, loadFrom } from '../../build/inside/addon-folders.ts';
import { folder } from '../daemon/support.ts';
import { ROOT } from './support.ts';

const build = (...args: readonly string[]) =>
  spawnSync(process.execPath, ['build/build.ts', ...args], { cwd: ROOT, encoding: 'utf8' });

test('a Node without its symbols is smaller by them, and runs', (t) => {
  const elf = readFileSync(process.execPath);
  const bare = withoutSymbols(elf);
  assert.ok(bare.length < elf.length - 10e6, `${elf.length} to ${bare.length}`);
  const file = join(folder(t), 'node');
  writeFileSync(file, bare, { mode: 0o755 });
  const ran = spawnSync(file, ['-p', '6 * 7'], { encoding: 'utf8' });
  assert.deepEqual([ran.stdout, ran.stderr], ['42\n', '']);
  assert.ok(withoutSymbols(bare).equals(bare), 'what has none stays as it is');
  assert.throws(() => withoutSymbols(Buffer.from('#!/bin/sh\n')), /no 64-bit little-endian ELF/);
});

test('the build says what is wrong with how it is called, and how it is called', () => {
  for (const [args, wanted] of [
    [['--arch', 'mips'], /--arch mips is not known; there are x64 and arm64/],
    [['--version', 'new'], /--version new is no version; write one such as 1\.2\.3/],
    [['--fast'], /Unknown option '--fast'(?:.|\n)*--help/],
  ] as const) {
    const { status, stderr } = build(...args);
    assert.equal(status, 1);
    assert.match(stderr, wanted);
    assert.doesNotMatch(stderr, /^\s+at /m);
  }
  assert.match(build('--help').stdout, /usage: node build\/build\.ts/);
});

test('a Node that is not the one of package-lock.json is not packed', () => {
  const abc = 'sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==';
  checkIntegrity('abc', Buffer.from('abc'), abc);
  assert.throws(
    () => checkIntegrity('abc@1', Buffer.from('abd'), abc),
    /abc@1 is not the package of package-lock\.json/,
  );
  assert.throws(() => checkIntegrity('abc@1', Buffer.from('abc'), undefined), /is not the package/);
});

test('without the registry the build of another architecture says what it needs', (t) => {
  const env = {
    ...process.env,
    npm_config_registry: 'http://127.0.0.1:1/',
    npm_config_cache: folder(t),
    npm_config_fetch_retries: '0',
  };
  const other = process.arch === 'arm64' ? 'x64' : 'arm64';
  const args = ['build/build.ts', '--arch', other, '--out', folder(t)];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /npm could not bring node-linux-\w+@24\.21\.0: (?:.|\n)*needs the npm registry/);
  assert.doesNotMatch(stderr, /^\s+at /m);
});

test('the time that files bear is the one that is asked for, and a wrong one is said so', () => {
  assert.equal(sourceDateEpoch({ SOURCE_DATE_EPOCH: '1700000000' }), 1_700_000_000);
  assert.throws(() => sourceDateEpoch({ SOURCE_DATE_EPOCH: 'yesterday' }), /it must be whole seconds/);
  assert.equal(sourceDateEpoch({}), sourceDateEpoch({}));
});

test('the serial library is tried in the service’s own folders too, and each once', () => {
  const folders = addonFolders({ RUNTIME_DIRECTORY: '/run/gate:/run/other', STATE_DIRECTORY: '/srv/gate' }, '/tmp');
  assert.deepEqual(folders.slice(0, 4), ['/tmp', '/run/gate', '/run/other', '/run/gatepost']);
  assert.ok(folders.includes('/srv/gate'));
  assert.equal(new Set(folders).size, folders.length);
});

test('the first folder that works is taken; if none does, each is named with its reason', () => {
  const full = Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' });
  const load = (dir: string): string => {
    if (dir === '/full') throw full;
    return dir;
  };
  assert.equal(loadFrom(['/full', '/good', '/never'], load), '/good');
  assert.throws(() => loadFrom(['/full'], load), /tried \/full \(full\)\. Set TMPDIR/);
});
