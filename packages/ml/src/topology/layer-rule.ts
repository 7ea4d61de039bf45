import { FlError } from "@sotto/base";
import { parseWith, type Schema } from "@sotto/schema";
import type { Initializer } from "./initializer.ts";
import type { Shape } from "./shape.ts";

/** One weight of a layer. */
export interface WeightSpec {
  /** As TensorFlow.js names it, after the layer's name and a slash. */
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
}

/** What a layer makes of its inputs. */
export interface LayerFacts {
  readonly output: Shape;
  readonly weights: readonly WeightSpec[];
  /** The activation it ends in, as Keras names it; null when it ends in none that a loss could look for. */
  readonly activation: string | null;
  /** When its inputs must be whole numbers from 0 to one less than this, the rows of an embedding; null when any will do. */
  readonly tokens: number | null;
}

/**
 * Reads a layer's configuration and infers its facts from the shapes of its inputs.
 * @throws FlError `invalid-argument` naming the key or the dimension that is not allowed
 */
export type LayerRule = (config: unknown, inputs: readonly Shape[]) => LayerFacts;

/** A rule for layers with one input: the configuration's shape, its weights and output, and the ranks its input may have. */
export function oneInput<Config>(
  ranks: readonly number[],
  shape: Schema<Config>,
  infer: (config: Config, input: Shape) => Pick<LayerFacts, "output" | "weights"> & Partial<LayerFacts>,
): LayerRule {
  return (config, inputs) => {
    const parsed = parseWith(shape, config, "config");
    const [input, ...more] = inputs;
    if (input === undefined || more.length > 0) throw new FlError("invalid-argument", `${inputs.length} inputs must be 1`);
    if (!ranks.includes(input.length))
      throw new FlError("invalid-argument", `input [${input}] has ${input.length} dimensions a row and must have ${ranks.join(" or ")}`);
    return { activation: null, tokens: null, ...infer(parsed, input) };
  };
}
