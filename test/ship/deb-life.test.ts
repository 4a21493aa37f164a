/** The package's life in a bare Debian: installed, run with its own files, upgraded, taken back, removed, purged. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { running, until } from '../daemon/support.ts';
import { layReleased } from '../store/released.ts';
import { ask, CONFIG, configure, enter, type Gate, PRICE_SHEET, payAndLeave, TOKEN } from './deb-site.ts';
import {
  asUnit,
  BEFORE,
  type Booted,
  bareDebian,
  boot,
  bring,
  copyOf,
  currentDeb,
  debBefore,
  debianMissing,
  inside,
  skipLoudly,
  VERSION,
} from './debian.ts';

const PLATE = '粤A12345';
const OTHER = '粤B20417';
const EXAMPLE = 'etc/gatepost/example.yaml';

const ground = { base: '', work: '', before: '', trouble: '' };

before(async () => {
  ground.trouble = debianMissing() ?? '';
  if (ground.trouble !== '') return;
  // Made beside each other: one mostly fetches, the other mostly packs.
  const base = bareDebian(currentDeb()).catch((error: unknown) => {
    ground.trouble = `mmdebstrap could not make a Debian: ${String(error)}`;
    return '';
  });
  ground.work = mkdtempSync(join(tmpdir(), 'gatepost-debs-'));
  ground.before = debBefore(ground.work);
  ground.base = await base;
});

after(() => {
  if (ground.work !== '') rmSync(ground.work, { recursive: true, force: true });
  if (ground.base !== '') rmSync(dirname(ground.base), { recursive: true, force: true });
});

/** A bare Debian of the test's own, with the packages on its stick. */
function debian(t: TestContext): { readonly root: string; readonly old: string; readonly now: string } | null {
  if (ground.trouble !== '') {
    skipLoudly(t, ground.trouble);
    return null;
  }
  const root = copyOf(t, ground.base);
  return { root, old: bring(root, ground.before), now: bring(root, currentDeb()) };
}

function dpkg(root: string, ...args: readonly string[]): string {
  const { status, text } = inside(root, ['dpkg', '--force-confold', ...args]);
  assert.equal(status, 0, text);
  return text;
}

function append(file: string, text: string): void {
  writeFileSync(file, text, { flag: 'a' });
}

const modeOf = (file: string): string => (statSync(file).mode & 0o7777).toString(8);

describe('in a bare Debian', () => {
  test('it is installed without the network and says what comes next; nothing runs, nothing is open to others', (t) => {
    const box = debian(t);
    if (!box) return;
    const { root, now } = box;
    const told = dpkg(root, '-i', now);
    assert.match(told, /installed, and not configured yet. Next: gatepost init, then: systemctl enable --now gatepost/);
    assert.equal(inside(root, ['gatepost', '--version']).text, `gatepost ${VERSION}\n`);
    assert.match(
      inside(root, ['id', 'gatepost']).text,
      /^uid=\d+\(gatepost\) gid=\d+\(gatepost\) groups=\d+\(gatepost\)\n$/,
    );
    assert.match(inside(root, ['id', 'gatepost-tunnel']).text, /gatepost-tunnel/);
    assert.equal(modeOf(join(root, 'etc/gatepost/credentials')), '700');
    assert.equal(modeOf(join(root, 'etc/gatepost')), '755');
    assert.equal(inside(root, ['dpkg', '--verify', 'gatepost']).text, '');
    assert.deepEqual(readdirSync(join(root, 'etc/systemd/system/multi-user.target.wants')), ['remote-fs.target']);
    // Again and again, and in Chinese for whom it may concern.
    const again = inside(root, ['dpkg', '-i', now], { LANG: 'zh_CN.UTF-8' });
    assert.match(again.text, /已安装，尚未配置。下一步：gatepost init/);
  });

  test('gatepost init there writes a site that the package’s own check finds fine, with the secrets for root alone', (t) => {
    const box = debian(t);
    if (!box) return;
    const { root, now } = box;
    dpkg(root, '-i', now);
    const secrets = { GATEPOST_MALLCOO_TOKEN: TOKEN, GATEPOST_MALLCOO_NOTICES_KEY: TOKEN };
    const answers = '/usr/share/doc/gatepost/init-answers.example.yaml';
    const wrote = inside(root, ['gatepost', 'init', '--answers', answers], secrets);
    assert.equal(wrote.status, 0, wrote.text);
    assert.equal(inside(root, ['gatepost', 'check', `/${CONFIG}`]).status, 0);
    assert.equal(modeOf(join(root, 'etc/gatepost/credentials')), '700');
    for (const name of readdirSync(join(root, 'etc/gatepost/credentials')))
      assert.equal(modeOf(join(root, 'etc/gatepost/credentials', name)), '600', name);
    assert.ok(existsSync(join(root, 'etc/udev/rules.d/70-gatepost-site.rules')));
    // Installed again, it is configured: enabled, and nothing is said of first steps.
    assert.doesNotMatch(dpkg(root, '-i', now), /not configured|ATTENTION/);
  });

  test('the daemon runs there as its unit says: a car that is inside at the upgrade pays and leaves after it', async (t) => {
    const box = debian(t);
    if (!box) return;
    const { root, old, now } = box;
    dpkg(root, '-i', old);
    configure(root);
    append(join(root, EXAMPLE), '# A note of the technician.\n');
    const checked = inside(root, ['gatepost', 'check', `/${CONFIG}`]);
    assert.match(checked.text, /is fine: 1 park\(s\), 2 lane\(s\), 2 device\(s\)/);

    const first = await running(asUnit(t, root));
    assert.match(first.output(), new RegExp(`gatepost ${BEFORE} is up`));
    await enter(t, first, PLATE, 150);
    await enter(t, first, OTHER, 30);
    const told = dpkg(root, '-i', now);
    assert.doesNotMatch(told, /ATTENTION/);
    assert.equal((await ask(first, PLATE)).resCode, 0, 'the gate works all through the upgrade');
    assert.equal(await first.end('SIGTERM'), 0);
    assert.match(readFileSync(join(root, EXAMPLE), 'utf8'), /A note of the technician/);
    assert.ok(existsSync(join(root, `${EXAMPLE}.dpkg-dist`)), 'the new example lies beside the changed one');

    const second = await running(asUnit(t, root));
    assert.match(second.output(), new RegExp(`gatepost ${VERSION} is up`));
    assert.equal(await payAndLeave(t, second, PLATE, 'A1'), 1500);
    assert.equal(await second.end('SIGTERM'), 0);
    assert.match(inside(root, ['gatepost', 'journal', 'verify', '/var/lib/gatepost']).text, /^clean: /m);

    // And back: the older package reads what the newer one has written.
    assert.match(dpkg(root, '-i', old), /downgrading gatepost/);
    const third = await running(asUnit(t, root));
    assert.match(third.output(), new RegExp(`gatepost ${BEFORE} is up`));
    assert.equal((await ask(third, PLATE)).resCode, 1, 'who has left has left');
    assert.equal(await payAndLeave(t, third, OTHER, 'A2'), 500);
    assert.equal(await third.end('SIGTERM'), 0);
  });

  test('the books of 0.1.0, as they were left with the power cut: its visits are there, are paid, and leave', async (t) => {
    const box = debian(t);
    if (!box) return;
    const { root, now } = box;
    dpkg(root, '-i', now);
    configure(root);
    layReleased(join(root, 'var/lib/gatepost'));
    inside(root, ['chown', '-R', 'gatepost:gatepost', '/var/lib/gatepost']);
    const gate = await running(asUnit(t, root));
    const { fields } = await ask(gate, PLATE);
    assert.equal(fields['entryTime'], '2026-11-23 11:55:48');
    for (const plate of [PLATE, '粤C33333', '粤D44444']) await payAndLeave(t, gate, plate, `after-${plate}`);
    assert.equal((await ask(gate, OTHER)).resCode, 1, 'it had paid and left');
    assert.equal(await gate.end('SIGTERM'), 0);
  });

  test('an older package than the books is refused in time: it says so, starts not, and changes nothing', async (t) => {
    const box = debian(t);
    if (!box) return;
    const { root, old, now } = box;
    dpkg(root, '-i', now);
    configure(root);
    const gate = await running(asUnit(t, root));
    await enter(t, gate, PLATE, 30);
    assert.equal(await gate.end('SIGTERM'), 0);
    const journal = join(root, 'var/lib/gatepost/journal/000000000001.jsonl');
    const bytes = readFileSync(journal);
    const record = '{"v":99,"seq":2,"at":1,"happenings":[]';
    const line = `${record},"crc":"${crc32(record).toString(16).padStart(8, '0')}"}\n`;
    bytes.write(line, bytes.lastIndexOf('}') + 3);
    writeFileSync(journal, bytes);

    const told = dpkg(root, '-i', old);
    assert.match(told, /holds records of version 99/);
    assert.match(told, new RegExp(`ATTENTION: version ${BEFORE} cannot use the configuration or the data as they are`));
    const tried = asUnit(t, root);
    assert.notEqual(await tried.exited(), 0);
    assert.match(tried.output(), /version 99.*nothing was changed; install the version that wrote/);
    assert.deepEqual(readFileSync(journal), bytes);
  });

  test('remove keeps the configuration, the books and the log, and what is installed again goes on; purge keeps the books', async (t) => {
    const box = debian(t);
    if (!box) return;
    const { root, now } = box;
    dpkg(root, '-i', now);
    configure(root);
    writeFileSync(join(root, 'etc/udev/rules.d/70-gatepost-site.rules'), '# The site\n');
    const gate = await running(asUnit(t, root));
    await enter(t, gate, PLATE, 30);
    assert.equal(await gate.end('SIGTERM'), 0);
    writeFileSync(join(root, 'var/log/gatepost/gatepost.log'), 'a line\n');

    dpkg(root, '-r', 'gatepost');
    for (const gone of ['usr/bin/gatepost', 'usr/lib/systemd/system/gatepost.service', 'usr/share/doc/gatepost'])
      assert.ok(!existsSync(join(root, gone)), gone);
    const kept = [
      CONFIG,
      PRICE_SHEET,
      EXAMPLE,
      'etc/gatepost/credentials/mallcoo-token',
      'var/log/gatepost/gatepost.log',
    ];
    for (const file of kept) assert.ok(existsSync(join(root, file)), file);

    dpkg(root, '-i', now);
    const again = await running(asUnit(t, root));
    assert.equal((await ask(again, PLATE)).resCode, 0);
    assert.equal(await again.end('SIGTERM'), 0);

    const told = dpkg(root, '-P', 'gatepost');
    assert.match(
      told,
      /the books, which are payment records, were kept in \/var\/lib\/gatepost.* rm -r \/var\/lib\/gatepost/,
    );
    assert.match(told, /files of your own in \/etc\/gatepost, such as price sheets, were kept/);
    assert.deepEqual(readdirSync(join(root, 'etc/gatepost')), ['prices.yaml']);
    for (const gone of ['var/log/gatepost', 'run/gatepost', 'etc/udev/rules.d/70-gatepost-site.rules'])
      assert.ok(!existsSync(join(root, gone)), gone);
    assert.ok(existsSync(join(root, 'var/lib/gatepost/journal/000000000001.jsonl')));
    assert.match(inside(root, ['id', 'gatepost']).text, /^uid=/, 'the owner of the books keeps his name');
  });
});

/** The gate's addresses, from the journal of the machine. */
async function upUnder({ run }: Booted, version: string, before = ''): Promise<Gate & { readonly pid: string }> {
  return until(`gatepost ${version} under systemd`, () => {
    const pid = run(['systemctl', 'show', '-p', 'MainPID', '--value', 'gatepost']).text.trim();
    const log = run(['journalctl', '-o', 'cat', `_PID=${pid}`]).text;
    const ports = new RegExp(
      `gatepost ${version.replaceAll('.', '\\.')} is up mallcoo=(\\d+) local=\\d+ mqtt=(\\d+)`,
    ).exec(log);
    if (!ports || pid === before) return undefined;
    return { pid, mallcoo: `http://127.0.0.1:${ports[1]}`, mqtt: `mqtt://127.0.0.1:${ports[2]}` };
  });
}

describe('under its own systemd', () => {
  test('enabled once, it starts at boot; an upgrade restarts it with the visit kept; what cannot start is not started', async (t) => {
    const box = debian(t);
    if (!box) return;
    const { root, old, now } = box;
    const machine = await boot(t, root);
    if (!machine) return;
    const { run } = machine;
    const good = (...command: readonly string[]): string => {
      const { status, text } = run(command);
      assert.equal(status, 0, text);
      return text;
    };
    const active = (): string => run(['systemctl', 'is-active', 'gatepost']).text.trim();

    good('dpkg', '-i', old);
    assert.equal(active(), 'inactive');
    configure(root);
    // A secret in the unit's environment: the check at an upgrade must not take it for a mistake.
    const notices = '{ url: "http://127.0.0.1:9/", appId: a, publicKey: b, privateKey: { env: GATE_KEY } }';
    const site = readFileSync(join(root, CONFIG), 'utf8');
    writeFileSync(join(root, CONFIG), site.replace('mallcoo-token } } }', `mallcoo-token } }, notices: ${notices} }`));
    mkdirSync(join(root, 'etc/systemd/system/gatepost.service.d'));
    const dropIn = `[Service]\nEnvironment=GATE_KEY=${TOKEN}\n`;
    writeFileSync(join(root, 'etc/systemd/system/gatepost.service.d/site.conf'), dropIn);
    good('systemctl', 'daemon-reload');
    good('systemctl', 'enable', '--now', 'gatepost');
    const first = await upUnder(machine, BEFORE);
    await enter(t, first, PLATE, 150);

    good('dpkg', '-i', now);
    const second = await upUnder(machine, VERSION, first.pid);
    assert.equal((await ask(second, PLATE)).fields['unPayAmount'], 1500);

    // A configuration that this version does not take: the gate that runs is better than none.
    const fine = readFileSync(join(root, CONFIG), 'utf8');
    writeFileSync(join(root, CONFIG), fine.replace('direction: in,', 'direction: inward,'));
    assert.match(good('dpkg', '-i', old), /"inward" is not allowed[\s\S]*ATTENTION[\s\S]*was NOT restarted/);
    assert.equal(active(), 'active');
    assert.equal((await ask(second, PLATE)).resCode, 0);
    writeFileSync(join(root, CONFIG), fine);
    good('dpkg', '-i', now);
    const third = await upUnder(machine, VERSION, second.pid);
    assert.equal(await payAndLeave(t, third, PLATE, 'A1'), 1500);

    await machine.off();
    const again = await boot(t, root);
    assert.ok(again);
    const fourth = await upUnder(again, VERSION);
    assert.equal((await ask(fourth, PLATE)).resCode, 1);
    const removed = again.run(['dpkg', '-P', 'gatepost']);
    assert.equal(removed.status, 0, removed.text);
    assert.notEqual(again.run(['systemctl', 'is-active', 'gatepost']).text.trim(), 'active');
    assert.ok(!existsSync(join(root, 'etc/systemd/system/multi-user.target.wants/gatepost.service')));
  });
});
