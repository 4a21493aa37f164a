#!/usr/bin/env -S node --max-semi-space-size=4
// The command's front door, in plain JavaScript so that an old Node can read it. It makes sure that the rest runs on
// a Node that fits: this one, or the runtime that npm installed beside the program.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
// serialport 13 stalls on Node 26.4 and later, and older ones do not strip types: 22.18 to 25 run Gatepost.
const fits = (major > 22 || (major === 22 && minor >= 18)) && major < 26;

if (fits) {
  // Started by the branch below: when that process is killed, this one must not go on holding the ports and the folder.
  if (process.channel && process.env.GATEPOST_RUNTIME === 'pinned') {
    process.channel.unref();
    process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  }
  // Until the gate listens for it itself: a reload that is asked for while it starts must not end it.
  if (process.argv[2] === 'run') process.on('SIGHUP', () => undefined);
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const pinned = fileURLToPath(new URL(`../node_modules/node-linux-${arch}/bin/node`, import.meta.url));
  if (process.env.GATEPOST_RUNTIME === 'pinned' || !existsSync(pinned)) {
    console.error(
      `gatepost: Node ${process.versions.node} cannot run Gatepost; it needs Node 22.18 to 25 (24 is what it is tested on).\n` +
        '  Run "npm ci" without --omit=optional: it brings Node 24 along. Or install Node 24 and try again.',
    );
    process.exit(1);
  }
  let child;
  // Before there is a child: a signal without a listener would end this process and leave it alone.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child?.kill(signal));
  // Young objects die young here: a small heap for them keeps a full park under load below 200 MB (npm run bench startup).
  child = spawn(pinned, ['--max-semi-space-size=4', fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, GATEPOST_RUNTIME: 'pinned' },
  });
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
