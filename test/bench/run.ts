/** `npm run bench`: prints each figure beside a reference that is measured in the same run. `npm run bench NAME` runs one. */
import { benchBinary } from './binary.ts';
import { benchCommit } from './commit.ts';
import { benchFee } from './fee.ts';
import { benchMallcoo } from './mallcoo.ts';
import { benchPause } from './pause.ts';
import { benchPlateToBarrier } from './plate-to-barrier.ts';
import { benchStartup } from './startup.ts';
import { benchTraffic } from './traffic.ts';

const BENCHES = {
  mallcoo: benchMallcoo,
  commit: benchCommit,
  barrier: benchPlateToBarrier,
  fee: benchFee,
  startup: benchStartup,
  pause: benchPause,
  traffic: benchTraffic,
  binary: benchBinary,
} as const;

const print = (line: string): void => console.log(line);
const wanted = process.argv[2];
const chosen = Object.entries(BENCHES).filter(([name]) => wanted === undefined || name === wanted);
if (chosen.length === 0) {
  console.error(`no benchmark "${wanted}": choose one of ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
print(`Node ${process.version}; each figure is the median of several rounds in turn with its reference`);
for (const [, bench] of chosen) await bench(print);
