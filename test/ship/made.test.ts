/** What stands in `dist`: the same on every machine, complete, and as its checksums say. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { binaryName, CHECKSUMS_NAME, LICENCES_FILE, lockFile, SBOM_NAME } from '../../build/places.ts';
import { folder } from '../daemon/support.ts';
import { DIST, ROOT } from './support.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly components?: readonly Component[];
}

interface Sbom {
  readonly serialNumber: string;
  readonly metadata: { readonly timestamp: string; readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

const inDist = (name: string): Buffer => readFileSync(join(DIST, name));
const sbom = (): Sbom => JSON.parse(inDist(SBOM_NAME).toString()) as Sbom;

/** What Node has been given to run, with its options: all that stands in the binary behind Node itself. */
function inside(): string {
  const whole = inDist(binaryName('x64'));
  return whole.toString('latin1', whole.lastIndexOf('gatepost.cjs'));
}

/** The packages whose files the bundler has put into the binary, read off the binary itself. */
function packagesInside(): readonly string[] {
  const text = inside();
  const paths = [...text.matchAll(/^\/\/ (node_modules\/(?:[\w./@-]+\/)?(?:@[\w.-]+\/)?[\w.-]+)\/[\w./-]*$/gm)];
  const roots = paths.map(([, path = '']) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path);
  return [...new Set(roots)].sort();
}

test('built again in another folder, every file is the same to the byte', (t) => {
  const dir = folder(t);
  for (const name of ['build', 'src', 'drivers', 'package.json', 'package-lock.json']) {
    cpSync(join(ROOT, name), join(dir, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  const env = {
    ...process.env,
    SOURCE_DATE_EPOCH: String(Date.parse(sbom().metadata.timestamp) / 1000),
    TZ: 'America/New_York',
    LC_ALL: 'C',
  };
  const built = spawnSync(process.execPath, ['build/build.ts'], { cwd: dir, env, encoding: 'utf8' });
  assert.equal(built.status, 0, built.stderr);
  for (const name of [binaryName('x64'), SBOM_NAME, LICENCES_FILE]) {
    assert.ok(inDist(name).equals(readFileSync(join(dir, 'dist', name))), `${name} is not the same`);
  }
});

test('sha256sum finds every file as it was made', () => {
  const checked = spawnSync('sha256sum', ['--check', '--strict', CHECKSUMS_NAME], { cwd: DIST, encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stderr);
  for (const name of [binaryName('x64'), SBOM_NAME, LICENCES_FILE]) assert.ok(checked.stdout.includes(`${name}: OK`));
});

test('it runs with the heap for young objects that a checkout has', () => {
  const scripts = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const option = /--max-semi-space-size=\d+/.exec(scripts.scripts.start)?.[0] ?? 'none';
  assert.ok(inside().includes(option), option);
});

test('the bill of materials names every package that is inside, and none that is for development', () => {
  const lock = lockFile();
  const packages = packagesInside();
  assert.ok(packages.length > 40, packages.join(' '));
  const { components } = sbom();
  const named = new Set(components.map(({ name, version }) => `${name}@${version}`));
  for (const path of packages) {
    const name = path.replace(/^.*node_modules\//, '');
    assert.ok(named.has(`${name}@${lock[path]?.version}`), `${path} is not named`);
    assert.notEqual(lock[path]?.dev, true, `${path} is for development`);
  }
  const development = new Set(Object.values(lock).flatMap(({ dev }, index) => (dev ? [Object.keys(lock)[index]] : [])));
  for (const { name } of components) assert.ok(!development.has(`node_modules/${name}`), name);
  assert.ok(components.some(({ name, version }) => name === 'node' && version === '24.21.0'));
  assert.ok(
    components.some(({ name }) => name === 'node-addon-api'),
    'it is compiled into the addon',
  );
});

test('every reference in the bill leads somewhere, and everything in it is used by something', () => {
  const { metadata, components, dependencies, serialNumber } = sbom();
  assert.match(serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(metadata.timestamp, /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  const refs = new Set([metadata.component, ...components].map((component) => component['bom-ref']));
  assert.equal(refs.size, components.length + 1);
  const used = new Set(dependencies.flatMap(({ dependsOn = [] }) => dependsOn));
  for (const ref of used) assert.ok(refs.has(ref), `${ref} leads nowhere`);
  for (const component of components) assert.ok(used.has(component['bom-ref']), `nothing uses ${component['bom-ref']}`);
});

test('npm’s own bill has the same checksums', (t) => {
  const args = ['sbom', '--package-lock-only', '--omit', 'dev', '--sbom-format', 'cyclonedx'];
  const npm = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1e8 });
  if (npm.status !== 0 && process.env['CI'] !== 'true') {
    t.skip(`SKIPPED: this npm makes no bill of materials: ${npm.stderr}`);
    return;
  }
  const theirs = new Map((JSON.parse(npm.stdout) as Sbom).components.map((component) => [component.purl, component]));
  const ours = sbom().components.flatMap((component) => component.components ?? [component]);
  // Not all: npm 11 leaves out a package of which another version is nested somewhere.
  const shared = ours.filter(({ purl }) => theirs.has(purl));
  assert.ok(shared.length > 40, `${shared.length} of ${ours.length}`);
  for (const { purl, hashes } of shared) assert.deepEqual(hashes, theirs.get(purl)?.hashes, purl);
});

test('the licences of every component are there', () => {
  const texts = inDist(LICENCES_FILE).toString();
  for (const { name, version } of sbom().components.filter((component) => component.name !== 'node')) {
    const at = texts.indexOf(`\n${name} ${version} (`);
    assert.ok(at > 0, `${name} ${version}`);
    assert.match(texts.slice(at, at + 3_000), /permission (to use|is hereby granted)/i, name);
  }
  assert.match(texts, /\nNode\.js 24\.21\.0, and what it contains\n/);
  assert.match(texts, /OpenSSL/);
});

test('a build for an upgrade’s test says another version', (t) => {
  const dir = join(folder(t), 'out');
  mkdirSync(dir);
  const args = ['build/build.ts', '--version', '9.8.7-next.1', '--out', dir];
  const built = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  assert.equal(built.status, 0, built.stderr);
  const asked = spawnSync(join(dir, binaryName('x64')), ['--version'], { encoding: 'utf8' });
  assert.equal(asked.stdout, 'gatepost 9.8.7-next.1\n');
});
