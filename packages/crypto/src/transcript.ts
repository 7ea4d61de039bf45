import { concatBytes, FlError, utf8 } from "@sotto/base";

/**
 * The one way to build bytes that are hashed, signed or derived from (STYLE 21): label and fields, each behind its
 * length as 4 bytes big endian, so that no two different lists of fields give the same bytes.
 */
export function transcript(label: string, ...fields: readonly Uint8Array[]): Uint8Array {
  const parts = [utf8(label), ...fields];
  return concatBytes(...parts.flatMap((part) => [u32Bytes(part.length), part]));
}

/** 4 bytes, big endian. @throws FlError `invalid-argument` unless an integer from 0 to 2^32 - 1 */
export function u32Bytes(value: number): Uint8Array {
  assertInteger(value, 2 ** 32 - 1);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** 8 bytes, big endian. @throws FlError `invalid-argument` unless an integer from 0 to 2^53 - 1 */
export function u64Bytes(value: number): Uint8Array {
  assertInteger(value, Number.MAX_SAFE_INTEGER);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

function assertInteger(value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new FlError("invalid-argument", `field ${value} must be an integer from 0 to ${max}`);
}
