import { toModelVector } from "@sotto/vector";
import { describe, expect, test } from "vitest";
import { adaptiveOptimizer } from "./adaptive.ts";
import { releaseMean } from "./released-mean.ts";
import type { ServerOptimizerSpec } from "./spec.ts";

type AdaptiveSpec = Exclude<ServerOptimizerSpec, { kind: "sgd" }>;

interface Round {
  readonly d: number;
  readonly v: number;
  readonly x: number;
}

function trajectory(spec: AdaptiveSpec, means: readonly number[]): Round[] {
  const { init, apply } = adaptiveOptimizer(spec);
  let [state, model] = [init(1), toModelVector(Float32Array.of(0.5))];
  return means.map((mean) => {
    ({ state, model } = apply({ state, model, mean: releaseMean(Float64Array.of(mean)) }));
    return { d: state.moments[0]![0]!, v: state.moments[1]![0]!, x: model[0]! };
  });
}

function expectRounds(actual: readonly Round[], expected: readonly Round[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((round, i) => {
    expect(round.d).toBeCloseTo(expected[i]!.d, 14);
    expect(round.v).toBeCloseTo(expected[i]!.v, 14);
    expect(round.x).toBeCloseTo(expected[i]!.x, 6);
  });
}

describe("Reddi et al. 2021, Algorithm 2, worked by hand", () => {
  test("FedAdagrad in whole numbers: v starts at tau^2 = 9 and takes the squares of 4 and 12", () => {
    // D = 8 / 2 = 4, v = 9 + 16 = 25, step 4 / (5 + 3). D = 4 / 2 + 20 / 2 = 12, v = 25 + 144 = 169, step 12 / (13 + 3).
    const spec: AdaptiveSpec = { kind: "adagrad", learningRate: 1, beta1: 0.5, beta2: 0, tau: 3 };
    expect(trajectory(spec, [8, 20])).toEqual([
      { d: 4, v: 25, x: 1 },
      { d: 12, v: 169, x: 1.75 },
    ]);
  });

  const common = { learningRate: 0.1, beta2: 0.99, tau: 0.001 };
  const means = [0.02, -0.01, 0.05];

  test("FedAdagrad without momentum", () => {
    // v = 1e-6 + 4e-4, then + 1e-4, then + 25e-4; steps 0.1 * 0.02 / (0.0200250 + 0.001), 0.1 * -0.01 / (0.0223830 + 0.001), …
    expectRounds(trajectory({ kind: "adagrad", beta1: 0, ...common }, means), [
      { d: 0.02, v: 0.000401, x: 0.5951249219725039 },
      { d: -0.01, v: 0.000501, x: 0.5523588634013051 },
      { d: 0.05, v: 0.003001, x: 0.6419945028999874 },
    ]);
  });

  test("FedAdam", () => {
    // D = 0.1 * 0.02 = 0.002, then 0.9 * 0.002 - 0.1 * 0.01 = 0.0008, then 0.00072 + 0.005 = 0.00572.
    // v = 0.99e-6 + 0.01 * 4e-6 = 1.03e-6, then 1.0197e-6 + 0.0064e-6, then 1.015839e-6 + 0.327184e-6.
    expectRounds(trajectory({ kind: "adam", beta1: 0.9, ...common }, means), [
      { d: 0.002, v: 1.03e-6, x: 0.599261043394813 },
      { d: 0.0008, v: 1.0261e-6, x: 0.6390033948792537 },
      { d: 0.00572, v: 1.343023e-6, x: 0.9039545256024504 },
    ]);
  });

  test("FedYogi grows v below the square and shrinks it above", () => {
    // v = 1e-6 + 0.01 * 4e-6 (1e-6 < 4e-6), then 1.04e-6 - 0.01 * 0.64e-6 (1.04e-6 > 0.64e-6), then 1.0336e-6 + 0.01 * 32.7184e-6.
    expectRounds(trajectory({ kind: "yogi", beta1: 0.9, ...common }, means), [
      { d: 0.002, v: 1.04e-6, x: 0.5990195135927848 },
      { d: 0.0008, v: 1.0336e-6, x: 0.6386890425716104 },
      { d: 0.00572, v: 1.360784e-6, x: 0.9027061263738028 },
    ]);
  });

  test("there is no bias correction: one full mean with beta1 0.9 moves a tenth of it over tau", () => {
    const [round] = trajectory({ kind: "adam", learningRate: 1, beta1: 0.9, beta2: 0, tau: 1e3 }, [0.002]);
    expect(round!.x - 0.5).toBeCloseTo(0.0002 / 1e3, 7);
    expect(round!.d).toBeCloseTo(0.0002, 14);
  });
});
