import type { Json } from "@sotto/schema";
import type { Topology } from "../topology/check.ts";

/**
 * The topology that is handed to TensorFlow.js to build: every initializer all zeros, because weights always come from a vector
 * and drawing them twice is slow; and no sigmoid or softmax at the end, because losses are computed from what goes into it,
 * where saturated rows keep their gradient. The same weights under the same names.
 */
export function buildableTopology(topology: Topology): Json {
  const head = topology.outputActivation === "other" ? null : topology.outputLayer;
  return mapLayers(topology.json, (layer) => {
    const name = configOf(layer)["name"];
    return withoutDrawing(name === head ? withoutActivation(layer) : layer, zeroedInitializers(topology, name));
  });
}

type JsonObject = { readonly [key: string]: Json };

function mapLayers(model: Json, change: (layer: JsonObject) => JsonObject): Json {
  const changeAll = (layers: Json | undefined): Json =>
    isList(layers) ? layers.map((layer) => (isObject(layer) ? change(layer) : layer)) : [];
  if (!isObject(model)) return model;
  const config = model["config"];
  return { ...model, config: isObject(config) ? { ...config, layers: changeAll(config["layers"]) } : changeAll(config) };
}

function withoutDrawing(layer: JsonObject, zeroed: JsonObject): JsonObject {
  const config = configOf(layer);
  const wrapped = config["layer"];
  return { ...layer, config: isObject(wrapped) ? { ...config, layer: withoutDrawing(wrapped, zeroed) } : { ...config, ...zeroed } };
}

// The initializer of weight `recurrent_kernel` is called `recurrent_initializer`, that of `kernel` `kernel_initializer`.
function zeroedInitializers(topology: Topology, layerName: Json | undefined): JsonObject {
  const weights = topology.weights.filter(({ name }) => name.startsWith(`${layerName}/`));
  const keys = weights.map(({ name }) => name.slice(name.lastIndexOf("/") + 1).replace(/_kernel$/, ""));
  return Object.fromEntries(keys.map((key) => [`${key}_initializer`, { class_name: "Zeros", config: {} }]));
}

function withoutActivation(layer: JsonObject): JsonObject {
  const className = layer["class_name"] === "Softmax" ? "Activation" : layer["class_name"]!;
  return { ...layer, class_name: className, config: { ...configOf(layer), activation: "linear" } };
}

function configOf(layer: JsonObject): JsonObject {
  const config = layer["config"];
  return isObject(config) ? config : {};
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
