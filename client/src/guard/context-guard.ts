import { type Outcome, ok, type Refusal, refused } from "@sotto/base";
import type { SessionContext } from "@sotto/secagg";

/**
 * The context of a session, when it is the one this client expects from what it accepted itself: every field is bound into keys
 * and signatures, so a difference would mean a model or plan other than its own (SECAGG 2.3). Refused with `context-mismatch`.
 */
export function checkContext(expected: SessionContext, offered: SessionContext): Outcome<SessionContext, Refusal<"context-mismatch">> {
  const wrong = fields.find((field) => expected[field] !== offered[field]);
  if (wrong === undefined) return ok(expected);
  return refused("context-mismatch", `${wrong} is ${offered[wrong]} and must be ${expected[wrong]}`);
}

const fields = ["federation", "rosterDigest", "planDigest", "modelDigest", "round", "session"] as const satisfies (keyof SessionContext)[];
