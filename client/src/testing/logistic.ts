import { type Plan, parameterCount } from "@sotto/protocol";
import type { Json } from "@sotto/schema";
import { testPlan } from "./plan.ts";

const dense = {
  class_name: "Dense",
  config: {
    name: "dense",
    batch_input_shape: [null, 1],
    units: 1,
    activation: "sigmoid",
    kernel_initializer: { class_name: "Zeros", config: {} },
  },
};

/** A logistic regression of one input, as `ml` lays it out. */
export function logisticPlan(change: Partial<Plan> = {}): Plan {
  const topology: Json = { class_name: "Sequential", config: { name: "logistic", layers: [dense] } };
  const layout = [
    { name: "dense/kernel", shape: [1, 1] },
    { name: "dense/bias", shape: [1] },
  ];
  return testPlan({ model: { topology, layout }, ...change });
}

/** The bytes of a model of zeros. */
export function zeroModel({ model }: Plan): Uint8Array {
  return new Uint8Array(4 * parameterCount(model.layout));
}

/** A table in which y is 1 where x is above 0; no two rows are equal. */
export function tableText(rows: number, salt: number): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const x = ((i % 2) * 2 - 1) * (0.5 + (i + salt / 10) / rows);
    return `${x},${x > 0 ? 1 : 0}`;
  });
  return `x,y\n${lines.join("\n")}\n`;
}
