import { type ClientId, type Digest, FlError, type Logger, type RoundNumber, toFlError, utf8 } from "@sotto/base";
import { sha256, transcript, u32Bytes, u64Bytes } from "@sotto/crypto";
import { type Backend, checkTopology, createTrainer, type Trainer, type TrainingProgress } from "@sotto/ml";
import { encodePlan, type LocalMetrics, type Plan, planDigest } from "@sotto/protocol";
import { type LoadedTable, loadTable } from "../data/index.ts";
import type { LocalContribution } from "../update/prepare.ts";
import type { Compute, ComputeOrder } from "./compute.ts";
import { assertGoing } from "./retry.ts";

/** What local work is done with. */
export interface LocalComputeOptions {
  readonly client: ClientId;
  readonly backend: Backend;
  /** The data owner's table; read when the first plan arrives, because the plan says how. */
  readonly dataPath: string;
  readonly logger: Logger;
  /** Told after every training step. */
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** A {@link Compute} that holds a model and a table. */
export interface LocalCompute extends Compute {
  /** Why the table did not fit the last plan; null while it does. */
  dataFailure(): FlError | null;
  /** Frees the model once the work in progress, which the caller has called off, has ended. */
  dispose(): Promise<void>;
}

/** Skipped rows told one by one; all are counted. */
const skippedToldMax = 20;

/** One plan's model and data, kept from round to round. */
interface Workbench {
  readonly digest: Digest;
  readonly trainer: Trainer;
  readonly table: LoadedTable;
}

/** Trains and evaluates with `ml` on the data owner's table. An order waits until the one before, if it was called off, has ended. */
export function createLocalCompute(options: LocalComputeOptions): LocalCompute {
  const bench = createBench(options);
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work);
    last = turn.catch(() => undefined); // who asked is told; the next one only waits
    return turn;
  }

  return {
    contribute: (order) => inTurn(() => contribute(bench, options, order)),
    dataFailure: bench.dataFailure,
    dispose: () => inTurn(async () => bench.clear()),
  };
}

async function contribute(bench: Bench, { client, onProgress }: LocalComputeOptions, order: ComputeOrder): Promise<LocalContribution> {
  const { plan, round, model, signal } = order;
  const { trainer, table } = await bench.ready(plan, signal);
  const metrics = await evaluate({ trainer, table }, order);
  if (plan.purpose === "evaluate") return evaluation(metrics);
  const shuffleSeed = shuffleSeedOf({ plan, round, client });
  const progress = onProgress === undefined ? {} : { onProgress };
  const trained = await trainer.train({ model, table: table.training, training: plan.training, shuffleSeed, signal, ...progress });
  return { update: trained.update, weight: table.training.rows, metrics };
}

/** The model and table of the last plan. */
interface Bench {
  ready(plan: Plan, signal: AbortSignal): Promise<Workbench>;
  dataFailure(): FlError | null;
  clear(): void;
}

function createBench({ backend, dataPath, logger }: LocalComputeOptions): Bench {
  let current: Workbench | null = null;
  let dataFailure: FlError | null = null;

  async function load(plan: Plan): Promise<LoadedTable> {
    try {
      const table = await loadTable(dataPath, plan.data);
      dataFailure = null;
      reportTable(logger, table);
      return table;
    } catch (thrown) {
      dataFailure = toFlError(thrown);
      throw thrown;
    }
  }

  function clear(): void {
    current?.trainer.dispose();
    current = null;
  }

  return {
    async ready(plan, signal) {
      assertGoing(signal);
      const digest = workDigest(plan);
      if (current?.digest === digest) return current;
      clear();
      const table = await load(plan);
      const topology = checkTopology(plan.model.topology);
      if (topology.kind === "refused") throw new FlError("failed-precondition", topology.refusal.message);
      const trainer = await createTrainer({ backend, topology: topology.value, layout: plan.model.layout });
      current = { digest, trainer, table };
      return current;
    },
    dataFailure: () => dataFailure,
    clear,
  };
}

/** Of the model as received: the federation's metrics are of the model a round begins with. */
async function evaluate({ trainer, table }: Omit<Workbench, "digest">, { plan, model, signal }: ComputeOrder): Promise<LocalMetrics> {
  if (table.heldBack.rows === 0) return noRows(plan);
  return trainer.evaluate({ model, table: table.heldBack, loss: plan.training.loss, evaluation: plan.evaluation, signal });
}

function evaluation(metrics: LocalMetrics): LocalContribution {
  if (metrics.rows === 0) throw new FlError("failed-precondition", "the plan asks for an evaluation and no rows are held back");
  return { update: null, weight: metrics.rows, metrics };
}

function noRows({ evaluation: { aucBins } }: Plan): LocalMetrics {
  const empty = new Array<number>(aucBins).fill(0);
  return { rows: 0, lossSum: 0, correct: 0, positives: empty, negatives: empty };
}

/** The plan without its purpose: a task's rounds share a workbench, the evaluation after them too. */
function workDigest(plan: Plan): Digest {
  return planDigest(encodePlan({ ...plan, purpose: "train" }));
}

/** The same client trains the same round the same way again; no two clients or rounds shuffle alike. */
function shuffleSeedOf(of: { readonly plan: Plan; readonly round: RoundNumber; readonly client: ClientId }): number {
  const digest = sha256(transcript("sotto/shuffle/1", u32Bytes(of.plan.training.seed), u64Bytes(of.round), utf8(of.client)));
  return new DataView(digest.buffer, digest.byteOffset, 4).getUint32(0);
}

function reportTable(logger: Logger, { training, heldBack, skipped, skippedCount }: LoadedTable): void {
  logger.info("the table is read", { trainingRows: training.rows, heldBackRows: heldBack.rows, skippedRows: skippedCount });
  if (skippedCount === 0) return;
  logger.warn("rows of the table are skipped", { skippedRows: skippedCount, told: Math.min(skippedCount, skippedToldMax) });
  for (const { line, reason } of skipped.slice(0, skippedToldMax)) logger.warn("a row is skipped", { line, reason });
}
