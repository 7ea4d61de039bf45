import { concatBytes, FlError } from "@sotto/base";
import { canonicalJson, type Json, parseJson, type Schema, schema } from "@sotto/schema";
import { encodeFloat32 } from "./float32-bytes.ts";
import { assertVectorFits, fileShape, type ModelFile, modelFileOf } from "./model-file.ts";

const modelName = "model.json";
const weightsName = "weights.bin";

/**
 * A model in the layers format of TensorFlow.js: `model.json` and `weights.bin`, which `tf.loadLayersModel` and Python's
 * tensorflowjs converter read.
 * @throws FlError `invalid-argument` when vector and layout do not fit
 */
export function tfjsLayersModel(model: ModelFile & { readonly topology: Json }): ReadonlyMap<string, Uint8Array> {
  assertVectorFits(model);
  const weights = model.layout.map(({ name, shape }) => ({ name, shape, dtype: "float32" }));
  const json = {
    format: "layers-model",
    generatedBy: "Sotto",
    convertedBy: null,
    modelTopology: model.topology,
    weightsManifest: [{ paths: [weightsName], weights }],
  };
  return new Map([
    [modelName, canonicalJson(json)],
    [weightsName, encodeFloat32(model.vector)],
  ]);
}

/**
 * Reads a layers model, from here, from TensorFlow.js, or from the Python converter: any number of groups and shards, float32.
 * The topology is not checked. Give every file the manifest names, under the name it has there.
 * @throws FlError `invalid-argument` on a malformed or missing file, quantised weights or another type
 */
export function readTfjsLayersModel(files: ReadonlyMap<string, Uint8Array>): ModelFile & { readonly topology: Json } {
  const { modelTopology, weightsManifest } = parseJson(modelSchema, fileOf(files, modelName), modelName);
  const layout = weightsManifest.flatMap((group) => group.weights.map(({ name, shape }) => ({ name, shape })));
  const shards = weightsManifest.flatMap((group) => group.paths.map((path) => fileOf(files, path)));
  return { topology: modelTopology, ...modelFileOf(layout, concatBytes(...shards)) };
}

// Python's converter wraps the topology once more.
const topologySchema: Schema<Json> = schema.union([
  schema.looseObject({ model_config: schema.json() }).transform((wrapped): Json => wrapped.model_config),
  schema.json().transform((json): Json => json),
]);

const modelSchema = schema.looseObject({
  format: schema.literal("layers-model").optional(),
  modelTopology: topologySchema,
  weightsManifest: schema.array(
    schema.strictObject({
      paths: schema.array(schema.string()),
      weights: schema.array(schema.strictObject({ name: schema.string().min(1), shape: fileShape, dtype: schema.literal("float32") })),
    }),
  ),
});

function fileOf(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const file = files.get(name);
  if (file === undefined) throw new FlError("invalid-argument", `model has no file ${JSON.stringify(name)}`);
  return file;
}
