import { randomBytes } from 'node:crypto';
import { systemClock } from '../clock.ts';
import { normalisePlate } from '../core/plate.ts';
import { type Zone, zoneOf } from '../core/time.ts';
import { checkSite } from '../mallcoo-client/check/check.ts';
import type { Target } from '../mallcoo-client/check/clause.ts';
import { NO_PROOF, type Proof } from '../mallcoo-client/request.ts';
import { httpSend } from '../mallcoo-client/wire.ts';
import { jsonReport, resultText, summaryOf, summaryText } from './mallcoo-report.ts';
import { readArgs, type Terminal, UsageError } from './terminal.ts';

const HELP = `usage: gatepost mallcoo check URL [options]

Has the conversation of the standard with the site at URL as Mallcoo would, and prints pass, fail or skip for each clause;
a failed one with what was sent and got. URL is the address before the calls' names, through the tunnel or not:
https://park.example.com/mallcoo. Exit code 0: nothing failed; 1: something failed; 2: called wrongly.

  --park P              the parkId; needed where the site has several parks
  --plate PLATE         a test car that is in the park: its fee is asked, nothing is booked
  --pay                 book money on the test car: see below
  --token T             the site's token
  --public-key K        with --private-key-env: sign each call as the open platform does
  --private-key-env N   the environment variable that holds the private key; it never stands on the command line
  --app-id A            the AppID header of a signed call (empty)
  --zone Z              the park's zone (Asia/Shanghai)
  --timeout SECONDS     how long an answer may take, 1 to 120 (10)
  --json                one JSON document instead

It does no harm to a site at work. Without options it asks only for passages, for a car that cannot exist, and makes
mistakes that every site has to refuse; some wrong tokens too, if one is given. --plate asks about that one car.
--pay books on that car, and on nothing else: some payments of 1 分 each in orders CHECK…, then the rest of its fee as a
coupon, so that it may leave. It also sends one conflicting notice and one for nobody: they stand as alarms in the
site's reconciliation of the day, and are to be struck out there. The car must owe ¥0.06 or more.
`;

export async function mallcooCheckCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, {
    help: { type: 'boolean', short: 'h' },
    park: { type: 'string' },
    plate: { type: 'string' },
    pay: { type: 'boolean', default: false },
    token: { type: 'string' },
    'public-key': { type: 'string' },
    'private-key-env': { type: 'string' },
    'app-id': { type: 'string', default: '' },
    zone: { type: 'string', default: 'Asia/Shanghai' },
    timeout: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  });
  if (values.help) {
    terminal.out(HELP);
    return 0;
  }
  const [address, ...more] = positionals;
  if (address === undefined || more.length > 0) throw new UsageError('name one URL, like http://127.0.0.1:8080');
  const url = readUrl(address);
  if (values.pay && values.plate === undefined)
    throw new UsageError('--pay needs --plate: the car that money is booked on');
  const target: Target = {
    send: httpSend({ url, timeoutMs: readTimeout(values.timeout) }),
    proof: readProof(values.token, values['public-key'], values['private-key-env'], values['app-id']),
    parkId: values.park ?? null,
    plate: values.plate === undefined ? null : readPlate(values.plate),
    pay: values.pay,
    zone: readZone(values.zone),
    clock: systemClock,
    newOrderNo: () => `CHECK${systemClock.now()}${randomBytes(4).toString('hex').toUpperCase()}`,
  };
  if (!values.json) terminal.out(`gatepost mallcoo check ${url}\n`);
  const results = await checkSite(target, (result) => {
    if (!values.json) terminal.out(resultText(result));
  });
  const summary = summaryOf(results);
  terminal.out(values.json ? jsonReport(url, summary, results) : summaryText(summary));
  return summary.failed > 0 ? 1 : 0;
}

function readUrl(address: string): string {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `"${address}" is no address: write it like http://127.0.0.1:8080 or https://park.example.com/mallcoo`,
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw new UsageError(
      `"${address}": leave out what follows "${url.search === '' ? '#' : '?'}"; a token goes into --token`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('the standard knows no login in the address; a token goes into --token');
  }
  return url.href.replace(/\/+$/, '');
}

function readTimeout(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 1 && seconds <= 120)) throw new UsageError(`--timeout ${text}: write seconds from 1 to 120`);
  return seconds * 1_000;
}

function readPlate(text: string): string {
  const plate = normalisePlate(text);
  if (plate === undefined) throw new UsageError(`--plate ${text}: this is no number plate`);
  return plate;
}

function readZone(name: string): Zone {
  try {
    return zoneOf(name);
  } catch {
    throw new UsageError(`--zone ${name}: there is no such zone; write one like Asia/Shanghai`);
  }
}

function readProof(
  token: string | undefined,
  publicKey: string | undefined,
  keyVariable: string | undefined,
  appId: string,
): Proof {
  if (token !== undefined && (publicKey !== undefined || keyVariable !== undefined)) {
    throw new UsageError('give --token, or --public-key with --private-key-env, not both');
  }
  if (token === '') throw new UsageError('--token is empty');
  if (token !== undefined) return { type: 'token', token, place: 'header' };
  if (publicKey === undefined && keyVariable === undefined) return NO_PROOF;
  if (publicKey === undefined || keyVariable === undefined) {
    throw new UsageError('--public-key and --private-key-env go together');
  }
  const privateKey = process.env[keyVariable] ?? '';
  if (privateKey === '') throw new UsageError(`--private-key-env ${keyVariable}: that variable is empty or not set`);
  return { type: 'sign', appId, publicKey, privateKey };
}
