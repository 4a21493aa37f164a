import type { Language } from '../core/errors.ts';
import type { Site } from './site.ts';
import { remark } from './yaml-text.ts';

/**
 * The udev rules that give the site's serial devices their names; null when no device wants one. They come after
 * udev's own 60-serial.rules, which says what is plugged in where.
 */
export function udevText({ devices }: Site, language: Language): string | null {
  const rules = devices.flatMap(({ id, udev }) => {
    if (udev === null) return [];
    const match = 'place' in udev ? placeMatch(udev.place) : chipMatch(udev);
    return [`ACTION!="remove", SUBSYSTEM=="tty", ${match}, SYMLINK+="gatepost/${id}"`];
  });
  if (rules.length === 0) return null;
  const head = remark(language, {
    zh:
      '本停车场串口设备的名字：/dev/gatepost/…，由 gatepost init 写成。\n' +
      '改动之后：udevadm control --reload && udevadm trigger --subsystem-match=tty',
    en:
      "The names of this site's serial devices: /dev/gatepost/…, written by gatepost init.\n" +
      'After a change: udevadm control --reload && udevadm trigger --subsystem-match=tty',
  });
  return `${[...head, ...rules].join('\n')}\n`;
}

/** By the socket: a name of /dev/serial/by-path, which is the place of the USB device and the port on it. */
function placeMatch(place: string): string {
  const [, path = place, port] = /^(.*)-port(\d+)$/.exec(place) ?? [];
  const own = `ENV{ID_PATH}=="${path}"`;
  return port === undefined ? own : `${own}, ENV{.ID_PORT}=="${port}"`;
}

/** By the USB chip. */
function chipMatch({ vendor, product, serial }: { vendor: string; product: string; serial: string }): string {
  return `ATTRS{idVendor}=="${vendor}", ATTRS{idProduct}=="${product}", ENV{ID_SERIAL_SHORT}=="${serial}"`;
}
