/** The wires that machines hang on, as the device runtime sees them. Nothing here is ever queued for later. */

/**
 * What became of something to send. `sent`: it went out to the wire. `refused`: nothing left, and nothing will.
 * `uncertain`: it may have left, in whole or in part.
 */
export type Sent = 'sent' | 'refused' | 'uncertain';

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** A message that the broker had kept for new subscribers: old news. */
  readonly retained: boolean;
}

export interface Subscription {
  readonly filters: readonly string[];
  /** Resolves once what the message led to is on disk: only then is a QoS 1 message acknowledged. */
  readonly handle: (message: Message) => Promise<void>;
  /** Called when messages can flow, and when they no longer can. Down before the first call. */
  readonly onState: (up: boolean) => void;
}

export interface MqttLink {
  /** Adds a subscription; only before {@link MqttLink.start}. */
  subscribe(subscription: Subscription): void;
  /** @throws Error when the link cannot be used at all (the address is taken). A broker that is away is no error. */
  start(): Promise<void>;
  /**
   * Sends a message now or never: at QoS 0, never retained. At QoS 1 a broker would keep an order for a device that is
   * away, and the client would repeat it after a reconnect: an arm that rises when the car has gone.
   */
  publish(topic: string, payload: string): Promise<Sent>;
  /** Closes every connection. Resolves in bounded time. */
  stop(): Promise<void>;
}

/** Resolves when the work has ended, well or not, or after `ms`: a wire that hangs must not hold up a stop. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.then(ignore, ignore), limit]);
  clearTimeout(timer);
}

/** For a callback whose news nobody needs. */
export function ignore(): void {}
