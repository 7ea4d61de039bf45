import { parseClientId } from "@sotto/base";
import { type Seed, toSeed } from "@sotto/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { select } from "./select.ts";

const clients = Array.from({ length: 10 }, (_, i) => parseClientId(`ward-${i}`));
const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes): Seed => toSeed(bytes));

test("a selection is of the stated size, sorted, without repetition, and among the candidates", () => {
  fc.assert(
    fc.property(fc.subarray(clients), fc.nat(12), seeds, (candidates, count, seed) => {
      const selected = select({ candidates, count, seed });
      expect(selected).toHaveLength(Math.min(count, candidates.length));
      expect(selected).toEqual([...new Set(selected)].sort());
      expect(selected.every((client) => candidates.includes(client))).toBe(true);
    }),
  );
});

test("the same seed selects the same clients in whatever order they stand", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(clients, { minLength: 10 }), seeds, (candidates, seed) => {
      expect(select({ candidates, count: 4, seed })).toEqual(select({ candidates: clients, count: 4, seed }));
    }),
  );
});

test("each client is selected equally often", () => {
  const counts = new Map(clients.map((client) => [client, 0]));
  const trials = 5_000;
  for (let trial = 0; trial < trials; trial++) {
    const seed = new Uint8Array(32);
    new DataView(seed.buffer).setUint32(0, trial);
    for (const client of select({ candidates: clients, count: 3, seed: toSeed(seed) })) counts.set(client, (counts.get(client) ?? 0) + 1);
  }
  // Binomial(5000, 0.3): mean 1500, deviation 32. Five deviations for ten clients: a false alarm in 10^5; the seeds are fixed.
  for (const count of counts.values()) expect(Math.abs(count - 1_500)).toBeLessThan(162);
});
