import { concatBytes, FlError, type Rng, toHex } from "@sotto/base";
import { seededRng } from "@sotto/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { multiply } from "./gf65536.ts";
import { combineShares, type PlacedShare, splitSecret } from "./shamir.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const placed = (shares: readonly Uint8Array[]): PlacedShare[] => shares.map((share, i) => ({ coordinate: i + 1, share }));

/** A threshold, a share count no smaller, and which shares to take, shuffled. */
const sharing = fc
  .integer({ min: 1, max: 20 })
  .chain((threshold) => fc.record({ threshold: fc.constant(threshold), shareCount: fc.integer({ min: threshold, max: 40 }) }))
  .chain(({ threshold, shareCount }) =>
    fc.record({
      threshold: fc.constant(threshold),
      shareCount: fc.constant(shareCount),
      order: fc.shuffledSubarray(
        Array.from({ length: shareCount }, (_, i) => i),
        { minLength: threshold },
      ),
    }),
  );

test("shares equal those of an independent model in Python", () => {
  const coefficients = [1, 2].map((k) => Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 11 * k));
  const rng: Rng = { bytes: () => concatBytes(...coefficients) };
  const secret = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
  const shares = splitSecret({ secret, threshold: 3, shareCount: 65_535, rng });
  expect(toHex(shares[0]!)).toBe("1c0d3e0f101172730415063738191a1bec1d0e1f202102031465160708292a2b");
  expect(toHex(shares[1]!)).toBe("4f52a1e883be7c67a6c1c83b0a0d240fdc3462458093ae81b5678bd6c9202742");
  expect(toHex(shares[4]!)).toBe("419e38299f24e2dfbc4ac54b92a04801fa96d1aad4910f90a68e2c7e79030334");
  expect(toHex(shares[127]!)).toBe("189bf55d242e42f69f45bf5b3b13ebccb9d56ab2f6fa76193a84ed6c24a42938");
  expect(toHex(shares[65_534]!)).toBe("ffa21c641300d654338a29066b0a0f84929b725faff1a76d3e33be77e351ac67");
});

test("any threshold of shares, in any order, rebuild the secret", () => {
  fc.assert(
    fc.property(bytes32, bytes32, sharing, (secret, seed, { threshold, shareCount, order }) => {
      const shares = placed(splitSecret({ secret, threshold, shareCount, rng: seededRng(seed) }));
      expect(combineShares(order.slice(0, threshold).map((i) => shares[i]!))).toEqual(secret);
      expect(combineShares(order.map((i) => shares[i]!))).toEqual(secret);
    }),
  );
});

test("one share fewer than the threshold is consistent with every secret", () => {
  fc.assert(
    fc.property(bytes32, bytes32, bytes32, fc.integer({ min: 2, max: 12 }), (secret, other, seed, threshold) => {
      const shares = placed(splitSecret({ secret, threshold, shareCount: threshold, rng: seededRng(seed) }));
      // One more share exists that makes the same threshold - 1 shares rebuild any other secret.
      const last = shares[threshold - 1]!;
      const forged = forge(shares.slice(0, -1), last.coordinate, other);
      expect(combineShares([...shares.slice(0, -1), forged])).toEqual(other);
    }),
  );
});

test("each single share of a threshold of 2 takes every value equally often over the coefficients", () => {
  // One word, coordinate 7: share = secret ^ c * 7 runs through the field as c does, whatever the secret.
  for (const secretWord of [0, 1, 0xbeef]) {
    const seen = new Uint8Array(65_536);
    for (let c = 0; c < 65_536; c++) seen[secretWord ^ multiply(c, 7)]!++;
    expect(seen.every((count) => count === 1)).toBe(true);
  }
});

test("a threshold of 1 gives everyone the secret itself", () => {
  const secret = new Uint8Array(32).fill(5);
  expect(splitSecret({ secret, threshold: 1, shareCount: 2, rng: seededRng(secret) })).toEqual([secret, secret]);
});

test("splitting changes neither the secret nor the memory it returns later", () => {
  const secret = new Uint8Array(32).fill(5);
  const shares = splitSecret({ secret, threshold: 2, shareCount: 3, rng: seededRng(secret) });
  expect(secret).toEqual(new Uint8Array(32).fill(5));
  expect(combineShares(placed(shares).slice(1))).toEqual(secret);
});

test("thresholds, lengths and coordinates out of range are errors", () => {
  const secret = new Uint8Array(32);
  const rng = seededRng(secret);
  expect(() => splitSecret({ secret, threshold: 0, shareCount: 3, rng })).toThrow(FlError);
  expect(() => splitSecret({ secret, threshold: 4, shareCount: 3, rng })).toThrow(FlError);
  expect(() => splitSecret({ secret, threshold: 2, shareCount: 65_536, rng })).toThrow(FlError);
  expect(() => splitSecret({ secret: new Uint8Array(31), threshold: 2, shareCount: 3, rng })).toThrow(FlError);
  expect(() => combineShares([])).toThrow(FlError);
  expect(() => combineShares([{ coordinate: 1, share: new Uint8Array(31) }])).toThrow(FlError);
  for (const coordinate of [0, 1.5, 65_536]) expect(() => combineShares([{ coordinate, share: secret }])).toThrow(FlError);
  const twice = { coordinate: 1, share: secret };
  expect(() => combineShares([twice, twice])).toThrow(FlError);
});

/** The share at `coordinate` that makes `shares` and it rebuild `secret`: every other share of theirs and the secret fix it. */
function forge(shares: readonly PlacedShare[], coordinate: number, secret: Uint8Array): PlacedShare {
  const withZero = combineShares([...shares, { coordinate, share: new Uint8Array(32) }]);
  const withUnit = combineShares([...shares.map(zeroed), { coordinate, share: unit }]);
  const weight = (withUnit[0]! << 8) | withUnit[1]!;
  const share = new Uint8Array(32);
  for (let word = 0; word < 16; word++) {
    const at = 2 * word;
    const wanted = ((secret[at]! ^ withZero[at]!) << 8) | (secret[at + 1]! ^ withZero[at + 1]!);
    const value = multiply(wanted, inverse(weight));
    share[at] = value >> 8;
    share[at + 1] = value & 0xff;
  }
  return { coordinate, share };
}

const unit = Uint8Array.from({ length: 32 }, (_, i) => i % 2);

function zeroed({ coordinate }: PlacedShare): PlacedShare {
  return { coordinate, share: new Uint8Array(32) };
}

/** a^(2^16 - 2). */
function inverse(a: number): number {
  let result = 1;
  for (let i = 0, power = a; i < 15; i++) {
    power = multiply(power, power);
    result = multiply(result, power);
  }
  return result;
}
