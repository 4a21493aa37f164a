/** Frigate's messages as its documentation shows them. Options: camera `driveway_cam`, the rest by default. */
import type { Plate } from '../../src/core/plate.ts';
import type { Input, Output } from '../contract.ts';
import { utf8, type Vector } from '../vector.ts';

/** What the vectors are for. */
export const VECTOR_OPTIONS = { camera: 'driveway_cam' };

const UP: Input = { type: 'link', up: true };

const update = (text: string, retained = false): Input => ({
  type: 'message',
  topic: 'frigate/tracked_object_update',
  payload: utf8(text),
  retained,
});

const available = (word: string): Input => ({
  type: 'message',
  topic: 'frigate/available',
  payload: utf8(word),
  retained: true,
});

const plate = (text: string, confidence: number): Output => ({
  type: 'reading',
  reading: {
    credential: { kind: 'plate', plate: text as Plate },
    colour: 'unknown',
    confidence,
    identity: '1607123955.475377-mxklsc',
    recordedAt: null,
  },
});

const DOCUMENTED =
  '{"type":"lpr","id":"1607123955.475377-mxklsc","name":"John\'s Car","plate":"123ABC","score":0.95,"camera":"driveway_cam","timestamp":1607123958.748393}';

const scored = (text: string, score: number): Input =>
  update(`{"type":"lpr","id":"1607123955.475377-mxklsc","plate":"${text}","score":${score},"camera":"driveway_cam"}`);

export const VECTORS: readonly Vector[] = [
  {
    name: 'the documented reading',
    given: [
      [0, UP],
      [10, update(DOCUMENTED)],
    ],
    expected: [plate('123ABC', 0.95)],
  },
  {
    name: 'the same reading again is one reading',
    given: [
      [0, UP],
      [10, update(DOCUMENTED)],
      [400, update(DOCUMENTED)],
    ],
    expected: [plate('123ABC', 0.95)],
  },
  {
    name: 'a plate in lower case',
    given: [
      [0, UP],
      [10, scored('粤b·12345', 0.9)],
    ],
    expected: [plate('粤B12345', 0.9)],
  },
  {
    name: 'a better score with another plate is a second reading, a worse one is not',
    given: [
      [0, UP],
      [10, scored('123A8C', 0.85)],
      [200, scored('123ABC', 0.95)],
      [400, scored('I23ABC', 0.9)],
    ],
    expected: [plate('123A8C', 0.85), plate('123ABC', 0.95)],
  },
  {
    name: 'an unsure reading waits 1.5 s, then the best so far goes out',
    given: [
      [0, UP],
      [10, scored('123A8C', 0.5)],
      [500, scored('123ABC', 0.7)],
      [1_509, { type: 'tick' }],
      [1_510, { type: 'tick' }],
    ],
    expected: [plate('123ABC', 0.7)],
  },
  {
    name: 'an unsure reading that becomes sure goes out at once',
    given: [
      [0, UP],
      [10, scored('123A8C', 0.5)],
      [500, scored('123ABC', 0.8)],
      [1_510, { type: 'tick' }],
    ],
    expected: [plate('123ABC', 0.8)],
  },
  {
    name: 'other cameras, and faces, are none of our business',
    given: [
      [0, UP],
      [10, update('{"type":"lpr","id":"1.5-x","plate":"123ABC","score":0.95,"camera":"back_yard"}')],
      [20, update('{"type":"face","id":"1.5-x","name":"John","score":0.95,"camera":"driveway_cam"}')],
    ],
    expected: [],
  },
  {
    name: 'a retained reading is not of now',
    given: [
      [0, UP],
      [10, update(DOCUMENTED, true)],
    ],
    expected: [
      {
        type: 'discarded',
        reason: 'retained',
        detail: { zh: '服务器保留的旧消息，不是现在的', en: 'a retained update is not of now' },
        bytes: utf8(DOCUMENTED).length,
      },
    ],
  },
  {
    name: 'Frigate goes and comes back',
    given: [
      [0, UP],
      [10, available('offline')],
      [20, available('online')],
    ],
    expected: [
      { type: 'raise', fault: 'DEVICE_OFFLINE' },
      { type: 'clear', fault: 'DEVICE_OFFLINE' },
    ],
  },
  {
    name: 'what is not JSON, or has no plate, is counted',
    given: [
      [0, UP],
      [10, update('{"type":"lpr"')],
      [20, update('{"type":"lpr","camera":"driveway_cam","id":"1.5-x"}')],
    ],
    expected: [
      { type: 'discarded', reason: 'unreadable', detail: { zh: '不是 JSON', en: 'not JSON' }, bytes: 13 },
      {
        type: 'discarded',
        reason: 'unreadable',
        detail: { zh: '识别结果缺少编号或车牌', en: 'a reading without an id or a plate' },
        bytes: 51,
      },
    ],
  },
];
