import { type Digest, parseTaskId, type TaskId } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { canonicalJson, parsedText, parseJson, type Schema, schema } from "@sotto/schema";
import { contradictionsOfPlan } from "./coherence.ts";
import { type PlanParts, planParts, writtenParts } from "./plan-parts.ts";

/** What a client is asked to compute, and under which protection: data, never code. */
export interface Plan extends PlanParts {
  readonly version: 1;
  readonly task: TaskId;
  /** `evaluate` sends no update: its contribution holds metrics alone. */
  readonly purpose: "train" | "evaluate";
}

const planSchema: Schema<Plan> = schema
  .strictObject({
    version: schema.literal(1),
    task: parsedText(parseTaskId),
    purpose: schema.enum(["train", "evaluate"]),
    ...planParts,
  })
  .superRefine((plan, context) => {
    for (const { path, message } of contradictionsOfPlan(plan)) context.addIssue({ code: "custom", path: [...path], message });
  });

/** The bytes of a plan that travel and are hashed. */
export function encodePlan(plan: Plan): Uint8Array {
  return canonicalJson(writtenParts(plan));
}

/** @throws FlError `invalid-argument` naming every mistake */
export function parsePlan(bytes: Uint8Array): Plan {
  return parseJson(planSchema, bytes, "plan");
}

/** SHA-256 of the plan's bytes: the plan digest of SECAGG 2.3. */
export function planDigest(planBytes: Uint8Array): Digest {
  return sha256Digest(planBytes);
}
