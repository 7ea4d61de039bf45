import { FlError } from "@sotto/base";
import type { ReleasedMean } from "@sotto/vector";

/**
 * The mean that may leave `release/`: the only way to a {@link ReleasedMean}. Takes the array over; the caller keeps no use of it.
 * @throws FlError `invalid-argument` when empty or holding a NaN or an infinity
 */
export function releaseMean(updateMean: Float64Array): ReleasedMean {
  if (updateMean.length === 0) throw new FlError("invalid-argument", "a mean of 0 values must have at least 1");
  const wrong = updateMean.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new FlError("invalid-argument", `mean value ${wrong} is not finite`);
  return updateMean as ReleasedMean;
}
