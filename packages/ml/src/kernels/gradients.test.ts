import { toModelVector } from "@sotto/vector";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { type BackendName, onBackend } from "../backend/active.ts";
import { openBackend } from "../backend/backend.ts";
import { buildNetwork, type Network, writeWeights } from "../model/network.ts";
import { randomStream } from "../random.ts";
import { type SampleLayer, sampleTopology } from "../samples.ts";
import { sizeOf } from "../topology/shape.ts";

// Each case runs on WebAssembly with our kernels and on plain JavaScript, the reference. What the reference itself has wrong no
// allowed layer reaches: ResizeNearestNeighborGrad (up-sampling), average pooling over padding, dilated convolutions.
const end: SampleLayer = ["Dense", { units: 2 }];
const flat: readonly SampleLayer[] = [["Flatten", {}], end];
const dense = (units: number, activation = "linear"): SampleLayer => ["Dense", { units, activation }];
const conv = (filters: number, kernel_size: number, more: SampleLayer[1] = {}): SampleLayer => [
  "Conv2D",
  { filters, kernel_size, ...more },
];
const same = { padding: "same" };

const cases: Readonly<Record<string, readonly [readonly number[], readonly SampleLayer[]]>> = {
  "dense, relu": [[7], [dense(5, "relu"), dense(3)]],
  "dense over a sequence": [
    [4, 7],
    [dense(5, "tanh"), ...flat],
  ],
  "sigmoid, tanh, elu, selu, softplus, swish": [[7], ["sigmoid", "tanh", "elu", "selu", "softplus", "swish"].map((name) => dense(5, name))],
  "gelu, mish, relu6, softsign, hard_sigmoid, softmax": [
    [7],
    ["gelu", "mish", "relu6", "softsign", "hard_sigmoid", "softmax"].map((name) => dense(5, name)),
  ],
  "LeakyReLU, ELU, ReLU, Softmax": [
    [7],
    [dense(6), ["LeakyReLU", {}], dense(6), ["ELU", {}], dense(6), ["ReLU", {}], dense(6), ["Softmax", {}], end],
  ],
  "conv2d same, relu": [
    [9, 9, 3],
    [conv(4, 3, { ...same, activation: "relu" }), ...flat],
  ],
  "conv2d twice, valid": [
    [9, 9, 3],
    [conv(4, 3), conv(5, 3), ...flat],
  ],
  "conv2d twice, stride 2, same": [
    [9, 9, 3],
    [conv(4, 3, { ...same, strides: 2 }), conv(5, 3, { ...same, strides: 2 }), ...flat],
  ],
  "conv2d twice, stride 2, valid, rows left over": [
    [10, 9, 3],
    [conv(4, 3, { strides: 2 }), conv(5, 2, { strides: 2 }), ...flat],
  ],
  "conv2d twice, stride 3 past the kernel": [
    [11, 11, 2],
    [conv(3, 2, { strides: 3 }), conv(4, 1, { strides: 2 }), ...flat],
  ],
  "conv2d 1×1": [
    [9, 9, 3],
    [conv(4, 1), conv(4, 1), conv(4, 1, { strides: 2 }), ...flat],
  ],
  "conv2d with an oblong kernel": [
    [8, 6, 2],
    [["Conv2D", { filters: 3, kernel_size: [3, 2], strides: [2, 1], ...same }], conv(3, 2), ...flat],
  ],
  "conv1d twice": [
    [12, 4],
    [["Conv1D", { filters: 5, kernel_size: 3 }], ["Conv1D", { filters: 5, kernel_size: 3, ...same }], ...flat],
  ],
  depthwise: [
    [9, 9, 3],
    [conv(4, 3), ["DepthwiseConv2D", { kernel_size: 3, depth_multiplier: 2 }], ...flat],
  ],
  "depthwise, stride 2, same": [
    [9, 8, 3],
    [conv(4, 3), ["DepthwiseConv2D", { kernel_size: 3, strides: 2, ...same }], ...flat],
  ],
  separable: [
    [9, 9, 3],
    [conv(4, 3), ["SeparableConv2D", { filters: 4, kernel_size: 3 }], ...flat],
  ],
  "max pooling": [
    [8, 8, 3],
    [conv(4, 3, same), ["MaxPooling2D", { pool_size: 2 }], ...flat],
  ],
  "max pooling, overlapping, same": [
    [9, 9, 3],
    [conv(4, 3, same), ["MaxPooling2D", { pool_size: 3, strides: 2, ...same }], ...flat],
  ],
  "average pooling": [
    [9, 9, 3],
    [conv(4, 3, same), ["AveragePooling2D", { pool_size: 3, strides: 2 }], ...flat],
  ],
  "pooling of sequences": [
    [12, 3],
    [["Conv1D", { filters: 4, kernel_size: 2 }], ["MaxPooling1D", { pool_size: 2 }], ["AveragePooling1D", { pool_size: 2 }], ...flat],
  ],
  "global average": [
    [8, 8, 3],
    [conv(4, 3), ["GlobalAveragePooling2D", {}], end],
  ],
  "global maximum": [
    [8, 8, 3],
    [conv(4, 3), ["GlobalMaxPooling2D", {}], end],
  ],
  "global pooling of sequences": [
    [8, 3],
    [["Conv1D", { filters: 4, kernel_size: 2 }], ["GlobalMaxPooling1D", {}], end],
  ],
  "batch normalisation of images": [
    [8, 8, 3],
    [conv(4, 3), ["BatchNormalization", {}], ...flat],
  ],
  "batch normalisation of features": [[7], [dense(6), ["BatchNormalization", {}], end]],
  "layer normalisation": [[7], [dense(6), ["LayerNormalization", {}], end]],
  "zero padding": [
    [5, 5, 3],
    [
      conv(4, 3),
      [
        "ZeroPadding2D",
        {
          padding: [
            [1, 2],
            [0, 1],
          ],
        },
      ],
      ...flat,
    ],
  ],
  reshape: [[12], [dense(12), ["Reshape", { target_shape: [3, 4] }], ["Conv1D", { filters: 2, kernel_size: 2 }], ...flat]],
  embedding: [[6], [["Embedding", { input_dim: 11, output_dim: 4 }], ...flat]],
  "simple recurrent": [
    [6, 5],
    [["SimpleRNN", { units: 4 }], end],
  ],
  "LSTM twice": [
    [6, 5],
    [["LSTM", { units: 4, return_sequences: true }], ["LSTM", { units: 3 }], end],
  ],
  GRU: [
    [6, 5],
    [["GRU", { units: 4, go_backwards: true }], end],
  ],
  bidirectional: [
    [6, 5],
    [["Bidirectional", { layer: { class_name: "LSTM", config: { name: "inner", units: 3 } } }], end],
  ],
};

const batch = 4;

beforeAll(async () => {
  await openBackend({ prefer: "wasm" });
  await openBackend({ prefer: "cpu" });
});

interface Gradients {
  readonly network: Network;
  readonly loss: (weights: Float32Array) => number;
  readonly gradient: Float32Array;
  readonly weights: Float32Array;
}

async function gradientsOn(
  backend: BackendName,
  [inputShape, layers]: readonly [readonly number[], readonly SampleLayer[]],
): Promise<Gradients> {
  const topology = sampleTopology(inputShape, layers);
  const network = await buildNetwork(backend, topology);
  const random = randomStream({ seed: 7, stream: 0 });
  const uniform = (low: number, high: number) => () => low + (high - low) * random.uniform();
  const weights = Float32Array.from({ length: topology.parameterCount }, uniform(-0.5, 0.6));
  const tokens = layers[0]![0] === "Embedding";
  const inputs = Float32Array.from({ length: batch * sizeOf(inputShape) }, tokens ? () => random.below(11) : uniform(-1, 1));
  const direction = Float32Array.from({ length: batch * topology.outputSize }, uniform(-1, 1));
  const objective = (): tf.Scalar => {
    const output = network.model.apply(tf.tensor(inputs, [batch, ...inputShape]), { training: true });
    if (!(output instanceof tf.Tensor)) throw new Error("one tensor is expected");
    return tf.sum(tf.mul(output, tf.tensor(direction, [batch, topology.outputSize])));
  };
  const loss = (at: Float32Array): number =>
    onBackend(backend, () => {
      writeWeights(network, at);
      return objective().dataSync()[0]!;
    });
  const gradient = onBackend(backend, () => {
    writeWeights(network, toModelVector(weights));
    const { grads } = tf.variableGrads(objective, [...network.trainable]);
    const parts = network.variables.map((variable) => [...(grads[variable.name]?.dataSync() ?? new Float32Array(variable.size))]);
    return Float32Array.from(parts.flat());
  });
  return { network, loss, gradient, weights };
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

test.each(Object.keys(cases))("gradients on wasm are those of the JavaScript backend: %s", async (name) => {
  const wasm = await gradientsOn("wasm", cases[name]!);
  const cpu = await gradientsOn("cpu", cases[name]!);
  const scale = largest(cpu.gradient);
  expect(scale).toBeGreaterThan(0);
  expect(wasm.gradient.every(Number.isFinite)).toBe(true);
  expect(largest(wasm.gradient.map((value, i) => value - cpu.gradient[i]!)) / scale).toBeLessThan(1e-4);
  expect(wasm.loss(wasm.weights)).toBeCloseTo(cpu.loss(cpu.weights), 4);
  onBackend("wasm", () => wasm.network.model.dispose());
  onBackend("cpu", () => cpu.network.model.dispose());
});

// A kink between the two points, of a rectifier or of a maximum, would count as an error: smooth models only.
const smooth = Object.keys(cases).filter((name) => !/relu|max|pooling of sequences/i.test(name));

test.each(smooth)("gradients on wasm are those of finite differences: %s", async (name) => {
  const { loss, gradient, weights, network } = await gradientsOn("wasm", cases[name]!);
  const random = randomStream({ seed: 3, stream: 1 });
  const scale = largest(gradient);
  for (let probe = 0; probe < 20; probe++) {
    const at = random.below(weights.length);
    const moved = (by: number): Float32Array => weights.map((value, i) => (i === at ? value + by : value));
    const slope = (loss(moved(0.01)) - loss(moved(-0.01))) / 0.02;
    expect(Math.abs(slope - gradient[at]!) / scale).toBeLessThan(1e-3);
  }
  onBackend("wasm", () => network.model.dispose());
});

test("a pooling window whose largest value is not positive hands on its gradient", () => {
  const gradient = onBackend("wasm", () => {
    const pooled = (x: tf.Tensor): tf.Tensor => tf.maxPool(tf.reshape<tf.Rank.R4>(x, [1, 2, 2, 1]), 2, 2, "valid");
    return [
      ...tf
        .grad((x) => tf.sum(pooled(x)))(tf.tensor1d([-3, -1, -2, -4]))
        .dataSync(),
    ];
  });
  expect(gradient).toEqual([0, 1, 0, 0]);
});
