/** What a backup says of itself, in its first file; and the checksums of all files, in its last. */
import { ARCHIVE_VERSION } from '../archive/line.ts';
import { RECORD_VERSION } from '../codec.ts';
import { SNAPSHOT_VERSION } from '../snapshot.ts';
import { BackupRefused } from './refused.ts';

export const MANIFEST_FILE = 'manifest.json';
/** As `sha256sum -c` reads it. Without it a backup is cut short. */
export const SUMS_FILE = 'SHA256SUMS';

/** The version of the backups written here. Greater ones are refused. */
const BACKUP_VERSION = 1;

/** Where a secret was kept. */
export interface NamedSecret {
  /** `key`: a file that the tunnel needs. */
  readonly kind: 'credential' | 'env' | 'file' | 'key';
  readonly name: string;
}

export interface Manifest {
  readonly backup: number;
  /** The program that wrote it. */
  readonly gatepost: string;
  /** The versions of what is in it. */
  readonly versions: { readonly record: number; readonly snapshot: number; readonly archive: number };
  /** The machine, and the moment in ms since 1970 and for people. */
  readonly host: string;
  readonly at: number;
  readonly when: string;
  readonly parks: readonly string[];
  /** The last record of the books in it. */
  readonly seq: number;
  /** The data folder there, and the configuration file. */
  readonly data: string;
  readonly config: string;
  /** The secrets that the configuration and the tunnel name, and whether they are in it. */
  readonly secrets: readonly NamedSecret[];
  readonly withSecrets: boolean;
}

export function manifestOf(content: Omit<Manifest, 'backup' | 'versions'>): Manifest {
  const versions = { record: RECORD_VERSION, snapshot: SNAPSHOT_VERSION, archive: ARCHIVE_VERSION };
  return { backup: BACKUP_VERSION, versions, ...content };
}

export function manifestBytes(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
}

/** @throws BackupRefused when it is none, or of a newer version. */
export function parseManifest(bytes: Buffer): Manifest {
  const found = parsed(bytes);
  if (!isManifest(found)) {
    throw new BackupRefused({
      zh: '这不是 gatepost 的备份文件（manifest.json 无法读懂）',
      en: 'this is no backup of gatepost: its manifest.json cannot be understood',
    });
  }
  const { backup, versions, gatepost } = found;
  const known = {
    backup: BACKUP_VERSION,
    record: RECORD_VERSION,
    snapshot: SNAPSHOT_VERSION,
    archive: ARCHIVE_VERSION,
  };
  const all = { backup, ...versions };
  for (const name of ['backup', 'record', 'snapshot', 'archive'] as const) {
    if (all[name] <= known[name]) continue;
    throw new BackupRefused({
      zh: `备份由 gatepost ${gatepost} 所写，${name} 的格式版本是 ${all[name]}，本程序只认识到 ${known[name]}；请先安装 ${gatepost} 或更新的版本`,
      en: `gatepost ${gatepost} wrote this backup, with ${name}s of version ${all[name]}, and this one knows versions up to ${known[name]}: install ${gatepost} or a newer one first`,
    });
  }
  return found;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}

type Loose = Readonly<Record<string, unknown>>;

function isManifest(value: unknown): value is Manifest {
  if (!isObject(value)) return false;
  const { versions, parks, secrets } = value;
  return (
    ['gatepost', 'host', 'when', 'data', 'config'].every((name) => typeof value[name] === 'string') &&
    ['backup', 'at', 'seq'].every((name) => Number.isSafeInteger(value[name])) &&
    isObject(versions) &&
    ['record', 'snapshot', 'archive'].every((name) => Number.isSafeInteger(versions[name])) &&
    Array.isArray(parks) &&
    parks.every((park) => typeof park === 'string') &&
    Array.isArray(secrets) &&
    secrets.every((one) => isObject(one) && typeof one['kind'] === 'string' && typeof one['name'] === 'string') &&
    typeof value['withSecrets'] === 'boolean'
  );
}

function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A line of `SHA256SUMS`. */
export function sumLine(name: string, sha256: string): string {
  return `${sha256}  ${name}\n`;
}

/** The checksums by name; null when it is not as `sumLine` wrote it. */
export function parseSums(text: string): ReadonlyMap<string, string> | null {
  const sums = new Map<string, string>();
  for (const line of text.split('\n').slice(0, -1)) {
    const [, sha256, name] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (sha256 === undefined || name === undefined || sums.has(name)) return null;
    sums.set(name, sha256);
  }
  return text.endsWith('\n') ? sums : null;
}
