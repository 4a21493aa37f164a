/** A person at a terminal that is none: replies from a list, and what the terminal would show of it. */
import { DRIVERS } from '../../drivers/registry.ts';
import type { Paper } from '../../src/init/hold.ts';
import type { Facts } from '../../src/init/interview.ts';

export class OutOfReplies extends Error {}

export interface Scripted extends Paper {
  /** As on the screen; a secret is not on it. */
  shown(): string;
}

export function scripted(replies: readonly string[]): Scripted {
  const left = [...replies];
  let shown = '';
  return {
    write: (text) => {
      shown += text;
    },
    line(prompt, secret) {
      const reply = left.shift();
      shown += `${prompt}${secret ? '' : (reply ?? '')}\n`;
      return reply === undefined ? Promise.reject(new OutOfReplies(shown)) : Promise.resolve(reply);
    },
    shown: () => shown,
  };
}

/** A gate PC with a scanner that has a serial number, and two boards that look alike. */
export const FACTS: Facts = {
  drivers: DRIVERS,
  zone: 'Etc/UTC',
  addresses: [
    { name: 'enp1s0', address: '192.168.1.10' },
    { name: 'enp2s0', address: '10.20.0.4' },
  ],
  ports: [
    {
      path: '/dev/ttyACM0',
      vendor: '1eab',
      product: '1d06',
      serial: 'ST2021A',
      maker: 'Newland',
      place: 'pci-0000:00:14.0-usb-0:1:1.0',
    },
    {
      path: '/dev/ttyUSB0',
      vendor: '1a86',
      product: '7523',
      serial: null,
      maker: null,
      place: 'pci-0000:00:14.0-usb-0:3:1.0-port0',
    },
    {
      path: '/dev/ttyUSB1',
      vendor: '1a86',
      product: '7523',
      serial: null,
      maker: null,
      place: 'pci-0000:00:14.0-usb-0:4:1.0-port0',
    },
    { path: '/dev/ttyS0', vendor: null, product: null, serial: null, maker: null, place: null },
  ],
  sheet: (path) =>
    path === '/media/usb/mall.yaml'
      ? { value: ['new energy'] }
      : { problem: { zh: '读不到', en: 'It cannot be read: write its full path.' } },
};

/** What a technician types at a park with a camera in and out, a scanner and a board at the exit. */
export const DOCUMENTED: readonly string[] = [
  ...['P001', '示例广场停车场', '', '', ''],
  ...['', '', '320dc55b-d6d6c442', '', '', ''],
  ...['', '', '917e2298-8ddf3e46', 'y', '', '', '2', '', '', '20'],
  ...['', '', '', ''],
  ...['', '', '', '50', ''],
  ...['', '', ''],
  ...['https://park.example.com/parking', '203.0.113.7', '', '', ''],
  '',
];
