/** A process that holds a data folder until it is killed. */
import { open } from './tools.ts';

const { store } = await open(process.argv[2] ?? '');
process.stdout.write(`open ${store.stats().seq}\n`);
// Until it is killed.
process.stdin.resume();
