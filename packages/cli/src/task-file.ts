import { FlError } from "@sotto/base";
import { checkTopology, createModel, openBackend, readSafetensors } from "@sotto/ml";
import { encodeTaskSpec, type LayoutEntry, parseTaskSpec } from "@sotto/protocol";
import { canonicalJson, type Json, parseWith, parseYaml, type Schema, schema } from "@sotto/schema";
import type { ModelVector } from "@sotto/vector";

/** A task as an operator wrote it. */
export interface TaskFile {
  /** YAML, of which JSON is a part. */
  readonly text: string;
  /** Its name, for errors. */
  readonly file: string;
  /** Bytes of a safetensors file with the model to begin with; null for a fresh one. */
  readonly initial: Uint8Array | null;
  /** Of a fresh model: 0 to 2^32 - 1. */
  readonly seed: number;
}

const json: Schema<Json> = schema.json();
const taskSchema: Schema<{ readonly [part: string]: Json }> = schema.record(schema.string(), json);
const modelSchema: Schema<{ topology: Json; layout?: Json | undefined }> = schema.strictObject({ topology: json, layout: json.optional() });

/**
 * A task as it is submitted, and the model it begins with: the layout is that of the topology, so that nobody writes it by hand.
 * @throws FlError `invalid-argument` naming every mistake; a topology that is not allowed; an initial model of another layout
 */
export async function readTask({
  text,
  file,
  initial,
  seed,
}: TaskFile): Promise<{ readonly spec: Uint8Array; readonly model: ModelVector }> {
  const task = parseYaml(taskSchema, text, file);
  const written = parseWith(modelSchema, task["model"], `${file}, model`);
  const topology = checkTopology(written.topology);
  if (topology.kind === "refused") throw new FlError("invalid-argument", `${file}: ${topology.refusal.message}`);
  const fresh = await createModel({ backend: await openBackend(), topology: topology.value, seed });
  const layout = fresh.layout.map(({ name, shape }): Json => ({ name, shape }));
  const model = { topology: written.topology, layout: written.layout ?? layout };
  const spec = encodeTaskSpec(parseTaskSpec(canonicalJson({ ...task, model })));
  return { spec, model: initial === null ? fresh.vector : initialModel(initial, fresh.layout) };
}

function initialModel(bytes: Uint8Array, layout: readonly LayoutEntry[]): ModelVector {
  const read = readSafetensors(bytes);
  const text = (entries: readonly LayoutEntry[]): string => entries.map(({ name, shape }) => `${name}[${shape.join(",")}]`).join(" ");
  if (text(read.layout) !== text(layout)) {
    throw new FlError("invalid-argument", `the initial model holds ${text(read.layout)} and the task's topology needs ${text(layout)}`);
  }
  return read.vector;
}
