/** A camera that is not there: it speaks the Vzenith protocol to the real broker, over a real connection. */
import { Socket } from 'node:net';
import mqtt from 'mqtt';
import { answer, heartbeat, recognition } from '../../drivers/vzenith-mqtt/simulator.ts';
import { type Instant, SECOND } from '../core/time.ts';
import type { Clock } from '../gateway/ports.ts';

/** As real ones do. */
const HEARTBEAT_MS = 10 * SECOND;
/** A camera sends the plate this long before the picture that belongs to it. */
const QUICK_BEFORE_FULL_MS = 100;

export interface VirtualCamera {
  /** A vehicle stops in front of the camera: a quick and a full message, as from a real one. */
  see(plate: string): Promise<void>;
  /** A record of an outage, sent afterwards: history. */
  recall(plate: string, at: Instant): Promise<void>;
  /** Resolves with the moment (`performance.now()`) of the next open order. */
  nextPulse(): Promise<number>;
  close(): Promise<void>;
}

export interface CameraParts {
  readonly sn: string;
  readonly url: string;
  readonly clock: Clock;
}

/** Connects a camera. It answers open orders with 200 and sends its heartbeat until it is closed. */
export async function virtualCamera({ sn, url, clock }: CameraParts): Promise<VirtualCamera> {
  const client = await mqtt.connectAsync(url, { clientId: sn, reconnectPeriod: 500 });
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  const waiting: ((at: number) => void)[] = [];
  let seen = 0;

  client.on('message', (topic, payload) => {
    const reply = answer({ sn }, topic, payload.toString(), clock.now());
    if (!reply) return;
    const at = performance.now();
    for (const tell of waiting.splice(0)) tell(at);
    client.publish(reply.topic, reply.payload);
  });
  await client.subscribeAsync(`device/${sn}/message/down/+`);

  const beat = (): void => {
    const { topic, payload } = heartbeat({ sn, at: clock.now() });
    client.publish(topic, payload);
  };
  beat();
  const beating = setInterval(beat, HEARTBEAT_MS);

  async function send(plate: string, kind: 'quick' | 'full', id: string, at: Instant, backlog = false): Promise<void> {
    const { topic, payload } = recognition({ sn, plate, at, kind, id, backlog });
    await client.publishAsync(topic, payload, { qos: 1 });
  }

  /** A new name for each happening, also after a restart of the demo. */
  const nextId = (): string => {
    seen += 1;
    return `${clock.now()}-${seen}`;
  };

  return {
    async see(plate) {
      const id = nextId();
      const at = clock.now();
      await send(plate, 'quick', id, at);
      await new Promise((resolve) => setTimeout(resolve, QUICK_BEFORE_FULL_MS));
      await send(plate, 'full', id, at);
    },
    recall: (plate, at) => send(plate, 'full', nextId(), at, true),
    nextPulse: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
      }),
    async close() {
      clearInterval(beating);
      await client.endAsync(true);
    },
  };
}
