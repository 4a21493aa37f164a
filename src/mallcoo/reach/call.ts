/** The call that the gate makes to itself through its public address. */
import type { ParkId } from '../../core/ids.ts';
import { formatLocal, type Instant, type Zone } from '../../core/time.ts';
import type { Auth } from '../auth.ts';
import { signatureOf, timeStampOf } from '../signature.ts';
import { PROBE_FIELD } from './book.ts';

/** What a probe needs to be one of the three calls. */
export interface ProbeTarget {
  /** The address that Mallcoo calls, before the calls' own names: what `gatepost mallcoo check` is given. */
  readonly publicUrl: string;
  /** The own path of GetTraffic. */
  readonly path: string;
  /** One of the car parks; the way is the same for all. */
  readonly park: ParkId;
  readonly auth: Auth;
  readonly zone: Zone;
  readonly timeoutMs: number;
}

/** What is sent: GetTraffic of no time at all, which changes nothing anywhere. */
export function probeCall(
  { publicUrl, path, park, auth, zone }: ProbeTarget,
  now: Instant,
  nonce: string,
): { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const url = `${publicUrl.replace(/\/+$/, '')}/${path}`;
  const time = formatLocal(now, zone);
  const body = JSON.stringify({ parkId: park, startTime: time, endTime: time, [PROBE_FIELD]: nonce });
  return { url, headers: proofOf(auth, timeStampOf(now), body), body };
}

function proofOf(auth: Auth, timeStamp: string, body: string): Readonly<Record<string, string>> {
  switch (auth.type) {
    case 'none':
      return {};
    case 'token':
      return { 'x-token': auth.token };
    case 'sign': {
      const { appId = '', publicKey, privateKey } = auth;
      const sign = signatureOf({ publicKey, privateKey, timeStamp, body });
      return { appid: appId, publickey: publicKey, timestamp: timeStamp, sign };
    }
  }
}
