/** The unit under the real service manager: systemd as a user's instance, in a mount namespace of its own. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DEMO_SHEET, demoConfig } from '../../src/demo/config.ts';
import { folder, until } from '../daemon/support.ts';
import { need } from '../need.ts';
import { SYSTEMD } from '../tunnel/unit.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MANAGER = '/lib/systemd/systemd';

/** What a user's instance cannot do: become another user, and the sandbox that only root can set up. */
const KEPT =
  /^(Description|StartLimitIntervalSec|OnFailure|Type|NotifyAccess|WatchdogSec|ExecStart|ExecStopPost|Restart|RestartSec|Timeout\w+|KillMode|(State|Logs|Runtime)Directory|UnsetEnvironment|TasksMax|UMask)=/;

/** The unit as it is shipped, with the program and the configuration of the test. */
function unitText(name: string, program: string, config: string, out: string): string {
  const lines = readFileSync(join(SYSTEMD, name), 'utf8').split('\n');
  const kept = lines.filter((line) => line.startsWith('[') || KEPT.test(line)).join('\n');
  return kept
    .replaceAll('/usr/bin/gatepost', program)
    .replace('/etc/gatepost/gatepost.yaml', config)
    .replace(/^WatchdogSec=.*$/m, 'WatchdogSec=6')
    .replace('[Service]', `[Service]\nStandardOutput=append:${out}\nStandardError=append:${out}`);
}

interface Manager {
  ctl(...args: readonly string[]): { readonly status: number | null; readonly text: string };
  show(property: string): string;
}

/** Starts it; undefined where this machine does not let it run. */
async function manager(t: TestContext, home: string): Promise<Manager | undefined> {
  const runtime = join(home, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const { DBUS_SESSION_BUS_ADDRESS: _, ...rest } = process.env;
  const env = { ...rest, HOME: home, XDG_RUNTIME_DIR: runtime, SYSTEMD_LOG_TARGET: 'console' };
  // It looks there whether the machine runs systemd. Nobody else sees it.
  const start = `mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && exec ${MANAGER} --user --unit=basic.target`;
  const child = spawn('unshare', ['-m', 'sh', '-c', start], { stdio: 'ignore', env });
  const self: Manager = {
    ctl(...args) {
      const { status, stdout, stderr } = spawnSync('systemctl', ['--user', '--no-pager', ...args], {
        encoding: 'utf8',
        env,
      });
      return { status, text: `${stdout}${stderr}` };
    },
    show: (property) => self.ctl('show', 'gatepost', '--value', '-p', property).text.trim(),
  };
  t.after(async () => {
    self.ctl('stop', 'gatepost');
    self.ctl('exit');
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => child.once('exit', resolve));
  });
  const up = () => self.ctl('is-active', 'basic.target').status === 0 || (child.exitCode !== null && 'ended');
  return (await until('systemd', up)) === true ? self : undefined;
}

test('systemd ends a gate that stands still, records why, and starts it again; a wrong configuration heals', async (t) => {
  for (const program of [MANAGER, 'unshare', 'systemctl', 'systemd-notify']) if (!need(t, program)) return;
  const home = folder(t);
  const [units, config, out] = [join(home, '.config/systemd/user'), join(home, 'gatepost.yaml'), join(home, 'out')];
  mkdirSync(units, { recursive: true });
  const site = demoConfig({ portBase: 0, data: join(home, 'data') });
  writeFileSync(config, site);
  writeFileSync(join(home, 'demo-sheet.yaml'), DEMO_SHEET);
  const stall = join(ROOT, 'test', 'service', 'stall-loop.mjs');
  const program = `${process.execPath} --import ${stall} ${join(ROOT, 'src', 'bin.mjs')}`;
  for (const name of ['gatepost.service', 'gatepost-failed@.service'])
    writeFileSync(join(units, name), unitText(name, program, config, out));
  const systemd = await manager(t, home);
  if (!systemd) {
    t.skip('SKIPPED: this machine does not let an instance of systemd run');
    return;
  }
  const { ctl, show } = systemd;
  const failures = join(home, '.config/log/gatepost/failures');
  const printed = (text: string): Promise<boolean> => until(text, () => readFileSync(out, 'utf8').includes(text));

  assert.deepEqual(ctl('start', 'gatepost'), { status: 0, text: '' });
  assert.match(show('StatusText'), /^2 lanes, 0 in the park, /);
  ctl('kill', '--signal=USR2', '--kill-whom=main', 'gatepost');
  await printed('stalled');
  await until('the next run', () => Number(show('NRestarts')) > 0 && show('SubState') === 'running');
  const [record = ''] = readdirSync(failures);
  assert.match(readFileSync(join(failures, record), 'utf8'), /^result: watchdog\nexit: killed ABRT\n/m);
  await printed('[LAST_RUN_FAILED]');

  writeFileSync(config, `${site}parks: 7\n`);
  ctl('restart', '--no-block', 'gatepost');
  await printed('the configuration cannot be used');
  writeFileSync(config, site);
  await until('the gate to come up by itself', () => show('SubState') === 'running');
  assert.equal(readdirSync(failures).length, 2);
  assert.match(
    readFileSync(join(failures, readdirSync(failures)[1] ?? ''), 'utf8'),
    /^exit: exited 78\n(.*\n)*down: false$/m,
  );
  assert.deepEqual(ctl('stop', 'gatepost'), { status: 0, text: '' });
  assert.deepEqual([show('Result'), show('SubState')], ['success', 'dead']);
});
