/** The far server: a real sshd on loopback with keys of its own, and what stands in the way to it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { until } from '../daemon/support.ts';

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Whether somebody takes a connection at the port. */
function taken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(socket.destroy() !== null));
    socket.on('error', () => resolve(false));
  });
}

/** The processes below one, however deep: sshd makes one or two for each connection. */
function descendants(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const below = (of: number): number[] => {
    const children = [...parents].filter(([, parent]) => parent === of).map(([child]) => child);
    return children.flatMap((child) => [child, ...below(child)]);
  };
  return below(pid);
}

export interface Far {
  readonly sshPort: number;
  /** The settings of the tunnel's environment file that name this server. */
  readonly env: Readonly<Record<string, string>>;
  start(): Promise<void>;
  /** Kills sshd and every connection of it, as when the machine goes. */
  kill(): Promise<void>;
  /** What sshd has said. */
  log(): string;
}

/** As docs/tunnel.md has it, with shorter times. */
const SSHD = (dir: string, port: number): string => `ListenAddress 127.0.0.1:${port}
HostKey ${join(dir, 'host')}
AuthorizedKeysFile ${join(dir, 'authorized_keys')}
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowTcpForwarding remote
GatewayPorts no
ClientAliveInterval 2
ClientAliveCountMax 2
`;

/** @param farPort the port that the tunnel may take there. */
export async function farServer(t: TestContext, dir: string, farPort: number): Promise<Far> {
  const sshPort = await freePort();
  for (const name of ['host', 'gate']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(dir, name)]);
  }
  const own = readFileSync(join(dir, 'gate.pub'), 'utf8');
  writeFileSync(join(dir, 'authorized_keys'), `restrict,port-forwarding,permitlisten="127.0.0.1:${farPort}" ${own}`);
  const hostKey = readFileSync(join(dir, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(join(dir, 'known_hosts'), `[127.0.0.1]:${sshPort} ${hostKey}\n`);
  writeFileSync(join(dir, 'sshd_config'), SSHD(dir, sshPort));
  // Where sshd confines itself; Debian's own unit makes it on a machine that runs systemd.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });

  let sshd: ChildProcess | null = null;
  let log = '';
  async function start(): Promise<void> {
    // It wants its full path: it starts itself anew for each connection.
    const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    sshd = child;
    await until('sshd', () => {
      if (child.exitCode !== null) throw new Error(`sshd ended: ${log}`);
      return taken(sshPort);
    });
  }
  async function kill(): Promise<void> {
    const child = sshd;
    sshd = null;
    if (!child?.pid) return;
    const all = [child.pid, ...descendants(child.pid)];
    for (const pid of all) killNow(pid);
    await until('sshd to end', async () => !(await taken(sshPort)));
  }
  t.after(kill);
  await start();
  const env = {
    FAR_HOST: '127.0.0.1',
    FAR_USER: userInfo().username,
    FAR_SSH_PORT: String(sshPort),
    FAR_LISTEN: `127.0.0.1:${farPort}`,
    KEY: join(dir, 'gate'),
    KNOWN_HOSTS: join(dir, 'known_hosts'),
  };
  return { sshPort, env, start, kill, log: () => log };
}

export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

export interface Relay {
  readonly port: number;
  /** What comes on the connections that are open now is swallowed from here on, and their ends do not get through. */
  swallow(): void;
  /** As `swallow`, for those that come later too, until `pass`. */
  hold(): void;
  pass(): void;
}

interface Pair {
  readonly ends: readonly [Socket, Socket];
  dead: boolean;
}

/** A stretch of the way that can go dead without a word: nothing is closed, nothing comes through. */
export async function relay(t: TestContext, to: number): Promise<Relay> {
  const pairs = new Set<Pair>();
  let holding = false;
  const server = createServer((near) => {
    const pair: Pair = { ends: [near, connect(to, '127.0.0.1')], dead: holding };
    pairs.add(pair);
    const [a, b] = pair.ends;
    for (const [from, into] of [
      [a, b],
      [b, a],
    ] as const) {
      from.on('data', (chunk) => void (pair.dead || into.write(chunk)));
      from.on('error', () => undefined);
      from.on('close', () => void (pair.dead || into.end()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  t.after(() => {
    for (const { ends } of pairs) for (const end of ends) end.destroy();
    server.close();
  });
  const address = server.address();
  const swallow = (): void => {
    for (const pair of pairs) pair.dead = true;
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    swallow,
    hold() {
      holding = true;
      swallow();
    },
    pass() {
      holding = false;
    },
  };
}
