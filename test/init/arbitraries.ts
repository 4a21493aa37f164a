/** Answers that a person could give, for fast-check: as the file would have them, before any schema has seen them. */
import fc from 'fast-check';
import type { Given, GivenPort } from '../../src/init/answers.ts';

const ID = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$/);
/** Names of YAML's own, numbers, and everything else that has to be quoted. */
const LINE = fc.oneof(
  fc.constantFrom(
    '007',
    'no',
    'true',
    '~',
    '12:30',
    '2026-01-01',
    'a: b # c',
    '- x',
    '"q"',
    "it's",
    '*a',
    '&b',
    '#',
    '{x}',
    '%',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => /^[^\p{Cc}]{1,100}$/u.test(text)),
);
const HEADER = fc.stringMatching(/^[!-~]{1,40}$/);
const SECRET = fc.stringMatching(/^[!-~]{16,40}$/);
const YUAN = fc.integer({ min: 1, max: 100_000 }).map((fen) => fen / 100);

const port = (index: number): fc.Arbitrary<GivenPort> =>
  fc.oneof(
    fc.constant(`/dev/ttyS${index}`),
    fc.record({
      vendor: fc.constantFrom('1eab', '0403'),
      product: fc.constantFrom('1d06', '6001'),
      serial: fc.stringMatching(/^[A-Za-z0-9#+.:=@_-]{1,20}$/).map((text) => `${index}${text}`),
    }),
    fc.constant({ place: `pci-0000:00:14.0-usb-0:${index}:1.0-port0` }),
  );

type GivenLane = Given['lanes'][number];

const camera = (index: number): fc.Arbitrary<NonNullable<GivenLane['camera']>> =>
  fc.record(
    {
      driver: fc.constant('vzenith-mqtt'),
      options: fc
        .record(
          { sn: fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/), pulseMs: fc.constantFrom(500, 1_500) },
          { requiredKeys: ['sn'] },
        )
        .map((options) => ({ ...options, sn: `${index}-${options.sn}` })),
      password: SECRET,
    },
    { requiredKeys: ['driver', 'options'] },
  );

const RULE = fc.oneof(
  fc.constantFrom<'hold' | 'operator'>('hold', 'operator'),
  YUAN.map((letOutUpTo) => ({ letOutUpTo })),
);

const frigate = (index: number): NonNullable<GivenLane['camera']> => ({
  driver: 'frigate-mqtt',
  options: { camera: `gate ${index}` },
});

const lane = (index: number): fc.Arbitrary<GivenLane> =>
  fc
    .record({
      id: ID.map((id) => `${index}${id}`),
      direction: fc.constantFrom<'in' | 'out'>('in', 'out'),
      readers: fc.constantFrom('camera', 'frigate', 'scanner', 'both'),
      camera: camera(index),
      port: port(index),
      baudRate: fc.option(fc.constantFrom(9_600, 115_200), { nil: undefined }),
      barrier: fc.constantFrom('camera', 'relay', 'none'),
      output: fc.integer({ min: 0, max: 2 }).map((step) => 1 + index * 3 + step),
      rule: fc.option(RULE, { nil: undefined }),
    })
    .map(({ id, direction, readers, camera: found, port: plugged, baudRate, barrier, output, rule }): GivenLane => {
      const reads = {
        ...(readers === 'frigate' ? { camera: frigate(index) } : readers === 'scanner' ? {} : { camera: found }),
        ...(readers === 'scanner' || readers === 'both'
          ? { scanner: baudRate === undefined ? { port: plugged } : { port: plugged, baudRate } }
          : {}),
      };
      const byCamera = barrier === 'camera' && (readers === 'camera' || readers === 'both');
      const arm = byCamera ? { camera: output } : { relay: 'board', output };
      return {
        id,
        direction,
        ...reads,
        ...(barrier === 'none' ? {} : { barrier: arm }),
        ...(direction === 'out' && rule !== undefined ? { whenLineDown: rule } : {}),
      };
    });

const TARIFF: fc.Arbitrary<Given['tariff']> = fc
  .record(
    {
      perHour: YUAN,
      more: fc.option(YUAN, { nil: undefined }),
      freeMinutes: fc.integer({ min: 0, max: 1_440 }),
      leaveMinutes: fc.integer({ min: 1, max: 120 }),
    },
    { requiredKeys: ['perHour', 'more'] },
  )
  .map(({ more, ...rest }) =>
    more === undefined ? rest : { ...rest, dayCap: Math.round((rest.perHour + more) * 100) / 100 },
  );

const MALLCOO: fc.Arbitrary<Given['mallcoo']> = fc.record(
  {
    auth: fc.oneof(
      fc.constant({ type: 'none' as const }),
      fc.record({ type: fc.constant('token' as const), token: SECRET }, { requiredKeys: ['type'] }),
      fc.record(
        { type: fc.constant('sign' as const), appId: LINE, publicKey: LINE, privateKey: SECRET },
        { requiredKeys: ['type', 'publicKey', 'privateKey'] },
      ),
    ),
    notices: fc.record({ appId: HEADER, publicKey: HEADER, privateKey: SECRET }),
  },
  { requiredKeys: ['auth'] },
);

const TUNNEL: fc.Arbitrary<NonNullable<Given['tunnel']>> = fc.record(
  {
    publicUrl: fc.constantFrom(
      'https://park.example.com',
      'https://park.example.com/',
      'https://park.example.com/a/b-c/',
      'http://127.0.0.1:9000/x',
    ),
    ssh: fc.record(
      {
        host: fc.constantFrom('203.0.113.7', 'far.example.com', '2001:db8::1'),
        user: fc.constant('gate'),
        port: fc.constant(2_222),
        farPort: fc.constant(18_081),
      },
      { requiredKeys: ['host'] },
    ),
  },
  { requiredKeys: [] },
);

const BROKER = fc.oneof(
  fc.constant({ listen: '192.168.1.10:1883' }),
  fc.constant({ listen: '127.0.0.1:1883' }),
  fc.constant({ broker: 'mqtt://192.168.1.20:1883' }),
  fc.record({ broker: fc.constant('mqtts://broker.example.com'), username: LINE, password: SECRET }),
);

/** Answers that contradict nothing. */
export const ANSWERS: fc.Arbitrary<Given> = fc
  .record({
    park: fc.record({ id: ID, name: LINE, zone: fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'UTC') }),
    lanes: fc
      .integer({ min: 1, max: 5 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => lane(index)))),
    board: port(99),
    mqtt: BROKER,
    tariff: TARIFF,
    mallcoo: MALLCOO,
    tunnel: TUNNEL,
  })
  .map(({ board, mqtt, ...rest }) => ({
    ...rest,
    ...(rest.lanes.some(({ barrier }) => barrier?.relay !== undefined)
      ? { relays: [{ id: 'board', port: board }] }
      : {}),
    ...(rest.lanes.some((found) => found.camera !== undefined) || !('listen' in mqtt) ? { mqtt } : {}),
  }));
