import { FlError, utf8 } from "@sotto/base";

/**
 * The one way to build bytes that are hashed, signed or derived from (STYLE 21): label and fields, each behind its
 * length as 4 bytes big endian, so that no two different lists of fields give the same bytes.
 * @throws FlError `invalid-argument` on a field of 2^32 bytes or more
 */
export function transcript(label: string, ...fields: readonly Uint8Array[]): Uint8Array {
  const name = utf8(label);
  let size = 4 + name.length;
  for (const field of fields) size += 4 + field.length;
  const out = new Uint8Array(size);
  let offset = putInto(out, 0, name);
  for (const field of fields) offset = putInto(out, offset, field);
  return out;
}

/** 4 bytes, big endian. @throws FlError `invalid-argument` unless an integer from 0 to 2^32 - 1 */
export function u32Bytes(value: number): Uint8Array {
  assertInteger(value, 2 ** 32 - 1);
  const bytes = new Uint8Array(4);
  putU32Into(bytes, 0, value);
  return bytes;
}

/** 8 bytes, big endian. @throws FlError `invalid-argument` unless an integer from 0 to 2^53 - 1 */
export function u64Bytes(value: number): Uint8Array {
  assertInteger(value, Number.MAX_SAFE_INTEGER);
  const bytes = new Uint8Array(8);
  putU32Into(bytes, 0, Math.floor(value / 2 ** 32));
  putU32Into(bytes, 4, value % 2 ** 32);
  return bytes;
}

function putInto(out: Uint8Array, offset: number, field: Uint8Array): number {
  assertInteger(field.length, 2 ** 32 - 1);
  putU32Into(out, offset, field.length);
  out.set(field, offset + 4);
  return offset + 4 + field.length;
}

/** By shifts, not a DataView: this runs a thousand times a session, and a view costs ten times as much. A store keeps the low byte. */
function putU32Into(out: Uint8Array, offset: number, value: number): void {
  out[offset] = value >>> 24;
  out[offset + 1] = value >>> 16;
  out[offset + 2] = value >>> 8;
  out[offset + 3] = value;
}

function assertInteger(value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new FlError("invalid-argument", `field ${value} must be an integer from 0 to ${max}`);
}
