import type { FlErrorCode } from "@sotto/base";
import { nameOf } from "./fields.ts";

/** The gRPC status of an error: one each, so that the code survives the way. */
export function grpcStatusOf(code: FlErrorCode): number {
  return statuses[code];
}

/** The code of a gRPC status. OUT_OF_RANGE is an `invalid-argument`; UNKNOWN and what gRPC does not define are `internal`. */
export function errorCodeOf(status: number): FlErrorCode {
  return status === outOfRange ? "invalid-argument" : (nameOf(statuses, status) ?? "internal");
}

// gRPC, doc/statuscodes.md.
const statuses: { readonly [Code in FlErrorCode]: number } = {
  cancelled: 1,
  "invalid-argument": 3,
  "deadline-exceeded": 4,
  "not-found": 5,
  "already-exists": 6,
  "permission-denied": 7,
  "resource-exhausted": 8,
  "failed-precondition": 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  "data-loss": 15,
  unauthenticated: 16,
};

const outOfRange = 11;
