/**
 * A gate in a world that can go away: a reference point of the internet, a relay that stands for the tunnel, and the strict
 * receiver as Mallcoo, all on real sockets; cameras whose arms answer.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Page } from 'playwright-core';
import { systemClock } from '../../src/clock.ts';
import { MINUTE } from '../../src/core/time.ts';
import { virtualCamera } from '../../src/demo/camera.ts';
import { createReceiver, type Receiver } from '../../src/mallcoo-client/receiver.ts';
import { type Behaviour, type ReceiverServer, serveReceiver } from '../../src/mallcoo-client/receiver-http.ts';
import { freePort } from '../devices/support.ts';
import { phone } from './browser.ts';
import { agoMinutes, folder, gatepost, outside, post, type Running, running, type Site, until } from './support.ts';
import { everRaised, type Fault, healthz, logged, shown, since, status, type Told } from './told.ts';

const SHEET = join(import.meta.dirname, '..', '..', 'docs', 'tariffs', 'plain.yaml');
const KEYS = { appId: 'A', publicKey: 'B', privateKey: '0123456789abcdef' } as const;

/** The sender may pause for up to half a minute after as many failures as a test brings about. */
const CATCH_UP_MS = 90_000;

/** A port of this machine that can be taken away and given back. */
export interface Point {
  readonly port: number;
  open(): Promise<void>;
  close(): Promise<void>;
}

async function point(t: TestContext, take: (socket: Socket, held: Set<Socket>) => void): Promise<Point> {
  const port = await freePort();
  const held = new Set<Socket>();
  let server: ReturnType<typeof createServer> | null = null;
  async function open(): Promise<void> {
    server = createServer((socket) => {
      held.add(socket.on('error', () => undefined));
      take(socket, held);
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
  }
  async function close(): Promise<void> {
    const closing = server;
    server = null;
    for (const socket of held) socket.destroy();
    held.clear();
    if (closing) await new Promise((resolve) => closing.close(resolve));
  }
  t.after(close);
  await open();
  return { port, open, close };
}

export interface Relay extends Point {
  /** Calls are taken and lead nowhere: nothing is answered, nothing closed. */
  stale: boolean;
}

/** What stands for the tunnel. */
async function relay(t: TestContext, to: number): Promise<Relay> {
  const way = { stale: false };
  const made = await point(t, (near, held) => {
    if (way.stale) return;
    const far = connect(to, '127.0.0.1').on('error', () => near.destroy());
    held.add(far);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
  });
  return Object.assign(way, made);
}

export interface Mallcoo {
  readonly port: number;
  readonly receiver: Receiver;
  behaviour: Behaviour;
  open(): Promise<void>;
  close(): Promise<void>;
}

async function mallcooOf(t: TestContext): Promise<Mallcoo> {
  const receiver = createReceiver({
    ...KEYS,
    parkCodes: ['P001'],
    maxSkewMs: MINUTE,
    plateEncoding: 'raw',
    remember: 1_000,
  });
  const port = await freePort();
  let server: ReceiverServer | null = null;
  const mallcoo: Mallcoo = {
    port,
    receiver,
    behaviour: 'ok',
    async open() {
      server = await serveReceiver({ receiver, clock: systemClock, port, behave: () => mallcoo.behaviour });
    },
    async close() {
      await server?.close();
      server = null;
    },
  };
  t.after(mallcoo.close);
  await mallcoo.open();
  return mallcoo;
}

/** What is raised, with what it says beside how many notices wait. */
export interface Expected {
  readonly faults: Readonly<Record<string, RegExp>>;
  readonly waiting: number;
  readonly internet?: 'down';
}

export interface Scene {
  readonly internet: Point;
  readonly tunnel: Relay;
  readonly mallcoo: Mallcoo;
  /** A car comes in: the arm rises. */
  enters(): Promise<void>;
  /** The car that has been in for longest leaves, which owes nothing: the arm rises. */
  leaves(): Promise<void>;
  /** Waits until Mallcoo knows of every car that came in. */
  known(): Promise<void>;
  /** Waits until exactly these faults are told, and then the same in all four places. */
  tells(expected: Expected): Promise<Told>;
  /** Waits until so many further probes have ended: long enough for what follows from an outage to show. */
  probed(times: number): Promise<void>;
  /** Internet, tunnel and Mallcoo go at once, or come back. */
  away(): Promise<void>;
  back(): Promise<void>;
  /**
   * Waits until nothing is raised and nothing waits; all that entered are known to Mallcoo, in order, each told once.
   * @param codes every fault that was ever raised: no other was, not for a moment.
   */
  caughtUp(...codes: readonly string[]): Promise<void>;
}

/** The gate is up, its tunnel is probed, a car that has paid stands in the park, and Mallcoo knows of it. */
export async function scene(t: TestContext): Promise<Scene> {
  const calls = await freePort();
  const internet = await point(t, () => undefined);
  const tunnel = await relay(t, calls);
  const mallcoo = await mallcooOf(t);
  const file = siteFile(folder(t), calls, { internet, tunnel, mallcoo });
  const gate = await running(gatepost(t, ['run', file]));
  const site = await outside(t, gate.mqtt);
  for (const sn of ['in-1', 'out-1']) {
    const camera = await virtualCamera({ sn, url: gate.mqtt, clock: systemClock });
    t.after(() => camera.close());
  }
  const { page, troubles } = await phone(t, gate.local);
  await page.goto(`${gate.local}/?lang=en`);
  const traffic = cars(site);
  const { entered, leaves } = traffic;
  const { known, tells, probed, caughtUp } = watching(t, { gate, page, troubles, mallcoo, entered });

  // The internet first to go and last to come: while it is there nothing that needs it is missing.
  async function away(): Promise<void> {
    for (const gone of [internet, tunnel, mallcoo]) await gone.close();
  }
  async function back(): Promise<void> {
    for (const there of [mallcoo, tunnel, internet]) await there.open();
  }

  await traffic.enters(agoMinutes(150));
  await pay(`http://127.0.0.1:${tunnel.port}`, entered[0] ?? '');
  await until('the first probe', async () => (await healthz(gate.local)).reach.line === 'up');
  await caughtUp();
  return {
    internet,
    tunnel,
    mallcoo,
    enters: () => traffic.enters(),
    leaves,
    known,
    tells,
    probed,
    away,
    back,
    caughtUp,
  };
}

interface Seen {
  readonly gate: Running;
  readonly page: Page;
  readonly troubles: readonly string[];
  readonly mallcoo: Mallcoo;
  /** The plates in the order in which they came. */
  readonly entered: readonly string[];
}

function watching(t: TestContext, { gate, page, troubles, mallcoo, entered }: Seen) {
  async function tells({ faults, waiting, internet: there }: Expected): Promise<Told> {
    const codes = Object.keys(faults).sort();
    const right = ({ faults: raised, outbox }: Told): boolean =>
      isDeepStrictEqual(raised.map(({ code }) => code).sort(), codes) &&
      raised.every(({ code, text }) => faults[code]?.test(text) && saysWhatWaits(text, waiting)) &&
      outbox['P001']?.waiting === waiting;
    const asked = async (): Promise<Told | false> => {
      const told = await healthz(gate.local);
      return right(told) && told;
    };
    const what = `${codes.join() || 'no fault'}, and ${waiting} that wait`;
    const health = await until(what, asked, CATCH_UP_MS).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(await healthz(gate.local))}\n${gate.output()}`);
    });
    assert.equal(health.reach.internet === 'down', there === 'down');
    await agree(t, gate, page, health);
    assert.deepEqual(troubles, []);
    return health;
  }

  async function known(): Promise<void> {
    const all = (): boolean => mallcoo.receiver.entries().size === entered.length;
    await until('all to be told', all, CATCH_UP_MS);
  }

  async function probed(times: number): Promise<void> {
    const last = async (): Promise<string> => (await healthz(gate.local)).reach.lastProbe?.at ?? '';
    for (let left = times; left > 0; left -= 1) {
      const before = await last();
      await until('the next probe', async () => (await last()) !== before);
    }
  }

  async function caughtUp(...codes: readonly string[]): Promise<void> {
    await known();
    const health = await tells({ faults: {}, waiting: 0 });
    assert.deepEqual(
      [...mallcoo.receiver.entries().values()].map(({ plate, times }) => [plate, times]),
      entered.map((plate) => [plate, 1]),
    );
    const { taken, refused, outOfOrder } = mallcoo.receiver.counts();
    assert.deepEqual([taken, refused, outOfOrder], [entered.length, 0, 0]);
    const confirmed = async () => (await healthz(gate.local)).notices['P001']?.told;
    await same('the health', entered.length, confirmed);
    assert.deepEqual([...everRaised(gate)].sort(), [...codes].sort());
    assert.deepEqual([health.status, health.reach.line, health.reach.internet], ['ok', 'up', 'up']);
    const lines = () => [...gate.output().matchAll(/ (\S+) +Mallcoo knows of the entry/g)].map(([, plate]) => plate);
    await same('the log', entered, async () => lines());
  }

  return { tells, known, probed, caughtUp };
}

function saysWhatWaits(text: string, waiting: number): boolean {
  if (waiting === 0) return !/notices? waits?/.test(text);
  return text.includes(waiting === 1 ? '; 1 notice waits, since ' : `; ${waiting} notices wait, the oldest since `);
}

function siteFile(dir: string, calls: number, world: Pick<Scene, 'internet' | 'tunnel' | 'mallcoo'>): string {
  const file = join(dir, 'site.yaml');
  const { appId, publicKey, privateKey } = KEYS;
  const url = `http://127.0.0.1:${world.mallcoo.port}/Parking/V1/EnterInfoNotify/`;
  const keys = `appId: ${appId}, publicKey: ${publicKey}, privateKey: "${privateKey}"`;
  writeFileSync(
    file,
    `data: ${join(dir, 'data')}
mallcoo: { listen: "127.0.0.1:${calls}" }
tunnel: { publicUrl: "http://127.0.0.1:${world.tunnel.port}", probeSeconds: 10, probeTimeoutSeconds: 1 }
internet: { check: ["127.0.0.1:${world.internet.port}"] }
local: { listen: "127.0.0.1:0" }
mqtt: { listen: "127.0.0.1:0", anonymous: true }
tariffs: { standard: ${SHEET} }
parks:
  - id: P001
    name: 江湾商场
    tariff: standard
    mallcoo: { auth: { type: none }, notices: { url: "${url}", ${keys}, timeoutSeconds: 1 } }
    lanes:
      - { id: in-1, direction: in, readers: [in-1], barrier: { device: in-1, output: 0 } }
      - { id: out-1, direction: out, readers: [out-1], barrier: { device: out-1, output: 0 } }
devices:
  - { id: in-1, driver: vzenith-mqtt, options: { sn: in-1 } }
  - { id: out-1, driver: vzenith-mqtt, options: { sn: out-1 } }
`,
  );
  return file;
}

function cars(site: Site) {
  const entered: string[] = [];
  let left = 0;
  const arms = (sn: string): number =>
    site.orders.filter(({ topic }) => topic === `device/${sn}/message/down/gpio_out`).length;
  async function rises(sn: string, plate: string): Promise<void> {
    const before = arms(sn);
    await site.see(sn, plate);
    await until(`the arm of ${sn} for ${plate}`, () => arms(sn) > before);
  }
  return {
    entered,
    async enters(record?: Readonly<Record<string, unknown>>): Promise<void> {
      const plate = `粤A1000${entered.length}`;
      entered.push(plate);
      // What a camera recorded a while ago raises no arm.
      if (record) await site.see('in-1', plate, record);
      else await rises('in-1', plate);
    },
    async leaves(): Promise<void> {
      const plate = entered[left] ?? assert.fail('nobody is in the park');
      left += 1;
      await rises('out-1', plate);
    },
  };
}

/** Pays what is due for a car, as Mallcoo does. */
async function pay(mallcoo: string, plateNo: string): Promise<void> {
  const car = { parkId: 'P001', plateNo };
  const asked = await until('the car to be in the park', async () => {
    const answer = await post(mallcoo, 'GetParkingPaymentInfo', car);
    return answer.resCode === 0 && answer;
  });
  const amount = asked.fields['unPayAmount'];
  assert.equal(amount, 1_500);
  const paid = await post(mallcoo, 'PayParkingFee', { ...car, orderNo: 'A1', amount, deductionAmount: 0, payType: 3 });
  assert.equal(paid.resCode, 0);
}

/** The log, the terminal and the page tell what the health told. */
async function agree(t: TestContext, gate: Running, page: Page, told: Told): Promise<void> {
  const { faults } = told;
  const named = (all: readonly Pick<Fault, 'code' | 'subject'>[]) => all.map(({ code, subject }) => [code, subject]);
  await same('the log', named(faults), async () => named(logged(gate)));
  for (const [index, { at }] of logged(gate).entries()) {
    const fault = faults[index] ?? assert.fail(at);
    // The line is written right after the moment was taken.
    assert.ok(Math.abs(Date.parse(at) - Date.parse(since(fault))) <= 1_000, `${at} ${since(fault)}`);
  }
  await terminalAgrees(t, gate, told);
  const state = faults.length === 0 ? 'all is well' : `${faults.length} fault(s)`;
  const lines = faults.map((fault) => [`${fault.code} ${fault.subject} since ${since(fault)}`, fault.text]);
  const [waiting, way] = [String(told.outbox['P001']?.waiting), `the way in: ${told.reach.line}`];
  await same('the page', [state, lines, waiting, way], async () => [
    await page.locator('#state').textContent(),
    await shown(page),
    await page.locator('#outbox td').nth(1).textContent(),
    /^the way in: \w+/m.exec(await page.locator('#reach').innerText())?.[0],
  ]);
}

async function terminalAgrees(t: TestContext, { local }: Running, { faults, outbox, reach }: Told): Promise<void> {
  const { code, output } = await status(t, local);
  assert.equal(code, faults.length === 0 ? 0 : 1, output);
  const marked = output.split('\n').filter((line) => line.startsWith('✗'));
  assert.deepEqual(
    marked.map((line) => line.replace(/ \([^)]*\)$/, '')),
    faults.map((fault) => `✗ ${fault.code} ${fault.subject}  since ${since(fault)}`),
  );
  for (const line of [
    ...faults.map(({ text }) => `    ${text}\n`),
    `for Mallcoo P001: ${outbox['P001']?.waiting} wait`,
    `the way in: ${reach.line}`,
    `internet: ${reach.internet === 'unknown' ? 'not known yet' : reach.internet}\n`,
  ])
    assert.ok(output.includes(`\n${line}`), `${line}\n${output}`);
}

/** Waits until it is so. @throws AssertionError with the difference when it does not become so. */
async function same(who: string, expected: unknown, read: () => Promise<unknown>): Promise<void> {
  let told: unknown;
  await until(`${who} to agree`, async () => {
    told = await read();
    return isDeepStrictEqual(told, expected);
  }).catch(() => assert.deepEqual(told, expected, who));
}
