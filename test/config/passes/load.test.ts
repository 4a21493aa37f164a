/** The tables of passes that a configuration names: as managers keep them, and what is wrong with them, told in one go. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatErrors, formatWarnings } from '../../../src/config/errors.ts';
import type { LoadContext } from '../../../src/config/load.ts';
import { MOST_ROWS, readRows } from '../../../src/config/passes/rows.ts';
import { buildWorld } from '../../../src/config/world.ts';
import type { ParkId } from '../../../src/core/ids.ts';
import { changed, configOf, errorsOf, SMALL } from '../site.ts';

const SHEET = 'name: Small\nversion: v1\nprice: 5 per hour\n';

/** A folder with these files beside the configuration, and no others. */
function folder(files: Readonly<Record<string, string | Uint8Array>>): Partial<LoadContext> {
  const all: typeof files = { 'standard.yaml': SHEET, ...files };
  const read = (path: string): Buffer => {
    const name = path.replace('/etc/gatepost/', '');
    const content = all[name];
    if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return Buffer.from(content as string);
  };
  return { file: '/etc/gatepost/site.yaml', readFile: (path) => read(path).toString(), readBytes: read };
}

const named = (names: string): string => changed(['tariff: standard', `tariff: standard\n    passes: ${names}`]);

/** The passes of the park, each as `plate kind until`. */
function passesOf(text: string, files: Readonly<Record<string, string | Uint8Array>>, id = 'P001'): readonly string[] {
  const park = buildWorld(configOf(text, folder(files))).parks.get(id as ParkId);
  return [...(park?.passes ?? [])].flatMap(([plate, periods]) =>
    periods.map(({ kind, until }) => `${plate} ${kind} ${until}`),
  );
}

/** GBK, as Excel in China writes it: 车牌,开始,结束,类型 / 粤B12345,2026/11/1,2026/12/31,月卡 */
const GBK = Buffer.from(
  'b3b5c5c62cbfaacabc2cbde1caf82cc0e0d0cd0d0ad4c14231323334352c323032362f31312f312c323032362f31322f33312cd4c2bfa80d0a',
  'hex',
);

describe('a table is read as its manager keeps it', () => {
  const ONE = ['粤B12345 monthly 2026-12-31'];
  const CASES: readonly (readonly [what: string, content: string | Uint8Array, wanted: readonly string[]])[] = [
    ['English columns', 'plate,from,until,kind\n粤B12345,2026-11-01,2026-12-31,monthly\n', ONE],
    ['Chinese columns', '车牌,开始,结束,类型\n粤B12345,2026-11-01,2026-12-31,月卡\n', ONE],
    [
      'in another order, with columns of its own',
      '车位,类型,结束,姓名,车牌,电话\nA1,月卡,2026-12-31,张三,粤B12345,1\n',
      ONE,
    ],
    ['with the mark of UTF-8 and CR LF', '\ufeff车牌,结束,类型\r\n粤B12345,2026-12-31,月卡\r\n', ONE],
    ['as Excel in China writes it: GBK, slashes', GBK, ONE],
    ['a plate as a person types it', 'plate,until,kind\n 粤b·1234５ ,2026-12-31,Monthly\n', ONE],
    ['days in other forms', '车牌,开始,结束,类型\n粤B12345,20261101,2026年12月31日,包月\n', ONE],
    ['no limits', '车牌,开始,结束,类型\n粤B12345,,,白名单\n', ['粤B12345 free null']],
    [
      'a whitelist without days',
      '车牌,类型\n粤B12345,白名单\nWJ粤1234T,白名单\n',
      ['粤B12345 free null', 'WJ粤1234T free null'],
    ],
    ['lines that Excel left empty', '\n车牌,结束,类型\n\n,,\n粤B12345,2026-12-31,月卡,,,\n', ONE],
    [
      'a text with a comma, a quote and a line break',
      '车牌,结束,类型,备注\n粤B12345,2026-12-31,月卡,"a, ""b""\nc"\n',
      ONE,
    ],
    ['nobody yet', '车牌,开始,结束,类型\n', []],
  ];
  for (const [what, content, wanted] of CASES) {
    test(what, () => assert.deepEqual(passesOf(named('passes.csv'), { 'passes.csv': content }), wanted));
  }
});

test('several tables of a park are one, and each park has its own', () => {
  const two = `${named('[tenants.csv, staff.csv]')}`.replace(
    'devices:',
    `  - id: P002
    name: Other
    tariff: standard
    passes: staff.csv
    mallcoo: { auth: { type: none } }
    lanes: [{ id: in-2, direction: in, readers: [cam-in-2] }]
devices:
  - { id: cam-in-2, driver: vzenith-mqtt, username: cam-in-2, password: secret, options: { sn: a-2 } }`,
  );
  const files = {
    'tenants.csv': '车牌,结束,类型\n粤B12345,2026-12-31,月卡\n',
    'staff.csv': '车牌,类型\n粤B54321,白名单\n',
  };
  assert.deepEqual(passesOf(two, files), ['粤B12345 monthly 2026-12-31', '粤B54321 free null']);
  assert.deepEqual(passesOf(two, files, 'P002'), ['粤B54321 free null']);
  assert.deepEqual(passesOf(SMALL, {}), []);
});

test('mistakes of a table are told in one go with those of the configuration, each at its place', () => {
  const table = `车牌,开始,结束,类型,姓名
粤B12345,2026-11-01,2026-13-01,月卡,张三
粤B1234,2026-11-01,2026-11-30,月卡,张三
,2026-11-01,2026-11-30,月卡,张三
粤B12345,2026-12-31,2026-12-01,月卡,张三
粤B12345,2026-11-01,2026-11-30,金卡,张三
粤B12345,2026-11-01,2026-11-30,月卡,张三, 李四
粤B12345,11-01,2026-11-30,月卡,"张三"x
`;
  const text = `log: { format: xml }\n${named('passes.csv')}`;
  const printed = formatErrors(errorsOf(text, folder({ 'passes.csv': table })), 'en').split('\n');
  const at = '/etc/gatepost/passes.csv';
  const day = 'is no day. Write it like 2026-12-31, or leave it empty for no limit.';
  assert.deepEqual(printed, [
    '/etc/gatepost/site.yaml:1:16 log.format: "xml" is not allowed. Write one of: text, json.',
    `${at}:2:20 结束: "2026-13-01" ${day}`,
    `${at}:3:1 车牌: "粤B1234" is no plate of a known form. Write the whole plate, such as "粤B12345".`,
    `${at}:4:1 车牌: is empty. Write the whole plate, such as "粤B12345".`,
    `${at}:5:20 结束: "2026-12-01" is before the day on which it begins. Correct one of the two days.`,
    `${at}:6:31 类型: "金卡" is no kind of pass. Write "monthly" or "月卡", "free" or "白名单".`,
    `${at}:7:37: this line has more cells than there are columns. Put a text that holds a comma in quotes.`,
    `${at}:8:9 开始: "11-01" ${day}`,
    `${at}:8:33: goes on after its closing quote. Write a quote inside a quoted cell twice ("").`,
    `9 errors in /etc/gatepost/site.yaml, ${at}.`,
  ]);
  assert.doesNotMatch(printed.join('\n'), /张三|李四/, 'names are nobody’s business');
});

describe('a table that cannot be understood as a whole is one mistake', () => {
  const CASES: readonly (readonly [what: string, content: string | Uint8Array, wanted: RegExp])[] = [
    ['empty', '', /passes\.csv:1:1: is empty\. Write the names/],
    ['without a header', '粤B12345,2026-11-01,2026-12-31,月卡\n', /has no column "plate" or "车牌"\. Write the names/],
    ['without a kind', '车牌,结束\n粤B12345,2026-12-31\n', /passes\.csv:1:1: has no column "kind" or "类型"/],
    [
      'monthly without an end',
      '车牌,类型\n粤B12345,月卡\n',
      /passes\.csv:2:9 类型: "月卡" is monthly, and the table has no column/,
    ],
    [
      'a slip of the pen',
      'plate,untill,kind\n粤B12345,2026-12-31,free\n',
      /:1:7 untill: is no column that is known\. Did you mean "until"/,
    ],
    ['a column twice', 'plate,kind,kind\n粤B12345,free,free\n', /:1:12 kind: is a column twice/],
    [
      'a workbook',
      Buffer.from('504b030414000600', 'hex'),
      /site\.yaml:7:13 .*is an Excel workbook, not CSV\. Save it in Excel as/,
    ],
    ['Unicode text of Excel', Buffer.from('\ufeff车牌\t类型\n', 'utf16le'), /is neither UTF-8 nor GBK/],
    ['bytes that are no text', Buffer.from([0x80, 0xff, 0xff, 0x00]), /is neither UTF-8 nor GBK/],
    ['too long', `车牌,类型\n${'粤B12345,白名单\n'.repeat(MOST_ROWS + 1)}`, /:200002:1: has more than 200000 lines/],
  ];
  for (const [what, content, wanted] of CASES) {
    test(what, () => {
      const errors = errorsOf(named('passes.csv'), folder({ 'passes.csv': content }));
      assert.match(formatErrors(errors, 'en'), wanted);
      assert.ok(errors.length <= 2, formatErrors(errors, 'en'));
    });
  }
});

test('a table that is not there is told at its name', () => {
  const printed = formatErrors(errorsOf(named('[gone.csv, gone-too.csv]'), folder({})), 'en');
  assert.match(
    printed,
    /site\.yaml:7:14 parks\[0\]\.passes\[0\]: "\/etc\/gatepost\/gone\.csv" cannot be read \(ENOENT\)/,
  );
  assert.match(printed, /site\.yaml:7:24 parks\[0\]\.passes\[1\]: .*gone-too\.csv" cannot be read/);
  assert.match(
    formatErrors(errorsOf(named('7'), folder({})), 'en'),
    /parks\[0\]\.passes: .*Write a file or a list of files/,
  );
});

test('the same mistake in every line is told a hundred times, and then counted', () => {
  const errors = errorsOf(
    named('passes.csv'),
    folder({ 'passes.csv': `车牌,类型\n${'B12345,白名单\n'.repeat(5_000)}` }),
  );
  assert.equal(errors.length, 101);
  assert.equal(errors.at(-1)?.message.en, 'and 4900 more after this');
});

test('lines that overlap both hold, and are a warning', () => {
  const files = {
    'a.csv': '车牌,开始,结束,类型\n粤B12345,2026-11-01,2026-11-30,月卡\n粤B12345,2026-11-20,2026-12-19,月卡\n',
    'b.csv': '车牌,类型\n粤B12345,白名单\n',
  };
  const both = configOf(named('[a.csv, b.csv]'), folder(files));
  assert.deepEqual(formatWarnings(both.warnings, 'en').split('\n'), [
    'warning: /etc/gatepost/a.csv:2:1: "粤B12345" has days in common with line 2 of /etc/gatepost/b.csv. Both hold; remove one of them if that is not meant.',
    'warning: /etc/gatepost/a.csv:3:1: "粤B12345" has days in common with line 2 of /etc/gatepost/b.csv. Both hold; remove one of them if that is not meant.',
  ]);
  assert.deepEqual(passesOf(named('a.csv'), files), ['粤B12345 monthly 2026-12-19']);
  const one = formatWarnings(configOf(named('a.csv'), folder(files)).warnings, 'en');
  assert.match(one, /^warning: .*a\.csv:3:1: "粤B12345" has days in common with line 2\. Both hold/);
});

test('every problem is said in both languages', () => {
  const text = '车牌,开始,结束,类型,类型\nx,x,x,x,x,x\n,,,\n粤B12345,2026-12-31,2026-12-01,月卡,"\n';
  const { problems } = readRows({ file: 'x', text });
  assert.ok(problems.length >= 6);
  for (const { message, fix } of problems) {
    assert.match(message.zh + fix.zh, /\p{Script=Han}/u);
    assert.match(message.en, /^[^\p{Script=Han}]+$/u);
    assert.notEqual(fix.zh, fix.en);
  }
});
