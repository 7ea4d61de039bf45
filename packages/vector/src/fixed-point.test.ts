import { FlError, type Rng } from "@sotto/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clipUpdate } from "./clip.ts";
import { aggregateErrorBound } from "./error-bound.ts";
import { type DecodedSum, decodeSum, encodeContribution, scalarMax } from "./fixed-point.ts";
import { createLanes, type Lanes, laneBits } from "./lanes.ts";
import { addInto } from "./ring.ts";
import { type ContributionRule, type ContributionShape, contributionShape } from "./shape.ts";
import { type ClippedUpdate, type EncodedContribution, toUpdate, type UnmaskedSum } from "./stages.ts";

const rule: ContributionRule = { clipNorm: 1, weightMax: 10, quantisationBits: 8 };
const alwaysDown = constantRng(0);
const alwaysUp = constantRng(0xff);

describe("encoding", () => {
  const shape = contributionShape({ parameterCount: 4, scalarCount: 1 });
  const update = clipped([1, -1, 0, 0.5]);
  const bits = 12;

  test("at full weight and 8 bits is L times each coordinate, then weight and scalar as 7-bit limbs", () => {
    const input = { update, weight: 10, scalars: [300], rule, shape, bits };
    expect(signed(encodeContribution({ ...input, rng: alwaysDown }))).toEqual([127, -127, 0, 63, 127, 127, 2, 44]);
    expect(signed(encodeContribution({ ...input, rng: alwaysUp }))).toEqual([127, -127, 0, 64, 127, 127, 2, 44]);
  });

  test("at half the weight halves the lanes and the weight", () => {
    const lanes = encodeContribution({ update, weight: 5, scalars: [0], rule, shape, bits, rng: alwaysDown });
    expect(signed(lanes)).toEqual([63, -64, 0, 31, 64, 0, 0, 0]);
  });

  test("is the same in lanes of 16 bits and of 32", () => {
    const input = { update, weight: 7, scalars: [300], rule, shape, rng: alwaysUp };
    const [narrow, wide] = [16, 17].map((width) => encodeContribution({ ...input, bits: width }));
    expect(narrow).toBeInstanceOf(Uint16Array);
    expect(wide).toBeInstanceOf(Uint32Array);
    expect(signed(narrow!)).toEqual(signed(wide!));
  });

  test("a weight too small for its limbs counts as their smallest step", () => {
    const lanes = encodeContribution({ update, weight: 1e-9, scalars: [0], rule, shape, bits, rng: alwaysDown });
    expect(signed(lanes).slice(4, 6)).toEqual([0, 1]);
  });

  test("reads the update and keeps nothing of it", () => {
    const before = [...update];
    encodeContribution({ update, weight: 3, scalars: [1], rule, shape, bits, rng: alwaysUp });
    expect([...update]).toEqual(before);
  });

  test("an update longer than one draw of randomness is rounded to the end", () => {
    const long = clipped(new Array<number>(40_000).fill(0.001));
    const longShape = contributionShape({ parameterCount: long.length, scalarCount: 0 });
    const lanes = encodeContribution({ update: long, weight: 10, scalars: [], rule, shape: longShape, bits, rng: alwaysUp });
    expect(new Set(signed(lanes).slice(0, long.length))).toEqual(new Set([1]));
  });
});

// 2^18 lanes of 0.3 each: the mean of the roundings is normal with deviation sqrt(0.21 / 2^18); five of them are a false alarm of 6e-7.
test("stochastic rounding has the exact value as its mean", () => {
  const parameterCount = 2 ** 18;
  const update = new Float32Array(parameterCount).fill(0.3 / 127) as ClippedUpdate;
  const shape = contributionShape({ parameterCount, scalarCount: 0 });
  const lanes = encodeContribution({ update, weight: 10, scalars: [], rule, shape, bits: 20, rng: mulberry32(20_240_607) });
  const mean =
    signed(lanes)
      .slice(0, parameterCount)
      .reduce((sum, lane) => sum + lane, 0) / parameterCount;
  expect(Math.abs(mean - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / parameterCount));
});

describe("the sum", () => {
  const sessions = fc
    .record({ survivors: fc.integer({ min: 1, max: 40 }), quantisationBits: fc.integer({ min: 8, max: 31 }) })
    .filter(({ survivors, quantisationBits }) => survivors * (2 ** (quantisationBits - 1) - 1) < 2 ** 31);

  test("of all clients at either extreme does not wrap", () => {
    fc.assert(
      fc.property(sessions, fc.constantFrom(alwaysDown, alwaysUp), ({ survivors, quantisationBits }, rng) => {
        const wide = { clipNorm: 2, weightMax: 7, quantisationBits };
        const shape = contributionShape({ parameterCount: 2, scalarCount: 1 });
        const most = scalarMax(quantisationBits);
        const update = Float32Array.of(2, -2) as ClippedUpdate;
        const bits = laneBits({ cohortSize: survivors, quantisationBits });
        const one = encodeContribution({ update, weight: 7, scalars: [most], rule: wide, shape, bits, rng });
        const decoded = decodedSum(new Array(survivors).fill(one), { rule: wide, shape });
        const bound = aggregateErrorBound({ rule: wide, survivors, weight: decoded.weight });
        expect(Math.abs(decoded.updateMean![0]! - 2)).toBeLessThanOrEqual(bound);
        expect(Math.abs(decoded.updateMean![1]! + 2)).toBeLessThanOrEqual(bound);
        expect(decoded.weight).toBeCloseTo(7 * survivors * (1 - 4 ** (1 - quantisationBits)), 9);
        expect(decoded.scalars).toEqual([survivors * most]);
      }),
    );
  });

  test("gives the sum of each scalar exactly, whatever the clients' order", () => {
    const clients = fc.array(fc.tuple(fc.nat({ max: 2 ** 22 - 1 }), fc.nat({ max: 2 ** 22 - 1 })), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(clients, (scalars) => {
        const narrow = { clipNorm: 1, weightMax: 1, quantisationBits: 12 };
        const shape = contributionShape({ parameterCount: 0, scalarCount: 2 });
        const bits = laneBits({ cohortSize: scalars.length, quantisationBits: 12 });
        const encoded = scalars.map((pair) =>
          encodeContribution({ update: null, weight: 1, scalars: pair, rule: narrow, shape, bits, rng: alwaysUp }),
        );
        const expected = [0, 1].map((column) => scalars.reduce((sum, pair) => sum + pair[column]!, 0));
        expect(decodedSum(encoded, { rule: narrow, shape }).scalars).toEqual(expected);
        expect(decodedSum(encoded.reverse(), { rule: narrow, shape })).toEqual({
          updateMean: null,
          weight: expect.any(Number),
          scalars: expected,
        });
      }),
    );
  });

  test.each([12, 16, 17, 32])("of lanes of %d bits is read modulo 2^bits: what masks left above does not matter", (bits) => {
    const shape = contributionShape({ parameterCount: 1, scalarCount: 0 });
    const encoded = encodeContribution({ update: clipped([-1]), weight: 10, scalars: [], rule, shape, bits, rng: alwaysDown });
    const read = (above: number) => {
      const sum = createLanes({ laneCount: shape.laneCount, bits });
      sum.set(Array.from(encoded, (lane) => (lane % 2 ** bits) + above * 2 ** bits));
      return decodeSum({ sum: sum as UnmaskedSum, rule, shape, bits, survivors: 1 });
    };
    expect(read(0)).toMatchObject({ kind: "ok", value: { updateMean: Float64Array.of(-127 / 127 / (1 - 4 ** -7)) } });
    expect(read(0xabcd)).toEqual(read(0));
  });

  test("that no honest clients can make is refused", () => {
    const shape = contributionShape({ parameterCount: 1, scalarCount: 0 });
    const read = (lanes: readonly number[]) =>
      decodeSum({ sum: Uint32Array.from(lanes) as UnmaskedSum, rule, shape, bits: 12, survivors: 2 });
    expect(read([254, 1, 0]).kind).toBe("ok");
    expect(read([-254, 254, 254]).kind).toBe("ok");
    for (const lanes of [
      [255, 1, 0],
      [-255, 1, 0],
      [0, 255, 0],
      [0, 1, -1],
    ]) {
      expect(read(lanes)).toEqual({
        kind: "refused",
        refusal: { code: "implausible-sum", message: "1 of 3 lanes are beyond what 2 clients can sum to" },
      });
    }
    expect(read([0, 0, 0])).toEqual({
      kind: "refused",
      refusal: { code: "implausible-sum", message: "the weights of 2 clients sum to 0" },
    });
  });
});

describe("the weight and scalar limbs", () => {
  test.each([8, 16, 26, 27, 28, 30, 31])("at %d quantisation bits lose nothing to float64", (quantisationBits) => {
    const wide = { clipNorm: 1, weightMax: 3, quantisationBits };
    const shape = contributionShape({ parameterCount: 0, scalarCount: 2 });
    const scalars = [scalarMax(quantisationBits), scalarMax(quantisationBits) - 1];
    const lanes = encodeContribution({ update: null, weight: 1, scalars, rule: wide, shape, bits: 31, rng: alwaysDown });
    const base = 2n ** BigInt(quantisationBits - 1);
    const [weight, first, second] = [0, 2, 4].map((lane) => BigInt(lanes[lane]!) * base + BigInt(lanes[lane + 1]!));
    // The float64 nearest a third, times 4^(q-1), rounded to the nearest integer.
    const third = BigInt((1 / 3) * 2 ** 54);
    const scale = base * base;
    expect(weight).toBe((2n * third * scale + 2n ** 54n) / 2n ** 55n);
    expect(first).toBe(quantisationBits < 28 ? scale - 1n : 2n ** 53n - 1n);
    expect(second).toBe(first! - 1n);
  });

  test("a scalar is rounded to the nearest integer and capped", () => {
    const shape = contributionShape({ parameterCount: 0, scalarCount: 3 });
    const one = encodeContribution({ update: null, weight: 1, scalars: [2.5, 2.4, 1e300], rule, shape, bits: 8, rng: alwaysDown });
    expect(decodedSum([one], { rule, shape }).scalars).toEqual([3, 2, 4 ** 7 - 1]);
  });
});

describe("a contribution that fits nothing is refused, with no secret in the message", () => {
  const shape = contributionShape({ parameterCount: 1, scalarCount: 1 });
  const good = { update: clipped([0.5]), weight: 1, scalars: [1], rule, shape, bits: 12, rng: alwaysDown };

  test.each([0, -3.25, 10.5, Number.NaN, Number.POSITIVE_INFINITY])("weight %s", (weight) => {
    expect(() => encodeContribution({ ...good, weight })).toThrow(
      new FlError("invalid-argument", "the weight must be above 0 and at most the cap 10"),
    );
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("scalar %s", (scalar) => {
    expect(() => encodeContribution({ ...good, scalars: [scalar] })).toThrow(
      new FlError("invalid-argument", "scalar 0 must be a finite number from 0"),
    );
  });

  test("lanes too narrow for one client's values, or no lanes at all", () => {
    const wide = { ...rule, quantisationBits: 16 };
    expect(() => encodeContribution({ ...good, rule: wide, bits: 15 })).toThrow(
      new FlError("invalid-argument", "lanes of 15 bits cannot hold values of 16 quantisation bits"),
    );
    for (const bits of [33, 12.5]) {
      expect(() => encodeContribution({ ...good, bits })).toThrow(`lanes of ${bits} bits must have 8 to 32`);
    }
  });

  test("an update or scalars of the wrong length, or none", () => {
    expect(() => encodeContribution({ ...good, update: clipped([1, 2]) })).toThrow("an update of 2 parameters must have 1");
    expect(() => encodeContribution({ ...good, update: null })).toThrow("an update of 0 parameters must have 1");
    const none = new Float32Array(0) as ClippedUpdate;
    expect(() => encodeContribution({ ...good, update: none })).toThrow("an update of 0 parameters must have 1");
    expect(() => encodeContribution({ ...good, scalars: [] })).toThrow("0 scalars must be 1");
    expect(() => decodeSum({ sum: new Uint32Array(4) as UnmaskedSum, rule, shape, bits: 12, survivors: 1 })).toThrow(
      "a sum of 4 lanes must have 5",
    );
  });
});

function decodedSum(
  contributions: readonly EncodedContribution[],
  by: { readonly rule: ContributionRule; readonly shape: ContributionShape },
): DecodedSum {
  const survivors = contributions.length;
  const bits = laneBits({ cohortSize: survivors, quantisationBits: by.rule.quantisationBits });
  const sum = createLanes({ laneCount: by.shape.laneCount, bits });
  for (const contribution of contributions) addInto(sum, contribution);
  const outcome = decodeSum({ sum: sum as UnmaskedSum, ...by, bits, survivors });
  if (outcome.kind === "refused") throw new Error(outcome.refusal.message);
  return outcome.value;
}

function clipped(values: readonly number[]): ClippedUpdate {
  return clipUpdate(toUpdate(Float32Array.from(values)), 1e6);
}

function signed(lanes: Lanes): number[] {
  return [...(lanes instanceof Uint16Array ? Int16Array.from(lanes) : Int32Array.from(lanes))];
}

function constantRng(byte: number): Rng {
  return { bytes: (length) => new Uint8Array(length).fill(byte) };
}

/** A small generator with a fixed seed: enough for a statistic. */
function mulberry32(seed: number): Rng {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 24;
  };
  return { bytes: (length) => Uint8Array.from({ length }, next) };
}
