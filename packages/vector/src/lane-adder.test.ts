import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { createLaneAdder, createPlainLaneAdder, type LaneAdder } from "./lane-adder.ts";
import { createLanes, type Lanes, laneWidth } from "./lanes.ts";
import { packLanes } from "./pack.ts";
import type { MaskedContribution } from "./stages.ts";

const tileBytes = 1024;
const adders = [
  { by: "WebAssembly", create: createLaneAdder },
  { by: "plain JavaScript", create: createPlainLaneAdder },
];

describe.each(adders)("an adder by $by", ({ create }) => {
  test("wraps at 2^16 and at 2^32 in both directions", () => {
    for (const bits of [16, 32]) {
      const top = 2 ** bits - 1;
      const adder = create({ bits, tileBytes });
      adder.load(lanesOf([top, 0, 5], bits));
      writeSource(adder, lanesOf([1, top, 7], bits));
      adder.add(1);
      expect(tileOf(adder, 3, bits)).toEqual([0, top, 12]);
      adder.subtract(1);
      adder.subtract(1);
      expect(tileOf(adder, 3, bits)).toEqual([top - 1, 1, top - 1]);
    }
  });

  test("adds and subtracts lane by lane, one source or two, for lengths of every remainder by the 64 bytes of a step", () => {
    const cases = fc.record({
      bits: fc.constantFrom(8, 16, 17, 32),
      laneCount: fc.integer({ min: 0, max: 256 }),
      sourceCount: fc.constantFrom(1 as const, 2 as const),
      sign: fc.constantFrom(1, -1),
      words: fc.infiniteStream(word()),
    });
    fc.assert(
      fc.property(cases, ({ bits, laneCount, sourceCount, sign, words }) => {
        const [start, first, second] = [0, 1, 2].map(() => lanesOf([...words.take(laneCount)], bits));
        const adder = create({ bits, tileBytes });
        adder.load(start!);
        writeSource(adder, first!);
        writeSource(adder, second!, 1);
        if (sign === 1) adder.add(sourceCount);
        else adder.subtract(sourceCount);
        const modulus = 2 ** laneWidth(bits);
        const added = (i: number): number => first![i]! + (sourceCount === 2 ? second![i]! : 0);
        const expected = Array.from(start!, (lane, i) => (lane + sign * added(i) + 2 * modulus) % modulus);
        expect(tileOf(adder, laneCount, bits)).toEqual(expected);
      }),
    );
  });

  test.each(Array.from({ length: 25 }, (_, i) => i + 8))("adds packed lanes of %d bits as the lanes they are", (bits) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70 }), fc.infiniteStream(word()), (laneCount, words) => {
        const [start, added] = [0, 1].map(() => lanesOf([...words.take(laneCount)], bits));
        const adder = create({ bits, tileBytes });
        adder.load(start!);
        adder.sources[0].fill(0xff);
        adder.sources[0].set(packLanes(added as MaskedContribution, bits));
        adder.addPacked();
        const expected = Array.from(start!, (lane, i) => (lane + (added![i]! % 2 ** bits)) % 2 ** laneWidth(bits));
        expect(tileOf(adder, laneCount, bits)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test("adds a full tile packed at its full width", () => {
    for (const bits of [15, 16, 31, 32]) {
      const adder = create({ bits, tileBytes });
      const lanes = lanesOf(
        Array.from({ length: adder.tileLanes }, (_, i) => 2 ** bits - 1 - i),
        bits,
      );
      adder.load(createLanes({ laneCount: adder.tileLanes, bits }));
      adder.sources[0].set(packLanes(lanes as MaskedContribution, bits));
      adder.addPacked();
      expect(tileOf(adder, adder.tileLanes, bits)).toEqual([...lanes]);
    }
  });

  test("keeps nothing after a wipe", () => {
    const adder = create({ bits: 32, tileBytes });
    adder.load(lanesOf([1, 2, 3], 32));
    for (const source of adder.sources) source.fill(9);
    adder.wipe();
    expect(tileOf(adder, 3, 32)).toEqual([0, 0, 0]);
    for (const source of adder.sources) expect(source.some((byte) => byte !== 0)).toBe(false);
  });

  test("refuses what does not fit its tile", () => {
    const adder = create({ bits: 12, tileBytes });
    expect(adder.tileLanes).toBe(512);
    expect(adder.sources.map((source) => source.length)).toEqual([1024, 1024]);
    expect(() => adder.load(new Uint16Array(513))).toThrow("513 lanes must be at most the 512 of a tile");
    expect(() => adder.load(new Uint32Array(1))).toThrow("lanes of 32 bits must be of 16 for 12 bits each");
    adder.load(new Uint16Array(4));
    expect(() => adder.storeInto(new Uint16Array(5))).toThrow("5 lanes must be the 4 that were loaded");
    expect(() => adder.storeInto(new Uint32Array(4))).toThrow("lanes of 32 bits must be of 16 for 12 bits each");
    for (const wrong of [0, 100, -256, 256.5]) expect(() => create({ bits: 8, tileBytes: wrong })).toThrow(`a tile of ${wrong} bytes`);
    expect(() => create({ bits: 33, tileBytes })).toThrow("lanes of 33 bits must have 8 to 32");
  });
});

const hosts: readonly { readonly host: string; readonly api: unknown }[] = [
  { host: "without WebAssembly", api: undefined },
  { host: "without its vector instructions", api: { validate: () => false } },
  {
    host: "whose content policy forbids to compile",
    api: {
      validate: () => true,
      Module: function forbidden() {
        throw new EvalError("refused to compile");
      },
    },
  },
];

test.each(hosts)("on a host $host, lanes are added in plain JavaScript", async ({ api }) => {
  vi.resetModules();
  vi.stubGlobal("WebAssembly", api);
  try {
    const { createLaneAdder: createHere } = await import("./lane-adder.ts");
    const { createLaneMachine } = await import("./lane-kernels.ts");
    expect(createLaneMachine(1)).toBeNull();
    const adder = createHere({ bits: 32, tileBytes });
    adder.load(lanesOf([1, 2 ** 32 - 1], 32));
    writeSource(adder, lanesOf([4, 4], 32));
    adder.add(1);
    expect(tileOf(adder, 2, 32)).toEqual([5, 3]);
  } finally {
    vi.unstubAllGlobals();
  }
});

function word(): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 1, 2 ** 15, 2 ** 16 - 1, 2 ** 31, 2 ** 32 - 1));
}

function lanesOf(values: readonly number[], bits: number): Lanes {
  const lanes = createLanes({ laneCount: values.length, bits });
  lanes.set(values);
  return lanes;
}

function writeSource(adder: LaneAdder, lanes: Lanes, index: 0 | 1 = 0): void {
  const source = adder.sources[index];
  // What lies behind the lanes must not matter.
  source.fill(0xaa);
  source.set(new Uint8Array(lanes.buffer, lanes.byteOffset, lanes.byteLength));
}

function tileOf(adder: LaneAdder, laneCount: number, bits: number): number[] {
  const lanes = createLanes({ laneCount, bits });
  adder.storeInto(lanes);
  return [...lanes];
}
