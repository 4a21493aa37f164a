/**
 * `npm test`: brings what the tests need, then runs every check and every test, and ends with a summary. `--only NAME`
 * runs one step.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Step {
  readonly name: string;
  readonly run: () => boolean;
}

/** The programs that tests talk to, and the Debian packages that bring them. */
const PROGRAMS: readonly (readonly [program: string, debian: string])[] = [
  ['mosquitto', 'mosquitto'],
  ['mosquitto_pub', 'mosquitto-clients'],
  ['socat', 'socat'],
  ['chromium', 'chromium'],
  ['openssl', 'openssl'],
  ['sshd', 'openssh-server'],
  ['ssh', 'openssh-client'],
  ['systemd-analyze', 'systemd'],
  ['systemd-notify', 'systemd'],
  ['perl', 'perl-base'],
  ['strace', 'strace'],
  ['faketime', 'faketime'],
  ['qemu-aarch64-static', 'qemu-user-static'],
  ['promtool', 'prometheus'],
  ['dpkg-deb', 'dpkg'],
  ['mmdebstrap', 'mmdebstrap'],
  ['systemd-nspawn', 'systemd-container'],
  ['lintian', 'lintian'],
  ['shellcheck', 'shellcheck'],
  ['mandoc', 'mandoc'],
  ['man', 'man-db'],
  ['zsh', 'zsh'],
  ['fish', 'fish'],
  ['umockdev-run', 'umockdev'],
];

/** What the programs need that is no program: a file of theirs, and its package. */
const FILES: readonly (readonly [file: string, debian: string])[] = [
  ['/usr/aarch64-linux-gnu/lib/libc.so.6', 'libc6-arm64-cross'],
  ['/usr/aarch64-linux-gnu/lib/libstdc++.so.6', 'libstdc++6-arm64-cross'],
];

/** Programs that are taken out of their package: installed as a whole it would start a service of its own. */
const TAKEN_OUT: ReadonlySet<string> = new Set(['promtool']);

const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** Tests read what a person reads, in one language whatever the machine's is. */
const ENGLISH = { GATEPOST_LANGUAGE: 'en' };

function command(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): boolean {
  const result = spawnSync(program, args, {
    stdio: 'inherit',
    env: { ...process.env, ...ENGLISH, PATH: path, ...env },
  });
  if (result.error) console.error(`cannot run ${program}: ${result.error.message}`);
  return result.status === 0;
}

function missing(): readonly (readonly [string, string])[] {
  const programs = PROGRAMS.filter(
    ([program]) =>
      spawnSync('sh', ['-c', `command -v ${program}`], { env: { ...process.env, PATH: path } }).status !== 0,
  );
  return [...programs, ...FILES.filter(([file]) => !existsSync(file))];
}

const QUIET = { DEBIAN_FRONTEND: 'noninteractive' };

function bring(wanted: readonly (readonly [string, string])[]): boolean {
  const whole = wanted.filter(([program]) => !TAKEN_OUT.has(program)).map(([, debian]) => debian);
  const installed = whole.length === 0 || command('apt-get', ['install', '-y', '-qq', ...new Set(whole)], QUIET);
  return wanted.filter(([program]) => TAKEN_OUT.has(program)).every(takeOut) && installed;
}

function takeOut([program, debian]: readonly [string, string]): boolean {
  const steps = [
    'set -e; dir=$(mktemp -d); trap \'rm -rf "$dir"\' EXIT; chmod 755 "$dir"; cd "$dir"',
    `apt-get download -qq -o APT::Sandbox::User=root ${debian}`,
    `dpkg-deb --fsys-tarfile ${debian}_*.deb | tar -x ./usr/bin/${program}`,
    `install -m 755 usr/bin/${program} /usr/local/bin/`,
  ];
  return command('sh', ['-c', steps.join('\n')], QUIET);
}

function bringPrograms(): boolean {
  const wanted = missing();
  if (wanted.length > 0 && process.getuid?.() === 0) {
    console.log(`installing ${wanted.map(([program]) => program).join(', ')} …`);
    if (!bring(wanted)) {
      command('apt-get', ['update', '-qq'], QUIET);
      bring(wanted);
    }
  }
  const left = missing();
  for (const [program, debian] of left)
    console.log(`MISSING: ${program}; tests that need it are skipped (apt-get install ${debian})`);
  return left.length === 0 || process.env['CI'] !== 'true';
}

/** Node's test runner over the files of a pattern. What one process has compiled the hundreds after it need not. */
function tests(concurrency: number, ...patterns: readonly string[]): boolean {
  const options = [`--test-concurrency=${concurrency}`, '--test-timeout=180000', '--test-reporter=spec'];
  const cache = mkdtempSync(join(tmpdir(), 'gatepost-compiled-'));
  try {
    return command(process.execPath, ['--test', ...options, ...patterns], { NODE_COMPILE_CACHE: cache });
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

/** What ships is built once, into `dist`, and then tested as it is. */
function ship(): boolean {
  let built = command('npm', ['run', '--silent', 'build:all']);
  if (!built && process.env['CI'] !== 'true') {
    console.log('MISSING: the arm64 binary, which needs the npm registry; tests of it are skipped');
    built = command('npm', ['run', '--silent', 'build']);
  }
  // Where there is no dpkg-deb, the tests of the package are the ones to say so.
  if (built && !missing().some(([program]) => program === 'dpkg-deb'))
    built = command(process.execPath, ['build/deb.ts', '--arch', process.arch]);
  return built && tests(2, 'test/ship/**/*.test.ts');
}

const npm = (script: string): Step => ({ name: script, run: () => command('npm', ['run', '--silent', script]) });

const STEPS: readonly Step[] = [
  { name: 'programs', run: bringPrograms },
  npm('types'),
  npm('lint'),
  npm('imports'),
  { name: 'tests', run: () => tests(3, 'test/*.test.ts', 'test/!(ship)/**/*.test.ts') },
  { name: 'ship', run: ship },
];

const only = process.argv[2] === '--only' ? process.argv[3] : undefined;
const steps = STEPS.filter((step) => only === undefined || step.name === only);
if (steps.length === 0) {
  console.error(`no step "${only}": choose one of ${STEPS.map((step) => step.name).join(', ')}`);
  process.exit(2);
}

const results = steps.map((step) => {
  console.log(`\n── ${step.name} ──`);
  const started = performance.now();
  const ok = step.run();
  return { name: step.name, ok, seconds: (performance.now() - started) / 1000 };
});

console.log('\n── summary ──');
for (const { name, ok, seconds } of results)
  console.log(`${ok ? '✓' : '✗'} ${name.padEnd(10)} ${seconds.toFixed(1)} s`);
process.exitCode = results.every((result) => result.ok) ? 0 : 1;
