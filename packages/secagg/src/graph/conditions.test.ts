import { expect, test } from "vitest";
import { cutLog2, type DrawnGraph, exposureLog2, shortfallLog2, smallestCutLog2 } from "./conditions.ts";

/** Every set of `size` of the clients 0 to `count` - 1 without `left`, as bits. */
function setsOf(count: number, size: number, left: number): number[] {
  return Array.from({ length: 1 << count }, (_, bits) => bits).filter((bits) => (bits >> left) % 2 === 0 && bitCount(bits) === size);
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest > 0; rest &= rest - 1) count++;
  return count;
}

/** Sizes of the two parts of a cut of honest clients, the smaller first. */
type Sizes = readonly [number, number];

function sizesWithin(honest: number): Sizes[] {
  const counts = Array.from({ length: honest }, (_, i) => i + 1);
  return counts.flatMap((smaller) =>
    counts.filter((larger) => smaller <= larger && smaller + larger <= honest).map((larger): Sizes => [smaller, larger]),
  );
}

/** Every two disjoint sets of honest clients of these sizes, in this order: two sets of one size twice. */
function disjointPairs(honest: number, [smaller, larger]: Sizes): (readonly [number, number])[] {
  const sets = Array.from({ length: 1 << honest }, (_, bits) => bits);
  const ofSize = (size: number): number[] => sets.filter((bits) => bitCount(bits) === size);
  return ofSize(smaller).flatMap((one) => ofSize(larger).flatMap((other) => ((one & other) === 0 ? [[one, other] as const] : [])));
}

/** For each set of honest clients, by its bits, the clients that share a mask with one of them; the honest clients are those that drew. */
function reachesInto(reach: Uint8Array, drawn: readonly number[]): void {
  for (let client = 0; client < drawn.length; client++) {
    let near = drawn[client]!;
    for (let other = 0; other < drawn.length; other++) near |= ((drawn[other]! >> client) & 1) << other;
    reach[1 << client] = near;
  }
  for (let bits = 1; bits < reach.length; bits++) reach[bits] = reach[bits & (bits - 1)]! | reach[bits & -bits]!;
}

/** What holds over all graphs of a tiny cohort, each as likely as any other. */
interface Census {
  readonly graphCount: number;
  /** Pairs without a mask between them, over all graphs. */
  pairCount(sizes: Sizes): number;
  /** Graphs with two such parts, each of at least so many clients and both together of at least so many. */
  cutCount(componentMin: number, survivorsMin: number): number;
}

function takeCensus({ cohortSize, corruptMax, holderCount }: Omit<DrawnGraph, "dropoutMax">): Census {
  const honest = cohortSize - corruptMax;
  const sizes = sizesWithin(honest);
  const pairs = sizes.map((of) => disjointPairs(honest, of));
  const choices = Array.from({ length: honest }, (_, client) => setsOf(cohortSize, holderCount, client));
  const graphCount = choices.reduce((product, sets) => product * sets.length, 1);
  const pairCounts = new Float64Array(sizes.length);
  // By the sizes of the cuts that a graph has, as bits.
  const graphsWith = new Map<number, number>();
  const reach = new Uint8Array(1 << honest);
  for (let graph = 0; graph < graphCount; graph++) {
    let rest = graph;
    const drawn = choices.map((sets) => {
      const set = sets[rest % sets.length]!;
      rest = Math.floor(rest / sets.length);
      return set;
    });
    reachesInto(reach, drawn);
    let cuts = 0;
    for (let i = 0; i < pairs.length; i++) {
      for (const [one, other] of pairs[i]!) {
        if ((reach[one]! & other) !== 0) continue;
        pairCounts[i]!++;
        cuts |= 1 << i;
      }
    }
    graphsWith.set(cuts, (graphsWith.get(cuts) ?? 0) + 1);
  }
  return {
    graphCount,
    pairCount: ([smaller, larger]) => pairCounts[sizes.findIndex((of) => of[0] === smaller && of[1] === larger)] ?? 0,
    cutCount: (componentMin, survivorsMin) => {
      const wanted = sizes.reduce((bits, [a, b], i) => (a >= componentMin && a + b >= survivorsMin ? bits | (1 << i) : bits), 0);
      return [...graphsWith].reduce((sum, [cuts, count]) => ((cuts & wanted) === 0 ? sum : sum + count), 0);
    },
  };
}

/** The sizes that the union bound runs over. */
function boundedSizes(survivors: number, honest: number, componentMin: number): Sizes[] {
  const sizes: Sizes[] = [];
  for (let smaller = componentMin; 2 * smaller <= survivors; smaller++) sizes.push([smaller, survivors - smaller]);
  return sizes.length === 0 && 2 * componentMin <= honest ? [[componentMin, componentMin]] : sizes;
}

const tiny = [
  { cohortSize: 5, corruptMax: 0, holderCount: 1 },
  { cohortSize: 5, corruptMax: 0, holderCount: 2 },
  { cohortSize: 6, corruptMax: 0, holderCount: 1 },
  { cohortSize: 6, corruptMax: 1, holderCount: 2 },
  { cohortSize: 7, corruptMax: 3, holderCount: 2 },
  { cohortSize: 7, corruptMax: 3, holderCount: 3 },
];

test.each(tiny)(
  "over all graphs of %o, G2 is the expected number of cuts, and no less than the share of graphs that can be cut",
  (graph) => {
    const { graphCount, pairCount, cutCount } = takeCensus(graph);
    const honest = graph.cohortSize - graph.corruptMax;
    let seen = 0;
    for (let componentMin = 1; componentMin <= honest; componentMin++) {
      for (let dropoutMax = 0; dropoutMax < honest; dropoutMax++) {
        const sizes = boundedSizes(honest - dropoutMax, honest, componentMin);
        const expected = sizes.reduce((sum, of) => sum + pairCount(of), 0) / graphCount;
        const bound = 2 ** cutLog2({ ...graph, dropoutMax }, componentMin);
        expect(Math.abs(bound - expected)).toBeLessThanOrEqual(1e-12 * expected);
        const cut = cutCount(componentMin, honest - dropoutMax) / graphCount;
        expect(cut).toBeLessThanOrEqual(bound * (1 + 1e-12));
        expect(2 ** smallestCutLog2({ ...graph, dropoutMax }, componentMin)).toBeLessThanOrEqual(bound * (1 + 1e-12));
        if (cut > 0) seen++;
      }
    }
    expect(seen).toBeGreaterThan(0);
  },
);

test("over all draws of a client, G1 and G3 are the shares of draws that catch too many corrupt holders or too few survivors", () => {
  for (const { cohortSize, corruptMax, holderCount } of [...tiny, { cohortSize: 9, corruptMax: 4, holderCount: 5 }]) {
    // Client 0 draws; the last clients are the corrupt ones, or the dropped ones.
    const marked = ((1 << corruptMax) - 1) << (cohortSize - corruptMax);
    const draws = setsOf(cohortSize, holderCount, 0);
    const graph = { cohortSize, corruptMax, dropoutMax: corruptMax, holderCount };
    for (let threshold = 1; threshold <= holderCount + 1; threshold++) {
      const exposed = draws.filter((holders) => bitCount(holders & marked) >= threshold).length;
      const short = draws.filter((holders) => bitCount(holders & ~marked) < threshold).length;
      expect(2 ** exposureLog2(graph, threshold)).toBeCloseTo((cohortSize * exposed) / draws.length, 11);
      expect(2 ** shortfallLog2(graph, threshold)).toBeCloseTo((cohortSize * short) / draws.length, 11);
    }
  }
});

test("the worked case of SECAGG 2.6, 1000 clients with a tenth corrupt and a tenth dropping, meets all three", () => {
  const graph = { cohortSize: 1000, corruptMax: 100, dropoutMax: 100, holderCount: 53 };
  expect(exposureLog2(graph, 28)).toBeLessThanOrEqual(-41);
  expect(exposureLog2(graph, 27)).toBeGreaterThan(-41);
  expect(shortfallLog2(graph, 29)).toBeLessThanOrEqual(-30);
  expect(shortfallLog2(graph, 30)).toBeGreaterThan(-30);
  expect(cutLog2(graph, 29 - 27 + 1)).toBeLessThanOrEqual(-41);
});

test("where no two parts are large enough, nothing can be cut", () => {
  const graph = { cohortSize: 200, corruptMax: 20, dropoutMax: 0, holderCount: 100 };
  expect(cutLog2(graph, 91)).toBe(Number.NEGATIVE_INFINITY);
  expect(smallestCutLog2(graph, 91)).toBe(Number.NEGATIVE_INFINITY);
  expect(cutLog2(graph, 90)).toBeGreaterThan(Number.NEGATIVE_INFINITY);
});
