/**
 * serialport's native part inside the packed binary, in place of the file of bindings-cpp that looks for it beside
 * itself. The system loads a library from a file only: it is written to a folder of its own, loaded, and removed again.
 * That happens when the first port is opened, so a box where it fails has a fault on its ports, and its cameras work.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRawAsset } from 'node:sea';
import { addonFolders, loadFrom } from './addon-folders.ts';

interface Addon {
  readonly [name: string]: unknown;
}

type Call = (...args: readonly unknown[]) => unknown;
type Constructor = new (...args: readonly unknown[]) => object;

let loaded: Addon | undefined;

/** @throws Error that names the folders that were tried; the next call tries again. */
function addon(): Addon {
  loaded ??= loadFrom(addonFolders(process.env, tmpdir()), loadIn);
  return loaded;
}

/** 0700 by mkdtemp, and the file must not exist: nobody else can put another library in its place. @throws Error */
function loadIn(folder: string): Addon {
  const own = mkdtempSync(join(folder, 'gatepost-serial-'));
  try {
    const file = join(own, 'serialport.node');
    writeFileSync(file, new Uint8Array(getRawAsset('serialport.node')), { flag: 'wx', mode: 0o500 });
    const module: { readonly exports: Addon } = { exports: {} };
    process.dlopen(module, file, constants.dlopen.RTLD_LAZY);
    return module.exports;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

const later =
  (name: string): Call =>
  (...args) =>
    (addon()[name] as Call)(...args);

/** As bindings-cpp's `serialport-bindings` exports it: what its Linux build has. */
export const binding = {
  ...Object.fromEntries(
    ['close', 'drain', 'flush', 'get', 'getBaudRate', 'open', 'set', 'update'].map((name) => [name, later(name)]),
  ),
  // A constructor that returns an object gives that one to its caller.
  Poller: function poller(...args: readonly unknown[]): object {
    return new (addon()['Poller'] as Constructor)(...args);
  },
};
