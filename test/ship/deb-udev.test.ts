/** The package's rules in the real udev, with adapters plugged into a pretended kernel (umockdev). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { folder } from '../daemon/support.ts';
import { need } from '../need.ts';
import { skipLoudly } from './debian.ts';
import { ROOT } from './support.ts';

const RULES = join(ROOT, 'systemd', '60-gatepost.rules');
const DEVICES = join(ROOT, 'test', 'ship', 'udev-devices.umockdev');
const USB = 'pci0000:00/0000:00:14.0/usb1';

/** udevadm makes the links that it finds: here in a /dev that is gone with the command, so the machine's own stays as it is. */
const APART = `mount -t tmpfs none /run && mkdir -p /run/udev/rules.d /run/udev/data /run/pts
mount --bind /dev/pts /run/pts && mount -t tmpfs none /dev && mkdir /dev/pts && mount --move /run/pts /dev/pts
mknod -m 666 /dev/null c 1 3 && mknod -m 666 /dev/urandom c 1 9 && mknod -m 666 /dev/ptmx c 5 2
cp "$1" /run/udev/rules.d/60-gatepost.rules && cp "$2" /run/udev/rules.d/70-gatepost-site.rules
exec umockdev-run --device "$3" -- udevadm test --action=add "/sys/devices/$4"`;

/** The names below /dev/gatepost that the device gets, and what udev has to complain of. */
function plug(t: TestContext, device: string, site = ''): { readonly names: readonly string[]; readonly log: string } {
  const own = join(folder(t), 'site.rules');
  writeFileSync(own, site);
  const ran = spawnSync('unshare', ['--mount', 'sh', '-c', APART, 'sh', RULES, own, DEVICES, device], {
    encoding: 'utf8',
  });
  const log = `${ran.stdout}${ran.stderr}`;
  assert.match(log, /^DEVPATH=/m, log);
  const links = /^DEVLINKS=(.*)$/m.exec(log)?.[1]?.split(' ') ?? [];
  const names = links.flatMap((link) =>
    link.startsWith('/dev/gatepost/') ? [link.slice('/dev/gatepost/'.length)] : [],
  );
  return { names: names.sort(), log };
}

function udev(t: TestContext): boolean {
  if (process.getuid?.() !== 0) skipLoudly(t, 'only root can have a /dev of its own');
  return process.getuid?.() === 0 && need(t, 'umockdev-run') && need(t, 'udevadm');
}

const FTDI = `${USB}/1-2/1-2:1.0/ttyUSB7/tty/ttyUSB7`;

test('an adapter with a serial number has a name by its socket and one by its number', (t) => {
  if (!udev(t)) return;
  const { names, log } = plug(t, FTDI);
  assert.deepEqual(names, ['port-pci-0000:00:14.0-usb-0:2:1.0-port0', 'serial-A10K4XZP-if00-port0']);
  assert.doesNotMatch(log, /60-gatepost\.rules:\d+ .*(?:[Ii]nvalid|[Ff]ailed|[Uu]nknown)/);
});

test('one without has a name by its socket alone; a port of the mainboard by its number; one that is not there has none', (t) => {
  if (!udev(t)) return;
  assert.deepEqual(plug(t, `${USB}/1-3/1-3:1.0/tty/ttyACM3`).names, ['port-pci-0000:00:14.0-usb-0:3:1.0']);
  assert.deepEqual(plug(t, 'pnp0/00:03/tty/ttyS1').names, ['port-ttyS1']);
  assert.deepEqual(plug(t, 'platform/serial8250/tty/ttyS9').names, []);
});

test('the site’s own names, written as the comments of the rules show', (t) => {
  if (!udev(t)) return;
  const site = `SUBSYSTEM=="tty", ENV{ID_PATH}=="pci-0000:00:14.0-usb-0:2:1.0", SYMLINK+="gatepost/scanner-out"
SUBSYSTEM=="tty", ENV{ID_SERIAL_SHORT}=="A10K4XZP", SYMLINK+="gatepost/relay-out"
`;
  const { names } = plug(t, FTDI, site);
  assert.ok(names.includes('scanner-out') && names.includes('relay-out'), names.join(' '));
});
