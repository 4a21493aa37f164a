/** What a Vzenith recognition says (`ivs_result`, `quick_ivs_result`; protocol v1.1.14). */
import type { Said } from '../../src/core/errors.ts';
import type { Credential, PlateColour } from '../../src/core/park/model.ts';
import { normalisePlate } from '../../src/core/plate.ts';
import { type Instant, SECOND } from '../../src/core/time.ts';
import type { DeviceReading } from '../contract.ts';
import { field, numberOf, readJson, textOf } from '../json.ts';

/** `colorType`, by its number. */
const COLOURS: readonly PlateColour[] = ['unknown', 'blue', 'yellow', 'white', 'black', 'green', 'yellowGreen'];
/** `triggerType` of messages that tell that a vehicle has gone: 65 stopped standing there, 66 turned back. */
const GONE: ReadonlySet<number> = new Set([65, 66]);
/** The names of a happening, the most reliable first. */
const IDENTITIES = ['record_uuid', 'plateid', 'id'] as const;
/** Longer names are not the camera's. */
const MAX_IDENTITY = 64;
/** One message is one vehicle; a few more are let pass should a firmware send several. */
const MAX_RESULTS = 4;
/** A camera's clock that shows a later moment (the year 2100) shows none, in seconds since 1970. */
const LATEST = 4_102_444_800;

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** What cameras write plates with, and `_无_`. Small letters would make more plain texts look like base64. */
const PLATE_LIKE = /^[\p{Script=Han}A-Z0-9·•_-]+$/u;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON of a message. Some firmware puts NUL bytes before it; they are taken off at both ends. */
export function readBody(payload: Uint8Array): unknown {
  const start = payload.findIndex((byte) => byte !== 0);
  const end = payload.findLastIndex((byte) => byte !== 0) + 1;
  return start < 0 ? undefined : readJson(payload.subarray(start, end));
}

/** The text behind base64, if it is padded base64 and holds UTF-8. */
function fromBase64(text: string): string | undefined {
  if (text.length % 4 !== 0 || !BASE64.test(text)) return undefined;
  try {
    return UTF8.decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/**
 * The plate's text. It comes as base64 of UTF-8, from older firmware in plain text, and a plain plate may be legal
 * base64 by chance (`B2884SCP`). So base64 is believed only if a plate could be written with what it holds. A mainland
 * plate is safe either way: it has a Chinese character or seven characters, and base64 has neither.
 */
export function readLicense(text: string): string {
  const decoded = fromBase64(text);
  return decoded !== undefined && PLATE_LIKE.test(decoded) ? decoded : text;
}

function credentialOf(license: string): Credential {
  const plate = normalisePlate(readLicense(license));
  return plate === undefined ? { kind: 'unplated' } : { kind: 'plate', plate };
}

/** The camera's name for the happening, with its serial number: cameras of one lane may count alike. */
function identityOf(sn: string, look: (name: string) => unknown): string | null {
  for (const name of IDENTITIES) {
    const value = look(name);
    const text = typeof value === 'number' ? String(value) : (textOf(value) ?? '');
    if (text !== '' && text !== '0' && text.length <= MAX_IDENTITY) return `${sn}/${name}:${text}`;
  }
  return null;
}

/** A moment of the camera's clock, in ms; undefined when it shows none. */
function momentOf(seconds: unknown, microseconds: unknown): Instant | undefined {
  const whole = numberOf(seconds);
  if (whole === undefined || whole < 1 || whole > LATEST) return undefined;
  const part = numberOf(microseconds) ?? 0;
  const ms = part > 0 && part < 1_000_000 ? Math.floor(part / 1_000) : 0;
  return (Math.floor(whole) * SECOND + ms) as Instant;
}

/** A message that is a recognition: what was read, or why nothing was. */
export type Recognised =
  | { readonly type: 'readings'; readonly readings: readonly DeviceReading[] }
  | { readonly type: 'unusable'; readonly reason: 'unreadable' | 'unexpected'; readonly why: Said };

/** Reads the body of a recognition of the camera `sn`. `now` dates a backlog record that has no time of its own. */
export function readRecognition(body: unknown, sn: string, now: Instant): Recognised {
  const alarm = field(body, 'payload', 'AlarmInfoPlate') ?? field(body, 'AlarmInfoPlate');
  const result = field(alarm, 'result', 'PlateResult');
  const results = (Array.isArray(result) ? result : [result]).slice(0, MAX_RESULTS);
  const readings: DeviceReading[] = [];
  for (const one of results) {
    const license = textOf(field(one, 'license'));
    if (license === undefined)
      return {
        type: 'unusable',
        reason: 'unreadable',
        why: { zh: '识别消息缺少 license', en: 'a recognition without a license' },
      };
    // Firmware differs in whether these stand beside the plate or one level up.
    const look = (name: string): unknown => field(one, name) ?? field(alarm, name);
    if (GONE.has(numberOf(look('triggerType')) ?? 0))
      return {
        type: 'unusable',
        reason: 'unexpected',
        why: { zh: '车辆已离开（triggerType 65 或 66）', en: 'the vehicle has gone (triggerType 65 or 66)' },
      };
    const confidence = numberOf(look('confidence'));
    const offline = look('isoffline');
    const recorded =
      momentOf(field(look('timeStamp'), 'Timeval', 'sec'), field(look('timeStamp'), 'Timeval', 'usec')) ??
      momentOf(field(body, 'timestamp'), 0);
    readings.push({
      credential: credentialOf(license),
      colour: COLOURS[numberOf(look('colorType')) ?? numberOf(look('color')) ?? 0] ?? 'unknown',
      confidence: confidence === undefined || confidence < 0 || confidence > 100 ? null : confidence / 100,
      identity: identityOf(sn, look),
      recordedAt: offline === true || numberOf(offline) === 1 ? (recorded ?? now) : null,
    });
  }
  return readings.length === 0
    ? { type: 'unusable', reason: 'unreadable', why: { zh: '识别消息缺少结果', en: 'a recognition without a result' } }
    : { type: 'readings', readings };
}
