/** The gate's own listeners: held by the gate, or free for it; and who can reach them. */
import { createServer, isIPv6 } from 'node:net';
import type { Config } from '../../config/load.ts';
import { type Address, isLoopback } from '../../config/values.ts';
import { type Finding, fine, look, none, same, wrong } from '../finding.ts';
import { configured, type Site } from '../site.ts';

type Listener = readonly [name: 'mallcoo' | 'local' | 'mqtt', listen: Address];

/** Ports that only root may take. */
const FIRST_FREE_PORT = 1_024;

export const checkPorts = configured(async (site, config) => {
  const found = await Promise.all(
    listenersOf(config).map(async (listener) => [await held(site, listener), ...exposure(site, listener)]),
  );
  return found.flat();
});

function listenersOf({ mallcoo, local, mqtt, devices }: Config): readonly Listener[] {
  const broker = mqtt.broker === 'embedded' && devices.some(({ transport }) => transport === 'mqtt');
  const both: readonly Listener[] = [
    ['mallcoo', mallcoo.listen],
    ['local', local.listen],
  ];
  return broker ? [...both, ['mqtt', mqtt.listen]] : both;
}

const addressText = ({ host, port }: Address): string => (isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`);

async function held(site: Site, [name, listen]: Listener): Promise<Finding> {
  const at = `${name} ${addressText(listen)}`;
  if (listen.port === 0) return none({ zh: `${at}：任意空闲端口`, en: `${at}: any free port` });
  const { taken, by } = (await site.machine.processes()).listeners(listen.port);
  const [holder] = by;
  const who = holder ? `${holder.name} (PID ${holder.pid})` : null;
  const find = { zh: `查看：ss -ltnp 'sport = :${listen.port}'`, en: `see: ss -ltnp 'sport = :${listen.port}'` };
  if (site.gate.running) {
    if (by.some(({ pid }) => pid === site.gatePid))
      return fine({ zh: `${at}：由道闸程序监听`, en: `${at}: held by the gate` });
    if (!taken)
      return wrong(
        {
          zh: `${at}：道闸程序没有监听这里，配置在启动后改过`,
          en: `${at}: the gate does not listen there; the configuration has changed since its start`,
        },
        {
          zh: '没有车的时候重启：systemctl restart gatepost',
          en: 'when no car is at the gate: systemctl restart gatepost',
        },
      );
    if (who === null)
      return fine({ zh: `${at}：已被占用（是谁只有 root 能看到）`, en: `${at}: taken (by whom only root can see)` });
    return wrong({ zh: `${at}：被 ${who} 占用`, en: `${at}: held by ${who}` }, find);
  }
  return free(site, at, listen, await tryPort(listen), who);
}

function free({ user }: Site, at: string, { port }: Address, trouble: string | null, who: string | null): Finding {
  if (trouble === 'EADDRNOTAVAIL')
    return wrong(
      { zh: `${at}：不是本机的地址`, en: `${at}: no address of this machine` },
      {
        zh: '改正配置中的 listen；本机地址：ip -br addr',
        en: 'correct "listen" in the configuration; the addresses: ip -br addr',
      },
    );
  if (trouble === 'EADDRINUSE') {
    const by = { zh: who ?? '另一个程序', en: who ?? 'another program' };
    return wrong(
      { zh: `${at}：被 ${by.zh} 占用`, en: `${at}: held by ${by.en}` },
      {
        zh: `停止它，或换一个端口；查看：ss -ltnp 'sport = :${port}'`,
        en: `stop it, or choose another port; see: ss -ltnp 'sport = :${port}'`,
      },
    );
  }
  if (trouble === 'EACCES' || (port < FIRST_FREE_PORT && user.uid !== 0))
    return wrong(
      {
        zh: `${at}：用户 ${user.name} 不能使用 ${FIRST_FREE_PORT} 以下的端口`,
        en: `${at}: the user ${user.name} may not take a port below ${FIRST_FREE_PORT}`,
      },
      { zh: '在配置中换一个更大的端口', en: 'choose a higher port in the configuration' },
    );
  if (trouble !== null)
    return wrong({ zh: `${at}：${trouble}`, en: `${at}: ${trouble}` }, same(`ss -ltnp 'sport = :${port}'`));
  return fine({ zh: `${at}：空闲`, en: `${at}: free` });
}

/** Takes the port for a moment, as the gate would. @returns the system's code; null when it can be taken. */
function tryPort({ host, port }: Address): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** Addresses that no router on the internet knows: RFC 1918, shared by providers, link-local, unique local. */
export function isPrivate(address: string): boolean {
  if (isLoopback(address)) return true;
  if (isIPv6(address)) return /^f[cd]|^fe[89ab]/i.test(address);
  const [a = 0, b = 0] = address.split('.').map(Number);
  return (
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b < 128)
  );
}

function exposure({ machine }: Site, [name, { host, port }]: Listener): readonly Finding[] {
  if (isLoopback(host)) return [];
  const all = machine.addresses();
  const reached = host === '::' ? all : host === '0.0.0.0' ? all.filter((address) => !isIPv6(address)) : [host];
  const open = reached.find((address) => !isPrivate(address));
  const found: Finding[] = [];
  if (open !== undefined)
    found.push(
      look(
        {
          zh: `${name}：公网地址 ${open}:${port} 可被任何人访问`,
          en: `${name}: ${open}:${port} is a public address, which anybody can reach`,
        },
        {
          zh: `改为监听内网地址或 127.0.0.1（${name}.listen），或用防火墙限制来源`,
          en: `listen on a private address or 127.0.0.1 (${name}.listen), or let a firewall choose who comes in`,
        },
      ),
    );
  else if (name === 'local')
    found.push(
      look(
        {
          zh: `local：同一网络里的任何人都能抬杆（${host}）`,
          en: `local: anybody in that network can let vehicles out (${host})`,
        },
        {
          zh: 'local.listen 改为 127.0.0.1:8081，远程用 ssh -L 8081:127.0.0.1:8081',
          en: 'let local.listen be 127.0.0.1:8081, and come with ssh -L 8081:127.0.0.1:8081',
        },
      ),
    );
  return found;
}
