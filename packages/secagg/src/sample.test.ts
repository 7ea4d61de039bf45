import { digestFromBytes, FlError, parseClientId, parseRoundNumber } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isSampled, sampledOf } from "./sample.ts";

const modelDigest = digestFromBytes(new Uint8Array(32).fill(3));
const clients = Array.from({ length: 400 }, (_, number) => parseClientId(`client-${number}`));
const draw = { modelDigest, round: parseRoundNumber(7), samplingRate: 0.5 };

test("the draw of six clients falls where an independent model in Python puts it", () => {
  const fractions = [
    0.8848335033839354, 0.45591657752668674, 0.2759009841303053, 0.7178506211669606, 0.6576666443142153, 0.3689029093204113,
  ];
  for (const [number, fraction] of fractions.entries()) {
    expect(isSampled({ ...draw, samplingRate: fraction + 1e-12 }, clients[number]!)).toBe(true);
    expect(isSampled({ ...draw, samplingRate: fraction - 1e-12 }, clients[number]!)).toBe(false);
  }
});

test("a higher rate draws whom a lower one draws, and a rate of 1 everybody", () => {
  const rate = fc.double({ min: 0.001, max: 1, noNaN: true });
  fc.assert(
    fc.property(rate, rate, (a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const few = sampledOf({ ...draw, samplingRate: low }, clients);
      const many = new Set(sampledOf({ ...draw, samplingRate: high }, clients));
      expect(few.every((client) => many.has(client))).toBe(true);
    }),
    { numRuns: 20 },
  );
  expect(sampledOf({ ...draw, samplingRate: 1 }, clients)).toEqual(clients);
});

test("another round, or another model, draws others", () => {
  const drawn = sampledOf(draw, clients);
  expect(sampledOf({ ...draw, round: parseRoundNumber(8) }, clients)).not.toEqual(drawn);
  expect(sampledOf({ ...draw, modelDigest: digestFromBytes(new Uint8Array(32).fill(4)) }, clients)).not.toEqual(drawn);
});

test("over 50 rounds of 400 clients a rate of 0.3 draws 0.3 of them, within 5 standard deviations", () => {
  const rounds = Array.from({ length: 50 }, (_, round) => parseRoundNumber(round + 1));
  const drawn = rounds.reduce((total, round) => total + sampledOf({ ...draw, round, samplingRate: 0.3 }, clients).length, 0);
  // The hashes are fixed; had they been drawn afresh, 1 in 1.7 million sets of them would fall outside.
  const [count, deviation] = [50 * 400 * 0.3, Math.sqrt(50 * 400 * 0.3 * 0.7)];
  expect(Math.abs(drawn - count)).toBeLessThan(5 * deviation);
});

test.each([0, -0.1, 1.000001, Number.NaN])("a rate of %f is refused", (samplingRate) => {
  expect(() => isSampled({ ...draw, samplingRate }, clients[0]!)).toThrow(FlError);
});
