/**
 * Watches the lengths that MQTT packets announce (MQTT 3.1.1, 2.2), so that a connection can be closed before a packet
 * is gathered: the parser that both libraries use has no limit but the format's own, 256 MB.
 */
import type { Duplex } from 'node:stream';

/** A CONNECT has names, a password and a will; before it nobody has said who they are. */
const MAX_FIRST_PACKET = 16 * 1024;

/** Bytes of a remaining length, 7 bits each. */
const LENGTH_BYTES = 4;

/** @returns a watcher to be fed every piece of the stream, in order; it says false once a packet is too large. */
export function packetSizeWatcher(maxFirst: number, max: number): (piece: Uint8Array) => boolean {
  /** Bytes of the current packet's body that are still to come; null while its head is being read. */
  let body: number | null = null;
  let length = 0;
  /** Bytes of the head seen so far: one for the type, then the length's. */
  let head = 0;
  let limit = maxFirst;

  function readHead(byte: number): boolean {
    head += 1;
    if (head === 1) return true;
    length += (byte & 0x7f) << (7 * (head - 2));
    if (length > limit) return false;
    if (byte >= 0x80) return head <= LENGTH_BYTES;
    body = length;
    return true;
  }

  return (piece) => {
    let at = 0;
    while (at < piece.length) {
      if (body === null && !readHead(piece[at++] ?? 0)) return false;
      if (body === null) continue;
      const taken = Math.min(body, piece.length - at);
      body -= taken;
      at += taken;
      if (body > 0) continue;
      body = null;
      head = 0;
      length = 0;
      limit = max;
    }
    return true;
  };
}

/**
 * Destroys the stream when a packet of more than `max` bytes begins. To be called after the stream's reader has been
 * attached: beside a `readable` listener, `data` is only emitted for what that one reads.
 */
export function guardPacketSize(stream: Duplex, max: number, onTooLarge: () => void): void {
  const fits = packetSizeWatcher(Math.min(MAX_FIRST_PACKET, max), max);
  const watch = (piece: Uint8Array): void => {
    if (fits(piece)) return;
    stream.off('data', watch);
    onTooLarge();
    stream.destroy();
  };
  stream.on('data', watch);
}
