import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../random.ts";
import { batches, gatherRows, stepCount } from "./batches.ts";

test("every epoch visits each row once, in an order of its own", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 70 }), fc.nat(2 ** 32 - 1), (rows, batchSize, seed) => {
      const chosen = batches({ rows, batchSize, random: randomStream({ seed, stream: 0 }) });
      const epoch = (): number[] =>
        Array.from({ length: stepCount({ rows, batchSize, length: { unit: "epochs", count: 1 } }) }, () => [...chosen.next().value]).flat();
      const all = Array.from({ length: rows }, (_, row) => row);
      expect(epoch().sort((a, b) => a - b)).toEqual(all);
      expect(epoch().sort((a, b) => a - b)).toEqual(all);
    }),
  );
});

test("a seed repeats its order, and epochs differ", () => {
  const order = (): string[] => {
    const chosen = batches({ rows: 50, batchSize: 50, random: randomStream({ seed: 9, stream: 0 }) });
    return [chosen.next().value.join(), chosen.next().value.join()];
  };
  expect(order()).toEqual(order());
  expect(order()[0]).not.toBe(order()[1]);
});

test("a training is as many steps as its length says", () => {
  expect(stepCount({ rows: 11, batchSize: 5, length: { unit: "epochs", count: 2 } })).toBe(6);
  expect(stepCount({ rows: 11, batchSize: 5, length: { unit: "steps", count: 4 } })).toBe(4);
});

test("chosen rows are copied out in order", () => {
  expect([...gatherRows(Float32Array.of(1, 2, 3, 4, 5, 6), Uint32Array.of(2, 0), 2)]).toEqual([5, 6, 1, 2]);
});
