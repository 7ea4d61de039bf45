import type { Json } from "@sotto/schema";
import * as tfl from "@tensorflow/tfjs-layers";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { openBackend } from "../backend/backend.ts";
import { type SampleLayer, sampleJson } from "../samples.ts";
import { checkTopology, type Topology } from "./check.ts";
import { sizeOf } from "./shape.ts";

const { layers } = tfl;

beforeAll(async () => {
  await openBackend({ prefer: "cpu" });
});

function accepted(json: Json): Topology {
  const outcome = checkTopology(json);
  expect(outcome.kind === "refused" ? outcome.refusal.message : "").toBe("");
  if (outcome.kind === "refused") throw new Error(outcome.refusal.message);
  return outcome.value;
}

function refusal(json: Json): string {
  const outcome = checkTopology(json);
  return outcome.kind === "refused" ? outcome.refusal.message : "accepted";
}

function jsonOf(model: tfl.LayersModel): Json {
  return JSON.parse(JSON.stringify(model.toJSON(null, false)));
}

function expectSameWeights(topology: Topology, model: tfl.LayersModel): void {
  const text = (weights: readonly { readonly name: string; readonly shape: readonly (number | null)[] }[]): readonly string[] =>
    weights.map(({ name, shape }) => `${name} [${shape}]`).sort();
  expect(text(topology.weights)).toEqual(text(model.weights.map(({ originalName, shape }) => ({ name: originalName, shape }))));
  expect(topology.parameterCount).toBe(model.countParams());
  expect([null, topology.outputSize]).toEqual(model.outputs[0]!.shape);
}

const initializer = { kernelInitializer: "zeros", recurrentInitializer: "zeros" } as const;
const models: Readonly<Record<string, () => tfl.LayersModel>> = {
  "a perceptron": () =>
    tfl.sequential({
      layers: [
        layers.dense({ units: 6, inputShape: [4], activation: "relu", kernelRegularizer: tfl.regularizers.l2({ l2: 0.01 }) }),
        layers.batchNormalization(),
        layers.dropout({ rate: 0.5 }),
        layers.layerNormalization(),
        layers.dense({ units: 3, useBias: false }),
        layers.softmax(),
      ],
    }),
  "a network for images": () =>
    tfl.sequential({
      layers: [
        layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, inputShape: [28, 27, 3], activation: "relu" }),
        layers.zeroPadding2d({ padding: [1, 2] }),
        layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: "same" }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.separableConv2d({ filters: 5, kernelSize: 2 }),
        layers.averagePooling2d({ poolSize: 2 }),
        layers.leakyReLU(),
        layers.reLU(),
        layers.elu(),
        layers.flatten(),
        layers.dense({ units: 1, activation: "sigmoid" }),
      ],
    }),
  "a network for text": () =>
    tfl.sequential({
      layers: [
        layers.embedding({ inputDim: 50, outputDim: 8, inputLength: 24 }),
        layers.conv1d({ filters: 6, kernelSize: 3, padding: "same" }),
        layers.maxPooling1d({ poolSize: 2 }),
        layers.bidirectional({ layer: layers.gru({ units: 4, returnSequences: true, ...initializer }), mergeMode: "concat" }),
        layers.lstm({ units: 5, returnSequences: true, unitForgetBias: true, ...initializer }),
        layers.simpleRNN({ units: 3, ...initializer }),
        layers.reshape({ targetShape: [3, 1] }),
        layers.globalMaxPooling1d(),
        layers.activation({ activation: "tanh" }),
      ],
    }),
  "a graph with branches": () => {
    const input = tfl.input({ shape: [6] });
    const branch = (units: number): tfl.SymbolicTensor => {
      const made = layers.dense({ units }).apply(input);
      if (!(made instanceof tfl.SymbolicTensor)) throw new Error("a layer of a graph makes a symbol");
      return made;
    };
    const [a, b, c] = [branch(3), branch(3), branch(2)];
    const sums = [layers.add(), layers.multiply(), layers.average(), layers.maximum(), layers.minimum()].map((merge) =>
      merge.apply([a, b]),
    );
    const joined = layers.concatenate().apply([...(sums as tfl.SymbolicTensor[]), c]);
    const output = layers.dense({ units: 1, activation: "sigmoid" }).apply(joined as tfl.SymbolicTensor);
    return tfl.model({ inputs: input, outputs: output as tfl.SymbolicTensor });
  },
};

test.each(Object.keys(models))("weights and output inferred from the JSON of TensorFlow.js are those it builds: %s", (name) => {
  const model = models[name]!();
  expectSameWeights(accepted(jsonOf(model)), model);
});

test("the parameters of any perceptron are counted as TensorFlow.js counts them", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 5 }), fc.boolean(), (widths, useBias) => {
      const [inputs, ...units] = widths;
      const model = tfl.sequential({
        layers: units.map((width, i) => layers.dense({ units: width, useBias, ...(i === 0 ? { inputShape: [inputs!] } : {}) })),
      });
      expectSameWeights(accepted(jsonOf(model)), model);
    }),
    { numRuns: 30 },
  );
});

test("any JSON at all is accepted or refused, never thrown at", () => {
  fc.assert(fc.property(fc.jsonValue(), (json) => checkTopology(JSON.parse(JSON.stringify(json))).kind === "refused"));
});

test("what a model ends in is known before it is built", () => {
  const ending = (last: SampleLayer): string => accepted(sampleJson([3], [["Dense", { units: 2 }], last])).outputActivation;
  expect(ending(["Dense", { units: 1, activation: "sigmoid" }])).toBe("sigmoid");
  expect(ending(["Activation", { activation: "softmax" }])).toBe("softmax");
  expect(ending(["Softmax", {}])).toBe("softmax");
  expect(ending(["Dense", { units: 1 }])).toBe("other");
  expect(ending(["ReLU", {}])).toBe("other");
});

test("only an embedding asks for tokens", () => {
  expect(
    accepted(
      sampleJson(
        [3],
        [
          ["Embedding", { input_dim: 9, output_dim: 2 }],
          ["Flatten", {}],
        ],
      ),
    ).tokens,
  ).toBe(9);
  expect(accepted(sampleJson([3], [["Dense", { units: 1 }]])).tokens).toBeNull();
});

const dense: SampleLayer = ["Dense", { units: 2 }];
const image: SampleLayer = ["Conv2D", { filters: 2, kernel_size: 3 }];
const refused: Readonly<Record<string, readonly [readonly number[], readonly SampleLayer[], string]>> = {
  "a Lambda": [[4], [dense, ["Lambda", { function: "x" }]], 'layer l1: class "Lambda" is not allowed'],
  "a class named like a method": [[4], [["constructor", {}]], 'class "constructor" is not allowed'],
  "an unknown key": [[4], [["Dense", { units: 2, call: "x" }]], "layer l0 (Dense)"],
  "a custom activation": [[4], [["Dense", { units: 2, activation: "eval" }]], "activation"],
  "a custom initializer": [[4], [["Dense", { units: 2, kernel_initializer: { class_name: "Mine", config: {} } }]], "allowed initializer"],
  "a constraint": [[4], [["Dense", { units: 2, kernel_constraint: { class_name: "MaxNorm", config: {} } }]], "kernel_constraint"],
  "a frozen layer": [[4], [["Dense", { units: 2, trainable: false }]], "trainable"],
  "too many units": [[4], [["Dense", { units: 2 ** 20 + 1 }]], "units"],
  "too many parameters": [[2 ** 14], [["Dense", { units: 2 ** 14 }]], "parameters, more than"],
  "too many activations": [
    [2 ** 11, 2 ** 11, 1],
    [
      ["Conv2D", { filters: 8, kernel_size: 1 }],
      ["GlobalMaxPooling2D", {}],
    ],
    "values put out",
  ],
  "no weights": [[4], [["ReLU", {}]], "no weight to train"],
  "an image as output": [[9, 9, 1], [image], "one vector a row"],
  "a window larger than the image": [[2, 2, 1], [image], "window of 3 does not fit in [2,2,1]"],
  dilation: [[9, 9, 1], [["Conv2D", { filters: 2, kernel_size: 3, dilation_rate: 2 }]], "dilation_rate"],
  "channels first": [[9, 9, 1], [["Conv2D", { filters: 2, kernel_size: 3, data_format: "channels_first" }]], "data_format"],
  "an average over padding": [[9, 9, 1], [image, ["AveragePooling2D", { pool_size: 2, padding: "same" }]], "past the border"],
  "dropout in a cell": [[4, 2], [["LSTM", { units: 2, dropout: 0.5 }]], "dropout"],
  "a stateful cell": [[4, 2], [["GRU", { units: 2, stateful: true }]], "stateful"],
  "dense input to a recurrent layer": [[4], [["LSTM", { units: 2 }]], "has 1 dimensions a row and must have 2"],
  "an embedding of computed tokens": [
    [4],
    [dense, ["Embedding", { input_dim: 3, output_dim: 2 }], ["Flatten", {}]],
    "must be fed by the model's input",
  ],
  "a mask": [[4], [["Embedding", { input_dim: 3, output_dim: 2, mask_zero: true }]], "mask_zero"],
  "a reshape that loses values": [[4], [dense, ["Reshape", { target_shape: [3] }]], "does not hold the 2 values"],
  "a normalised axis that is not the last": [[4, 4], [["LayerNormalization", { axis: 1 }]], "axis 1 must be the last"],
  "a merge of one input": [[4], [dense, ["Add", {}]], "1 inputs must be 2 or more"],
  "a name that is not one": [[4], [["Dense", { units: 2, name: "a/b" }]], "name"],
  "a name used twice": [[4], [["Dense", { units: 2, name: "l1" }], dense], "layer name l1 is used twice"],
  "no layers": [[4], [], "layers"],
};

test.each(Object.keys(refused))("a topology is refused for %s", (name) => {
  const [inputShape, sample, message] = refused[name]!;
  expect(refusal(sampleJson(inputShape, sample))).toContain(message);
});

function graph(
  nodes: readonly (readonly [name: string, className: string, inputs: readonly string[], config?: object])[],
  output: string,
): Json {
  const named = nodes.map(([name, class_name, inputs, config]) => ({
    name,
    class_name,
    config: { name, ...(class_name === "InputLayer" ? { batch_input_shape: [null, 4] } : {}), ...config },
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}])],
  }));
  return JSON.parse(
    JSON.stringify({
      class_name: "Model",
      config: { name: "m", layers: named, input_layers: [["in", 0, 0]], output_layers: [[output, 0, 0]] },
    }),
  );
}

test("a graph is refused for a cycle, a second input, a layer that feeds nothing and an output that feeds another", () => {
  const units = { units: 2 };
  expect(
    refusal(
      graph(
        [
          ["in", "InputLayer", []],
          ["a", "Dense", ["in"], units],
        ],
        "a",
      ),
    ),
  ).toBe("accepted");
  expect(
    refusal(
      graph(
        [
          ["in", "InputLayer", []],
          ["a", "Add", ["b", "in"]],
          ["b", "Dense", ["a"], units],
        ],
        "b",
      ),
    ),
  ).toContain("must come before it");
  expect(
    refusal(
      graph(
        [
          ["in", "InputLayer", []],
          ["b", "InputLayer", []],
          ["a", "Add", ["in", "b"]],
        ],
        "a",
      ),
    ),
  ).toContain("second input");
  expect(
    refusal(
      graph(
        [
          ["in", "InputLayer", []],
          ["a", "Dense", ["in"], units],
          ["b", "Dense", ["in"], units],
        ],
        "a",
      ),
    ),
  ).toContain("b feeds nothing");
  expect(
    refusal(
      graph(
        [
          ["in", "InputLayer", []],
          ["a", "Dense", ["in"], units],
          ["b", "Dense", ["a"], units],
        ],
        "a",
      ),
    ),
  ).toContain("b feeds nothing");
});

test("the weights of a large model are counted without being made", () => {
  const topology = accepted(sampleJson([2 ** 13], [["Dense", { units: 2 ** 13 }]]));
  expect(topology.parameterCount).toBe(2 ** 26 + 2 ** 13);
  expect(topology.weights.map(({ shape }) => sizeOf(shape))).toEqual([2 ** 26, 2 ** 13]);
});
