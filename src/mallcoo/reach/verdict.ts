/** What became of a probe, in the words of the technician who has to repair it. Pure. */
import { assertNever, type Sentence } from '../../core/errors.ts';

/** How far a call got before it broke off. `securing`: TLS; `asked`: the call was sent, or about to be. */
export type Stage = 'connecting' | 'securing' | 'asked';

/** What came back of a call. */
export type ProbeOutcome =
  | { readonly type: 'answered'; readonly status: number; readonly location: string; readonly body: string }
  /** @property code the system's word: `ECONNREFUSED`; `TIMEOUT` for none within the time. */
  | { readonly type: 'lost'; readonly stage: Stage; readonly code: string };

/** What a probe was, beside what came back of it. */
export interface ProbeFacts {
  /** Where it went: `https://park.example.com/parking/GetTraffic`. */
  readonly url: string;
  readonly timeoutMs: number;
  /** Whether this process has seen the call arrive. */
  readonly arrived: boolean;
  /** The `resMsg` that this process answers it with, and nobody else can know. */
  readonly reply: string;
}

export interface ProbeFailure {
  /** What happened, and where to look: a clause or two, without a full stop. */
  readonly why: Sentence;
  /** Whether a restart of the tunnel may help. */
  readonly restartable: boolean;
  /** Whether asking again soon is of no use: the way is there, but a setting is wrong. */
  readonly patient: boolean;
}

/** What OpenSSL and Node call a certificate that will not do. */
const CERTIFICATE = /CERT|SIGNATURE|ERR_TLS/;

/** Null for a probe that arrived and whose own answer came back. */
export function verdictOf(outcome: ProbeOutcome, facts: ProbeFacts): ProbeFailure | null {
  if (outcome.type === 'lost') return lost(outcome.stage, outcome.code, facts);
  const { status, body } = outcome;
  const { resCode, resMsg } = fieldsOf(body);
  if (status === 200 && facts.arrived && resCode === 0 && resMsg === facts.reply) return null;
  if (facts.arrived) {
    return setting({
      zh: `调用已到达，但返回的是 HTTP ${status} 和别的应答：途中有设备自己作了应答`,
      en: `the call arrived, but HTTP ${status} and another answer came back: something on the way answers itself`,
    });
  }
  // Whoever answers with `resCode` is a gate, or another site that speaks the standard.
  const isGate = typeof resCode === 'number';
  return isGate ? answeredByGate(status, resMsg) : answeredByOther(outcome, facts);
}

function lost(stage: Stage, code: string, { url, timeoutMs, arrived }: ProbeFacts): ProbeFailure {
  const host = URL.parse(url)?.host ?? url;
  const time = `${timeoutMs / 1_000} s`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return setting(
      {
        zh: `域名 ${host} 无法解析（DNS）：检查 tunnel.publicUrl 和本机 DNS`,
        en: `the name of ${host} is not known (DNS): look at tunnel.publicUrl and at this machine's DNS`,
      },
      false,
    );
  }
  switch (stage) {
    case 'connecting':
      if (code === 'ECONNREFUSED') {
        return dead({
          zh: `${host} 拒绝连接：那里没有程序监听；检查隧道和对端服务器`,
          en: `connection refused by ${host}: nothing listens there; look at the tunnel, and at the far server`,
        });
      }
      if (code === 'TIMEOUT') {
        return dead({
          zh: `${time} 内连不上 ${host}：对端服务器已关机，或被防火墙丢弃`,
          en: `no connection to ${host} within ${time}: the far server is off, or a firewall drops the call`,
        });
      }
      return dead({ zh: `连不上 ${host}（${code}）`, en: `no connection to ${host} (${code})` });
    case 'securing':
      if (code === 'TIMEOUT')
        return dead({
          zh: `${host} 接受连接，但 ${time} 内没有开始 TLS`,
          en: `${host} takes the connection, but begins no TLS within ${time}`,
        });
      if (CERTIFICATE.test(code)) {
        return setting({
          zh: `与 ${host} 的 TLS 失败（${code}）：检查其证书和本机时钟`,
          en: `TLS with ${host} fails (${code}): look at its certificate, and at this machine's clock`,
        });
      }
      return dead({
        zh: `${host} 接受连接，但在 TLS 协商完成前断开（${code}）`,
        en: `${host} takes the connection, but cuts it before TLS is agreed (${code})`,
      });
    case 'asked':
      if (arrived)
        return dead({
          zh: `调用已到达，但应答没有回来（${code}）：隧道只通一半`,
          en: `the call arrived, but its answer did not come back (${code}): half of the tunnel is dead`,
        });
      if (code === 'TIMEOUT') {
        return dead({
          zh: `${host} 接受调用，但 ${time} 内没有应答：隧道对端已失效`,
          en: `${host} takes the call and does not answer within ${time}: the far end of the tunnel is stale`,
        });
      }
      return dead({
        zh: `${host} 断开连接（${code}）：它那端的隧道不通`,
        en: `${host} cuts the connection (${code}): its end of the tunnel leads nowhere`,
      });
    default:
      return assertNever(stage);
  }
}

function answeredByGate(status: number, resMsg: unknown): ProbeFailure {
  const text = typeof resMsg === 'string' ? shorten(resMsg) : '';
  const said: Sentence = text === '' ? { zh: '', en: '' } : { zh: `（"${text}"）`, en: ` (${text})` };
  if (status === 401 || status === 403 || status === 429) {
    return setting({
      zh: `HTTP ${status}：网关自己的验证被拒绝${said.zh}：途中被丢弃，或应答的是另一个网关`,
      en: `HTTP ${status}: the gate's own proof is refused${said.en}: something on the way drops it, or another gate answers`,
    });
  }
  if (status === 404) {
    return setting({
      zh: `HTTP 404${said.zh}：对端服务器改了路径；请对照 tunnel.publicUrl 和 mallcoo.basePath`,
      en: `HTTP 404${said.en}: the far server changes the path; compare tunnel.publicUrl and mallcoo.basePath`,
    });
  }
  return dead({
    zh: `应答的是另一个程序，HTTP ${status}${said.zh}：该地址通向另一个网关，或一个没有停掉的旧网关`,
    en: `another process answered, HTTP ${status}${said.en}: the address leads to another gate, or to one that was left running`,
  });
}

function answeredByOther(
  { status, location }: Extract<ProbeOutcome, { type: 'answered' }>,
  { url }: ProbeFacts,
): ProbeFailure {
  const host = URL.parse(url)?.host ?? url;
  if (status === 502 || status === 503 || status === 504) {
    return dead({
      zh: `${host} 应答 HTTP ${status}：它的网页服务器在，但隧道另一头没有人`,
      en: `HTTP ${status} from ${host}: its web server is there, but reaches nobody through the tunnel`,
    });
  }
  if (status >= 300 && status < 400) {
    return setting({
      zh: `HTTP ${status} 跳转到 ${shorten(location)}：不是网关；可能是网络的登录页，或 tunnel.publicUrl 有误`,
      en: `HTTP ${status} to ${shorten(location)}: not the gate; a login page of the network, or a wrong tunnel.publicUrl`,
    });
  }
  return setting({
    zh: `${host} 应答 HTTP ${status}，但不是网关：是别的网站，或网络的某个页面`,
    en: `HTTP ${status} from ${host}, but not from a gate: another site, or a page of the network`,
  });
}

/** A page may be long, and its letters anything: one line of it is enough. */
function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

const dead = (why: Sentence): ProbeFailure => ({ why, restartable: true, patient: false });

const setting = (why: Sentence, patient = true): ProbeFailure => ({ why, restartable: false, patient });

function fieldsOf(body: string): { readonly resCode?: unknown; readonly resMsg?: unknown } {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
