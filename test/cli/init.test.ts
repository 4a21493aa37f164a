/** `gatepost init` with answers from a file: real files, and the site that comes of them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkCommand } from '../../src/cli/check.ts';
import { initCommand } from '../../src/cli/init.ts';
import { findPorts } from '../../src/cli/init-machine.ts';
import { folder, gatepost, running } from '../daemon/support.ts';
import { ran } from './ran.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BIN = join(ROOT, 'src', 'bin.mjs');
const EXAMPLE = readFileSync(join(ROOT, 'docs', 'init-answers.example.yaml'), 'utf8');
const SECRETS = { GATEPOST_MALLCOO_TOKEN: 'token-0123456789', GATEPOST_MALLCOO_NOTICES_KEY: 'notices-0123456789' };

/** The files below a folder, hidden ones too. */
function filesIn(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).toSorted();
}

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** An answers file beside the folder of the site. */
function answersFile(t: TestContext, text: string): { readonly file: string; readonly dir: string } {
  const home = folder(t);
  const file = join(home, 'answers.yaml');
  writeFileSync(file, text);
  return { file, dir: join(home, 'site') };
}

/** The example's answers without what it takes from the environment. */
const PLAIN = EXAMPLE.replace('token: { env: GATEPOST_MALLCOO_TOKEN } ', '')
  .replace(', token: { env: GATEPOST_MALLCOO_TOKEN }', '')
  .replace('privateKey: { env: GATEPOST_MALLCOO_NOTICES_KEY }', 'privateKey: notices-0123456789');

async function made(t: TestContext, text = PLAIN, ...more: readonly string[]) {
  const { file, dir } = answersFile(t, text);
  return { dir, file, result: await ran(initCommand, ['--dir', dir, '--answers', file, ...more]) };
}

test('without a terminal and without answers it says what to do', async (t) => {
  const program = gatepost(t, ['init', '--dir', folder(t)]);
  assert.equal(await program.exited(), 2);
  assert.match(program.output(), /no terminal to ask in: run it in one, or hand in --answers FILE/);
});

test("the example's answers make a site, with its secrets from the environment and for the owner alone", async (t) => {
  const { file, dir } = answersFile(t, EXAMPLE);
  const program = gatepost(t, ['init', '--dir', dir, '--answers', file], SECRETS);
  assert.equal(await program.exited(), 0, program.output());
  assert.deepEqual(filesIn(dir), [
    '70-gatepost-site.rules',
    'credentials',
    'credentials/cam-in-1',
    'credentials/cam-out-1',
    'credentials/mallcoo-notices-key',
    'credentials/mallcoo-token',
    'gatepost.yaml',
    'standard.yaml',
    'tunnel.env',
  ]);
  assert.equal(readFileSync(join(dir, 'credentials', 'mallcoo-token'), 'utf8'), `${SECRETS.GATEPOST_MALLCOO_TOKEN}\n`);
  assert.equal(mode(join(dir, 'credentials')), '700');
  for (const name of readdirSync(join(dir, 'credentials'))) assert.equal(mode(join(dir, 'credentials', name)), '600');
  // Readable for the service, whose group is there only where the package is installed; nothing secret is in it.
  assert.match(mode(join(dir, 'gatepost.yaml')), /^64[04]$/);
  const settings = readFileSync(join(dir, 'gatepost.yaml'), 'utf8');
  for (const secret of Object.values(SECRETS)) assert.ok(!`${settings}${program.output()}`.includes(secret));
  const password = readFileSync(join(dir, 'credentials', 'cam-in-1'), 'utf8').trim();
  assert.match(password, /^[a-z2-9]{20}$/);
  assert.match(program.output(), new RegExp(`cam-in-1 +${password}`), 'what was made up is shown');
  assert.match(readFileSync(join(dir, 'tunnel.env'), 'utf8'), /^FAR_HOST=203\.0\.113\.7\nFAR_USER=gatepost\n/m);
  assert.match(program.output(), /cp .*70-gatepost-site\.rules \/etc\/udev\/rules\.d\//);
});

test('a dozen mistakes in the answers are all told at once, each with its line and a way out, and nothing is written', async (t) => {
  const { result, dir } = await made(
    t,
    `park: { id: "P 1", name: Mall, zone: Mars/Base }
lanes:
  - id: in-1
    direction: inward
    camera: { driver: vzenith-mqtt, options: { pulseMs: 5 } }
    barrier: { camera: 0, relay: r, output: 1 }
  - id: in-1
    direction: in
    scanner: { port: ttyS0 }
    barrier: { relay: board, output: 1 }
relays:
  - { id: bord, port: /dev/ttyS1 }
tariff: { freeMinutes: 15 }
mallcoo: { auth: { type: token, token: short } }
mqtt: { listen: 127.0.0.1:8081 }
`,
  );
  assert.equal(result.code, 1);
  const lines = result.err.trim().split('\n');
  const places = lines.slice(0, -1).map((line) => /answers\.yaml:(\d+):\d+ (\S+): /.exec(line)?.slice(1).join(' '));
  assert.deepEqual(places, [
    '1 park.id',
    '1 park.zone',
    '4 lanes[0].direction',
    '5 lanes[0].camera.options.sn',
    '5 lanes[0].camera.options.pulseMs',
    '6 lanes[0].barrier',
    '7 lanes[1].id',
    '9 lanes[1].scanner.port',
    '10 lanes[1].barrier.relay',
    '12 relays[0].id',
    '13 tariff.perHour',
    '14 mallcoo.auth.token',
    '15 mqtt.listen',
  ]);
  for (const line of lines.slice(0, -1)) assert.match(line, /\. .+[.?]$/);
  assert.match(result.err, /Did you mean "bord"\?/);
  assert.doesNotMatch(result.err, /short/);
  assert.ok(!existsSync(dir));
});

test('what is no answers file at all is said so', async (t) => {
  for (const [text, wanted] of [
    ['', /no answers\. Start from docs\/init-answers\.example\.yaml/],
    ['park: {', /answers\.yaml:1:\d+: /],
    ['parks: []', /"park"/],
  ] as const) {
    const { result } = await made(t, text);
    assert.equal(result.code, 1);
    assert.match(result.err, wanted);
  }
  const none = await ran(initCommand, ['--dir', folder(t), '--answers', '/nowhere/answers.yaml']);
  assert.deepEqual([none.code, none.err], [1, 'gatepost init: /nowhere/answers.yaml: there is no such file.\n']);
});

test('what exists is not overwritten, and --force keeps it, and the passwords that the cameras have', async (t) => {
  const { dir, file, result } = await made(t);
  assert.equal(result.code, 0, result.err);
  const before = filesIn(dir).map((name) => [name, statSync(join(dir, name)).ino]);
  const again = await ran(initCommand, ['--dir', dir, '--answers', file]);
  assert.equal(again.code, 1);
  assert.match(again.err, /gatepost\.yaml.* will not be overwritten.*--force/);
  assert.deepEqual(
    filesIn(dir).map((name) => [name, statSync(join(dir, name)).ino]),
    before,
  );

  const [password, token] = ['cam-in-1', 'mallcoo-token'].map((name) =>
    readFileSync(join(dir, 'credentials', name), 'utf8'),
  );
  writeFileSync(join(dir, 'gatepost.yaml'), '# by hand\n');
  writeFileSync(file, PLAIN.replace('notices-0123456789', 'notices-9876543210').replace('perHour: 5', 'perHour: 8'));
  const forced = await ran(initCommand, ['--dir', dir, '--answers', file, '--force']);
  assert.equal(forced.code, 0, forced.err);
  const names = filesIn(dir);
  const old = names.find((name) => name.startsWith('gatepost.yaml.bak-')) ?? '';
  assert.match(old, /^gatepost\.yaml\.bak-\d{8}-\d{6}$/);
  assert.equal(readFileSync(join(dir, old), 'utf8'), '# by hand\n');
  assert.ok(names.some((name) => name.startsWith('standard.yaml.bak-')));
  const secret = names.find((name) => /^credentials\.bak-.*\/mallcoo-notices-key$/.test(name)) ?? '';
  assert.equal(readFileSync(join(dir, secret), 'utf8'), 'notices-0123456789\n');
  assert.equal(mode(join(dir, secret, '..')), '700');
  assert.equal(readFileSync(join(dir, 'credentials', 'cam-in-1'), 'utf8'), password);
  assert.equal(readFileSync(join(dir, 'credentials', 'mallcoo-token'), 'utf8'), token);
  assert.ok(!forced.out.includes(password?.trim() ?? ''), 'a password that was kept is not shown again');
});

test('a file that cannot be written leaves everything as it was', async (t) => {
  const { file, dir } = answersFile(t, PLAIN);
  // What stands where the new configuration is to be made cannot be taken away.
  mkdirSync(join(dir, 'gatepost.yaml.gatepost-init', 'full'), { recursive: true });
  const result = await ran(initCommand, ['--dir', dir, '--answers', file]);
  assert.equal(result.code, 1);
  assert.match(result.err, /could not be written, and nothing was changed/);
  assert.deepEqual(filesIn(dir), ['credentials', 'gatepost.yaml.gatepost-init', 'gatepost.yaml.gatepost-init/full']);
});

test('--dry-run shows all but secrets and writes nothing', async (t) => {
  const { result, dir } = await made(t, PLAIN, '--dry-run');
  assert.equal(result.code, 0, result.err);
  assert.match(result.out, /── .*gatepost\.yaml\n# Gatepost's configuration/);
  assert.doesNotMatch(result.out, /notices-0123456789/);
  assert.ok(!existsSync(dir));
});

test('a sheet that exists is copied beside the configuration, with its classes by the colour of the plate', async (t) => {
  const sheet = join(ROOT, 'docs', 'tariffs', 'class-and-new-energy.yaml');
  const prices = /^tariff:[\s\S]*?\n\n/m;
  const bare = await made(t, PLAIN.replace(prices, `tariff: { file: ${sheet} }\n\n`));
  const { dir, result } = bare;
  if (result.code !== 0) assert.fail(result.err);
  assert.equal(readFileSync(join(dir, 'class-and-new-energy.yaml'), 'utf8'), readFileSync(sheet, 'utf8'));
  const missing = await made(t, PLAIN.replace(prices, 'tariff: { file: nowhere.yaml }\n\n'));
  assert.equal(missing.result.code, 1);
  assert.match(missing.result.err, /nowhere\.yaml: there is no such file/);
});

test('a folder that may not be written to is told before anything is asked', (t) => {
  const dir = folder(t);
  chmodSync(dir, 0o555);
  // Root may write everywhere, so somebody else is sent.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (spawnSync('test', ['-r', BIN], nobody).status !== 0) return t.skip('SKIPPED: only root can read this checkout');
  const result = spawnSync(process.execPath, [BIN, 'init', '--dir', join(dir, 'site'), '--answers', 'none.yaml'], {
    encoding: 'utf8',
    env: { ...process.env, GATEPOST_LANGUAGE: 'en' },
    ...nobody,
  });
  assert.equal(result.status, 1, result.stderr);
  assert.match(result.stderr, /may not be written to by this user\. Run it with sudo/);
});

test('serial ports are found with what tells them apart; where nothing can list them that is known, too', async (t) => {
  const bin = folder(t);
  const path = process.env['PATH'];
  t.after(() => {
    process.env['PATH'] = path;
  });
  process.env['PATH'] = bin;
  assert.equal(await findPorts(), null);
  const listed = `P: /devices/board
N: ttyS90
E: DEVNAME=/dev/ttyS90

P: /devices/usb
N: ttyUSB90
E: DEVNAME=/dev/ttyUSB90
E: ID_VENDOR_ENC=Newland\\x20Auto-ID
E: ID_VENDOR_ID=1EAB
E: ID_MODEL_ID=1d06
E: ID_SERIAL_SHORT=ST2021A
`;
  writeFileSync(join(bin, 'udevadm'), `#!/bin/sh\n/bin/cat <<'END'\n${listed}END\n`, { mode: 0o755 });
  assert.deepEqual(await findPorts(), [
    {
      path: '/dev/ttyUSB90',
      vendor: '1eab',
      product: '1d06',
      serial: 'ST2021A',
      maker: 'Newland Auto-ID',
      place: null,
    },
    { path: '/dev/ttyS90', vendor: null, product: null, serial: null, maker: null, place: null },
  ]);
});

test('the site that was written runs, and its camera logs in with the password that was shown', async (t) => {
  const answers = `park: { id: P001, name: 示例 }
lanes:
  - { id: in-1, direction: in, camera: { driver: vzenith-mqtt, options: { sn: SN1 } }, barrier: { camera: 0 } }
mqtt: { listen: 127.0.0.1:1883 }
tariff: { perHour: 5 }
mallcoo: { auth: { type: token } }
`;
  const { dir, result } = await made(t, answers);
  assert.equal(result.code, 0, result.err);
  const file = join(dir, 'gatepost.yaml');
  const text = readFileSync(file, 'utf8')
    .replace('data: /var/lib/gatepost', `data: ${join(dir, 'data')}\nlocal: { listen: 127.0.0.1:0 }`)
    .replace('file: {}', `file: { path: ${join(dir, 'gatepost.log')} }`)
    .replace('127.0.0.1:8080', '127.0.0.1:0')
    .replace('127.0.0.1:1883', '127.0.0.1:0');
  writeFileSync(file, text);
  const daemon = await running(gatepost(t, ['run', file]));
  const token = readFileSync(join(dir, 'credentials', 'mallcoo-token'), 'utf8').trim();
  const asked = await fetch(`${daemon.mallcoo}/GetTraffic`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'X-Token': token },
    body: JSON.stringify({ parkId: 'P001', startTime: '2026-01-01 00:00:00', endTime: '2026-01-02 00:00:00' }),
  });
  assert.equal(((await asked.json()) as { resCode: unknown }).resCode, 0);
  const { connectAsync } = (await import('mqtt')).default;
  const password = readFileSync(join(dir, 'credentials', 'cam-in-1'), 'utf8').trim();
  assert.match(result.out, new RegExp(`cam-in-1 +${password}`));
  const camera = await connectAsync(daemon.mqtt, { username: 'cam-in-1', password, reconnectPeriod: 0 });
  await camera.endAsync();
  await assert.rejects(connectAsync(daemon.mqtt, { username: 'cam-in-1', password: 'other', reconnectPeriod: 0 }));
  assert.equal(await daemon.end('SIGTERM'), 0);
});

test('udev understands the rules', async (t) => {
  const { dir } = await made(t);
  const file = join(dir, '70-gatepost-site.rules');
  const rules = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  assert.equal(rules.length, 2);
  for (const rule of rules) assert.match(rule, /^(?:[A-Z]+(?:\{[^}]+\})?(?:==|!=|\+=)"[^"]*"(?:, |$))+$/);
  assert.match(rules[0] ?? '', /ENV\{ID_SERIAL_SHORT\}=="ST2021A", SYMLINK\+="gatepost\/scanner-out-1"$/);
  assert.match(
    rules[1] ?? '',
    /ENV\{ID_PATH\}=="pci-0000:00:14\.0-usb-0:3:1\.0", ENV\{\.ID_PORT\}=="0", SYMLINK\+="gatepost\/relay-1"$/,
  );
  // From systemd 254 on udev can say itself what it thinks of them.
  const verified = spawnSync('udevadm', ['verify', file], { encoding: 'utf8' });
  if (verified.error === undefined && !/Unknown command/.test(verified.stderr))
    assert.equal(verified.status, 0, verified.stderr);
});

test('in Chinese everything is Chinese, and the file is clean there, too', async (t) => {
  const { file, dir } = answersFile(t, PLAIN);
  const result = await ran(initCommand, ['--dir', dir, '--answers', file], 'zh');
  assert.equal(result.code, 0, result.err);
  assert.match(result.out, /已写 .*gatepost\.yaml[\s\S]*接下来：/);
  const text = readFileSync(join(dir, 'gatepost.yaml'), 'utf8');
  assert.match(text, /^# Gatepost 的配置/);
  for (const line of text.split('\n').filter((found) => / # |^ *# /.test(found))) assert.match(line, /\p{Script=Han}/u);
  assert.equal((await ran(checkCommand, [join(dir, 'gatepost.yaml')])).code, 0);
});

test('a folder where a file belongs is a sentence, not a stack trace', async (t) => {
  const { file, dir } = answersFile(t, PLAIN);
  mkdirSync(join(dir, 'gatepost.yaml'), { recursive: true });
  const result = await ran(initCommand, ['--dir', dir, '--answers', file, '--force']);
  assert.equal(result.code, 1);
  assert.match(result.err, /could not be written, and nothing was changed: EISDIR/);
});
