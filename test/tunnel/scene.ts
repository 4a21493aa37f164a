/** A gate, a far server and the tunnel between them, all of them real. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { DEMO_SHEET, demoConfig } from '../../src/demo/config.ts';
import { folder, gatepost, type Running, running, until } from '../daemon/support.ts';
import { need } from '../need.ts';
import { type Far, farServer, freePort, type Relay, relay } from './far.ts';
import { type Service, supervise } from './supervisor.ts';
import { commandOf, environmentOf, readUnit, SYSTEMD } from './unit.ts';

export const UNIT = readUnit('gatepost-tunnel.service');
export const EXAMPLE = environmentOf(readFileSync(join(SYSTEMD, 'tunnel.env.example'), 'utf8'));
/** Of the unit itself. */
export const RESTART_SECONDS = Number(UNIT.value('Service.RestartSec'));
export const QUICK = { ALIVE_SECONDS: '1', ALIVE_COUNT: '2' };

export interface Scene {
  readonly gate: Running;
  readonly far: Far;
  /** Between ssh and sshd. */
  readonly line: Relay;
  readonly tunnel: Service;
  readonly farPort: number;
  /** What a caller at the far port gets: true for an answer of the gate. */
  works(): Promise<boolean>;
  faults(): Promise<readonly { readonly code: string; readonly text: string }[]>;
}

interface SceneOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Lines below `tunnel:` of the configuration, beside the address. */
  readonly settings?: string;
  /** The port of the address that is probed; the far port itself by default. */
  readonly publicPort?: (farPort: number) => Promise<number>;
}

/** A daemon, a far server, and the tunnel between them, up. Null where ssh or sshd is missing. */
export async function scene(t: TestContext, options: SceneOptions = {}): Promise<Scene | null> {
  for (const program of ['sshd', 'ssh', 'ssh-keygen']) if (!need(t, program)) return null;
  const dir = folder(t);
  const farPort = await freePort();
  const far = await farServer(t, dir, farPort);
  const line = await relay(t, far.sshPort);
  writeFileSync(
    join(dir, 'known_hosts'),
    readFileSync(join(dir, 'known_hosts'), 'utf8').replace(`:${far.sshPort}`, `:${line.port}`),
  );
  const publicPort = (await options.publicPort?.(farPort)) ?? farPort;
  const site = join(dir, 'site.yaml');
  writeFileSync(join(dir, 'demo-sheet.yaml'), DEMO_SHEET);
  const tunnelLines = `tunnel: { publicUrl: "http://127.0.0.1:${publicPort}", probeSeconds: 10, probeTimeoutSeconds: 3${options.settings ?? ''} }`;
  writeFileSync(
    site,
    `${demoConfig({ portBase: 0, data: join(dir, 'data') })}${tunnelLines}\ninternet: { check: ["127.0.0.1:${line.port}"] }\n`,
  );
  const gate = await running(gatepost(t, ['run', site]));
  const env = {
    ...EXAMPLE,
    ...far.env,
    FAR_SSH_PORT: String(line.port),
    GATE: new URL(gate.mallcoo).host,
    ...QUICK,
    ...options.env,
  };
  const tunnel = supervise(t, commandOf(UNIT, env), RESTART_SECONDS);
  const works = async (): Promise<boolean> => {
    try {
      const signal = AbortSignal.timeout(3_000);
      const body = '{"startTime":"2026-11-22 00:00:00","endTime":"2026-11-22 00:00:00"}';
      const response = await fetch(`http://127.0.0.1:${farPort}/GetTraffic`, {
        method: 'POST',
        body,
        signal,
        headers: { connection: 'close' },
      });
      return ((await response.json()) as { readonly resCode?: unknown }).resCode === 0;
    } catch {
      return false;
    }
  };
  const faults: Scene['faults'] = async () => {
    const health = (await (await fetch(`${gate.local}/healthz`)).json()) as {
      readonly faults: Awaited<ReturnType<Scene['faults']>>;
    };
    return health.faults.filter(({ code }) => code !== 'DEVICE_SILENT');
  };
  await until('the tunnel', works).catch((error: unknown) => {
    throw new Error(`${String(error)}\nssh: ${tunnel.output()}\nsshd: ${far.log()}`);
  });
  return { gate, far, line, tunnel, farPort, works, faults };
}

/** Waits until a caller at the far port is answered again, and prints how long that took. */
export async function recovery(
  t: TestContext,
  { works, tunnel, far }: Scene,
  since: number,
  what: string,
): Promise<void> {
  // A far side that gives up a dead connection, and the pauses of the unit, may take longer than one wait.
  const attempts = async (): Promise<true | undefined> => ((await works()) ? true : undefined);
  await until(what, attempts)
    .catch(() => until(what, attempts))
    .catch((error: unknown) => {
      throw new Error(`${String(error)}\nssh: ${tunnel.output()}\nsshd: ${far.log()}`);
    });
  t.diagnostic(`${what}: answered again after ${((performance.now() - since) / 1_000).toFixed(1)} s`);
}
