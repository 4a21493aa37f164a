// Loaded before the program: its disk. From SIGUSR1 on each write takes half a second; from SIGUSR2 on no write and no flush
// ever returns, as with a disk that hangs.
import { writeSync } from 'node:fs';
import { open } from 'node:fs/promises';

let wait = () => undefined;
process.on('SIGUSR1', () => {
  wait = () => new Promise((resolve) => setTimeout(resolve, 500));
});
process.on('SIGUSR2', () => {
  writeSync(2, 'stalled\n');
  wait = () => new Promise(() => undefined);
});

const handle = await open(import.meta.filename);
const { prototype } = handle.constructor;
await handle.close();
for (const name of ['write', 'datasync', 'sync']) {
  const real = prototype[name];
  prototype[name] = async function (...args) {
    await wait();
    return real.apply(this, args);
  };
}
