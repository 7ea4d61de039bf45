import { FlError, invariant } from "@sotto/base";
import { type Backend, checkTopology, createTrainer, type Table, type Trainer } from "@sotto/ml";
import { metricsOf, type Plan, scalarsOf } from "@sotto/protocol";
import { type ModelVector, toModelVector } from "@sotto/vector";
import type { DemoReport, Quality } from "./report.ts";

/** What the baselines are computed of. */
export interface BaselineOrder {
  readonly backend: Backend;
  readonly plan: Plan;
  /** The model the task began with. */
  readonly initial: ModelVector;
  /** Each client's rows. */
  readonly tables: readonly { readonly training: Table; readonly heldBack: Table }[];
  /** Rounds of the task: a baseline trains as long as one client did in all of them. */
  readonly rounds: number;
  readonly signal: AbortSignal;
  /** Called before each training with what it is. */
  readonly onBegin: (what: string) => void;
}

/**
 * What federated training is compared with: the same model trained for as many epochs on all training rows in one place, and by each client alone.
 * All are measured on the union of the held-back rows.
 */
export async function measureBaselines(order: BaselineOrder): Promise<DemoReport["baseline"]> {
  const { plan, tables } = order;
  const topology = checkTopology(plan.model.topology);
  if (topology.kind === "refused") throw new FlError("invalid-argument", topology.refusal.message);
  const trainer = await createTrainer({ backend: order.backend, topology: topology.value, layout: plan.model.layout });
  try {
    const measured = joinTables(tables.map(({ heldBack }) => heldBack));
    order.onBegin("all training rows in one place");
    const pooled = await trainAlone({ order, trainer, measured, table: joinTables(tables.map(({ training }) => training)) });
    const alone: Quality[] = [];
    for (const { training } of tables) {
      order.onBegin(`client ${alone.length + 1} of ${tables.length} alone`);
      alone.push(await trainAlone({ order, trainer, measured, table: training }));
    }
    return { pooled, localMean: meanQuality(alone) };
  } finally {
    trainer.dispose();
  }
}

/** All rows of the tables, in their order. The caller owns the result. @throws FlError `invalid-argument` when their inputs differ in number */
export function joinTables(tables: readonly Table[]): Table {
  const featureCount = tables[0]?.featureCount ?? 0;
  const other = tables.find((table) => table.featureCount !== featureCount);
  if (other !== undefined)
    throw new FlError("invalid-argument", `tables of ${featureCount} and ${other.featureCount} inputs cannot be joined`);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const joined = { features: new Float32Array(rows * featureCount), labels: new Float32Array(rows), rows, featureCount };
  let row = 0;
  for (const table of tables) {
    joined.features.set(table.features, row * featureCount);
    joined.labels.set(table.labels, row);
    row += table.rows;
  }
  return joined;
}

/** The mean over clients; its AUC is null unless every client has one. */
export function meanQuality(qualities: readonly Quality[]): Quality {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const aucs = qualities.flatMap(({ auc }) => (auc === null ? [] : [auc]));
  return { accuracy: mean(qualities.map(({ accuracy }) => accuracy)), auc: aucs.length === qualities.length ? mean(aucs) : null };
}

async function trainAlone(of: { order: BaselineOrder; trainer: Trainer; table: Table; measured: Table }): Promise<Quality> {
  const { order, trainer, table, measured } = of;
  const { plan, initial, rounds, signal } = order;
  const { length, seed, loss } = plan.training;
  const training = { ...plan.training, length: { ...length, count: length.count * rounds } };
  const { update } = await trainer.train({ model: initial, table, training, shuffleSeed: seed, signal });
  const model = toModelVector(initial.map((value, i) => value + update[i]!));
  const local = await trainer.evaluate({ model, table: measured, loss, evaluation: plan.evaluation, signal });
  const metrics = metricsOf(plan, scalarsOf(plan, local));
  invariant(metrics !== null && metrics.accuracy !== null, "the demo's held-back rows give an accuracy");
  return { accuracy: metrics.accuracy, auc: metrics.auc };
}
