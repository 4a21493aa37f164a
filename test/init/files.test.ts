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
