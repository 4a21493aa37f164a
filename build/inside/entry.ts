/** Where the packed binary begins. In a checkout `src/bin.mjs` does, which first looks for a Node that fits. */
import { main } from '../../src/main.ts';

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
