export type { ServerOptimizerSpec } from "./spec.ts";
