export { evidenceOf, type Lie, type LyingSession } from "./contract/lying-session.ts";
export { tinyPlan, tinyTaskSpec } from "./contract/tiny-task.ts";
