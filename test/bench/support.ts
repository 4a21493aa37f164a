/** What the benchmarks share: processes measured from outside, percentiles, and a site to run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceId } from '../../src/core/ids.ts';
import type { Reading } from '../../src/core/park/model.ts';
import { normalisePlate } from '../../src/core/plate.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

/** A folder on the disk that is measured, removed afterwards. */
export async function withFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'gatepost-bench-'));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export interface Child {
  readonly pid: number;
  /** What it had printed when it was ready. */
  readonly output: string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program and waits until a line of its output contains `ready`. @throws Error with its output when it ends first. */
export function startChild(program: string, args: readonly string[], ready: string): Promise<Child> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let seen = '';
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    const watch = (chunk: Buffer): void => {
      if (seen.includes(ready)) return;
      seen += chunk.toString();
      if (!seen.includes(ready)) return;
      resolve({
        pid: child.pid ?? 0,
        output: seen,
        async stop(signal = 'SIGTERM') {
          child.kill(signal);
          await ended;
        },
      });
    };
    child.stdout?.on('data', watch);
    child.stderr?.on('data', watch);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}:\n${seen}`)));
    child.once('error', reject);
  });
}

/** CPU time a process has used so far, user and system, in ms (proc(5): clock ticks of 10 ms). */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Megabytes of a process that are in memory (proc(5), `VmRSS`). */
export function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1_000;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** One park, one lane in, a Vzenith camera; with whatever broker, and whatever Mallcoo's callers prove themselves with. */
export async function writeSite(
  dir: string,
  ports: { mallcoo: number; local: number },
  mqtt: string,
  auth = '{ type: none }',
): Promise<string> {
  const file = join(dir, 'site.yaml');
  await writeFile(
    file,
    `data: ${join(dir, 'data')}
mallcoo: { listen: "127.0.0.1:${ports.mallcoo}" }
local: { listen: "127.0.0.1:${ports.local}" }
mqtt: ${mqtt}
tariffs:
  standard: ${join(ROOT, 'docs', 'tariffs', 'plain.yaml')}
parks:
  - id: P001
    name: Bench
    tariff: standard
    mallcoo: { auth: ${auth} }
    lanes:
      - { id: in-1, direction: in, readers: [cam-in], barrier: { device: cam-in, output: 0 } }
devices:
  - { id: cam-in, driver: vzenith-mqtt, options: { sn: cam-in } }
`,
  );
  return file;
}

export function row(cells: readonly (string | number)[], widths: readonly number[]): string {
  return cells.map((cell, index) => String(cell).padStart(widths[index] ?? 12)).join('  ');
}

/** What a camera saw of car `number`. @throws Error when that makes no plate. */
export function readingOf(number: number): Reading {
  const plate = normalisePlate(plateOf(number));
  if (plate === undefined) throw new Error(`no plate: ${plateOf(number)}`);
  return {
    device: 'cam-in' as DeviceId,
    credential: { kind: 'plate', plate },
    colour: 'blue',
    confidence: 0.98,
    identity: `id:${number}`,
  };
}

export function plateOf(number: number): string {
  return `粤${'ABCDEFGHJK'.charAt(Math.floor(number / 100_000) % 10)}${String(number % 100_000).padStart(5, '0')}`;
}
