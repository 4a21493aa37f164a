/** What went wrong with a connection, in words. */
import type { Sentence } from '../core/errors.ts';
import { systemWords } from '../core/system-errors.ts';
import { same } from './finding.ts';

/** Of TLS, and of the checks' own clocks; the system's codes have theirs in the core. */
const WORDS: Readonly<Record<string, Sentence>> = {
  TIMEOUT: { zh: '在限定时间内没有应答', en: 'no answer in time' },
  CERT_HAS_EXPIRED: { zh: '证书已过期，或本机时钟不对', en: 'the certificate has expired, or the clock here is wrong' },
  CERT_NOT_YET_VALID: {
    zh: '证书尚未生效，或本机时钟不对',
    en: 'the certificate is not valid yet, or the clock here is wrong',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: { zh: '证书是自签名的', en: 'the certificate is signed by itself' },
  SELF_SIGNED_CERT_IN_CHAIN: {
    zh: '证书链中有不受信任的根证书',
    en: 'the certificate comes from an authority that this machine does not trust',
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    zh: '服务器没有发送中间证书',
    en: 'the server does not send its intermediate certificate',
  },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    zh: '签发证书的机构不受本机信任',
    en: 'the certificate comes from an authority that this machine does not trust',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: { zh: '证书是另一个域名的', en: 'the certificate is for another name' },
  ERR_SSL_WRONG_VERSION_NUMBER: { zh: '对方说的不是 TLS', en: 'the other end does not speak TLS' },
  EPROTO: { zh: 'TLS 协商失败', en: 'TLS could not be agreed' },
};

/** The words for a system's or TLS's code; the code itself where there are none. */
export function troubleText(code: string): Sentence {
  return (Object.hasOwn(WORDS, code) ? WORDS[code] : systemWords(code)) ?? same(code);
}

/** The code of an error; of several addresses that were tried the first one's counts. */
export function codeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return String(first);
  return 'code' in first && typeof first.code === 'string' ? first.code : first.message;
}
