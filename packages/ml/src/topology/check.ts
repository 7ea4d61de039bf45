import { type Brand, FlError, type Outcome, ok, type Refusal, refused } from "@sotto/base";
import type { Json } from "@sotto/schema";
import { convolutionLayers } from "./convolution-layers.ts";
import { coreLayers } from "./core-layers.ts";
import { type Graph, type GraphNode, readGraph } from "./graph.ts";
import type { LayerFacts, LayerRule, WeightSpec } from "./layer-rule.ts";
import { topologyLimits } from "./limits.ts";
import { mergeLayers } from "./merge-layers.ts";
import { normalisationLayers } from "./normalisation-layers.ts";
import { poolingLayers } from "./pooling-layers.ts";
import { recurrentLayers } from "./recurrent-layers.ts";
import { type Shape, sizeOf } from "./shape.ts";

/** What is known of a topology before it is built. */
export interface TopologyFacts {
  /** As it was given. */
  readonly json: Json;
  /** Of one row, without the batch dimension. */
  readonly inputShape: Shape;
  /** When features must be whole numbers from 0 to one less than this, the rows of an embedding; null when any will do. */
  readonly tokens: number | null;
  /** How many values the model puts out for a row. */
  readonly outputSize: number;
  /** Name of the layer the model ends in. */
  readonly outputLayer: string;
  /** What the model ends in; a loss on probabilities asks for one of the first two. */
  readonly outputActivation: "sigmoid" | "softmax" | "other";
  /** Every weight by its full name, in the order of the layers in the topology. */
  readonly weights: readonly WeightSpec[];
  /** Values of all weights, statistics of batch normalisation among them: the length of the flat vector. */
  readonly parameterCount: number;
}

/** A Keras topology that passed {@link checkTopology}: the only one that models are built of. */
export type Topology = Brand<TopologyFacts, "Topology">;

/**
 * Whether a topology from a plan may be built here: a Keras model of allow-listed layers with known keys, one input, one output
 * with a vector a row, within the limits on layers, dimensions, parameters and activations. Pure: nothing is built, no code runs.
 * The refusal names the layer. Frozen, shared, stateful and custom layers, masks, constraints and dilated convolutions are refused.
 */
export function checkTopology(topology: Json): Outcome<Topology, Refusal<"topology-not-allowed">> {
  try {
    return ok(readTopology(topology) as Topology);
  } catch (thrown) {
    if (thrown instanceof FlError && thrown.code === "invalid-argument") return refused("topology-not-allowed", thrown.message);
    throw thrown;
  }
}

const rules: ReadonlyMap<string, LayerRule> = new Map([
  ...coreLayers,
  ...convolutionLayers,
  ...poolingLayers,
  ...normalisationLayers,
  ...recurrentLayers,
  ...mergeLayers,
]);

function readTopology(json: Json): TopologyFacts {
  const graph = readGraph(json);
  const facts = new Map<string, LayerFacts>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => facts.get(name)!.output);
    facts.set(node.name, factsOf(node, inputs.length === 0 ? [graph.inputShape] : inputs));
  }
  const weights = graph.nodes.flatMap(({ name }) =>
    facts.get(name)!.weights.map((weight) => ({ ...weight, name: `${name}/${weight.name}` })),
  );
  const output = facts.get(graph.output)!;
  const parameterCount = weights.reduce((count, weight) => count + sizeOf(weight.shape), 0);
  assertWithin("parameters", parameterCount, topologyLimits.parameters);
  assertWithin(
    "values put out for one row",
    [...facts.values()].reduce((count, layer) => count + sizeOf(layer.output), 0),
    topologyLimits.activations,
  );
  if (parameterCount === 0) throw new FlError("invalid-argument", "topology has no weight to train");
  if (output.output.length !== 1)
    throw new FlError("invalid-argument", `output layer ${graph.output} puts out [${output.output}] and must put out one vector a row`);
  return {
    json,
    inputShape: graph.inputShape,
    tokens: tokensOf(graph, facts),
    outputSize: output.output[0]!,
    outputLayer: graph.output,
    outputActivation: output.activation === "sigmoid" || output.activation === "softmax" ? output.activation : "other",
    weights,
    parameterCount,
  };
}

// What an embedding looks up must be the model's own input: only there can tokens be told from numbers.
function tokensOf({ nodes }: Graph, facts: ReadonlyMap<string, LayerFacts>): number | null {
  const first = nodes[0]!;
  const embeddings = nodes.filter(({ name }) => facts.get(name)!.tokens !== null);
  const late = embeddings.find((node) => node !== first && (first.className !== "InputLayer" || node.inputs[0] !== first.name));
  if (late !== undefined) throw new FlError("invalid-argument", `layer ${late.name} (${late.className}) must be fed by the model's input`);
  return embeddings.reduce<number | null>((least, { name }) => Math.min(least ?? Number.POSITIVE_INFINITY, facts.get(name)!.tokens!), null);
}

function factsOf(node: GraphNode, inputs: readonly Shape[]): LayerFacts {
  if (node.className === "InputLayer" && node.inputs.length === 0)
    return { output: inputs[0]!, weights: [], activation: null, tokens: null };
  const rule = rules.get(node.className);
  if (rule === undefined)
    throw new FlError("invalid-argument", `layer ${node.name}: class ${JSON.stringify(node.className)} is not allowed`);
  try {
    return rule(node.config, inputs);
  } catch (cause) {
    if (!(cause instanceof FlError)) throw cause;
    throw new FlError(cause.code, `layer ${node.name} (${node.className}): ${cause.message}`, { cause });
  }
}

function assertWithin(what: string, count: number, max: number): void {
  if (count > max) throw new FlError("invalid-argument", `topology has ${count} ${what}, more than ${max}`);
}
