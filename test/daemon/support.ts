/** The real program in a process of its own, played with from outside: its ports, its output, its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import mqtt, { type MqttClient } from 'mqtt';

const ROOT = join(import.meta.dirname, '..', '..');
/** Generous: the machine may be busy with other tests. */
export const PATIENCE_MS = 30_000;

export function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'gatepost-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Waits until `probe` gives something. @throws Error naming what was waited for. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const end = performance.now() + patienceMs;
  while (performance.now() < end) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited ${patienceMs / 1000} s for: ${what}`);
}

export interface Program {
  readonly pid: number;
  /** Everything it has printed, both streams. */
  output(): string;
  /** Waits until it has printed the text. */
  printed(text: string): Promise<void>;
  /** Sends a signal, and waits for nothing. */
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal and waits for the end. @returns the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  exited(): Promise<number | NodeJS.Signals>;
}

/** Runs `gatepost` with arguments. It is ended with the test. */
export function gatepost(t: TestContext, args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  return program(t, [process.execPath, join(ROOT, 'src', 'bin.mjs'), ...args], env);
}

/** Runs any command, such as the packed binary's. It is ended with the test. */
export function program(
  t: TestContext,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program {
  const [file = '', ...args] = command;
  const child: ChildProcess = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, GATEPOST_LANGUAGE: 'en', ...env },
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exit = once(child, 'exit').then(([code, signal]: (number | NodeJS.Signals | null)[]) => code ?? signal ?? -1);
  t.after(() => child.kill('SIGKILL'));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    async printed(text) {
      await until(`"${text}" in the output`, () => {
        if (child.exitCode !== null && !output.includes(text))
          throw new Error(`it ended with ${child.exitCode}:\n${output}`);
        return output.includes(text);
      });
    },
    signal: (signal) => void child.kill(signal),
    async end(signal) {
      child.kill(signal);
      return exit;
    },
    exited: () => exit,
  };
}

export interface Running extends Program {
  readonly mallcoo: string;
  readonly local: string;
  readonly mqtt: string;
}

/** Waits until the daemon is up, and reads its ports from the log. */
export async function running(program: Program): Promise<Running> {
  await program.printed(' mallcoo=');
  const ports = /(?:is up|已启动) mallcoo=(\d+) local=(\d+)(?: mqtt=(\d+))?/.exec(program.output());
  const [, mallcoo, local, broker] = ports ?? [];
  return {
    ...program,
    mallcoo: `http://127.0.0.1:${mallcoo}`,
    local: `http://127.0.0.1:${local}`,
    mqtt: `mqtt://127.0.0.1:${broker}`,
  };
}

/** The demo without its story: the whole daemon with virtual cameras that answer. */
export function demo(t: TestContext, data: string): Promise<Running> {
  return running(gatepost(t, ['demo', '--no-story', '--port-base', '0', '--data', data]));
}

export interface Answer {
  readonly status: number;
  readonly resCode: unknown;
  readonly resMsg: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One of Mallcoo's calls, as Mallcoo makes it. */
export async function post(
  base: string,
  call: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(`${base}/${call}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const fields = (await response.json()) as Record<string, unknown>;
  return { status: response.status, resCode: fields['resCode'], resMsg: fields['resMsg'], fields };
}

export interface Site {
  readonly client: MqttClient;
  /** Everything on the down topics so far. */
  readonly orders: { readonly topic: string; readonly body: Readonly<Record<string, unknown>> }[];
  /** Publishes a recognition as a camera would, written out by hand; resolves when the broker has acknowledged it. */
  see(sn: string, plate: string, extra?: Readonly<Record<string, unknown>>): Promise<void>;
}

/** A client at the broker that is nobody's camera: it publishes what it likes, and watches the arms. */
export async function outside(t: TestContext, url: string): Promise<Site> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
  t.after(() => client.end(true));
  // A publish on a dead connection is never answered: its end is the answer.
  const gone = new Promise<never>((_, reject) => {
    client.once('close', () => reject(new Error('the broker is gone')));
  });
  gone.catch(() => undefined);
  const orders: Site['orders'] = [];
  await client.subscribeAsync('device/+/message/down/gpio_out');
  client.on('message', (topic, payload) => {
    orders.push({ topic, body: JSON.parse(payload.toString()) as Record<string, unknown> });
  });
  return {
    client,
    orders,
    async see(sn, plate, extra = {}) {
      const license = Buffer.from(plate).toString('base64');
      const result = { license, color: 3, confidence: 100, direction: 4, ...extra };
      const payload = { AlarmInfoPlate: { ipaddr: '192.168.2.100', result: { PlateResult: result } } };
      const message = { sn, name: 'ivs_result', version: '1.0', timestamp: 1783437557, payload };
      const topic = `device/${sn}/message/up/ivs_result`;
      await Promise.race([client.publishAsync(topic, JSON.stringify(message), { qos: 1 }), gone]);
    },
  };
}

/** A record of an outage: how a stay with a fee is made without waiting for it. */
export function agoMinutes(minutes: number): Readonly<Record<string, unknown>> {
  return { isoffline: 1, timeStamp: { Timeval: { sec: Math.floor(Date.now() / 1000) - minutes * 60, usec: 0 } } };
}
