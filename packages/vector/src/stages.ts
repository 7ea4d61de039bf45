import { type Brand, FlError } from "@sotto/base";
import type { Lanes } from "./lanes.ts";

/** What training produced: trained weights less received weights, d finite float32 values. */
export type Update = Brand<Float32Array, "Update">;
/** An update within the plan's clip norm. */
export type ClippedUpdate = Brand<Float32Array, "ClippedUpdate">;
/** Update, weight and metrics of one client as lanes modulo 2^bits (SECAGG 2.7), in {@link Lanes} of that many bits. */
export type EncodedContribution = Brand<Lanes, "EncodedContribution">;
/** An encoded contribution plus its masks: uniform to who lacks the seeds. The only vector that leaves a client. */
export type MaskedContribution = Brand<Lanes, "MaskedContribution">;
/** The sum of masked contributions; opens to nothing until its masks are removed. */
export type MaskedSum = Brand<Lanes, "MaskedSum">;
/** The sum of encoded contributions of the survivors. Secret until released. */
export type UnmaskedSum = Brand<Lanes, "UnmaskedSum">;
/** The weighted mean of the survivors' updates, with whatever noise the plan asks for: d float64 values. */
export type ReleasedMean = Brand<Float64Array, "ReleasedMean">;
/** The parameters of a model, flat in the order of its layout: d float32 values. */
export type ModelVector = Brand<Float32Array, "ModelVector">;

/** @throws FlError `invalid-argument` when empty or holding a NaN or an infinity */
export function toUpdate(values: Float32Array): Update {
  return finite(values, "update") as Update;
}

/** @throws FlError `invalid-argument` when empty or holding a NaN or an infinity */
export function toModelVector(values: Float32Array): ModelVector {
  return finite(values, "model") as ModelVector;
}

function finite(values: Float32Array, what: string): Float32Array {
  if (values.length === 0) throw new FlError("invalid-argument", `${what} of 0 values must have at least 1`);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new FlError("invalid-argument", `${what} value ${wrong} is not finite`);
  return values;
}
