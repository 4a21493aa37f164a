/** The way from outside to the gate: its own public address, called from end to end. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Sentence } from '../../core/errors.ts';
import type { Instant } from '../../core/time.ts';
import { askHttp } from '../../mallcoo/reach/ask.ts';
import { type ProbeTarget, probeCall } from '../../mallcoo/reach/call.ts';
import type { ProbeOutcome } from '../../mallcoo/reach/verdict.ts';
import { type Certificate, lookAtServer } from '../call.ts';
import { type Finding, fine, look, none, same, wrong } from '../finding.ts';
import { configured, fieldsOf, type Machine, type Site } from '../site.ts';
import { troubleText } from '../trouble.ts';
import { unitState } from './service.ts';

const DAY_MS = 86_400_000;
const FEW_DAYS = 14;
const PATIENCE_MS = 8_000;
const UNITS = ['gatepost-tunnel.service', 'gatepost-frpc.service'];

export const checkTunnel = configured(async (site) => {
  const { target, machine } = site;
  const units = [...(await unitFindings(machine)), ...(await keyFindings(site))];
  if (!target)
    return [
      look(
        {
          zh: '没有配置 tunnel.publicUrl：隧道断了也没有人知道',
          en: 'no tunnel.publicUrl: nobody notices a dead tunnel',
        },
        {
          zh: '在配置中写上猫酷所调用的地址 tunnel.publicUrl',
          en: 'write the address that Mallcoo calls to tunnel.publicUrl',
        },
      ),
      ...units,
    ];
  const [way, seen] = await Promise.all([
    callItself(target, machine),
    lookAtServer(target.publicUrl, 'HEAD', patience(target), machine.now),
  ]);
  return [
    judgeWay(way, site, new URL(target.publicUrl).host),
    ...certificateFindings(seen.certificate, machine.now()),
    ...units,
  ];
});

const patience = ({ timeoutMs }: ProbeTarget): number => Math.min(timeoutMs, PATIENCE_MS);

function callItself(target: ProbeTarget, { now }: Machine): Promise<ProbeOutcome> {
  const call = probeCall(target, now() as Instant, 'doctor');
  const { signal } = new AbortController();
  return askHttp({ ...call, timeoutMs: patience(target), signal });
}

/** A gate answers with `resCode`. Whether it is this one its own probe knows, which no other process can answer. */
function judgeWay(outcome: ProbeOutcome, site: Site, host: string): Finding {
  if (outcome.type === 'lost') return lostOnTheWay(outcome, host);
  const resCode = resCodeOf(outcome.body);
  if (resCode === null) return answeredByOther(outcome.status, site, host);
  if (!site.gate.running)
    return wrong(
      {
        zh: `${host} 通向另一个道闸程序：本机的没有运行`,
        en: `${host} leads to another gate: the one here does not run`,
      },
      LEADS_ELSEWHERE,
    );
  if (resCode !== 0)
    return wrong(
      {
        zh: `${host} 的道闸拒绝了本机的调用（HTTP ${outcome.status}）`,
        en: `a gate answers at ${host}, and refuses this call (HTTP ${outcome.status})`,
      },
      LEADS_ELSEWHERE,
    );
  return byOwnProbe(site.gate.health, host);
}

const LEADS_ELSEWHERE: Sentence = {
  zh: '远端服务器的端口指向了别的机器：核对隧道的端口和 tunnel.publicUrl；停掉多余的隧道',
  en: 'the far port leads to another machine: compare the tunnel’s port and tunnel.publicUrl; stop a tunnel that was left running',
};

function byOwnProbe(health: Readonly<Record<string, unknown>>, host: string): Finding {
  const { lastProbe } = fieldsOf(health['reach']);
  const { ok, ms, why } = fieldsOf(lastProbe);
  if (ok === true)
    return fine({
      zh: `从外面经 ${host} 到达本机（${String(ms)} ms）`,
      en: `from outside through ${host} to this gate (${String(ms)} ms)`,
    });
  if (ok === undefined)
    return fine({
      zh: `经 ${host} 有道闸应答，本机尚未自测`,
      en: `a gate answers through ${host}; its own probe is still to come`,
    });
  return wrong(
    {
      zh: `经 ${host} 有道闸应答，但不是本机：${String(why)}`,
      en: `a gate answers through ${host}, but the gate's own probe fails: ${String(why)}`,
    },
    LEADS_ELSEWHERE,
  );
}

function lostOnTheWay({ stage, code }: Extract<ProbeOutcome, { type: 'lost' }>, host: string): Finding {
  const { zh, en } = troubleText(code);
  switch (stage) {
    case 'connecting':
      return wrong(
        { zh: `到不了远端服务器 ${host}：${zh}`, en: `the far server ${host} is not reached: ${en}` },
        {
          zh: `远端服务器是否开机、网页服务是否运行、防火墙；试：curl -v https://${host}/`,
          en: `is the far server on, its web server running, a firewall between; try: curl -v https://${host}/`,
        },
      );
    case 'securing':
      return wrong(
        { zh: `${host} 的 TLS 失败：${zh}`, en: `TLS with ${host} fails: ${en}` },
        {
          zh: '在远端服务器上更新证书（certbot renew），并核对本机时钟',
          en: 'renew the certificate on the far server (certbot renew), and look at this clock',
        },
      );
    case 'asked':
      return wrong(
        { zh: `${host} 接受了调用，但没有回答：${zh}`, en: `${host} takes the call, and nothing comes back: ${en}` },
        RESTART,
      );
  }
}

const RESTART: Sentence = {
  zh: 'systemctl restart gatepost-tunnel；再看 journalctl -u gatepost-tunnel -n 20；远端的旧连接可能还占着端口',
  en: 'systemctl restart gatepost-tunnel, then journalctl -u gatepost-tunnel -n 20; the far server may still hold an old connection',
};

function answeredByOther(status: number, { gate }: Site, host: string): Finding {
  const far = status === 502 || status === 503 || status === 504;
  if (!gate.running && far)
    return none({
      zh: `远端服务器 ${host} 在（HTTP ${status}）；启动道闸程序后才能看到其余的路`,
      en: `the far server ${host} is there (HTTP ${status}); start the gate to see the rest of the way`,
    });
  if (far)
    return wrong(
      {
        zh: `HTTP ${status}：远端服务器 ${host} 在，但隧道没有接上`,
        en: `HTTP ${status}: the far server ${host} is there, and the tunnel is not`,
      },
      RESTART,
    );
  return wrong(
    { zh: `HTTP ${status}：${host} 上回答的不是道闸`, en: `HTTP ${status}: what answers at ${host} is no gate` },
    {
      zh: '核对 tunnel.publicUrl、mallcoo.basePath 与远端网页服务的转发路径',
      en: 'compare tunnel.publicUrl and mallcoo.basePath with the path that the far web server passes on',
    },
  );
}

function resCodeOf(body: string): number | null {
  try {
    const { resCode } = fieldsOf(JSON.parse(body));
    return typeof resCode === 'number' ? resCode : null;
  } catch {
    return null;
  }
}

export function certificateFindings(certificate: Certificate | null, now: number): readonly Finding[] {
  if (!certificate) return [];
  const days = Math.floor((certificate.until - now) / DAY_MS);
  const renew = {
    zh: '在远端服务器上更新：certbot renew，再重载网页服务',
    en: 'on the far server: certbot renew, then reload its web server',
  };
  if (days < 0)
    return [wrong({ zh: `证书 ${-days} 天前已过期`, en: `the certificate has expired ${-days} day(s) ago` }, renew)];
  if (certificate.trouble !== null) {
    const { zh, en } = troubleText(certificate.trouble);
    return [wrong({ zh: `证书不可信：${zh}`, en: `the certificate is not trusted: ${en}` }, renew)];
  }
  const left = { zh: `证书还有 ${days} 天`, en: `the certificate is good for ${days} more days` };
  return [days < FEW_DAYS ? look(left, renew) : fine(left)];
}

async function unitFindings(machine: Machine): Promise<readonly Finding[]> {
  if (!machine.systemd) return [];
  const found: Finding[] = [];
  for (const unit of UNITS) {
    const state = await unitState(machine, unit, ['LoadState', 'UnitFileState', 'ActiveState']);
    const enabled = state?.get('UnitFileState')?.startsWith('enabled') === true;
    const active = state?.get('ActiveState') ?? '';
    if (state?.get('LoadState') !== 'loaded' || (!enabled && active !== 'active')) continue;
    if (active !== 'active')
      found.push(
        wrong(
          { zh: `${unit} 为 ${active}`, en: `${unit} is ${active}` },
          same(`systemctl restart ${unit}; journalctl -u ${unit} -n 20`),
        ),
      );
    else if (!enabled)
      found.push(
        look({ zh: `${unit} 开机时不会启动`, en: `${unit} does not start at boot` }, same(`systemctl enable ${unit}`)),
      );
    else found.push(fine({ zh: `${unit} 运行中`, en: `${unit} is active` }));
  }
  return found;
}

/** ssh does not use a key that others may read. */
async function keyFindings({ file }: Site): Promise<readonly Finding[]> {
  const folder = dirname(resolve(file));
  const env = await readFile(join(folder, 'tunnel.env'), 'utf8').catch(() => '');
  const named = /^KEY=(.+)$/m.exec(env)?.[1]?.trim();
  const key = named ?? join(folder, 'tunnel', 'id_ed25519');
  const found = await stat(key).catch(() => null);
  if (!found) return [];
  const digits = (found.mode & 0o777).toString(8);
  if ((found.mode & 0o077) === 0) return [];
  return [
    wrong(
      {
        zh: `隧道私钥 ${key} 别人也能读（${digits}），ssh 不会使用它`,
        en: `others may read the tunnel's key ${key} (${digits}): ssh does not use it`,
      },
      same(`chmod 600 ${key} && chown gatepost-tunnel ${key}`),
    ),
  ];
}
