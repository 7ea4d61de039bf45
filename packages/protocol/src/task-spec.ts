import type { ServerOptimizerSpec } from "@sotto/aggregation";
import { canonicalJson, parseJson, type Schema, schema } from "@sotto/schema";
import { contradictionsOfTask } from "./coherence.ts";
import { type PlanParts, planParts, writtenParts } from "./plan-parts.ts";

/** Bounds of one waiting phase: it ends when all have answered; from `minMs` on, when all that are still there have; at `maxMs` in any case. */
export interface PhaseTime {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Who is asked and how long is waited. */
export interface CohortRules {
  /** Fewest clients a round may commit on, how many it wants, and the most it asks. */
  readonly count: { readonly min: number; readonly goal: number; readonly max: number };
  /** For check-in and local training. */
  readonly selecting: PhaseTime;
  /** For each stage of the aggregation protocol. */
  readonly protocol: PhaseTime;
}

/** A task as its author submits it. */
export interface TaskSpec extends PlanParts {
  readonly version: 1;
  readonly name: string;
  /** Training rounds to commit; one evaluating round follows. */
  readonly rounds: number;
  readonly cohort: CohortRules;
  readonly serverOptimizer: ServerOptimizerSpec;
  /** What happens to the task when a round is abandoned, or clients stay away for longer than `selecting` may take: try again when they are there, or end as failed. */
  readonly whenAbandoned: "wait" | "stop";
  /** Abandoned rounds in a row after which a waiting task fails all the same. */
  readonly abandonedMax: number;
}

const ms = schema
  .number()
  .int()
  .min(0)
  .max(7 * 24 * 3600 * 1000);
const phaseTime: Schema<PhaseTime> = schema
  .strictObject({ minMs: ms, maxMs: ms })
  .refine((time) => time.minMs <= time.maxMs, { message: "minMs must not be above maxMs" });
const clients = schema.number().int().min(3).max(65_535);
const positive = schema.number().positive().max(1000);
const fraction = schema.number().min(0).lt(1);

const optimizerSchema: Schema<ServerOptimizerSpec> = schema.discriminatedUnion("kind", [
  schema.strictObject({ kind: schema.literal("sgd"), learningRate: positive, momentum: fraction }),
  schema.strictObject({
    kind: schema.enum(["adagrad", "yogi", "adam"]),
    learningRate: positive,
    beta1: fraction,
    beta2: fraction,
    tau: positive,
  }),
]);

const taskSpecSchema: Schema<TaskSpec> = schema
  .strictObject({
    version: schema.literal(1),
    name: schema.string().min(1).max(128),
    rounds: schema.number().int().min(1).max(1_000_000),
    ...planParts,
    cohort: schema.strictObject({
      count: schema
        .strictObject({ min: clients, goal: clients, max: clients })
        .refine((count) => count.min <= count.goal && count.goal <= count.max, { message: "min, goal and max must ascend" }),
      selecting: phaseTime,
      protocol: phaseTime,
    }),
    serverOptimizer: optimizerSchema,
    whenAbandoned: schema.enum(["wait", "stop"]),
    abandonedMax: schema.number().int().min(1).max(1_000_000),
  })
  .superRefine((spec, context) => {
    for (const { path, message } of contradictionsOfTask(spec)) context.addIssue({ code: "custom", path: [...path], message });
  });

/** The bytes of a task specification that travel. */
export function encodeTaskSpec(spec: TaskSpec): Uint8Array {
  return canonicalJson(writtenParts(spec));
}

/** @throws FlError `invalid-argument` naming every mistake */
export function parseTaskSpec(bytes: Uint8Array): TaskSpec {
  return parseJson(taskSpecSchema, bytes, "task");
}
