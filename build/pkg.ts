/**
 * Runs pkg in a process of its own: it changes its folder, and finds its cache by HOME. The `sea` of pkg rather than
 * its command, because the command passes neither assets nor Node's options on.
 */
import pkg from '@yao-pkg/pkg/lib-es5/sea.js';
import type { Order } from './pack.ts';

const { entry, nodeVersion, arch, output, assets } = JSON.parse(process.argv[2] ?? '{}') as Order;

const seaConfig = {
  // Relative to the folder in which pkg works: the path becomes part of the binary, and must be the same everywhere.
  main: '../gatepost.cjs',
  assets,
  // Young objects die young here: a small heap for them keeps a full park under load below 200 MB (npm run bench startup).
  // What packages use that Node means to remove is for us to read in the tests, not for people in the gate's log: in a
  // checkout Node itself keeps quiet about what is in node_modules.
  execArgv: ['--max-semi-space-size=4', '--no-deprecation'],
  // What is in NODE_OPTIONS is for other programs of the machine, and could keep this one from starting.
  execArgvExtension: 'none',
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  // It would start in half the time, but V8's code is not the same twice.
  useCodeCache: false,
};
await pkg.default(entry, {
  targets: [{ nodeRange: `node${nodeVersion}`, platform: 'linux', arch, output }],
  signature: false,
  seaConfig,
});
