import { assertNever } from "@sotto/base";
import { adaptiveOptimizer } from "./adaptive.ts";
import type { ServerOptimizer } from "./server-optimizer.ts";
import { sgdOptimizer } from "./sgd.ts";
import type { ServerOptimizerSpec } from "./spec.ts";

/** The server optimizer a task names. */
export function createServerOptimizer(spec: ServerOptimizerSpec): ServerOptimizer {
  switch (spec.kind) {
    case "sgd":
      return sgdOptimizer(spec);
    case "adagrad":
    case "yogi":
    case "adam":
      return adaptiveOptimizer(spec);
    default:
      return assertNever(spec);
  }
}
