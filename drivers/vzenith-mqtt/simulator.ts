/** The camera's own side (protocol v1.1.14): what it publishes, and what it answers. */
import { type Instant, SECOND } from '../../src/core/time.ts';
import { field, readJson, textOf } from '../json.ts';

export interface Published {
  readonly topic: string;
  readonly payload: string;
}

/** The camera as its web page sets it up. The prefixes hold `{sn}` where the serial number stands. */
export interface CameraOptions {
  readonly sn: string;
  readonly upPrefix?: string;
  readonly downPrefix?: string;
  readonly heartbeatTopic?: string;
}

const COLOUR_TYPES = { unknown: 0, blue: 1, yellow: 2, white: 3, black: 4, green: 5, yellowGreen: 6 } as const;

export interface RecognitionOptions extends CameraOptions {
  /** The plate as the camera reads it; `_无_` when it sees none. */
  readonly plate: string;
  readonly at: Instant;
  /** `quick`: the message without the picture that comes about 100 ms before the full one. */
  readonly kind?: 'full' | 'quick';
  /** The camera's name for the happening; a quick and a full message of one car share it. */
  readonly id?: string;
  /** A record of an outage that is sent afterwards. */
  readonly backlog?: boolean;
  readonly plateColour?: keyof typeof COLOUR_TYPES;
  /** 0 to 100. */
  readonly confidence?: number;
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function topicOf(template: string, sn: string): string {
  return template.replaceAll('{sn}', sn);
}

/** A recognition in the full form. */
export function recognition(options: RecognitionOptions): Published {
  const { sn, plate, at, kind = 'full', id, backlog = false, plateColour = 'blue', confidence = 98 } = options;
  const name = kind === 'full' ? 'ivs_result' : 'quick_ivs_result';
  const timestamp = Math.floor(at / SECOND);
  const result = {
    license: base64(plate),
    colorType: COLOUR_TYPES[plateColour],
    confidence,
    direction: 4,
    triggerType: 1,
    isoffline: backlog ? 1 : 0,
    is_fake_plate: 0,
    timeStamp: { Timeval: { sec: timestamp, usec: (at % SECOND) * 1_000 } },
    ...(id === undefined ? {} : { record_uuid: id }),
    ...(kind === 'full' ? { full_image_content: '/9j/', small_image_content: '/9j/' } : {}),
  };
  const payload = { AlarmInfoPlate: { ipaddr: '192.168.2.100', channel: 0, result: { PlateResult: result } } };
  return {
    topic: topicOf(options.upPrefix ?? 'device/{sn}/message/up/', sn) + name,
    payload: JSON.stringify({ sn, name, version: '1.0', timestamp, payload }),
  };
}

/** The heartbeat, which a camera sends every 5 or 10 s. */
export function heartbeat(options: CameraOptions & { readonly at: Instant }): Published {
  const { sn, at } = options;
  const timestamp = Math.floor(at / SECOND);
  const body = {
    sn,
    name: 'keep_alive',
    version: '1.0',
    timestamp,
    payload: { type: 'keep_alive', body: { timestamp } },
  };
  return {
    topic: topicOf(options.heartbeatTopic ?? '$/device/{sn}/message/up/keep_alive', sn),
    payload: JSON.stringify(body),
  };
}

/** What the camera answers to a message: the reply to a `gpio_out` of its own, with `code`; null to anything else. */
export function answer(
  options: CameraOptions & { readonly code?: number },
  topic: string,
  payload: string,
  now: Instant,
): Published | null {
  const { sn, code = 200 } = options;
  const body = readJson(new TextEncoder().encode(payload));
  const id = textOf(field(body, 'id'));
  const down = `${topicOf(options.downPrefix ?? 'device/{sn}/message/down/', sn)}gpio_out`;
  if (topic !== down || field(body, 'sn') !== sn || id === undefined) return null;
  const reply = { code, id, name: 'gpio_out', payload: null, sn, timestamp: Math.floor(now / SECOND), version: '1.0' };
  return { topic: `${down}/reply`, payload: JSON.stringify(reply) };
}
