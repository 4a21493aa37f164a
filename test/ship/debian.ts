/**
 * A bare Debian in a folder, with nothing but what the package depends on, and what is done in it: by chroot, or with a
 * systemd of its own as process 1. Both need root.
 */
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { debName } from '../../build/deb/control.ts';
import { ARCHES, binaryName, LICENCES_FILE, manifestOf, SBOM_NAME } from '../../build/places.ts';
import { type Program, program, until } from '../daemon/support.ts';
import { need } from '../need.ts';
import { DIST, ROOT } from './support.ts';

const ARCH = ARCHES.find((arch) => arch === process.arch) ?? 'x64';
export const VERSION = manifestOf(ROOT).version;
/** The version that upgrades come from: the same program under an older number. */
export const BEFORE = '0.1.9';

/** The package that the step `ship` has built. @throws Error when it was not. */
export function currentDeb(): string {
  const file = join(DIST, debName(VERSION, ARCH));
  if (!existsSync(file)) throw new Error(`${file} is not there: run "npm run build:deb" first`);
  return file;
}

function node(script: string, ...args: readonly string[]): void {
  execFileSync(process.execPath, [join(ROOT, 'build', script), ...args], { stdio: 'pipe' });
}

/** Builds the package again, from the binary in `dist`, into another folder. */
export function buildAgain(folder: string, env: Readonly<Record<string, string>> = {}): string {
  for (const name of [binaryName(ARCH), SBOM_NAME, LICENCES_FILE]) copyFileSync(join(DIST, name), join(folder, name));
  const args = [join(ROOT, 'build', 'deb.ts'), '--arch', ARCH, '--out', folder];
  execFileSync(process.execPath, args, { stdio: 'pipe', env: { ...process.env, ...env } });
  return join(folder, debName(VERSION, ARCH));
}

/** The package before this one, as an older checkout would have built it: its example is an older one, too. */
export function debBefore(folder: string): string {
  node('build.ts', '--arch', ARCH, '--version', BEFORE, '--out', folder);
  node('deb.ts', '--arch', ARCH, '--version', BEFORE, '--out', folder);
  const deb = join(folder, debName(BEFORE, ARCH));
  const tree = join(folder, 'tree');
  execFileSync('dpkg-deb', ['-R', deb, tree]);
  execFileSync('sh', ['-c', 'echo "# As it was before." >> "$1/etc/gatepost/example.yaml"', 'sh', tree]);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '-b', tree, deb], { stdio: 'pipe' });
  rmSync(tree, { recursive: true });
  return deb;
}

/** What this machine lacks to make a bare Debian; null when nothing. */
export function debianMissing(): string | null {
  if (process.getuid?.() !== 0) return 'only root can make a bare Debian';
  const programs = ['mmdebstrap', 'dpkg-deb', 'unshare'];
  const lacking = programs.find((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  return lacking === undefined ? null : `${lacking} is not installed (apt-get install ${lacking})`;
}

/** Under `CI=true` a skip would hide a hole, so it fails. */
export function skipLoudly(t: TestContext, what: string): void {
  if (process.env['CI'] === 'true') throw new Error(`${what}; and under CI nothing may be skipped`);
  t.skip(`SKIPPED: ${what}`);
}

/** The packages that a package depends on, without their versions. */
function dependsOf(deb: string): readonly string[] {
  const text = execFileSync('dpkg-deb', ['-f', deb, 'Depends'], { encoding: 'utf8' });
  return text.split(',').map((one) => one.trim().split(' ')[0] ?? '');
}

/** Makes a Debian 12 with nothing but its essential packages, what `deb` depends on, and udev. */
export async function bareDebian(deb: string): Promise<string> {
  const root = join(mkdtempSync(join(tmpdir(), 'gatepost-debian-')), 'base');
  const include = [...dependsOf(deb), 'udev'].join(',');
  const options = [
    '--variant=essential',
    `--include=${include}`,
    '--dpkgopt=force-unsafe-io',
    ...['doc', 'man', 'locale', 'info'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    '--aptopt=Acquire::Languages "none"',
  ];
  await promisify(execFile)('mmdebstrap', [...options, 'bookworm', root]);
  // Nobody pulls the plug of this one while it unpacks.
  writeFileSync(join(root, 'etc/dpkg/dpkg.cfg.d/hurry'), 'force-unsafe-io\n');
  // What was left out of Debian's own packages is not left out of ours.
  rmSync(join(root, 'etc/dpkg/dpkg.cfg.d/99mmdebstrap'), { force: true });
  return root;
}

/**
 * A copy of it that is the test's own. Of hard links: dpkg, systemd and our tests replace files, and what is written in place
 * (dpkg.log) concerns nobody.
 */
export function copyOf(t: TestContext, base: string): string {
  const root = mkdtempSync(join(dirname(base), 'root-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  execFileSync('cp', ['-al', `${base}/.`, root]);
  return root;
}

/** What is mounted is gone with the command, for it has a mount table of its own. */
const ENTER = 'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && shift && exec chroot "$@"';
const entered = (root: string, ...args: readonly string[]) => [
  'unshare',
  ...['--mount', 'sh', '-c', ENTER, 'sh', root],
  ...args,
];

interface Ran {
  readonly status: number | null;
  /** Both streams. */
  readonly text: string;
}

function ran(command: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
  const [file = '', ...args] = command;
  const { PATH, HOME } = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' };
  const result = spawnSync(file, args, { encoding: 'utf8', env: { PATH, HOME, LANG: 'C.UTF-8', ...env } });
  return { status: result.status, text: `${result.stdout}${result.stderr}` };
}

/** Runs a command in the folder as root. */
export function inside(root: string, command: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
  return ran(entered(root, root, ...command), env);
}

/** What systemd would have made of the unit's `StateDirectory=` and the like. */
export function asUnit(t: TestContext, root: string): Program {
  const unit = readFileSync(join(root, 'usr/lib/systemd/system/gatepost.service'), 'utf8');
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';
  const folders: readonly (readonly [string, string])[] = [
    ['State', '/var/lib'],
    ['Logs', '/var/log'],
    ['Runtime', '/run'],
  ];
  for (const [kind, parent] of folders) {
    const path = join(parent, value(`${kind}Directory`));
    inside(root, [
      'install',
      '-d',
      '-o',
      value('User'),
      '-g',
      value('Group'),
      '-m',
      value(`${kind}DirectoryMode`),
      path,
    ]);
  }
  // LoadCredential=: a copy for the service's user alone.
  const handed = '/run/credentials/gatepost.service';
  inside(root, [
    'sh',
    '-c',
    `rm -rf ${handed}; mkdir -p ${handed}; cd /etc/gatepost/credentials && for name in *; do
      [ ! -e "$name" ] || install -o ${value('User')} -m 0400 "$name" "${handed}/gatepost_$name"; done`,
  ]);
  const who = [`--userspec=${value('User')}:${value('Group')}`, `--groups=${value('SupplementaryGroups')}`];
  const environment = ['env', '-i', `CREDENTIALS_DIRECTORY=${handed}`, 'GATEPOST_LANGUAGE=en', 'PATH=/usr/bin:/bin'];
  return program(t, entered(root, ...who, root, ...environment, ...value('ExecStart').split(' ')));
}

/** A busy machine takes its time. */
const BOOT_MS = 60_000;

export interface Booted {
  /** Runs a command beside that systemd, as root. */
  run(command: readonly string[], env?: Readonly<Record<string, string>>): Ran;
  /** As when the plug is pulled. */
  off(): Promise<void>;
}

/** Starts the folder's own systemd; null, and the test skipped, where the machine does not let it. */
export async function boot(t: TestContext, root: string): Promise<Booted | null> {
  if (!need(t, 'systemd-nspawn')) return null;
  // Where systemd runs outside as well it makes the cgroup; elsewhere that of the caller will do.
  const cgroup = existsSync('/run/systemd/system') ? [] : ['--keep-unit'];
  const options = [
    '--quiet',
    '--register=no',
    ...cgroup,
    '--console=pipe',
    `--machine=${basename(root).toLowerCase()}`,
  ];
  const child = spawn('systemd-nspawn', [...options, '-D', root, '/lib/systemd/systemd'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let console = '';
  child.stdout.on('data', (chunk: Buffer) => (console += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (console += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const off = async (): Promise<void> => {
    // With number 1 everything in there ends, and then its keeper outside.
    const leader = leaderOf(child);
    if (leader === undefined) child.kill('SIGKILL');
    else process.kill(leader, 'SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await exited;
  };
  t.after(off);
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const leader = await until('systemd to come up', () => (ended() ? -1 : up(child)), BOOT_MS);
  if (leader < 0) {
    // Not a program that is missing: a machine that does not let a folder have a systemd of its own, whatever is installed.
    t.skip(
      `SKIPPED: systemd cannot be started in a folder here: ${console.trim().split('\n')[0] ?? 'it said nothing'}`,
    );
    return null;
  }
  return { off, run: (command, env) => ran(['nsenter', '-t', String(leader), '-a', ...command], env) };
}

function leaderOf({ pid }: ChildProcess): number | undefined {
  const list = `/proc/${pid}/task/${pid}/children`;
  const first = Number(existsSync(list) ? readFileSync(list, 'utf8').split(' ')[0] : 0);
  return first > 0 ? first : undefined;
}

/** The process that is number 1 in there, once it has started everything. */
function up(child: ChildProcess): number | undefined {
  const leader = leaderOf(child);
  if (leader === undefined) return undefined;
  const state = ran(['nsenter', '-t', String(leader), '-a', 'systemctl', 'is-system-running']).text.trim();
  return /^(?:running|degraded)$/.test(state) ? leader : undefined;
}

/** Puts a file into the folder, such as the package onto the stick. @returns its path in there. */
export function bring(root: string, file: string): string {
  mkdirSync(join(root, 'media'), { recursive: true });
  execFileSync('cp', [file, join(root, 'media')]);
  return `/media/${basename(file)}`;
}
