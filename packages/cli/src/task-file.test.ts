import { fromUtf8 } from "@sotto/base";
import { checkTopology, createModel, openBackend, safetensors } from "@sotto/ml";
import { parseTaskSpec } from "@sotto/protocol";
import { describe, expect, test } from "vitest";
import { hospitalSchema } from "./demo/hospitals.ts";
import { hospitalRecipe } from "./demo/recipe.ts";
import { demoTaskSpec, demoTopology } from "./demo/task.ts";
import { readTask } from "./task-file.ts";

const data = hospitalSchema(1);
const { model: _model, ...parts } = demoTaskSpec({
  name: "heart",
  data,
  clients: 4,
  rounds: 3,
  seed: 1,
  recipe: hospitalRecipe,
  layout: [],
});
const written = (model: unknown): string => JSON.stringify({ ...parts, model });
const order = { file: "task.yaml", initial: null, seed: 5 };

async function freshModel(seed: number) {
  const topology = checkTopology(demoTopology(data, hospitalRecipe));
  if (topology.kind === "refused") throw new Error(topology.refusal.message);
  return createModel({ backend: await openBackend({ prefer: "cpu" }), topology: topology.value, seed });
}

describe("a task file", () => {
  test("needs no layout: it is the topology's", async () => {
    const { spec, model } = await readTask({ ...order, text: written({ topology: demoTopology(data, hospitalRecipe) }) });
    const fresh = await freshModel(5);
    expect(parseTaskSpec(spec)).toEqual({ ...parts, model: { topology: demoTopology(data, hospitalRecipe), layout: fresh.layout } });
    expect(model).toEqual(fresh.vector);
  });

  test("may be YAML", async () => {
    const text = `${written({ topology: demoTopology(data, hospitalRecipe) }).replace(/^\{/, "{ # a comment\n")}`;
    expect(fromUtf8((await readTask({ ...order, text })).spec)).toContain('"name":"heart"');
  });

  test("may begin with a model of the same layout, and with no other", async () => {
    const { layout, vector } = await freshModel(99);
    const text = written({ topology: demoTopology(data, hospitalRecipe) });
    const initial = safetensors({ layout, vector, metadata: {} });
    expect((await readTask({ ...order, text, initial })).model).toEqual(vector);
    const renamed = layout.map((entry, i) => (i === 0 ? { ...entry, name: "other/kernel" } : entry));
    const other = safetensors({ layout: renamed, vector, metadata: {} });
    await expect(readTask({ ...order, text, initial: other })).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining("other/kernel"),
    });
  });

  test("with mistakes is refused with the mistakes", async () => {
    await expect(readTask({ ...order, text: "name: [" })).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(readTask({ ...order, text: written({}) })).rejects.toMatchObject({ message: expect.stringContaining("topology") });
    const lambda = { class_name: "Sequential", config: { name: "x", layers: [{ class_name: "Lambda", config: {} }] } };
    await expect(readTask({ ...order, text: written({ topology: lambda }) })).rejects.toMatchObject({ code: "invalid-argument" });
    const negative = JSON.stringify({ ...parts, rounds: -1, model: { topology: demoTopology(data, hospitalRecipe) } });
    await expect(readTask({ ...order, text: negative })).rejects.toMatchObject({ message: expect.stringContaining("rounds") });
  });
});
