import { FlError } from "@sotto/base";
import { type Json, parseWith, type Schema, schema } from "@sotto/schema";
import { layerName } from "./layer-config.ts";
import { topologyLimits } from "./limits.ts";
import type { Shape } from "./shape.ts";

/** One layer of a topology and where its inputs come from. */
export interface GraphNode {
  readonly name: string;
  readonly className: string;
  /** As it stands in the topology: read by the rule of its class. */
  readonly config: unknown;
  /** Names of the layers before it that feed it; none for the first. */
  readonly inputs: readonly string[];
}

/** A topology as a list of layers, each after those that feed it. The first is the one input, the last in `output` the one output. */
export interface Graph {
  readonly inputShape: Shape;
  readonly nodes: readonly GraphNode[];
  readonly output: string;
}

/**
 * Reads the graph of a Keras topology, sequential or functional, as Keras 2 and TensorFlow.js write it.
 * @throws FlError `invalid-argument` naming the mistake: more than one input or output, a shared or unused layer, a cycle
 */
export function readGraph(topology: Json): Graph {
  const { class_name, config } = parseWith(modelSchema, topology, "topology");
  const graph = class_name === "Sequential" ? sequential(config) : functional(config);
  assertNamesDiffer(graph.nodes);
  assertEveryLayerUsed(graph);
  return graph;
}

const modelSchema = schema.strictObject({
  class_name: schema.enum(["Sequential", "Functional", "Model"]),
  config: schema.unknown(),
  keras_version: schema.string().optional(),
  backend: schema.string().optional(),
});

const layerSchema = schema.strictObject({ class_name: schema.string().max(64), config: schema.looseObject({ name: layerName }) });
const layerList = schema.array(layerSchema).min(1).max(topologyLimits.layers);
const modelName = schema.string().max(256).optional();

const sequentialSchema = schema.strictObject({ name: modelName, layers: layerList, build_input_shape: schema.unknown().optional() });

const end: Schema<string> = schema.tuple([layerName, schema.literal(0), schema.literal(0)]).transform(([name]) => name);
const feed: Schema<string> = schema
  .tuple([layerName, schema.literal(0), schema.literal(0), schema.strictObject({})])
  .transform(([name]) => name);

const functionalSchema = schema.strictObject({
  name: modelName,
  trainable: schema.literal(true).optional(),
  layers: schema
    .array(layerSchema.extend({ name: layerName, inbound_nodes: schema.array(schema.array(feed).min(1).max(64)).max(1) }))
    .min(1)
    .max(topologyLimits.layers),
  input_layers: schema.array(end).length(1),
  output_layers: schema.array(end).length(1),
});

const firstShape: Schema<readonly number[]> = schema
  .tuple([schema.null()], schema.number().int().min(1).max(topologyLimits.dimension))
  .refine((shape) => shape.length >= 2 && shape.length <= 1 + topologyLimits.rank, `must have 1 to ${topologyLimits.rank} dimensions a row`)
  .transform(([, ...row]) => row);

const firstConfig = schema.looseObject({ batch_input_shape: firstShape });

const inputConfig = schema.strictObject({
  name: layerName,
  batch_input_shape: schema.unknown(),
  dtype: schema.enum(["float32", "int32"]).optional(),
  sparse: schema.literal(false).optional(),
  ragged: schema.literal(false).optional(),
});

// Old models have the bare list of layers for a config.
function sequential(config: unknown): Graph {
  const layers = Array.isArray(config) ? parseWith(layerList, config, "config") : parseWith(sequentialSchema, config, "config").layers;
  const nodes = layers.map((layer, i) => ({
    name: layer.config.name,
    className: layer.class_name,
    config: layer.config,
    inputs: i === 0 ? [] : [layers[i - 1]!.config.name],
  }));
  return { inputShape: inputShapeOf(nodes[0]!), nodes, output: nodes.at(-1)!.name };
}

function functional(config: unknown): Graph {
  const parsed = parseWith(functionalSchema, config, "config");
  const nodes = parsed.layers.map((layer) => {
    if (layer.name !== layer.config.name)
      throw new FlError("invalid-argument", `layer ${layer.name} is called ${layer.config.name} in its config`);
    return { name: layer.name, className: layer.class_name, config: layer.config, inputs: layer.inbound_nodes[0] ?? [] };
  });
  const first = nodes[0]!;
  if (first.className !== "InputLayer" || parsed.input_layers[0] !== first.name)
    throw new FlError("invalid-argument", `layer ${first.name} comes first and must be the InputLayer`);
  assertInOrder(nodes);
  return { inputShape: inputShapeOf(first), nodes, output: parsed.output_layers[0]! };
}

function inputShapeOf(first: GraphNode): Shape {
  if (first.className === "InputLayer") parseWith(inputConfig, first.config, `layer ${first.name}`);
  return parseWith(firstConfig, first.config, `layer ${first.name}`).batch_input_shape;
}

// In order and fed at least once: no cycle is left, and no second input.
function assertInOrder(nodes: readonly GraphNode[]): void {
  const before = new Set<string>();
  nodes.forEach((node, i) => {
    const unknown = node.inputs.find((input) => !before.has(input));
    if (unknown !== undefined) throw new FlError("invalid-argument", `layer ${node.name} is fed by ${unknown}, which must come before it`);
    if (i > 0 && node.inputs.length === 0) throw new FlError("invalid-argument", `layer ${node.name} is a second input`);
    before.add(node.name);
  });
}

function assertNamesDiffer(nodes: readonly GraphNode[]): void {
  const names = new Set<string>();
  for (const { name } of nodes) {
    if (names.has(name)) throw new FlError("invalid-argument", `layer name ${name} is used twice`);
    names.add(name);
  }
}

// An unused layer would drop out of the model that is built; an output that feeds others could not be cut off from its activation.
function assertEveryLayerUsed({ nodes, output }: Graph): void {
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const unused = nodes.find((node) => node.name !== output && !used.has(node.name));
  if (unused !== undefined) throw new FlError("invalid-argument", `layer ${unused.name} feeds nothing`);
  if (used.has(output)) throw new FlError("invalid-argument", `output layer ${output} feeds another layer`);
  if (!nodes.some((node) => node.name === output)) throw new FlError("invalid-argument", `output layer ${output} is not among the layers`);
}
