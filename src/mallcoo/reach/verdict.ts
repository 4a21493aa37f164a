/** What became of a probe, in the words of the technician who has to repair it. Pure. */
import { assertNever } from '../../core/errors.ts';

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
  readonly why: string;
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
    return setting(
      `the call arrived, but HTTP ${status} and another answer came back: something on the way answers itself`,
    );
  }
  // Whoever answers with `resCode` is a gate, or another site that speaks the standard.
  const isGate = typeof resCode === 'number';
  return isGate ? answeredByGate(status, resMsg) : answeredByOther(outcome, facts);
}

function lost(stage: Stage, code: string, { url, timeoutMs, arrived }: ProbeFacts): ProbeFailure {
  const host = URL.parse(url)?.host ?? url;
  const time = `${timeoutMs / 1_000} s`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return setting(`the name of ${host} is not known (DNS): look at tunnel.publicUrl and at this machine's DNS`, false);
  }
  switch (stage) {
    case 'connecting':
      if (code === 'ECONNREFUSED') {
        return dead(`connection refused by ${host}: nothing listens there; look at the tunnel, and at the far server`);
      }
      if (code === 'TIMEOUT') {
        return dead(`no connection to ${host} within ${time}: the far server is off, or a firewall drops the call`);
      }
      return dead(`no connection to ${host} (${code})`);
    case 'securing':
      if (code === 'TIMEOUT') return dead(`${host} takes the connection, but begins no TLS within ${time}`);
      if (CERTIFICATE.test(code)) {
        return setting(`TLS with ${host} fails (${code}): look at its certificate, and at this machine's clock`);
      }
      return dead(`${host} takes the connection, but cuts it before TLS is agreed (${code})`);
    case 'asked':
      if (arrived)
        return dead(`the call arrived, but its answer did not come back (${code}): half of the tunnel is dead`);
      if (code === 'TIMEOUT') {
        return dead(`${host} takes the call and does not answer within ${time}: the far end of the tunnel is stale`);
      }
      return dead(`${host} cuts the connection (${code}): its end of the tunnel leads nowhere`);
    default:
      return assertNever(stage);
  }
}

function answeredByGate(status: number, resMsg: unknown): ProbeFailure {
  const said = typeof resMsg === 'string' && resMsg !== '' ? ` (${shorten(resMsg)})` : '';
  if (status === 401 || status === 403 || status === 429) {
    return setting(
      `HTTP ${status}: the gate's own proof is refused${said}: something on the way drops it, or another gate answers`,
    );
  }
  if (status === 404) {
    return setting(`HTTP 404${said}: the far server changes the path; compare tunnel.publicUrl and mallcoo.basePath`);
  }
  return dead(
    `another process answered, HTTP ${status}${said}: the address leads to another gate, or to one that was left running`,
  );
}

function answeredByOther(
  { status, location }: Extract<ProbeOutcome, { type: 'answered' }>,
  { url }: ProbeFacts,
): ProbeFailure {
  const host = URL.parse(url)?.host ?? url;
  if (status === 502 || status === 503 || status === 504) {
    return dead(`HTTP ${status} from ${host}: its web server is there, but reaches nobody through the tunnel`);
  }
  if (status >= 300 && status < 400) {
    return setting(
      `HTTP ${status} to ${shorten(location)}: not the gate; a login page of the network, or a wrong tunnel.publicUrl`,
    );
  }
  return setting(`HTTP ${status} from ${host}, but not from a gate: another site, or a page of the network`);
}

/** A page may be long, and its letters anything: one line of it is enough. */
function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

const dead = (why: string): ProbeFailure => ({ why, restartable: true, patient: false });

const setting = (why: string, patient = true): ProbeFailure => ({ why, restartable: false, patient });

function fieldsOf(body: string): { readonly resCode?: unknown; readonly resMsg?: unknown } {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
