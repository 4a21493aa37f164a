// Loaded before the program: at SIGUSR2 its event loop stands still for good, as with a loop in the code that never ends.
import { writeSync } from 'node:fs';

process.on('SIGUSR2', () => {
  writeSync(2, 'stalled\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
