/** A notice as it goes over the wire (1.4). Pure. */
import type { Notice } from '../../core/park/notice.ts';
import { formatLocal, type Instant } from '../../core/time.ts';
import { signatureOf, timeStampOf } from '../signature.ts';
import type { NoticeRequest } from './post.ts';
import type { NoticeSettings, Target } from './settings.ts';

/** The body of a notice: its fields in the order of the table in 1.4, the time in the park's own zone. */
export function noticeBody(notice: Notice, { fields }: Target, settings: NoticeSettings): string {
  const plate = notice.plate ?? settings.unplated;
  const pairs: readonly (readonly [name: string, value: string])[] = [
    [fields.parkCode, settings.parkCode],
    [fields.plateNo, settings.plateEncoding === 'url' ? encodeURIComponent(plate) : plate],
    [fields.time, formatLocal(notice.at, settings.zone)],
    [fields.tradeId, notice.visit],
  ];
  // Written out, for the names are the site's: an object would put those that look like numbers first.
  return `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

/** The headers that prove a body at a moment: each attempt is signed anew, for the receiver bounds the time stamp's age. */
export function signedHeaders(
  body: string,
  { appId, publicKey, privateKey }: Pick<NoticeSettings, 'appId' | 'publicKey' | 'privateKey'>,
  now: Instant,
): Readonly<Record<string, string>> {
  const timeStamp = timeStampOf(now);
  return {
    'Content-Type': 'application/json; charset=utf-8',
    AppID: appId,
    PublicKey: publicKey,
    TimeStamp: timeStamp,
    Sign: signatureOf({ publicKey, privateKey, timeStamp, body }),
  };
}

/** One attempt at telling a notice. */
export function noticeRequest(notice: Notice, target: Target, settings: NoticeSettings, now: Instant): NoticeRequest {
  const body = noticeBody(notice, target, settings);
  return { url: target.url, headers: signedHeaders(body, settings, now), body, timeoutMs: settings.timeoutMs };
}
