import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changed, configOf, errorsOf, SMALL } from './site.ts';

interface Case {
  readonly name: string;
  readonly text: string;
  /** Line, path, message, fix: of every error. */
  readonly expected: readonly (readonly [line: number, path: string, message: RegExp, fix: RegExp])[];
}

const CAM = 'username: cam-in, password: secret';
const SECOND_SCANNER = '\n  - { id: scan-2, driver: serial-scanner, port: /dev/scanner }';

const CASES: readonly Case[] = [
  {
    name: 'a tariff that does not exist',
    text: changed(['tariff: standard', 'tariff: night']),
    expected: [[6, 'parks[0].tariff', /no tariff "night"/, /The tariffs are: standard\./]],
  },
  {
    name: 'a reader that does not exist',
    text: changed(['readers: [cam-in]', 'readers: [cam-in, cam-inn]']),
    expected: [
      [
        9,
        'parks[0].lanes[0].readers[1]',
        /no device "cam-inn"/,
        /Did you mean "cam-in"\? The devices are: cam-in, scan-out/,
      ],
    ],
  },
  {
    name: 'a barrier that does not exist',
    text: changed(['device: cam-in', 'device: arm']),
    expected: [[9, 'parks[0].lanes[0].barrier.device', /no device "arm"/, /The devices are/]],
  },
  {
    name: 'a driver that does not exist',
    text: changed(['driver: serial-scanner', 'driver: serial-scaner']),
    expected: [
      [
        13,
        'devices[1].driver',
        /no driver/,
        /Did you mean "serial-scanner"\? The drivers are: vzenith-mqtt, serial-scanner, lcus-relay/,
      ],
    ],
  },
  {
    name: 'a driver named like a thing that every object has',
    text: changed(['driver: serial-scanner', 'driver: toString']),
    expected: [[13, 'devices[1].driver', /no driver "toString"/, /The drivers are/]],
  },
  {
    name: 'a rule for when the line is down at an entry',
    text: changed(['direction: in,', 'direction: in, whenLineDown: operator,']),
    expected: [[9, 'parks[0].lanes[0].whenLineDown', /has no use here: it is for exits/, /Remove it/]],
  },
  {
    name: 'a rule for when the line is down that does not exist',
    text: changed(['direction: out,', 'direction: out, whenLineDown: open,']),
    expected: [[10, 'parks[0].lanes[1].whenLineDown', /"open" is not allowed/, /Write hold, operator, or an amount/]],
  },
  {
    name: 'letting out up to a fraction of a 分',
    text: changed(['direction: out,', 'direction: out, whenLineDown: { letOutUpTo: 1.234 },']),
    expected: [[10, 'parks[0].lanes[1].whenLineDown.letOutUpTo', /1\.234 is not allowed/, /an amount in yuan above 0/]],
  },
  {
    name: 'two car parks, two lanes of a park, and two devices of one id',
    text: changed(
      ['{ id: out-1,', '{ id: in-1,'],
      [
        'devices:\n',
        `${SMALL.slice(SMALL.indexOf('  - id: P001'), SMALL.indexOf('    lanes:'))}    lanes: [{ id: in-1, direction: in, readers: [cam-2] }]\ndevices:\n`,
      ],
      [
        'port: /dev/scanner }',
        `port: /dev/scanner }\n  - { id: cam-2, driver: vzenith-mqtt, username: u, password: p, options: { sn: b } }${SECOND_SCANNER.replace('scan-2', 'scan-out').replace('/dev/scanner', '/dev/other')}`,
      ],
    ),
    expected: [
      [10, 'parks[0].lanes[1].id', /"in-1" is already that of parks\[0\]\.lanes\[0\]\.id/, /each lane/],
      [11, 'parks[1].id', /"P001" is already that of parks\[0\]\.id/, /each car park/],
      [20, 'devices[3].id', /"scan-out" is already that of devices\[1\]\.id/, /each device/],
    ],
  },
  {
    name: 'a lane without readers',
    text: changed(
      ['readers: [scan-out]', 'readers: []'],
      ['\n  - { id: scan-out, driver: serial-scanner, port: /dev/scanner }', ''],
    ),
    expected: [[10, 'parks[0].lanes[1].readers', /a list is not allowed/, /one or more devices/]],
  },
  {
    name: 'a relay among the readers',
    text: changed(['driver: serial-scanner', 'driver: lcus-relay']),
    expected: [
      [
        10,
        'parks[0].lanes[1].readers[0]',
        /"scan-out" \(lcus-relay\) reads no plates or tickets/,
        /Devices that can: cam-in\./,
      ],
    ],
  },
  {
    name: 'a scanner as a barrier',
    text: changed(['device: cam-in', 'device: scan-out']),
    expected: [
      [
        9,
        'parks[0].lanes[0].barrier.device',
        /"scan-out" \(serial-scanner\) cannot raise an arm/,
        /Devices that can: cam-in\./,
      ],
    ],
  },
  {
    name: 'one reader at two lanes',
    text: changed(['readers: [scan-out]', 'readers: [scan-out, cam-in]']),
    expected: [
      [10, 'parks[0].lanes[1].readers[1]', /"cam-in" is already at parks\[0\]\.lanes\[0\]\.readers\[0\]/, /one lane/],
    ],
  },
  {
    name: 'a device that stands at no lane',
    text: changed([
      'port: /dev/scanner }',
      `port: /dev/scanner }${SECOND_SCANNER.replace('/dev/scanner', '/dev/other')}`,
    ]),
    expected: [[14, 'devices[2].id', /"scan-2" stands at no lane/, /or remove it/]],
  },
  {
    name: 'a serial device without a port',
    text: changed([', port: /dev/scanner', '']),
    expected: [[13, 'devices[1].port', /is missing/, /for example \/dev\/gatepost/]],
  },
  {
    name: 'a serial device with a login',
    text: changed(['port: /dev/scanner', 'port: /dev/scanner, username: u']),
    expected: [[13, 'devices[1].username', /has no use here: serial-scanner is on a serial line/, /Remove/]],
  },
  {
    name: 'two serial devices on one port',
    text: changed(
      ['readers: [scan-out]', 'readers: [scan-out, scan-2]'],
      ['port: /dev/scanner }', `port: /dev/scanner }${SECOND_SCANNER}`],
    ),
    expected: [[14, 'devices[2].port', /"\/dev\/scanner" is already that of devices\[1\]\.port/, /each serial device/]],
  },
  {
    name: 'an MQTT device with a port and a speed',
    text: changed([CAM, `${CAM}, port: /dev/x, baudRate: 9600`]),
    expected: [
      [12, 'devices[0].port', /has no use here: vzenith-mqtt talks MQTT/, /Remove/],
      [12, 'devices[0].baudRate', /has no use here/, /Remove/],
    ],
  },
  {
    name: 'an MQTT device without a login',
    text: changed([`, ${CAM}`, '']),
    expected: [
      [12, 'devices[0].username', /is missing/, /Add "username:"/],
      [12, 'devices[0].password', /is missing/, /Add "password:"/],
    ],
  },
  {
    name: 'half a login, even where the broker asks for none',
    text: `mqtt: { anonymous: true }\n${changed([', password: secret', ''])}`,
    expected: [[13, 'devices[0].password', /is missing/, /Add "password:"/]],
  },
  {
    name: 'an unknown time zone',
    text: changed(['name: Small', 'name: Small\n    zone: Asia/Peking']),
    expected: [[6, 'parks[0].zone', /"Asia\/Peking" is not allowed/, /Asia\/Shanghai/]],
  },
  {
    name: 'two servers on one port, one of them by default',
    text: `mallcoo: { listen: "127.0.0.1:8081" }\nlocal: { listen: "localhost:8082" }\n${SMALL}`,
    expected: [[1, 'mqtt.listen', /"127\.0\.0\.1:8082" is also local\.listen/, /port of its own/]],
  },
  {
    name: 'a server that other machines can reach, and that takes the port of another',
    text: `local: { listen: "0.0.0.0:8080" }\n${SMALL}`,
    expected: [
      [1, 'local.listen', /can be reached from other machines/, /allowRemote: true/],
      [1, 'local.listen', /is also mallcoo\.listen/, /port of its own/],
    ],
  },
  {
    name: 'settings of the embedded broker for another broker, and half a login',
    text: `mqtt: { broker: "mqtt://10.0.0.5", listen: "127.0.0.1:1", username: u }\n${SMALL}`,
    expected: [
      [1, 'mqtt.password', /is missing/, /Add "password:" too/],
      [1, 'mqtt.listen', /has no use here/, /Remove/],
    ],
  },
  {
    name: "Gatepost's login for the embedded broker",
    text: `mqtt: { username: u, password: p }\n${SMALL}`,
    expected: [
      [1, 'mqtt.username', /has no use here/, /Remove/],
      [1, 'mqtt.password', /has no use here/, /Remove/],
    ],
  },
  {
    name: 'options that do not fit the driver',
    text: changed(['options: { sn: a-1 }', 'options: { pulseMs: 5 }']),
    expected: [
      [12, 'devices[0].options.sn', /is missing/, /Add "sn:"\. Write a text\./],
      [12, 'devices[0].options.pulseMs', /5 is not allowed/, /from 500 to 5000/],
    ],
  },
];

describe('what contradicts itself is an error at its line', () => {
  for (const { name, text, expected } of CASES) {
    test(name, () => {
      const errors = errorsOf(text);
      assert.deepEqual(
        errors.map(({ line, path }) => [line, path]),
        expected.map(([line, path]) => [line, path]),
        errors.map(({ message }) => message.en).join('\n'),
      );
      for (const [index, [, , message, fix]] of expected.entries()) {
        assert.match(errors[index]?.message.en ?? '', message);
        assert.match(errors[index]?.fix.en ?? '', fix);
      }
    });
  }
});

describe('one slip is told once', () => {
  for (const [from, to] of [
    ['tariffs:', 'tarifs:'],
    ['devices:', 'device:'],
    ['{ id: cam-in', '{ ID: cam-in'],
    ['readers: [scan-out]', 'reader: [scan-out]'],
    ['port: /dev/scanner', 'prt: /dev/scanner'],
    ['password: secret', 'pasword: secret'],
  ] as const) {
    test(`${to} for ${from}`, () => {
      const errors = errorsOf(changed([from, to]));
      assert.deepEqual([errors.length, errors[0]?.message.en], [1, 'is not a setting']);
    });
  }
});

describe('what only looks like a contradiction is allowed', () => {
  test('free ports, the same port of two addresses, and a server opened on purpose', () => {
    configOf(`mallcoo: { listen: "127.0.0.1:0" }\nlocal: { listen: "127.0.0.1:0" }\n${SMALL}`);
    configOf(`mallcoo: { listen: "127.0.0.1:9000" }\nlocal: { listen: "127.0.0.2:9000" }\n${SMALL}`);
    configOf(`mallcoo: { listen: "[::1]:9000" }\nlocal: { listen: "0.0.0.0:9001", allowRemote: true }\n${SMALL}`);
  });

  test('two lanes that share one arm', () => {
    configOf(changed(['readers: [scan-out] }', 'readers: [scan-out], barrier: { device: cam-in, output: 0 } }']));
  });
});
