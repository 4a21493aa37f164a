/** The demo's car park, written as a technician would write it and read by the same loader. */
import type { Language } from '../core/errors.ts';

export const DEMO_PARK = 'P001';
export const DEMO_CAMERAS = { in: 'demo-in-1', out: 'demo-out-1' } as const;

/** The demo's price sheet, as a manager would write it. */
export const DEMO_SHEET = `name: Demo
version: "1"
free: 15 min
price: 5 per hour
cap: 50 per day
`;

const DEMO_SHEET_FILE = 'demo-sheet.yaml';

/** What the demo's car park and the demo's Mallcoo know of each other (1.4). */
export const DEMO_KEYS = { appId: 'DEMO', publicKey: 'DEMO-PUBLIC', privateKey: 'demo-private-key-of-nobody' } as const;

export interface DemoPlace {
  /** The first of three ports: Mallcoo's calls, local things, the broker. 0 takes any three that are free. */
  readonly portBase: number;
  /** The data folder, a full path. */
  readonly data: string;
  /** Where the demo's Mallcoo wants to be told of entries; it is told nothing when left out. */
  readonly notices?: string;
  /** Of the log; English when left out. */
  readonly language?: Language;
}

export function demoConfig({ portBase, data, notices, language }: DemoPlace): string {
  const port = (offset: number): number => (portBase === 0 ? 0 : portBase + offset);
  const told = notices === undefined ? '' : `, notices: ${JSON.stringify({ url: notices, ...DEMO_KEYS })}`;
  const log = language === undefined ? '' : `log: { language: ${language} }\n`;
  return `# Two lanes with a Vzenith camera each; the barrier hangs on the camera's io 0.
data: ${JSON.stringify(data)}
${log}mallcoo: { listen: "127.0.0.1:${port(0)}" }
local: { listen: "127.0.0.1:${port(1)}" }
# Anyone on this machine may play a camera here. A real site gives each device a login.
mqtt: { broker: embedded, listen: "127.0.0.1:${port(2)}", anonymous: true }
tariffs:
  standard: ${DEMO_SHEET_FILE}
parks:
  - id: ${DEMO_PARK}
    name: Demo
    zone: Asia/Shanghai
    tariff: standard
    mallcoo: { auth: { type: none }${told} }
    lanes:
      - { id: in-1, direction: in, readers: [${DEMO_CAMERAS.in}], barrier: { device: ${DEMO_CAMERAS.in}, output: 0 } }
      - { id: out-1, direction: out, readers: [${DEMO_CAMERAS.out}], barrier: { device: ${DEMO_CAMERAS.out}, output: 0 } }
devices:
  - { id: ${DEMO_CAMERAS.in}, driver: vzenith-mqtt, options: { sn: ${DEMO_CAMERAS.in} } }
  - { id: ${DEMO_CAMERAS.out}, driver: vzenith-mqtt, options: { sn: ${DEMO_CAMERAS.out} } }
`;
}
