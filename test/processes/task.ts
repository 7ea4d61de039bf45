import { createHospitals, demoTaskSpec, hospitalRecipe, hospitalSchema } from "@sotto/cli";
import { checkTopology, createModel, openBackend } from "@sotto/ml";
import { featureCount, type TaskSpec } from "@sotto/protocol";
import type { ModelVector } from "@sotto/vector";

/** The tables of `count` synthetic hospitals, by client. */
export function hospitalTables(count: number): ReadonlyMap<string, string> {
  return new Map(createHospitals({ clients: count, seed: 5 }).map(({ client, csv }) => [client, csv]));
}

/** A task over those tables with a model of one hidden layer, and the model it begins with. */
export async function hospitalTask(order: {
  readonly clients: number;
  readonly rounds: number;
  readonly hiddenUnits: number;
}): Promise<{ readonly spec: TaskSpec; readonly model: ModelVector }> {
  const data = hospitalSchema(5);
  const layer = (config: object) => ({ class_name: "Dense", config: { use_bias: true, ...config } });
  const topology = {
    class_name: "Sequential",
    config: {
      name: "test",
      layers: [
        layer({
          name: "hidden",
          units: order.hiddenUnits,
          activation: "relu",
          batch_input_shape: [null, featureCount(data)],
          dtype: "float32",
        }),
        layer({ name: "output", units: 1, activation: "sigmoid" }),
      ],
    },
  };
  const checked = checkTopology(topology);
  if (checked.kind === "refused") throw new Error(checked.refusal.message);
  const { layout, vector } = await createModel({ backend: await openBackend(), topology: checked.value, seed: 5 });
  const spec = demoTaskSpec({ name: "test", data, clients: order.clients, rounds: order.rounds, seed: 5, recipe: hospitalRecipe, layout });
  return { spec: { ...spec, model: { topology, layout } }, model: vector };
}
