import { FlError } from "@sotto/base";
import type { Chunk } from "./gen/sotto/v1/blob_pb.ts";
import { limits } from "./limits.ts";

/** Bytes of a blob on the way, in order. `data` is empty only when it is the last. */
export interface ChunkPart {
  readonly kind: "chunk";
  /** A decoded chunk is a view of the received message, not aligned to anything: copy before reading it as wider numbers. */
  readonly data: Uint8Array;
  readonly last: boolean;
}

/**
 * A chunk as part of any stream: each of their messages has `Chunk chunk = 2` and nothing beside it. By hand, because
 * this is nearly every byte Sotto sends and protobuf-es writes each one three times (PLATFORM 1).
 * @throws FlError `resource-exhausted` over the chunk size
 */
export function encodeChunk({ data, last }: ChunkPart): Uint8Array {
  if (data.length > limits.chunkSizeBytesMax)
    throw new FlError("resource-exhausted", `chunk of ${data.length} bytes is over ${limits.chunkSizeBytesMax}`);
  const dataSize = data.length === 0 ? 0 : 1 + varintSize(data.length) + data.length;
  const chunkSize = (last ? 2 : 0) + dataSize;
  const bytes = new Uint8Array(1 + varintSize(chunkSize) + chunkSize);
  bytes[0] = lengthDelimited(2);
  let offset = putVarintInto(bytes, 1, chunkSize);
  if (last) {
    bytes[offset++] = varint(1);
    bytes[offset++] = 1;
  }
  if (data.length > 0) {
    bytes[offset++] = lengthDelimited(2);
    bytes.set(data, putVarintInto(bytes, offset, data.length));
  }
  return bytes;
}

/** @throws FlError `invalid-argument` when empty and not the last, so that no stream goes on without getting on */
export function readChunk({ data, last }: Chunk): ChunkPart {
  if (data.length === 0 && !last) throw new FlError("invalid-argument", "chunk is empty but not the last");
  if (data.length > limits.chunkSizeBytesMax)
    throw new FlError("resource-exhausted", `chunk of ${data.length} bytes is over ${limits.chunkSizeBytesMax}`);
  // What arrives may be a Buffer, whose `slice` shares memory where that of a Uint8Array copies.
  return { kind: "chunk", data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), last };
}

// Tags of protobuf: the number of the field, then its wire type.
function varint(field: number): number {
  return field << 3;
}

function lengthDelimited(field: number): number {
  return (field << 3) | 2;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest >>>= 7) size++;
  return size;
}

function putVarintInto(bytes: Uint8Array, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}
