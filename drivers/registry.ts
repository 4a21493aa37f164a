/**
 * Every model that Gatepost drives. The table is literal, because a packaged binary cannot scan folders. A new model is
 * its folder and its line here.
 */
import { type Driver, seal } from './contract.ts';
import { frigateMqtt } from './frigate-mqtt/driver.ts';
import { lcusRelay } from './lcus-relay/driver.ts';
import { serialScanner } from './serial-scanner/driver.ts';
import { vzenithMqtt } from './vzenith-mqtt/driver.ts';

export const DRIVERS = {
  'vzenith-mqtt': seal(vzenithMqtt),
  'frigate-mqtt': seal(frigateMqtt),
  'serial-scanner': seal(serialScanner),
  'lcus-relay': seal(lcusRelay),
} as const satisfies Readonly<Record<string, Driver>>;

export type Model = keyof typeof DRIVERS;
