import { FlError } from "@sotto/base";
import { parseWith, schema } from "@sotto/schema";
import { everyLayer } from "./layer-config.ts";
import type { LayerRule } from "./layer-rule.ts";
import { isSameShape, type Shape } from "./shape.ts";

const elementwiseConfig = schema.strictObject(everyLayer);
const concatenateConfig = schema.strictObject({ ...everyLayer, axis: schema.number().int().nullish() });

const elementwise: LayerRule = (config, inputs) => {
  parseWith(elementwiseConfig, config, "config");
  const first = firstOf(inputs);
  const other = inputs.find((input) => !isSameShape(input, first));
  if (other !== undefined) throw new FlError("invalid-argument", `inputs [${first}] and [${other}] must have one shape`);
  return { output: first, weights: [], activation: null, tokens: null };
};

const concatenate: LayerRule = (config, inputs) => {
  const { axis } = parseWith(concatenateConfig, config, "config");
  const first = firstOf(inputs);
  if (axis !== undefined && axis !== null && axis !== -1 && axis !== first.length)
    throw new FlError("invalid-argument", `axis ${axis} must be the last: -1 or ${first.length}`);
  const front = first.slice(0, -1);
  const other = inputs.find((input) => !isSameShape(input.slice(0, -1), front));
  if (other !== undefined)
    throw new FlError("invalid-argument", `inputs [${first}] and [${other}] must differ in the last dimension alone`);
  return { output: [...front, inputs.reduce((width, input) => width + input.at(-1)!, 0)], weights: [], activation: null, tokens: null };
};

function firstOf(inputs: readonly Shape[]): Shape {
  const [first, second] = inputs;
  if (first === undefined || second === undefined) throw new FlError("invalid-argument", `${inputs.length} inputs must be 2 or more`);
  return first;
}

/** Layers that join branches. */
export const mergeLayers: readonly (readonly [string, LayerRule])[] = [
  ["Add", elementwise],
  ["Multiply", elementwise],
  ["Average", elementwise],
  ["Maximum", elementwise],
  ["Minimum", elementwise],
  ["Concatenate", concatenate],
];
