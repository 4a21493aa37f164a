/** The packed binary beside the program as it runs from a checkout: its size, its start, its memory. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Arch, binaryName } from '../../build/places.ts';
import { median, ROOT, residentMb, row, startChild, withFolder, writeSite } from './support.ts';

const ROUNDS = 11;
const WIDTHS = [34, 10, 12, 8, 10] as const;
const BROKER = '{ broker: embedded, listen: "127.0.0.1:0", anonymous: true }';
const ARCH: Arch = process.arch === 'arm64' ? 'arm64' : 'x64';
/** As package.json starts it. */
const CHECKOUT = [process.execPath, '--max-semi-space-size=4', join(ROOT, 'src', 'bin.mjs')];

interface Figures {
  readonly versionMs: number[];
  readonly upMs: number[];
  readonly restMb: number[];
}

async function measure(program: readonly string[], site: string, into: Figures): Promise<void> {
  const [file = '', ...args] = program;
  const asked = performance.now();
  spawnSync(file, [...args, '--version']);
  into.versionMs.push(performance.now() - asked);
  const began = performance.now();
  const child = await startChild(file, [...args, 'run', site], 'is up');
  into.upMs.push(performance.now() - began);
  into.restMb.push(residentMb(child.pid));
  await child.stop();
}

export async function benchBinary(print: (line: string) => void): Promise<void> {
  await withFolder(async (dir) => {
    const out = join(dir, 'dist');
    const built = spawnSync(process.execPath, [join(ROOT, 'build', 'build.ts'), '--arch', ARCH, '--out', out]);
    if (built.status !== 0) throw new Error(`the binary cannot be built:\n${built.stderr}`);
    const file = join(out, binaryName(ARCH));
    const node = statSync(process.execPath).size;
    print('\nthe packed binary');
    print(row(['', 'binary', 'reference', 'ratio', 'wanted'], WIDTHS));
    const line = (name: string, value: number, reference: number, digits: number, wanted: string): void =>
      print(
        row([name, value.toFixed(digits), reference.toFixed(digits), (value / reference).toFixed(2), wanted], WIDTHS),
      );
    line('size in MB; Node alone', statSync(file).size / 1e6, node / 1e6, 1, '< 1');
    const site = await writeSite(dir, { mallcoo: 0, local: 0 }, BROKER);
    const [packed, checkout]: [Figures, Figures] = [
      { versionMs: [], upMs: [], restMb: [] },
      { versionMs: [], upMs: [], restMb: [] },
    ];
    for (let round = 0; round < ROUNDS; round += 1) {
      await measure([file], site, packed);
      await measure(CHECKOUT, site, checkout);
    }
    line('--version, ms; a checkout', median(packed.versionMs), median(checkout.versionMs), 0, '< 1');
    line('until it is up, ms; a checkout', median(packed.upMs), median(checkout.upMs), 0, '< 1');
    line('memory when it is up, MB; a checkout', median(packed.restMb), median(checkout.restMb), 0, '< 1');
  });
}
