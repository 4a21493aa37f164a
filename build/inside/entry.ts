/** Where the packed binary begins. In a checkout `src/bin.mjs` does, which first looks for a Node that fits. */
import { main } from '../../src/main.ts';

// Before anything else is read: SIGHUP asks the gate to read its configuration again, and would end it until somebody listens.
if (process.argv[2] === 'run') process.on('SIGHUP', () => undefined);

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
