/** How calls may arrive (mallcoo-notes: transport, tolerant requests), and how mistakes are answered. */
import type { Sentence } from '../../core/errors.ts';
import { HOUR, type Instant } from '../../core/time.ts';
import { refusalProblems, successProblems } from '../answers.ts';
import type { Fields, Proof } from '../request.ts';
import type { WireAnswer, WireRequest } from '../wire.ts';
import { type CallOptions, type Clause, differs, judge, pastDay, skip, type Talk, type Verdict } from './clause.ts';

/** A question that every site can answer, that changes nothing, and whose answer stands still: passages of a past day. */
const known = (talk: Talk, options: CallOptions = {}, more: Fields = {}): Promise<WireAnswer> =>
  talk.call('GetTraffic', { ...pastDay(talk.target), ...more }, options);

/** The same question asked another way has to bring the same answer. */
async function sameAnswer(talk: Talk, ways: readonly CallOptions[]): Promise<Verdict> {
  const wanted = await known(talk);
  const problems: (readonly Sentence[] | Sentence | null)[] = [successProblems('GetTraffic', wanted)];
  for (const way of ways) {
    const answer = await known(talk, way);
    problems.push(successProblems('GetTraffic', answer));
    if (answer.json !== null) problems.push(differs('inNum', answer.json['inNum'], wanted.json?.['inNum']));
  }
  return judge(...problems);
}

const path = (spell: (path: string) => string): CallOptions => ({
  change: (request) => ({ ...request, path: spell(request.path) }),
});

const body = (write: (body: string) => string, contentType = 'application/json'): CallOptions => ({
  change: (request) => ({
    ...request,
    headers: { ...request.headers, 'content-type': contentType },
    body: write(request.body ?? ''),
  }),
});

const refused = (part: Clause['part'], title: Sentence, statuses: readonly number[], options: CallOptions): Clause => ({
  part,
  title,
  needs: 'nothing',
  run: async (talk) => judge(refusalProblems(await known(talk, options), statuses)),
});

export const TRANSPORTS: readonly Clause[] = [
  {
    part: 'transport',
    title: { zh: 'JSON 请求体的调用，回答是严格的 JSON', en: 'a call with a JSON body is answered with strict JSON' },
    needs: 'nothing',
    run: (talk) => sameAnswer(talk, []),
  },
  {
    part: 'transport',
    title: { zh: '同样的字段用表单也能识别', en: 'the same fields are understood as a form' },
    needs: 'nothing',
    run: (talk) => sameAnswer(talk, [{ transport: 'form' }]),
  },
  {
    part: 'transport',
    title: { zh: '查询可用 GET 加查询串', en: 'a query is understood as a GET with a query string' },
    needs: 'nothing',
    run: (talk) => sameAnswer(talk, [{ transport: 'query' }]),
  },
  {
    part: 'transport',
    title: { zh: '路径不分大小写', en: 'paths match without regard to case' },
    needs: 'nothing',
    run: (talk) => sameAnswer(talk, [path((name) => name.toLowerCase()), path((name) => name.toUpperCase())]),
  },
  {
    part: 'transport',
    title: {
      zh: 'Content-Type 不同或带 BOM 的 JSON 也能识别',
      en: 'JSON under another content type, or after a byte order mark, is JSON',
    },
    needs: 'nothing',
    run: (talk) => sameAnswer(talk, [body((text) => text, 'text/plain'), body((text) => `\ufeff${text}`)]),
  },
  {
    part: 'tolerance',
    title: { zh: '字段名不分大小写，忽略空格', en: 'field names match without regard to case or blanks' },
    needs: 'nothing',
    async run(talk) {
      const { startTime, endTime } = pastDay(talk.target);
      const answer = await talk.call('GetTraffic', { STARTTIME: startTime, 'endtime ': endTime });
      return judge(successProblems('GetTraffic', answer));
    },
  },
  {
    part: 'tolerance',
    title: { zh: '空的、null 的或未知的字段被忽略', en: 'fields that are empty, null or unknown are overlooked' },
    needs: 'nothing',
    run: async (talk) =>
      judge(successProblems('GetTraffic', await known(talk, {}, { plateNo: '', barcode: null, memo: 'check' }))),
  },
];

/** A body that no call needs, and that every sane limit refuses, in bytes. */
const LARGE_BODY = 1_048_576;

export const ERRORS: readonly Clause[] = [
  refused(
    'errors',
    {
      zh: '不是 JSON 的请求体得到 400，格式符合标准',
      en: 'a body that is no JSON is a 400 in the shape of the standard',
    },
    [400],
    body((text) => `${text},}`),
  ),
  refused(
    'errors',
    {
      zh: '不是对象的请求体得到 400，格式符合标准',
      en: 'a body that is no object is a 400 in the shape of the standard',
    },
    [400],
    body(() => '[1]'),
  ),
  refused(
    'errors',
    { zh: '未知路径得到 404，格式符合标准', en: 'an unknown path is a 404 in the shape of the standard' },
    [404],
    path(() => '/NoSuchCall'),
  ),
  refused(
    'errors',
    { zh: '除三种调用外什么都访问不到', en: 'nothing but the three calls is reachable' },
    [404],
    path(() => '/healthz'),
  ),
  {
    part: 'errors',
    title: { zh: '打开链接不会付款：GET 得到 405', en: 'a payment is never made by opening a link: GET is a 405' },
    needs: 'nothing',
    run: async (talk) =>
      judge(refusalProblems(await talk.call('PayParkingFee', {}, { transport: 'query' }), [405, 404])),
  },
  {
    part: 'errors',
    title: {
      zh: '1 MB 的请求体得到 413，格式符合标准',
      en: 'a body of a megabyte is a 413 in the shape of the standard',
    },
    needs: 'nothing',
    async run(talk) {
      const answer = await known(
        talk,
        body((text) => text.padEnd(LARGE_BODY)),
      );
      return answer.json?.['resCode'] === 0
        ? skip({ zh: '这个站点接受这么大的请求体', en: 'this site takes bodies so large' })
        : judge(refusalProblems(answer, [413]));
    },
  },
];

/** Wrong proofs are counted by sites, and slowed after some; so few are tried. */
const TURNED_AWAY = [401, 403] as const;

function wrongProof(proof: Proof): Proof {
  switch (proof.type) {
    case 'none':
      return proof;
    case 'token':
      return { ...proof, token: `${proof.token}x` };
    case 'sign':
      return { ...proof, privateKey: `${proof.privateKey}x` };
  }
}

const longer = (request: WireRequest): WireRequest => ({ ...request, body: `${request.body ?? ''} ` });

const NO_KEY: Sentence = { zh: '没有给出签名密钥', en: 'no signing key was given' };

export const AUTH: readonly Clause[] = [
  {
    part: 'auth',
    title: { zh: '没有凭证的被拒绝', en: 'whoever proves nothing is turned away' },
    needs: 'proof',
    run: async (talk) => judge(refusalProblems(await known(talk, { proof: { type: 'none' } }), TURNED_AWAY)),
  },
  {
    part: 'auth',
    title: { zh: '错误的 token 或密钥被拒绝', en: 'a wrong token or key is turned away' },
    needs: 'proof',
    run: async (talk) =>
      judge(refusalProblems(await known(talk, { proof: wrongProof(talk.target.proof) }), TURNED_AWAY)),
  },
  {
    part: 'auth',
    title: {
      zh: 'token 放在 X-Token、Bearer 和查询串中都有效',
      en: 'a token counts as X-Token, as bearer and in the query',
    },
    needs: 'proof',
    async run(talk) {
      const { proof } = talk.target;
      if (proof.type !== 'token') return skip({ zh: '没有给出 token', en: 'no token was given' });
      return sameAnswer(
        talk,
        (['header', 'bearer', 'query'] as const).map((place) => ({ proof: { ...proof, place } })),
      );
    },
  },
  {
    part: 'auth',
    title: { zh: '一小时前的签名被拒绝', en: 'a signature of an hour ago is turned away' },
    needs: 'proof',
    async run(talk) {
      if (talk.target.proof.type !== 'sign') return skip(NO_KEY);
      const at = (talk.target.clock.now() - HOUR) as Instant;
      return judge(refusalProblems(await known(talk, { at }), TURNED_AWAY));
    },
  },
  {
    part: 'auth',
    title: { zh: '请求体与签名不符时被拒绝', en: 'a body that is not the one that was signed is turned away' },
    needs: 'proof',
    async run(talk) {
      if (talk.target.proof.type !== 'sign') return skip(NO_KEY);
      return judge(refusalProblems(await known(talk, { tamper: longer }), TURNED_AWAY));
    },
  },
];
