/** The price sheets that a configuration names, and what is wrong with them, told in one go. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatErrors, formatWarnings } from '../../src/config/errors.ts';
import type { LoadContext } from '../../src/config/load.ts';
import { buildWorld } from '../../src/config/world.ts';
import type { Said } from '../../src/core/errors.ts';
import type { ParkId } from '../../src/core/ids.ts';
import { instant, parseLocal, zoneOf } from '../../src/core/time.ts';
import { watchCalendars } from '../../src/ops/calendars.ts';
import { inEnglish } from '../chinese.ts';
import { changed, configOf, errorsOf } from './site.ts';

const P001 = 'P001' as ParkId;
const SHANGHAI = zoneOf('Asia/Shanghai');

/** A folder with these files, and no others. */
function folder(files: Readonly<Record<string, string>>): Pick<LoadContext, 'file' | 'readFile'> {
  return {
    file: '/etc/gatepost/site.yaml',
    readFile(path) {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return text;
    },
  };
}

const named = (...names: readonly string[]): string =>
  changed(['standard: standard.yaml', `standard: ${names.length === 1 ? names[0] : `[${names.join(', ')}]`}`]);

test('five mistakes of a sheet and two of the configuration are told in one go, each in its file with its line', () => {
  const sheet = `name: 错误示例
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
  const text = `log: { format: xml }\n${named('mall.yaml').replace('direction: out', 'direction: up')}`;
  const printed = formatErrors(errorsOf(text, folder({ '/etc/gatepost/mall.yaml': sheet })), 'en').split('\n');
  assert.deepEqual(printed, [
    '/etc/gatepost/site.yaml:1:16 log.format: "xml" is not allowed. Write one of: text, json.',
    '/etc/gatepost/site.yaml:11:33 parks[0].lanes[1].direction: "up" is not allowed. Write one of: in, out.',
    '/etc/gatepost/mall.yaml:3:1 free: "soon" cannot be understood. Write a length of time, such as "15 min" or "1.5 h".',
    '/etc/gatepost/mall.yaml:4:1 unit: "up" is not a key that belongs here. Did you mean "units"?',
    '/etc/gatepost/mall.yaml:7:16 price[1].total: "8" is less than the 10 before it: the fee would fall as the stay grows. Let it be 10 or more.',
    '/etc/gatepost/mall.yaml:9:1 grace: "15" cannot be understood. Write a length of time, such as "15 min" or "1.5 h", or none.',
    '/etc/gatepost/mall.yaml:10:1 round: "sideways to 1" cannot be understood. Write "half up to 0.01", "up to 1", "down to 0.5".',
    '7 errors in /etc/gatepost/site.yaml, /etc/gatepost/mall.yaml.',
  ]);
});

const OLD = 'name: Mall\nversion: old\nprice: 5 per hour\n';
const NEW = 'name: Mall\nversion: new\nstarts: 2026-03-01\nprice: 6 per hour\n';

test('versions of a sheet may stand in files of their own', () => {
  const files = folder({ '/etc/gatepost/old.yaml': OLD, '/srv/new.yaml': NEW });
  const tariff = buildWorld(configOf(named('old.yaml', '/srv/new.yaml'), files)).parks.get(P001)?.tariff;
  assert.equal(tariff?.sheetAt(parseLocal('2026-02-28 23:59:59', SHANGHAI) ?? instant(0)).version, 'old');
  assert.equal(tariff?.sheetAt(parseLocal('2026-03-01 00:00:00', SHANGHAI) ?? instant(0)).version, 'new');
});

describe('a name that leads nowhere is an error at its line', () => {
  const cases: readonly (readonly [what: string, text: string, line: number, path: string, message: RegExp])[] = [
    ['a sheet', named('gone.yaml'), 2, 'tariffs.standard', /"\/etc\/gatepost\/gone\.yaml" cannot be read \(ENOENT\)/],
    ['one of two', named('old.yaml', 'gone.yaml'), 2, 'tariffs.standard[1]', /gone\.yaml" cannot be read/],
    ['the holidays', `holidays: gone.yaml\n${named('old.yaml')}`, 1, 'holidays', /gone\.yaml" cannot be read/],
    [
      'a class',
      named('old.yaml').replace('name: Small', 'name: Small\n    classes: { green: electric }'),
      6,
      'parks[0].classes.green',
      /there is no class "electric" in the tariff "standard"/,
    ],
    [
      'a colour',
      named('old.yaml').replace('name: Small', 'name: Small\n    classes: { pink: electric }'),
      6,
      'parks[0].classes.pink',
      /is not a setting/,
    ],
  ];
  for (const [what, text, line, path, message] of cases) {
    test(what, () => {
      const errors = errorsOf(text, folder({ '/etc/gatepost/old.yaml': OLD }));
      assert.deepEqual(
        errors.map((error) => [error.line, error.path]),
        [[line, path]],
        formatErrors(errors, 'en'),
      );
      assert.match(errors[0]?.message.en ?? '', message);
    });
  }
});

test('a sheet that no park uses is checked all the same', () => {
  const text = named('old.yaml').replace('standard: old.yaml', 'standard: old.yaml\n  other: other.yaml');
  const files = folder({ '/etc/gatepost/old.yaml': OLD, '/etc/gatepost/other.yaml': 'name: x\n' });
  assert.deepEqual(
    errorsOf(text, files).map(({ file }) => file),
    ['/etc/gatepost/other.yaml', '/etc/gatepost/other.yaml'],
  );
});

const WORKDAYS = 'name: Mall\nversion: 1\nbands: [{ name: work, days: workdays, price: 5 per hour }]\nprice: free\n';

describe('public holidays', () => {
  function raisedAt(moment: string, files: Readonly<Record<string, string>>, text: string): readonly string[] {
    const raised: string[] = [];
    const faults = {
      raise: (code: string, subject: string, value: Said = '') =>
        void raised.push(`${code} ${subject} ${inEnglish(value)}`),
      clear: () => undefined,
    };
    const now = parseLocal(moment, SHANGHAI) ?? instant(0);
    const config = configOf(text, folder(files));
    const parks = buildWorld(config).parks.values();
    watchCalendars({ parks: () => parks, calendars: () => config.pricing, clock: { now: () => now }, faults }).stop();
    return raised;
  }
  const files = { '/etc/gatepost/w.yaml': WORKDAYS, '/etc/gatepost/old.yaml': OLD };

  test('a year that is not known raises a fault 45 days before it begins, where the sheet asks for the kind of day', () => {
    assert.deepEqual(raisedAt('2026-11-01 00:00', files, named('w.yaml')), []);
    assert.deepEqual(raisedAt('2026-11-22 00:00', files, named('w.yaml')), [
      'CALENDAR_ENDS P001 2027, which begins in 40 days, are not known',
    ]);
    assert.deepEqual(raisedAt('2027-01-01 00:00', files, named('w.yaml')), [
      'CALENDAR_ENDS P001 2027, the present year, are not known',
    ]);
    assert.deepEqual(raisedAt('2026-11-22 00:00', files, named('old.yaml')), []);
    const large = `${OLD}classes: { large: { price: free, bands: [{ name: work, days: workdays, price: 8 per hour }] } }\n`;
    assert.equal(raisedAt('2026-11-22 00:00', { '/etc/gatepost/l.yaml': large }, named('l.yaml')).length, 1);
  });

  test('the operator’s file brings the year, and the gate prices by it', () => {
    const holidays = '2027:\n  holidays: [2027-01-01 to 2027-01-04]\n  workdays: [2027-01-09]\n';
    const text = `holidays: h.yaml\n${named('w.yaml')}`;
    const all = { ...files, '/etc/gatepost/h.yaml': holidays };
    assert.deepEqual(raisedAt('2026-11-22 00:00', all, text), []);
    const tariff = buildWorld(configOf(text, folder(all))).parks.get(P001)?.tariff;
    const fee = (day: string): number | undefined =>
      tariff?.fee(
        parseLocal(`${day} 10:00`, SHANGHAI) ?? instant(0),
        parseLocal(`${day} 11:00`, SHANGHAI) ?? instant(0),
      );
    // A Monday that is a holiday, a Saturday that is worked, and a Saturday that is not.
    assert.deepEqual(['2027-01-04', '2027-01-09', '2027-01-16'].map(fee), [0, 500, 0]);
  });

  test('a mistake in the operator’s file is told with its line', () => {
    const errors = errorsOf(
      `holidays: h.yaml\n${named('w.yaml')}`,
      folder({ ...files, '/etc/gatepost/h.yaml': '2027: soon\n' }),
    );
    assert.deepEqual([errors[0]?.file, errors[0]?.line, errors[0]?.path], ['/etc/gatepost/h.yaml', 1, '2027']);
  });
});

test('what is only odd in a sheet is a warning, and the file can be used', () => {
  const sheet = 'name: Mall\nversion: 1\nprice: 5 per hour\ncap: [50 per day, 40 per visit]\n';
  const config = configOf(named('mall.yaml'), folder({ '/etc/gatepost/mall.yaml': sheet }));
  assert.match(formatWarnings(config.warnings, 'en'), /^warning: \/etc\/gatepost\/mall\.yaml:4:\d+ cap/);
});

test('a class of the sheet that no plate’s colour means is a warning, for nobody would pay its prices', () => {
  const sheet = `${OLD}classes: { electric: { pays: 50% }, large: { price: 8 per hour } }\n`;
  const files = folder({ '/etc/gatepost/mall.yaml': sheet });
  const text = named('mall.yaml').replace('name: Small', 'name: Small\n    classes: { green: electric }');
  assert.equal(
    formatWarnings(configOf(text, files).warnings, 'en'),
    'warning: /etc/gatepost/site.yaml:6:5 parks[0].classes: names no colour for "large" of the tariff "standard". ' +
      'Say which plates pay so, for example "classes: { green: large }".',
  );
});
