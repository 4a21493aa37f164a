/** What the tests of the devices share: recorders for the gateway's ports, real brokers, real cables. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectMqtt, type IClientOptions, type MqttClient } from 'mqtt';
import type { DeviceId, LaneId, ParkId, VisitId } from '../../src/core/ids.ts';
import type { Command, Reply } from '../../src/core/park/commands.ts';
import { fieldsIn } from '../../src/core/sentence.ts';
import { type Instant, instant } from '../../src/core/time.ts';
import type { Clock, Faults, Gateway, Log, LogFields } from '../../src/gateway/ports.ts';
import { inEnglish } from '../chinese.ts';

export const device = (name: string): DeviceId => name as DeviceId;
export const PARK = 'p1' as ParkId;
export const lane = (name: string): LaneId => name as LaneId;
export const newVisitId = (): VisitId => 'VISIT' as VisitId;

export const clock: Clock = { now: () => instant(Date.now()) };

/** A clock that stands still until it is set. */
export function handClock(start = 1_000_000): Clock & { set(to: number): void } {
  let now = start;
  return {
    now: () => now as Instant,
    set(to) {
      now = to;
    },
  };
}

/** Waits for a condition; fails after ten seconds, which nothing here should need. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < end, `waited in vain: ${what}`);
    await sleep(5);
  }
}

export interface FaultRecorder extends Faults {
  /** The faults that are raised now, as `CODE subject`, with their values. */
  readonly raised: Map<string, string>;
  /** `+CODE subject` and `-CODE subject`, in order. */
  readonly history: string[];
}

export function recordFaults(): FaultRecorder {
  const raised = new Map<string, string>();
  const history: string[] = [];
  return {
    raised,
    history,
    raise(code, subject, value = '') {
      if (!raised.has(`${code} ${subject}`)) history.push(`+${code} ${subject}`);
      raised.set(`${code} ${subject}`, inEnglish(value));
    },
    clear(code, subject) {
      if (raised.delete(`${code} ${subject}`)) history.push(`-${code} ${subject}`);
    },
  };
}

export interface LogRecorder extends Log {
  readonly lines: { readonly text: string; readonly fields: LogFields }[];
}

export function recordLog(): LogRecorder {
  const lines: { text: string; fields: LogFields }[] = [];
  return {
    lines,
    notice: (code, fields) => lines.push({ text: code, fields: fieldsIn(fields, 'en') }),
    info: (text, fields = {}) => lines.push({ text: inEnglish(text), fields: fieldsIn(fields, 'en') }),
  };
}

export interface GatewayStub extends Pick<Gateway, 'submit'> {
  readonly commands: Command[];
  /** What the next command gets; by default it is taken at once. */
  answer: () => Promise<Reply>;
}

export function stubGateway(): GatewayStub {
  const commands: Command[] = [];
  return {
    commands,
    answer: async () => ({ type: 'done' }),
    submit(command) {
      commands.push(command);
      return this.answer();
    },
  };
}

/** A promise with its ends in hand. */
export const gate = (): PromiseWithResolvers<void> => Promise.withResolvers<void>();

export async function tempDir(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'gatepost-devices-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  server.close();
  await once(server, 'close');
  return address.port;
}

/** Runs a program and gathers what it prints; it is ended with the test. */
export function run(t: TestContext, program: string, args: readonly string[]) {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: path } });
  const output = { out: '', err: '' };
  child.stdout.on('data', (piece: Buffer) => {
    output.out += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    output.err += piece.toString();
  });
  t.after(() => end(child));
  return { child, output };
}

/** Ends a process that a test started, at once. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Runs a program to its end. */
export async function finish(t: TestContext, program: string, args: readonly string[]) {
  const { child, output } = run(t, program, args);
  await once(child, 'close');
  return { code: child.exitCode, ...output };
}

/** A real mosquitto on that port. */
export async function mosquitto(t: TestContext, port: number, extra = ''): Promise<ChildProcess> {
  const file = join(await tempDir(t), 'mosquitto.conf');
  await writeFile(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n${extra}`);
  const { child } = run(t, 'mosquitto', ['-c', file]);
  for (let tries = 0; !(await answers(port)); tries += 1) {
    assert.ok(tries < 500 && child.exitCode === null, 'mosquitto does not start');
    await sleep(10);
  }
  return child;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** An MQTT client from outside, ended with the test. Resolves when it is connected. */
export async function outside(t: TestContext, port: number, options: IClientOptions = {}): Promise<MqttClient> {
  const client = connectMqtt({ host: '127.0.0.1', port, reconnectPeriod: 50, ...options });
  client.on('error', () => {});
  t.after(() => client.endAsync(true));
  await new Promise<void>((resolve) => client.once('connect', () => resolve()));
  return client;
}

/** Resolves when the client's connection has ended, well or not. */
export function closing(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('close', () => resolve()));
}

/** The two ends of a cable: a pseudo-terminal pair, until its socat is ended, which is pulling the plug. */
export async function cable(t: TestContext, ends: readonly [string, string]): Promise<ChildProcess> {
  const [near, far] = ends;
  const { child, output } = run(t, 'socat', ['-d', '-d', `pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`]);
  await until('socat to lay the cable', () => output.err.includes('starting data transfer loop'));
  return child;
}
