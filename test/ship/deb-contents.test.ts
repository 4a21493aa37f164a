/** What is in the package: the same every time, what lintian and the manual's readers expect, and completions that complete. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { readChangelog } from '../../build/deb/changelog.ts';
import { COMMANDS } from '../../src/main.ts';
import { folder, until } from '../daemon/support.ts';
import { need } from '../need.ts';
import { buildAgain, currentDeb, VERSION } from './debian.ts';
import { ROOT } from './support.ts';

const box = { tree: '' };
before(() => {
  box.tree = mkdtempSync(join(tmpdir(), 'gatepost-deb-'));
  spawnSync('dpkg-deb', ['-R', currentDeb(), box.tree]);
});
after(() => rmSync(box.tree, { recursive: true, force: true }));

const there = (path: string): string => join(box.tree, path);
const DOC = 'usr/share/doc/gatepost';

interface Ran {
  readonly status: number | null;
  readonly text: string;
}

function ran(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
  const result = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8', ...env } });
  return { status: result.status, text: `${result.stdout}${result.stderr}` };
}

test('the same binary gives the same package to the byte, whatever the clock, the mask and the zone', (t) => {
  if (!need(t, 'dpkg-deb')) return;
  const mask = process.umask(0o077);
  t.after(() => process.umask(mask));
  const again = buildAgain(folder(t), { TZ: 'Asia/Shanghai', LANG: 'zh_CN.UTF-8' });
  assert.ok(readFileSync(again).equals(readFileSync(currentDeb())));
});

test('lintian finds nothing but what is overridden with its reason', (t) => {
  if (!need(t, 'lintian')) return;
  // Packages of tests are packed with zstd, which Debian's archive does not take; releases with xz.
  const quick = ['--suppress-tags', 'malformed-deb-archive'];
  const { status, text } = ran('lintian', ['--allow-root', '--fail-on', 'error,warning', ...quick, currentDeb()]);
  assert.deepEqual([status, text.trim()], [0, '']);
  const overrides = readFileSync(join(ROOT, 'build/deb/lintian-overrides'), 'utf8').split('\n');
  for (const [index, line] of overrides.entries())
    if (line.startsWith('gatepost:'))
      assert.match(overrides[index - 1] ?? '', /^(?:#|gatepost:)/, `a reason for ${line}`);
});

test('the maintainer scripts are plain sh that shellcheck has nothing to say about', (t) => {
  if (!need(t, 'shellcheck')) return;
  const scripts = ['postinst', 'prerm', 'postrm'].map((name) => there(`DEBIAN/${name}`));
  assert.deepEqual(ran('shellcheck', ['--shell=dash', ...scripts]), { status: 0, text: '' });
});

for (const [language, place] of [
  ['en', 'usr/share/man/man1/gatepost.1.gz'],
  ['zh', 'usr/share/man/zh_CN/man1/gatepost.1.gz'],
] as const) {
  test(`the manual in ${language} tells of every command, and is read without a complaint`, (t) => {
    if (!need(t, 'mandoc') || !need(t, 'man')) return;
    const page = join(folder(t), 'gatepost.1');
    writeFileSync(page, gunzipSync(readFileSync(there(place))));
    const linted = ran('mandoc', ['-T', 'lint', '-W', 'warning', page]);
    assert.deepEqual(linted, { status: 0, text: '' });
    const wide = { MANWIDTH: '200' };
    const shown = ran('man', ['--warnings', '-E', 'UTF-8', '-l', page], wide).text;
    assert.doesNotMatch(shown, /troff|standard input/);
    for (const { name, summary } of COMMANDS) {
      assert.ok(shown.includes(`gatepost ${name}`), name);
      assert.ok(shown.includes(summary[language].slice(0, 20)), summary[language]);
    }
    assert.match(shown, /\/etc\/gatepost\/gatepost\.yaml/);
  });
}

/** A shell at a terminal, where gatepost tells its arguments: what they are once these keys were typed. */
async function typed(shell: string, setUp: string, keys: string): Promise<string> {
  const child = spawn('socat', ['-', `EXEC:${shell},pty,setsid,ctty,stderr`], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, TERM: 'dumb', HOME: box.tree },
  });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  try {
    // In two halves, so that the prompt is not found where it was typed.
    child.stdin.write(`${setUp}; gatepost() { echo "told: $# $*"; }; PS1='rea''dy> '\n`);
    await until(`the prompt of ${shell}`, () => shown.includes('ready> '));
    child.stdin.write(`${keys}\t\n`);
    const told = await until(
      `${shell} to complete "${keys}"`,
      () => /told: \d+ ([^\r\n]*)[\r\n]/.exec(shown) ?? undefined,
    );
    return told[1]?.trimEnd() ?? '';
  } finally {
    child.kill('SIGKILL');
  }
}

/** What is typed before the tabulator, and what the line is then. */
const COMPLETED: readonly (readonly [typed: string, completed: string])[] = [
  ['gatepost ou', 'outbox'],
  ['gatepost outbox retr', 'outbox retry'],
  ['gatepost outbox retry --rea', 'outbox retry --reason'],
  ['gatepost payments --by arr', 'payments --by arrival'],
  [`gatepost check ${ROOT}/package-l`, `check ${ROOT}/package-lock.json`],
];

test('bash completes commands, their subcommands, options and what stands behind these', async (t) => {
  if (!need(t, 'socat') || !need(t, 'bash')) return;
  const file = there('usr/share/bash-completion/completions/gatepost');
  const told = COMPLETED.map(([keys]) => typed(`'bash --norc --noprofile -i'`, `source ${file}`, keys));
  assert.deepEqual(
    await Promise.all(told),
    COMPLETED.map(([, completed]) => completed),
  );
});

test('zsh and fish complete, too', async (t) => {
  if (!need(t, 'socat') || !need(t, 'zsh') || !need(t, 'fish')) return;
  const functions = dirname(there('usr/share/zsh/vendor-completions/_gatepost'));
  const setUp = `fpath=(${functions} $fpath); autoload -Uz compinit; compinit -u -D`;
  const told = COMPLETED.map(([keys]) => typed(`'zsh -f -i'`, setUp, keys));
  assert.deepEqual(
    await Promise.all(told),
    COMPLETED.map(([, completed]) => completed),
  );

  const file = there('usr/share/fish/vendor_completions.d/gatepost.fish');
  for (const [line, completed] of COMPLETED.slice(0, 4)) {
    const asked = ran('fish', ['-N', '-c', `source ${file}; complete -C ${JSON.stringify(line)}`]).text;
    const wanted = completed.split(' ').at(-1) ?? '';
    assert.ok(new RegExp(`^${wanted}(?:\t|$)`, 'm').test(asked), `${line}: ${asked}`);
  }
});

test('every link in the pages leads to something that is in the package', () => {
  const pages = readdirSync(there(DOC), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  assert.ok(pages.length > 20);
  const dead = pages.flatMap((page) => {
    const text = readFileSync(there(join(DOC, page)), 'utf8');
    const links = [...text.matchAll(/(?:\]\(|(?:src|href)=")(?![a-z]+:|#)([^)#"\s]+)/g)].map((match) => match[1] ?? '');
    return links.filter((link) => !existsSync(there(join(DOC, dirname(page), link)))).map((link) => `${page}: ${link}`);
  });
  assert.deepEqual(dead, []);
});

test('the units name programs and pages that are there', () => {
  const units = there('usr/lib/systemd/system');
  for (const unit of readdirSync(units)) {
    const text = readFileSync(join(units, unit), 'utf8');
    for (const [, page = ''] of text.matchAll(/file:\/\/\/(\S+)/g))
      assert.ok(existsSync(there(page)), `${unit}: ${page}`);
    for (const [, own] of text.matchAll(/^Exec\w+=-?(\/usr\/bin\/gatepost) /gm))
      assert.ok(own && existsSync(there(own)));
  }
});

test('the binary needs no newer libraries than the package asks for', () => {
  const control = readFileSync(there('DEBIAN/control'), 'utf8');
  const bytes = readFileSync(there('usr/bin/gatepost')).toString('latin1');
  const newest = (symbol: string): string =>
    [...bytes.matchAll(new RegExp(`\\b${symbol}_(\\d+\\.\\d+(?:\\.\\d+)?)\\0`, 'g'))]
      .map((match) => match[1] ?? '')
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .at(-1) ?? '';
  assert.match(control, new RegExp(`libc6 \\(>= ${newest('GLIBC').replaceAll('.', '\\.')}\\)`));
  // GCC 5 brought this one, and its library is called 5.2 and later.
  assert.deepEqual([newest('GLIBCXX'), /libstdc\+\+6 \(>= 5\.2\)/.test(control)], ['3.4.21', true]);
});

test('the changelogs tell of this version, for people and for Debian', () => {
  assert.equal(readChangelog()[0]?.version, VERSION);
  const debian = gunzipSync(readFileSync(there(`${DOC}/changelog.gz`))).toString('utf8');
  assert.ok(debian.startsWith(`gatepost (${VERSION}) stable; urgency=medium\n`));
  assert.equal(statSync(there(`${DOC}/changelog.gz`)).mode & 0o777, 0o644);
});
