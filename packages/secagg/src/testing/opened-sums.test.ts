import { seededRng } from "@sotto/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { drawHolders } from "../graph/holders.ts";
import { seedOf } from "../session-fixture.ts";
import { type MaskRow, maskRow, openedSums } from "./opened-sums.ts";

const none: ReadonlySet<string> = new Set();
const row = (...symbols: readonly (readonly [string, 1 | -1])[]): MaskRow => new Map(symbols);

test("two contributions with one mask between them open to their sum, and neither of them alone", () => {
  const rows = [row(["pair", 1]), row(["pair", -1])];
  expect(openedSums({ rows, known: none })).toEqual([{ rows: [0, 1], isPlain: true }]);
  expect(openedSums({ rows: rows.slice(1), known: none })).toEqual([]);
});

test("a mask of a contribution's own closes every sum it is in, until it is known", () => {
  const rows = [row(["pair", 1], ["self 0", 1]), row(["pair", -1], ["self 1", 1])];
  expect(openedSums({ rows, known: new Set(["self 0"]) })).toEqual([]);
  expect(openedSums({ rows, known: new Set(["self 0", "self 1"]) })).toEqual([{ rows: [0, 1], isPlain: true }]);
  expect(openedSums({ rows, known: new Set(["self 0", "pair"]) })).toEqual([{ rows: [0], isPlain: true }]);
});

test("the two halves of a cut graph open each for itself", () => {
  const rows = [row(["a", 1]), row(["b", 1]), row(["a", -1]), row(["b", -1])];
  expect(openedSums({ rows, known: none }).map((sum) => sum.rows)).toEqual([
    [0, 2],
    [1, 3],
  ]);
});

test("masks that meet with the same sign do not cancel, and the test says so", () => {
  expect(openedSums({ rows: [row(["pair", 1]), row(["pair", 1])], known: none })).toEqual([{ rows: [0, 1], isPlain: false }]);
});

test("a mask is the same symbol at both its ends, with opposite signs", () => {
  const key = new Uint8Array(32).fill(7);
  const rows = [maskRow([{ key, sign: 1 }]), maskRow([{ key: Uint8Array.from(key), sign: -1 }])];
  expect(openedSums({ rows, known: none })).toEqual([{ rows: [0, 1], isPlain: true }]);
});

test("what opens is what a search of every set of contributions finds, for random graphs and random knowledge", () => {
  const size = 7;
  const edges = Array.from({ length: size }, (_, i) => i).flatMap((i) => Array.from({ length: i }, (_, j) => [j, i] as const));
  const graph = fc.subarray(edges);
  const selves = fc.subarray(Array.from({ length: size }, (_, i) => i));
  fc.assert(
    fc.property(graph, selves, fc.subarray(edges, { maxLength: 3 }), (pairs, closed, leaked) => {
      const rows = Array.from({ length: size }, (_, i): MaskRow => {
        const shared = pairs.filter((pair) => pair.includes(i)).map((pair) => [pair.join(), pair[0] === i ? 1 : -1] as const);
        return row(...shared, ...(closed.includes(i) ? [[`self ${i}`, 1] as const] : []));
      });
      const known = new Set(leaked.map((pair) => pair.join()));
      const opened = openedSums({ rows, known });
      // The sets that open are the sums of sets of the basis.
      expect(countOpen(rows, known)).toBe(2 ** opened.length);
      for (const sum of opened) expect(sum.isPlain).toBe(true);
    }),
    { numRuns: 60 },
  );
});

/** The contributions of a graph's survivors, of which the own masks and those shared with who dropped are known. */
function survivorRows(neighbours: readonly ReadonlySet<number>[], dropped: ReadonlySet<number>): readonly MaskRow[] {
  const survivors = [...neighbours.keys()].filter((index) => !dropped.has(index));
  return survivors.map((index) => {
    const live = [...neighbours[index]!].filter((peer) => !dropped.has(peer));
    return row(...live.map((peer) => [`${Math.min(index, peer)},${Math.max(index, peer)}`, peer > index ? 1 : -1] as const));
  });
}

test("the arc between two gaps of a server-built ring opens, within the drops that are tolerated; where clients draw as many holders it does not", () => {
  // The first row of the table of SECAGG 2.5: n = 300, delta = 0.2, k = 56.
  const [clientCount, dropoutMax, degree] = [300, 60, 56];
  const everybody = Array.from({ length: clientCount }, (_, index) => index);
  const dropped = new Set(everybody.filter((index) => index < degree / 2 || (index >= 44 && index < 44 + degree / 2)));
  expect(dropped.size).toBeLessThanOrEqual(dropoutMax);
  const steps = Array.from({ length: degree / 2 }, (_, i) => i + 1);
  const ring = everybody.map(
    (index) => new Set(steps.flatMap((step) => [(index + step) % clientCount, (index + clientCount - step) % clientCount])),
  );
  const arcs = openedSums({ rows: survivorRows(ring, dropped), known: none });
  expect(arcs.map(({ rows }) => rows.length)).toEqual([16, 300 - 16 - 56]);

  const rng = seededRng(seedOf("graph", 0));
  const picked = everybody.map((index) => new Set(drawHolders({ cohortSize: clientCount, index, holderCount: degree, rng })));
  for (const [index, holders] of picked.entries()) for (const holder of [...holders]) picked[holder]!.add(index);
  const sums = openedSums({ rows: survivorRows(picked, dropped), known: none });
  expect(sums.map(({ rows, isPlain }) => [rows.length, isPlain])).toEqual([[300 - 56, true]]);
});

/** How many of the sets of rows, the empty one too, add up to nothing unknown: by trying each. */
function countOpen(rows: readonly MaskRow[], known: ReadonlySet<string>): number {
  return Array.from({ length: 2 ** rows.length }, (_, set) => set).filter((set) => {
    const left = new Map<string, number>();
    for (const [position, symbols] of rows.entries()) {
      if ((set >> position) % 2 === 1) for (const [symbol, sign] of symbols) left.set(symbol, (left.get(symbol) ?? 0) + sign);
    }
    return [...left].every(([symbol, sum]) => sum % 2 === 0 || known.has(symbol));
  }).length;
}
