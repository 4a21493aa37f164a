/** What `gatepost init` finds on the machine: serial ports, addresses, the service's group. */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { basename, join } from 'node:path';
import { SerialPort } from 'serialport';
import type { FoundPort } from '../init/ports.ts';

const BY_PATH = '/dev/serial/by-path';

/**
 * The serial ports that are there, those on USB first.
 * @returns null when nothing can tell: `udevadm` is missing.
 */
export async function findPorts(): Promise<readonly FoundPort[] | null> {
  let listed: Awaited<ReturnType<typeof SerialPort.list>>;
  try {
    listed = await SerialPort.list();
  } catch {
    return null;
  }
  const places = placesByPort();
  const found = listed
    .filter(({ path }) => path.startsWith('/dev/') && isReal(path))
    .map(({ path, vendorId, productId, serialNumber, manufacturer }): FoundPort => {
      const place = places.get(path) ?? null;
      // Ports on the board itself have no vendor.
      const [vendor, product] = [hexOf(vendorId), hexOf(productId)];
      return { path, vendor, product, serial: serialNumber ?? null, maker: manufacturer ?? null, place };
    });
  return found.toSorted((a, b) => Number(a.vendor === null) - Number(b.vendor === null));
}

function hexOf(text: string | undefined): string | null {
  const small = text?.toLowerCase() ?? '';
  return /^[0-9a-f]{4}$/.test(small) ? small : null;
}

/** The kernel lists ports of old PCs that have no chip behind them: their type is 0. */
function isReal(path: string): boolean {
  return contentOf(join('/sys/class/tty', basename(path), 'type')).trim() !== '0';
}

/** Each port's name by its socket. Newer systems have two; the one that older ones have, too, is taken. */
function placesByPort(): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  let names: readonly string[] = [];
  try {
    names = readdirSync(BY_PATH).toSorted();
  } catch (error) {
    // Without anything on USB there is no such folder.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  for (const name of names) {
    if (!name.includes('-usbv')) places.set(realpathSync(join(BY_PATH, name)), name);
  }
  return places;
}

/** A small file's text; empty when it cannot be read. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The machine's addresses in its networks, loopback left out. */
export function findAddresses(): readonly { readonly name: string; readonly address: string }[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => ({ name, address })),
  );
}

/** The number of the service's group; null when the package is not installed. */
export function serviceGroup(): number | null {
  const [, id] = /^gatepost:[^:]*:(\d+):/m.exec(contentOf('/etc/group')) ?? [];
  return id === undefined ? null : Number(id);
}
