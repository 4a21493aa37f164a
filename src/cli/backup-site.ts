/** A site's own files beside its books: the configuration and all that it names, the tunnel's, the names of serial ports. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { type SiteFiles, siteFiles } from '../config/site-files.ts';
import type { Sentence } from '../core/errors.ts';
import { formatLocal, type Instant, zoneOf } from '../core/time.ts';
import type { BackupFile } from '../store/backup/books.ts';
import { type Manifest, manifestOf, type NamedSecret } from '../store/backup/manifest.ts';
import { BackupRefused } from '../store/backup/refused.ts';
import { errorCode, errorText } from '../store/files.ts';
import { VERSION } from '../version.ts';

/** In the backup: what lies beside the configuration file, and what lies elsewhere, by its full path. */
export const CONFIG_FOLDER = 'config';
export const ELSEWHERE_FOLDER = 'elsewhere';

/** The tunnel's files, beside the configuration. */
const TUNNEL_FILES = ['tunnel.env', 'frpc.toml', 'tunnel/known_hosts', 'tunnel/id_ed25519.pub'];
/** Those that whoever has them can use to speak for the gate. */
const TUNNEL_SECRETS = ['tunnel/id_ed25519', 'frpc.env'];
/** The site's, from / on. */
const SITE_FILES = ['/etc/udev/rules.d/70-gatepost-site.rules', '/etc/default/gatepost-backup'];
const CREDENTIALS = 'credentials';

export interface Site {
  readonly site: SiteFiles;
  readonly manifest: Omit<Manifest, 'backup' | 'versions' | 'seq'>;
  readonly files: readonly BackupFile[];
  /** Secrets that stand in the configuration in clear. */
  readonly inClear: number;
  /** What should be in it and could not be read. */
  readonly leftOut: readonly Sentence[];
}

export interface SiteParts {
  /** The configuration file. */
  readonly config: string;
  readonly withSecrets: boolean;
  readonly now: Instant;
}

/**
 * Reads them. The configuration need not be one that a gate can run with.
 * @throws BackupRefused when the configuration itself, or a secret that is wanted, cannot be read.
 */
export async function readSite({ config, withSecrets, now }: SiteParts): Promise<Site> {
  const folder = dirname(resolve(config));
  const text = await readFile(config).catch((error: unknown) => {
    throw new BackupRefused({
      zh: `${config} 读不了（${errorCode(error) ?? errorText(error)}）；请写出配置文件：gatepost backup 文件 --config 配置文件`,
      en: `${config} cannot be read (${errorCode(error) ?? errorText(error)}): name the configuration file: gatepost backup FILE --config CONFIGURATION`,
    });
  });
  const site = siteFiles(text.toString());
  const secrets = await secretsOf(site, folder);
  const files = new Map<string, BackupFile>();
  const leftOut: Sentence[] = [];

  async function take(path: string, rule: 'wanted' | 'optional' | 'secret'): Promise<void> {
    const full = resolve(folder, path);
    const name = nameOf(folder, full);
    try {
      const { mode } = await stat(full);
      files.set(name, { name, mode: rule === 'secret' ? 0o600 : mode & 0o777, content: await readFile(full) });
    } catch (error) {
      if (rule !== 'wanted' && errorCode(error) === 'ENOENT') return;
      const reason = errorCode(error) ?? errorText(error);
      const sentence = { zh: `${full} 读不了（${reason}）`, en: `${full} cannot be read (${reason})` };
      if (rule !== 'secret') leftOut.push(sentence);
      else throw new BackupRefused({ zh: `${sentence.zh}；请以 root 运行`, en: `${sentence.en}: run it as root` });
    }
  }

  const name = nameOf(folder, resolve(config));
  files.set(name, { name, mode: (await stat(config)).mode & 0o777, content: text });
  for (const path of site.named) await take(path, 'wanted');
  for (const path of [...TUNNEL_FILES, ...SITE_FILES]) await take(path, 'optional');
  if (withSecrets) for (const path of await secretFiles(folder, secrets)) await take(path, 'secret');
  return {
    site,
    files: [...files.values()],
    inClear: site.secrets.filter((secret) => typeof secret === 'string').length,
    leftOut,
    manifest: {
      gatepost: VERSION,
      host: hostname(),
      at: now,
      when: `${formatLocal(now, zoneOf('UTC'))} UTC`,
      parks: site.parks,
      data: site.data,
      config: basename(config),
      secrets,
      withSecrets,
    },
  };
}

/** The manifest, once the books are fixed. */
export function siteManifest({ manifest }: Site, seq: number): Manifest {
  return manifestOf({ ...manifest, seq });
}

/** The name in the backup of a file. */
function nameOf(folder: string, path: string): string {
  const within = relative(folder, path);
  if (within.startsWith('..') || isAbsolute(within)) return `${ELSEWHERE_FOLDER}${path}`;
  return `${CONFIG_FOLDER}/${within}`;
}

async function secretsOf({ secrets }: SiteFiles, folder: string): Promise<readonly NamedSecret[]> {
  const named = secrets.flatMap((secret): readonly NamedSecret[] => {
    if (typeof secret === 'string') return [];
    if ('credential' in secret) return [{ kind: 'credential', name: secret.credential }];
    return 'env' in secret ? [{ kind: 'env', name: secret.env }] : [{ kind: 'file', name: secret.file }];
  });
  const keys: NamedSecret[] = [];
  for (const name of TUNNEL_SECRETS) {
    if (await stat(join(folder, name)).catch(() => null)) keys.push({ kind: 'key', name });
  }
  return [...named, ...keys];
}

/** The files that hold them: those that are named, and every other credential. */
async function secretFiles(folder: string, secrets: readonly NamedSecret[]): Promise<readonly string[]> {
  const kept = join(folder, CREDENTIALS);
  const credentials = await readdir(kept, { withFileTypes: true }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw new BackupRefused({
      zh: `${kept} 读不了（${errorCode(error)}）；请以 root 运行`,
      en: `${kept} cannot be read (${errorCode(error)}): run it as root`,
    });
  });
  return [
    ...credentials.filter((entry) => entry.isFile()).map(({ name }) => join(CREDENTIALS, name)),
    ...secrets.flatMap(({ kind, name }) => (kind === 'file' || kind === 'key' ? [name] : [])),
  ];
}
