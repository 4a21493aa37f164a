/** The running gate as a command finds it: its local listener, by a configuration file, an address, or the usual port. */
import { isIPv6 } from 'node:net';
import type { Config } from '../config/load.ts';
import type { Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import { systemSaid } from '../core/system-errors.ts';
import { loadFile } from './load.ts';
import { type Terminal, UsageError } from './terminal.ts';

/** Where the local listener is when the configuration does not say otherwise. */
export const STANDARD_URL = 'http://127.0.0.1:8081';

export interface NamedGate {
  /** Without a slash at its end. */
  readonly url: string;
  /** Null when no configuration was named. */
  readonly config: Config | null;
}

/**
 * @param where a configuration file (.yaml), the URL of a local listener, or nothing.
 * @returns null when it is a configuration that cannot be used; what is wrong with it is on the terminal then.
 * @throws UsageError when it is none of these.
 */
export async function namedGate(where: string | undefined, terminal: Terminal): Promise<NamedGate | null> {
  if (where === undefined) return { url: STANDARD_URL, config: null };
  if (/^https?:\/\//i.test(where) && URL.canParse(where)) return { url: where.replace(/\/+$/, ''), config: null };
  if (!/\.ya?ml$/i.test(where))
    throw new UsageError({
      zh: `"${where}" 既不是配置文件（.yaml），也不是 ${STANDARD_URL} 这样的地址`,
      en: `"${where}" is no configuration file (.yaml) and no address such as ${STANDARD_URL}`,
    });
  const config = await loadFile(where, terminal);
  return config ? { url: gateUrl(config.local.listen), config } : null;
}

/** A server that listens everywhere is asked on loopback. */
export function gateUrl({ host, port }: Config['local']['listen']): string {
  const asked = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${isIPv6(asked) ? `[${asked}]` : asked}:${port}`;
}

export type Told =
  | { readonly type: 'answered'; readonly status: number; readonly fields: Readonly<Record<string, unknown>> }
  /** Nothing listens there: the gate does not run. */
  | { readonly type: 'down'; readonly reason: Sentence }
  /** Something is there that does not answer, or not as a gate does. */
  | { readonly type: 'strange'; readonly reason: Sentence };

const PATIENCE_MS = 10_000;
/** For orders: thousands of notices are some dozens of flushes of the disk. */
const ORDER_PATIENCE_MS = 120_000;

/** Asks the gate, or orders it with a body. Never rejects: that nothing came back is an answer, too. */
export async function askGate(url: string, path: string, body?: Readonly<Record<string, unknown>>): Promise<Told> {
  const order = body && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  const signal = AbortSignal.timeout(body ? ORDER_PATIENCE_MS : PATIENCE_MS);
  try {
    const response = await fetch(`${url}${path}`, { ...order, signal, redirect: 'manual' });
    const text = await response.text();
    const fields = fieldsOf(text);
    if (fields) return { type: 'answered', status: response.status, fields };
    const { status } = response;
    const reason = {
      zh: `${url} 回答了 ${status}，不像是网关`,
      en: `${url} answers ${status}, and not as a gate does`,
    };
    return { type: 'strange', reason };
  } catch (error) {
    return lost(url, error);
  }
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

function lost(url: string, error: unknown): Told {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED')
    return { type: 'down', reason: { zh: `${url} 没有程序监听`, en: `nothing listens at ${url}` } };
  if (error instanceof Error && error.name === 'TimeoutError') {
    const silent = { zh: `${url} 接受了请求，但没有回答`, en: `${url} takes the call and does not answer` };
    return { type: 'strange', reason: silent };
  }
  return {
    type: 'strange',
    reason: fill({ zh: '{url}：{why}', en: '{url}: {why}' }, { url, why: systemSaid(code, message) }),
  };
}

/** How a gate is started, for a person whose command needs it. */
export function startHint(file: string | null): Sentence {
  const run = `gatepost run ${file ?? 'FILE'}`;
  return {
    zh: `启动网关：systemctl start gatepost，或 ${run}`,
    en: `start it: systemctl start gatepost, or ${run}`,
  };
}
