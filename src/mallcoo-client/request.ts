/** How a call is written down, and how its caller proves itself. Pure. */
import { assertNever } from '../core/errors.ts';
import type { Instant } from '../core/time.ts';
import { signatureOf, timeStampOf } from '../mallcoo/signature.ts';
import type { WireRequest } from './wire.ts';

export type CallName = 'GetParkingPaymentInfo' | 'PayParkingFee' | 'GetTraffic';

export type Field = string | number | null | readonly Fields[] | Fields;
export interface Fields {
  readonly [name: string]: Field;
}

/** The ways in which the fields travel (mallcoo-notes: transport). `query` is for the two calls that only ask. */
export type Transport = 'json' | 'form' | 'query';

/** How the caller proves itself to a site. */
export type Proof =
  | { readonly type: 'none' }
  | { readonly type: 'token'; readonly token: string; readonly place: 'header' | 'bearer' | 'query' }
  | { readonly type: 'sign'; readonly appId: string; readonly publicKey: string; readonly privateKey: string };

export const NO_PROOF: Proof = { type: 'none' };

/** A call with its fields, not yet proved. Nested values become a text of JSON where a transport cannot nest. */
export function requestOf(name: CallName, fields: Fields, transport: Transport): WireRequest {
  const path = `/${name}`;
  switch (transport) {
    case 'json':
      return {
        method: 'POST',
        path,
        query: '',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(fields),
      };
    case 'form':
      return {
        method: 'POST',
        path,
        query: '',
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body: flat(fields),
      };
    case 'query':
      return { method: 'GET', path, query: flat(fields), headers: {}, body: null };
    default:
      return assertNever(transport);
  }
}

function flat(fields: Fields): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null) params.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return params.toString();
}

/**
 * The call with the caller's proof in it. A signature is made of the body as it is sent (of the query, where there is no
 * body), and of the moment: each sending of a call is signed anew.
 */
export function prove(request: WireRequest, proof: Proof, now: Instant): WireRequest {
  const withHeaders = (more: Readonly<Record<string, string>>): WireRequest => ({
    ...request,
    headers: { ...request.headers, ...more },
  });
  switch (proof.type) {
    case 'none':
      return request;
    case 'token': {
      const { token, place } = proof;
      if (place === 'header') return withHeaders({ 'x-token': token });
      if (place === 'bearer') return withHeaders({ authorization: `Bearer ${token}` });
      const query = [request.query, new URLSearchParams({ token }).toString()].filter((part) => part !== '').join('&');
      return { ...request, query };
    }
    case 'sign': {
      const { appId, publicKey, privateKey } = proof;
      const timeStamp = timeStampOf(now);
      const sign = signatureOf({ publicKey, privateKey, timeStamp, body: request.body ?? request.query });
      return withHeaders({ AppID: appId, PublicKey: publicKey, TimeStamp: timeStamp, Sign: sign });
    }
    default:
      return assertNever(proof);
  }
}
