import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseClientId, parseRoundNumber } from "@sotto/base";
import { openBackend } from "@sotto/ml";
import type { Plan } from "@sotto/protocol";
import { toModelVector } from "@sotto/vector";
import { afterAll, expect, test } from "vitest";
import { keepingLogger } from "../testing/keeping-logger.ts";
import { logisticPlan, tableText } from "../testing/logistic.ts";
import type { ComputeOrder } from "./compute.ts";
import { createLocalCompute, type LocalCompute } from "./train.ts";

const folder = mkdtempSync(join(tmpdir(), "sotto-train-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const backend = await openBackend({ prefer: "cpu" });

function computeOn(text: string, client = "ward-1"): { compute: LocalCompute; logger: ReturnType<typeof keepingLogger>; path: string } {
  const path = join(folder, `${Math.abs(text.length)}-${client}.csv`);
  writeFileSync(path, text);
  const logger = keepingLogger();
  return { compute: createLocalCompute({ client: parseClientId(client), backend, dataPath: path, logger }), logger, path };
}

function order(change: Partial<ComputeOrder> & { readonly plan?: Plan } = {}): ComputeOrder {
  const model = toModelVector(new Float32Array(2));
  return { plan: logisticPlan(), round: parseRoundNumber(1), model, signal: new AbortController().signal, ...change };
}

test("training moves the model towards the data; weight and metrics are of the rows there are", async () => {
  const { compute, logger } = computeOn(tableText(100, 0));
  const { update, weight, metrics } = await compute.contribute(order());
  expect(update?.[0]).toBeGreaterThan(0);
  expect(weight + metrics.rows).toBe(100);
  expect(metrics.rows).toBeGreaterThan(0);
  // The received model of zeros gives every row probability 1/2.
  expect(metrics.lossSum / metrics.rows).toBeCloseTo(Math.log(2), 5);
  expect(logger.lines).toContainEqual(expect.objectContaining({ level: "info", message: "the table is read" }));
  await compute.dispose();
});

test("the same round is trained the same way again, another round or client another way", async () => {
  const training = { ...logisticPlan().training, batchSize: 3 };
  const plan = logisticPlan({ training });
  const { compute } = computeOn(tableText(50, 0));
  const first = await compute.contribute(order({ plan }));
  expect((await compute.contribute(order({ plan }))).update).toEqual(first.update);
  expect((await compute.contribute(order({ plan, round: parseRoundNumber(2) }))).update).not.toEqual(first.update);
  const other = computeOn(tableText(50, 0), "ward-2").compute;
  expect((await other.contribute(order({ plan }))).update).not.toEqual(first.update);
});

test("an evaluation has no update and weighs its held-back rows", async () => {
  const { compute } = computeOn(tableText(100, 0));
  const { update, weight, metrics } = await compute.contribute(order({ plan: logisticPlan({ purpose: "evaluate" }) }));
  expect(update).toBeNull();
  expect(weight).toBe(metrics.rows);
});

test("a plan that holds nothing back trains without metrics, and cannot be evaluated", async () => {
  const data = { ...logisticPlan().data, heldBack: { fraction: 0, seed: 1 } };
  const { compute } = computeOn(tableText(20, 0));
  expect((await compute.contribute(order({ plan: logisticPlan({ data }) }))).metrics).toMatchObject({ rows: 0, lossSum: 0 });
  const evaluate = order({ plan: logisticPlan({ data, purpose: "evaluate" }) });
  await expect(compute.contribute(evaluate)).rejects.toMatchObject({ code: "failed-precondition" });
});

test("a wrong header is an error, remembered until a table fits", async () => {
  const { compute, path } = computeOn("a,b\n1,1\n");
  await expect(compute.contribute(order())).rejects.toMatchObject({ code: "invalid-argument" });
  expect(compute.dataFailure()?.message).toContain(path);
  writeFileSync(path, tableText(30, 0));
  await compute.contribute(order());
  expect(compute.dataFailure()).toBeNull();
});

test("skipped rows are counted, and a bounded number is told with line and reason", async () => {
  const bad = Array.from({ length: 30 }, () => "99,1").join("\n");
  const { compute, logger } = computeOn(`${tableText(30, 0)}${bad}\n`);
  await compute.contribute(order());
  const warnings = logger.lines.filter(({ level }) => level === "warn");
  expect(warnings[0]).toMatchObject({ fields: { skippedRows: 30, told: 20 } });
  expect(warnings.slice(1)).toHaveLength(20);
  expect(warnings[1]?.fields).toMatchObject({ line: 32 });
  expect(JSON.stringify(warnings)).not.toContain("99");
});

test("an order that follows one called off waits for it", async () => {
  const training = { ...logisticPlan().training, length: { unit: "epochs", count: 2_000 } } as const;
  const { compute } = computeOn(tableText(100, 0));
  const calledOff = new AbortController();
  const first = compute.contribute(order({ plan: logisticPlan({ training }), signal: calledOff.signal }));
  const second = compute.contribute(order());
  setImmediate(() => calledOff.abort());
  await expect(first).rejects.toMatchObject({ code: "cancelled" });
  expect((await second).update).toHaveLength(2);
});

test("a topology outside the allow-list is not built", async () => {
  const plan = logisticPlan();
  const topology = { class_name: "Sequential", config: { name: "x", layers: [{ class_name: "Lambda", config: { name: "l" } }] } };
  const { compute } = computeOn(tableText(20, 0));
  const refused = compute.contribute(order({ plan: { ...plan, model: { ...plan.model, topology } } }));
  await expect(refused).rejects.toMatchObject({ code: "failed-precondition" });
});
