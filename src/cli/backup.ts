/** `gatepost backup`: the books and the configuration in one file, while the gate runs. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../clock.ts';
import type { Sentence } from '../core/errors.ts';
import { fill, SaidError } from '../core/sentence.ts';
import { formatLocal, type Instant, zoneOf } from '../core/time.ts';
import { printable } from '../ops/log.ts';
import { type BackupFile, openBooks } from '../store/backup/books.ts';
import { checkBackup } from '../store/backup/check.ts';
import { MANIFEST_FILE, manifestBytes } from '../store/backup/manifest.ts';
import { fileSink, type Sink, type Written, writeBackup } from '../store/backup/write.ts';
import { realDisk } from '../store/disk.ts';
import { diskTrouble, StoreError } from '../store/files.ts';
import { readSite, type Site, siteManifest } from './backup-site.ts';
import { readCount } from './options.ts';
import { readArgs, say, type Terminal, UsageError } from './terminal.ts';

const STANDARD_CONFIG = '/etc/gatepost/gatepost.yaml';

const DAMAGED: Sentence = { zh: '损坏（原样收入）：{file}：{text}', en: 'damaged, and taken as it is: {file}: {text}' };

const HELP = {
  zh: `用法：gatepost backup 文件 [配置文件] [选项]
      gatepost backup --into 文件夹 --keep N [配置文件]

把账本、归档、配置、价格表、月卡表和串口命名规则写进一个文件（.tar.gz，普通的 tar 就能查看）。
道闸可以照常运行：开始备份之前已经确认的一切都在里面。配置文件默认 ${STANDARD_CONFIG}。
文件写 - 就写到标准输出：ssh 道闸电脑 gatepost backup - > gate.tar.gz

  --config 文件      配置文件，也可以直接写在后面
  --with-secrets     连同口令和隧道私钥（以 root 运行）；这样的备份请像钥匙一样保管
  --into 文件夹      文件名自动取：gatepost-停车场-日期-时间.tar.gz
  --keep N           与 --into 一起用：只留最新的 N 个

退出码 0：已写好并校验；1：没有写成；2：命令写错；3：已写好，但账本里有损坏，或有文件读不了。
恢复：gatepost restore --help
`,
  en: `usage: gatepost backup FILE [CONFIG] [options]
       gatepost backup --into FOLDER --keep N [CONFIG]

Writes the books, the archive, the configuration, price sheets, passes and the names of serial ports into one file (.tar.gz;
plain tar looks into it). The gate may run on: all that was acknowledged before the backup began is in it.
CONFIG is ${STANDARD_CONFIG} if left out. FILE may be -, standard output: ssh gate gatepost backup - > gate.tar.gz

  --config CONFIG   the configuration file
  --with-secrets    with passwords and the tunnel's private key (as root); keep such a backup as you keep keys
  --into FOLDER     a name is made: gatepost-PARK-DATE-TIME.tar.gz
  --keep N          with --into: only the newest N are kept

Exit code 0: written and checked; 1: it was not written; 2: called wrongly; 3: written, but the books hold damage, or a file
could not be read.
Putting it back: gatepost restore --help
`,
};

const OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false },
  config: { type: 'string' },
  'with-secrets': { type: 'boolean', default: false },
  into: { type: 'string' },
  keep: { type: 'string' },
} as const;

/** It was written, and somebody should look at what is in it. */
const EXIT_LOOK = 3;

interface Asked {
  readonly config: string;
  readonly withSecrets: boolean;
  readonly to: { readonly file: string } | { readonly folder: string; readonly keep: number | null };
}

/** @throws UsageError when it was called wrongly. */
export async function backupCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (values.help) {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  const asked = readAsked(values, positionals);
  const tell = (text: string): void => terminal.err(`gatepost backup: ${text}\n`);
  try {
    giveWay();
    return await backUp(asked, terminal, tell);
  } catch (error) {
    if (error instanceof SaidError) tell(say(terminal, error.said));
    else if (error instanceof Error && 'code' in error) tell(say(terminal, diskTrouble(error)));
    else throw error;
    return 1;
  }
}

function readAsked(
  values: {
    readonly config?: string | undefined;
    readonly into?: string | undefined;
    readonly keep?: string | undefined;
    readonly 'with-secrets': boolean;
  },
  positionals: readonly string[],
): Asked {
  const { into, keep } = values;
  const [file, ...rest] = into === undefined ? positionals : ['', ...positionals];
  const [config, ...more] = values.config === undefined ? rest : [values.config, ...rest];
  if (file === undefined) {
    throw new UsageError({
      zh: '请写备份文件，例如 /media/usb/gate.tar.gz，或用 --into 文件夹',
      en: 'name the file to write, such as /media/usb/gate.tar.gz, or use --into FOLDER',
    });
  }
  if (more.length > 0)
    throw new UsageError({ zh: `"${more.join(' ')}" 多余`, en: `"${more.join(' ')}" means nothing here` });
  if (keep !== undefined && into === undefined)
    throw new UsageError({ zh: '--keep 要与 --into 一起用', en: '--keep goes with --into' });
  const kept = keep === undefined ? null : readCount('--keep', keep);
  return {
    config: config ?? STANDARD_CONFIG,
    withSecrets: values['with-secrets'],
    to: into === undefined ? { file } : { folder: into, keep: kept },
  };
}

/** The gate comes first: to the processor, and to the disk where its scheduler knows idle readers. */
function giveWay(): void {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  // Every thread has a priority of its own; those that read are there once something has been read.
  const threads = readdirSync('/proc/self/task');
  spawnSync('ionice', ['-c', '3', '-t', '-p', ...threads], { stdio: 'ignore' });
}

async function backUp(asked: Asked, terminal: Terminal, tell: (text: string) => void): Promise<number> {
  const now = systemClock.now();
  const site = await readSite({ config: asked.config, withSecrets: asked.withSecrets, now });
  const books = await openBooks({ disk: realDisk, dir: site.site.data, sleep });
  const damage: Sentence[] = [];
  async function* files(): AsyncGenerator<BackupFile, void, undefined> {
    yield { name: MANIFEST_FILE, mode: 0o644, content: manifestBytes(siteManifest(site, books.seq)) };
    yield* site.files;
    yield* books.files((file, text) => void damage.push(fill(DAMAGED, { file, text })));
  }
  const progress = progressOf(terminal, books.bytes);
  const pack = (sink: Sink): Promise<Written> =>
    writeBackup({ files: files(), sink, at: now, onRead: progress.at }).finally(() => books.close());
  const file = await targetOf(asked.to, site, now);
  const secret = asked.withSecrets || site.inClear > 0;
  const written = file === '-' ? await pack(toOutput) : await packInto(file, secret, site, books.seq, pack);
  progress.end();
  for (const text of damage) tell(say(terminal, text));
  for (const sentence of site.leftOut)
    tell(`${say(terminal, { zh: '未收入：', en: 'left out: ' })}${say(terminal, sentence)}`);
  terminal.err(`${say(terminal, doneText(file, written, books.seq))}\n`);
  await tellSecrets(asked, site, terminal, file);
  if ('folder' in asked.to && asked.to.keep !== null) await dropOldest(asked.to.folder, site, asked.to.keep);
  return damage.length + site.leftOut.length > 0 ? EXIT_LOOK : 0;
}

async function packInto(
  path: string,
  secret: boolean,
  { site }: Site,
  seq: number,
  pack: (sink: Sink) => Promise<Written>,
): Promise<Written> {
  const out = await fileSink({ path: resolve(path), mode: secret ? 0o600 : 0o640, data: site.data, sleep });
  try {
    const written = await pack(out.sink);
    await out.flush();
    const { manifest } = await checkBackup(out.part);
    if (manifest.seq !== seq) throw new StoreError(`${path} ends at record ${manifest.seq}, and not at ${seq}`);
    await out.finish();
    return written;
  } catch (error) {
    await out.abandon();
    throw error;
  }
}

/** Standard output, at its reader's pace. A reader that goes away fails the write, which is told then. */
async function toOutput(bytes: Buffer): Promise<void> {
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => undefined);
  await new Promise<void>((done, failed) => {
    process.stdout.write(bytes, (error) => (error ? failed(error) : done()));
  });
}

/** `gatepost-P001-`: of this site's backups in a folder. */
function stemOf({ site }: Site): string {
  return `gatepost-${site.parks[0] ?? 'site'}-`;
}

async function targetOf(to: Asked['to'], site: Site, now: Instant): Promise<string> {
  if ('file' in to) return to.file;
  await mkdir(to.folder, { recursive: true });
  const stamp = formatLocal(now, zoneOf('UTC')).replaceAll(/[-:]/g, '').replace(' ', '-').slice(0, 15);
  return join(to.folder, `${stemOf(site)}${stamp}Z.tar.gz`);
}

async function dropOldest(folder: string, site: Site, keep: number): Promise<void> {
  const stem = stemOf(site);
  const ours = (await readdir(folder)).filter((name) => {
    return name.startsWith(stem) && /^\d{8}-\d{6}Z\.tar\.gz$/.test(name.slice(stem.length));
  });
  for (const name of ours.sort().slice(0, -keep)) await rm(join(folder, name), { force: true });
}

const MIB = 1024 * 1024;

function doneText(file: string, { files, read, written }: Written, seq: number) {
  const sizes = `${(read / MIB).toFixed(1)} MiB → ${(written / MIB).toFixed(1)} MiB`;
  const [zhName, enName] = file === '-' ? ['标准输出', 'standard output'] : [file, file];
  return {
    zh: `${zhName}：${files} 个文件，${sizes}，账本到第 ${seq} 条为止${file === '-' ? '' : '，已校验'}`,
    en: `${enName}: ${files} files, ${sizes}, the books up to record ${seq}${file === '-' ? '' : '; checked'}`,
  };
}

/** Whether others may read it; a stick often has no permissions. */
async function privacyOf(file: string): Promise<Sentence> {
  if (file === '-') return { zh: '', en: '' };
  if (((await stat(file)).mode & 0o077) === 0) return { zh: '（0600）', en: ' (0600)' };
  return {
    zh: '（这块盘不支持文件权限：谁拿到盘都能读）',
    en: ' (this disk keeps no permissions: whoever holds it can read it)',
  };
}

async function tellSecrets(
  { withSecrets }: Asked,
  { inClear, manifest }: Site,
  terminal: Terminal,
  file: string,
): Promise<void> {
  const only = withSecrets || inClear > 0 ? await privacyOf(file) : { zh: '', en: '' };
  if (withSecrets) {
    const text = {
      zh: `其中有口令和私钥，请像钥匙一样保管${only.zh}`,
      en: `It holds passwords and private keys: keep it as you keep keys${only.en}`,
    };
    terminal.err(`${say(terminal, text)}\n`);
    return;
  }
  if (inClear > 0) {
    const text = {
      zh: `配置里有 ${inClear} 个明文口令，它们也在备份里${only.zh}；建议改用 { credential: 名称 }`,
      en: `The configuration holds ${inClear} secret(s) in clear, and so does the backup${only.en}: use { credential: NAME } instead`,
    };
    terminal.err(`${say(terminal, text)}\n`);
  }
  if (manifest.secrets.length === 0) return;
  const names = manifest.secrets.map(({ name }) => printable(name)).join(', ');
  const text = {
    zh: `不含口令和私钥（${names}）：请另行保管，或用 --with-secrets`,
    en: `Without the secrets (${names}): keep them elsewhere, or use --with-secrets`,
  };
  terminal.err(`${say(terminal, text)}\n`);
}

/** One line that is written over, where somebody watches. */
function progressOf(terminal: Terminal, total: number): { at(bytes: number): void; end(): void } {
  const watched = process.stderr.isTTY;
  let shown = -1;
  return {
    at(bytes) {
      const percent = Math.min(100, Math.floor((100 * bytes) / Math.max(1, total)));
      if (!watched || percent === shown) return;
      shown = percent;
      terminal.err(`\r${percent} %  ${(bytes / MIB).toFixed(0)} / ${(total / MIB).toFixed(0)} MiB `);
    },
    end() {
      if (shown >= 0) terminal.err('\r\x1b[K');
    },
  };
}
