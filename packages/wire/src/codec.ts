import { create, type DescMessage, fromBinary, type MessageInitShape, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { FlError, type Outcome, ok, type Refusal, refused } from "@sotto/base";

/** Why bytes are not the message they should be. */
export type WireRefusal = Refusal<"malformed" | "too-large">;

/** One kind of message: what it means on one side, its bytes on the other. */
export interface Codec<T> {
  /**
   * Fresh bytes; the caller owns them.
   * @throws FlError `resource-exhausted` when they would be over the maximum that `decode` accepts, `invalid-argument`
   * when a number is none that a message can hold
   */
  encode(value: T): Uint8Array;
  /** Every length, count and id is checked: what comes out needs no second look. Never throws. */
  decode(bytes: Uint8Array): Outcome<T, WireRefusal>;
}

/** How a message is read and written. `read` throws FlError `invalid-argument` or `resource-exhausted` (see `fields`). */
export interface Shape<Desc extends DescMessage, T> {
  readonly what: string;
  readonly sizeBytesMax: number;
  /** The message; or its bytes, where they are written by hand. */
  readonly write: (value: T) => MessageInitShape<Desc> | Uint8Array;
  readonly read: (message: MessageShape<Desc>) => T;
}

/** The codec of a generated message. */
export function codec<Desc extends DescMessage, T>(schema: Desc, shape: Shape<Desc, T>): Codec<T> {
  const { what, sizeBytesMax, write, read } = shape;
  return {
    encode(value) {
      const bytes = serialise(schema, () => write(value));
      if (bytes.length > sizeBytesMax) throw new FlError("resource-exhausted", `${what} of ${bytes.length} bytes is over ${sizeBytesMax}`);
      return bytes;
    },
    decode(bytes) {
      if (bytes.length > sizeBytesMax) return refused("too-large", `${what} of ${bytes.length} bytes is over ${sizeBytesMax}`);
      const message = parse(schema, bytes);
      if (message === null) return refused("malformed", `${what} of ${bytes.length} bytes is not a ${schema.typeName}`);
      return readWith(read, message, what);
    },
  };
}

function serialise<Desc extends DescMessage>(schema: Desc, write: () => MessageInitShape<Desc> | Uint8Array): Uint8Array {
  try {
    const written = write();
    return written instanceof Uint8Array ? written : toBinary(schema, create(schema, written));
  } catch (cause) {
    if (cause instanceof FlError) throw cause;
    throw new FlError("invalid-argument", `value cannot be a ${schema.typeName}`, { cause });
  }
}

function parse<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> | null {
  try {
    // Unknown fields are a newer peer's: skipped, so that it cannot make this side hold on to them.
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch {
    return null; // protobuf-es throws errors of many classes on bytes it cannot read; all mean the same here.
  }
}

function readWith<M, T>(read: (message: M) => T, message: M, what: string): Outcome<T, WireRefusal> {
  try {
    return ok(read(message));
  } catch (thrown) {
    if (thrown instanceof FlError && thrown.code === "invalid-argument") return refused("malformed", `${what}: ${thrown.message}`);
    if (thrown instanceof FlError && thrown.code === "resource-exhausted") return refused("too-large", `${what}: ${thrown.message}`);
    throw thrown;
  }
}
