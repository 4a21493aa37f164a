/** The servers that the benchmark of Mallcoo's calls measures: ours twice, bare Hono, Express with SQLite. */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LaneId, ParkId, VisitId } from '../../src/core/ids.ts';
import type { JournalRecord } from '../../src/core/park/events.ts';
import { evolve } from '../../src/core/park/evolve.ts';
import { type Instant, MINUTE } from '../../src/core/time.ts';
import { openStore } from '../../src/store/store.ts';
import { type Child, freePort, plateOf, ROOT, readingOf, startChild, writeSite } from './support.ts';

export const VISITS = 100_000;
export const TOKEN = '0123456789abcdef0123456789abcdef';
export const KEYS = { publicKey: 'PUB123', privateKey: '0123456789abcdef' };
/** What the token's callers send. */
export const TOKEN_HEADERS = { 'content-type': 'application/json', 'x-token': TOKEN };

const QUIET = { raise: () => undefined, clear: () => undefined, notice: () => undefined, info: () => undefined };

export interface Server {
  readonly name: string;
  readonly child: Child;
  readonly port: number;
  readonly signs: boolean;
}

/** Cars that came over the last ten hours and have not left, so that fees and times of entry differ. */
function entryAt(number: number, now: number): Instant {
  return (now - 600 * MINUTE + Math.floor((number / VISITS) * 600 * MINUTE)) as Instant;
}

const idOf = (number: number): VisitId => `V${String(number).padStart(15, '0')}` as VisitId;

async function fill(dir: string, now: number): Promise<void> {
  const store = await openStore({ dir, fold: evolve, faults: QUIET, log: QUIET, segmentBytes: 64 * 1024 * 1024 });
  for (let first = 0; first < VISITS; first += 1_000) {
    await store.journal.append(Array.from({ length: 1_000 }, (_, index) => entry(first + index, now)));
  }
  await store.close();
}

function entry(number: number, now: number): JournalRecord {
  const at = entryAt(number, now);
  return {
    seq: number + 1,
    at,
    events: [
      {
        type: 'entered',
        park: 'P001' as ParkId,
        lane: 'in-1' as LaneId,
        visit: idOf(number),
        reading: readingOf(number),
        at,
        plateKind: 'ordinary',
        backlog: false,
      },
    ],
  };
}

async function ours(dir: string, name: string, auth: string): Promise<Server> {
  const [port, local, mqtt] = [await freePort(), await freePort(), await freePort()];
  const broker = `{ broker: embedded, listen: "127.0.0.1:${mqtt}", anonymous: true }`;
  const site = await writeSite(dir, { mallcoo: port, local }, broker, auth);
  const child = await startChild(process.execPath, ['src/bin.mjs', 'run', site], 'is up');
  return { name, child, port, signs: name.includes('sign') };
}

/** The packages of the reference are none of ours: they go where installed things go, and only the benchmark wants them. */
async function installReference(): Promise<string> {
  const home = join(ROOT, 'node_modules', '.cache', 'bench-reference');
  await mkdir(home, { recursive: true });
  await cp(join(ROOT, 'test', 'bench', 'reference'), home, { recursive: true });
  // better-sqlite3 carries its compiled part in the package; nothing has to be built.
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: home, stdio: 'pipe' });
  return home;
}

async function express(dir: string, now: number): Promise<Server> {
  const home = await installReference();
  const file = join(dir, 'visits.json');
  const visits = Array.from({ length: VISITS }, (_, n) => [idOf(n), plateOf(n), entryAt(n, now)]);
  await writeFile(file, JSON.stringify(visits));
  const port = await freePort();
  const child = await startChild(process.execPath, [join(home, 'server.mjs'), String(port), file, TOKEN], 'ready');
  return { name: 'Express 5 + SQLite, token', child, port, signs: false };
}

/** Asks for one visit, as the token's callers do. @throws Error when that is not answered as it should be. */
async function sample({ name, port }: Server): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/GetParkingPaymentInfo`, {
    method: 'POST',
    headers: TOKEN_HEADERS,
    body: JSON.stringify({ parkId: 'P001', plateNo: plateOf(97), freeMinutes: 60, freeAmount: 0 }),
  });
  const answer = await response.text();
  if (!answer.includes('"resCode":0')) throw new Error(`${name}: not the answer that was to be measured: ${answer}`);
  return answer;
}

export interface Servers {
  readonly token: Server;
  readonly sign: Server;
  readonly hono: Server;
  readonly express: Server;
  /** Of one answer. */
  readonly bytes: number;
}

/** Starts all four on the same visits. @param started is handed each, to be stopped whatever follows. */
export async function startServers(dir: string, started: (server: Server) => void): Promise<Servers> {
  const now = Date.now();
  const [one, two] = [join(dir, 'token'), join(dir, 'sign')];
  await mkdir(one);
  await fill(join(one, 'data'), now);
  await cp(one, two, { recursive: true });
  const running = async (server: Promise<Server>): Promise<Server> => {
    started(await server);
    return server;
  };
  const token = await running(ours(one, 'gatepost, token', `{ type: token, token: ${TOKEN} }`));
  const { publicKey, privateKey } = KEYS;
  const auth = `{ type: sign, publicKey: ${publicKey}, privateKey: "${privateKey}" }`;
  const sign = await running(ours(two, 'gatepost, sign', auth));
  const answer = await sample(token);
  const port = await freePort();
  const bare = startChild(process.execPath, ['test/bench/bare-hono.ts', String(port), answer], 'ready');
  const hono = await running(bare.then((child) => ({ name: 'bare Hono', child, port, signs: false })));
  const reference = await running(express(dir, now));
  await sample(reference);
  return { token, sign, hono, express: reference, bytes: answer.length };
}
