/** The command line, as a person meets it. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { demo, folder, until } from './support.ts';

const ROOT = join(import.meta.dirname, '..', '..');

type Env = Readonly<Record<string, string | undefined>>;

function runIn(env: Env, ...args: readonly string[]) {
  const result = spawnSync(process.execPath, [join(ROOT, 'src', 'bin.mjs'), ...args], {
    encoding: 'utf8',
    cwd: ROOT,
    env: { ...process.env, ...env },
  });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

const run = (...args: readonly string[]) => runIn({ GATEPOST_LANGUAGE: 'en' }, ...args);

test('check prints every mistake at once, each with its line and what to write instead', () => {
  const { code, err } = run('check', 'test/config/ten-mistakes.yaml');
  assert.equal(code, 1);
  const lines = err.trim().split('\n');
  assert.equal(lines.at(-1), '10 errors in test/config/ten-mistakes.yaml.');
  for (const line of lines.slice(0, -1))
    assert.match(line, /^test\/config\/ten-mistakes\.yaml:\d+:\d+ \S+: .+\. .+\.$/);
});

test('a file that is not there is said so, without a stack trace, and systemd knows it for a wrong configuration', () => {
  const { code, err } = run('run', '/nowhere/site.yaml');
  assert.equal(code, 78);
  assert.match(err, /^\/nowhere\/site\.yaml: there is no such file\. Name a configuration file/);
});

for (const [name, args, wanted] of [
  ['an unknown command', ['fly'], /there is no command "fly"\. There are: run, check, init, demo, fee/],
  ['an unknown option', ['demo', '--speed'], /Unknown option '--speed'\nTry: gatepost demo --help/],
  ['a port that is none', ['demo', '--port-base', 'http'], /--port-base http: write a number/],
  ['a missing file name', ['check'], /name one configuration file/],
] as const) {
  test(`${name} is a sentence and exit code 2`, () => {
    const { code, err } = run(...args);
    assert.equal(code, 2);
    assert.match(err, wanted);
    assert.doesNotMatch(err, /^\s+at /m);
  });
}

for (const args of [
  ['--help'],
  ['run', '--help'],
  ['check', '--help'],
  ['init', '--help'],
  ['demo', '--help'],
  ['doctor', '--help'],
]) {
  test(`gatepost ${args.join(' ')} tells how it is used`, () => {
    const { code, out } = run(...args);
    assert.equal(code, 0);
    assert.match(out, /usage: gatepost/);
  });
}

for (const [how, env, args, wanted] of [
  ['a Chinese locale', { LANG: 'zh_CN.UTF-8' }, ['--help'], /用法：gatepost 命令/],
  ['LC_ALL before LANG', { LC_ALL: 'C.UTF-8', LANG: 'zh_CN.UTF-8' }, ['--help'], /usage: gatepost/],
  ['GATEPOST_LANGUAGE before both', { GATEPOST_LANGUAGE: 'zh', LC_ALL: 'C.UTF-8' }, ['fly'], /没有命令 "fly"/],
  ['--language before all', { GATEPOST_LANGUAGE: 'zh' }, ['fly', '--language', 'en'], /there is no command "fly"/],
  ['--language= in front', {}, ['--language=zh', 'fly'], /没有命令 "fly"/],
  ['one that is not spoken', {}, ['--help', '--language', 'fr'], /--language "fr" is not known; write en or zh/],
] as const) {
  test(`the language goes by ${how}`, () => {
    const unset = { GATEPOST_LANGUAGE: '', LC_ALL: '', LC_MESSAGES: '', LANG: '' };
    const { out, err } = runIn({ ...unset, ...env }, ...args);
    assert.match(out + err, wanted);
  });
}

test('when the process that found the right Node is killed, the gate does not go on without it', async (t) => {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'src', 'bin.mjs'), 'demo', '--no-story', '--port-base', '0', '--data', folder(t)],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { ...process.env, GATEPOST_RUNTIME: 'pinned' },
    },
  );
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await until('the gate to be up', () => output.includes('is up'));
  const ended = once(child, 'exit');
  child.disconnect();
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

test('a port that is taken is a sentence that names it', async (t) => {
  const gate = await demo(t, folder(t));
  const port = new URL(gate.mallcoo).port;
  const { code, err } = run('demo', '--no-story', '--port-base', port, '--data', folder(t));
  assert.equal(code, 1);
  assert.match(err, /cannot start: 127\.0\.0\.1:\d+ is in use by another program/);
});
