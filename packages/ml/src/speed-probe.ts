import type { Backend } from "./backend/backend.ts";
import { createModel } from "./model/create.ts";
import { randomStream } from "./random.ts";
import { sampleTopology } from "./samples.ts";
import { createTrainer } from "./training/trainer.ts";

/**
 * How fast a backend trains here: rows a second of a fixed small model (784-64-10, batches of 32, plain SGD), which takes it
 * about half a second. For people and for choosing a backend; no test asserts it.
 */
export async function measureBackend(backend: Backend): Promise<{ readonly samplesPerSecond: number }> {
  const topology = sampleTopology(
    [features],
    [
      ["Dense", { units: 64, activation: "relu" }],
      ["Dense", { units: classes, activation: "softmax" }],
    ],
  );
  const { layout, vector } = await createModel({ backend, topology, seed: 1 });
  const trainer = await createTrainer({ backend, topology, layout });
  const steps = (count: number) =>
    trainer.train({
      model: vector,
      table,
      training: {
        length: { unit: "steps", count },
        batchSize,
        optimizer: { kind: "sgd", learningRate: 0.01, momentum: 0 },
        loss: "sparseCategoricalCrossentropy",
        seed: 0,
      },
      shuffleSeed: 0,
      signal: new AbortController().signal,
    });
  const random = randomStream({ seed: 1, stream: 0 });
  const table = {
    rows: 4 * batchSize,
    featureCount: features,
    features: Float32Array.from({ length: 4 * batchSize * features }, () => random.normal()),
    labels: Float32Array.from({ length: 4 * batchSize }, () => random.below(classes)),
  };
  try {
    // V8 compiles during the first steps: they are not counted.
    await steps(warmingSteps);
    const start = performance.now();
    let measured = 0;
    while (measured < measuredStepsMax && performance.now() - start < measuringMs) {
      await steps(stepsAtOnce);
      measured += stepsAtOnce;
    }
    return { samplesPerSecond: (1000 * measured * batchSize) / (performance.now() - start) };
  } finally {
    trainer.dispose();
  }
}

const features = 784;
const classes = 10;
const batchSize = 32;
const warmingSteps = 4;
const stepsAtOnce = 8;
const measuringMs = 300;
const measuredStepsMax = 4096;
