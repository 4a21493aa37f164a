/** docs/monitoring: the rules and the dashboard ask for what the gate tells, and send people to pages that there are. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { withMetrics } from '../../../build/metrics-table.ts';
import { ERRORS } from '../../../src/core/errors.ts';
import { METRICS } from '../../../src/ops/metrics/catalog.ts';
import { need } from '../../need.ts';
import { tempFolder } from '../../store/tools.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** The page, in English and in Chinese. */
const PAGES = ['docs/monitoring.md', 'docs/monitoring.zh-CN.md'].map(read);
const examplesOf = (page: string): readonly string[] =>
  [...page.matchAll(/^\| [^|]+ \| `([^`|]+)` \|$/gm)].map(([, expr = '']) => expr);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

const groups: readonly { readonly rules: readonly Rule[] }[] = parse(read('docs/monitoring/alerts.yml')).groups;
const rules = groups.flatMap((group) => group.rules);

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}

const dashboard: Dashboard = JSON.parse(read('docs/monitoring/dashboard.json'));
const targets = dashboard.panels.flatMap((panel) => panel.targets ?? []);

/** The names that a real scrape has (test/daemon/metrics.test.ts holds the catalogue to it), and the labels of each. */
const LABELS = new Map<string, readonly string[]>(
  Object.values(METRICS).flatMap(({ name, type, labels }): readonly (readonly [string, readonly string[]])[] =>
    type === 'histogram'
      ? [[`${name}_bucket`, [...labels, 'le']], ...['_sum', '_count'].map((end) => [name + end, labels] as const)]
      : [[name, labels]],
  ),
);
/** What whoever scrapes adds. */
const ADDED = ['site', 'job', 'instance'];

function unknownOf(expr: string): readonly string[] {
  const names = [...expr.matchAll(/\b(?:gatepost|process|nodejs)_\w+/g)].map(([name]) => name);
  const chosen = [...expr.matchAll(/\b(\w+)\{([^}]*)\}/g)].flatMap(([, name = '', inside = '']) =>
    [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => [name, label] as const),
  );
  const strange = chosen.filter(([name, label]) => ![...ADDED, ...(LABELS.get(name) ?? [])].includes(label));
  return [...names.filter((name) => !LABELS.has(name)), ...strange.map((pair) => pair.join(' has no '))];
}

test('the committed table is what the catalogue says (npm run docs writes it)', () => {
  const page = read('docs/monitoring.md');
  assert.equal(page, withMetrics(page));
});

test('the Chinese page tells of every metric by the beginning of its name, and of none that is not', () => {
  const [, page = ''] = PAGES;
  const told = [...page.matchAll(/^\| (`.*`) \| [^`|]+ \|$/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`(\w+)(…?)`/g)].map(([, name = '', open = '']) => ({ name, open: open !== '' })),
  );
  const covers = ({ name, open }: (typeof told)[number], metric: string): boolean =>
    open ? metric.startsWith(name) : metric === name;
  const metrics = Object.values(METRICS).map(({ name }) => name);
  assert.ok(told.length > 20);
  for (const metric of metrics) assert.equal(told.filter((one) => covers(one, metric)).length, 1, metric);
  for (const one of told)
    assert.ok(
      metrics.some((metric) => covers(one, metric)),
      one.name,
    );
});

test('every metric has a name by the rules, a help text of one sentence or more, and labels that are few', () => {
  for (const { name, type, help, labels } of Object.values(METRICS)) {
    assert.match(name, /^(gatepost|process|nodejs)_[a-z_]+$/);
    assert.equal(name.endsWith('_total'), type === 'counter', name);
    assert.match(help, /^\S.*\.$/s, name);
    for (const label of labels)
      assert.match(
        label,
        /^(version|node|code|subject|park|lane|direction|outcome|reason|device|fate|command|call|status|kind|flag|way)$/,
      );
  }
});

test('each rule and each panel asks for metrics and labels that there are; so do the examples of the page', () => {
  const examples = PAGES.flatMap(examplesOf);
  assert.ok(examples.length > 8 && targets.length > 40 && rules.length > 15);
  const all = [
    ...examples,
    ...rules.map(({ expr }) => expr),
    ...targets.map(({ expr }) => expr),
    ...dashboard.annotations.list.map(({ expr }) => expr),
    JSON.stringify(dashboard.templating),
  ];
  for (const expr of all) assert.deepEqual(unknownOf(expr), [], expr);
  assert.deepEqual(unknownOf('rate(gatepost_nothing_total{x="1"}[5m])'), [
    'gatepost_nothing_total',
    'gatepost_nothing_total has no x',
  ]);
});

test('the dashboard belongs to no one Prometheus: its source and its sites are chosen', () => {
  assert.deepEqual(
    dashboard.templating.list.map(({ name }) => name),
    ['datasource', 'site'],
  );
  const sources = dashboard.panels.flatMap(({ datasource, targets: own = [] }) => [
    ...(datasource ? [datasource.uid] : []),
    ...own.map((target) => target.datasource.uid),
  ]);
  assert.deepEqual([...new Set(sources)], ['${' + 'datasource}']);
  for (const { expr } of targets) assert.match(expr, /site=~"\$site"/);
});

/** As GitHub makes them. */
function anchorsOf(page: string): readonly string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('each alert says what is wrong in both languages, how bad it is, and where to read on', () => {
  for (const { alert, labels, annotations } of rules) {
    assert.match(labels.severity, /^(critical|warning)$/, alert);
    assert.match(annotations['summary'] ?? '', /\{\{ \$labels\.site \}\}.*\.$/, alert);
    assert.match(annotations['summary_zh'] ?? '', /^\{\{ \$labels\.site \}\}：.*\p{Script=Han}.*。$/u, alert);
    const [file = '', anchor] = (annotations['runbook'] ?? '').split('#');
    assert.ok(existsSync(join(ROOT, file)), `${alert}: ${file}`);
    if (anchor !== undefined) assert.ok(anchorsOf(read(file)).includes(anchor), `${alert}: ${file}#${anchor}`);
    if (file === 'docs/monitoring.md') assert.ok(anchorsOf(PAGES[1] ?? '').includes(anchor ?? ''), `${alert}, Chinese`);
  }
});

test('every fault wakes someone: by its own rule, or by one of the two for the others', () => {
  const codesOf = (alert: string, operator: string): readonly string[] => {
    const expr = rules.find((rule) => rule.alert === alert)?.expr ?? assert.fail(alert);
    return (new RegExp(`code${operator}"([A-Z_|]+)"`).exec(expr)?.[1] ?? assert.fail(expr)).split('|');
  };
  const critical = codesOf('GatepostFaultCritical', '=~');
  const elsewhere = codesOf('GatepostFaultWarning', '!~');
  const faults = Object.entries(ERRORS).flatMap(([code, { kind }]) => (kind === 'fault' ? [code] : []));
  for (const code of [...critical, ...elsewhere]) assert.ok(faults.includes(code), code);
  assert.deepEqual(
    critical.filter((code) => !elsewhere.includes(code)),
    [],
  );
  const own = ['BROKER_GONE', 'DEVICE_OFFLINE', 'DEVICE_SILENT', 'PORT_GONE', 'CLOCK_BEHIND', 'NOTICE_DEAD'];
  const more = ['PAYMENT_CONFLICT', 'PAYMENT_UNMATCHED', 'TUNNEL_DOWN'];
  assert.deepEqual(elsewhere.filter((code) => !critical.includes(code)).sort(), [...own, ...more].sort());
});

function promtool(...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: ROOT, encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
}

test('promtool takes the rules and the example, and each rule fires when it should and not before', (t) => {
  if (!need(t, 'promtool')) return;
  promtool('check', 'config', 'docs/monitoring/prometheus.yml');
  const cases: { readonly tests: readonly { readonly name: string }[] } = parse(
    read('test/ops/metrics/alerts.test.yaml'),
  );
  assert.deepEqual(cases.tests.map(({ name }) => name).sort(), rules.map(({ alert }) => alert).sort());
  promtool('test', 'rules', 'test/ops/metrics/alerts.test.yaml');
});

test('promtool understands what the panels and the page’s examples ask', (t) => {
  if (!need(t, 'promtool')) return;
  const examples = PAGES.flatMap(examplesOf);
  const filled = targets.map(({ expr }) => expr.replaceAll('$site', '.+').replaceAll('$__rate_interval', '5m'));
  const rulesOf = [...examples, ...filled].map((expr, index) => ({ record: `panel:${index}`, expr }));
  const file = join(tempFolder(t), 'panels.json');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules: rulesOf }] }));
  promtool('check', 'rules', file);
});
