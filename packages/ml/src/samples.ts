import { invariant } from "@sotto/base";
import type { Json } from "@sotto/schema";
import { checkTopology, type Topology } from "./topology/check.ts";

/** A layer of a small model: its Keras class and the keys of its config that are not defaults. */
export type SampleLayer = readonly [className: string, config: { readonly [key: string]: Json }];

/** Keras JSON of layers in a row over an input of a shape (of one row); layer i is called `l` and i. */
export function sampleJson(inputShape: readonly number[], layers: readonly SampleLayer[]): Json {
  const first = { batch_input_shape: [null, ...inputShape] };
  return {
    class_name: "Sequential",
    config: {
      name: "sample",
      layers: layers.map(([className, config], i) => ({
        class_name: className,
        config: { name: `l${i}`, ...(i === 0 ? first : {}), ...config },
      })),
    },
  };
}

/** As {@link sampleJson}, checked. A sample that is refused is a bug. */
export function sampleTopology(inputShape: readonly number[], layers: readonly SampleLayer[]): Topology {
  const outcome = checkTopology(sampleJson(inputShape, layers));
  invariant(outcome.kind === "ok", outcome.kind === "ok" ? "" : outcome.refusal.message);
  return outcome.value;
}
