import { createLanes, type EncodedContribution, type Lanes, type MaskedContribution, packLanes } from "@sotto/vector";
import { describe, expect, test } from "vitest";
import { type MaskStreams, maskInto } from "./masking.ts";
import { seedOf } from "./session-fixture.ts";
import { evenness, independence, likeness } from "./testing/significance.ts";

// What a coordinator sees of a masked contribution looks the same whatever was contributed. Every seed is fixed, so a test gives the same probability each
// time; with fresh seeds a good build would fall outside the accepted range in 2 of a million probabilities. 88 are looked at here: 1 in 5700 builds that
// change a key would need other seeds.

const laneCount = 2 ** 22;
const oddest = 1e-6;

/** Two clients that are each other's neighbour, and one of them of a third. */
const pairKey = seedOf("pair", 0);
const masksOfA: MaskStreams = [
  { key: seedOf("self", 0), sign: 1 },
  { key: pairKey, sign: 1 },
  { key: seedOf("pair", 1), sign: 1 },
];
const masksOfB: MaskStreams = [
  { key: seedOf("self", 1), sign: 1 },
  { key: pairKey, sign: -1 },
];

type Content = "zeros" | "the largest value" | "the largest and the smallest in turn";

/** The two values of a content, which take turns, as parts of the largest. */
const contents: Readonly<Record<Content, readonly [number, number]>> = {
  zeros: [0, 0],
  "the largest value": [1, 1],
  "the largest and the smallest in turn": [1, -1],
};
const names = Object.keys(contents) as Content[];

/** How often each value of a byte, and of 16 aligned bits, occurs in a masked contribution before and after packing. */
interface Counts {
  readonly bytes: Uint32Array;
  readonly words: Uint32Array;
  readonly packedBytes: Uint32Array;
  readonly packedWords: Uint32Array;
}

function countsOf(masked: MaskedContribution, bits: number): Counts {
  const lanes = bytesOf(masked);
  const packed = packLanes(masked, bits);
  return { bytes: bytesIn(lanes), words: wordsIn(lanes), packedBytes: bytesIn(packed), packedWords: wordsIn(packed) };
}

function bytesIn(bytes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(2 ** 8);
  for (let at = 0; at < bytes.length; at++) counts[bytes[at]!]!++;
  return counts;
}

function wordsIn(bytes: Uint8Array): Uint32Array {
  const words = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
  const counts = new Uint32Array(2 ** 16);
  for (let at = 0; at < words.length; at++) counts[words[at]!]!++;
  return counts;
}

function bytesOf(lanes: Lanes): Uint8Array {
  return new Uint8Array(lanes.buffer, lanes.byteOffset, lanes.byteLength);
}

/** Each lane, or byte, of one added to that of the other, modulo what it can hold. */
function sumOf<Vector extends Lanes | Uint8Array>(a: Vector, b: Vector): Vector {
  const sum = a.slice() as Vector;
  for (let at = 0; at < sum.length; at++) sum[at]! += b[at]!;
  return sum;
}

function expectOrdinary(probabilities: Readonly<Record<string, number>>): void {
  for (const [name, probability] of Object.entries(probabilities)) {
    expect(probability, name).toBeGreaterThan(oddest);
    expect(probability, name).toBeLessThan(1 - oddest);
  }
}

// b of SECAGG 2.7 for 100 clients at q = 16, in lanes of 32 bits, and for 10 clients at q = 8, in lanes of 16.
describe.each([
  { width: 32, bits: 23, limit: 2 ** 15 - 1 },
  { width: 16, bits: 12, limit: 2 ** 7 - 1 },
])("in lanes of $width bits, packed to $bits,", ({ width, bits, limit }) => {
  function contribution(content: Content): EncodedContribution {
    const [even, odd] = contents[content];
    const lanes = createLanes({ laneCount, bits });
    for (let lane = 0; lane < laneCount; lane += 2) {
      lanes[lane] = even * limit;
      lanes[lane + 1] = odd * limit;
    }
    return lanes as EncodedContribution;
  }

  /** The counts of each content under these masks. */
  function seenUnder(masks: MaskStreams): Readonly<Record<Content, Counts>> {
    const entries = names.map((name) => [name, countsOf(maskInto(contribution(name), masks), bits)] as const);
    return Object.fromEntries(entries) as Record<Content, Counts>;
  }

  const seen = { a: seenUnder(masksOfA), b: seenUnder(masksOfB) };

  test.each(names)("a masked contribution of %s has even bytes and even 16-bit lanes, before and after packing", (name) => {
    for (const { bytes, words, packedBytes, packedWords } of [seen.a[name], seen.b[name]]) {
      expectOrdinary({
        bytes: evenness(bytes),
        words: evenness(words),
        packedBytes: evenness(packedBytes),
        packedWords: evenness(packedWords),
      });
    }
  });

  test("masked contributions of two different contents are alike, before and after packing", () => {
    for (const [one, other] of [
      ["zeros", "the largest value"],
      ["zeros", "the largest and the smallest in turn"],
      ["the largest value", "the largest and the smallest in turn"],
    ] as const) {
      const [a, b] = [seen.a[one], seen.b[other]];
      expectOrdinary({
        bytes: likeness(a.bytes, b.bytes),
        words: likeness(a.words, b.words),
        packedBytes: likeness(a.packedBytes, b.packedBytes),
        packedWords: likeness(a.packedWords, b.packedWords),
      });
    }
  });

  test("neighbours' masked contributions do not correlate with each other or with what was contributed, and their sum, in which the mask between them is gone, is even", () => {
    const content = contribution("the largest and the smallest in turn");
    const a = maskInto(content.slice() as EncodedContribution, masksOfA);
    const b = maskInto(content.slice() as EncodedContribution, masksOfB);
    const packed = { a: packLanes(a, bits), b: packLanes(b, bits) };
    const sum = bytesOf(sumOf<Lanes>(a, b));
    expectOrdinary({
      neighbours: independence(a, b),
      content: independence(a, content),
      sumBytes: evenness(bytesIn(sum)),
      sumWords: evenness(wordsIn(sum)),
      packedNeighbours: independence(packed.a, packed.b),
      packedSum: evenness(bytesIn(sumOf(packed.a, packed.b))),
    });
  });

  test("lanes next to each other in one masked contribution do not correlate", () => {
    const masked = maskInto(contribution("the largest value"), masksOfA);
    const packed = packLanes(masked, bits);
    expectOrdinary({
      lanes: independence(masked.subarray(1), masked.subarray(0, -1)),
      packed: independence(packed.subarray(1), packed.subarray(0, -1)),
    });
  });

  /** Zeros masked with streams that lack the bits above `maskBits`: what a careless build would do. */
  function zerosMaskedShort(maskBits: number): MaskedContribution {
    const lanes: Lanes = contribution("zeros");
    const low = 2 ** maskBits - 1;
    for (const { key, sign } of masksOfA) {
      const stream = maskInto(contribution("zeros"), [{ key, sign: 1 }]);
      for (let lane = 0; lane < laneCount; lane++) lanes[lane]! += sign * (stream[lane]! & low);
    }
    return lanes as MaskedContribution;
  }

  test("masks that lack the highest bit of a lane are noticed, and so are masks that lack the highest bit that is packed", () => {
    const short = countsOf(zerosMaskedShort(width - 1), bits);
    expect(evenness(short.bytes)).toBeLessThan(oddest);
    expect(evenness(short.words)).toBeLessThan(oddest);
    const shorter = countsOf(zerosMaskedShort(bits - 1), bits);
    expect(evenness(shorter.packedBytes)).toBeLessThan(oddest);
    expect(evenness(shorter.packedWords)).toBeLessThan(oddest);
  });

  test("masks used twice are noticed: two contributions under the same keys correlate, and are too much alike", () => {
    const a = maskInto(contribution("zeros"), masksOfA);
    const b = maskInto(contribution("the largest value"), masksOfA);
    expect(independence(a, b)).toBeLessThan(oddest);
    expect(likeness(bytesIn(bytesOf(a)), bytesIn(bytesOf(a)))).toBeGreaterThan(1 - oddest);
  });
});
