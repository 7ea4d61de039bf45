import type { LocalOptimizer, Plan } from "@sotto/protocol";
import { type ModelVector, toModelVector } from "@sotto/vector";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { BackendName } from "../backend/active.ts";
import { openBackend } from "../backend/backend.ts";
import { createModel } from "../model/create.ts";
import { randomStream } from "../random.ts";
import { type SampleLayer, sampleTopology } from "../samples.ts";
import type { Table } from "./table.ts";
import { createTrainer, type Trainer, type TrainingOrder } from "./trainer.ts";

const backends: readonly BackendName[] = ["wasm", "cpu"];
const never = new AbortController().signal;

function trainingOf(more: Partial<Plan["training"]>): Plan["training"] {
  return {
    length: { unit: "epochs", count: 1 },
    batchSize: 8,
    optimizer: { kind: "sgd", learningRate: 0.1, momentum: 0 },
    loss: "binaryCrossentropy",
    seed: 0,
    ...more,
  };
}

function randomTable(options: { readonly rows: number; readonly featureCount: number; readonly classes: number }): Table {
  const random = randomStream({ seed: 21, stream: 0 });
  return {
    rows: options.rows,
    featureCount: options.featureCount,
    features: Float32Array.from({ length: options.rows * options.featureCount }, () => random.normal()),
    labels: Float32Array.from({ length: options.rows }, () => random.below(options.classes)),
  };
}

interface Sample {
  readonly trainer: Trainer;
  readonly vector: ModelVector;
}

async function sampleTrainer(prefer: BackendName, inputShape: readonly number[], layers: readonly SampleLayer[]): Promise<Sample> {
  const backend = await openBackend({ prefer });
  const topology = sampleTopology(inputShape, layers);
  const { layout, vector } = await createModel({ backend, topology, seed: 1 });
  return { trainer: await createTrainer({ backend, topology, layout }), vector };
}

const logistic: readonly SampleLayer[] = [
  ["Dense", { units: 1, activation: "sigmoid", kernel_initializer: { class_name: "Zeros", config: {} } }],
];

/** Full-batch training of a logistic regression in float64, written out by hand. */
function trainLogistic(table: Table, optimizer: LocalOptimizer, steps: number): Float64Array {
  const { rows, featureCount: d, features, labels } = table;
  const weights = new Float64Array(d + 1);
  const [first, second] = [new Float64Array(d + 1), new Float64Array(d + 1)];
  for (let step = 1; step <= steps; step++) {
    const gradient = new Float64Array(d + 1);
    for (let row = 0; row < rows; row++) {
      let logit = weights[d]!;
      for (let i = 0; i < d; i++) logit += weights[i]! * features[row * d + i]!;
      const error = 1 / (1 + Math.exp(-logit)) - labels[row]!;
      for (let i = 0; i < d; i++) gradient[i]! += (error * features[row * d + i]!) / rows;
      gradient[d]! += error / rows;
    }
    gradient.forEach((slope, i) => {
      if (optimizer.kind === "sgd") {
        first[i] = optimizer.momentum * first[i]! + slope;
        weights[i]! -= optimizer.learningRate * first[i]!;
      } else {
        first[i] = optimizer.beta1 * first[i]! + (1 - optimizer.beta1) * slope;
        second[i] = optimizer.beta2 * second[i]! + (1 - optimizer.beta2) * slope ** 2;
        const corrected = first[i]! / (1 - optimizer.beta1 ** step);
        weights[i]! -= (optimizer.learningRate * corrected) / (Math.sqrt(second[i]! / (1 - optimizer.beta2 ** step)) + optimizer.epsilon);
      }
    });
  }
  return weights;
}

const optimizers: Readonly<Record<string, LocalOptimizer>> = {
  "plain SGD": { kind: "sgd", learningRate: 0.3, momentum: 0 },
  momentum: { kind: "sgd", learningRate: 0.1, momentum: 0.9 },
  // Not the usual 1e-7: Adam would blow the rounding of a gradient of 0, the bias's here, up to a whole step.
  Adam: { kind: "adam", learningRate: 0.05, beta1: 0.9, beta2: 0.999, epsilon: 1e-3 },
};

test.each(backends.flatMap((name) => Object.keys(optimizers).map((optimizer) => [name, optimizer] as const)))(
  "a logistic regression trained on %s by %s is the one computed by hand in float64",
  async (name, optimizer) => {
    const table = randomTable({ rows: 40, featureCount: 5, classes: 2 });
    const { trainer, vector } = await sampleTrainer(name, [5], logistic);
    const { update } = await trainer.train({
      model: vector,
      table,
      training: trainingOf({ length: { unit: "epochs", count: 30 }, batchSize: 40, optimizer: optimizers[optimizer]! }),
      shuffleSeed: 5,
      signal: never,
    });
    const expected = trainLogistic(table, optimizers[optimizer]!, 30);
    update.forEach((value, i) => {
      expect(Math.abs(value - (expected[i]! - vector[i]!))).toBeLessThan(1e-5);
    });
    trainer.dispose();
  },
);

const convolutional: readonly SampleLayer[] = [
  ["Conv2D", { filters: 4, kernel_size: 3, padding: "same", activation: "relu" }],
  ["MaxPooling2D", { pool_size: 2 }],
  ["BatchNormalization", {}],
  ["Flatten", {}],
  ["Dropout", { rate: 0.3 }],
  ["Dense", { units: 3, activation: "softmax", kernel_regularizer: { class_name: "L1L2", config: { l1: 0.001, l2: 0.01 } } }],
];

function orderOf(vector: ModelVector, more: Partial<TrainingOrder> = {}): TrainingOrder {
  return {
    model: vector,
    table: randomTable({ rows: 20, featureCount: 72, classes: 3 }),
    training: trainingOf({ loss: "sparseCategoricalCrossentropy", length: { unit: "epochs", count: 2 } }),
    shuffleSeed: 77,
    signal: never,
    ...more,
  };
}

test.each(backends)("training on %s with dropout repeats itself bit for bit on one seed, and differs on another", async (name) => {
  const { trainer, vector } = await sampleTrainer(name, [6, 6, 2], convolutional);
  const before = vector.slice();
  const first = await trainer.train(orderOf(vector));
  expect(await trainer.train(orderOf(vector))).toEqual(first);
  expect((await trainer.train(orderOf(vector, { shuffleSeed: 78 }))).update).not.toEqual(first.update);
  expect(vector).toEqual(before);
  trainer.dispose();
});

test("backends agree on one step to 1e-4, and on everything a model counts", async () => {
  const results = await Promise.all(
    backends.map(async (name) => {
      const { trainer, vector } = await sampleTrainer(name, [6, 6, 2], convolutional);
      const order = orderOf(vector, {
        training: trainingOf({ loss: "sparseCategoricalCrossentropy", length: { unit: "steps", count: 1 } }),
      });
      const trained = await trainer.train(order);
      const metrics = await trainer.evaluate({
        model: vector,
        table: order.table,
        loss: "sparseCategoricalCrossentropy",
        evaluation: { lossMax: 10, aucBins: 0 },
      });
      trainer.dispose();
      return { ...trained, ...metrics };
    }),
  );
  const [wasm, cpu] = results;
  wasm!.update.forEach((value, i) => {
    expect(Math.abs(value - cpu!.update[i]!)).toBeLessThan(1e-4);
  });
  expect(wasm!.loss).toBeCloseTo(cpu!.loss, 4);
  expect(wasm!.lossSum).toBeCloseTo(cpu!.lossSum, 3);
  expect([wasm!.rows, wasm!.correct]).toEqual([cpu!.rows, cpu!.correct]);
});

test("a penalty pulls weights down by its slope and stays out of the reported loss", async () => {
  const l2: SampleLayer = ["Dense", { units: 1, kernel_regularizer: { class_name: "L1L2", config: { l1: 0, l2: 0.5 } } }];
  const { trainer } = await sampleTrainer("cpu", [2], [l2]);
  const table = { rows: 1, featureCount: 2, features: Float32Array.of(0, 0), labels: Float32Array.of(3) };
  const training = trainingOf({ loss: "meanSquaredError", length: { unit: "steps", count: 1 } });
  const { update, loss } = await trainer.train({
    model: toModelVector(Float32Array.of(1, -2, 0)),
    table,
    training,
    shuffleSeed: 0,
    signal: never,
  });
  // Slope of 0.5 w² is w; slope of (0 - 3)² along the bias is -6; the rate is 0.1.
  expect([...update]).toEqual([-0.1, 0.2, 0.6].map((value) => expect.closeTo(value, 6)));
  expect(loss).toBe(9);
  trainer.dispose();
});

test("evaluation counts as a hand does", async () => {
  const { trainer } = await sampleTrainer("wasm", [1], logistic);
  const table = { rows: 4, featureCount: 1, features: Float32Array.of(2, -1, 0.5, -9), labels: Float32Array.of(1, 1, 0, 0) };
  const metrics = await trainer.evaluate({
    model: toModelVector(Float32Array.of(1, 0)),
    table,
    loss: "binaryCrossentropy",
    evaluation: { lossMax: 1, aucBins: 2 },
  });
  const loss = Math.log1p(Math.exp(-2)) + 1 + Math.log1p(Math.exp(0.5)) + Math.log1p(Math.exp(-9));
  expect(metrics).toEqual({
    rows: 4,
    lossSum: expect.closeTo(loss, 5),
    correct: 2,
    positives: [1, 1],
    negatives: [1, 1],
  });
  trainer.dispose();
});

test("an empty table has nothing to train on and counts nothing", async () => {
  const { trainer, vector } = await sampleTrainer("wasm", [5], logistic);
  const table = randomTable({ rows: 0, featureCount: 5, classes: 2 });
  await expect(trainer.train({ model: vector, table, training: trainingOf({}), shuffleSeed: 0, signal: never })).rejects.toMatchObject({
    code: "failed-precondition",
  });
  const evaluation = { lossMax: 1, aucBins: 1 };
  expect(await trainer.evaluate({ model: vector, table, loss: "binaryCrossentropy", evaluation })).toEqual({
    rows: 0,
    lossSum: 0,
    correct: 0,
    positives: [0],
    negatives: [0],
  });
  trainer.dispose();
});

test("training ends before the next step when it is stopped, says how far it is, and can begin again", async () => {
  const { trainer, vector } = await sampleTrainer("wasm", [5], logistic);
  const table = randomTable({ rows: 40, featureCount: 5, classes: 2 });
  const stop = new AbortController();
  const seen: string[] = [];
  const onProgress: NonNullable<TrainingOrder["onProgress"]> = ({ step, steps }) => {
    seen.push(`${step}/${steps}`);
    if (step === 3) stop.abort();
  };
  const order = { model: vector, table, training: trainingOf({}), shuffleSeed: 0 };
  await expect(trainer.train({ ...order, signal: stop.signal, onProgress })).rejects.toMatchObject({
    code: "cancelled",
    message: "training was stopped before step 4 of 5",
  });
  expect(seen).toEqual(["1/5", "2/5", "3/5"]);
  await expect(
    trainer.evaluate({ ...order, loss: "binaryCrossentropy", evaluation: { lossMax: 1, aucBins: 0 }, signal: stop.signal }),
  ).rejects.toMatchObject({ code: "cancelled" });
  expect((await trainer.train({ ...order, signal: never })).update.length).toBe(6);
  trainer.dispose();
});

test("what is not finite is named: the loss and its step, or the weight", async () => {
  const { trainer, vector } = await sampleTrainer("wasm", [1], [["Dense", { units: 1 }]]);
  const table = { rows: 1, featureCount: 1, features: Float32Array.of(1e15), labels: Float32Array.of(1) };
  const order = { model: vector, table, shuffleSeed: 0, signal: never };
  const diverging = (count: number): Plan["training"] =>
    trainingOf({ loss: "meanSquaredError", length: { unit: "steps", count }, optimizer: { kind: "sgd", learningRate: 1000, momentum: 0 } });
  await expect(trainer.train({ ...order, training: diverging(10) })).rejects.toMatchObject({
    code: "failed-precondition",
    message: expect.stringMatching(/^training loss is (Infinity|NaN) at step 2 of 10/),
  });
  await expect(
    trainer.train({ ...order, table: { ...table, features: Float32Array.of(1e19) }, training: diverging(1) }),
  ).rejects.toMatchObject({ code: "failed-precondition", message: expect.stringMatching(/^weight l0\/kernel became -?Infinity/) });
  trainer.dispose();
});

test("a trainer does one thing at a time and nothing after it is disposed of", async () => {
  const { trainer, vector } = await sampleTrainer("wasm", [5], logistic);
  const order = {
    model: vector,
    table: randomTable({ rows: 40, featureCount: 5, classes: 2 }),
    training: trainingOf({}),
    shuffleSeed: 0,
    signal: never,
  };
  const running = trainer.train(order);
  const second = trainer.train(order);
  expect(() => trainer.dispose()).toThrow("trainer is busy");
  await expect(second).rejects.toThrow("trainer is busy");
  await running;
  trainer.dispose();
  trainer.dispose();
  await expect(trainer.train(order)).rejects.toThrow("trainer is disposed");
});

test("a layout that is not the topology's is refused by its first difference, and nothing stays behind", async () => {
  const backend = await openBackend({ prefer: "wasm" });
  const topology = sampleTopology([5], logistic);
  const { layout, vector } = await createModel({ backend, topology, seed: 1 });
  const before = tf.memory().numTensors;
  await expect(createTrainer({ backend, topology, layout: layout.toReversed() })).rejects.toThrow(
    "layout entry 0 is l0/bias [1] where the topology has l0/kernel [5,1]",
  );
  await expect(createTrainer({ backend, topology, layout: layout.slice(0, 1) })).rejects.toThrow("layout entry 1 is nothing");
  expect(tf.memory().numTensors).toBe(before);
  const trainer = await createTrainer({ backend, topology, layout });
  const order = { table: randomTable({ rows: 1, featureCount: 5, classes: 2 }), training: trainingOf({}), shuffleSeed: 0, signal: never };
  await expect(trainer.train({ ...order, model: toModelVector(vector.slice(1)) })).rejects.toThrow("model of 5 values must have 6");
  trainer.dispose();
});

test("an update of any perceptron moves the loss on its own batch downhill", async () => {
  const backend = await openBackend({ prefer: "wasm" });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.nat(1000), async (inputs, hidden, seed) => {
      const layers: readonly SampleLayer[] = [
        ["Dense", { units: hidden, activation: "tanh" }],
        ["Dense", { units: 1, activation: "sigmoid" }],
      ];
      const topology = sampleTopology([inputs], layers);
      const { layout, vector } = await createModel({ backend, topology, seed });
      const trainer = await createTrainer({ backend, topology, layout });
      const table = randomTable({ rows: 10, featureCount: inputs, classes: 2 });
      const training = trainingOf({ batchSize: 10, optimizer: { kind: "sgd", learningRate: 0.01, momentum: 0 } });
      const { update } = await trainer.train({ model: vector, table, training, shuffleSeed: seed, signal: never });
      const lossAt = async (model: ModelVector): Promise<number> =>
        (await trainer.evaluate({ model, table, loss: "binaryCrossentropy", evaluation: { lossMax: 100, aucBins: 0 } })).lossSum;
      const moved = toModelVector(vector.map((value, i) => value + update[i]!));
      expect(await lossAt(moved)).toBeLessThan(await lossAt(vector));
      trainer.dispose();
    }),
    { numRuns: 20 },
  );
});

// 1,000 rounds of everything that could leave a tensor behind. The bound on memory is loose: it would catch a kilobyte a round.
test.each(backends)(
  "1,000 rounds on %s leave no tensor behind",
  async (name) => {
    const layers: readonly SampleLayer[] = [
      ["Dense", { units: 4, activation: "relu" }],
      ["BatchNormalization", {}],
      ["Dropout", { rate: 0.2 }],
      ["Dense", { units: 1, activation: "sigmoid" }],
    ];
    const { trainer, vector } = await sampleTrainer(name, [5], layers);
    const table = randomTable({ rows: 12, featureCount: 5, classes: 2 });
    const kinds = Object.values(optimizers);
    const round = async (number: number): Promise<void> => {
      const training = trainingOf({ batchSize: 12, optimizer: kinds[number % kinds.length]! });
      await trainer.train({ model: vector, table, training, shuffleSeed: number, signal: never });
      await trainer.evaluate({ model: vector, table, loss: "binaryCrossentropy", evaluation: { lossMax: 10, aucBins: 4 } });
    };
    for (let number = 0; number < 20; number++) await round(number);
    const { numTensors, numBytes } = tf.memory();
    const resident = process.memoryUsage().rss;
    for (let number = 0; number < 1000; number++) await round(number);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
    expect(process.memoryUsage().rss - resident).toBeLessThan(200e6);
    trainer.dispose();
  },
  120_000,
);
