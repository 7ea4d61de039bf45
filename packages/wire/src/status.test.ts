import type { FlErrorCode } from "@sotto/base";
import { expect, test } from "vitest";
import { errorCodeOf, grpcStatusOf } from "./status.ts";

// gRPC, doc/statuscodes.md.
const published: Readonly<Record<FlErrorCode, number>> = {
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

test.each(Object.entries(published))("%s is status %i, and back", (code, status) => {
  expect(errorCodeOf(status)).toBe(code);
  expect(grpcStatusOf(errorCodeOf(status))).toBe(status);
});

test("UNKNOWN and numbers without a name are internal, OUT_OF_RANGE is an invalid argument", () => {
  expect([2, 0, 17, -1].map(errorCodeOf)).toEqual(["internal", "internal", "internal", "internal"]);
  expect(errorCodeOf(11)).toBe("invalid-argument");
});
