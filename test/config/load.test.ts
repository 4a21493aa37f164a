import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { formatErrors } from '../../src/config/errors.ts';
import type { ParkId } from '../../src/core/ids.ts';
import { instant } from '../../src/core/time.ts';
import { changed, configOf, EXAMPLE, errorsOf, lineOf, SMALL } from './site.ts';

const TEN = readFileSync(join(import.meta.dirname, 'ten-mistakes.yaml'), 'utf8');

describe('a file with many mistakes', () => {
  test('ten mistakes give ten errors, each with its line, field, and way out', () => {
    const errors = errorsOf(TEN);
    const expected: readonly (readonly [line: number, path: string, fix: RegExp])[] = [
      [1, 'log.format', /^Write one of: text, json\.$/],
      [3, 'mallcoo.listen', /allowRemote: true/],
      [5, 'mqtt.maxPacketBytes', /^Write a whole number from 1024 to 268435456\.$/],
      [10, 'tariffs.standard[1]', /make it readable/],
      [14, 'parks[0].zone', /Asia\/Shanghai/],
      [15, 'parks[0].tariff', /Did you mean "standard"\?/],
      [17, 'parks[0].mallcoo.auth.token', /16 characters or more/],
      [20, 'parks[0].lanes[0].dirction', /Did you mean "direction"\?/],
      [23, 'parks[0].lanes[1].direction', /^Write one of: in, out\.$/],
      [26, 'devices[0].options.pulseMS', /Did you mean "pulseMs"\?/],
    ];
    assert.deepEqual(
      errors.map(({ line, path }) => [line, path]),
      expected.map(([line, path]) => [line, path]),
    );
    for (const [index, [, path, fix]] of expected.entries()) assert.match(errors[index]?.fix ?? '', fix, path);
  });

  test('the technician reads one line for each, and their number', () => {
    const lines = formatErrors(errorsOf(TEN)).split('\n');
    assert.equal(lines.length, 11);
    assert.equal(
      lines[8],
      'site.yaml:23:20 parks[0].lanes[1].direction: "outward" is not allowed. Write one of: in, out.',
    );
    assert.equal(lines[10], '10 errors in site.yaml.');
    assert.equal(formatErrors([]), 'No errors.');
  });

  test('a secret is never shown', () => {
    const text = changed(
      ['{ auth: { type: none } }', '{ auth: { type: token, token: hushhush } }'],
      ['password: secret', 'password: 4711'],
    );
    const printed = formatErrors(errorsOf(text));
    assert.match(printed, /auth\.token: has 8 characters/);
    assert.match(printed, /devices\[0\]\.password: is not allowed\. Write the text in quotes/);
    assert.doesNotMatch(printed + JSON.stringify(errorsOf(text)), /hushhush|4711/);
    const whole = errorsOf(changed(['{ auth: { type: none } }', '{ auth: hushhush }']));
    assert.deepEqual([whole.length, whole[0]?.path], [1, 'parks[0].mallcoo.auth']);
    assert.doesNotMatch(JSON.stringify(whole), /hushhush/);
    const url = errorsOf(`mqtt: { broker: "mqtt://me:hushhush@10.0.0.1" }\n${SMALL}`);
    assert.match(formatErrors(url), /"mqtt:\/\/\*\*\*@10\.0\.0\.1" is not allowed/);
  });
});

describe('the text', () => {
  test('what YAML cannot read is told with its line, together with what is wrong before it', () => {
    const errors = errorsOf('log: { format: xml }\nmallcoo:\n\tlisten: 127.0.0.1:1\nparks: "open\n');
    assert.deepEqual(
      errors.map(({ line, path }) => [line, path]),
      [
        [1, 'log.format'],
        [3, ''],
        [4, ''],
      ],
    );
    assert.match(errors[1]?.fix ?? '', /spaces/);
  });

  test('an empty file says where to start', () => {
    for (const text of ['', '# nothing\n', '[]', 'text']) {
      const [error, ...more] = errorsOf(text);
      assert.deepEqual([error?.line, more.length], [1, 0], text);
      assert.match(error?.fix ?? '', /example\.yaml/);
    }
  });

  test('no, off, 12:30 and dates are texts, even when the file claims YAML 1.1', () => {
    const text = `%YAML 1.1\n---\n${changed(['id: P001', 'id: 2025-01-31'], ['name: Small', 'name: no'])}`;
    const config = configOf(text);
    assert.equal(config.parks[0]?.id, '2025-01-31');
    assert.equal(config.parks[0]?.name, 'no');
    const [error] = errorsOf(`mqtt: { anonymous: off }\n${SMALL}`);
    assert.deepEqual([error?.path, error?.fix], ['mqtt.anonymous', 'Write true or false.']);
    const [time] = errorsOf(changed(['    name: Small', '    name: Small\n    waitingMinutes: 1:00']));
    assert.deepEqual([time?.value, time?.fix], ['"1:00"', 'Write a whole number from 1 to 1440.']);
  });

  test('a number where a text belongs is to be quoted, as it was written', () => {
    const [error, ...more] = errorsOf(changed(['id: P001', 'id: 007']));
    assert.deepEqual(
      [error?.path, error?.value, error?.fix, more.length],
      ['parks[0].id', '007', 'Write it in quotes: "007".', 0],
    );
  });

  test('a key twice, an alias and a tag are errors at their own place', () => {
    const twice = errorsOf(changed(['    name: Small', '    name: Small\n    name: Other']));
    assert.deepEqual([twice.length, twice[0]?.line, twice[0]?.message], [1, 6, 'is written twice']);
    const alias = errorsOf(changed(['name: Small', 'name: &a Small'], ['tariff: standard', 'tariff: *a']));
    assert.match(alias[0]?.message ?? '', /"\*a" refers to another place/);
    const tag = errorsOf(changed(['name: Small', 'name: !new Small']));
    assert.deepEqual([tag.length, tag[0]?.line], [1, 5]);
    assert.match(tag[0]?.fix ?? '', /tag/);
  });

  test('what is missing is marked at the key above it, and an empty value at its key', () => {
    const text = changed(['    tariff: standard\n', ''], ['mallcoo: { auth: { type: none } }', 'mallcoo:']);
    const errors = errorsOf(text);
    assert.deepEqual(
      errors.map(({ line, path, message }) => [line, path, message]),
      [
        [lineOf(text, '- id: P001'), 'parks[0].tariff', 'is missing'],
        [lineOf(text, 'mallcoo:'), 'parks[0].mallcoo', 'is empty'],
      ],
    );
    const optional = errorsOf(`log:\n${SMALL}`);
    assert.match(optional[0]?.fix ?? '', /format, language\. Or remove the key\.$/);
  });

  test('a setting of a foreign name is an error wherever it stands', () => {
    for (const name of ['foo', '__proto__', 'constructor', '"a b"', '<<']) {
      const top = errorsOf(`${name}: 1\n${SMALL}`);
      assert.deepEqual([top.length, top[0]?.line, top[0]?.message], [1, 1, 'is not a setting'], name);
      const deep = errorsOf(changed(['{ id: in-1,', `{ ${name}: 1, id: in-1,`]));
      assert.deepEqual([deep.length, deep[0]?.message], [1, 'is not a setting'], name);
    }
    const sheet = errorsOf(changed(['tariffs:\n', 'tariffs:\n  __proto__: standard.yaml\n']));
    assert.deepEqual([sheet.length, sheet[0]?.line], [1, 2]);
  });
});

describe('a clean file', () => {
  test('the example is one, with its prices in 分, its addresses read and its names in place', () => {
    const config = configOf(EXAMPLE);
    assert.equal(config.pricing.get('P001' as ParkId)?.tariff.sheetAt(instant(0)).name, '标准收费');
    assert.deepEqual(config.mallcoo.listen, { host: '127.0.0.1', port: 8_080 });
    assert.deepEqual(
      config.parks[0]?.lanes.map(({ readers, barrier }) => [readers, barrier?.device]),
      [
        [['cam-in'], 'cam-in'],
        [['cam-out', 'scan-out'], 'relay-out'],
      ],
    );
    assert.deepEqual(config.devices[0], {
      id: 'cam-in',
      driver: 'vzenith-mqtt',
      transport: 'mqtt',
      options: { sn: '320dc55b-d6d6c442' },
      login: { username: 'cam-in', password: 'one' },
    });
  });

  test('what is left out has its default', () => {
    const { data, log, mallcoo, local, mqtt, store, gateway, parks, devices } = configOf(SMALL);
    assert.equal(data, '/var/lib/gatepost');
    assert.deepEqual(log, { format: 'text', language: 'en' });
    const at = (port: number) => ({ host: '127.0.0.1', port });
    const server = { listen: at(8_080), allowRemote: false };
    const paths = { info: 'GetParkingPaymentInfo', pay: 'PayParkingFee', traffic: 'GetTraffic' };
    const limits = { queriesPerSecond: 50_000, pendingPayments: 1_000 };
    assert.deepEqual(mallcoo, { ...server, basePath: '', paths, language: 'zh', maxBodyBytes: 65_536, limits });
    assert.deepEqual(local, { listen: at(8_081), allowRemote: false });
    assert.deepEqual(mqtt, { broker: 'embedded', listen: at(8_082), anonymous: false, maxPacketBytes: 4 * 1_024 ** 2 });
    const days = { keepClosedDays: 3, archiveDays: 400, keepTrafficDays: 400, keepJournalDays: 90 };
    assert.deepEqual(store, { segmentMiB: 4, snapshotEvery: 20_000, ...days });
    assert.deepEqual(gateway, { inbox: 10_000, batch: 512 });
    const [park] = parks;
    assert.deepEqual(
      [park?.zone, park?.quoteMinutes, park?.classes, park?.waitingMinutes],
      ['Asia/Shanghai', 5, {}, 10],
    );
    assert.deepEqual(park?.mallcoo, { auth: { type: 'none' }, capDeduction: false });
    assert.deepEqual([park?.lanes[1]?.dedupeSeconds, park?.lanes[1]?.orderDeadlineSeconds], [30, 5]);
    assert.deepEqual(devices[1], {
      id: 'scan-out',
      driver: 'serial-scanner',
      transport: 'serial',
      options: {},
      port: '/dev/scanner',
      baudRate: 9_600,
    });
  });

  test('a park whose callers sign has its keys and a bound of five minutes; a short private key is refused unseen', () => {
    const signed = (key: string): string =>
      changed(['{ type: none }', `{ type: sign, publicKey: PUB123, privateKey: ${key} }`]);
    const auth = { type: 'sign', publicKey: 'PUB123', privateKey: '0123456789abcdef', maxSkewSeconds: 300 };
    assert.deepEqual(configOf(signed('"0123456789abcdef"')).parks[0]?.mallcoo.auth, auth);
    const [error] = errorsOf(signed('hushhush'));
    assert.equal(error?.path, 'parks[0].mallcoo.auth.privateKey');
    assert.ok(!JSON.stringify(error).includes('hushhush'));
  });

  test('another broker comes with its login, and then devices need none', () => {
    const text = changed([', username: cam-in, password: secret', '']);
    const config = configOf(`mqtt: { broker: "mqtt://10.0.0.5:1883", username: gate, password: pw }\n${text}`);
    const login = { username: 'gate', password: 'pw' };
    assert.deepEqual(config.mqtt, { broker: 'other', url: 'mqtt://10.0.0.5:1883', login });
    assert.partialDeepStrictEqual(config.devices[0], { transport: 'mqtt', login: null });
  });
});

describe('secrets', () => {
  const withToken = (token: string): string =>
    changed(['{ auth: { type: none } }', `{ auth: { type: token, token: ${token} } }`]);
  const tokenOf = (text: string, context: Parameters<typeof configOf>[1]): string | undefined => {
    const auth = configOf(text, context).parks[0]?.mallcoo.auth;
    return auth?.type === 'token' ? auth.token : undefined;
  };

  test('come from the environment, and an unset name is an error there', () => {
    const text = withToken('{ env: TOKEN }');
    assert.equal(tokenOf(text, { env: { TOKEN: '0123456789abcdef' } }), '0123456789abcdef');
    for (const env of [{}, { TOKEN: '' }, { TOKEN: ' \n' }]) {
      const [error, ...more] = errorsOf(text, { env });
      assert.deepEqual([error?.line, error?.path, more.length], [7, 'parks[0].mallcoo.auth.token', 0]);
      assert.match(error?.message ?? '', /TOKEN is not set, or empty/);
    }
  });

  test('come from a file beside the configuration, without its line break', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'gatepost-config-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'token'), '0123456789abcdef\n');
    writeFileSync(join(folder, 'empty'), '\n');
    const file = join(folder, 'site.yaml');
    assert.equal(tokenOf(withToken('{ file: token }'), { file }), '0123456789abcdef');
    assert.equal(tokenOf(withToken(`{ file: ${join(folder, 'token')} }`), {}), '0123456789abcdef');
    assert.match(errorsOf(withToken('{ file: empty }'), { file })[0]?.message ?? '', /is empty/);
    assert.match(errorsOf(withToken('{ file: gone }'), { file })[0]?.message ?? '', /cannot be read \(ENOENT\)/);
    assert.match(errorsOf(withToken('{ file: . }'), { file })[0]?.message ?? '', /cannot be read \(EISDIR\)/);
  });

  test('come from systemd, which hands over a folder of them, or from the folder itself where root checks', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'gatepost-config-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const handed = join(folder, 'handed');
    for (const made of [handed, join(folder, 'credentials')]) mkdirSync(made);
    writeFileSync(join(handed, 'gatepost_token-a'), 'handed by the folder\n');
    writeFileSync(join(handed, 'alone'), 'handed by its own name\n');
    writeFileSync(join(folder, 'credentials', 'token-a'), 'kept beside the file\n');
    const file = join(folder, 'site.yaml');
    const env = { CREDENTIALS_DIRECTORY: handed };
    const token = (name: string, context: Parameters<typeof configOf>[1]): string | undefined =>
      tokenOf(withToken(`{ credential: ${name} }`), { file, ...context });
    assert.equal(token('token-a', { env }), 'handed by the folder');
    assert.equal(token('alone', { env }), 'handed by its own name');
    assert.equal(token('token-a', { env: {} }), 'kept beside the file');

    const [served] = errorsOf(withToken('{ credential: gone }'), { file, env });
    assert.match(served?.message ?? '', /handed\/gatepost_gone: ENOENT; .*handed\/gone: ENOENT/);
    assert.match(served?.fix ?? '', /credentials\/gone on one line: install .*, then: systemctl restart gatepost/);
    const [checked] = errorsOf(withToken('{ credential: gone }'), { file, env: {} });
    assert.match(checked?.message ?? '', /credentials\/gone: ENOENT/);
    assert.equal(errorsOf(withToken('{ credential: ../token-a }'), { file, env: {} }).length, 1);
  });

  test('a reference of another form is told the forms that exist', () => {
    const [error, ...more] = errorsOf(withToken('{ enw: TOKEN }'));
    assert.match(error?.fix ?? '', /\{ credential: NAME \}, \{ env: NAME \} or \{ file: PATH \}/);
    assert.equal(more.length, 0);
  });
});
