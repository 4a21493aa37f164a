/** The import rules of docs/ARCHITECTURE.md, checked on every run. */
const within = (...folders) => `^(${folders.join('|')})`;

/** One part may import the named folders, its own files, and packages; nothing else of ours. */
const only = (part, allowed, comment) => ({
  name: `${part.replaceAll('/', '-')}-imports`,
  comment,
  severity: 'error',
  from: { path: within(`${part}/`) },
  to: { path: within('src', 'drivers', 'test', 'build'), pathNot: within(`${part}/`, ...allowed) },
});

const CORE_AND_PORTS = ['src/core/', 'src/gateway/ports\\.ts$'];

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Cycles, those of types included, make parts that cannot be read or tested alone.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing imports and that is no entry is dead.',
      severity: 'error',
      from: { orphan: true, pathNot: ['^(test|build)/', '\\.d\\.ts$', '^src/bin\\.mjs$'] },
      to: {},
    },
    {
      name: 'core-is-alone',
      comment: 'The core is pure: no package, no Node, nothing of the other parts.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: '^src/core/' },
    },
    only('src/gateway', ['src/core/'], 'The gateway knows the core and its own ports.'),
    only('src/store', CORE_AND_PORTS, 'Parts around the gateway know the core and its ports, never each other.'),
    only('src/mallcoo', [...CORE_AND_PORTS, 'src/http\\.ts$'], 'As the store.'),
    only(
      'src/mallcoo-client',
      [...CORE_AND_PORTS, 'src/mallcoo/signature\\.ts$'],
      'The other end of the wire: it shares the signature alone.',
    ),
    only('src/ops', [...CORE_AND_PORTS, 'src/http\\.ts$'], 'As the store.'),
    only(
      'src/devices',
      [...CORE_AND_PORTS, 'drivers/contract\\.ts$', 'drivers/registry\\.ts$'],
      'As the store; and it runs drivers.',
    ),
    only(
      'src/config',
      ['src/core/', 'drivers/contract\\.ts$'],
      'The configuration knows the core and what a driver is.',
    ),
    only(
      'src/init',
      ['src/core/', 'src/config/', 'drivers/contract\\.ts$'],
      'What gatepost init writes is made from answers and the schema of the configuration; it touches no disk.',
    ),
    only(
      'src/doctor',
      [
        'src/core/',
        'src/config/',
        'src/mallcoo/reach/(ask|call|verdict)\\.ts$',
        'src/store/(codec|disk|segment)\\.ts$',
        'src/ops/(calendars|log|log-file|moment)\\.ts$',
        'src/ops/service/failures\\.ts$',
        'src/(version|text-width)\\.ts$',
        'drivers/contract\\.ts$',
      ],
      'The doctor looks at every part from outside: what it shares with them only reads or asks.',
    ),
    {
      name: 'drivers-are-alone',
      comment: 'A driver imports its own folder, the contract, the core; never another driver or the program.',
      severity: 'error',
      from: { path: '^drivers/([^/]+)/' },
      to: {
        path: within('src', 'drivers', 'test', 'build'),
        pathNot: ['^drivers/$1/', '^drivers/(contract|json|vector)\\.ts$', '^src/core/'],
      },
    },
    {
      name: 'only-the-daemon-wires',
      comment: 'Parts meet in daemon.ts, loop.ts and way.ts; commands and tests go through it.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot:
          '^src/(daemon\\.ts|loop\\.ts|wiring\\.ts|way\\.ts|retention\\.ts|reload\\.ts|cli/|main\\.ts|store/|devices/|mallcoo/|mallcoo-client/|ops/|config/|init/|doctor/)',
      },
      to: { path: within('src/store/', 'src/devices/', 'src/mallcoo/', 'src/ops/', 'src/config/') },
    },
    {
      name: 'not-from-tests',
      comment: 'What ships does not import what tests.',
      severity: 'error',
      from: { path: within('src', 'drivers') },
      to: { path: '^test/' },
    },
    {
      name: 'only-declared-packages',
      comment: 'Every package that is imported is pinned in package.json.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-packages-in-what-ships',
      severity: 'error',
      from: { path: within('src', 'drivers') },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    // It has packages of its own, which only the benchmark installs.
    exclude: { path: '^test/bench/reference/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
