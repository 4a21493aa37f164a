/** What the devices part is told: plain data, checked before by the configuration's schema. */
import type { DeviceId, LaneId, ParkId } from '../core/ids.ts';

export interface DeviceConfig {
  readonly id: DeviceId;
  /** The driver's `model`. */
  readonly driver: string;
  /** The driver's own options, as configured. */
  readonly options: unknown;
  /** How the device logs in at the embedded broker; null for one that does not. Both or neither. */
  readonly username: string | null;
  readonly password: string | null;
  /** The serial port's path, for a serial driver. */
  readonly port: string | null;
  /** Bits per second; null for the driver's own. */
  readonly baudRate: number | null;
}

/** The devices of one lane. */
export interface LaneDevices {
  readonly park: ParkId;
  readonly lane: LaneId;
  /** Cameras and scanners whose readings are this lane's. */
  readonly readers: readonly DeviceId[];
  readonly barrier: { readonly device: DeviceId; readonly output: number } | null;
}

export interface EmbeddedConfig {
  readonly kind: 'embedded';
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Lets clients without a username do everything: for the demo, on loopback. */
  readonly anonymous: boolean;
  /** The largest MQTT packet a device may send; its connection is closed beyond. */
  readonly maxPacketBytes: number;
}

export interface ExternalConfig {
  readonly kind: 'external';
  /** `mqtt://host:1883` or `mqtts://host:8883`. */
  readonly url: string;
  readonly username: string | null;
  readonly password: string | null;
  /** The largest MQTT packet taken from the broker; the connection is closed beyond. */
  readonly maxPacketBytes: number;
}

export type MqttConfig = EmbeddedConfig | ExternalConfig;

/** A camera's message carries one or two pictures in base64, 1 to 2 MB in all. */
export const DEFAULT_MAX_PACKET_BYTES = 4 * 1024 * 1024;
