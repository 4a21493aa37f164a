/**
 * Mallcoo's calls through the whole daemon with 100,000 open visits: the query with a token and with a signature, beside a
 * bare Hono route that reads the same body and sends the same answer, and beside Express with SQLite; the payment beside
 * bare flushes of the same disk. All take turns, so that a slow moment of the machine meets each of them.
 */
import autocannon from 'autocannon';
import { instant } from '../../src/core/time.ts';
import { signatureOf, timeStampOf } from '../../src/mallcoo/signature.ts';
import { bare, type Contender } from './contenders.ts';
import { KEYS, type Server, type Servers, startServers, TOKEN_HEADERS, VISITS } from './mallcoo-servers.ts';
import { cpuMs, median, plateOf, row, withFolder } from './support.ts';

const CONNECTIONS = [1, 16, 64] as const;
const SECONDS = 2;
const ROUNDS = 3;
/** Of a payment's record in the journal, about. */
const PAYMENT_BYTES = 900;
/** The bare file, and how long a round of it takes. */
const SEGMENT = 64 * 1024 * 1024;
const BARE_MS = 600;

interface Round {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMicros: number;
}

type Sent = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** What is sent as request `number`: another car, and a body of its own, because a signature is spent after two seconds. */
function query(number: number, signs: boolean): Sent {
  const fields = {
    parkId: 'P001',
    plateNo: plateOf((number * 97) % VISITS),
    freeMinutes: 60,
    freeAmount: 0,
    asked: number,
  };
  const body = JSON.stringify(fields);
  if (!signs) return { headers: TOKEN_HEADERS, body };
  const timeStamp = timeStampOf(instant(Date.now()));
  const Sign = signatureOf({ ...KEYS, timeStamp, body });
  const headers = { 'content-type': 'application/json', PublicKey: KEYS.publicKey, TimeStamp: timeStamp, Sign };
  return { headers, body };
}

function counter(): () => number {
  let last = 0;
  return () => {
    last += 1;
    return last;
  };
}

function payment(number: number): Sent {
  const car = {
    parkId: 'P001',
    feeId: `V${String(number % VISITS).padStart(15, '0')}`,
    plateNo: plateOf(number % VISITS),
  };
  const money = { unPayAmount: 500, amount: 500, deductionAmount: 0, payChannel: 0, payType: 3 };
  const payTime = `2026-01-01 00:00:${String(number % 60).padStart(2, '0')}`;
  const body = JSON.stringify({ ...car, orderNo: `M${number}`, thirdTradeNo: `42000${number}`, payTime, ...money });
  return { headers: TOKEN_HEADERS, body };
}

async function measure(server: Server, call: string, connections: number, next: () => Sent): Promise<Round> {
  const { child, port, name } = server;
  const before = cpuMs(child.pid);
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/${call}`,
    connections,
    duration: SECONDS,
    method: 'POST',
    headers: {},
    requests: [{ setupRequest: (request) => ({ ...request, ...next() }) }],
  });
  const cpu = cpuMs(child.pid) - before;
  const { non2xx, errors, requests, duration, latency } = result;
  if (non2xx > 0 || errors > 0) throw new Error(`${name}: ${non2xx} refused, ${errors} errors`);
  return {
    perSecond: requests.total / duration,
    p50: latency.p50,
    p99: latency.p99,
    cpuMicros: (cpu * 1_000) / requests.total,
  };
}

const middle = (rounds: readonly Round[], field: keyof Round): number => median(rounds.map((round) => round[field]));

const WIDTHS = [28, 12, 8, 8, 16];

function line(name: string, rounds: readonly Round[]): string {
  const [rate, p50, p99, cpu] = (['perSecond', 'p50', 'p99', 'cpuMicros'] as const).map((field) =>
    middle(rounds, field),
  );
  return row(
    [name, rate?.toFixed(0) ?? '', p50?.toFixed(1) ?? '', p99?.toFixed(1) ?? '', cpu?.toFixed(1) ?? ''],
    WIDTHS,
  );
}

async function benchQuery(servers: Servers, print: (line: string) => void): Promise<void> {
  const { token, sign, hono, express, bytes } = servers;
  const all = [token, sign, hono, express];
  const number = counter();
  const round = (server: Server, connections: number): Promise<Round> =>
    measure(server, 'GetParkingPaymentInfo', connections, () => query(number(), server.signs));
  print(`\nGetParkingPaymentInfo, ${VISITS} open visits, answers of ${bytes} bytes`);
  for (const server of all) await round(server, 16);
  for (const connections of CONNECTIONS) {
    const rounds = new Map<Server, Round[]>(all.map((server) => [server, []]));
    for (let i = 0; i < ROUNDS; i += 1) {
      for (const server of all) rounds.get(server)?.push(await round(server, connections));
    }
    print(row([`${connections} connections`, 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs/request'], WIDTHS));
    for (const server of all) print(line(server.name, rounds.get(server) ?? []));
    const of = (server: Server, field: keyof Round): number => middle(rounds.get(server) ?? [], field);
    const byRate = of(token, 'perSecond') / of(hono, 'perSecond');
    const byCpu = of(hono, 'cpuMicros') / of(token, 'cpuMicros');
    const times = of(express, 'cpuMicros') / of(token, 'cpuMicros');
    print(
      `  with token: ${byRate.toFixed(2)} of bare Hono by requests/s, ${byCpu.toFixed(2)} by CPU time (wanted: 0.85); ` +
        `${times.toFixed(1)} times Express + SQLite by CPU time (wanted: 4)`,
    );
  }
}

async function benchPayment(server: Server, dir: string, print: (line: string) => void): Promise<void> {
  const alone = await bare(dir, PAYMENT_BYTES, SEGMENT, false);
  const grouped = await bare(dir, PAYMENT_BYTES, SEGMENT, true);
  const perSecond = async (contender: Contender, connections: number): Promise<number> =>
    ((await contender.run(connections, BARE_MS)) * 1_000) / BARE_MS;
  const widths = [28, 12, 8, 8, 26, 28];
  print('\nPayParkingFee with token, each answered when it is on the disk; records of about 900 bytes');
  print(row(['', 'payments/s', 'p50 ms', 'p99 ms', 'bare, each its own flush', 'bare, one flush for all'], widths));
  const number = counter();
  for (const connections of CONNECTIONS) {
    const rounds: Round[] = [];
    const [each, together]: [number[], number[]] = [[], []];
    for (let i = 0; i < ROUNDS; i += 1) {
      rounds.push(await measure(server, 'PayParkingFee', connections, () => payment(number())));
      each.push(await perSecond(alone, connections));
      together.push(await perSecond(grouped, connections));
    }
    const figures = [middle(rounds, 'p50').toFixed(1), middle(rounds, 'p99').toFixed(1)];
    const flushes = [median(each).toFixed(0), median(together).toFixed(0)];
    print(row([`${connections} connections`, middle(rounds, 'perSecond').toFixed(0), ...figures, ...flushes], widths));
  }
  await Promise.all([alone.close(), grouped.close()]);
}

export function benchMallcoo(print: (line: string) => void): Promise<void> {
  return withFolder(async (dir) => {
    const running: Server[] = [];
    try {
      const servers = await startServers(dir, (server) => running.push(server));
      await benchQuery(servers, print);
      await benchPayment(servers.token, dir, print);
    } finally {
      await Promise.all(running.map((server) => server.child.stop()));
    }
  });
}
