import { FlError, toFlError } from "@sotto/base";
import type { LayoutEntry, LocalMetrics, LossName, Plan } from "@sotto/protocol";
import type { ModelVector, Update } from "@sotto/vector";
import * as tf from "@tensorflow/tfjs-core";
import { type BackendName, onBackend } from "../backend/active.ts";
import type { Backend } from "../backend/backend.ts";
import { assertSameLayout } from "../model/layout.ts";
import { buildNetwork, type Network, readWeights, writeWeights } from "../model/network.ts";
import { randomStream } from "../random.ts";
import type { Topology } from "../topology/check.ts";
import { batches, gatherRows, stepCount } from "./batches.ts";
import { countInto, emptyTally, metricsOf } from "./evaluation.ts";
import { turnEvery } from "./event-loop.ts";
import { createOptimizer, disposeOptimizer } from "./optimizer.ts";
import { type Step, takeStep } from "./step.ts";
import { assertTableFits, type Table } from "./table.ts";
import { updateOf } from "./update.ts";

/** How far one round's training is. */
export interface TrainingProgress {
  /** Steps done, and steps there will be. */
  readonly step: number;
  readonly steps: number;
  /** Mean loss a row so far. */
  readonly loss: number;
}

/** One round's training. */
export interface TrainingOrder {
  /** Received weights; only read. */
  readonly model: ModelVector;
  readonly table: Table;
  readonly training: Plan["training"];
  /** 0 to 2^32 - 1; seeds shuffling and dropout. Derived from the plan's seed, the round and the client's id. */
  readonly shuffleSeed: number;
  readonly signal: AbortSignal;
  /** Called after every step; keep it short. */
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** What one round's training made; the caller owns it. */
export interface Trained {
  readonly update: Update;
  /** Mean training loss a row, over every row of every step, without regularisation penalties. */
  readonly loss: number;
}

/** One evaluation. */
export interface EvaluationOrder {
  /** Weights to measure; only read. */
  readonly model: ModelVector;
  readonly table: Table;
  readonly loss: LossName;
  readonly evaluation: Plan["evaluation"];
  readonly signal?: AbortSignal;
}

/** A model built on a backend, for many rounds; it keeps no weights between calls. One call at a time. */
export interface Trainer {
  /**
   * Trains from the received weights with a fresh optimizer. Repeats itself bit for bit on one backend; backends differ in the
   * last bits. Lets the event loop turn about every 50 ms and looks at the signal before each step.
   * @throws FlError `cancelled` on abort, `failed-precondition` when a loss or a weight is not finite (it names it) or the table is
   * empty or the trainer busy, `invalid-argument` when table, loss and model do not belong together
   */
  train(order: TrainingOrder): Promise<Trained>;
  /**
   * Counts loss, hits and scores of every row; an empty table counts nothing.
   * @throws FlError `cancelled`, `failed-precondition` when busy, `invalid-argument` as {@link Trainer.train}
   */
  evaluate(order: EvaluationOrder): Promise<LocalMetrics>;
  /** Frees the model's tensors. Not while a call runs: abort it and wait first. @throws FlError `failed-precondition` */
  dispose(): void;
}

/**
 * Builds a checked topology on a backend for training and evaluation.
 * @throws FlError `invalid-argument` when the layout is not the topology's, naming the first entry that differs
 */
export async function createTrainer(order: {
  readonly backend: Backend;
  readonly topology: Topology;
  readonly layout: readonly LayoutEntry[];
}): Promise<Trainer> {
  const { backend, topology, layout } = order;
  const network = await buildNetwork(backend.name, topology);
  try {
    assertSameLayout(layout, network.layout);
  } catch (thrown) {
    network.model.dispose();
    throw thrown;
  }
  return new NetworkTrainer(backend.name, topology, network);
}

/** Rows that are evaluated at once: few, so that the event loop turns often. */
const evaluationBatch = 64;
const turnEveryMs = 50;
const shuffleStream = 0;
const dropoutStream = 1;

class NetworkTrainer implements Trainer {
  readonly #backend: BackendName;
  readonly #topology: Topology;
  readonly #network: Network;
  #state: "idle" | "busy" | "disposed" = "idle";

  constructor(backend: BackendName, topology: Topology, network: Network) {
    this.#backend = backend;
    this.#topology = topology;
    this.#network = network;
  }

  train(order: TrainingOrder): Promise<Trained> {
    return this.#alone(order.model, async () => {
      const { table, training, model } = order;
      assertTableFits(table, training.loss, this.#topology);
      if (table.rows === 0) throw new FlError("failed-precondition", "training table has 0 rows and needs 1");
      const optimizer = onBackend(this.#backend, () => createOptimizer(training.optimizer));
      try {
        const loss = await this.#takeSteps(order, optimizer);
        const trained = onBackend(this.#backend, () => readWeights(this.#network));
        return { update: updateOf({ trained, received: model, layout: this.#network.layout }), loss };
      } finally {
        onBackend(this.#backend, () => disposeOptimizer(optimizer));
      }
    });
  }

  evaluate(order: EvaluationOrder): Promise<LocalMetrics> {
    return this.#alone(order.model, async () => {
      const { table, loss, evaluation } = order;
      assertTableFits(table, loss, this.#topology);
      const turn = turnEvery(turnEveryMs);
      const tally = emptyTally(evaluation);
      const rule = { loss, evaluation, outputActivation: this.#topology.outputActivation };
      for (let start = 0; start < table.rows; start += evaluationBatch) {
        if (order.signal?.aborted === true) throw new FlError("cancelled", `evaluation was stopped at row ${start} of ${table.rows}`);
        const labels = table.labels.subarray(start, start + evaluationBatch);
        const features = table.features.slice(start * table.featureCount, (start + labels.length) * table.featureCount);
        countInto(tally, { logits: this.#logits(features, labels.length), labels }, rule);
        await turn();
      }
      return metricsOf(tally);
    });
  }

  dispose(): void {
    if (this.#state === "disposed") return;
    if (this.#state === "busy") throw new FlError("failed-precondition", "trainer is busy and cannot be disposed of");
    this.#state = "disposed";
    onBackend(this.#backend, () => this.#network.model.dispose());
  }

  async #alone<T>(model: ModelVector, work: () => Promise<T>): Promise<T> {
    if (this.#state !== "idle") throw new FlError("failed-precondition", `trainer is ${this.#state}`);
    if (model.length !== this.#topology.parameterCount)
      throw new FlError("invalid-argument", `model of ${model.length} values must have ${this.#topology.parameterCount}`);
    this.#state = "busy";
    try {
      onBackend(this.#backend, () => writeWeights(this.#network, model));
      return await work();
    } catch (thrown) {
      throw toFlError(thrown);
    } finally {
      this.#state = "idle";
    }
  }

  async #takeSteps(order: TrainingOrder, optimizer: tf.Optimizer): Promise<number> {
    const { table, training, signal } = order;
    const steps = stepCount({ rows: table.rows, batchSize: training.batchSize, length: training.length });
    const shuffle = randomStream({ seed: order.shuffleSeed, stream: shuffleStream });
    const dropout = randomStream({ seed: order.shuffleSeed, stream: dropoutStream });
    const chosen = batches({ rows: table.rows, batchSize: training.batchSize, random: shuffle });
    const turn = turnEvery(turnEveryMs);
    let [lossSum, rows] = [0, 0];
    for (let step = 1; step <= steps; step++) {
      if (signal.aborted) throw new FlError("cancelled", `training was stopped before step ${step} of ${steps}`);
      const batch = this.#batch(table, chosen.next().value);
      const loss = onBackend(this.#backend, () => takeStep(this.#network, { ...batch, optimizer, loss: training.loss, dropout }));
      if (!Number.isFinite(loss))
        throw new FlError("failed-precondition", `training loss is ${loss} at step ${step} of ${steps}; a lower learning rate may help`);
      lossSum += loss * batch.labels.length;
      rows += batch.labels.length;
      order.onProgress?.({ step, steps, loss: lossSum / rows });
      await turn();
    }
    return lossSum / rows;
  }

  #batch(table: Table, rows: Uint32Array): Pick<Step, "features" | "labels" | "inputShape" | "outputActivation"> {
    return {
      features: gatherRows(table.features, rows, table.featureCount),
      labels: gatherRows(table.labels, rows, 1),
      inputShape: [rows.length, ...this.#topology.inputShape],
      outputActivation: this.#topology.outputActivation,
    };
  }

  #logits(features: Float32Array, rows: number): Float32Array {
    return onBackend(this.#backend, () => {
      const output = this.#network.model.apply(tf.tensor(features, [rows, ...this.#topology.inputShape]));
      if (!(output instanceof tf.Tensor)) throw new FlError("internal", "model puts out more than one tensor");
      return Float32Array.from(output.dataSync());
    });
  }
}
