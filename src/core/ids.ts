/** Identifiers, each branded so that one cannot be passed for another. */
export type ParkId = string & { readonly __brand: 'ParkId' };
export type LaneId = string & { readonly __brand: 'LaneId' };
export type DeviceId = string & { readonly __brand: 'DeviceId' };
/** A visit, and Mallcoo's `feeId`: one stay of one vehicle, for ever. */
export type VisitId = string & { readonly __brand: 'VisitId' };
/** Mallcoo's `orderNo`: within a park it names one payment. */
export type OrderNo = string & { readonly __brand: 'OrderNo' };
/** A barrier order: its place in the journal, `<record>.<event>`. */
export type BarrierOrderId = string & { readonly __brand: 'BarrierOrderId' };
/** A notice to Mallcoo: its place in the journal, `<record>.<event>`. */
export type NoticeId = string & { readonly __brand: 'NoticeId' };

/** Bytes of chance in a visit's id: 80 bits cannot be guessed, and never collide in a park's life. */
export const VISIT_ID_BYTES = 10;

// Crockford's alphabet: no I, L, O, U, so that a fee number read out over the phone is not misheard.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * Makes a visit's id from chance that the caller brings (the core has none): 16 letters and digits.
 * @throws RangeError when there are not {@link VISIT_ID_BYTES} bytes.
 */
export function visitIdFrom(chance: Uint8Array): VisitId {
  if (chance.length !== VISIT_ID_BYTES) throw new RangeError(`a visit id needs ${VISIT_ID_BYTES} bytes of chance`);
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of chance) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return text as VisitId;
}
