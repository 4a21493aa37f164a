/** What the doctor finds on the machine itself: program, configuration, service, disk, log. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkConfiguration } from '../../src/doctor/checks/configuration.ts';
import { checkData, mountFindings, roomFindings } from '../../src/doctor/checks/data.ts';
import { checkFsync, judgeFlushes } from '../../src/doctor/checks/fsync.ts';
import { checkLog } from '../../src/doctor/checks/log.ts';
import { checkProgram, thisProgram } from '../../src/doctor/checks/program.ts';
import { checkService } from '../../src/doctor/checks/service.ts';
import { same } from '../../src/doctor/finding.ts';
import { mountIn } from '../../src/doctor/mounts.ts';
import { allows, mayUse } from '../../src/doctor/users.ts';
import { recordFailure } from '../../src/ops/service/failures.ts';
import { folder } from '../daemon/support.ts';
import { fill, records, tinyDisk } from '../store/tools.ts';
import { gateTelling, NOBODY, programs, siteIn, told } from './rig.ts';

const isRoot = process.getuid?.() === 0;
const needRoot = { skip: isRoot ? false : 'only root can give files away' };

test('program: what runs here; another version in the running gate wants a restart', async (t) => {
  const dir = folder(t);
  const program = { ...thisProgram(), version: '1.2.0' };
  const same = await checkProgram(
    siteIn(dir, { gate: gateTelling({ version: '1.2.0' }), machine: { uid: 0 } }),
    program,
  );
  assert.equal(same.length, 1);
  assert.match(told(same)[0] ?? '', /^fine: gatepost 1\.2\.0, Node \d+\.\d+\.\d+, (x64|arm64), glibc \d\.\d+; run as /);
  const old = await checkProgram(
    siteIn(dir, { gate: gateTelling({ version: '1.1.0' }), machine: { uid: 0 } }),
    program,
  );
  assert.match(
    told(old)[1] ?? '',
    /^look: 1\.1\.0 is running, and 1\.2\.0 is installed → .*systemctl restart gatepost$/,
  );
  const other = await checkProgram(siteIn(dir, { machine: { uid: 1000 } }), program);
  assert.match(told(other)[1] ?? '', /^none: not root.*sudo gatepost doctor/);
});

test('configuration: fine; mistakes are told, and the rest left to gatepost check', async (t) => {
  const site = siteIn(folder(t));
  assert.match(
    told(await checkConfiguration(site)).join(),
    /^fine: .*gatepost\.yaml is fine: 1 park\(s\), 1 lane\(s\), 1 device\(s\)$/,
  );
  const mistakes = ['one', 'two', 'three', 'four', 'five'].map(same);
  const broken = told(await checkConfiguration({ ...site, config: null, mistakes }));
  assert.equal(broken.length, 3);
  assert.match(broken[2] ?? '', /^wrong: three → and 2 more: (sudo )?gatepost check /);
});

test('configuration: secrets that others may read, files that the service may not', needRoot, async (t) => {
  const dir = folder(t);
  chmodSync(dir, 0o755);
  const kept = join(dir, 'credentials');
  mkdirSync(kept, { mode: 0o700 });
  const secret = join(kept, 'token');
  writeFileSync(secret, 'x', { mode: 0o600 });
  const site = siteIn(dir, { user: NOBODY });
  assert.deepEqual(
    (await checkConfiguration(site)).map(({ mark }) => mark),
    ['fine', 'fine'],
  );
  chmodSync(secret, 0o644);
  chmodSync(join(dir, 'sheet.yaml'), 0o600);
  const [, sheet, leak] = told(await checkConfiguration(site));
  assert.equal(
    sheet,
    `wrong: the user nobody cannot read ${dir}/sheet.yaml → chgrp nobody ${dir}/sheet.yaml && chmod g+r ${dir}/sheet.yaml`,
  );
  assert.equal(leak, `wrong: anybody on this machine may read ${secret} → chmod go= ${secret}`);
  chmodSync(secret, 0o640);
  assert.match(told(await checkConfiguration(site))[2] ?? '', /^look: a group may read .*token → chmod go= /);
});

const UNIT = (over: Readonly<Record<string, string>> = {}): string => {
  const state = {
    LoadState: 'loaded',
    UnitFileState: 'enabled',
    ActiveState: 'active',
    SubState: 'running',
    NRestarts: '0',
    WatchdogUSec: '30s',
    ...over,
  };
  return `printf '%s\\n' ${Object.entries(state)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}`;
};

test('service: as systemd tells of it', async (t) => {
  const dir = folder(t);
  const gate = gateTelling({ since: '2026-11-22T00:00:00Z' });
  const tell = async (over?: Readonly<Record<string, string>>, running = true) =>
    told(
      await checkService(
        siteIn(dir, { machine: programs(dir, { systemctl: UNIT(over) }), ...(running ? { gate } : {}) }),
      ),
    );
  assert.deepEqual(await tell(), [
    'fine: the gate runs, since 2026-11-22T00:00:00Z',
    'fine: gatepost.service is active, starts at boot, watchdog 30s, never started again',
  ]);
  const bad = await tell(
    { UnitFileState: 'disabled', ActiveState: 'failed', NRestarts: '7', WatchdogUSec: '0' },
    false,
  );
  assert.equal(bad.length, 5);
  assert.match(bad[0] ?? '', /^look: the gate does not run → systemctl start gatepost$/);
  assert.match(bad[1] ?? '', /^wrong: gatepost\.service is failed → systemctl start gatepost; /);
  assert.match(bad[2] ?? '', /^look: it does not start when the machine does → systemctl enable gatepost$/);
  assert.match(bad[3] ?? '', /^look: systemd has started the gate again 7 time/);
  assert.match(bad[4] ?? '', /^look: no watchdog/);
  assert.match((await tell({ ActiveState: 'inactive' }))[1] ?? '', /^look: .*started by hand/);
  assert.match((await tell({ LoadState: 'not-found' }))[1] ?? '', /^look: gatepost\.service is not installed/);
});

test('service: without systemd; a gate that does not answer; a run that ended badly within the day', async (t) => {
  const dir = folder(t);
  const site = siteIn(dir, {
    gate: { running: false, why: { zh: '', en: 'it takes the call' } },
    machine: { systemd: false },
  });
  const ending = { result: 'watchdog', exit: 'killed ABRT', invocation: '' };
  await recordFailure(site.failures, { ending, at: '2026-11-22 03:12:07', lastWords: '', log: '', down: false });
  const at = (hours: number) => () => Date.parse('2026-11-22T03:12:07') + hours * 3_600_000;
  const soon = told(await checkService({ ...site, machine: { ...site.machine, now: at(2) } }));
  assert.match(soon[0] ?? '', /^wrong: the gate does not answer: it takes the call/);
  assert.match(soon[1] ?? '', /^none: no systemd here/);
  assert.match(
    soon[2] ?? '',
    /^look: it ended badly within the last day \(2026-11-22 03:12:07\): .* → cat .*-watchdog\.yaml$/,
  );
  assert.equal((await checkService({ ...site, machine: { ...site.machine, now: at(25) } })).length, 2);
});

test('data: a journal that is whole and the gate’s own; one with a bad byte', async (t) => {
  const dir = folder(t);
  const site = siteIn(dir);
  const data = site.config?.data ?? '';
  assert.match(
    told(await checkData(site)).join(),
    /^look: .*data does not exist yet; the first start makes it → install -d -o /,
  );
  await fill(data, records(1, 5));
  const good = told(await checkData(site));
  assert.match(good.join('\n'), /fine: .* may write to it\nfine|look: /);
  assert.match(good.at(-1) ?? '', /^fine: the newest journal file is clean \(\d+ records\)$/);
  const [name = ''] = readdirSync(join(data, 'journal'));
  const segment = join(data, 'journal', name);
  const bytes = readFileSync(segment);
  bytes[10] = 0x58;
  writeFileSync(segment, bytes);
  assert.match(
    told(await checkData(site)).at(-1) ?? '',
    /^wrong: 1 place\(s\) of the newest journal file are damaged: .*smartctl/,
  );
});

test('data: how much the journal grows is told by its files', async (t) => {
  const dir = folder(t);
  const data = join(dir, 'data');
  await fill(data, records(1, 120), 4_096);
  const names = readdirSync(join(data, 'journal')).filter((name) => name.endsWith('.jsonl'));
  assert.ok(names.length >= 4, names.join());
  const began = Date.parse('2026-11-01T00:00:00Z') / 1_000;
  for (const [index, name] of names.entries()) utimesSync(join(data, 'journal', name), 0, began + index * 86_400);
  assert.match(told(await checkData(siteIn(dir))).join('\n'), /: free: .*; the journal takes 4\.1 kB a day, enough\b/);
});

test('data: a folder that was once used by root is not the service’s', needRoot, async (t) => {
  const dir = folder(t);
  chmodSync(dir, 0o755);
  const site = siteIn(dir, { user: NOBODY });
  const data = site.config?.data ?? '';
  mkdirSync(join(data, 'journal'), { recursive: true });
  for (const path of [data, join(data, 'journal')]) chownSync(path, NOBODY.uid, 65_534);
  assert.match(told(await checkData(site))[0] ?? '', /^fine: .* and nobody may write to it$/);
  writeFileSync(join(data, 'journal', '000000000001.jsonl'), '\n');
  assert.equal(
    told(await checkData(site))[0],
    `wrong: the user nobody cannot read and write ${data}/journal/000000000001.jsonl → chown -R nobody: ${data}`,
  );
});

test('data and fsync: a full disk in memory', async (t) => {
  const disk = tinyDisk(t, 256);
  if (!disk) return;
  const site = siteIn(folder(t), { lines: { data: disk.folder } });
  const before = told(await checkFsync(site));
  assert.match(before.join(), /^wrong: nothing can be written to .*: ENOSPC → make room/, 'half a MiB does not fit');
  assert.deepEqual(readdirSync(disk.folder), [], 'nothing stays behind');
  const found = told(await checkData(site)).join('\n');
  assert.match(found, /look: .* is on tmpfs: it may not survive the power going/);
  assert.match(found, /wrong: free: \d+ kB \/ 262 kB → make room/);
  disk.remount('ro');
  assert.match(told(await checkData(site)).join('\n'), /wrong: the disk of .* is read-only/);
  assert.match(told(await checkFsync(site)).join(), /^wrong: nothing can be written to .*: EROFS/);
});

test('data: which file systems keep their word, and for how long there is room', () => {
  const on = (type: string) => told(mountFindings('/d', { type, readOnly: false, source: 'x' })).join();
  assert.match(on('ext4'), /^fine/);
  for (const [type, why] of [
    ['nfs4', 'on the network'],
    ['vfat', 'breaks easily'],
    ['overlay', 'may not survive'],
  ] as const) {
    assert.match(on(type), new RegExp(`^look: .*${why}`));
  }
  const kept = { store: { segmentMiB: 4, keepJournalDays: 90 } } as Parameters<typeof roomFindings>[3];
  const room = (free: number, growth: number | null, filesFree = 10_000) =>
    told(roomFindings('/d', { free, size: 10e9, filesFree, files: 20_000 }, growth, kept)).join('\n');
  assert.equal(room(5e9, 10e6), 'fine: free: 5.0 GB / 10 GB; the journal takes 10 MB a day, enough');
  assert.match(
    room(2e9, 100e6),
    /^look: free: 2\.0 GB \/ 10 GB; the journal takes 100 MB a day, enough for 20 days → /,
  );
  assert.match(room(300e6, null), /^look: free: 300 MB/);
  assert.match(room(10e6, null), /^wrong: free: 10 MB/);
  assert.match(room(5e9, null, 3), /wrong: only 3 more files fit/);
});

test('mounts: the deepest counts, of several at one place the last, blanks in names are read', () => {
  const table = [
    '22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw',
    '23 22 8:2 / /var rw - ext4 /dev/sda2 rw',
    '24 23 0:30 / /var/lib\\040x rw - tmpfs tmpfs rw',
    '25 22 8:3 / /var ro - xfs /dev/sdb1 rw',
  ].join('\n');
  assert.deepEqual(mountIn(table, '/var/lib x/gatepost').type, 'tmpfs');
  assert.deepEqual([mountIn(table, '/var/lib').type, mountIn(table, '/var/lib').readOnly], ['xfs', true]);
  assert.equal(mountIn(table, '/various').source, '/dev/sda1');
});

test('fsync: measured on this disk; what the figures mean for drivers', async (t) => {
  const dir = folder(t);
  const site = siteIn(dir);
  assert.match(told(await checkFsync(site)).join(), /^none: not measured: .*ENOENT/);
  mkdirSync(site.config?.data ?? '');
  assert.match(
    told(await checkFsync(site)).join(),
    /^\w+: \d+ flushes: median \/ 99 % \/ worst [\d.]+ ms \/ [\d.]+ ms \/ [\d.]+ ms/,
  );
  assert.deepEqual(readdirSync(site.config?.data ?? ''), [], 'nothing stays behind');
  const judged = (median: number, p99: number) => told([judgeFlushes({ count: 100, median, p99, most: p99 })]).join();
  assert.match(judged(2, 12), /^fine: 100 flushes: median \/ 99 % \/ worst 2\.0 ms \/ 12 ms \/ 12 ms$/);
  assert.match(judged(20, 120), /^fine: .*slow, but no driver notices/);
  assert.match(judged(90, 450), /^look: .*drivers notice it → .*smartctl/);
  assert.match(judged(400, 2_500), /^wrong: .*arms rise late/);
  assert.match(judged(0.01, 0.03), /^look: .*too quick to be true: a power cut may lose payments → .*hdparm/);
});

test('log: no file, a folder that is fine, one that is not the service’s, none', async (t) => {
  const dir = folder(t);
  chmodSync(dir, 0o755);
  assert.match(told(await checkLog(siteIn(dir))).join(), /^none: no file/);
  const path = join(dir, 'log', 'gatepost.log');
  const lines = { log: `{ file: { path: ${path} } }` };
  assert.match(told(await checkLog(siteIn(dir, { lines }))).join(), /^look: .*the first start makes it/);
  mkdirSync(join(dir, 'log'));
  writeFileSync(path, 'x'.repeat(2_000));
  writeFileSync(`${path}.1`, 'x'.repeat(1_000));
  assert.match(
    told(await checkLog(siteIn(dir, { lines }))).join(),
    /^(fine|look): .*: 3\.0 kB of logs \(84 MB at most\), \d/,
  );
  if (isRoot)
    assert.match(
      told(await checkLog(siteIn(dir, { lines, user: NOBODY }))).join(),
      /^wrong: the user nobody cannot write to /,
    );
  const deep = { log: `{ file: { path: ${join(dir, 'no', 'such', 'x.log')} } }` };
  assert.match(told(await checkLog(siteIn(dir, { lines: deep }))).join(), /^wrong: there is no folder/);
});

test('log: a small disk that the logs will fill', async (t) => {
  const disk = tinyDisk(t, 512);
  if (!disk) return;
  const lines = { log: `{ file: { path: ${join(disk.folder, 'gatepost.log')} } }` };
  assert.match(
    told(await checkLog(siteIn(folder(t), { lines }))).join(),
    /^look: .*free → make room, or lower log\.file\.maxMiB/,
  );
});

test('rights: the owner’s digit counts for the owner alone, the group’s for its members alone', async (t) => {
  const file = { uid: 10, gid: 20, mode: 0o100_064 };
  const may = (uid: number, groups: readonly number[], bits: number) => allows(file, { name: 'x', uid, groups }, bits);
  assert.deepEqual(
    [may(10, [20], 4), may(11, [20], 6), may(11, [21], 4), may(11, [21], 2), may(0, [], 6)],
    [false, true, true, false, true],
  );
  const dir = folder(t);
  chmodSync(dir, 0o700);
  assert.equal((await mayUse(join(dir, 'none'), NOBODY, 'read')).type, 'missing');
  writeFileSync(join(dir, 'open'), '', { mode: 0o666 });
  if (isRoot) assert.deepEqual(await mayUse(join(dir, 'open'), NOBODY, 'read'), { type: 'denied', at: dir });
});
