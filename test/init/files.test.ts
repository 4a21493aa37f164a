/** Whatever is answered, what is written is a site that `gatepost check` has nothing to say about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { DRIVERS } from '../../drivers/registry.ts';
import { formatErrors, formatWarnings } from '../../src/config/errors.ts';
import { type Config, loadConfig } from '../../src/config/load.ts';
import type { Given } from '../../src/init/answers.ts';
import { type PlannedFile, planOf } from '../../src/init/plan.ts';
import { type FoundPort, identityOf } from '../../src/init/ports.ts';
import { readAnswers } from '../../src/init/read-answers.ts';
import { type Site, siteOf } from '../../src/init/site.ts';
import { ANSWERS } from './arbitraries.ts';

const DIR = '/etc/gatepost';

interface Made {
  readonly site: Site;
  readonly files: readonly PlannedFile[];
  readonly config: Config;
}

const NO_FILES = (path: string): string => {
  throw new Error(`nothing reads ${path}`);
};

/** The whole way: the answers as a file, the site, its files, and the configuration that is read from them. */
function make(given: Given, language: 'zh' | 'en' = 'en'): Made {
  const read = readAnswers(stringify(given), { file: 'answers.yaml', env: {}, readFile: NO_FILES, drivers: DRIVERS });
  if (!read.ok) assert.fail(formatErrors(read.errors));
  let made = 0;
  const site = siteOf(read.answers, {
    kept: () => undefined,
    make: () => `chance-${(made++).toString().padStart(12, '0')}`,
  });
  const files = planOf(site, { dir: DIR, language, version: '2026-11', sheet: null, root: true });
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const loaded = loadConfig(texts.get(`${DIR}/gatepost.yaml`) ?? '', {
    file: `${DIR}/gatepost.yaml`,
    env: {},
    readFile: (path) => texts.get(path) ?? NO_FILES(path),
    drivers: DRIVERS,
  });
  if (!loaded.ok) assert.fail(`${formatErrors(loaded.errors)}\n${[...texts.values()].join('\n---\n')}`);
  assert.equal(formatWarnings(loaded.config.warnings), '');
  return { site, files, config: loaded.config };
}

test('any valid answers give a configuration without an error or a warning, which says what was answered', () => {
  fc.assert(
    fc.property(ANSWERS, fc.constantFrom('zh' as const, 'en' as const), (given, language) => {
      const { config } = make(given, language);
      const [park] = config.parks;
      assert.deepEqual([park?.id, park?.name, park?.zone], [given.park.id, given.park.name, given.park.zone]);
      assert.deepEqual(
        park?.lanes.map(({ id, direction }) => [id, direction]),
        given.lanes.map(({ id, direction }) => [id, direction]),
      );
    }),
    { numRuns: 50 },
  );
});

const EXAMPLE: Given = {
  park: { id: 'P001', name: '示例' },
  lanes: [{ id: 'in-1', direction: 'in', scanner: { port: { place: 'pci-0000:00:14.0-usb-0:3:1.0' } } }],
  tariff: { perHour: 5 },
  mallcoo: { auth: { type: 'none' } },
};

test('at the standard place root writes the rules where udev reads them; anybody else beside the configuration', () => {
  const { site, files } = make(EXAMPLE);
  assert.deepEqual(
    files.map(({ path }) => path),
    ['/etc/udev/rules.d/70-gatepost-site.rules', '/etc/gatepost/standard.yaml', '/etc/gatepost/gatepost.yaml'],
  );
  const context = { dir: DIR, language: 'en' as const, version: '1', sheet: null, root: false };
  assert.equal(planOf(site, context)[0]?.path, '/etc/gatepost/70-gatepost-site.rules');
  assert.equal(planOf(site, { ...context, dir: '/srv', root: true })[0]?.path, '/srv/70-gatepost-site.rules');
});

test('a sheet of the site is named where it is when it stands in the folder, and copied there when it does not', () => {
  const { site } = make(EXAMPLE);
  const planned = (path: string): readonly string[] =>
    planOf(site, { dir: DIR, language: 'en', version: '1', sheet: { path, text: 'x' }, root: false })
      .filter(({ path: file }) => file.endsWith('mall.yaml'))
      .map(({ path: file }) => file);
  assert.deepEqual(planned('/etc/gatepost/sheets/mall.yaml'), []);
  assert.deepEqual(planned('/media/usb/mall.yaml'), ['/etc/gatepost/mall.yaml']);
});

test('a serial number tells a port only where no other has it, and where it is no number of a whole series', () => {
  const port = (
    path: string,
    serial: string | null,
    place: string | null = `place-of-${path.slice(5)}`,
  ): FoundPort => ({
    path,
    vendor: '0403',
    product: '6001',
    serial,
    maker: null,
    place,
  });
  const [a, b] = [port('/dev/ttyUSB0', 'A10K4XZP'), port('/dev/ttyUSB1', 'A10K4XZP')];
  assert.deepEqual(identityOf(a, [a]), { vendor: '0403', product: '6001', serial: 'A10K4XZP' });
  // An adapter with several ports has one number for all of them.
  assert.deepEqual(identityOf(a, [a, b]), { place: 'place-of-ttyUSB0' });
  const series = port('/dev/ttyUSB2', '0001');
  assert.deepEqual(identityOf(series, [series]), { place: 'place-of-ttyUSB2' });
  const odd = port('/dev/ttyUSB3', 'A"B\n*C?D');
  assert.deepEqual(identityOf(odd, [odd]), { place: 'place-of-ttyUSB3' });
  const bare = port('/dev/ttyS0', null, null);
  assert.equal(identityOf(bare, [bare]), '/dev/ttyS0');
});
