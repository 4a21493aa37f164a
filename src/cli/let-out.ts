/** `gatepost let-out`: the operator lets the vehicle go that is held at an exit, by a call to the gate that runs. */

import { fen, yuan } from '../core/money.ts';
import { MAX_REASON } from '../core/park/commands.ts';
import { printable } from '../ops/log.ts';
import { loadFile } from './load.ts';
import { readArgs, type Terminal, UsageError } from './terminal.ts';

const HELP = `usage: gatepost let-out LANE --reason TEXT [options]

Lets the vehicle go that is held at the exit LANE: its arm rises, and what it owes is in the books as uncollected, with the
reason. A payment that comes later settles it. Where nobody is held the arm does not rise. The gate must be running.

  --reason TEXT   why, for the books: ${MAX_REASON} characters at most
  --by NAME       who decided it
  --park P        the car park, where several have an exit of that name
  --config FILE   the gate's configuration: the call goes to its "local.listen"
  --url URL       the gate's local address; default http://127.0.0.1:8081

Exit code 0: it was let out; 1: it was not, and why is told; 2: called wrongly.
`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false },
  reason: { type: 'string' },
  by: { type: 'string' },
  park: { type: 'string' },
  config: { type: 'string' },
  url: { type: 'string' },
} as const;

const STANDARD_URL = 'http://127.0.0.1:8081';
/** The answer waits for one flush of the disk; a gate that takes longer than this, in ms, is not well. */
const PATIENCE_MS = 15_000;

/** @throws UsageError when it was called wrongly. */
export async function letOutCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (values.help) {
    terminal.out(HELP);
    return 0;
  }
  const [lane, ...more] = positionals;
  if (lane === undefined || more.length > 0) throw new UsageError('name one exit lane, like out-1');
  const reason = values.reason?.trim() ?? '';
  if (reason === '') throw new UsageError('--reason is missing; write why, like --reason "showed the payment"');
  if (reason.length > MAX_REASON)
    throw new UsageError(`--reason has ${reason.length} characters; ${MAX_REASON} at most`);
  if (values.config !== undefined && values.url !== undefined) throw new UsageError('--config or --url, not both');
  const url = values.config === undefined ? readUrl(values.url) : await configuredUrl(values.config, terminal);
  if (url === null) return 1;
  const { park = null, by = null } = values;
  return call(url, { lane, park, reason, by }, terminal);
}

function readUrl(text = STANDARD_URL): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/') return url.origin;
  throw new UsageError(`--url "${text}" is no address; write it like ${STANDARD_URL}`);
}

/** Where the gate of a configuration listens, as this machine reaches it. */
async function configuredUrl(file: string, terminal: Terminal): Promise<string | null> {
  const config = await loadFile(file, terminal);
  if (!config) return null;
  const { host, port } = config.local.listen;
  const near = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  if (port !== 0) return `http://${near.includes(':') ? `[${near}]` : near}:${port}`;
  terminal.err('gatepost let-out: "local.listen" takes any free port; name it with --url, it is in the log\n');
  return null;
}

interface Asked {
  readonly lane: string;
  readonly park: string | null;
  readonly reason: string;
  readonly by: string | null;
}

interface Answered {
  readonly error?: string;
  readonly text?: string;
  readonly vehicle?: string;
  readonly visit?: string | null;
  readonly uncollected?: number;
  readonly arm?: boolean;
}

async function call(url: string, body: Asked, terminal: Terminal): Promise<number> {
  let answered: Answered;
  try {
    const response = await fetch(`${url}/let-out`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    answered = (await response.json()) as Answered;
  } catch (error) {
    terminal.err(`gatepost let-out: no answer from ${url}: ${reasonOf(error)}. Is the gate running there?\n`);
    return 1;
  }
  if (answered.vehicle === undefined) {
    terminal.err(`gatepost let-out: ${printable(answered.text ?? 'this is no gate')} [${answered.error ?? '-'}]\n`);
    return 1;
  }
  const { vehicle, visit = null, uncollected = 0, arm = true } = answered;
  const owes = visit === null ? 'no visit is known' : `uncollected ${yuan(fen(uncollected))}`;
  const rises = arm ? 'the arm is ordered up' : 'the lane has no arm';
  terminal.out(`${printable(body.lane)} ${printable(vehicle)} let out: ${owes}; ${rises}\n`);
  return 0;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
