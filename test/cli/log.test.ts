/** `gatepost log`: what is shown of which files, in which colours. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { logCommand } from '../../src/cli/log.ts';
import { instant, parseLocal, zoneOf } from '../../src/core/time.ts';
import { createLog, type Line } from '../../src/ops/log.ts';
import { logFile } from '../../src/ops/log-file.ts';
import { folder, gatepost } from '../daemon/support.ts';
import { ran } from './ran.ts';

const ZONE = zoneOf('Asia/Shanghai');

const ESCAPE = '\x1b';

const en = (text: string) => ({ zh: '', en: text });

const HAPPENINGS: readonly (readonly [time: string, line: Line])[] = [
  ['09:59:00', { level: 'info', message: en('gatepost 0.1.0 is up'), fields: { mallcoo: 8080 } }],
  [
    '10:00:00',
    { level: 'info', message: en('entered'), fields: { lane: 'in-1', vehicle: '粤BD12345', visit: 'V1', ms: 1.3 } },
  ],
  [
    '10:05:00',
    {
      level: 'warn',
      message: en('held: not paid'),
      fields: { lane: 'out-1', vehicle: '粤B00010', due: '5.00', ms: 2 },
    },
  ],
  [
    '10:06:00',
    { level: 'error', code: 'DEVICE_SILENT', message: en('FAULT cam-in: nothing heard for 60 s'), fields: {} },
  ],
  [
    '10:07:00',
    {
      level: 'warn',
      code: 'ORDER_EXPIRED',
      message: en('arm order dropped'),
      fields: { lane: 'out-1', vehicle: '无牌车' },
    },
  ],
  [
    '10:08:00',
    { level: 'info', message: en('left'), fields: { lane: 'out-1', vehicle: 'T-0231', fee: '0.00', ms: 2 } },
  ],
];

/** The happenings as the gate writes them. */
function written(format: 'text' | 'json', journal = false): readonly string[] {
  const lines: string[] = [];
  let now = instant(0);
  const outs = [{ journal, write: (text: string) => void lines.push(text) }];
  const log = createLog({ format, language: 'en', zone: ZONE, clock: { now: () => now }, outs });
  for (const [time, line] of HAPPENINGS) {
    now = parseLocal(`2026-11-22 ${time}`, ZONE) ?? now;
    log.line(line);
  }
  return lines;
}

/** A folder with the log in two files. */
function logFolder(t: TestContext, format: 'text' | 'json' = 'text'): string {
  const dir = folder(t);
  const lines = written(format);
  writeFileSync(join(dir, 'gatepost.log.1'), lines.slice(0, 2).join(''));
  writeFileSync(join(dir, 'gatepost.log'), lines.slice(2).join(''));
  return dir;
}

const show = (...args: readonly string[]) => ran(logCommand, args);

describe('the lines of the files', () => {
  for (const format of ['text', 'json'] as const) {
    test(`${format}: all files, oldest line first, as people read them`, async (t) => {
      const { code, out } = await show(logFolder(t, format));
      assert.equal(code, 0);
      assert.equal(out, written('text').join(''));
    });
  }

  for (const [what, args, wanted] of [
    ['a lane', ['--lane', 'out-1'], [2, 4, 5]],
    ['a plate', ['--plate', '粤BD12345'], [1]],
    ['a plate as people write it', ['--plate', '粤b·d12345'], [1]],
    ['a part of one', ['--plate', 'd123'], [1]],
    ['O and I for the digits', ['--plate', 'booOiO'], [2]],
    ['a ticket', ['--plate', 't-02'], [5]],
    ['vehicles without a plate', ['--plate', '无牌车'], [4]],
    ['warnings and worse', ['--level', 'warn'], [2, 3, 4]],
    ['errors', ['--level', 'error'], [3]],
    ['a code', ['--code', 'device_silent'], [3]],
    ['from a moment on', ['--since', '2026-11-22 10:06'], [3, 4, 5]],
    ['up to a moment', ['--until', '2026-11-22 10:05:00'], [0, 1]],
    ['the last of a lane', ['--lane', 'out-1', '-n', '2'], [4, 5]],
    ['the last, over two files', ['--lines', '5'], [1, 2, 3, 4, 5]],
    ['several questions at once', ['--lane', 'out-1', '--level', 'warn', '--plate', '10'], [2]],
  ] as const) {
    test(`chosen by ${what}`, async (t) => {
      const lines = written('text');
      for (const format of ['text', 'json'] as const) {
        const { code, out } = await show(logFolder(t, format), ...args);
        assert.equal(code, 0);
        assert.equal(out, wanted.map((index) => lines[index]).join(''), format);
      }
    });
  }

  test('lines that know their moment are shown in the zone that is asked for', async (t) => {
    const { lines } = await show(logFolder(t, 'json'), '--zone', 'Asia/Tokyo', '--since', '2026-11-22 11:08');
    assert.deepEqual(lines, ['2026-11-22 11:08:00.000   out-1  T-0231   left fee=0.00 2.0 ms']);
  });

  test('without a question the end of the log is enough', async (t) => {
    const dir = folder(t);
    const [line = ''] = written('text');
    writeFileSync(join(dir, 'gatepost.log'), line.repeat(500));
    assert.equal((await show(join(dir, 'gatepost.log'))).lines.length, 50);
    assert.equal((await show(dir, '--until', '2027-01-01')).lines.length, 500);
  });

  test('what is no line of ours goes with the line before it, and cannot draw on the terminal', async (t) => {
    const dir = folder(t);
    const [first, , , fault] = written('text');
    writeFileSync(join(dir, 'gatepost.log'), `${fault}    at somewhere\x1b[2J\n${first}`);
    const { out } = await show(dir, '--level', 'error');
    assert.equal(out, `${fault}    at somewhere\\x1b[2J\n`);
  });

  test('a configuration names the file, also one with mistakes in it', async (t) => {
    const dir = logFolder(t);
    const file = join(dir, 'site.yaml');
    writeFileSync(
      file,
      `log: { file: { path: ${join(dir, 'gatepost.log')} } }\nparks: [{ zone: Asia/Tokyo }]\nfoo: 1\n`,
    );
    assert.equal((await show(file)).out, written('text').join(''));
    assert.equal((await show(file, '--lane', 'in-1')).lines.length, 1);
  });
});

describe('colours', () => {
  test('are for a terminal, or when they are asked for', async (t) => {
    const dir = logFolder(t);
    const plain = (await show(dir)).out;
    assert.ok(!plain.includes(ESCAPE));
    const { out } = await show(dir, '--color', 'always');
    assert.ok(out.includes(`${ESCAPE}[31m✗${ESCAPE}[0m`));
    assert.ok(
      out.includes(`${ESCAPE}[36mout-1${ESCAPE}[0m  ${ESCAPE}[1m粤B00010${ESCAPE}[0m${ESCAPE}[33m  held: not paid`),
    );
    assert.equal(stripVTControlCharacters(out), plain);
    assert.ok(!(await show(dir, '--color', 'always', '--no-color')).out.includes(ESCAPE));
  });
});

describe('called wrongly', () => {
  for (const [args, wanted] of [
    [['--level', 'loud'], /--level "loud" is not known; write one of info, warn, error/],
    [['--color', 'red'], /--color "red" is not known; write one of auto, always, never/],
    [['--plate', ' '], /--plate is empty/],
    [['--since', 'yesterday'], /--since "yesterday" is no moment/],
    [['-n', '0'], /--lines "0" is no whole number from 1 on/],
    [['a', 'b'], /"b" means nothing here/],
    [['/nowhere/site.yaml'], /\/nowhere\/site\.yaml cannot be read/],
  ] as const) {
    test(args.join(' '), async () => {
      const { code, err } = await show(...args);
      assert.equal(code, 2);
      assert.match(err, wanted);
    });
  }
});

test('it follows over rotations: every line once, in order, whoever reads', async (t) => {
  const dir = folder(t);
  const path = join(dir, 'gatepost.log');
  const place = logFile({ path, maxBytes: 2_048, keep: 20 });
  const line = (number: number): string => `2026-11-22 10:00:00.000   in-1   line ${number}\n`;
  await place.append(Buffer.from(line(0)));
  const program = gatepost(t, ['log', path, '--follow', '--lane', 'in-1']);
  await program.printed('line 0');
  for (let number = 1; number < 600; number += 1) await place.append(Buffer.from(line(number)));
  await program.printed('line 599\n');
  await place.append(Buffer.from(line(600)));
  await program.printed('line 600\n');
  await place.close();
  const numbers = [...program.output().matchAll(/line (\d+)/g)].map(([, number]) => Number(number));
  assert.deepEqual(
    numbers,
    Array.from({ length: 601 }, (_, number) => number),
  );
  assert.equal(await program.end('SIGINT'), 0);
  assert.doesNotMatch(program.output(), /^\s+at /m);
});

describe('without files', () => {
  /** There is no systemd in a test: a program that says what journalctl says of the unit, with its times and cursors. */
  function journalctl(t: TestContext): string {
    const bin = join(folder(t), 'bin');
    mkdirSync(bin);
    const micros = (time: string): string => String((parseLocal(`2026-11-22 ${time}`, ZONE) ?? 0) * 1_000);
    const records = written('text', true).map((text, index) =>
      JSON.stringify({
        MESSAGE: text.replace(/^<\d>/, '').trimEnd(),
        __REALTIME_TIMESTAMP: micros(HAPPENINGS[index]?.[0] ?? ''),
        __CURSOR: `s=${index}`,
      }),
    );
    const systemd = JSON.stringify({ MESSAGE: 'Started gatepost.service.', __REALTIME_TIMESTAMP: micros('10:09:00') });
    writeFileSync(join(bin, 'records'), `${[...records, systemd].join('\n')}\n`);
    writeFileSync(join(bin, 'journalctl'), `#!/bin/sh\nexec cat ${join(bin, 'records')}\n`);
    chmodSync(join(bin, 'journalctl'), 0o755);
    return bin;
  }

  test('the journal of systemd is read, with the times that it has', async (t) => {
    const bin = journalctl(t);
    const nothing = join(folder(t), 'gatepost.log');
    const program = gatepost(t, ['log', nothing, '--zone', 'Asia/Shanghai', '--since', '2026-11-22 10:00'], {
      PATH: `${bin}:${process.env['PATH']}`,
    });
    assert.equal(await program.exited(), 0);
    const started = '2026-11-22 10:09:00.000   -      Started gatepost.service.\n';
    assert.equal(program.output(), [...written('text').slice(1), started].join(''));
  });

  test('and where there is none, it is said what to do', async (t) => {
    const program = gatepost(t, ['log', join(folder(t), 'gatepost.log')], { PATH: '/nowhere' });
    assert.equal(await program.exited(), 1);
    assert.match(
      program.output(),
      /there is no .*gatepost\.log, and this machine has no journalctl\. Name the log file/,
    );
  });
});
