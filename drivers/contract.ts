/**
 * What a driver is: a machine without I/O. The device runtime (`src/devices`) owns the wire, the clock and the timers,
 * and feeds the machine; the machine answers with what is to be done. It never throws, whatever the bytes; it holds at
 * most one maximum frame; and after a bad frame it finds the next good one from the next byte.
 */
import type { z } from 'zod';
import type { FaultCode, Said } from '../src/core/errors.ts';
import type { BarrierOutcome } from '../src/core/park/commands.ts';
import type { Credential, PlateColour } from '../src/core/park/model.ts';
import type { Instant } from '../src/core/time.ts';

export { z } from 'zod';

/** An order to a device. The runtime has checked the deadline; the machine must answer each order with one `ack`. */
export interface Order {
  readonly id: string;
  readonly type: 'open';
  /** The output that drives this lane's barrier (a camera's io, a relay's channel). */
  readonly output: number;
  /** After this moment the order must not be sent any more. */
  readonly deadline: Instant;
}

export type Input =
  /** The wire came up (a port opened, a broker connected) or went down. First input of every run. */
  | { readonly type: 'link'; readonly up: boolean }
  /** Bytes of a serial line, in whatever pieces they came. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** An MQTT message on one of the machine's topics. */
  | { readonly type: 'message'; readonly topic: string; readonly payload: Uint8Array; readonly retained: boolean }
  /** The moment asked for with `wakeAt` has come (or a little later; it may also come uncalled). */
  | { readonly type: 'tick' }
  | { readonly type: 'order'; readonly order: Order }
  /** The daemon stops: the last chance to leave the device safe. */
  | { readonly type: 'stop' };

/** What a device saw, in the field's words; the runtime adds the device, the lane and the moment. */
export interface DeviceReading {
  readonly credential: Credential;
  readonly colour: PlateColour;
  /** 0 to 1, null when the device does not say. */
  readonly confidence: number | null;
  /** The device's own name for this happening; messages that share it are one. Null when it gives none. */
  readonly identity: string | null;
  /** When the device recorded it, if this is a backlog record: history, never a reason to open. */
  readonly recordedAt: Instant | null;
}

/**
 * Why something was thrown away: counted and logged by the runtime. `detail` is short, in both languages, and has no
 * secrets.
 */
export interface Discard {
  readonly type: 'discarded';
  readonly reason: 'unreadable' | 'unknownTopic' | 'tooLong' | 'badChecksum' | 'noise' | 'retained' | 'unexpected';
  readonly detail: Said;
  /** How many bytes of the wire it was. */
  readonly bytes: number;
}

export type Output =
  | { readonly type: 'write'; readonly bytes: Uint8Array }
  /** Sent now or never, at QoS 0: at QoS 1 a broker may keep an order for a device that is away. */
  | { readonly type: 'publish'; readonly topic: string; readonly payload: string }
  | { readonly type: 'reading'; readonly reading: DeviceReading }
  | { readonly type: 'ack'; readonly order: string; readonly outcome: BarrierOutcome; readonly detail?: Said }
  | Discard
  | { readonly type: 'raise'; readonly fault: FaultCode; readonly detail?: Said }
  | { readonly type: 'clear'; readonly fault: FaultCode };

export interface Step<S> {
  readonly state: S;
  readonly out: readonly Output[];
  /** When the machine wants a `tick`; null when it waits for nothing. Replaces what was asked before. */
  readonly wakeAt: Instant | null;
}

/** The topics of one device, MQTT filters without `$share`. Also its rights at the embedded broker. */
export interface Topics {
  /** What the device publishes and Gatepost subscribes to. A filter never matches topics that begin with `$`. */
  readonly up: readonly string[];
  /** What Gatepost publishes and the device subscribes to. */
  readonly down: readonly string[];
}

/** The order of the type parameters: the options as configured, the machine's state. */
interface DriverBase<C, S> {
  /** The name in the configuration, and the folder's. */
  readonly model: string;
  readonly title: string;
  /** The device's own options in the configuration, with defaults, and a `describe` and its Chinese (`meta({ zh })`) each. */
  readonly options: z.ZodType<C>;
  readonly roles: readonly ('camera' | 'scanner' | 'barrier')[];
  init(options: C): S;
  step(state: S, input: Input, now: Instant, options: C): Step<S>;
}

export interface MqttDriver<C, S> extends DriverBase<C, S> {
  readonly transport: 'mqtt';
  topics(options: C): Topics;
}

export interface SerialDriver<C, S> extends DriverBase<C, S> {
  readonly transport: 'serial';
  /** The line's settings unless the configuration says otherwise. */
  readonly line: { readonly baudRate: number };
}

/** A device's machine with its state inside: what the runtime drives, the same for every model. */
export interface Machine {
  step(input: Input, now: Instant): Omit<Step<unknown>, 'state'>;
}

/** A driver with its types sealed, so that drivers of every state fit into one table. */
export interface Driver {
  readonly model: string;
  readonly title: string;
  readonly transport: 'mqtt' | 'serial';
  readonly roles: readonly ('camera' | 'scanner' | 'barrier')[];
  readonly options: z.ZodType;
  readonly line: { readonly baudRate: number } | null;
  /** @throws ZodError when the options do not fit; the configuration is checked before. */
  topics(options: unknown): Topics;
  /** @throws ZodError when the options do not fit; the configuration is checked before. */
  start(options: unknown): Machine;
}

/** Seals a driver for the registry. */
export function seal<C, S>(driver: MqttDriver<C, S> | SerialDriver<C, S>): Driver {
  return {
    model: driver.model,
    title: driver.title,
    transport: driver.transport,
    roles: driver.roles,
    options: driver.options,
    line: driver.transport === 'serial' ? driver.line : null,
    topics: (options) =>
      driver.transport === 'mqtt' ? driver.topics(driver.options.parse(options)) : { up: [], down: [] },
    start(raw) {
      const options = driver.options.parse(raw);
      let state = driver.init(options);
      return {
        step(input, now) {
          const { state: next, out, wakeAt } = driver.step(state, input, now, options);
          state = next;
          return { out, wakeAt };
        },
      };
    },
  };
}
