/** What a person is told about a sheet: everything at once, with line, key, value and the way out. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { chinaCalendar } from '../../../src/config/tariff/holidays.ts';
import { loadSheet } from '../../../src/config/tariff/load.ts';
import { problemText } from '../../../src/config/tariff/problems.ts';
import { compileTariff } from '../../../src/core/tariff/compile.ts';
import { after, instant, MINUTE, zoneOf } from '../../../src/core/time.ts';
import { assertChineseError } from '../site.ts';

const zone = zoneOf('Asia/Shanghai');
const SHEETS = join(import.meta.dirname, '..', '..', '..', 'docs', 'tariffs');

/** Line, key and a piece of each message. */
function found(text: string): readonly (readonly [number, string, string])[] {
  const { problems } = loadSheet('t.yaml', text, zone);
  for (const problem of problems) assertChineseError(problem);
  return problems.map(({ line, key, message, fix }) => [line, key, `${message.en}. ${fix.en}`]);
}

test('five different mistakes are told in one go, each with its line, key, value and fix', () => {
  const text = `name: 错误示例
version: 1
free: soon
unit: up
price:
  - { to: 1 h, total: 10 }
  - { to: 2 h, total: 8 }
  - { price: 5 per 30 min }
grace: 15
round: sideways to 1
`;
  const { versions, problems } = loadSheet('mall.yaml', text, zone);
  assert.deepEqual(versions, []);
  assert.deepEqual(
    problems.map((problem) => problemText(problem, 'en')),
    [
      'mall.yaml:3:1 error free: "soon" cannot be understood. Fix: write a length of time, such as "15 min" or "1.5 h"',
      'mall.yaml:4:1 error unit: "up" is not a key that belongs here. Fix: did you mean "units"?',
      'mall.yaml:7:16 error price[1].total: "8" is less than the 10 before it: the fee would fall as the stay grows. Fix: let it be 10 or more',
      'mall.yaml:9:1 error grace: "15" cannot be understood. Fix: write a length of time, such as "15 min" or "1.5 h", or none',
      'mall.yaml:10:1 error round: "sideways to 1" cannot be understood. Fix: write "half up to 0.01", "up to 1", "down to 0.5"',
    ],
  );
});

/** A sheet after its two first lines, and what is found: line, key, a piece of the text. */
const MISTAKES: readonly (readonly [name: string, sheet: string, line: number, key: string, piece: string])[] = [
  [
    'bands that overlap',
    'bands:\n  - { name: a, from: 07:00, to: 19:00, price: 1 per hour }\n  - { name: b, from: 18:00, to: 07:00, price: 1 per hour }',
    5,
    'bands[1]',
    'overlaps with "a", for example a Monday from 18:00 to 19:00',
  ],
  [
    'a Friday night that runs into Saturday',
    'bands:\n  - { name: a, days: workdays, from: 20:00, to: 08:00, price: 1 per hour }\n  - { name: b, days: days off, price: 1 per hour }\nprice: free',
    5,
    'bands[1]',
    'overlaps with "a", for example a Saturday from 00:00 to 08:00',
  ],
  [
    'time that no band covers',
    'bands:\n  - { name: a, from: 07:00, to: 19:00, price: 1 per hour }',
    3,
    'bands',
    'a Monday from 00:00 to 07:00',
  ],
  [
    'a kind of day that no band covers',
    'bands:\n  - { name: a, days: workdays, price: 1 per hour }\n  - { name: b, days: weekends, price: 1 per hour }',
    3,
    'bands',
    'that is a holiday',
  ],
  [
    'a date that no season covers',
    'bands:\n  - { name: a, season: 01-01 to 06-30, price: 1 per hour }\n  - { name: b, season: 07-02 to 12-31, price: 1 per hour }',
    3,
    'bands',
    'on 07-01',
  ],
  [
    'a step that can never be reached',
    'price:\n  - { to: 2 h, price: 1 }\n  - { to: 1 h, price: 1 }\n  - { price: 1 per hour }',
    5,
    'price[1].to',
    'can never be reached',
  ],
  [
    'steps after one without an end',
    'price:\n  - { price: 1 per hour }\n  - { price: 2 per hour }',
    4,
    'price[0]',
    'the steps after it can never be reached',
  ],
  [
    'a last step with an end',
    'price:\n  - { to: 2 h, price: 1 }',
    4,
    'price[0].to',
    'nothing is said about longer stays',
  ],
  [
    'a step beyond its band',
    'bands:\n  - name: a\n    from: 08:00\n    to: 12:00\n    price:\n      - { to: 6 h, price: 1 }\n      - { price: 1 per hour }\nprice: free',
    9,
    'bands[0].price[1]',
    'the band lasts less',
  ],
  [
    'a cap below a tier',
    'price:\n  - { to: 2 h, total: 5 }\n  - { to: 4 h, total: 12 }\n  - { price: 1 per hour }\ncap: 10 per day',
    7,
    'cap',
    'below the tier of 12',
  ],
  [
    'a step behind a cap',
    'price:\n  - { to: 2 h, price: 10 per hour }\n  - { price: 5 per hour }\ncap: 20 per day',
    5,
    'price[1]',
    'the cap per day, 20, is reached before it',
  ],
  ['a cap below the first unit', 'price: 5 per hour\ncap: 3 per visit', 4, 'cap', 'below the first unit of 5'],
  ['a cap that another hides', 'price: 5 per hour\ncap: [50 per day, 40 per visit]', 4, 'cap', 'can never be reached'],
  [
    'a total that falls',
    'price:\n  - { to: 1 h, price: 6 }\n  - { to: 2 h, total: 5 }\n  - { price: 1 per hour }',
    5,
    'price[1].total',
    'the fee would fall',
  ],
  [
    'a step that is no whole number of units',
    'price:\n  - { to: 50 min, price: 1 per 15 min }\n  - { price: 1 per hour }',
    4,
    'price[0]',
    'no whole number of units',
  ],
  [
    'a tolerance that forgives all',
    'price: 1 per 15 min\nunits: up after 15 min',
    3,
    'price',
    'all of which the tolerance forgives',
  ],
  [
    'rounding past a cap',
    'price: 1 per hour\ncap: 10.50 per day\nround: up to 1',
    5,
    'round',
    'would round past the cap of 10.5',
  ],
  [
    'a tier inside the free period',
    'free: 1.5 h\nprice:\n  - { to: 1 h, total: 3 }\n  - { to: 2 h, total: 5 }\n  - { price: 1 per hour }',
    5,
    'price[0]',
    'stays up to 1.5 h are free',
  ],
  ['a day as a unit of price', 'price: 10 per day', 3, 'price', 'cannot be understood'],
  ['an amount with three decimals', 'price: 1.255 per hour', 3, 'price', 'cannot be understood'],
  ['no price at all', 'free: 15 min', 3, '', 'price'],
  [
    'a class like one that is not there',
    'price: 1 per hour\nclasses:\n  a: { like: b }',
    5,
    'classes.a.like',
    'is no class of this sheet',
  ],
  [
    'classes like each other',
    'price: 1 per hour\nclasses:\n  a: { like: b }\n  b: { like: a }',
    6,
    'classes.b.like',
    'goes round in a circle',
  ],
  [
    'two arrivals at one time',
    'price: 1 per hour\narrivals:\n  - { name: a, from: 18:00, to: 23:00, price: 1, covers: 2 h }\n  - { name: b, from: 20:00, to: 24:00, price: 1, covers: 2 h }',
    6,
    'arrivals[1]',
    'overlaps with "a"',
  ],
  ['a date that no calendar has', 'price: 1 per hour\nstarts: 2026-02-30', 4, 'starts', 'cannot be understood'],
  ['a key that comes twice', 'price: 1 per hour\nprice: 2 per hour', 4, '', 'Map keys must be unique'],
  [
    'a version that does not say when it starts',
    'price: 1 per hour\n---\nname: x\nversion: 2\nprice: 2 per hour',
    5,
    'starts',
    'is also when version "1" begins',
  ],
];

for (const [name, sheet, line, key, piece] of MISTAKES) {
  test(`lint finds ${name}`, () => {
    const all = found(`name: x\nversion: 1\n${sheet}\n`);
    const match = all.some(
      ([at, path, text]) => (key === '' || (at === line && path === key)) && `${path} ${text}`.includes(piece),
    );
    assert.ok(match, JSON.stringify(all, null, 1));
  });
}

test('a sheet that is no mapping, or empty, or broken YAML is told so', () => {
  assert.match(found('')[0]?.[2] ?? '', /empty|no price sheet/);
  assert.match(found('- a\n- b\n')[0]?.[2] ?? '', /no price sheet/);
  assert.match(found('name: x\nprice: [1\n')[0]?.[2] ?? '', /not readable YAML/);
});

test('a mistake of the sheet is told once, however many classes share it', () => {
  const all = found('name: x\nversion: 1\nprice: soon\nclasses:\n  a: { pays: 50% }\n  b: { pays: 30% }\n');
  assert.deepEqual(
    all.map(([line]) => line),
    [3],
  );
});

for (const file of readdirSync(SHEETS)) {
  test(`the example sheet ${file} has no mistakes`, () => {
    const { versions, problems } = loadSheet(file, readFileSync(join(SHEETS, file), 'utf8'), zone);
    assert.deepEqual(
      problems.map((problem) => problemText(problem, 'en')),
      [],
    );
    assert.ok(versions.length > 0);
  });
}

test('every sheet that is accepted has a fee that never falls, minute by minute over a day', () => {
  for (const file of readdirSync(SHEETS)) {
    const { versions } = loadSheet(file, readFileSync(join(SHEETS, file), 'utf8'), zone);
    const tariff = compileTariff(versions, chinaCalendar(), zone);
    const from = instant(Date.parse('2026-11-20T10:00:00+08:00'));
    let last = 0;
    for (let minute = 0; minute <= 1440; minute += 1) {
      const fee = tariff.fee(from, after(from, minute * MINUTE));
      assert.ok(fee >= last, `${file} at ${minute} min`);
      last = fee;
    }
  }
});

/** An example sheet in which a few characters were taken out, put in or exchanged. */
const damaged = fc
  .tuple(
    fc.constantFrom(...readdirSync(SHEETS).map((file) => readFileSync(join(SHEETS, file), 'utf8'))),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.string({ maxLength: 3 })), { maxLength: 4 }),
  )
  .map(([text, edits]) =>
    edits.reduce((now, [place, cut, put]) => {
      const at = place % (now.length + 1);
      return `${now.slice(0, at)}${put}${now.slice(at + cut)}`;
    }, text),
  );

test('whatever is written in a sheet, it is either refused in words or has a fee that never falls', () => {
  const calendar = chinaCalendar();
  const from = instant(Date.parse('2026-11-20T07:10:00+08:00'));
  let accepted = 0;
  fc.assert(
    fc.property(damaged, (text) => {
      const { versions, problems } = loadSheet('t.yaml', text, zone);
      for (const problem of problems) {
        assert.ok(problem.line >= 1 && problem.message.en !== '' && problem.fix.en !== '');
      }
      if (versions.length === 0) {
        assert.ok(problems.some((problem) => problem.severity === 'error'));
        return;
      }
      accepted += 1;
      const tariff = compileTariff(versions, calendar, zone);
      let last = 0;
      for (let minute = 0; minute <= 3000; minute += 7) {
        const fee = tariff.fee(from, after(from, minute * MINUTE));
        assert.ok(Number.isSafeInteger(fee) && fee >= last, `${minute} min`);
        last = fee;
      }
    }),
    { numRuns: 1_500 },
  );
  assert.ok(accepted > 100);
});

test('any text at all is answered, never thrown at', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      assert.ok(loadSheet('t.yaml', text, zone).problems.length > 0);
    }),
    { numRuns: 1_000 },
  );
});
