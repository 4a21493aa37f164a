/** The program and its packages as one file of JavaScript. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { BuildError, lockFile, manifestOf, ROOT } from './places.ts';

/** A package whose code is in the binary. */
export interface Shipped {
  readonly name: string;
  readonly version: string;
  /** From the root, as package-lock.json names it: `node_modules/…`. */
  readonly path: string;
}

export interface Bundle {
  readonly code: Uint8Array;
  readonly packages: readonly Shipped[];
}

/** Compiled into serialport's addon; the bundle itself does not import it. */
const IN_THE_ADDON = 'node_modules/node-addon-api';
/** Tried by `debug` and `ws`, which do without: they are no dependencies of what ships. */
const LEFT_OUT = ['supports-color', 'bufferutil', 'utf-8-validate'];

/**
 * The same sources give the same bytes, in whatever folder they stand.
 * @param version what the program says its version is
 * @throws BuildError when something would be missing in the binary, or a development package in it
 */
export async function bundle(version: string): Promise<Bundle> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ['build/inside/entry.ts'],
    outfile: 'gatepost.cjs',
    write: false,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    charset: 'utf8',
    // A checkout whose node_modules is a link to another's gives the same bytes.
    preserveSymlinks: true,
    // Not from a file: it would be looked for in every folder above.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    // Their texts are in THIRD-PARTY-LICENSES.txt, which the binary holds as well.
    legalComments: 'none',
    external: LEFT_OUT,
    metafile: true,
    logLevel: 'silent',
    plugins: [ownVersion(version), addonInside()],
  }).catch((error: unknown) => {
    throw new BuildError(`the bundle cannot be made:\n${error instanceof Error ? error.message : String(error)}`);
  });
  // A warning here is a file that the binary will not find, or an `import.meta` that is empty in it.
  if (result.warnings.length > 0) {
    const texts = result.warnings.map(({ text, location }) => `  ${location?.file}:${location?.line} ${text}`);
    throw new BuildError(`the bundle would not work as the program does:\n${texts.join('\n')}`);
  }
  const code = result.outputFiles[0]?.contents ?? new Uint8Array();
  return { code, packages: packagesOf(Object.keys(result.metafile.inputs)) };
}

/** Of package.json only the version is wanted, and a test may ask for another. */
function ownVersion(version: string): Plugin {
  return {
    name: 'own-version',
    setup: ({ onLoad }) =>
      onLoad({ filter: /package\.json$/ }, ({ path }) =>
        path === join(ROOT, 'package.json') ? { contents: JSON.stringify({ version }), loader: 'json' } : undefined,
      ),
  };
}

/** serialport's own loader looks for a file beside itself; the binary has none beside it. */
function addonInside(): Plugin {
  return {
    name: 'addon-inside',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^\.\/serialport-bindings$/ }, ({ importer }) =>
        importer.includes('@serialport/bindings-cpp/')
          ? { path: join(ROOT, 'build', 'inside', 'serial-addon.ts') }
          : undefined,
      ),
  };
}

/** @throws BuildError */
function packagesOf(inputs: readonly string[]): readonly Shipped[] {
  const paths = new Set([IN_THE_ADDON]);
  for (const input of inputs) {
    const path = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (path !== undefined) paths.add(path);
  }
  const lock = lockFile();
  const shipped = [...paths].sort().map((path) => {
    if (!existsSync(join(ROOT, path))) throw new BuildError(`${path} is missing; run "npm ci"`);
    const { name, version } = manifestOf(join(ROOT, path));
    const locked = lock[path];
    if (locked?.version !== version) {
      throw new BuildError(`${path} is ${version}, but package-lock.json has ${locked?.version}; run "npm ci"`);
    }
    if (locked.dev) throw new BuildError(`${dirname(path)}: ${name} is for development, and would ship`);
    return { name, version, path };
  });
  if (shipped.some(({ name }) => name === 'node-gyp-build')) {
    throw new BuildError('serialport looks for its addon in another way than build/bundle.ts expects; see addonInside');
  }
  return shipped;
}
