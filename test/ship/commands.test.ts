/** Everything that the program can be asked, asked of the binary. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folder, running } from '../daemon/support.ts';
import { binary, DIST, needArm64, packed, ROOT } from './support.ts';

type Env = Readonly<Record<string, string>>;

/** Runs the binary to its end, in a folder where nothing of the checkout is. */
function ask(cwd: string, args: readonly string[], env: Env = {}, command = binary()) {
  const [file = '', ...first] = command;
  const options = {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1e8,
    env: { ...process.env, GATEPOST_LANGUAGE: 'en', ...env },
  } as const;
  const { status, stdout, stderr } = spawnSync(file, [...first, ...args], options);
  return { code: status, out: stdout, err: stderr };
}

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** What docs/example.yaml takes from the credentials that systemd hands over. */
const SECRETS: Readonly<Record<string, string>> = {
  'mallcoo-token': '0123456789abcdef0123456789abcdef',
  'mallcoo-key': 'fedcba9876543210fedcba9876543210',
  'cam-in-password': 'in',
  'cam-out-password': 'out',
};

/** The environment of a process that was handed them. */
function handed(dir: string): Env {
  for (const [name, secret] of Object.entries(SECRETS)) writeFileSync(join(dir, `gatepost_${name}`), `${secret}\n`);
  return { CREDENTIALS_DIRECTORY: dir };
}

test('it says its version, and tells of every command how it is used', (t) => {
  const dir = folder(t);
  assert.deepEqual(ask(dir, ['--version']), { code: 0, out: `gatepost ${version}\n`, err: '' });
  const overview = ask(dir, ['--help']).out;
  const names = [...overview.matchAll(/^ {2}(\S+) {2,}\S/gm)].map(([, name]) => name ?? '');
  assert.ok(names.includes('run') && names.includes('licenses') && names.length > 10, overview);
  for (const name of names) {
    const { code, out, err } = ask(dir, [name, '--help']);
    assert.deepEqual([name, code, err], [name, 0, '']);
    assert.match(out, new RegExp(`^(?:usage: |)gatepost ${name}\\b`));
  }
});

test('it checks the example configuration and prices a stay by the example sheet', (t) => {
  const dir = folder(t);
  const checked = ask(dir, ['check', join(ROOT, 'docs', 'example.yaml')], handed(dir));
  assert.equal(checked.code, 0, checked.err);
  assert.match(checked.out, /is fine: 1 park\(s\), 2 lane\(s\), 4 device\(s\)/);
  const stay = ['--in', '2026-11-22 10:00', '--out', '2026-11-22 12:20'];
  const priced = ask(dir, ['fee', '--tariff', join(ROOT, 'docs', 'tariffs', 'plain.yaml'), ...stay]);
  assert.deepEqual([priced.code, priced.err], [0, '']);
  assert.match(priced.out, /15\.00/);
});

test('the demo serves its pages, and tells a person to go on with the binary', async (t) => {
  const program = packed(t, ['demo', '--no-story', '--port-base', '0', '--data', folder(t)]);
  const gate = await running(program);
  await program.printed('Ctrl-C ends the demo');
  const page = /as the driver: (\S+)/.exec(program.output())?.[1] ?? '';
  for (const [url, wanted] of [
    [page, /<title>/],
    [`${page}style.css`, /\{/],
    [`${gate.local}/`, /<script/],
    [`${gate.local}/healthz`, /"status":"ok"/],
  ] as const) {
    const response = await fetch(url);
    assert.equal(response.status, 200, url);
    assert.match(await response.text(), wanted, url);
  }
  const [file = ''] = binary();
  assert.ok(program.output().includes(`${file} mallcoo check ${gate.mallcoo}`), program.output());
  const judged = ask(folder(t), ['mallcoo', 'check', gate.mallcoo]);
  assert.equal(judged.code, 0, judged.out + judged.err);
  assert.equal(await program.end('SIGTERM'), 0);
  // Node's own warnings are for us, not for the gate's log.
  assert.doesNotMatch(program.output(), /Warning/);
});

test('whoever has only the binary has the licences of what is in it', (t) => {
  const { code, out } = ask(folder(t), ['licenses']);
  assert.equal(code, 0);
  assert.equal(out, readFileSync(join(DIST, 'THIRD-PARTY-LICENSES.txt'), 'utf8'));
});

test('the arm64 binary starts, and checks a configuration', (t) => {
  if (!needArm64(t)) return;
  const dir = folder(t);
  assert.equal(ask(dir, ['--version'], {}, binary('arm64')).out, `gatepost ${version}\n`);
  const checked = ask(dir, ['check', join(ROOT, 'docs', 'example.yaml')], handed(dir), binary('arm64'));
  assert.equal(checked.code, 0, checked.err);
});
