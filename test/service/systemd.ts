/**
 * As much of systemd as the gate's unit asks for, in the test's hands: the socket that messages come to, a watchdog that ends
 * the process with SIGABRT when it was not fed for too long, `ExecStopPost=`, and the next start.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { DEMO_SHEET, demoConfig } from '../../src/demo/config.ts';
import { folder, type Running, running, until } from '../daemon/support.ts';

const BIN = join(import.meta.dirname, '..', '..', 'src', 'bin.mjs');

export interface Settings {
  /** `WatchdogSec` in seconds. */
  readonly watchdog?: number;
  /** Modules that are loaded before the program. */
  readonly preload?: readonly string[];
  readonly path?: string;
  /** A program that runs it, such as strace, with its arguments. */
  readonly under?: readonly string[];
  /** The configuration; the demo's if left out. */
  readonly config?: (data: string) => string;
}

export interface Ended {
  readonly result: string;
  readonly exit: string;
  /** What was told while it ran, in order, and when, in ms of the test's own clock. */
  readonly told: readonly Told[];
}

export interface Told {
  readonly message: string;
  readonly at: number;
}

export interface Service {
  readonly config: string;
  readonly data: string;
  readonly logs: string;
  /** Starts it; it is up when it has said so to systemd, and to us. */
  start(): Promise<Run>;
  /** The records of runs that ended badly. */
  failures(): readonly string[];
  /** `ExecStopPost=`, or what `OnFailure=` starts: with systemd's words about an end. */
  record(
    env: Readonly<Record<string, string>>,
    ...args: readonly string[]
  ): { readonly code: number | null; readonly err: string };
}

export interface Run extends Running {
  readonly told: readonly Told[];
  /** Waits for so many messages that match. */
  heard(pattern: RegExp, times?: number): Promise<void>;
  /** The end, with systemd's words for it; `ExecStopPost=` has run. */
  ended(): Promise<Ended>;
}

/** A gate of the demo's kind as a service. */
export async function service(t: TestContext, settings: Settings = {}): Promise<Service> {
  const dir = folder(t);
  const [data, logs, runtime] = ['data', 'logs', 'run'].map((name) => join(dir, name)) as [string, string, string];
  for (const made of [logs, runtime]) mkdirSync(made);
  const config = join(dir, 'gatepost.yaml');
  writeFileSync(config, settings.config?.(data) ?? demoConfig({ portBase: 0, data }));
  writeFileSync(join(dir, 'demo-sheet.yaml'), DEMO_SHEET);
  const folders = { LOGS_DIRECTORY: logs, RUNTIME_DIRECTORY: runtime, STATE_DIRECTORY: data };
  const env = { ...process.env, GATEPOST_LANGUAGE: 'en', NODE_COMPILE_CACHE: folder(t), ...folders };
  let number = 0;

  const record: Service['record'] = (told, ...args) => {
    const [program = '', ...words] = [...(settings.under ?? []), process.execPath, BIN, 'record-failure', ...args];
    const done = spawnSync(program, words, {
      encoding: 'utf8',
      env: { ...env, ...told },
    });
    return { code: done.status, err: done.stderr };
  };

  async function start(): Promise<Run> {
    number += 1;
    const invocation = String(number).padStart(32, '0');
    const heard = await listen(t, join(dir, `notify-${number}`));
    const preload = (settings.preload ?? []).flatMap((name) => ['--import', join(import.meta.dirname, name)]);
    const watchdog = settings.watchdog === undefined ? {} : { WATCHDOG_USEC: String(settings.watchdog * 1_000_000) };
    const [program = '', ...words] = [...(settings.under ?? []), process.execPath, ...preload, BIN, 'run', config];
    const child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...env,
        NOTIFY_SOCKET: heard.socket,
        INVOCATION_ID: invocation,
        ...watchdog,
        ...(settings.path === undefined ? {} : { PATH: settings.path }),
      },
    });
    t.after(() => child.kill('SIGKILL'));
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const barked = watch(child, heard.told, settings.watchdog);
    const ended = exit.then(([code, signal]): Ended => {
      const result = barked() ? 'watchdog' : signal ? 'signal' : code === 0 ? 'success' : 'exit-code';
      const words = signal ? ['killed', signal.replace('SIG', '')] : ['exited', String(code)];
      const [EXIT_CODE = '', EXIT_STATUS = ''] = words;
      record({ SERVICE_RESULT: result, EXIT_CODE, EXIT_STATUS, INVOCATION_ID: invocation });
      return { result, exit: words.join(' '), told: heard.told };
    });
    const gate = {
      pid: child.pid ?? 0,
      output: () => output,
      async printed(text: string) {
        await until(`"${text}" in the output:\n${output}`, () => {
          if (child.exitCode !== null && !output.includes(text)) throw new Error(`it ended:\n${output}`);
          return output.includes(text);
        });
      },
      signal: (signal: NodeJS.Signals) => void child.kill(signal),
      exited: () => exit.then(([code, signal]) => code ?? signal ?? -1),
      async end(signal: NodeJS.Signals) {
        child.kill(signal);
        return exit.then(([code, ended]) => code ?? ended ?? -1);
      },
    };
    return {
      ...(await running(gate)),
      told: heard.told,
      heard: (pattern, times = 1) => told(heard.told, pattern, times),
      ended: () => ended,
    };
  }

  const records = join(logs, 'failures');
  const failures = (): readonly string[] =>
    existsSync(records)
      ? readdirSync(records)
          .sort()
          .map((name) => readFileSync(join(records, name), 'utf8'))
      : [];
  return { config, data, logs, start, failures, record };
}

async function told(messages: readonly Told[], pattern: RegExp, times: number): Promise<void> {
  const found = (): number => messages.filter(({ message }) => pattern.test(message)).length;
  await until(`${times} of ${pattern} to systemd`, () => found() >= times, 60_000);
}

/** systemd's side of a watchdog: it is armed by READY=1. @returns whether it has ended the process. */
function watch(child: ChildProcess, messages: readonly Told[], seconds: number | undefined): () => boolean {
  let barked = false;
  if (seconds === undefined) return () => barked;
  const timer = setInterval(() => {
    const last = messages.findLast(({ message }) => /^(READY|WATCHDOG)=1$/m.test(message));
    const stopping = messages.some(({ message }) => /^STOPPING=1$/m.test(message));
    if (last === undefined || stopping || performance.now() - last.at <= seconds * 1_000) return;
    barked = true;
    clearInterval(timer);
    child.kill(constants.signals.SIGABRT);
  }, 50);
  child.once('exit', () => clearInterval(timer));
  return () => barked;
}

/** Every datagram, and a zero byte after it. Perl, because it lets go of what comes with systemd-notify's barrier. */
const RECEIVER = `
use Socket;
$| = 1;
socket(my $in, AF_UNIX, SOCK_DGRAM, 0) or die $!;
bind($in, sockaddr_un($ARGV[0])) or die $!;
while (defined recv($in, my $message, 65536, 0)) { print "$message\\0" }`;

async function listen(
  t: TestContext,
  socket: string,
): Promise<{ readonly socket: string; readonly told: readonly Told[] }> {
  const told: Told[] = [];
  const receiver = spawn('perl', ['-e', RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => receiver.kill('SIGKILL'));
  let rest = '';
  receiver.stdout.on('data', (chunk: Buffer) => {
    const parts = `${rest}${chunk.toString()}`.split('\0');
    rest = parts.pop() ?? '';
    for (const message of parts) if (message !== 'BARRIER=1') told.push({ message, at: performance.now() });
  });
  await until('the socket', () => existsSync(socket));
  return { socket, told };
}
