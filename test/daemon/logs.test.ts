/** The real program and its log: rotation under load, a killed process, a full /var/log, a reader that is gone or asleep. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { demoConfig } from '../../src/demo/config.ts';
import { need } from '../need.ts';
import { tinyDisk } from '../store/tools.ts';
import { agoMinutes, folder, gatepost, outside, post, type Running, running, type Site, until } from './support.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MIB = 1024 * 1024;

/** A site whose log goes to a file. @returns the configuration file. */
function siteWith(dir: string, log: string): string {
  const file = join(dir, 'site.yaml');
  writeFileSync(join(dir, 'demo-sheet.yaml'), 'name: Demo\nversion: "1"\nprice: 5 per hour\n');
  writeFileSync(file, `log: ${log}\n${demoConfig({ portBase: 0, data: join(dir, 'data') })}`);
  return file;
}

/** Far enough apart that none is taken for another misread. */
const plateOf = (number: number): string => `粤C${String((number * 36_527) % 100_000).padStart(5, '0')}`;

/** Cars without a plate that can be read, so many that their lines are more than any pipe or terminal holds. */
async function crowd(site: Site): Promise<void> {
  await Promise.all(Array.from({ length: 400 }, (_, index) => site.see('demo-in-1', `${'x'.repeat(60)}${index}`)));
}

async function faultsOf(local: string): Promise<readonly { code: string; subject: string; text: string }[]> {
  const { faults } = (await (await fetch(`${local}/healthz`)).json()) as {
    faults: { code: string; subject: string; text: string }[];
  };
  return faults;
}

/** What LOG_FAILED says; null while it is not raised. */
async function failure({ local }: Pick<Running, 'local'>): Promise<string | null> {
  const fault = (await faultsOf(local)).find(({ code }) => code === 'LOG_FAILED');
  return fault ? `${fault.subject} ${fault.text}` : null;
}

/** A car comes, pays and is let go. */
async function drivesThrough(gate: Pick<Running, 'mallcoo'>, site: Site, plate: string): Promise<void> {
  await site.see('demo-in-1', plate, agoMinutes(30));
  const order = { plateNo: plate, orderNo: `O-${plate}`, unPayAmount: 500, amount: 500, payType: 3 };
  assert.equal((await post(gate.mallcoo, 'PayParkingFee', order)).resCode, 0);
  await site.see('demo-out-1', plate);
  const gone = async (): Promise<boolean> =>
    (await post(gate.mallcoo, 'GetParkingPaymentInfo', { plateNo: plate })).resCode === 1;
  await until(`${plate} to have left`, gone);
}

test('a full disk under /var/log does not stop the gate; the fault comes and goes, and the gap is told', async (t) => {
  const disk = tinyDisk(t, 4096);
  if (!disk) return;
  const path = join(disk.folder, 'gatepost', 'gatepost.log');
  const dir = folder(t);
  const gate = await running(gatepost(t, ['run', siteWith(dir, `{ file: { path: ${path}, maxMiB: 1, keep: 1 } }`)]));
  const site = await outside(t, gate.mqtt);
  await drivesThrough(gate, site, plateOf(1));
  await until('its lines in the file', () => readFileSync(path, 'utf8').includes('left'));

  const ballast = join(disk.folder, 'somebody-elses.log');
  const { bsize, bavail } = statfsSync(disk.folder);
  writeFileSync(ballast, Buffer.alloc(bsize * bavail));
  // The file's last block may have room for some lines.
  for (let number = 2; (await failure(gate)) === null; number += 1) await drivesThrough(gate, site, plateOf(number));
  assert.match((await failure(gate)) ?? '', /gatepost\.log log lines cannot be written: ENOSPC.*; \d+ lines lost/);
  for (let number = 1_000; number < 1_020; number += 1) await drivesThrough(gate, site, plateOf(number));
  // More than the memory for waiting lines holds.
  while (!/; [1-9]\d* lines lost/.test((await failure(gate)) ?? '')) await crowd(site);

  rmSync(ballast);
  await until('the fault to clear', async () => (await failure(gate)) === null);
  await drivesThrough(gate, site, plateOf(2_000));
  await until('the lines in the file', () => readFileSync(path, 'utf8').includes(plateOf(2_000)));
  const text = readdirSync(join(path, '..'))
    .map((name) => readFileSync(join(path, '..', name), 'utf8'))
    .join('');
  assert.match(text, /! - {6}\d+ lines of the log are missing \[LOG_LINES_LOST\]\n/);
  assert.match(gate.output(), /CLEARED .*gatepost\.log after \d+ s \[LOG_FAILED\]/);
  assert.match(gate.output(), /lines of the log are missing where=.*gatepost\.log \[LOG_LINES_LOST\]/);
  assert.equal(await gate.end('SIGTERM'), 0);
  assert.match(readFileSync(path, 'utf8'), / stopped\n$/, 'the last line, too');
});

test('killed in the middle of rotations the files stay within their bound, and the next run goes on', async (t) => {
  const dir = folder(t);
  const logs = join(dir, 'logs');
  const file = siteWith(dir, `{ file: { path: ${join(logs, 'gatepost.log')}, maxMiB: 1, keep: 2 } }`);
  for (let run = 0; run < 3; run += 1) {
    const gate = await running(gatepost(t, ['run', file]));
    const site = await outside(t, gate.mqtt);
    // As if it had been written for days: little is missing to a rotation.
    const { size, ino: before } = statSync(join(logs, 'gatepost.log'));
    appendFileSync(join(logs, 'gatepost.log'), `${'x'.repeat(MIB - size - 4_096)}\n`);
    const rotated = (): boolean => statSync(join(logs, 'gatepost.log'), { throwIfNoEntry: false })?.ino !== before;
    for (let number = 0; !rotated(); number += 1) await site.see('demo-in-1', plateOf(run * 1_000 + number));
    await gate.end('SIGKILL');
    const names = readdirSync(logs);
    assert.ok(
      names.every((name) => /^gatepost\.log(\.[12])?$/.test(name)),
      names.join(),
    );
    const bytes = names.reduce((sum, name) => sum + statSync(join(logs, name)).size, 0);
    assert.ok(bytes <= 3 * MIB, `${bytes} bytes`);
  }
  const text = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
  assert.ok(text.join('').split(' is up ').length - 1 >= 2, 'the starts of all runs but the first are there still');
});

/** The daemon with its standard output in the test's hand. */
function withOutput(t: TestContext, file: string, stdio: 'pipe' | number): ChildProcess {
  const child = spawn(process.execPath, [join(ROOT, 'src', 'bin.mjs'), 'run', file], {
    stdio: ['ignore', stdio, 'ignore'],
    env: { ...process.env, GATEPOST_LANGUAGE: 'en' },
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** Its ports, from the log file. */
async function portsOf(path: string): Promise<{ mallcoo: string; local: string; mqtt: string }> {
  const ports = await until('the gate to be up', () => {
    const text = readFileSync(path, { encoding: 'utf8', flag: 'a+' });
    return /is up mallcoo=(\d+) local=(\d+) mqtt=(\d+)/.exec(text) ?? undefined;
  });
  const [, mallcoo, local, mqtt] = ports;
  return {
    mallcoo: `http://127.0.0.1:${mallcoo}`,
    local: `http://127.0.0.1:${local}`,
    mqtt: `mqtt://127.0.0.1:${mqtt}`,
  };
}

test('a reader of standard output that goes away does not end the gate', async (t) => {
  const dir = folder(t);
  const path = join(dir, 'gatepost.log');
  const child = withOutput(t, siteWith(dir, `{ file: { path: ${path} } }`), 'pipe');
  const gate = await portsOf(path);
  child.stdout?.destroy();
  const site = await outside(t, gate.mqtt);
  await drivesThrough(gate, site, plateOf(1));
  await until('the fault', async () => {
    return (await faultsOf(gate.local)).some(
      ({ subject, text }) => subject === 'stdout' && /nobody reads it/.test(text),
    );
  });
  await drivesThrough(gate, site, plateOf(2));
  await until('its lines in the file', () => readFileSync(path, 'utf8').includes(`${plateOf(2)}  left`));
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('a reader of standard output that sleeps holds nothing up', async (t) => {
  const dir = folder(t);
  const path = join(dir, 'gatepost.log');
  const child = withOutput(t, siteWith(dir, `{ file: { path: ${path} } }`), 'pipe');
  child.stdout?.pause();
  const gate = await portsOf(path);
  const site = await outside(t, gate.mqtt);
  await crowd(site);
  await drivesThrough(gate, site, plateOf(1));
  // As systemd asks for it: it ends in time, though nobody takes the last lines.
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('a terminal that was halted holds nothing up', async (t) => {
  if (!need(t, 'socat')) return;
  const dir = folder(t);
  const path = join(dir, 'gatepost.log');
  const [near, far] = [join(dir, 'near'), join(dir, 'far')];
  // A terminal that nobody empties is one that was halted with Ctrl-S.
  const socat = spawn('socat', [`PTY,link=${near},raw,echo=0`, `PTY,link=${far},raw,echo=0`], { stdio: 'ignore' });
  t.after(() => socat.kill('SIGKILL'));
  await until('the terminal', () => readdirSync(dir).includes('near') && readdirSync(dir).includes('far'));
  const file = siteWith(dir, `{ file: { path: ${path} } }`);
  const shell = spawn(
    'sh',
    ['-c', `exec "$0" "$1" run "$2" > "$3"`, process.execPath, join(ROOT, 'src', 'bin.mjs'), file, near],
    {
      stdio: 'ignore',
    },
  );
  t.after(() => shell.kill('SIGKILL'));
  const gate = await portsOf(path);
  const site = await outside(t, gate.mqtt);
  await crowd(site);
  await drivesThrough(gate, site, plateOf(1));
  shell.kill('SIGTERM');
  assert.deepEqual(await once(shell, 'exit'), [0, null]);
});

test("in systemd's journal a line says how bad it is, and leaves the time to the journal", async (t) => {
  const dir = folder(t);
  const file = siteWith(dir, '{ language: en }');
  const journal = join(dir, 'journal');
  writeFileSync(journal, '');
  const { dev, ino } = statSync(journal);
  const shell = `exec "$0" "$1" run "$2" >> "$3"`;
  const child = spawn('sh', ['-c', shell, process.execPath, join(ROOT, 'src', 'bin.mjs'), file, journal], {
    stdio: 'ignore',
    env: { ...process.env, JOURNAL_STREAM: `${dev}:${ino}` },
  });
  t.after(() => child.kill('SIGKILL'));
  await portsOf(journal);
  child.kill('SIGTERM');
  await once(child, 'exit');
  const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
  assert.ok(
    lines.every((line) => /^<[346]>[ !✗] \S/.test(line)),
    lines.join('\n'),
  );
  assert.equal(lines.at(-1), '<6>  -      stopped');
});
