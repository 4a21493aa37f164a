/** `gatepost backup` and `gatepost restore` on a site: what is in the file, who may read it, and what a person is told. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { checkBackup } from '../../src/store/backup/check.ts';
import { BackupRefused } from '../../src/store/backup/refused.ts';
import { TAR_END, tarHeader, tarPadding } from '../../src/store/backup/tar.ts';
import { realDisk } from '../../src/store/disk.ts';
import { tempFolder, tinyDisk } from '../store/tools.ts';
import { type BackedSite, backup, put, restore, TOKEN, workedSite } from './backup-tools.ts';
import { journal, openFolder } from './journal-tools.ts';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** Every file under a folder with its content, by its path there. */
function treeOf(folder: string): Readonly<Record<string, string>> {
  const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true, recursive: true }) : [];
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.sort().map((path) => [path, readFileSync(path, 'latin1')]));
}

test('the file is one that plain tar and sha256sum understand, and holds the site without its secrets', async (t) => {
  const site = await workedSite(t);
  const made = backup(site.file, site.config);
  assert.equal(made.code, 0, made.err);
  assert.match(made.err, /the books up to record \d+; checked\nWithout the secrets \(mallcoo, tunnel\/id_ed25519\)/);
  const out = tempFolder(t);
  const tar = spawnSync('sh', ['-c', `tar xzf ${site.file} -C ${out} && cd ${out} && sha256sum -c SHA256SUMS`], {
    encoding: 'utf8',
  });
  assert.equal(tar.status, 0, tar.stdout + tar.stderr);
  const names = spawnSync('tar', ['tzf', site.file], { encoding: 'utf8' }).stdout.trim().split('\n');
  assert.equal(names[0], 'manifest.json');
  for (const name of ['config/gatepost.yaml', 'config/demo-sheet.yaml', 'config/tables/staff.csv', 'config/tunnel.env'])
    assert.ok(names.includes(name), name);
  assert.ok(!Object.values(treeOf(out)).some((text) => /nobody-knows|private key/.test(text)));
  assert.match((await journal('verify', join(out, 'data'))).out, /^clean: /m);
  assert.equal(modeOf(site.file), 0o640);
  assert.ok(!existsSync(`${site.file}.part`));
});

test('with its secrets the file is for its owner alone, and says so', async (t) => {
  const site = await workedSite(t);
  const made = backup(site.file, '--config', site.config, '--with-secrets');
  assert.match(made.err, /It holds passwords and private keys: keep it as you keep keys \(0600\)/);
  assert.equal(modeOf(site.file), 0o600);
  const [data, config] = [join(site.dir, 'data2'), join(site.dir, 'site2')];
  assert.equal((await restore(site.file, '--data', data, '--config', config)).code, 0);
  assert.equal(readFileSync(join(config, 'credentials', 'mallcoo'), 'utf8'), `${TOKEN}\n`);
  assert.deepEqual(
    ['credentials', 'credentials/mallcoo', 'tunnel/id_ed25519'].map((path) => modeOf(join(config, path))),
    [0o700, 0o600, 0o600],
  );
});

test('a secret in clear in the configuration makes the file its own alone, too', async (t) => {
  const site = await workedSite(t);
  put(site.config, readFileSync(site.config, 'utf8').replace('{ credential: mallcoo }', TOKEN));
  const made = backup(site.file, site.config);
  assert.match(made.err, /The configuration holds 1 secret\(s\) in clear, and so does the backup \(0600\)/);
  assert.equal(modeOf(site.file), 0o600);
});

test('on another machine: the same books, and what is still to be done there', async (t) => {
  const site = await workedSite(t);
  backup(site.file, site.config);
  const [data, config] = [join(site.dir, 'data2'), join(site.dir, 'site2')];
  const done = await restore(site.file, '--data', data, '--config', config);
  assert.equal(done.code, 0, done.err);
  for (const told of [
    /car park P001: 1 vehicle\(s\) inside, \d recent order\(s\)/,
    /their last record is of 2026-/,
    /Two machines must never run with the same books/,
    new RegExp(`${config}/gatepost.yaml says "data: ${site.data}".*write "data: ${data}"`),
    new RegExp(`the credential mallcoo is missing: install -D -m 600 /dev/stdin ${config}/credentials/mallcoo`),
    /the tunnel's tunnel\/id_ed25519 is missing/,
    /gatepost check /,
  ])
    assert.match(done.out, told);
  const states = await Promise.all([site.data, data].map((folder) => journal('replay', folder, '--json')));
  assert.equal(states[0]?.out, states[1]?.out);
  assert.deepEqual([data, join(data, 'journal'), join(data, 'tail.json')].map(modeOf), [0o750, 0o750, 0o640]);
});

test('books are never overwritten: without --force nothing changes, with it they are kept under another name', async (t) => {
  const site = await workedSite(t);
  backup(site.file, site.config);
  const before = treeOf(site.dir);
  const folders = ['--data', site.data, '--config', join(site.dir, 'site')];
  const refused = await restore(site.file, ...folders);
  assert.equal(refused.code, 1);
  assert.match(
    refused.err,
    /is not empty, and may hold books: nothing was changed. With --force it is renamed and kept/,
  );
  put(join(site.dir, 'site', 'demo-sheet.yaml'), 'name: Other\n');
  const other = await restore(site.file, '--data', join(site.dir, 'data2'), '--config', join(site.dir, 'site'));
  assert.match(other.err, /holds other versions of demo-sheet.yaml: nothing was changed/);
  assert.deepEqual(treeOf(site.dir), { ...before, [join(site.dir, 'site', 'demo-sheet.yaml')]: 'name: Other\n' });

  const forced = await restore(site.file, ...folders, '--force');
  assert.equal(forced.code, 0, forced.err);
  const aside = readdirSync(site.dir).filter((name) => /^data\.before-\d{8}-\d{6}$/.test(name));
  const sheets = readdirSync(join(site.dir, 'site')).filter((name) => /^demo-sheet\.yaml\.before-/.test(name));
  assert.deepEqual([aside.length, sheets.length], [1, 1]);
  assert.match((await journal('verify', join(site.dir, aside[0] ?? ''))).out, /^clean: /m);
  assert.equal(readFileSync(join(site.dir, 'site', sheets[0] ?? ''), 'utf8'), 'name: Other\n');
});

test('--keep-config brings only what is missing; --dry-run changes nothing at all', async (t) => {
  const site = await workedSite(t);
  backup(site.file, site.config);
  put(join(site.dir, 'site', 'demo-sheet.yaml'), 'name: Other\n');
  const before = treeOf(site.dir);
  const args = [site.file, '--data', join(site.dir, 'data2'), '--config', join(site.dir, 'site'), '--keep-config'];
  const dry = await restore(...args, '--dry-run');
  assert.match(dry.out, /is sound: .*\n {2}the books would go to .*data2\n/);
  assert.deepEqual([dry.code, treeOf(site.dir)], [0, before]);
  assert.equal((await restore(...args)).code, 0);
  assert.equal(readFileSync(join(site.dir, 'site', 'demo-sheet.yaml'), 'utf8'), 'name: Other\n');
});

test('it is refused while a gate holds the books', async (t) => {
  const site = await workedSite(t);
  backup(site.file, site.config);
  const store = await openFolder(site.data);
  const refused = await restore(site.file, '--data', site.data, '--config', join(site.dir, 'site'), '--force');
  await store.close();
  assert.equal(refused.code, 1);
  assert.match(refused.err, /is in use by another Gatepost \(process \d+\): stop that one first/);
});

test('a disk that is full while restoring leaves the old books as they were', async (t) => {
  const site = await workedSite(t);
  backup(site.file, site.config);
  const tiny = tinyDisk(t, 24 * 1024);
  if (!tiny) return;
  const [data, config] = [join(tiny.folder, 'data'), join(tiny.folder, 'site')];
  assert.equal((await restore(site.file, '--data', data, '--config', config)).code, 0);
  writeFileSync(join(tiny.folder, 'somebody-elses'), Buffer.alloc(10 * 1024 * 1024));
  const before = treeOf(tiny.folder);
  const refused = await restore(site.file, '--data', data, '--config', config, '--force');
  assert.deepEqual([refused.code, treeOf(tiny.folder)], [1, before]);
  assert.match(refused.err, /has no room: \d+ MiB are needed and \d+ MiB are free; nothing was changed/);
});

test('where the room goes while it is written, what is half done is removed', async (t) => {
  const site = await workedSite(t);
  put(join(site.dir, 'site', 'demo-sheet.yaml'), `# ${'x'.repeat(4 * 1024 * 1024)}\n`);
  backup(site.file, site.config);
  const books = tempFolder(t);
  // The books have room, the configuration's disk has none.
  const tiny = tinyDisk(t, 2 * 1024);
  if (!tiny) return;
  put(join(tiny.folder, 'site', 'gatepost.yaml'), 'mine\n');
  put(join(books, 'data', 'journal', '000000000001.jsonl'), 'mine too\n');
  const before = { ...treeOf(tiny.folder), ...treeOf(books) };
  const args = ['--data', join(books, 'data'), '--config', join(tiny.folder, 'site'), '--force'];
  const refused = await restore(site.file, ...args);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /ENOSPC.*the disk is full/);
  assert.deepEqual({ ...treeOf(tiny.folder), ...treeOf(books) }, before);
});

/** Of gzip, in bytes. */
const HEADER = 10;

/** The words of a refusal; null when it was taken. */
async function refusalOf(file: string): Promise<string | null> {
  try {
    await checkBackup(file);
    return null;
  } catch (error) {
    assert.ok(error instanceof BackupRefused, String(error));
    return error.message;
  }
}

test('cut anywhere or with any byte changed a backup is refused in words, unless it says the same all the same', async (t) => {
  const site = await workedSite(t);
  backup(site.file, site.config);
  const sound = readFileSync(site.file);
  const content = gunzipSync(sound);
  const file = join(site.dir, 'other.tar.gz');
  let harmless = 0;
  async function refused(bytes: Buffer, what: string): Promise<void> {
    writeFileSync(file, bytes);
    const words = await refusalOf(file);
    if (words !== null) {
      assert.match(
        words,
        /damaged, cut short, or no backup: .*nothing was changed|this is no backup of gatepost/,
        what,
      );
      return;
    }
    assert.ok(gunzipSync(bytes).equals(content), what);
    harmless += 1;
  }
  const place = fc.nat(sound.length - 1);
  await fc.assert(
    fc.asyncProperty(place, (at) => refused(sound.subarray(0, at), `cut at ${at}`)),
    { numRuns: 150 },
  );
  for (let at = sound.length - 20; at < sound.length; at += 1) await refused(sound.subarray(0, at), `cut at ${at}`);
  assert.equal(harmless, 0, 'one that is cut is never taken');
  for (let at = 0; at < HEADER; at += 1) {
    const bytes = Buffer.from(sound);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    await refused(bytes, `byte ${at} changed`);
  }
  // Its magic, method and flags count; its time, level and system say nothing of the content.
  assert.equal(harmless, 6);
  harmless = 0;
  const behind = fc.noBias(fc.integer({ min: HEADER, max: sound.length - 1 }));
  const change = fc.tuple(behind, fc.integer({ min: 1, max: 255 }));
  await fc.assert(
    fc.asyncProperty(change, ([at, by]) => {
      const bytes = Buffer.from(sound);
      bytes[at] = (bytes[at] ?? 0) ^ by;
      return refused(bytes, `byte ${at} changed by ${by}`);
    }),
    { numRuns: 300 },
  );
  // One in a hundred unpacks to the very same bytes: a repetition may be told in two ways.
  assert.ok(harmless < 30, `${harmless} of 300`);
  // Behind gzip's own checksum, too: what somebody packed again.
  await fc.assert(
    fc.asyncProperty(fc.nat(content.length - 1), async (at) => {
      const bytes = Buffer.from(content);
      bytes[at] = (bytes[at] ?? 0) ^ 0x20;
      writeFileSync(file, gzipSync(bytes, { level: 1 }));
      assert.notEqual(await refusalOf(file), null, `byte ${at} of the content`);
    }),
    { numRuns: 40 },
  );
  writeFileSync(file, sound.subarray(0, sound.length / 2));
  const before = treeOf(site.dir);
  const told = await restore(file, '--data', site.data, '--config', join(site.dir, 'site'), '--force');
  assert.deepEqual([told.code, treeOf(site.dir)], [1, before]);
});

/** A backup that somebody made by hand: its files, packed with their sums. */
async function forged(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const { createHash } = await import('node:crypto');
  const sums = Object.entries(files).map(
    ([name, text]) => `${createHash('sha256').update(text).digest('hex')}  ${name}\n`,
  );
  const all = [...Object.entries(files), ['SHA256SUMS', sums.join('')] as const];
  const parts = all.flatMap(([name, text]) => {
    const content = Buffer.from(text);
    return [tarHeader({ name, bytes: content.length, mode: 0o644, at: 0 }), content, tarPadding(content.length)];
  });
  const file = join(tempFolder(t), 'forged.tar.gz');
  writeFileSync(file, gzipSync(Buffer.concat([...parts, TAR_END])));
  return file;
}

const MANIFEST = {
  backup: 1,
  versions: { record: 2, snapshot: 2, archive: 1 },
  gatepost: '9.9.9',
  host: 'gate',
  at: 1,
  when: '2026-11-22 10:00:00 UTC',
  parks: ['P001'],
  seq: 0,
  data: '/nowhere/data',
  config: 'gatepost.yaml',
  secrets: [],
  withSecrets: false,
};

test('a backup of a newer version is refused with the version that is wanted, and a path leads nowhere else', async (t) => {
  for (const newer of [{ backup: 2 }, { versions: { record: 99, snapshot: 2, archive: 1 } }]) {
    const file = await forged(t, { 'manifest.json': JSON.stringify({ ...MANIFEST, ...newer }) });
    assert.match((await restore(file)).err, /gatepost 9\.9\.9 wrote this backup.*install 9\.9\.9 or a newer one first/);
  }
  for (const name of ['../outside', 'config/../../outside', '/etc/outside', 'config//outside']) {
    const file = await forged(t, { 'manifest.json': JSON.stringify(MANIFEST), [name]: 'x' });
    assert.match((await refusalOf(file)) ?? '', /it holds a file named/, name);
  }
  const beside = await forged(t, { 'manifest.json': JSON.stringify({ ...MANIFEST, seq: 5 }) });
  const dir = tempFolder(t);
  const short = await restore(beside, '--data', join(dir, 'data'), '--config', join(dir, 'site'));
  assert.match(short.err, /the books in the backup end at record 0, and its manifest says 5: nothing was changed/);
  assert.deepEqual([treeOf(dir), existsSync(join(dir, 'data'))], [{}, false]);
});

test('damage in the books does not hinder a backup: it says so, and ends with 3', async (t) => {
  const site = await workedSite(t);
  const path = join(site.data, 'journal', '000000000001.jsonl');
  const bytes = readFileSync(path);
  bytes.write('#', 30);
  writeFileSync(path, bytes);
  const made = backup(site.file, site.config);
  assert.equal(made.code, 3);
  assert.match(
    made.err,
    /damaged, and taken as it is: journal\/000000000001\.jsonl: \d+ bytes at byte 0 are no record/,
  );
  const done = await restore(site.file, '--data', join(site.dir, 'data2'), '--config', join(site.dir, 'site2'));
  assert.match(done.out, /the books hold damage: journal\/000000000001\.jsonl: record 1/);
  const unreadable = tempFolder(t);
  put(join(unreadable, 'gatepost.yaml'), readFileSync(site.config, 'utf8'));
  const left = backup(join(unreadable, 'b.tar.gz'), join(unreadable, 'gatepost.yaml'));
  assert.equal(left.code, 3);
  assert.match(left.err, /left out: .*demo-sheet\.yaml cannot be read \(ENOENT\)/);
});

test('into a folder: a name is made, and only the newest are kept; standard output works, too', async (t) => {
  const site = await workedSite(t);
  const folder = join(site.dir, 'backups');
  const old = ['20260101-030000Z', '20260102-030000Z', '20260103-030000Z'].map((at) => `gatepost-P001-${at}.tar.gz`);
  for (const name of [...old, 'gatepost-P001-notes.txt', 'gatepost-P002-20200101-030000Z.tar.gz'])
    put(join(folder, name), 'old');
  const made = backup('--into', folder, '--keep', '2', site.config);
  assert.equal(made.code, 0, made.err);
  const left = readdirSync(folder).filter((name) => !name.endsWith('.txt') && name.includes('P001'));
  assert.deepEqual([left.length, left[0], readdirSync(folder).length], [2, old[2], 4]);
  assert.match(left[1] ?? '', /^gatepost-P001-\d{8}-\d{6}Z\.tar\.gz$/);
  const piped = backup('-', site.config);
  writeFileSync(site.file, Buffer.from(piped.out, 'latin1'));
  assert.deepEqual([piped.code, await refusalOf(site.file)], [0, null]);
});

test('what cannot be backed up is told, and leaves no file', async (t) => {
  const site = await workedSite(t);
  const gone = backup(site.file, join(site.dir, 'nothing.yaml'));
  assert.match(gone.err, /nothing\.yaml cannot be read \(ENOENT\): name the configuration file/);
  put(site.config, readFileSync(site.config, 'utf8').replace(site.data, join(site.dir, 'empty')));
  const empty = backup(site.file, site.config);
  assert.match(empty.err, /holds no journal .* nothing to back up: correct "data"/);
  const nowhere = backup(join(site.dir, 'no', 'b.tar.gz'), site.config);
  assert.deepEqual([gone.code, empty.code, nowhere.code, existsSync(site.file)], [1, 1, 1, false]);
  assert.equal(backup().code, 2);
  assert.equal(backup(site.file, '--keep', '3').code, 2);
});

test('a backup never fills the disk of the books', async (t) => {
  const site: BackedSite = await workedSite(t);
  const tiny = tinyDisk(t, 32 * 1024);
  if (!tiny) return;
  const data = join(tiny.folder, 'data');
  spawnSync('cp', ['-r', site.data, data]);
  put(site.config, readFileSync(site.config, 'utf8').replace(site.data, data));
  const made = backup(join(tiny.folder, 'b.tar.gz'), site.config);
  assert.equal(made.code, 1);
  assert.match(made.err, /would fill the disk of the gate's own books \(less than 64 MiB free\)/);
  assert.deepEqual(
    (await realDisk.list(tiny.folder)).map(({ name }) => name),
    [],
  );
  assert.equal(backup(site.file, site.config).code, 0);
});
