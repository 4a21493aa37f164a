/** The serial ports that a machine has: what each probably is, and by what it can be known again. */
import type { Sentence } from '../core/errors.ts';
import type { GivenPort } from './answers.ts';

export interface FoundPort {
  /** `/dev/ttyUSB0` */
  readonly path: string;
  /** Four hexadecimal digits each, in small letters; null for a port that is not on USB. */
  readonly vendor: string | null;
  readonly product: string | null;
  readonly serial: string | null;
  readonly maker: string | null;
  /** Its name in /dev/serial/by-path. */
  readonly place: string | null;
}

interface Chip {
  readonly vendor: string;
  /** All of the vendor's when left out. */
  readonly product?: string;
  readonly name: Sentence;
  readonly guess?: 'relay' | 'scanner';
}

const CHIPS: readonly Chip[] = [
  {
    vendor: '1a86',
    product: '7523',
    name: { zh: 'CH340，多半是继电器板', en: 'CH340, probably a relay board' },
    guess: 'relay',
  },
  { vendor: '1a86', name: { zh: 'CH34x 串口转换器', en: 'a CH34x adapter' } },
  { vendor: '1eab', name: { zh: '新大陆扫码器', en: 'a Newland scanner' }, guess: 'scanner' },
  { vendor: '0c2e', name: { zh: '霍尼韦尔扫码器', en: 'a Honeywell scanner' }, guess: 'scanner' },
  { vendor: '05f9', name: { zh: 'Datalogic 扫码器', en: 'a Datalogic scanner' }, guess: 'scanner' },
  { vendor: '05e0', name: { zh: '斑马扫码器', en: 'a Zebra scanner' }, guess: 'scanner' },
  { vendor: '0403', name: { zh: 'FTDI 串口转换器', en: 'an FTDI adapter' } },
  { vendor: '10c4', name: { zh: 'CP210x 串口转换器', en: 'a CP210x adapter' } },
  { vendor: '067b', name: { zh: 'PL2303 串口转换器', en: 'a PL2303 adapter' } },
];

function chipOf(port: FoundPort): Chip | undefined {
  return CHIPS.find(({ vendor, product }) => vendor === port.vendor && (product ?? port.product) === port.product);
}

/** What the port is likely to be. Only a guess: a CH340 is in many things. */
export function guessOf(port: FoundPort): 'relay' | 'scanner' | null {
  return chipOf(port)?.guess ?? null;
}

/** Numbers such as `0001` are burnt into every piece of a series. */
const SHORTEST_SERIAL = 5;

/** By what the port is known again: its chip's serial number when no other has it, else its socket, else its path. */
export function identityOf(port: FoundPort, all: readonly FoundPort[]): GivenPort {
  const { vendor, product, serial } = port;
  const alike = all.filter((other) => other.vendor === vendor && other.product === product && other.serial === serial);
  const known = serial !== null && serial.length >= SHORTEST_SERIAL && /^[A-Za-z0-9#+.:=@_-]{1,64}$/.test(serial);
  if (vendor !== null && product !== null && known && alike.length === 1) return { vendor, product, serial };
  return port.place === null ? port.path : { place: port.place };
}

/** One line about the port. */
export function labelOf(port: FoundPort): Sentence {
  const usb = port.vendor === null ? '' : ` ${port.vendor}:${port.product ?? ''}`;
  const serial = port.serial === null ? '' : ` #${port.serial}`;
  const maker = port.maker === null ? '' : ` ${port.maker}`;
  const place = port.place === null ? '' : ` (${port.place})`;
  const chip = chipOf(port)?.name;
  const facts = `${port.path}${usb}${maker}${serial}${place}`;
  return chip === undefined ? { zh: facts, en: facts } : { zh: `${facts}：${chip.zh}`, en: `${facts}: ${chip.en}` };
}
