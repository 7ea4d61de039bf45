import { FlError } from "@sotto/base";
import { type LayoutEntry, parameterCount } from "@sotto/protocol";
import { type Schema, schema } from "@sotto/schema";
import { type ModelVector, toModelVector } from "@sotto/vector";
import { decodeFloat32 } from "./float32-bytes.ts";

/** What a model file holds: the parameters and where each lies. */
export interface ModelFile {
  readonly layout: readonly LayoutEntry[];
  readonly vector: ModelVector;
}

/** A shape as model files write it. */
export const fileShape: Schema<readonly number[]> = schema
  .array(
    schema
      .number()
      .int()
      .min(1)
      .max(2 ** 28),
  )
  .max(8);

/**
 * The parameters that lie in `bytes` one after another, float32, little-endian.
 * @throws FlError `invalid-argument` when their sizes do not add up or a value is not finite
 */
export function modelFileOf(layout: readonly LayoutEntry[], bytes: Uint8Array): ModelFile {
  const count = parameterCount(layout);
  if (bytes.length !== 4 * count)
    throw new FlError("invalid-argument", `weights of ${bytes.length} bytes must have ${4 * count} for ${count} parameters`);
  return { layout, vector: toModelVector(decodeFloat32(bytes)) };
}

/** @throws FlError `invalid-argument` unless the vector has the length of the layout */
export function assertVectorFits({ layout, vector }: ModelFile): void {
  const count = parameterCount(layout);
  if (vector.length !== count)
    throw new FlError("invalid-argument", `vector of ${vector.length} values must have ${count}, as its layout says`);
}
