/** A site on real wires: cameras on a mosquitto, a scanner on each lane, and a relay board that raises both arms. */
import { createReadStream, createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { scan } from '../../drivers/serial-scanner/simulator.ts';
import { folder, until } from '../daemon/support.ts';
import { cable, freePort, mosquitto } from '../devices/support.ts';
import { ROOT } from './support.ts';

export type Side = 'in' | 'out';

export interface Wires {
  readonly dir: string;
  readonly site: string;
  /** The broker, for whoever plays the cameras; null at a site without. */
  readonly broker: string | null;
  /** Writes a code onto the wire of that lane's scanner, as the scanner does. */
  scanned(side: Side, code: string): void;
  /** Waits until the arm's relay was put on and off again, and forgets what was on the wire until then. */
  raised(side: Side): Promise<void>;
  /** Waits until both relays were put off, as at every start. */
  relayReady(): Promise<void>;
  /** What the board has been sent since the last arm, in hexadecimal. */
  heard(): string;
}

const RELAYS = { in: 1, out: 2 } as const;
const order = (channel: number, on: 0 | 1): string =>
  Buffer.from([0xa0, channel, on, 0xa0 + channel + on]).toString('hex');

/** Lays the wires and writes the site's configuration. @param withCameras a broker and two cameras as well. */
export async function lay(t: TestContext, withCameras: boolean): Promise<Wires> {
  const dir = folder(t);
  const ends = async (name: string): Promise<string> => {
    await cable(t, [join(dir, name), join(dir, `${name}-far`)]);
    return join(dir, `${name}-far`);
  };
  const scanners = { in: await ends('scan-in'), out: await ends('scan-out') };
  let heard = '';
  const board = createReadStream(await ends('relay')).on(
    'data',
    (bytes) => (heard += Buffer.from(bytes).toString('hex')),
  );
  // The pty's end is the test's own; it goes with socat.
  board.on('error', () => undefined);
  t.after(() => board.destroy());
  const port = withCameras ? await freePort() : 0;
  if (withCameras) await mosquitto(t, port);
  const site = join(dir, 'site.yaml');
  writeFileSync(site, siteText(dir, withCameras ? port : null));
  return {
    dir,
    site,
    broker: withCameras ? `mqtt://127.0.0.1:${port}` : null,
    heard: () => heard,
    scanned: (side, code) => void createWriteStream(scanners[side]).end(scan(code)),
    async raised(side) {
      const [on, off] = [order(RELAYS[side], 1), order(RELAYS[side], 0)];
      await until(`the arm "${side}" to rise and to be let go of; the board heard ${heard}`, () => {
        const at = heard.indexOf(on);
        return at >= 0 && heard.includes(off, at);
      });
      heard = '';
    },
    async relayReady() {
      await until('the relays to be put off at the start', () =>
        [1, 2].every((relay) => heard.includes(order(relay, 0))),
      );
      heard = '';
    },
  };
}

function siteText(dir: string, port: number | null): string {
  const cameras = port === null ? '' : 'cam-';
  const readers = (side: Side): string => (cameras === '' ? `[scan-${side}]` : `[cam-${side}, scan-${side}]`);
  return `data: ${join(dir, 'data')}
mallcoo: { listen: "127.0.0.1:0" }
local: { listen: "127.0.0.1:0" }
mqtt: ${port === null ? '{ listen: "127.0.0.1:0" }' : `{ broker: "mqtt://127.0.0.1:${port}" }`}
tariffs: { standard: ${join(ROOT, 'docs', 'tariffs', 'plain.yaml')} }
parks:
  - id: P001
    name: Ship
    tariff: standard
    mallcoo: { auth: { type: none } }
    lanes:
      - { id: in-1, direction: in, readers: ${readers('in')}, barrier: { device: relay, output: 1 } }
      - { id: out-1, direction: out, readers: ${readers('out')}, barrier: { device: relay, output: 2 } }
devices:
  - { id: scan-in, driver: serial-scanner, port: ${join(dir, 'scan-in')} }
  - { id: scan-out, driver: serial-scanner, port: ${join(dir, 'scan-out')} }
  - { id: relay, driver: lcus-relay, port: ${join(dir, 'relay')}, options: { channels: [1, 2] } }
${
  port === null
    ? ''
    : `  - { id: cam-in, driver: vzenith-mqtt, options: { sn: cam-in } }
  - { id: cam-out, driver: vzenith-mqtt, options: { sn: cam-out } }
`
}`;
}
