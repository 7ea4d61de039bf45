import type { Plan } from "@sotto/protocol";
import { tinyPlan } from "@sotto/protocol/contract";

/** A plan for a model of four parameters; `change` replaces parts of it. */
export function testPlan(change: Partial<Plan> = {}): Plan {
  const model = { topology: {}, layout: [{ name: "w", shape: [2, 2] }] };
  return { ...tinyPlan, model, aggregation: { ...tinyPlan.aggregation, gamma: 0.2 }, ...change };
}
