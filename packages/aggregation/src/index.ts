export { createServerOptimizer } from "./create-server-optimizer.ts";
export { releaseMean } from "./released-mean.ts";
export type { OptimizerState, OptimizerStep, ServerOptimizer } from "./server-optimizer.ts";
export type { ServerOptimizerSpec } from "./spec.ts";
