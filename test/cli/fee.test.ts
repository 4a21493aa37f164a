/** `gatepost fee` as a person uses it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { feeCommand } from '../../src/cli/fee.ts';
import { ran } from './ran.ts';

const SHEETS = join(import.meta.dirname, '..', '..', 'docs', 'tariffs');
const sheet = (name: string): string => join(SHEETS, `${name}.yaml`);
const STAY = ['--in', '2026-11-20 10:00:00', '--out', '2026-11-20 12:30:00'];

async function run(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const { code, out, err } = await ran(feeCommand, argv);
  return { status: code, out: out.trimEnd(), err: err.trimEnd() };
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'gatepost-fee-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('a fee is shown with its lines in both languages', async () => {
  const { status, out } = await run('--tariff', sheet('plain'), ...STAY);
  assert.equal(status, 0);
  assert.match(out, /价格表 sheet 江湾商场 2026-01/);
  assert.match(out, /10:00:00 – 12:30:00 {2}停车费 parking +3 × ¥5\.00 \/ 1 h +¥15\.00/);
  assert.match(out, /应收 total +¥15\.00/);
});

test('one language is shown when one is asked for', async () => {
  const zh = await run('--tariff', sheet('plain'), ...STAY, '--language', 'zh');
  assert.match(zh.out, /3 × ¥5\.00 \/ 1 小时/);
  assert.doesNotMatch(zh.out, /total/);
  const en = await run('--tariff', sheet('plain'), ...STAY, '--language', 'en');
  assert.doesNotMatch(en.out, /应收/);
});

test('machines get 分 and the lines', async () => {
  const { out } = await run(
    '--tariff',
    sheet('plain'),
    ...STAY,
    '--free-minutes',
    '60',
    '--free-amount',
    '300',
    '--json',
  );
  const result = JSON.parse(out);
  assert.equal(result.totalAmount, 1500);
  assert.equal(result.deductionAmount, 800);
  assert.equal(result.payableAmount, 700);
  assert.equal(result.parkingMinutes, 150);
  assert.deepEqual(result.sheet, { name: '江湾商场', version: '2026-01', currency: '¥' });
  assert.deepEqual(
    result.items.map((item: { kind: string; amount: number }) => [item.kind, item.amount]),
    [
      ['sheet', 0],
      ['step', 1500],
      ['coupon', -500],
      ['coupon', -300],
    ],
  );
});

test('coupons count in the order in which they were written', async () => {
  const { out } = await run(
    '--tariff',
    sheet('plain'),
    ...STAY,
    '--free-amount',
    '1',
    '--free-minutes',
    '30',
    '--free-minutes',
    '60',
    '--json',
  );
  const coupons = JSON.parse(out).items.filter((item: { kind: string }) => item.kind === 'coupon');
  assert.deepEqual(
    coupons.map((item: { amount: number }) => item.amount),
    [-1, -500, -500],
  );
});

test('a payment, its grace and a lost ticket are accounted for', async () => {
  const paid = await run(
    '--tariff',
    sheet('plain'),
    ...STAY,
    '--paid-at',
    '2026-11-20 12:20:00',
    '--paid',
    '1500',
    '--json',
  );
  assert.equal(JSON.parse(paid.out).payableAmount, 0);
  const lost = await run('--tariff', sheet('everything'), ...STAY, '--lost-ticket', '--json');
  assert.equal(JSON.parse(lost.out).items.at(-1).kind, 'lostTicket');
  const none = await run('--tariff', sheet('plain'), ...STAY, '--lost-ticket');
  assert.deepEqual([none.status, none.err], [2, '--lost-ticket: the sheet has no "lostTicket"']);
});

test('a stay of months is explained in a few lines, or in all', async () => {
  const stay = ['--in', '2026-03-01 10:00:00', '--out', '2026-05-30 10:00:00'];
  const short = await run('--tariff', sheet('everything'), ...stay);
  assert.ok(short.out.split('\n').length < 30, short.out);
  const full = await run('--tariff', sheet('everything'), ...stay, '--full');
  assert.ok(full.out.split('\n').length > 200);
});

test('every form of the command has help', async () => {
  for (const argv of [['--help'], ['lint', '--help'], ['table', '-h']]) {
    const { status, out } = await run(...argv);
    assert.equal(status, 0);
    assert.match(out, /gatepost fee lint FILE/);
  }
});

const WRONG: readonly (readonly [name: string, argv: readonly string[], told: RegExp])[] = [
  ['no sheet', STAY, /--tariff is missing/],
  [
    'a sheet that is not there',
    ['--tariff', 'nowhere.yaml', ...STAY],
    /nowhere\.yaml cannot be read: there is no such file/,
  ],
  [
    'an exit before the entry',
    ['--tariff', sheet('plain'), '--in', '2026-11-20 10:00', '--out', '2026-11-20 09:00'],
    /is before --in/,
  ],
  [
    'a moment that no calendar has',
    ['--tariff', sheet('plain'), '--in', '2026-02-30 10:00', '--out', '2026-11-20 09:00'],
    /--in "2026-02-30 10:00" is no moment/,
  ],
  [
    'an unknown zone',
    ['--tariff', sheet('plain'), ...STAY, '--zone', 'Asia/Nowhere'],
    /--zone "Asia\/Nowhere" is no time zone/,
  ],
  [
    'an unknown class',
    ['--tariff', sheet('visitor-centre'), ...STAY, '--class', 'tank'],
    /--class "tank" is no class of the sheet; it has large/,
  ],
  ['an unknown option', ['--tarif', 'x'], /--tarif/],
  [
    'free minutes that are no number',
    ['--tariff', sheet('plain'), ...STAY, '--free-minutes', 'ten'],
    /--free-minutes "ten" is no whole number/,
  ],
  [
    'a payment without its moment',
    ['--tariff', sheet('plain'), ...STAY, '--paid', '5'],
    /--paid and --paid-at belong together/,
  ],
  ['a word too many', ['tabel', sheet('plain')], /"tabel" is not understood/],
];

for (const [name, argv, told] of WRONG) {
  test(`${name} is told in one sentence`, async () => {
    const { status, out, err } = await run(...argv);
    assert.equal(status, 2);
    assert.equal(out, '');
    assert.match(err, told);
    assert.equal(err.split('\n').length, 1);
  });
}

test('lint tells every mistake with its line, and fails', async (t) => {
  const file = join(folder(t), 'bad.yaml');
  writeFileSync(file, 'name: x\nversion: 1\nfree: soon\nprice: much\ncap: low\nunit: up\ngrace: 15\n');
  const { status, out } = await run('lint', file);
  assert.equal(status, 1);
  const lines = out.split('\n');
  assert.deepEqual(
    lines.slice(0, 5).map((line) => line.slice(file.length + 1).split(' error ')[0]),
    ['3:1', '4:1', '5:1', '6:1', '7:1'],
  );
  assert.equal(lines[5], '1 file(s), 5 error(s), 0 warning(s)');
  const fee = await run('--tariff', file, ...STAY);
  assert.equal(fee.status, 1);
  assert.equal(fee.err.split('\n').length, 5);
});

test('a sheet may be in force in several versions, from several files', async (t) => {
  const path = folder(t);
  writeFileSync(join(path, 'old.yaml'), 'name: x\nversion: old\nprice: 5 per hour\n');
  writeFileSync(join(path, 'new.yaml'), 'name: x\nversion: new\nstarts: 2026-11-20\nprice: 6 per hour\n');
  const files = ['--tariff', join(path, 'old.yaml'), '--tariff', join(path, 'new.yaml')];
  const result = JSON.parse((await run(...files, ...STAY, '--json')).out);
  assert.deepEqual([result.totalAmount, result.sheet.version], [1800, 'new']);
});

test('holidays of a further year come from a file', async (t) => {
  const file = join(folder(t), 'holidays.yaml');
  writeFileSync(file, '2027:\n  holidays: [2027-02-05 to 2027-02-11]\n');
  const stay = ['--in', '2027-02-08 10:00', '--out', '2027-02-08 11:00', '--json'];
  const without = JSON.parse((await run('--tariff', sheet('everything'), ...stay)).out);
  assert.equal(without.items[0].kind, 'calendar');
  const known = JSON.parse((await run('--tariff', sheet('everything'), '--holidays', file, ...stay)).out);
  assert.equal(known.items[1].name, '节假日');
});

test('the table draws a day and a week, and writes them as SVG and as a page', async (t) => {
  const path = folder(t);
  const { status, out } = await run('table', sheet('visitor-centre'));
  assert.equal(status, 0);
  assert.match(out, /24 h/);
  assert.match(out, /7 d/);
  assert.match(out, / 0:30 {2}¥5\.00\n +2:01 {2}¥7\.00/);
  const files = { svg: join(path, 'fee.svg'), html: join(path, 'fee.html') };
  assert.equal(
    (await run('table', sheet('visitor-centre'), '--svg', files.svg, '--html', files.html, '--class', 'large')).status,
    0,
  );
  assert.match(readFileSync(files.svg, 'utf8'), /^<svg [^>]*>.*<\/svg>\n$/s);
  assert.match(readFileSync(files.html, 'utf8'), /<h1>游客中心 2025-01 · large<\/h1>/);
});
