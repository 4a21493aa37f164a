/** One executable from the bundle and a Node, by pkg. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Base, findBase } from './base.ts';
import { withoutSymbols } from './elf.ts';
import { ARCHES, type Arch, BuildError, LICENCES_FILE, ROOT } from './places.ts';

/** What pkg is told. */
export interface Order {
  readonly entry: string;
  readonly nodeVersion: string;
  readonly arch: Arch;
  readonly output: string;
  /** Files inside the binary, by the name under which it finds them (`node:sea`). */
  readonly assets: Readonly<Record<string, string>>;
}

/** The addon that fits the Node of the npm packages, which is built for glibc. */
const ADDONS: Readonly<Record<Arch, string>> = {
  x64: 'linux-x64/@serialport+bindings-cpp.glibc.node',
  arm64: 'linux-arm64/@serialport+bindings-cpp.armv8.glibc.node',
};

/**
 * Makes the executable in `folder`, which is empty and this call's alone.
 * @returns its path
 * @throws BuildError
 */
export function pack(arch: Arch, folder: string, code: Uint8Array, licences: string): string {
  const bundle = join(folder, 'gatepost.cjs');
  writeFileSync(bundle, code);
  const texts = join(folder, LICENCES_FILE);
  writeFileSync(texts, licences);
  const base = seedCache(arch, folder);
  const order: Order = {
    entry: bundle,
    nodeVersion: base.version,
    arch,
    output: join(folder, 'gatepost'),
    assets: {
      'serialport.node': join(ROOT, 'node_modules/@serialport/bindings-cpp/prebuilds', ADDONS[arch]),
      [LICENCES_FILE]: texts,
    },
  };
  const { NODE_OPTIONS: _, ...env } = process.env;
  const ran = spawnSync(process.execPath, [join(import.meta.dirname, 'pkg.ts'), JSON.stringify(order)], {
    cwd: folder,
    env: { ...env, HOME: folder, TMPDIR: folder },
    encoding: 'utf8',
  });
  if (ran.status !== 0) throw new BuildError(`pkg could not make the binary:\n${ran.stdout}${ran.stderr}`);
  return order.output;
}

/** pkg fetches Node from the internet unless it finds it in its cache: there it finds the one that npm brought. */
function seedCache(arch: Arch, folder: string): Base {
  const fetched = join(folder, 'fetched');
  mkdirSync(fetched);
  const base = findBase(arch, fetched);
  seed(folder, arch, base.version, (file) =>
    writeFileSync(file, withoutSymbols(readFileSync(base.file)), { mode: 0o755 }),
  );
  // For another architecture pkg also wants a Node that runs here, to prepare what it packs.
  const here = ARCHES.find((own) => own === process.arch);
  if (here !== undefined && here !== arch) {
    const own = findBase(here, fetched);
    seed(folder, here, own.version, (file) => symlinkSync(own.file, file));
  }
  return base;
}

function seed(home: string, arch: Arch, version: string, put: (file: string) => void): void {
  const cache = join(home, '.pkg-cache', 'sea');
  const name = `node-v${version}-linux-${arch}`;
  mkdirSync(join(cache, name, 'bin'), { recursive: true });
  put(join(cache, name, 'bin', 'node'));
  for (const mark of [`${name}.tar.gz`, `${name}.tar.gz.ok`, join(name, 'bin', 'node.ok')]) {
    writeFileSync(join(cache, mark), '');
  }
}
