import { FlError } from "@sotto/base";
import { type ModelVector, toModelVector } from "./stages.ts";

/** A model as it is stored, hashed and sent: float32, little endian, in layout order; 4 bytes a parameter. The caller owns the bytes. */
export function encodeModel(model: ModelVector): Uint8Array {
  const bytes = new Uint8Array(4 * model.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < model.length; i++) view.setFloat32(4 * i, model[i]!, true);
  return bytes;
}

/** The model of such bytes, whatever the machine's own order; the caller owns it. @throws FlError `invalid-argument` unless a whole number of finite values */
export function decodeModel(bytes: Uint8Array): ModelVector {
  if (bytes.length % 4 !== 0) throw new FlError("invalid-argument", `a model of ${bytes.length} bytes must have a multiple of 4`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true);
  return toModelVector(values);
}
