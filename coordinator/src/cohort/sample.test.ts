import { parseClientId, parseRoundNumber } from "@sotto/base";
import { isSampled } from "@sotto/secagg";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tinyDigest } from "../testing/tiny-task.ts";
import { drawSample, mayAsk } from "./sample.ts";

const roster = Array.from({ length: 400 }, (_, i) => parseClientId(`ward-${String(i).padStart(3, "0")}`));

function drawOf(round: number, samplingRate: number): Parameters<typeof drawSample>[0]["draw"] {
  return { modelDigest: tinyDigest("model"), round: parseRoundNumber(round), samplingRate };
}

test("a sample holds exactly the clients of the roster that each of them finds drawn, and they alone may be asked", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (round, samplingRate) => {
      const draw = drawOf(round, samplingRate);
      const sample = drawSample({ draw, roster, delta: 0.1 });
      expect(roster.filter((client) => mayAsk(sample, client))).toEqual(roster.filter((client) => isSampled(draw, client)));
    }),
    { numRuns: 20 },
  );
  expect(mayAsk(null, roster[0]!)).toBe(true);
});

test("its fewest are the fewest whole clients that are at least 1 - delta of it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 99 }), (size, percent) => {
      const { clients, clientsMin } = drawSample({ draw: drawOf(1, 1), roster: roster.slice(0, size), delta: percent / 100 });
      expect(clients.size).toBe(size);
      expect(100 * clientsMin).toBeGreaterThanOrEqual((100 - percent) * clients.size);
      expect(100 * (clientsMin - 1)).toBeLessThan((100 - percent) * clients.size);
    }),
  );
});

test("another round and another model draw others, about as many as the rate says", () => {
  const one = drawSample({ draw: drawOf(1, 0.25), roster, delta: 0 });
  const two = drawSample({ draw: drawOf(2, 0.25), roster, delta: 0 });
  const other = drawSample({ draw: { ...drawOf(1, 0.25), modelDigest: tinyDigest("other") }, roster, delta: 0 });
  expect([...two.clients]).not.toEqual([...one.clients]);
  expect([...other.clients]).not.toEqual([...one.clients]);
  // Binomial(400, 0.25): mean 100, deviation 8.7. Five deviations; the draws are fixed.
  for (const { clients } of [one, two, other]) expect(Math.abs(clients.size - 100)).toBeLessThan(44);
});
