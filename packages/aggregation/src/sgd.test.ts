import { toModelVector } from "@sotto/vector";
import { expect, test } from "vitest";
import { releaseMean } from "./released-mean.ts";
import { sgdOptimizer } from "./sgd.ts";

function trajectory(spec: { learningRate: number; momentum: number }, means: readonly number[]): number[] {
  const { init, apply } = sgdOptimizer({ kind: "sgd", ...spec });
  let [state, model] = [init(1), toModelVector(Float32Array.of(1))];
  return means.map((mean) => {
    ({ state, model } = apply({ state, model, mean: releaseMean(Float64Array.of(mean)) }));
    return model[0]!;
  });
}

test("rate 1 and momentum 0 is federated averaging: the next model is the weighted mean of the clients' models", () => {
  // Models 3, 6 and 0 trained from 1 on 10, 30 and 60 rows: updates 2, 5 and -1, mean (20 + 150 - 60) / 100 = 1.1, model (30 + 180 + 0) / 100.
  expect(trajectory({ learningRate: 1, momentum: 0 }, [1.1])[0]).toBeCloseTo(2.1, 6);
});

test("without momentum nothing is remembered", () => {
  expect(sgdOptimizer({ kind: "sgd", learningRate: 1, momentum: 0 }).init(1_000_000).moments).toEqual([]);
});

test("FedAvgM moves by a decaying sum of means", () => {
  // v: 0.5, then 0.25 - 0.25 = 0, then 0 + 1 = 1, then 0.5 + 0 = 0.5; x moves by 2 v.
  expect(trajectory({ learningRate: 2, momentum: 0.5 }, [0.5, -0.25, 1, 0])).toEqual([2, 2, 4, 5]);
});

test("the model is rounded to float32 once, after a float64 step", () => {
  // 1 + 2^-24 + 2^-30 is nearer to 1 + 2^-23 than to 1; a float32 product of 2^-24 would have tied to 1.
  expect(trajectory({ learningRate: 1 + 2 ** -6, momentum: 0 }, [2 ** -24])).toEqual([1 + 2 ** -23]);
});
