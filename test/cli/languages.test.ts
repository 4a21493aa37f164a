/** Every command's help and mistakes, in both languages: the same options, and nothing half English. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Terminal } from '../../src/cli/terminal.ts';
import { COMMANDS } from '../../src/main.ts';
import { assertChinese, assertNoEnglish } from '../chinese.ts';
import { ran } from './ran.ts';

const STAY = ['--in', '2026-11-22 10:00', '--out', '2026-11-22 12:00'] as const;
const SHEET = ['--tariff', join(import.meta.dirname, '..', '..', 'docs', 'tariffs', 'plain.yaml')] as const;
const URL = 'http://127.0.0.1:1';

/** The ways in which commands can be called wrongly, besides an option that there is not. */
const WRONG: Readonly<Record<string, readonly (readonly string[])[]>> = {
  run: [['--fast'], []],
  check: [['a.yaml', 'b.yaml']],
  init: [['here'], ['--answers', 'a.yaml', '--print-answers'], ['--dry-run=1'], ['--dir']],
  demo: [['now'], ['--port-base', 'http'], ['--data']],
  fee: [
    ['--zzz'],
    ['now'],
    [],
    ['--in', 'soon'],
    [...STAY],
    ['--in', '2026-11-22 10:00', '--out', '2026-11-22 09:00'],
    [...STAY, '--zone', 'Mars'],
    [...STAY, '--language', 'fr'],
    [...STAY, '--tariff', '/nowhere/sheet.yaml'],
    [...STAY, ...SHEET, '--class', 'lorry'],
    [...STAY, ...SHEET, '--lost-ticket'],
    [...STAY, ...SHEET, '--paid', '500'],
    [...STAY, ...SHEET, '--paid', '500', '--paid-at', '2026-11-23 10:00'],
    [...STAY, ...SHEET, '--earlier', '2026-11-22 08:00'],
    [...STAY, ...SHEET, '--free-minutes', 'many'],
    ['lint'],
    ['table', ...SHEET, '--svg', '/nowhere/chart.svg'],
  ],
  passes: [[], ['a.yaml', '--plate', '·'], ['a.yaml', '--expiring', 'soon']],
  status: [['a.yaml', 'b.yaml'], ['site.txt'], ['--zone', 'Mars'], ['--zone']],
  log: [['a', 'b'], ['/nowhere/site.yaml'], ['--level', 'loud'], ['--color', 'red'], ['--lines', '0'], ['--plate', '']],
  reload: [['a.yaml', 'b.yaml'], ['site.txt']],
  outbox: [
    ['a.yaml', 'b.yaml'],
    ['--all'],
    ['--limit', 'all'],
    ['retry'],
    ['retry', '--all', '1.2'],
    ['retry', '1.2', '--code', '2'],
    ['retry', '1.2', '--reason', 'so'],
    ['retry', '1.2', 'a.yaml', 'b.yaml'],
    ['retry', '1.2', '--json'],
    ['drop', '1.2'],
  ],
  journal: [
    [],
    ['a', 'b'],
    ['a', '--plate', '粤A11111', '--visit', 'V1'],
    ['a', '--plate', ' '],
    ['a', '--type', 'flown'],
    ['a', '--limit', '-1'],
    ['-', '--since', 'soon'],
    ['-', '--follow'],
    ['verify', 'a', '--yes'],
  ],
  archive: [
    [],
    ['a', 'b'],
    ['a', '--plate', '粤A11111', '--visit', 'V1'],
    ['a', '--visit', ' '],
    ['a', '--plate', '·'],
    ['a', '--verify', '--visit', 'V1'],
  ],
  payments: [
    ['a'],
    ['a', '--day', 'today'],
    ['a', '--day', '2026-11-22', '--to', '2026-11-21'],
    ['a', '--day', '2026-11-22', '--by', 'luck'],
    ['a', '--day', '2026-11-22', '--csv', '--json'],
  ],
  'let-out': [
    [],
    ['out-1'],
    ['out-1', '--reason', 'x'.repeat(1_000)],
    ['out-1', '--reason', 'so', '--config', 'a', '--url', 'b'],
    ['out-1', '--reason', 'so', '--url', 'gate'],
  ],
  mallcoo: [[], ['pay']],
  'mallcoo check': [
    [],
    ['gate'],
    [`${URL}/?token=1`],
    ['http://me:secret@127.0.0.1:1'],
    [URL, '--pay'],
    [URL, '--plate', '·'],
    [URL, '--zone', 'Mars'],
    [URL, '--timeout', '0'],
    [URL, '--token', 'a', '--public-key', 'b'],
    [URL, '--token', ''],
    [URL, '--public-key', 'b'],
    [URL, '--public-key', 'b', '--private-key-env', 'GATEPOST_NO_SUCH_KEY'],
  ],
  licenses: [['--short']],
  'record-failure': [['now']],
};

interface Called {
  readonly name: string;
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>;
}

const mallcoo = COMMANDS.find(({ name }) => name === 'mallcoo');
const ALL: readonly Called[] = [
  ...COMMANDS,
  { name: 'mallcoo check', run: async (args, to) => mallcoo?.run(['check', ...args], to) ?? -1 },
];

// Each command that prints much listens for a reader that goes away.
process.stdout.setMaxListeners(0);

test('each way to call a command wrongly is of one that there is', () => {
  const names = ALL.map(({ name }) => name);
  assert.deepEqual(
    Object.keys(WRONG).filter((name) => !names.includes(name)),
    [],
  );
  for (const { summary } of COMMANDS) assertChinese(summary.zh);
});

/** Every option that a text names, each once. */
const optionsOf = (text: string): readonly string[] =>
  [...new Set(text.match(/(?<![\w-])--?[a-z][a-z-]*/g))].toSorted();

/** The options that have a line of their own, in their order. */
const linesOf = (text: string): readonly string[] =>
  [...text.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, name]) => name ?? '');

/** The ways to call it: what is up to the first empty line, without the words of either language. */
function usageOf(text: string): readonly string[] {
  const [head = ''] = text.split('\n\n');
  return head.split('\n').flatMap((line) => /gatepost(?: [a-z][a-z-]*)*/.exec(line) ?? []);
}

for (const { name, run } of ALL) {
  test(`gatepost ${name} --help names the same options in both languages`, async () => {
    const [zh, en] = [await ran(run, ['--help'], 'zh'), await ran(run, ['--help'], 'en')];
    assert.deepEqual([zh.code, en.code, zh.err, en.err], [0, 0, '', '']);
    assert.match(zh.out, /\p{Script=Han}/u);
    for (const line of zh.out.split('\n')) assertNoEnglish(line);
    assert.ok(en.out.endsWith('\n') && zh.out.endsWith('\n'));
    assert.deepEqual(optionsOf(zh.out), optionsOf(en.out));
    assert.deepEqual(linesOf(zh.out), linesOf(en.out));
    assert.deepEqual(usageOf(zh.out), usageOf(en.out));
  });

  test(`gatepost ${name}, called wrongly, says so in both languages`, async () => {
    for (const args of [['--no-such-option'], ...(WRONG[name] ?? [])]) {
      const [zh, en] = [await ran(run, args, 'zh'), await ran(run, args, 'en')];
      assert.deepEqual([zh.code, en.code], [2, 2], `${args.join(' ')}: ${en.err}`);
      assertChinese(zh.err);
      assert.doesNotMatch(en.err.replaceAll(/"[^"]*"/g, ''), /[\p{Script=Han}：，；]/u);
    }
  });
}
