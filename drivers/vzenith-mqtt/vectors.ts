/** Vzenith's messages: a live capture, the documented forms, and what firmware makes of them. */
import type { Said } from '../../src/core/errors.ts';
import type { Credential, PlateColour } from '../../src/core/park/model.ts';
import type { Plate } from '../../src/core/plate.ts';
import { type Instant, instant } from '../../src/core/time.ts';
import type { Input, Output } from '../contract.ts';
import { utf8, type Vector } from '../vector.ts';

/** What the vectors are for. */
export const VECTOR_OPTIONS = { sn: '320dc55b-d6d6c442', pulseMs: 1_500 };

const UP: Input = { type: 'link', up: true };
const PREFIX = 'device/320dc55b-d6d6c442/message/';
const HEARTBEAT = '$/device/320dc55b-d6d6c442/message/up/keep_alive';

const message = (topic: string, text: string, retained = false): Input => ({
  type: 'message',
  topic,
  payload: utf8(text),
  retained,
});

interface Expected {
  readonly credential?: Credential;
  readonly colour?: PlateColour;
  readonly confidence?: number | null;
  readonly identity?: string;
  readonly recordedAt?: Instant;
}

const read = (plate: string, rest: Expected = {}): Output => ({
  type: 'reading',
  reading: {
    credential: { kind: 'plate', plate: plate as Plate },
    colour: 'unknown',
    confidence: null,
    identity: null,
    recordedAt: null,
    ...rest,
  },
});

const discarded = (reason: 'retained' | 'unexpected' | 'unreadable', detail: Said, text: string): Output => ({
  type: 'discarded',
  reason,
  detail,
  bytes: utf8(text).length,
});

const CAPTURE =
  '{"sn":"320dc55b-d6d6c442","name":"ivs_result","version":"1.0","timestamp":1783437557,"payload":{"AlarmInfoPlate":{"ipaddr":"192.168.2.100","result":{"PlateResult":{"license":"QjI4ODRTQ1A=","color":3,"confidence":100,"direction":4,"full_image_content":"/9j/","small_image_content":"/9j/"}}}}}';
const CAPTURED = read('B2884SCP', { colour: 'white', confidence: 1 });

/** A message with the given fields of `PlateResult`. */
const plate = (fields: string, name = 'ivs_result'): Input =>
  message(
    `${PREFIX}up/${name}`,
    `{"sn":"320dc55b-d6d6c442","name":"${name}","timestamp":1783437557,"payload":{"AlarmInfoPlate":{"result":{"PlateResult":${fields}}}}}`,
  );

const FULL =
  '{"license":"6LWjR1o3UzEz","id":12,"plateid":4711,"record_uuid":"5f0c-77","isoffline":1,"is_fake_plate":0,"colorType":5,"color":0,"type":1,"triggerType":8,"confidence":97,"timeStamp":{"Timeval":{"sec":1783437000,"usec":250999}}}';

const ORDER_ID = '019f6487-5b04-8000-8000-000000010240';
const ORDER: Input = {
  type: 'order',
  order: { id: '1024.0', type: 'open', output: 0, deadline: instant(1_784_098_030_000) },
};
const PUBLISHED: Output = {
  type: 'publish',
  topic: `${PREFIX}down/gpio_out`,
  payload: `{"id":"${ORDER_ID}","sn":"320dc55b-d6d6c442","name":"gpio_out","version":"1.0","timestamp":1784098020,"payload":{"type":"gpio_out","body":{"delay":1500,"io":0,"value":2}}}`,
};
const reply = (code: number, name = '"name":"gpio_out",'): Input =>
  message(
    `${PREFIX}down/gpio_out/reply`,
    `{"code":${code},"id":"${ORDER_ID}",${name}"payload":null,"sn":"320dc55b-d6d6c442","timestamp":1784098021,"version":"1.0"}`,
  );

const RECOGNITIONS: readonly (readonly [name: string, input: Input, expected: readonly Output[]])[] = [
  ['the live capture', message(`${PREFIX}up/ivs_result`, CAPTURE), [CAPTURED]],
  ['NUL bytes before the JSON', message(`${PREFIX}up/ivs_result`, `\0\0\0${CAPTURE}`), [CAPTURED]],
  [
    'a mainland plate in base64',
    plate('{"license":"57KkQTEyMzQ1","colorType":1}'),
    [read('粤A12345', { colour: 'blue' })],
  ],
  ['a plate in plain text (older firmware)', plate('{"license":"粤A12345"}'), [read('粤A12345')]],
  ['a plain plate that is legal base64 by chance', plate('{"license":"B2884SCP"}'), [read('B2884SCP')]],
  ['a plain plate that is base64 of a text, but of no plate', plate('{"license":"VGE2NSFG"}'), [read('VGE2NSFG')]],
  ['a plain plate that would be base64 but for its padding', plate('{"license":"QUJDRA"}'), [read('QUJDRA')]],
  ['a list of results with one in it', plate('[{"license":"57KkQTEyMzQ1"}]'), [read('粤A12345')]],
  [
    'the full form, of a backlog record: history with its own time, and named by its record_uuid',
    plate(FULL),
    [
      read('赣GZ7S13', {
        colour: 'green',
        confidence: 0.97,
        identity: '320dc55b-d6d6c442/record_uuid:5f0c-77',
        recordedAt: instant(1_783_437_000_250),
      }),
    ],
  ],
  [
    "a backlog record without a sound time of its own has the message's",
    plate('{"license":"6LWjR1o3UzEz","isoffline":true,"timeStamp":{"Timeval":{"sec":99999999999}}}'),
    [read('赣GZ7S13', { recordedAt: instant(1_783_437_557_000) })],
  ],
  [
    'the quick message has the same name as the full one',
    plate('{"license":"6LWjR1o3UzEz","record_uuid":"","plateid":4711,"id":0}', 'quick_ivs_result'),
    [read('赣GZ7S13', { identity: '320dc55b-d6d6c442/plateid:4711' })],
  ],
  ['no plate: _无_ in base64', plate('{"license":"X+aXoF8="}'), [read('', { credential: { kind: 'unplated' } })]],
  ['no plate: 无牌车 in base64', plate('{"license":"5peg54mM6L2m"}'), [read('', { credential: { kind: 'unplated' } })]],
  ['no plate: an empty license', plate('{"license":""}'), [read('', { credential: { kind: 'unplated' } })]],
  ['a confidence out of range is none', plate('{"license":"粤A12345","confidence":204}'), [read('粤A12345')]],
];

const TURNED_BACK =
  '{"sn":"320dc55b-d6d6c442","name":"ivs_result","payload":{"AlarmInfoPlate":{"result":{"PlateResult":{"license":"57KkQTEyMzQ1","triggerType":66}}}}}';
const FOREIGN = CAPTURE.replace('320dc55b', '99999999');
const EMPTY = '{"sn":"320dc55b-d6d6c442","name":"ivs_result","payload":{}}';

const OTHERS: readonly (readonly [name: string, input: Input, expected: readonly Output[]])[] = [
  ['a heartbeat', message(HEARTBEAT, '\0{"sn":"320dc55b-d6d6c442","name":"keep_alive"}'), []],
  ['an input, serial data or a snapshot', message(`${PREFIX}up/gpio_in`, '{"sn":"320dc55b-d6d6c442"}'), []],
  [
    'a vehicle that turned back is not a passage',
    message(`${PREFIX}up/ivs_result`, TURNED_BACK),
    [
      discarded(
        'unexpected',
        { zh: '车辆已离开（triggerType 65 或 66）', en: 'the vehicle has gone (triggerType 65 or 66)' },
        TURNED_BACK,
      ),
    ],
  ],
  [
    'a retained recognition is not live',
    message(`${PREFIX}up/ivs_result`, CAPTURE, true),
    [discarded('retained', { zh: '服务器保留的 ivs_result', en: 'a retained ivs_result' }, CAPTURE)],
  ],
  [
    'a message that names another camera',
    message(`${PREFIX}up/ivs_result`, FOREIGN),
    [discarded('unexpected', { zh: '消息里是另一个序列号', en: 'the message names another serial number' }, FOREIGN)],
  ],
  [
    'what is not JSON',
    message(`${PREFIX}up/ivs_result`, '{"sn":'),
    [discarded('unreadable', { zh: '不是 JSON', en: 'not JSON' }, '{"sn":')],
  ],
  [
    'a recognition without a result',
    message(`${PREFIX}up/ivs_result`, EMPTY),
    [discarded('unreadable', { zh: '识别消息缺少 license', en: 'a recognition without a license' }, EMPTY)],
  ],
];

export const VECTORS: readonly Vector[] = [
  ...[...RECOGNITIONS, ...OTHERS].map(
    ([name, input, expected]): Vector => ({
      name,
      given: [
        [0, UP],
        [10, input],
      ],
      expected,
    }),
  ),
  {
    name: 'an order, and the answer to it',
    given: [
      [0, UP],
      [100, ORDER],
      [160, reply(200)],
    ],
    expected: [PUBLISHED, { type: 'ack', order: '1024.0', outcome: 'confirmed' }],
  },
  {
    name: 'an answer without a name',
    given: [
      [0, UP],
      [100, ORDER],
      [160, reply(200, '')],
    ],
    expected: [PUBLISHED, { type: 'ack', order: '1024.0', outcome: 'confirmed' }],
  },
  {
    name: 'an order that the camera refuses',
    given: [
      [0, UP],
      [100, ORDER],
      [160, reply(404)],
    ],
    expected: [
      PUBLISHED,
      {
        type: 'ack',
        order: '1024.0',
        outcome: 'refused',
        detail: { zh: '相机应答代码 404', en: 'the camera answered code 404' },
      },
    ],
  },
];
