/** `npm run build`: the binary and what belongs beside it, in `dist`. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.ts';
import { writeChecksums } from './checksums.ts';
import { sourceDateEpoch } from './epoch.ts';
import { licenceTexts } from './licences.ts';
import { pack } from './pack.ts';
import { ARCHES, type Arch, BuildError, binaryName, LICENCES_FILE, manifestOf, ROOT, SBOM_NAME } from './places.ts';
import { sbom } from './sbom.ts';

const HELP = `usage: node build/build.ts [options]      (npm run build, npm run build:all)

Makes the binary, and beside it ${SBOM_NAME}, ${LICENCES_FILE} and SHA256SUMS.

  --arch ARCH      ${ARCHES.join(' or ')}; may be given again. Without it: x64
  --all            every architecture
  --version X.Y.Z  another version than that of package.json: for tests of an upgrade
  --out FOLDER     where to put them; without it: dist
  --help           this text

The same sources give the same bytes, in whatever folder and on whatever machine. The one time that stands in a file is
SOURCE_DATE_EPOCH, or without it that of the last commit. The binary of another architecture than this machine's takes
its Node from the npm registry.
`;

interface Wanted {
  readonly arches: readonly Arch[];
  readonly version: string;
  readonly out: string;
}

/** @throws BuildError */
function readWanted(args: readonly string[]): Wanted | 'help' {
  const { values } = parse(args);
  if (values.help) return 'help';
  const arches = values.arch.map((name) => {
    const arch = ARCHES.find((known) => known === name);
    if (arch === undefined) throw new BuildError(`--arch ${name} is not known; there are ${ARCHES.join(' and ')}`);
    return arch;
  });
  const version = values.version ?? manifestOf(ROOT).version;
  if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) {
    throw new BuildError(`--version ${version} is no version; write one such as 1.2.3`);
  }
  return { arches: values.all ? ARCHES : arches, version, out: resolve(values.out) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        arch: { type: 'string', multiple: true, default: ['x64'] },
        all: { type: 'boolean', default: false },
        version: { type: 'string' },
        out: { type: 'string', default: join(ROOT, 'dist') },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new BuildError(`${error instanceof Error ? error.message : String(error)}\nTry: node build/build.ts --help`);
  }
}

/** Runs a step and says what came of it and how long it took. */
async function step<T>(name: string, work: () => T | Promise<T>, outcome: (made: T) => string): Promise<T> {
  const began = performance.now();
  const made = await work();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${name.padEnd(14)} ${seconds.padStart(5)} s  ${outcome(made)}`);
  return made;
}

async function build({ arches, version, out }: Wanted): Promise<void> {
  mkdirSync(out, { recursive: true });
  const { code, packages } = await step(
    'bundle',
    () => bundle(version),
    (made) => `gatepost ${version}: ${(made.code.length / 1e6).toFixed(1)} MB from ${made.packages.length} packages`,
  );
  const licences = licenceTexts(packages);
  // What an earlier build made for another architecture would not fit what is made now.
  for (const arch of ARCHES) rmSync(join(out, binaryName(arch)), { force: true });
  const files = [SBOM_NAME, LICENCES_FILE, ...arches.map(binaryName)];
  writeFileSync(join(out, SBOM_NAME), sbom(version, packages, sourceDateEpoch(process.env)));
  writeFileSync(join(out, LICENCES_FILE), licences);
  for (const arch of arches) {
    await step(binaryName(arch), () => packInto(out, arch, code, licences), sizeText);
  }
  await step(
    'SHA256SUMS',
    () => writeChecksums(out, files),
    () => `of ${files.join(', ')}`,
  );
}

/** In a folder on the same disk, so that a binary that stands in `out` is whole, and one that runs is left alone. */
function packInto(out: string, arch: Arch, code: Uint8Array, licences: string): string {
  const folder = mkdtempSync(join(out, '.build-'));
  try {
    const file = join(out, binaryName(arch));
    renameSync(pack(arch, folder, code, licences), file);
    return file;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sizeText(file: string): string {
  return `${(statSync(file).size / 1e6).toFixed(1)} MB at ${file}`;
}

try {
  const wanted = readWanted(process.argv.slice(2));
  if (wanted === 'help') process.stdout.write(HELP);
  else await build(wanted);
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
}
