/** `npm run build:deb`: the Debian package, from what `npm run build` has put into `dist`. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeChecksums } from './checksums.ts';
import { conffiles, controlFile, debName, md5sums } from './deb/control.ts';
import { type Entry, packageTree, type Source } from './deb/tree.ts';
import { sourceDateEpoch } from './epoch.ts';
import { ARCHES, BuildError, binaryName, LICENCES_FILE, manifestOf, ROOT, SBOM_NAME } from './places.ts';

const HELP = `usage: node build/deb.ts [options]      (npm run build:deb builds the binary first)

Makes gatepost_VERSION_ARCH.deb from the binary in dist, beside it, and writes SHA256SUMS anew.

  --arch ARCH      ${ARCHES.join(' or ')}; without it: x64
  --version X.Y.Z  another version than that of package.json; the binary must be of the same
  --out FOLDER     where the binary is and the package goes; without it: dist
  --release        as small as can be, with xz: takes a minute
  --help           this text

The same binary gives the same bytes.
`;

interface Wanted extends Source {
  readonly release: boolean;
}

/** @throws BuildError */
function readWanted(args: readonly string[]): Wanted | 'help' {
  const { values } = parse(args);
  if (values.help) return 'help';
  const arch = ARCHES.find((known) => known === values.arch);
  if (arch === undefined) throw new BuildError(`--arch ${values.arch} is not known; there are ${ARCHES.join(' and ')}`);
  return {
    arch,
    version: values.version ?? manifestOf(ROOT).version,
    built: resolve(values.out),
    release: values.release,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        arch: { type: 'string', default: 'x64' },
        version: { type: 'string' },
        out: { type: 'string', default: join(ROOT, 'dist') },
        release: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new BuildError(`${error instanceof Error ? error.message : String(error)}\nTry: node build/deb.ts --help`);
  }
}

const SCRIPTS = ['postinst', 'prerm', 'postrm'] as const;

/** The files below `stage` as they will be below /, and dpkg's own in DEBIAN. */
function stageFiles(stage: string, entries: readonly Entry[], facts: Wanted): void {
  for (const entry of entries) {
    const path = join(stage, entry.path);
    mkdirSync(entry.kind === 'folder' ? path : dirname(path), { recursive: true });
    if (entry.kind === 'file') writeFileSync(path, entry.content);
    chmodSync(path, entry.mode);
  }
  const debian = join(stage, 'DEBIAN');
  mkdirSync(debian);
  const put = (name: string, text: string, mode: number): void => {
    writeFileSync(join(debian, name), text);
    chmodSync(join(debian, name), mode);
  };
  put('control', controlFile(facts, entries), 0o644);
  put('md5sums', md5sums(entries), 0o644);
  put('conffiles', conffiles(entries), 0o644);
  for (const script of SCRIPTS) {
    const text = readFileSync(join(ROOT, 'build', 'deb', 'scripts', script), 'utf8');
    put(script, text.replaceAll('@VERSION@', facts.version), 0o755);
  }
}

/** Every file of one time and of root's, whatever machine it was made on. */
function unify(stage: string, entries: readonly Entry[], epoch: number): void {
  const own = new Set(entries.map(({ path }) => join(stage, path)));
  for (const entry of readdirSync(stage, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory() && !own.has(path)) chmodSync(path, 0o755);
    lutimesSync(path, epoch, epoch);
  }
  chmodSync(stage, 0o755);
  lutimesSync(stage, epoch, epoch);
}

/** @returns the package's path. @throws BuildError */
async function buildDeb(wanted: Wanted): Promise<string> {
  const { built, arch, version, release } = wanted;
  checkBinary(wanted);
  const epoch = sourceDateEpoch(process.env);
  const entries = await packageTree(wanted);
  const work = mkdtempSync(join(built, '.deb-'));
  try {
    const stage = join(work, 'stage');
    mkdirSync(stage);
    stageFiles(stage, entries, wanted);
    unify(stage, entries, epoch);
    const made = join(work, 'made.deb');
    // One thread: several would cut the stream where it depends on their number.
    const compression = release ? ['-Zxz', '-z6', '--threads-max=1'] : ['-Zzstd', '-z3'];
    const ran = spawnSync('dpkg-deb', ['--root-owner-group', ...compression, '--build', stage, made], {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
      encoding: 'utf8',
    });
    if (ran.error) throw new BuildError(`dpkg-deb cannot be run (${ran.error.message}): a Debian or Ubuntu is needed`);
    if (ran.status !== 0) throw new BuildError(`dpkg-deb: ${ran.stderr}`);
    const deb = join(built, debName(version, arch));
    renameSync(made, deb);
    return deb;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @throws BuildError when the binary is missing or of another version. */
function checkBinary({ built, arch, version }: Wanted): void {
  for (const name of [binaryName(arch), SBOM_NAME, LICENCES_FILE]) {
    if (!existsSync(join(built, name))) throw new BuildError(`${join(built, name)} is missing: npm run build makes it`);
  }
  const sbom = JSON.parse(readFileSync(join(built, SBOM_NAME), 'utf8')) as {
    readonly metadata: { readonly component: { readonly version: string } };
  };
  const found = sbom.metadata.component.version;
  if (found !== version)
    throw new BuildError(`what is in ${built} is of version ${found}, not ${version}: build it anew`);
}

/** Of all of this version that is there to be copied to a USB stick. */
function sumUp({ built, version }: Wanted): void {
  const own = [SBOM_NAME, LICENCES_FILE, ...ARCHES.flatMap((arch) => [binaryName(arch), debName(version, arch)])];
  writeChecksums(
    built,
    own.filter((name) => existsSync(join(built, name))),
  );
}

try {
  const wanted = readWanted(process.argv.slice(2));
  if (wanted === 'help') process.stdout.write(HELP);
  else {
    const began = performance.now();
    const deb = await buildDeb(wanted);
    sumUp(wanted);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`deb            ${seconds.padStart(5)} s  ${(statSync(deb).size / 1e6).toFixed(1)} MB at ${deb}`);
  }
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
}
