import { type ModelVector, toModelVector } from "@sotto/vector";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createServerOptimizer } from "./create-server-optimizer.ts";
import { releaseMean } from "./released-mean.ts";
import type { OptimizerState } from "./server-optimizer.ts";
import type { ServerOptimizerSpec } from "./spec.ts";

const specs: readonly ServerOptimizerSpec[] = [
  { kind: "sgd", learningRate: 1, momentum: 0 },
  { kind: "sgd", learningRate: 0.5, momentum: 0.9 },
  { kind: "adagrad", learningRate: 0.1, beta1: 0, beta2: 0, tau: 0.001 },
  { kind: "yogi", learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.001 },
  { kind: "adam", learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.001 },
];

const coordinate = fc.record({
  start: fc.float({ min: -100, max: 100, noNaN: true }),
  means: fc.tuple(fc.double({ min: -10, max: 10, noNaN: true }), fc.double({ min: -10, max: 10, noNaN: true })),
});
const coordinates = fc.array(coordinate, { minLength: 1, maxLength: 12 });

type Coordinate = typeof coordinate extends fc.Arbitrary<infer T> ? T : never;

describe.each(specs)("$kind at rate $learningRate", (spec) => {
  test("treats every coordinate alike: permuting model and means permutes the result", () => {
    fc.assert(
      fc.property(coordinates, fc.infiniteStream(fc.nat()), (original, order) => {
        const places = original.map((_, i) => ({ i, key: order.next().value })).sort((a, b) => a.key - b.key);
        const before = run(spec, original);
        const after = run(
          spec,
          places.map(({ i }) => original[i]!),
        );
        expect([...after.model]).toEqual(places.map(({ i }) => before.model[i]));
        after.state.moments.forEach((moment, m) => {
          expect([...moment]).toEqual(places.map(({ i }) => before.state.moments[m]![i]));
        });
      }),
    );
  });

  test("changes nothing it is given and returns arrays of its own", () => {
    fc.assert(
      fc.property(coordinates, (original) => {
        const step = { ...run(spec, original), mean: releaseMean(Float64Array.from(original, ({ means }) => means[0])) };
        const before = structuredClone({ model: [...step.model], mean: [...step.mean], moments: step.state.moments });
        const next = createServerOptimizer(spec).apply(step);
        expect({ model: [...step.model], mean: [...step.mean], moments: step.state.moments }).toEqual(before);
        expect(next.model.buffer).not.toBe(step.model.buffer);
        next.state.moments.forEach((moment, m) => {
          expect(moment.buffer).not.toBe(step.state.moments[m]!.buffer);
        });
      }),
    );
  });

  test("moves each coordinate of a fresh state in the direction of its mean, or not at all for 0", () => {
    fc.assert(
      fc.property(coordinates, (original) => {
        const { model } = run(spec, original, 1);
        original.forEach(({ start, means }, i) => {
          expect(Math.sign(model[i]! - start) * Math.sign(means[0])).toBeGreaterThanOrEqual(0);
          if (means[0] === 0) expect(model[i] === start).toBe(true);
        });
      }),
    );
  });

  test("refuses a mean or a state of another length, and a state of another optimizer", () => {
    const { init, apply } = createServerOptimizer(spec);
    const model = toModelVector(new Float32Array(3));
    const mean = releaseMean(new Float64Array(3));
    expect(() => apply({ state: init(3), model, mean: releaseMean(new Float64Array(2)) })).toThrow(
      "a mean or moment of 2 values must have the model's 3",
    );
    expect(() => apply({ state: { moments: [mean, mean, mean] }, model, mean })).toThrow("an optimizer state of 3 moments must have");
  });
});

describe.each(specs.map((spec) => ("beta1" in spec ? { ...spec, beta1: 0 } : { ...spec, momentum: 0 })))(
  "$kind without momentum",
  (spec) => {
    test("a zero mean moves nothing, whatever went before", () => {
      fc.assert(
        fc.property(coordinates, (original) => {
          const { state, model } = run(spec, original);
          const mean = releaseMean(new Float64Array(original.length));
          const next = createServerOptimizer(spec).apply({ state, model, mean });
          expect(next.model.every((value, i) => value === model[i])).toBe(true);
        }),
      );
    });
  },
);

test("a model that leaves the range of float32 is refused", () => {
  const { init, apply } = createServerOptimizer({ kind: "sgd", learningRate: 1, momentum: 0 });
  const model = toModelVector(Float32Array.of(3.4e38));
  expect(() => apply({ state: init(1), model, mean: releaseMean(Float64Array.of(3.4e38)) })).toThrow("model value 0 is not finite");
});

/** Two rounds, or `rounds`, from a fresh state. */
function run(spec: ServerOptimizerSpec, coordinates: readonly Coordinate[], rounds = 2): { state: OptimizerState; model: ModelVector } {
  const { init, apply } = createServerOptimizer(spec);
  let [state, model] = [init(coordinates.length), toModelVector(Float32Array.from(coordinates, ({ start }) => start))];
  for (let round = 0; round < rounds; round++) {
    const mean = releaseMean(Float64Array.from(coordinates, ({ means }) => means[round]!));
    ({ state, model } = apply({ state, model, mean }));
  }
  return { state, model };
}
