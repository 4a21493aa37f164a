/** Every command's help and mistakes, in both languages: the same options, and nothing half English. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { archiveCommand } from '../../src/cli/archive.ts';
import { checkCommand } from '../../src/cli/check.ts';
import { demoCommand } from '../../src/cli/demo.ts';
import { feeCommand } from '../../src/cli/fee.ts';
import { initCommand } from '../../src/cli/init.ts';
import { journalCommand } from '../../src/cli/journal.ts';
import { letOutCommand } from '../../src/cli/let-out.ts';
import { licensesCommand } from '../../src/cli/licenses.ts';
import { logCommand } from '../../src/cli/log.ts';
import { mallcooCommand } from '../../src/cli/mallcoo.ts';
import { outboxCommand } from '../../src/cli/outbox.ts';
import { passesCommand } from '../../src/cli/passes.ts';
import { paymentsCommand } from '../../src/cli/payments.ts';
import { recordFailureCommand } from '../../src/cli/record-failure.ts';
import { reloadCommand } from '../../src/cli/reload.ts';
import { runCommand } from '../../src/cli/run.ts';
import { statusCommand } from '../../src/cli/status.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { assertChinese, assertNoEnglish } from '../chinese.ts';
import { ran } from './ran.ts';

type Command = (args: readonly string[], terminal: Terminal) => Promise<number>;

/** A command with the ways in which it can be called wrongly. */
interface Called {
  readonly command: Command;
  readonly wrong: readonly (readonly string[])[];
}

const STAY = ['--in', '2026-11-22 10:00', '--out', '2026-11-22 12:00'] as const;
const SHEET = ['--tariff', join(import.meta.dirname, '..', '..', 'docs', 'tariffs', 'plain.yaml')] as const;
const URL = 'http://127.0.0.1:1';

/** By name. Those of `mallcoo` have a name of two words. */
const COMMANDS: Readonly<Record<string, Called>> = {
  run: { command: runCommand, wrong: [['--fast'], []] },
  check: { command: checkCommand, wrong: [['a.yaml', 'b.yaml']] },
  init: {
    command: initCommand,
    wrong: [['here'], ['--answers', 'a.yaml', '--print-answers'], ['--dry-run=1'], ['--dir']],
  },
  demo: { command: demoCommand, wrong: [['now'], ['--port-base', 'http'], ['--data']] },
  fee: {
    command: feeCommand,
    wrong: [
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
  },
  passes: { command: passesCommand, wrong: [[], ['a.yaml', '--plate', '·'], ['a.yaml', '--expiring', 'soon']] },
  status: { command: statusCommand, wrong: [['a.yaml', 'b.yaml'], ['site.txt'], ['--zone', 'Mars'], ['--zone']] },
  log: {
    command: logCommand,
    wrong: [
      ['a', 'b'],
      ['/nowhere/site.yaml'],
      ['--level', 'loud'],
      ['--color', 'red'],
      ['--lines', '0'],
      ['--plate', ''],
    ],
  },
  reload: { command: reloadCommand, wrong: [['a.yaml', 'b.yaml'], ['site.txt']] },
  outbox: {
    command: outboxCommand,
    wrong: [
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
  },
  journal: {
    command: journalCommand,
    wrong: [
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
  },
  archive: {
    command: archiveCommand,
    wrong: [
      [],
      ['a', 'b'],
      ['a', '--plate', '粤A11111', '--visit', 'V1'],
      ['a', '--visit', ' '],
      ['a', '--plate', '·'],
      ['a', '--verify', '--visit', 'V1'],
    ],
  },
  payments: {
    command: paymentsCommand,
    wrong: [
      ['a'],
      ['a', '--day', 'today'],
      ['a', '--day', '2026-11-22', '--to', '2026-11-21'],
      ['a', '--day', '2026-11-22', '--by', 'luck'],
      ['a', '--day', '2026-11-22', '--csv', '--json'],
    ],
  },
  'let-out': {
    command: letOutCommand,
    wrong: [
      [],
      ['out-1'],
      ['out-1', '--reason', 'x'.repeat(1_000)],
      ['out-1', '--reason', 'so', '--config', 'a', '--url', 'b'],
      ['out-1', '--reason', 'so', '--url', 'gate'],
    ],
  },
  mallcoo: { command: mallcooCommand, wrong: [[], ['pay']] },
  'mallcoo check': {
    command: (args, terminal) => mallcooCommand(['check', ...args], terminal),
    wrong: [
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
  },
  licenses: { command: licensesCommand, wrong: [['--short']] },
  'record-failure': { command: recordFailureCommand, wrong: [['now']] },
};

test('every command there is is asked', () => {
  const main = join(import.meta.dirname, '..', '..', 'src', 'bin.mjs');
  const { stdout } = spawnSync(process.execPath, [main, '--help', '--language', 'zh'], { encoding: 'utf8' });
  const names = [...stdout.matchAll(/^ {2}([a-z-]+) {2,}(\S.*)$/gm)];
  const asked = Object.keys(COMMANDS).filter((name) => !name.includes(' '));
  assert.deepEqual(names.map(([, name]) => name).sort(), asked.sort());
  for (const [, , summary = ''] of names) assertChinese(summary);
  assert.match(stdout, /^用法：gatepost/m);
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

for (const [name, { command, wrong }] of Object.entries(COMMANDS)) {
  test(`gatepost ${name} --help names the same options in both languages`, async () => {
    const [zh, en] = [await ran(command, ['--help'], 'zh'), await ran(command, ['--help'], 'en')];
    assert.deepEqual([zh.code, en.code, zh.err, en.err], [0, 0, '', '']);
    assert.match(zh.out, /\p{Script=Han}/u);
    for (const line of zh.lines) if (!line.includes('gatepost')) assertNoEnglish(line);
    assert.ok(en.out.endsWith('\n') && zh.out.endsWith('\n'));
    assert.deepEqual(optionsOf(zh.out), optionsOf(en.out));
    assert.deepEqual(linesOf(zh.out), linesOf(en.out));
    assert.deepEqual(usageOf(zh.out), usageOf(en.out));
  });

  test(`gatepost ${name}, called wrongly, says so in both languages`, async () => {
    for (const args of wrong) {
      const [zh, en] = [await ran(command, args, 'zh'), await ran(command, args, 'en')];
      assert.deepEqual([zh.code, en.code], [2, 2], `${args.join(' ')}: ${en.err}`);
      assertChinese(zh.err);
      assert.doesNotMatch(en.err.replaceAll(/"[^"]*"/g, ''), /[\p{Script=Han}：，；]/u);
    }
  });
}
