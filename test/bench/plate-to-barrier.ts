/**
 * Plate message in → barrier message out through a real broker (mosquitto) and the whole daemon, beside a client on the
 * same broker that only echoes; and one flush of the same disk, which the daemon pays before it may answer.
 */

import { open, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { answer, recognition } from '../../drivers/vzenith-mqtt/simulator.ts';
import { systemClock } from '../../src/clock.ts';
import { type Child, freePort, percentile, plateOf, row, startChild, withFolder, writeSite } from './support.ts';

const CARS = 600;
const WARM_UP = 50;

async function mosquitto(dir: string): Promise<{ readonly port: number; readonly broker: Child }> {
  const port = await freePort();
  const file = join(dir, 'mosquitto.conf');
  await writeFile(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n`);
  return { port, broker: await startChild('mosquitto', ['-c', file], 'running') };
}

/** Sends messages one at a time; each waits for what comes back on `listen`. @returns the ms of each. */
async function pingPong(
  url: string,
  listen: string,
  next: (index: number) => { readonly topic: string; readonly payload: string },
  reply: (topic: string, payload: string) => { readonly topic: string; readonly payload: string } | null,
): Promise<readonly number[]> {
  const client = await mqtt.connectAsync(url);
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  await client.subscribeAsync(listen);
  const times: number[] = [];
  let arrived: (() => void) | null = null;
  client.on('message', (topic, payload) => {
    arrived?.();
    const back = reply(topic, payload.toString());
    if (back) client.publish(back.topic, back.payload);
  });
  for (let index = 0; index < CARS + WARM_UP; index += 1) {
    const back = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const began = performance.now();
    const { topic, payload } = next(index);
    client.publish(topic, payload);
    await back;
    if (index >= WARM_UP) times.push(performance.now() - began);
    // The next car comes when this one's order is done.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await client.endAsync(true);
  return times;
}

async function flushes(dir: string): Promise<readonly number[]> {
  const handle = await open(join(dir, 'flush'), 'wx');
  await handle.write(Buffer.alloc(1024 * 1024, '\n'));
  await handle.sync();
  const times: number[] = [];
  for (let index = 0; index < 300; index += 1) {
    const began = performance.now();
    await handle.write(Buffer.alloc(600, 'x'), 0, 600, index * 600);
    await handle.datasync();
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await handle.close();
  return times;
}

export function benchPlateToBarrier(print: (line: string) => void): Promise<void> {
  return withFolder(async (dir) => {
    const { port, broker } = await mosquitto(dir);
    const url = `mqtt://127.0.0.1:${port}`;
    const ports = { mallcoo: await freePort(), local: await freePort() };
    const site = await writeSite(dir, ports, `{ broker: "${url}" }`);
    const daemon = await startChild(process.execPath, ['src/bin.mjs', 'run', site], 'is up');
    const echo = await startChild(process.execPath, ['test/bench/echo.ts', url], 'ready');
    const sn = 'cam-in';
    const car = (index: number) => recognition({ sn, plate: plateOf(index), at: systemClock.now(), id: `b${index}` });
    try {
      const echoed = await pingPong(
        url,
        'echo/out',
        (index) => ({ topic: 'echo/in', payload: car(index).payload }),
        () => null,
      );
      const flushed = await flushes(dir);
      const gate = await pingPong(url, `device/${sn}/message/down/gpio_out`, car, (topic, payload) =>
        answer({ sn }, topic, payload, systemClock.now()),
      );
      report(gate, echoed, flushed, print);
    } finally {
      await daemon.stop();
      await echo.stop();
      await broker.stop();
    }
  });
}

function report(
  gate: readonly number[],
  echo: readonly number[],
  flush: readonly number[],
  print: (line: string) => void,
): void {
  const widths = [34, 10, 10];
  print(`\nplate message in → barrier message out, through mosquitto, ${CARS} cars`);
  print(row(['', 'p50 ms', 'p99 ms'], widths));
  for (const [name, times] of [
    ['gatepost', gate],
    ['echo client', echo],
    ['one write and fdatasync', flush],
  ] as const) {
    print(row([name, percentile(times, 0.5).toFixed(2), percentile(times, 0.99).toFixed(2)], widths));
  }
  const allowed = percentile(echo, 0.5) + percentile(flush, 0.5) + 1;
  const found = percentile(gate, 0.5);
  print(`p50: ${found.toFixed(2)} ms of ${allowed.toFixed(2)} ms wanted at most (echo + one flush + 1 ms)`);
}
