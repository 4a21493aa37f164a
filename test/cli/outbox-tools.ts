/** A site that tells Mallcoo of its cars: a configuration, and a folder in which notices wait. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { after, type Instant, MINUTE } from '../../src/core/time.ts';
import { ticket } from '../core/park/scene.ts';
import { freePort } from '../devices/support.ts';
import { car, outboxSite } from '../ops/outbox-site.ts';

const SHEETS = join(import.meta.dirname, '..', '..', 'docs', 'tariffs');

export interface SiteFile {
  readonly file: string;
  readonly data: string;
  /** Of the local listener. */
  readonly port: number;
}

export interface SiteOptions {
  /** The path of a serial port; that of a file that is not there, when left out. */
  readonly scanner?: string;
  /** The port at which Mallcoo is told; one where nobody listens, when left out. */
  readonly mallcoo?: number;
  /** Whether the gate probes its public address, which leads to it without a tunnel. */
  readonly probed?: boolean;
}

/** Writes the configuration. It looks for no internet: what a test shows must not hang on the machine that runs it. */
export async function siteFile(dir: string, options: SiteOptions = {}): Promise<SiteFile> {
  const [port, calls] = [await freePort(), await freePort()];
  const { scanner = join(dir, 'scanner'), mallcoo = await freePort(), probed = false } = options;
  const file = join(dir, 'site.yaml');
  const data = join(dir, 'data');
  const keys = 'appId: A, publicKey: B, privateKey: "0123456789abcdef"';
  const notices = `{ url: "http://127.0.0.1:${mallcoo}/notify", ${keys}, timeoutSeconds: 120 }`;
  writeFileSync(
    file,
    `data: ${data}
mallcoo: { listen: "127.0.0.1:${calls}" }
tunnel: { ${probed ? `publicUrl: "http://127.0.0.1:${calls}"` : ''} }
internet: { check: [] }
local: { listen: "127.0.0.1:${port}" }
mqtt: { listen: "127.0.0.1:0", anonymous: true }
tariffs: { standard: ${join(SHEETS, 'plain.yaml')} }
parks:
  - id: P001
    name: 江湾商场
    tariff: standard
    mallcoo: { auth: { type: none }, notices: ${notices} }
    lanes:
      - { id: in-1, direction: in, readers: [cam-in] }
      - { id: out-1, direction: out, readers: [scan-out] }
devices:
  - { id: cam-in, driver: vzenith-mqtt, options: { sn: in-1 } }
  - { id: scan-out, driver: serial-scanner, port: ${JSON.stringify(scanner)} }
`,
  );
  return { file, data, port };
}

/**
 * Three that wait, the first for two hours, the last one's car with a ticket; and two dead letters, 7.2 with a message
 * that would draw on a terminal, and 9.2.
 * @returns the moment of the first.
 */
export async function fillOutbox(t: TestContext, data: string, snapshot = true): Promise<Instant> {
  const began = after(systemClock.now(), -120 * MINUTE - 5_000);
  const site = await outboxSite(t, data, began);
  const first = await site.enter(car(1));
  await site.enter(car(2));
  await site.enter(ticket('T-7'));
  site.clock.at = after(began, 30 * MINUTE);
  const [fourth, fifth] = [await site.enter(car(4)), await site.enter(car(5))];
  await site.kill(fourth, '1101', '停车场不存在 \x1b[2Jcall 13812345678');
  await site.kill(fifth, '2', 'PlateNo');
  if (first.id !== '1.2') throw new Error(`the first is ${first.id}`);
  await site.stop(snapshot);
  return began;
}
