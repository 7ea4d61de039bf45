import { concatBytes, FlError, toHex } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { randomRng, seededRng, seedFrom, toSeed } from "./rng.ts";

test("a seeded generator gives the key stream of its seed", () => {
  expect(toHex(seededRng(new Uint8Array(32)).bytes(32))).toBe("dc95c078a2408989ad48a21492842087530f8afbc74536b9a963b4f1c4cb738b");
});

test("how the bytes are asked for does not change them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.array(fc.nat({ max: 70 }), { maxLength: 10 }), (seed, lengths) => {
      const rng = seededRng(seed);
      const parts = lengths.map((length) => rng.bytes(length));
      const total = lengths.reduce((sum, length) => sum + length, 0);
      expect(concatBytes(...parts)).toEqual(seededRng(seed).bytes(total));
    }),
  );
});

test("the system's generator gives fresh bytes of the length asked for", () => {
  const rng = randomRng();
  expect(rng.bytes(100_000).length).toBe(100_000);
  expect(toHex(rng.bytes(32))).not.toBe(toHex(rng.bytes(32)));
  expect(seedFrom(rng).length).toBe(32);
});

test("a seed of another length is an error", () => {
  expect(() => toSeed(new Uint8Array(31))).toThrow(FlError);
  expect(() => seededRng(new Uint8Array(16))).toThrow(FlError);
});
