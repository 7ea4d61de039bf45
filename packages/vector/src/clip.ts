import { FlError } from "@sotto/base";
import type { ClippedUpdate, Update } from "./stages.ts";

/** Below this float32 subnormals would be coarser than the slack that keeps a clipped norm from rounding up. */
const clipNormMin = 2 ** -100;

/** Scaling by this much less leaves room for every coordinate to round up by 2^-24 of itself. */
const roundingRoom = 1 - 2 ** -23;

/**
 * The update scaled down to an L2 norm of at most `clipNorm`, in a new array; a copy when it is within already.
 * The norm is the square root of the float64 sum of squares in index order. Clipping twice is clipping once.
 * McMahan et al. 2018, "Learning Differentially Private Recurrent Language Models", Algorithm 1 (FlatClip).
 * @throws FlError `invalid-argument` unless `clipNorm` is finite and at least 2^-100
 */
export function clipUpdate(update: Update, clipNorm: number): ClippedUpdate {
  if (!(clipNorm >= clipNormMin && Number.isFinite(clipNorm))) {
    throw new FlError("invalid-argument", `clip norm ${clipNorm} must be finite and at least 2^-100`);
  }
  const clipped = new Float32Array(update);
  const norm = Math.sqrt(sumOfSquares(update));
  if (norm > clipNorm) {
    const scale = (clipNorm / norm) * roundingRoom;
    for (let i = 0; i < clipped.length; i++) clipped[i]! *= scale;
  }
  return clipped as ClippedUpdate;
}

function sumOfSquares(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}
