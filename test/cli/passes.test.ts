/** `gatepost passes` and `gatepost check` on the documentation's own table, and the documentation's worked examples. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkCommand } from '../../src/cli/check.ts';
import { eventLine, Vehicles } from '../../src/cli/journal-text.ts';
import { passesCommand } from '../../src/cli/passes.ts';
import { readRows } from '../../src/config/passes/rows.ts';
import { loadTariff } from '../../src/config/tariff/park.ts';
import type { Language } from '../../src/core/errors.ts';
import { fen } from '../../src/core/money.ts';
import { compilePasses } from '../../src/core/park/pass.ts';
import { type Instant, parseLocal } from '../../src/core/time.ts';
import { plate, scene, ZONE } from '../core/park/scene.ts';
import { folder } from '../daemon/support.ts';
import { ran } from './ran.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
const TABLE = readFileSync(join(DOCS, 'passes', 'example.csv'), 'utf8');
const PAGES = ['passes.md', 'passes.zh-CN.md'].map((name) => readFileSync(join(DOCS, name), 'utf8'));

/** A configuration with that table beside it. */
function site(t: TestContext, table: string | null = TABLE): string {
  const dir = folder(t);
  copyFileSync(join(DOCS, 'tariffs', 'plain.yaml'), join(dir, 'standard.yaml'));
  if (table !== null) writeFileSync(join(dir, 'passes.csv'), table);
  const small = readFileSync(join(import.meta.dirname, '..', 'config', 'small.yaml'), 'utf8');
  const device = 'options: { sn: a-1 }';
  assert.ok(small.includes(device));
  const text = table === null ? small : small.replace('tariff: standard', 'tariff: standard\n    passes: passes.csv');
  writeFileSync(join(dir, 'site.yaml'), text);
  return join(dir, 'site.yaml');
}

test('all passes are listed with what they are at a moment', async (t) => {
  const { code, lines } = await ran(passesCommand, [site(t), '--at', '2026-11-22 10:00']);
  assert.equal(code, 0);
  assert.deepEqual(lines, [
    'Small (P001) 2026-11-22 10:00:00',
    '  粤B12345    monthly   2026-11-01 – 2026-12-31  valid, 40 days left',
    '  粤B6K8D9    monthly   2026-10-01 – 2026-10-31  expired',
    '  粤BD12345   free               … – …           valid',
    '  粤A88888    free      2026-11-16 – 2027-11-15  valid, 359 days left',
    '4 passes: 3 valid, 1 expired, 0 not yet begun',
  ]);
});

test('one plate is looked up as a person types it; who has no valid pass is exit code 1', async (t) => {
  const file = site(t);
  const found = await ran(passesCommand, [file, '--plate', '粤b·12345', '--at', '2026-11-22 10:00'], 'zh');
  assert.deepEqual(
    [found.code, found.lines.slice(1)],
    [0, ['  粤B12345    月卡      2026-11-01 – 2026-12-31  有效，还有 40 天', '共 1 张：有效 1，已过期 0，未开始 0']],
  );
  for (const [text, at] of [
    ['粤B12345', '2027-01-01 00:00'],
    ['粤B6K8D9', '2026-11-22 10:00'],
    ['粤B00000', '2026-11-22 10:00'],
  ] as const) {
    assert.equal((await ran(passesCommand, [file, '--plate', text, '--at', at])).code, 1, text);
  }
});

test('what ends soon is listed, the soonest first', async (t) => {
  const table =
    '车牌,结束,类型\n粤B00003,2026-11-30,月卡\n粤B00001,2026-11-25,月卡\n粤B00002,2026-11-22,月卡\n粤B00004,,白名单\n';
  const { lines } = await ran(passesCommand, [site(t, table), '--at', '2026-11-22 10:00', '--expiring', '7d']);
  assert.deepEqual(lines.slice(1), [
    '  粤B00002    monthly            … – 2026-11-22  valid, 1 day left',
    '  粤B00001    monthly            … – 2026-11-25  valid, 4 days left',
    '2 passes: 2 valid, 0 expired, 0 not yet begun',
  ]);
});

test('what is asked wrongly, and a site without passes, are told with the way out', async (t) => {
  const file = site(t);
  for (const [args, wanted] of [
    [[], /name one configuration file/],
    [[file, '--expiring', 'soon'], /--expiring "soon" is not understood; write a number of days, such as 7d/],
    [[file, '--plate', ''], /--plate "" is no plate/],
    [[file, '--park', 'P9'], /there is no car park "P9"; there are: P001/],
  ] as const) {
    const { code, err } = await ran(passesCommand, args);
    assert.equal(code, 2);
    assert.match(err, wanted);
  }
  const { code, err } = await ran(passesCommand, [site(t, null)]);
  assert.equal(code, 1);
  assert.match(err, /names no passes: add "passes: passes\.csv" to the car park/);
  assert.match((await ran(passesCommand, ['--help'], 'zh')).out, /月卡表和白名单/);
});

test('"gatepost check" reads the table along, and counts', async (t) => {
  // All days are long over, or have no end: today does not matter.
  const rows = Array.from({ length: 1_204 }, (_, index) => `粤B${String(index).padStart(5, '0')},`);
  const table = `车牌,结束,类型\n${rows.map((row, index) => `${row}${index < 37 ? '2020-01-01' : ''},月卡`).join('\n')}\n`;
  const { code, out } = await ran(checkCommand, [site(t, table)]);
  assert.equal(code, 0);
  assert.match(out, /is fine: 1 park\(s\), 2 lane\(s\), 2 device\(s\), 1,204 passes \(37 expired\)\.\n$/);
  const wrong = await ran(checkCommand, [site(t, '车牌,结束,类型\n粤B12345,soon,月卡\n')]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /passes\.csv:2:9 结束: "soon" is no day\./);
  assert.doesNotMatch((await ran(checkCommand, [site(t, null)])).out, /pass/);
});

test('the journal says with which pass a car came, and why it paid nothing', () => {
  const { passes } = compilePasses(readRows({ file: 'example.csv', text: TABLE }).rows, ZONE);
  const s = scene({ passes });
  const at = (text: string): Instant => parseLocal(text, ZONE) ?? assert.fail(text);
  s.read('in-1', plate('粤B12345'), at('2026-11-22 10:00'));
  s.read('out-1', plate('粤B12345'), at('2026-11-22 18:00'));
  const vehicles = new Vehicles();
  const linesIn = (language: Language): string =>
    s.records
      .flatMap((record) => record.events.map((event) => eventLine(record, event, { zone: ZONE, language, vehicles })))
      .join('\n');
  assert.match(linesIn('en'), /entered, pass monthly until 2026-12-31 .*visit=/);
  assert.match(linesIn('en'), /fee ¥0\.00, paid ¥0\.00, \(sheet test 1; pass monthly until 2026-12-31 ¥0\.00\)/);
  assert.match(linesIn('zh'), /进场，月卡 有效至 2026-12-31 /);
});

test('the documentation shows the example as it is, and its worked examples are what the gate charges', () => {
  for (const page of PAGES) assert.ok(page.includes(`\`\`\`csv\n${TABLE}\`\`\``));
  const { rows, problems } = readRows({ file: 'example.csv', text: TABLE });
  assert.deepEqual(problems, []);
  const { passes } = compilePasses(rows, ZONE);
  const sheet = { file: 'plain.yaml', text: readFileSync(join(DOCS, 'tariffs', 'plain.yaml'), 'utf8') };
  const { tariff } = loadTariff([sheet], null, ZONE);
  assert.ok(tariff);
  const at = (text: string): Instant => parseLocal(text, ZONE) ?? assert.fail(text);
  const examples = PAGES.flatMap((page) => [
    ...page.matchAll(/^\| (粤\S+) +\| (\S+ \S+) +\| (\S+ \S+) +\| ¥(\d+)\.(\d\d) +\|/gm),
  ]);
  assert.equal(examples.length, 2 * 8);
  for (const [, text = '', from = '', to = '', yuan, cents] of examples) {
    const s = scene({ tariff, passes });
    s.read('in-1', plate(text), at(from));
    assert.equal(s.info(plate(text), at(to)).totalAmount, fen(Number(`${yuan}${cents}`)), `${text} ${from} ${to}`);
  }
});
