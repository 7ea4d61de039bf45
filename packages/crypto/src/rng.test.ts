import { concatBytes, FlError, toHex } from "@sotto/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keystreamTileBytes } from "./keystream.ts";
import { faces, node, portable } from "./testing/faces.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const lengths = fc.array(fc.nat({ max: 70 }), { maxLength: 10 });

describe.each(faces)("with $provider", ({ face: { randomRng, seededRng, seedFrom, toSeed } }) => {
  test("a seeded generator gives the key stream of its seed", () => {
    expect(toHex(seededRng(new Uint8Array(32)).bytes(32))).toBe("dc95c078a2408989ad48a21492842087530f8afbc74536b9a963b4f1c4cb738b");
  });

  test("how the bytes are asked for does not change them, nor does wiping the seed", () => {
    fc.assert(
      fc.property(bytes32, lengths, (seed, lengths) => {
        const rng = seededRng(seed);
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const whole = seededRng(seed).bytes(total);
        seed.fill(0);
        expect(concatBytes(...lengths.map((length) => rng.bytes(length)))).toEqual(whole);
      }),
    );
  });

  test("the system's generator gives fresh bytes of the length asked for", () => {
    const rng = randomRng();
    const many = rng.bytes(200_000);
    expect(many.length).toBe(200_000);
    // Each stretch of 32 bytes is zero with chance 2^-256: none was left out.
    for (let at = 0; at < many.length; at += 32) expect(many.subarray(at, at + 32).some((byte) => byte !== 0)).toBe(true);
    expect(toHex(rng.bytes(32))).not.toBe(toHex(rng.bytes(32)));
    expect(seedFrom(rng).length).toBe(32);
  });

  test("a seed of another length is an error, and so is a length that is none", () => {
    expect(() => toSeed(new Uint8Array(31))).toThrow(FlError);
    expect(() => seededRng(new Uint8Array(16))).toThrow(FlError);
    for (const length of [-1, 0.5, 2 ** 31, Number.NaN]) {
      expect(() => randomRng().bytes(length)).toThrow(FlError);
      expect(() => seededRng(new Uint8Array(32)).bytes(length)).toThrow(FlError);
    }
  });
});

test("both providers stretch a seed to the same bytes", () => {
  fc.assert(
    fc.property(bytes32, lengths, (seed, lengths) => {
      const [one, other] = [node.seededRng(seed), portable.seededRng(seed)];
      for (const length of lengths) expect(other.bytes(length)).toEqual(one.bytes(length));
    }),
  );
});

test("they do so over the end of a tile", () => {
  const seed = new Uint8Array(32).fill(5);
  const [one, other] = [node.seededRng(seed), portable.seededRng(seed)];
  for (const length of [7, 2 * keystreamTileBytes + 5, 20]) {
    expect(Buffer.compare(other.bytes(length), one.bytes(length))).toBe(0);
  }
});
